//! What every door shares: the snapshot in force, the day, the counters, the state that `status` shows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::candidate::Candidate;
use crate::entry::{Action, AddedBy, Channel, Channels, Effect, Entry, EntryId, Scope, Source};
use crate::identity::Identity;
use crate::pattern::{PatternKind, understand};
use crate::probe::{Kind, Probes};
use crate::sentence::Sentence;
use crate::snapshot::{Follower, SnapshotHandle};
use crate::verdict::{Judgement, Outcome, Verdict};

/// What a door does when Postward itself fails. Nothing that a sender can cause is such a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureMode {
    /// The message is delivered unjudged.
    #[default]
    Deliver,
    /// The sender is told to try again later.
    HoldOff,
}

/// Counts which entries matched; nothing else about the messages.
pub trait Hits: Send + Sync {
    /// An entry decided about a message.
    fn hit(&self, entry: EntryId, on: Date);
}

/// Hits that nobody wants counted.
pub struct NoHits;

impl Hits for NoHits {
    fn hit(&self, _: EntryId, _: Date) {}
}

/// Judging failed through a fault of Postward's own; the door's [`FailureMode`] says what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("judging failed: this is a fault in Postward, please report it")]
pub struct JudgingFailed;

/// What a door asks about a message: a [`Door`], or a test's stand-in that can also fail.
pub trait Judge: Send + Sync + 'static {
    /// Judges one message by the snapshot in force. Where proof of the author matters, the judgement must be settled.
    fn judge(&self, candidate: &Candidate) -> Result<Judgement, JudgingFailed>;

    /// Whether the recipients of this envelope can be refused before anything else of the message is known.
    fn refuses(&self, envelope: &Candidate) -> bool;

    /// Whether a mail address is some member's.
    fn is_members(&self, _address: &Identity) -> bool {
        false
    }

    /// Ends a judgement in which proof of the author matters; it is still the same snapshot that judged.
    fn settle(&self, judgement: Judgement, proven: bool) -> Judgement {
        judgement.settled(proven)
    }

    /// Judges without counting it: for a question that no message stands behind.
    fn foresee(&self, candidate: &Candidate) -> Result<Judgement, JudgingFailed> {
        self.judge(candidate)
    }

    /// Whether words could decide about this candidate, whatever it says.
    fn reads_texts(&self, _candidate: &Candidate) -> bool {
        true
    }

    /// Takes note of messages that were let through unseen, because nothing is listed that could stop them.
    fn passed(&self, _number: u64) {}

    /// Takes note of messages that were counted as stopped and weren't: the failure mode had already decided about them, or they
    /// are asked about again.
    fn not_stopped(&self, _number: u64) {}

    /// The probes that may be on their way through this door.
    fn probes(&self) -> Option<&Probes> {
        None
    }

    /// Judges a probe by the snapshot in force; for one that is to be stopped, with an entry of its own beside the lists'. It
    /// isn't counted.
    fn judge_probe(&self, candidate: &Candidate, _kind: Kind) -> Result<Outcome, JudgingFailed> {
        outcome(self.foresee(candidate)?)
    }

    /// Tells the follower whenever the lists change, for as long as somebody else keeps it.
    fn follow(&self, _follower: &Arc<dyn Follower>) {}

    /// The day by which entries end.
    fn today(&self) -> Date {
        Date::default()
    }

    /// What to do when that fails.
    fn failure_mode(&self) -> FailureMode;

    /// Takes note of whether the door is open.
    fn set_state(&self, state: DoorState);

    /// Takes note of what the server's part of the door says of itself; of nothing, when it has to say so anew.
    fn set_module(&self, _module: Option<ModuleStatus>) {}
}

/// One door, as the rest of Postward sees it. Doors share it in an `Arc`.
pub struct Door {
    name: &'static str,
    snapshot: SnapshotHandle,
    today: Box<dyn Fn() -> Date + Send + Sync>,
    hits: Arc<dyn Hits>,
    failure: Mutex<FailureMode>,
    state: Mutex<DoorState>,
    module: Mutex<Option<ModuleStatus>>,
    probes: Option<Arc<Probes>>,
    judged: AtomicU64,
    stopped: AtomicU64,
    failed: AtomicU64,
}

/// Whether a door is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum DoorState {
    /// Not yet listening or connected.
    Starting,
    /// Listening at, or connected to, this address.
    Open {
        /// The address, as `inet:HOST:PORT`, `unix:PATH` or `HOST:PORT`.
        address: String,
    },
    /// Trying to reach its server.
    Waiting {
        /// The server's address.
        address: String,
        /// Why it isn't connected, and what to do, for the admin.
        problem: Sentence,
    },
}

/// What `postward status` shows of a door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorStatus {
    /// `mail` or `chat`.
    pub name: String,
    /// Whether it is open.
    #[serde(flatten)]
    pub state: DoorState,
    /// The revision of the lists that the next message will be judged by.
    pub revision: u64,
    /// Messages judged since the start.
    pub judged: u64,
    /// Of these, how many were kept from at least one recipient; nobody is told where members have lists of their own, of which a
    /// mail sent on purpose would tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<u64>,
    /// Failures of Postward's own since the start.
    pub failed: u64,
    /// What the server's part of the door last said, if it has one and was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<ModuleStatus>,
}

/// The part of a door that runs inside the server, `mod_postward` in Prosody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleStatus {
    /// Its version, which must be Postward's.
    pub version: String,
    /// Stanzas that it couldn't ask about, or got no answer for, since it was loaded: the failure mode decided.
    pub unjudged: u64,
    /// Hosts of the server's at which it is loaded.
    #[serde(default)]
    pub filtered: Vec<String>,
    /// Hosts at which people or rooms are and it isn't.
    #[serde(default)]
    pub unfiltered: Vec<String>,
}

/// How far a door's server is known to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch<'a> {
    /// The door isn't open.
    Closed,
    /// Its part inside the server, without which nothing is asked, hasn't said that it is there.
    Unheard,
    /// Nobody has asked since the start. Perhaps there was nothing to ask about.
    Unasked,
    /// It asks about all but what is for these hosts.
    ButNotAt(&'a [String]),
    /// It asks.
    Whole,
}

impl DoorStatus {
    /// Whether what is listed is in force at this door: that it is open doesn't say that anybody asks.
    pub fn watch(&self) -> Watch<'_> {
        if !matches!(self.state, DoorState::Open { .. }) {
            return Watch::Closed;
        }
        match &self.module {
            _ if self.name == "mail" => {
                if self.judged == 0 {
                    Watch::Unasked
                } else {
                    Watch::Whole
                }
            }
            None => Watch::Unheard,
            Some(module) if module.is_unloaded() => Watch::Unheard,
            Some(module) if module.unfiltered.is_empty() => Watch::Whole,
            Some(module) => Watch::ButNotAt(&module.unfiltered),
        }
    }

    /// Whether nothing is watched at this door.
    pub fn is_unwatched(&self) -> bool {
        matches!(self.watch(), Watch::Closed | Watch::Unheard)
    }
}

impl ModuleStatus {
    /// Whether its last word was that it is loaded nowhere any more.
    pub fn is_unloaded(&self) -> bool {
        self.filtered.is_empty() && !self.unfiltered.is_empty()
    }
}

impl Door {
    /// A door that isn't open yet. `today` gives the household's calendar day.
    pub fn new(
        name: &'static str,
        snapshot: SnapshotHandle,
        today: impl Fn() -> Date + Send + Sync + 'static,
        hits: Arc<dyn Hits>,
        failure: FailureMode,
    ) -> Self {
        Self {
            name,
            snapshot,
            today: Box::new(today),
            hits,
            failure: Mutex::new(failure),
            state: Mutex::new(DoorState::Starting),
            module: Mutex::default(),
            probes: None,
            judged: AtomicU64::new(0),
            stopped: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// The same door, through which these probes go.
    #[must_use]
    pub fn with_probes(self, probes: Arc<Probes>) -> Self {
        Self { probes: Some(probes), ..self }
    }

    fn count(&self, verdicts: &[Verdict], today: Date) {
        self.judged.fetch_add(1, Ordering::Relaxed);
        if verdicts.iter().any(|verdict| verdict.outcome != Outcome::Deliver) {
            self.stopped.fetch_add(1, Ordering::Relaxed);
        }
        let mut deciding: Vec<EntryId> =
            verdicts.iter().filter_map(|verdict| Some(verdict.decided_by.as_ref()?.entry)).collect();
        deciding.sort_unstable();
        deciding.dedup();
        for entry in deciding {
            self.hits.hit(entry, today);
        }
    }

    /// Another failure mode from now on, as a reloaded configuration may want it.
    pub fn set_failure_mode(&self, failure: FailureMode) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    /// What `postward status` shows.
    pub fn status(&self) -> DoorStatus {
        DoorStatus {
            name: self.name.to_owned(),
            state: self.state.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            revision: self.snapshot.load().revision(),
            judged: self.judged.load(Ordering::Relaxed),
            stopped: Some(self.stopped.load(Ordering::Relaxed)),
            failed: self.failed.load(Ordering::Relaxed),
            module: self.module.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

/// What happens to a probe, which has one recipient.
fn outcome(judgement: Judgement) -> Result<Outcome, JudgingFailed> {
    judgement.verdicts.first().map(|verdict| verdict.outcome).ok_or(JudgingFailed)
}

/// The entry that stops a probe from this sender. It is on no list, and counts for that one probe.
fn built_in(sender: &Identity, today: Date) -> Option<Entry> {
    let understood = understand(&sender.to_string(), Some(PatternKind::Address), false).ok()?;
    Some(Entry {
        id: EntryId::from_number(0)?,
        pattern: understood.pattern,
        effect: Effect::Block,
        scope: Scope::Household,
        channels: Channels::All,
        action: Action::Drop,
        note: String::new(),
        source: Source::Manual,
        added_by: AddedBy::Owner,
        created: today,
        until: None,
        enabled: true,
    })
}

impl Judge for Door {
    fn judge(&self, candidate: &Candidate) -> Result<Judgement, JudgingFailed> {
        let judgement = self.foresee(candidate)?;
        if !judgement.proof_matters() {
            self.count(&judgement.verdicts, (self.today)());
        }
        Ok(judgement)
    }

    fn foresee(&self, candidate: &Candidate) -> Result<Judgement, JudgingFailed> {
        let snapshot = self.snapshot.load();
        let today = (self.today)();
        // A panic in judging is our fault, not the message's end: the failure mode decides, the door stays open.
        catch_unwind(AssertUnwindSafe(|| snapshot.judge(candidate, today))).map_err(|_| {
            self.failed.fetch_add(1, Ordering::Relaxed);
            JudgingFailed
        })
    }

    fn reads_texts(&self, candidate: &Candidate) -> bool {
        self.snapshot.load().reads_texts(candidate, (self.today)())
    }

    fn passed(&self, number: u64) {
        self.judged.fetch_add(number, Ordering::Relaxed);
    }

    fn not_stopped(&self, number: u64) {
        let less = |stopped: u64| Some(stopped.saturating_sub(number));
        let _ = self.stopped.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    fn probes(&self) -> Option<&Probes> {
        self.probes.as_deref()
    }

    fn judge_probe(&self, candidate: &Candidate, kind: Kind) -> Result<Outcome, JudgingFailed> {
        if kind != Kind::Blocked {
            return outcome(self.foresee(candidate)?);
        }
        let (snapshot, today) = (self.snapshot.load(), (self.today)());
        let entry =
            candidate.author.as_ref().and_then(|author| built_in(author, today)).ok_or(JudgingFailed)?;
        let with_it = snapshot.with_changes(snapshot.revision(), &[], &[entry]).map_err(|_| JudgingFailed)?;
        catch_unwind(AssertUnwindSafe(|| with_it.judge(candidate, today)))
            .map_err(|_| JudgingFailed)
            .and_then(outcome)
    }

    fn follow(&self, follower: &Arc<dyn Follower>) {
        self.snapshot.follow(follower);
    }

    fn today(&self) -> Date {
        (self.today)()
    }

    fn refuses(&self, envelope: &Candidate) -> bool {
        let snapshot = self.snapshot.load();
        let today = (self.today)();
        // Whatever goes wrong here can still be judged at the message's end.
        let refusal = catch_unwind(AssertUnwindSafe(|| snapshot.refusal(envelope, today))).ok().flatten();
        if let Some(judgement) = &refusal {
            self.count(&judgement.verdicts, today);
        }
        refusal.is_some()
    }

    fn is_members(&self, address: &Identity) -> bool {
        self.snapshot.load().is_members(Channel::Mail, address)
    }

    fn settle(&self, judgement: Judgement, proven: bool) -> Judgement {
        let judgement = judgement.settled(proven);
        self.count(&judgement.verdicts, (self.today)());
        judgement
    }

    fn failure_mode(&self) -> FailureMode {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_state(&self, state: DoorState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn set_module(&self, module: Option<ModuleStatus>) {
        *self.module.lock().unwrap_or_else(PoisonError::into_inner) = module;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use jiff::civil::Date;

    use super::{Door, FailureMode, Judge, NoHits};
    use crate::snapshot::{Snapshot, SnapshotHandle};

    #[test]
    fn what_was_judged_too_late_is_not_counted_as_stopped() {
        let snapshot = SnapshotHandle::new(Snapshot::empty(1));
        let door = Door::new("chat", snapshot, Date::default, Arc::new(NoHits), FailureMode::Deliver);
        door.stopped.store(3, Ordering::Relaxed);
        door.not_stopped(2);
        assert_eq!(door.status().stopped, Some(1));
        // What was counted before a restart.
        door.not_stopped(2);
        assert_eq!(door.status().stopped, Some(0));
    }
}
