//! Turns at judging: what takes long must not hold up what doesn't.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Up to this many bytes a message is judged between other sessions' commands. The slowest text, bytes in which no charset
/// shows, takes some 2 ms a KiB.
const SMALL: usize = 32 << 10;

/// Larger messages take memory of their own to read, several times their size.
const MEDIUM: usize = 128 << 10;

/// Messages of medium size that are judged at the same time, each on a thread of its own.
const MEDIUM_AT_A_TIME: usize = 2;

/// Letters with a picture are no larger; a message that is takes seconds at worst.
const LARGE: usize = 2 << 20;

/// Each size waits for its own alone, and those in the order in which they came: the smaller ones pass whatever number of
/// larger ones there is, and as each size has threads of its own, they starve none.
pub(crate) struct Turns {
    medium: Semaphore,
    large: Semaphore,
    largest: Semaphore,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self {
            medium: Semaphore::new(MEDIUM_AT_A_TIME),
            large: Semaphore::new(1),
            largest: Semaphore::new(1),
        }
    }

    /// Waits until a message of this many bytes may be judged on a thread of its own; `None` where it needs none.
    pub(crate) async fn take(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        if bytes <= SMALL {
            return None;
        }
        let turns = if bytes <= MEDIUM {
            &self.medium
        } else if bytes <= LARGE {
            &self.large
        } else {
            &self.largest
        };
        turns.acquire().await.ok()
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
        assert!(at_once(&turns, 8 << 20).is_pending(), "the largest are judged one after the other");
        let Poll::Ready(Some(_large)) = at_once(&turns, 300 << 10) else {
            panic!("it waits for the largest")
        };
        assert!(at_once(&turns, 200 << 10).is_pending());
        let Poll::Ready(Some(_first)) = at_once(&turns, 100 << 10) else { panic!("a medium one waits") };
        let Poll::Ready(Some(_second)) = at_once(&turns, 100 << 10) else { panic!("a second one waits") };
        assert!(at_once(&turns, 100 << 10).is_pending());
        assert!(matches!(at_once(&turns, 6 << 10), Poll::Ready(None)), "ordinary mail needs no turn");
    }
}
