//! The compiled form of all entries, by which everything is judged.
//!
//! A snapshot has a large base, compiled when the store was opened, and a small layer of what changed since: an edit
//! compiles the small layer anew and hides what it replaces in the base.

mod identities;
mod judge;
mod members;
mod rule;
mod segment;

use std::collections::HashSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::civil::Date;

pub use self::members::Members;
pub use self::rule::Rule;
pub use self::segment::{CompileError, REGEX_COUNT, SegmentBuilder};

use self::identities::Rank;
use self::segment::Segment;
use crate::candidate::Candidate;
use crate::entry::{Entry, EntryId};
use crate::identity::Identity;
use crate::verdict::Judgement;

/// How many changed entries the small layer holds before the base is worth compiling anew.
const CHANGES_BEFORE_REBUILD: usize = 2_000;

/// All entries, compiled: immutable, with the revision of the lists that it was made from.
pub struct Snapshot {
    revision: u64,
    layers: Vec<Layer>,
    /// What the small layer was compiled from.
    changed: Vec<Entry>,
    members: Arc<Members>,
}

/// A segment, and those of its entries that a later layer replaces.
#[derive(Clone)]
struct Layer {
    segment: Arc<Segment>,
    masked: Arc<HashSet<EntryId>>,
}

impl Layer {
    fn new(segment: Segment) -> Self {
        Self { segment: Arc::new(segment), masked: Arc::default() }
    }

    fn is_masked(&self, rule: &Rule) -> bool {
        !self.masked.is_empty() && self.masked.contains(&rule.entry)
    }

    fn rules_in_force<'a>(&'a self, rules: &'a [Rule]) -> impl Iterator<Item = &'a Rule> {
        rules.iter().filter(|rule| !self.is_masked(rule))
    }
}

impl Snapshot {
    /// A snapshot that matches nothing.
    pub fn empty(revision: u64) -> Self {
        Self { revision, layers: Vec::new(), changed: Vec::new(), members: Arc::default() }
    }

    /// Compiles all entries anew.
    pub fn compile(revision: u64, entries: SegmentBuilder, members: Members) -> Result<Self, CompileError> {
        Ok(Self {
            revision,
            layers: vec![Layer::new(entries.finish()?)],
            changed: Vec::new(),
            members: Arc::new(members),
        })
    }

    /// The same lists after a change: `gone` no longer exist, `changed` are new or have other settings. Costs time by
    /// the size of the change, not of the lists. `None` when so much has changed that all should be compiled anew.
    pub fn with_changes(
        &self,
        revision: u64,
        gone: &[EntryId],
        changed: &[Entry],
    ) -> Result<Option<Self>, CompileError> {
        let touched: HashSet<EntryId> =
            gone.iter().copied().chain(changed.iter().map(|entry| entry.id)).collect();
        let mut all: Vec<Entry> =
            self.changed.iter().filter(|entry| !touched.contains(&entry.id)).cloned().collect();
        all.extend(changed.iter().cloned());
        let base = match self.layers.first() {
            Some(base) => {
                let masked: HashSet<EntryId> = base.masked.union(&touched).copied().collect();
                Layer { segment: Arc::clone(&base.segment), masked: Arc::new(masked) }
            }
            None => Layer::new(SegmentBuilder::new().finish()?),
        };
        if all.len() > CHANGES_BEFORE_REBUILD || base.masked.len() > CHANGES_BEFORE_REBUILD {
            return Ok(None);
        }
        let small = Layer::new(Segment::compile(all.iter())?);
        if small.segment.regexes.len() + base.segment.regexes.len() > REGEX_COUNT {
            return Ok(None);
        }
        Ok(Some(Self {
            revision,
            layers: vec![base, small],
            changed: all,
            members: Arc::clone(&self.members),
        }))
    }

    /// The same lists with other members.
    #[must_use]
    pub fn with_members(&self, revision: u64, members: Members) -> Self {
        Self {
            revision,
            layers: self.layers.clone(),
            changed: self.changed.clone(),
            members: Arc::new(members),
        }
    }

    /// The revision of the lists that it was made from.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Judges one candidate as of `today`: one verdict for each of its recipients.
    pub fn judge(&self, candidate: &Candidate, today: Date) -> Judgement {
        judge::judge(self, candidate, today)
    }

    /// Bytes that the address and domain entries take in memory.
    pub fn identity_bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.segment.identity_bytes()).sum()
    }

    fn find_identity(&self, identity: &Identity, found: &mut dyn FnMut(Rank, Rule)) {
        for layer in &self.layers {
            layer.segment.find_identity(identity, &mut |rank, rule| {
                if !layer.is_masked(&rule) {
                    found(rank, rule);
                }
            });
        }
    }
}

/// Where the doors find the snapshot in force. Cloning shares it.
#[derive(Clone)]
pub struct SnapshotHandle(Arc<ArcSwap<Snapshot>>);

impl SnapshotHandle {
    /// A handle on a first snapshot.
    pub fn new(snapshot: Snapshot) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(snapshot)))
    }

    /// The snapshot in force. Load it once for a message, so that one revision judges all of it.
    pub fn load(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }

    /// Puts another snapshot in force.
    pub fn publish(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }
}
