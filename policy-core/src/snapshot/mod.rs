//! The compiled form of all entries, by which everything is judged.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::civil::Date;

use crate::candidate::Candidate;
use crate::verdict::{Judgement, Verdict};

/// All entries, compiled: immutable, with the revision of the lists that it was made from.
pub struct Snapshot {
    revision: u64,
}

impl Snapshot {
    /// A snapshot that matches nothing.
    pub fn empty(revision: u64) -> Self {
        Self { revision }
    }

    /// The revision of the lists that it was made from.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Judges one candidate as of `today`.
    pub fn judge(&self, candidate: &Candidate, today: Date) -> Judgement {
        let _ = today;
        Judgement {
            revision: self.revision,
            verdicts: candidate.recipients.iter().map(|_| Verdict::unlisted()).collect(),
            proof_matters: false,
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
