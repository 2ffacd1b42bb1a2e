//! Grants: the module may let stanzas of one sender to one recipient pass without a question, and how that ends.
//!
//! It uses them under the revision that it was last told, for one [`LEASE`] after the last question that was answered
//! under it. When the lists change, the revision does, and whoever changed them waits until the module has said that it
//! heard of it, or until no lease can run any more: an edit that is confirmed holds for the very next stanza.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use policy_core::snapshot::Follower;
use tokio::sync::Notify;

/// How long grants may be used after a question: the module counts from when it asked, which is before we answered.
pub(crate) const LEASE: Duration = Duration::from_millis(120);

/// What is left of a stanza's way after the module has looked at the clock, which is the same for both.
const MARGIN: Duration = Duration::from_millis(15);

/// What may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    /// What holds no text: typing, receipts.
    Silent,
    /// That, and plain text: no words are listed that could stop it.
    Text,
}

/// The grants that the module may be using.
pub(crate) struct Grants {
    changed: Notify,
    state: Mutex<State>,
    heard: Condvar,
}

struct State {
    /// Of the lists and the day, by which entries end.
    revision: u64,
    /// The revision that the module last said it heard of.
    heard: u64,
    /// When a lease was last begun.
    renewed: Option<Instant>,
    day: Date,
}

impl Grants {
    /// No grants yet. Revisions begin at random, so that those of a run before are never taken for ours.
    pub(crate) fn new(today: Date) -> Self {
        let revision = RandomState::new().build_hasher().finish() >> 16;
        let state = State { revision, heard: 0, renewed: None, day: today };
        Self { changed: Notify::new(), state: Mutex::new(state), heard: Condvar::new() }
    }

    /// Waits for the next revision; one that came while nobody waited is not missed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The revision in force: to be read before anything is judged.
    pub(crate) fn revision(&self, today: Date) -> u64 {
        let mut state = self.state();
        if state.day != today {
            // Entries may have ended with the day.
            state.day = today;
            state.revision += 1;
            self.changed.notify_one();
        }
        state.revision
    }

    /// Whether an answer may begin a lease that was judged after this revision was read.
    pub(crate) fn renew(&self, revision: u64) -> bool {
        let mut state = self.state();
        let current = state.revision == revision;
        if current {
            state.renewed = Some(Instant::now());
        }
        current
    }

    /// The module uses no grants of an older revision than this one any more.
    pub(crate) fn hear(&self, revision: u64) {
        let mut state = self.state();
        if state.revision == revision {
            state.heard = revision;
            self.heard.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower for Grants {
    fn published(&self) {
        self.state().revision += 1;
        self.changed.notify_one();
    }

    fn in_force(&self) {
        let state = self.state();
        let wanted = state.revision;
        let Some(renewed) = state.renewed else { return };
        let left = (LEASE + MARGIN).saturating_sub(renewed.elapsed());
        drop(self.heard.wait_timeout_while(state, left, |state| state.heard < wanted));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use jiff::civil::Date;
    use policy_core::snapshot::Follower;

    use super::{Grants, LEASE};

    fn grants() -> (Arc<Grants>, u64) {
        let grants = Arc::new(Grants::new(Date::MIN));
        let revision = grants.revision(Date::MIN);
        (grants, revision)
    }

    #[test]
    fn an_edit_is_in_force_when_no_lease_can_run_any_more() {
        let (grants, revision) = grants();
        assert!(grants.renew(revision));
        let renewed = Instant::now();
        grants.published();
        grants.in_force();
        assert!(renewed.elapsed() >= LEASE, "a lease may still run");
        assert!(!grants.renew(revision), "what was judged before the edit");
    }

    #[test]
    fn only_the_word_of_the_revision_in_force_ends_the_wait() {
        let (grants, revision) = grants();
        assert!(grants.renew(revision));
        let renewed = Instant::now();
        grants.published();
        grants.published();
        for late in [revision, revision + 1, revision + 3] {
            grants.hear(late);
        }
        grants.in_force();
        assert!(renewed.elapsed() >= LEASE, "a late word ended the wait");
        assert!(grants.renew(revision + 2));
        grants.hear(revision + 2);
        let for_thread = Arc::clone(&grants);
        std::thread::spawn(move || for_thread.in_force()).join().unwrap();
        assert_eq!(grants.state().heard, revision + 2);
    }

    #[test]
    fn another_day_is_another_revision() {
        let (grants, revision) = grants();
        assert_eq!(grants.revision(Date::MAX), revision + 1);
        assert!(!grants.renew(revision));
        assert!(grants.renew(revision + 1));
    }
}
