//! Verdicts: what happens for each recipient, and because of which entry.

use serde::{Deserialize, Serialize};

use crate::candidate::{Place, SenderRole};
use crate::entry::{Action, EntryId};

/// The answer about one candidate, given by one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The revision of the lists that judged.
    pub revision: u64,
    /// One verdict for each of the candidate's recipients, in the same order.
    pub verdicts: Vec<Verdict>,
    /// The verdicts if the author were proven, where they differ for some recipient: an allow entry would win.
    pub if_proven: Option<Vec<Verdict>>,
}

impl Judgement {
    /// Whether an allow entry would win for some recipient if the sender were proven: worth asking DNS for.
    pub fn proof_matters(&self) -> bool {
        self.if_proven.is_some()
    }

    /// The same judgement, once it is known whether the author is proven.
    #[must_use]
    pub fn settled(self, proven: bool) -> Self {
        let Self { revision, verdicts, if_proven } = self;
        Self { revision, verdicts: if_proven.filter(|_| proven).unwrap_or(verdicts), if_proven: None }
    }
}

/// What happens for one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What to do.
    pub outcome: Outcome,
    /// Why, as an id that never changes.
    pub reason: Reason,
    /// The entry that decided, and what it matched; `None` when no entry did.
    pub decided_by: Option<Decision>,
}

impl Verdict {
    /// Deliver, because no entry says otherwise.
    pub fn unlisted() -> Self {
        Self { outcome: Outcome::Deliver, reason: Reason::NotListed, decided_by: None }
    }
}

/// What to do with a message. Reserved for later: set-aside, hold, observe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It arrives unchanged.
    Deliver,
    /// It does not arrive, and its sender isn't told.
    Drop,
    /// It does not arrive, and its sender gets the answer of an account that can't be reached.
    Refuse,
}

impl From<Action> for Outcome {
    fn from(action: Action) -> Self {
        match action {
            Action::Drop => Self::Drop,
            Action::Refuse => Self::Refuse,
        }
    }
}

/// Stable reason ids, in kebab-case. An id is never renamed or given another meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No entry matched.
    NotListed,
    /// An address entry blocks.
    BlockedAddress,
    /// A domain entry blocks.
    BlockedDomain,
    /// A words entry blocks.
    BlockedWords,
    /// A regex entry blocks.
    BlockedRegex,
    /// An address entry allows.
    AllowedAddress,
    /// A domain entry allows.
    AllowedDomain,
    /// A words entry allows.
    AllowedWords,
    /// A regex entry allows.
    AllowedRegex,
    /// The recipient is elsewhere: not ours to judge.
    Outgoing,
}

/// The entry that decided, and what it matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The entry.
    pub entry: EntryId,
    /// What it matched.
    pub matched: Matched,
}

/// What an entry matched. Kept for `explain`, which people ask for; doors never write it anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matched {
    /// A sender's identity.
    Sender {
        /// Where the identity stands.
        role: SenderRole,
        /// The identity, as a person would write it.
        identity: String,
    },
    /// A text.
    Text {
        /// Where the text stands.
        place: Place,
        /// The words as they stand there, shortened for display.
        excerpt: String,
    },
}
