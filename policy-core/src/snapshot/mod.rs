//! The compiled form of all entries, by which everything is judged.
//!
//! Addresses and domains lie in sorted blocks of some hundred; an edit writes those anew that it touches and shares all
//! others with the snapshot before it. Words are compiled together.

mod allows;
mod block;
mod bytes;
mod identities;
mod judge;
mod members;
mod memory;
mod rule;
mod segment;
mod table;
mod texts;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::ArcSwap;
use jiff::civil::Date;

pub use self::members::{Delimiters, Members};
pub use self::rule::Rule;
pub use self::segment::{CompileError, SegmentBuilder};
pub use self::texts::REGEX_COUNT;

use self::segment::Segment;
use crate::candidate::Candidate;
use crate::entry::{Channel, Entry};
use crate::identity::Identity;
use crate::verdict::Judgement;

/// All entries, compiled: immutable, with the revision of the lists that it was made from.
pub struct Snapshot {
    revision: u64,
    segment: Arc<Segment>,
    members: Arc<Members>,
}

impl Snapshot {
    /// A snapshot that matches nothing.
    pub fn empty(revision: u64) -> Self {
        Self { revision, segment: Arc::new(Segment::empty()), members: Arc::default() }
    }

    /// Compiles all entries anew.
    pub fn compile(revision: u64, entries: SegmentBuilder, members: Members) -> Result<Self, CompileError> {
        Ok(Self { revision, segment: Arc::new(entries.finish()?), members: Arc::new(members) })
    }

    /// The same lists after a change: `gone` no longer exist, `changed` are new or have other settings under the same
    /// pattern; what got another pattern is gone as it was, and changed as it is. Costs time by the size of the change, not of the list of addresses and domains; words are compiled
    /// anew if there are words among what has changed.
    pub fn with_changes(
        &self,
        revision: u64,
        gone: &[Entry],
        changed: &[Entry],
    ) -> Result<Self, CompileError> {
        let segment = Arc::new(self.segment.edited(gone, changed)?);
        Ok(Self { revision, segment, members: Arc::clone(&self.members) })
    }

    /// The same lists with other members.
    #[must_use]
    pub fn with_members(&self, revision: u64, members: Members) -> Self {
        Self { revision, segment: Arc::clone(&self.segment), members: Arc::new(members) }
    }

    /// The revision of the lists that it was made from.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Judges one candidate as of `today`: one verdict for each of its recipients.
    pub fn judge(&self, candidate: &Candidate, today: Date) -> Judgement {
        judge::judge(self, candidate, today)
    }

    /// Whether an address is some member's.
    pub fn is_members(&self, channel: Channel, address: &Identity) -> bool {
        !self.members.owners(channel, address).is_empty()
    }

    /// Whether words or regular expressions could decide about this candidate, whatever it says.
    pub fn reads_texts(&self, candidate: &Candidate, today: Date) -> bool {
        judge::reads_texts(self, candidate, today)
    }

    /// Whether the recipients of this envelope, of which nothing but its senders is known yet, can be refused at once:
    /// a block that refuses decides for each of them, and no allow entry of theirs could outrank it. Proof of who
    /// writes, which allow entries need, exists at the message's end only.
    pub fn refusal(&self, envelope: &Candidate, today: Date) -> Option<Judgement> {
        judge::refusal(self, envelope, today)
    }

    /// Bytes that the address and domain entries take in memory.
    pub fn identity_bytes(&self) -> usize {
        self.segment.identity_bytes()
    }
}

/// Whoever keeps something that was made of the snapshot in force.
pub trait Follower: Send + Sync {
    /// Another snapshot is in force.
    fn published(&self);

    /// Waits until nothing is decided by an older one any more. May take a fraction of a second.
    fn in_force(&self) {}
}

/// Where the doors find the snapshot in force. Cloning shares it.
#[derive(Clone)]
pub struct SnapshotHandle(Arc<Shared>);

struct Shared {
    current: ArcSwap<Snapshot>,
    followers: Mutex<Vec<Weak<dyn Follower>>>,
}

impl SnapshotHandle {
    /// A handle on a first snapshot.
    pub fn new(snapshot: Snapshot) -> Self {
        Self(Arc::new(Shared { current: ArcSwap::from_pointee(snapshot), followers: Mutex::default() }))
    }

    /// The snapshot in force. Load it once for a message, so that one revision judges all of it.
    pub fn load(&self) -> Arc<Snapshot> {
        self.0.current.load_full()
    }

    /// Puts another snapshot in force.
    pub fn publish(&self, snapshot: Snapshot) {
        self.0.current.store(Arc::new(snapshot));
        self.followers().iter().filter_map(Weak::upgrade).for_each(|follower| follower.published());
    }

    /// Waits until nobody decides by an older snapshot any more; to be called without a lock.
    pub fn in_force(&self) {
        let followers: Vec<_> = self.followers().iter().filter_map(Weak::upgrade).collect();
        followers.iter().for_each(|follower| follower.in_force());
    }

    /// Tells the follower of every snapshot that is published from now on, for as long as somebody else keeps it.
    pub fn follow(&self, follower: &Arc<dyn Follower>) {
        let mut followers = self.followers();
        followers.retain(|follower| follower.strong_count() > 0);
        followers.push(Arc::downgrade(follower));
    }

    fn followers(&self) -> MutexGuard<'_, Vec<Weak<dyn Follower>>> {
        self.0.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
