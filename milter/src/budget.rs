//! The memory that all messages in flight share.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory is counted in blocks of 4 KiB, so that a small mail is one or two reservations and not hundreds.
const BLOCK: usize = 4 << 10;

/// A number of bytes that all sessions reserve from before they buffer anything.
///
/// Where the budget is used up, reading waits, and Postfix with it (300 s by default). Messages that each hold a part
/// and wait for more would wait for ever; so there is one place in the overdraft: who gets it may go on beyond the
/// budget until its message ends, and it alone. In use at any moment is at most the budget and one message more.
#[derive(Debug)]
pub(crate) struct Budget {
    blocks: Arc<Semaphore>,
    overdraft: Arc<Semaphore>,
}

/// What one message has reserved; given back when dropped.
#[derive(Debug, Default)]
pub(crate) struct Reservation {
    bytes: usize,
    blocks: Option<OwnedSemaphorePermit>,
    overdraft: Option<OwnedSemaphorePermit>,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        let blocks = (bytes / BLOCK).min(Semaphore::MAX_PERMITS);
        Self { blocks: Arc::new(Semaphore::new(blocks)), overdraft: Arc::new(Semaphore::new(1)) }
    }

    /// Waits until the message may buffer `bytes` bytes in all.
    pub(crate) async fn reserve(&self, reservation: &mut Reservation, bytes: usize) {
        if bytes <= reservation.bytes || reservation.overdraft.is_some() {
            return;
        }
        let more = (bytes - reservation.bytes).div_ceil(BLOCK);
        let Ok(count) = u32::try_from(more) else {
            return;
        };
        tokio::select! {
            biased;
            Ok(permit) = Arc::clone(&self.blocks).acquire_many_owned(count) => {
                match &mut reservation.blocks {
                    Some(held) => held.merge(permit),
                    None => reservation.blocks = Some(permit),
                }
                reservation.bytes += more * BLOCK;
            }
            Ok(permit) = Arc::clone(&self.overdraft).acquire_owned() => {
                reservation.overdraft = Some(permit);
            }
            else => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_larger_than_the_budget_end_one_after_the_other() {
        let budget = Arc::new(Budget::new(16 << 10));
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let budget = Arc::clone(&budget);
                tokio::spawn(async move {
                    let mut held = Reservation::default();
                    for bytes in (0..100_000).step_by(1000) {
                        budget.reserve(&mut held, bytes).await;
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(budget.blocks.available_permits(), 4);
        assert_eq!(budget.overdraft.available_permits(), 1);
    }
}
