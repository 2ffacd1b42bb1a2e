//! Leave to let stanzas of one sender to one recipient pass without a question, and how it is taken back.
//!
//! The module may use a leave for [`LEASE`] since it asked, and under the revision that it was last told. When the lists
//! change, the revision does, and whoever publishes the change waits until the module has said that it heard of it, or
//! until no leave can be in use any more: an edit that is confirmed holds for the very next stanza.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use policy_core::snapshot::Follower;
use tokio::sync::Notify;

/// How long a leave may be used, counted by the module from the moment of its question: before it was given.
pub(crate) const LEASE: Duration = Duration::from_secs(1);

/// What two clocks of one machine may differ by in that time.
const MARGIN: Duration = Duration::from_millis(100);

/// What may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leave {
    /// Messages without text: typing, receipts.
    WithoutText,
    /// Those, and plain text: no words are listed that could stop it.
    WithText,
}

/// The leaves that the module may be using.
pub(crate) struct Leaves {
    changed: Notify,
    state: Mutex<State>,
    heard: Condvar,
}

struct State {
    revision: u64,
    /// The revision that the module has last said it heard of.
    heard: u64,
    /// When a leave was last given.
    last: Option<Instant>,
}

impl Default for Leaves {
    /// Revisions begin at random, so that those of the run before are never taken for ours.
    fn default() -> Self {
        let revision = RandomState::new().build_hasher().finish() >> 16;
        let state = Mutex::new(State { revision, heard: 0, last: None });
        Self { changed: Notify::new(), state, heard: Condvar::new() }
    }
}

impl Leaves {
    /// Waits for the next change; one that came while nobody waited is not missed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The revision under which leaves are given: to be read before anything is judged.
    pub(crate) fn revision(&self) -> u64 {
        self.state().revision
    }

    /// Whether a leave may be given for what was judged after `revision` was read.
    pub(crate) fn may_give(&self, revision: u64) -> bool {
        let mut state = self.state();
        let current = state.revision == revision;
        if current {
            state.last = Some(Instant::now());
        }
        current
    }

    /// The module uses no leaves of an older revision any more.
    pub(crate) fn hear(&self, revision: u64) {
        let mut state = self.state();
        state.heard = state.heard.max(revision);
        self.heard.notify_all();
    }

    /// Takes all leaves back, without waiting.
    pub(crate) fn withdraw(&self) -> u64 {
        let mut state = self.state();
        state.revision += 1;
        state.revision
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower for Leaves {
    fn published(&self) {
        let revision = self.withdraw();
        self.changed.notify_one();
        let mut state = self.state();
        let Some(last) = state.last else { return };
        let end = last + LEASE + MARGIN;
        while state.heard < revision {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.heard.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use policy_core::snapshot::Follower;

    use super::{LEASE, Leaves};

    #[test]
    fn whoever_publishes_waits_until_no_leave_can_be_in_use() {
        let leaves = Leaves::default();
        let revision = leaves.revision();
        assert!(leaves.may_give(revision));
        let given = Instant::now();
        leaves.published();
        assert!(given.elapsed() >= LEASE, "a leave may still be in use");
        assert!(!leaves.may_give(revision), "judged before the change");
    }

    #[test]
    fn the_module_s_word_ends_the_wait() {
        let leaves = Arc::new(Leaves::default());
        assert!(leaves.may_give(leaves.revision()));
        let next = leaves.revision() + 1;
        let for_thread = Arc::clone(&leaves);
        let publishing = std::thread::spawn(move || {
            let begin = Instant::now();
            for_thread.published();
            begin.elapsed()
        });
        while leaves.revision() < next {
            std::thread::sleep(Duration::from_millis(1));
        }
        leaves.hear(next);
        assert!(publishing.join().unwrap() < LEASE);
    }

    #[test]
    fn nobody_waits_where_no_leave_was_given() {
        let leaves = Leaves::default();
        let before = leaves.revision();
        leaves.published();
        assert_eq!(leaves.revision(), before + 1);
    }
}
