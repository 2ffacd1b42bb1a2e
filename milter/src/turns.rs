//! Turns at judging: what takes long must not hold up what doesn't.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Up to this many bytes a message is judged between other sessions' commands. The slowest text, bytes in which no charset
/// shows, takes some 2 ms a KiB.
const SMALL: usize = 32 << 10;

/// Larger messages take memory of their own to read, several times their size.
const MEDIUM: usize = 128 << 10;

/// Messages of medium size that are judged at the same time, each on a thread of its own.
const MEDIUM_AT_A_TIME: usize = 2;

/// Bytes of large messages that are judged at the same time; a message counts as at least half of it.
const LARGE_BYTES: usize = 2 << 20;

pub(crate) struct Turns {
    medium: Semaphore,
    large: Semaphore,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { medium: Semaphore::new(MEDIUM_AT_A_TIME), large: Semaphore::new(LARGE_BYTES) }
    }

    /// Waits until a message of this many bytes may be judged on a thread of its own; `None` where it needs none.
    pub(crate) async fn take(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        if bytes <= SMALL {
            return None;
        }
        let turn = if bytes <= MEDIUM {
            self.medium.acquire().await
        } else {
            let share = bytes.clamp(LARGE_BYTES / 2, LARGE_BYTES);
            self.large.acquire_many(u32::try_from(share).unwrap_or(1)).await
        };
        turn.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// A turn that is given at once.
    fn at_once(turns: &Turns, bytes: usize) -> Poll<Option<SemaphorePermit<'_>>> {
        pin!(turns.take(bytes)).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn no_size_waits_for_a_larger_one() {
        let turns = Turns::new();
        let Poll::Ready(Some(_largest)) = at_once(&turns, 16 << 20) else {
            panic!("the first large one waits")
        };
        assert!(at_once(&turns, 200 << 10).is_pending(), "the largest is judged alone");
        let Poll::Ready(Some(_first)) = at_once(&turns, 100 << 10) else { panic!("a medium one waits") };
        let Poll::Ready(Some(_second)) = at_once(&turns, 100 << 10) else { panic!("a second one waits") };
        assert!(at_once(&turns, 100 << 10).is_pending());
        assert!(matches!(at_once(&turns, 6 << 10), Poll::Ready(None)), "ordinary mail needs no turn");
    }
}
