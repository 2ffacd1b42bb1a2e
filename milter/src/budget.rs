//! The memory that all messages in flight share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// Memory is counted in blocks of 4 KiB, so that a small mail is one or two reservations and not hundreds.
const BLOCK: usize = 4 << 10;

/// A message up to this is small.
const SMALL: usize = 32 << 10;

/// How long whoever has a part may be waited for, in all, while others wait. Postfix reads what it has just written, and
/// never stalls: at most 28 MiB are being read then, for which a disk of 2 MB a second is quick enough.
const PATIENCE: Duration = Duration::from_secs(15);

/// The same once somebody has stalled, until a large message comes to its end: more of that kind may stand in front of
/// everybody else, and have their turn one after the other.
const AFTER_A_STALL: Duration = Duration::from_secs(2);

/// A number of bytes that all messages reserve from before anything of them is kept.
///
/// Where the budget is used up, reading waits, and Postfix with it (300 s by default). Small messages wait for one another
/// at most: they come first, and a quarter of the budget is kept for them. Of the large ones the oldest comes first, so
/// that they end one after the other, in place of each holding a part and all waiting. So that the last ones don't wait
/// for ever, there is one place in the overdraft, with room for a message of any size: who gets it may go on until its
/// message ends, and it alone.
#[derive(Debug)]
pub(crate) struct Budget(Arc<Mutex<Account>>);

#[derive(Debug)]
struct Account {
    /// Blocks that nobody has reserved.
    free: usize,
    /// Of these, so many are for small messages alone.
    kept: usize,
    overdraft_taken: bool,
    /// Of those who hold memory the last one that was waited for said nothing more.
    stalled: bool,
    waiting: BTreeMap<Place, Waiting>,
    next: u64,
}

/// Whose turn comes first: small messages, then those that began first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    large: bool,
    number: u64,
}

#[derive(Debug)]
struct Waiting {
    blocks: usize,
    granted: oneshot::Sender<Grant>,
}

/// What one message has reserved; given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    account: Arc<Mutex<Account>>,
    number: u64,
    blocks: usize,
    overdraft: bool,
}

/// Blocks on their way to whoever waited for them; given back if nobody does any more.
#[derive(Debug)]
struct Grant {
    account: Arc<Mutex<Account>>,
    blocks: usize,
    overdraft: bool,
}

fn held(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Budget {
    /// A budget of so many bytes, of which `largest` are for the message in the overdraft.
    pub(crate) fn new(bytes: usize, largest: usize) -> Self {
        let free = bytes.saturating_sub(largest) / BLOCK;
        Self(Arc::new(Mutex::new(Account {
            free,
            kept: free / 4,
            overdraft_taken: false,
            stalled: false,
            waiting: BTreeMap::new(),
            next: 0,
        })))
    }

    /// How long a message's peer may be waited for in all while others wait for memory; `None` where nobody does.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let account = held(&self.0);
        let patience = if account.stalled { AFTER_A_STALL } else { PATIENCE };
        (!account.waiting.is_empty()).then_some(patience)
    }

    /// One has been waited for for that long, in vain.
    pub(crate) fn stalled(&self) {
        let mut account = held(&self.0);
        account.stalled |= !account.waiting.is_empty();
    }

    /// A message of so many bytes has come in.
    pub(crate) fn goes_on(&self, bytes: usize) {
        if bytes > SMALL {
            held(&self.0).stalled = false;
        }
    }

    /// A message begins, and has reserved nothing.
    pub(crate) fn message(&self) -> Reservation {
        let mut account = held(&self.0);
        account.next += 1;
        Reservation { account: Arc::clone(&self.0), number: account.next, blocks: 0, overdraft: false }
    }
}

impl Reservation {
    /// Waits until the message may keep `bytes` bytes in all.
    pub(crate) async fn reach(&mut self, bytes: usize) {
        let wanted = bytes.div_ceil(BLOCK);
        if wanted <= self.blocks || self.overdraft {
            return;
        }
        let more = wanted - self.blocks;
        let place = Place { large: bytes > SMALL, number: self.number };
        let granted = {
            let mut account = held(&self.account);
            if account.may_have(place, more) {
                account.free -= more;
                self.blocks = wanted;
                return;
            }
            let (granted, grant) = oneshot::channel();
            account.waiting.insert(place, Waiting { blocks: more, granted });
            let grants = account.serve(&self.account);
            drop(account);
            send(grants);
            grant
        };
        let _queued = Queued { account: Arc::clone(&self.account), place };
        if let Ok(mut grant) = granted.await {
            self.blocks += std::mem::take(&mut grant.blocks);
            self.overdraft |= std::mem::take(&mut grant.overdraft);
        }
    }
}

/// Whoever stops waiting gives its place up.
struct Queued {
    account: Arc<Mutex<Account>>,
    place: Place,
}

impl Drop for Queued {
    fn drop(&mut self) {
        let grants = {
            let mut account = held(&self.account);
            match account.waiting.remove(&self.place) {
                Some(_) => account.serve(&self.account),
                None => Vec::new(),
            }
        };
        send(grants);
    }
}

impl Account {
    /// Whether it is this one's turn, and there is enough.
    fn may_have(&self, place: Place, blocks: usize) -> bool {
        let first = self.waiting.first_key_value().is_none_or(|(first, _)| place <= *first);
        first && self.is_enough(place, blocks)
    }

    fn is_enough(&self, place: Place, blocks: usize) -> bool {
        let kept = if place.large { self.kept } else { 0 };
        self.free.checked_sub(kept).is_some_and(|free| free >= blocks)
    }

    /// Grants what can be granted, in turn. What comes back must be sent when the account is unlocked.
    fn serve(&mut self, account: &Arc<Mutex<Account>>) -> Vec<(oneshot::Sender<Grant>, Grant)> {
        let mut grants = Vec::new();
        while let Some(first) = self.waiting.first_entry() {
            let (place, wanted) = (*first.key(), first.get().blocks);
            let overdraft = !self.is_enough(place, wanted);
            if overdraft && self.overdraft_taken {
                break;
            }
            let Some((_, waiting)) = self.waiting.pop_first() else { break };
            let blocks = if overdraft { 0 } else { waiting.blocks };
            self.free -= blocks;
            self.overdraft_taken |= overdraft;
            grants.push((waiting.granted, Grant { account: Arc::clone(account), blocks, overdraft }));
        }
        grants
    }
}

fn send(grants: Vec<(oneshot::Sender<Grant>, Grant)>) {
    for (waiting, grant) in grants {
        // If nobody waits any more, dropping it gives it back.
        let _ = waiting.send(grant);
    }
}

fn give_back(account: &Arc<Mutex<Account>>, blocks: usize, overdraft: bool) {
    if blocks == 0 && !overdraft {
        return;
    }
    let grants = {
        let mut account_now = held(account);
        account_now.free += blocks;
        account_now.overdraft_taken &= !overdraft;
        account_now.serve(account)
    };
    send(grants);
}

impl Drop for Reservation {
    fn drop(&mut self) {
        give_back(&self.account, self.blocks, self.overdraft);
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        give_back(&self.account, self.blocks, self.overdraft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_is_back(budget: &Budget, bytes: usize) {
        let account = held(&budget.0);
        assert_eq!((account.free, account.overdraft_taken), (bytes / BLOCK, false));
        assert!(account.waiting.is_empty());
    }

    #[tokio::test]
    async fn messages_larger_than_the_budget_end_one_after_the_other() {
        let budget = Arc::new(Budget::new(16 << 10, 0));
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let budget = Arc::clone(&budget);
                tokio::spawn(async move {
                    let mut held = budget.message();
                    for bytes in (0..100_000).step_by(1000) {
                        held.reach(bytes).await;
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        all_is_back(&budget, 16 << 10);
    }

    #[tokio::test]
    async fn small_messages_pass_where_large_ones_wait() {
        let budget = Budget::new(1 << 20, 0);
        let mut large: Vec<Reservation> = (0..3).map(|_| budget.message()).collect();
        large[0].reach(700 << 10).await;
        large[1].reach(700 << 10).await; // into the overdraft
        let waits = tokio::time::timeout(Duration::from_millis(50), large[2].reach(700 << 10)).await;
        assert!(waits.is_err());
        for _ in 0..100 {
            budget.message().reach(SMALL).await;
        }
        large.clear();
        all_is_back(&budget, 1 << 20);
    }

    /// Real mail under load must not be cut off because somebody stalled before.
    #[tokio::test]
    async fn patience_is_short_only_while_others_wait_and_those_before_them_stall() {
        let budget = Budget::new(1 << 20, 0);
        let mut overdraft = budget.message();
        overdraft.reach(2 << 20).await;
        let mut full = budget.message();
        full.reach(700 << 10).await;
        budget.stalled();
        assert_eq!(budget.patience(), None, "nobody waits");
        let mut waiting = budget.message();
        let mut waits = Box::pin(waiting.reach(700 << 10));
        assert!(tokio::time::timeout(Duration::from_millis(50), waits.as_mut()).await.is_err());
        assert_eq!(budget.patience(), Some(PATIENCE));
        budget.stalled();
        assert_eq!(budget.patience(), Some(AFTER_A_STALL));
        budget.goes_on(SMALL);
        assert_eq!(budget.patience(), Some(AFTER_A_STALL), "small ones pass anyway");
        budget.goes_on(700 << 10);
        assert_eq!(budget.patience(), Some(PATIENCE));
        drop(full);
        waits.await;
        assert_eq!(budget.patience(), None);
    }

    #[tokio::test]
    async fn of_large_messages_the_oldest_comes_first_and_who_gives_up_holds_up_nobody() {
        let budget = Arc::new(Budget::new(1 << 20, 0));
        let mut first = budget.message();
        first.reach(2 << 20).await; // the overdraft is gone
        let mut full = budget.message();
        full.reach(700 << 10).await;
        let (ended, mut order) = tokio::sync::mpsc::unbounded_channel();
        let mut reservations: Vec<Reservation> = (0..3).map(|_| budget.message()).collect();
        let mut tasks = Vec::new();
        // The youngest asks first.
        while let Some(mut reservation) = reservations.pop() {
            let (ended, number) = (ended.clone(), reservations.len());
            tasks.push(tokio::spawn(async move {
                reservation.reach(700 << 10).await;
                let _ = ended.send(number);
            }));
            tokio::task::yield_now().await;
        }
        tasks[2].abort(); // number 0, the oldest
        let _ = (&mut tasks[2]).await;
        drop(full);
        assert_eq!(order.recv().await, Some(1));
        assert_eq!(order.recv().await, Some(2));
        drop(first);
        all_is_back(&budget, 1 << 20);
    }
}
