//! A component with a judge that blocks what the tests name, for a real Prosody.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod rooms;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use jiff::civil::Date;
use policy_core::candidate::{Candidate, Place};
use policy_core::door::{DoorState, FailureMode, Judge, JudgingFailed, ModuleStatus};
use policy_core::entry::{Entry, EntryId, Scope};
use policy_core::lists::{
    Actor, Added, Edited, ImportItem, ImportReport, Listed, Lists, ListsError, Member, MemberIdentity,
    NewEntry, Page, Query, Status,
};
use policy_core::pattern::Pattern;
use policy_core::sentence::Sentence;
use policy_core::snapshot::{Follower, Snapshot, SnapshotHandle};
use policy_core::verdict::{Decision, Judgement, Matched, Outcome, Reason, Verdict};
use testbed::process::wait_for;
use testbed::prosody::{Options, Prosody};
use texts::Texts;
use tokio::sync::oneshot;
use xmpp_component::{Desk, Sealed, Secret, Settings, messenger, run};

pub(crate) const COMPONENT: &str = "postward.one.test";
pub(crate) const SECRET: &str = "the secret of the tests";

/// Drops (or refuses) what comes from these JIDs and domains and from those that a test adds, and texts with the word
/// `casino`.
pub(crate) struct Fixed {
    pub(crate) outcome: Outcome,
    pub(crate) state: Mutex<DoorState>,
    pub(crate) module: Mutex<Option<ModuleStatus>>,
    pub(crate) more: Mutex<Vec<String>>,
    /// Whose own entries block what: `occupant@one.test` doesn't want `sender@two.test`.
    pub(crate) own: Mutex<Vec<(String, String)>>,
    /// Whose own entries allow what: that goes before what everybody blocks.
    pub(crate) allowed: Mutex<Vec<(String, String)>>,
    pub(crate) today: Mutex<Date>,
    /// Whether it says that words could decide.
    pub(crate) words: AtomicBool,
    /// How many stanzas it has judged.
    pub(crate) asked: AtomicUsize,
    /// How many it has judged too late.
    pub(crate) not_stopped: AtomicU64,
    /// Tells the component that the lists have changed.
    pub(crate) lists: SnapshotHandle,
}

const BLOCKED: [&str; 5] =
    ["mallory@two.test", "mallory@one.test", "blocked@one.test", "anybody@evil.test", "evil@one.test"];

impl Judge for Fixed {
    fn judge(&self, candidate: &Candidate) -> Result<Judgement, JudgingFailed> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.foresee(candidate)
    }

    fn foresee(&self, candidate: &Candidate) -> Result<Judgement, JudgingFailed> {
        let more = self.more.lock().unwrap();
        let own = self.own.lock().unwrap();
        let allowed = self.allowed.lock().unwrap();
        let by_sender = candidate.senders.iter().any(|sender| {
            let sender_text = sender.identity.to_string();
            BLOCKED.contains(&sender_text.as_str())
                || more.contains(&sender_text)
                || more.contains(&sender.identity.domain().to_string())
                || sender.identity.domain().as_str().ends_with("evil.test")
        });
        let by_words = self.words.load(Ordering::Relaxed)
            && candidate
                .texts
                .iter()
                .any(|text| text.shown.split(|c: char| !c.is_alphanumeric()).any(|word| word == "casino"));
        let verdict = |blocked: bool| Verdict {
            outcome: if blocked { self.outcome } else { Outcome::Deliver },
            reason: Reason::NotListed,
            decided_by: (blocked && by_words && !by_sender).then(|| Decision {
                entry: EntryId::from_number(1).unwrap(),
                matched: Matched::Text { place: Place::Body, excerpt: "casino".to_owned() },
            }),
        };
        let names = |list: &[(String, String)], recipient: &str| {
            list.iter().any(|(owner, named)| {
                owner == recipient
                    && candidate.senders.iter().any(|sender| sender.identity.to_string() == *named)
            })
        };
        let blocked_for = |recipient: &str| {
            let everybodys = (by_sender || by_words) && !names(&allowed, recipient);
            everybodys || names(&own, recipient)
        };
        let recipients = candidate.recipients.iter();
        let verdicts = recipients.map(|to| verdict(blocked_for(&to.identity.to_string()))).collect();
        Ok(Judgement { revision: 1, verdicts, if_proven: None })
    }

    fn refuses(&self, _: &Candidate) -> bool {
        false
    }

    fn reads_texts(&self, _: &Candidate) -> bool {
        self.words.load(Ordering::Relaxed)
    }

    fn not_stopped(&self, number: u64) {
        self.not_stopped.fetch_add(number, Ordering::Relaxed);
    }

    fn failure_mode(&self) -> FailureMode {
        FailureMode::Deliver
    }

    fn follow(&self, follower: &Arc<dyn Follower>) {
        self.lists.follow(follower);
    }

    fn today(&self) -> Date {
        *self.today.lock().unwrap()
    }

    fn set_state(&self, state: DoorState) {
        *self.state.lock().unwrap() = state;
    }

    fn set_module(&self, module: Option<ModuleStatus>) {
        *self.module.lock().unwrap() = module;
    }
}

/// Lists that can't be read: what accounts do at the desk is tested through the program.
struct NoLists;

const UNREADABLE: fn() -> ListsError = || ListsError::Store(Sentence::of("store-inside"));

impl Lists for NoLists {
    fn add(&self, _: Actor, _: Vec<NewEntry>) -> Result<Vec<Added>, ListsError> {
        Err(UNREADABLE())
    }

    fn remove(&self, _: Actor, _: &[EntryId]) -> Result<Vec<Entry>, ListsError> {
        Err(UNREADABLE())
    }

    fn set_enabled(&self, _: Actor, _: &[EntryId], _: bool) -> Result<Vec<Entry>, ListsError> {
        Err(UNREADABLE())
    }

    fn edit(&self, _: Actor, _: EntryId, _: Option<u64>, _: NewEntry) -> Result<Edited, ListsError> {
        Err(UNREADABLE())
    }

    fn import(
        &self,
        _: Actor,
        _: Scope,
        _: bool,
        _: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    ) -> Result<ImportReport, ListsError> {
        Err(UNREADABLE())
    }

    fn entries(&self, _: Actor, _: &Query) -> Result<Page, ListsError> {
        Err(UNREADABLE())
    }

    fn entry(&self, _: Actor, _: EntryId) -> Result<Listed, ListsError> {
        Err(UNREADABLE())
    }

    fn find(&self, _: Actor, _: Scope, _: &Pattern) -> Result<Vec<Entry>, ListsError> {
        Err(UNREADABLE())
    }

    fn members(&self) -> Result<Vec<Member>, ListsError> {
        Err(UNREADABLE())
    }

    fn add_member(&self, _: &str, _: &[MemberIdentity]) -> Result<Member, ListsError> {
        Err(UNREADABLE())
    }

    fn remove_member(&self, _: &str) -> Result<(), ListsError> {
        Err(UNREADABLE())
    }

    fn status(&self) -> Result<Status, ListsError> {
        Err(UNREADABLE())
    }
}

/// A running component; ends when dropped.
pub(crate) struct Component {
    judge: Arc<Fixed>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Component {
    pub(crate) fn start(address: &str, secret: &str, outcome: Outcome) -> Self {
        Self::start_as(address, COMPONENT, secret, outcome)
    }

    pub(crate) fn start_as(address: &str, domain: &str, secret: &str, outcome: Outcome) -> Self {
        Self::start_with(address, domain, secret, outcome, Sealed::Deliver)
    }

    pub(crate) fn start_with(
        address: &str,
        domain: &str,
        secret: &str,
        outcome: Outcome,
        sealed: Sealed,
    ) -> Self {
        let judge = Arc::new(Fixed {
            outcome,
            state: Mutex::new(DoorState::Starting),
            module: Mutex::default(),
            more: Mutex::default(),
            own: Mutex::default(),
            allowed: Mutex::default(),
            today: Mutex::default(),
            words: AtomicBool::new(true),
            asked: AtomicUsize::new(0),
            not_stopped: AtomicU64::new(0),
            lists: SnapshotHandle::new(Snapshot::empty(1)),
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let settings = Settings {
            address: address.to_owned(),
            domain: domain.to_owned(),
            secret: Secret::new(secret.to_owned()),
            secret_file: PathBuf::from("/etc/postward/xmpp-secret"),
            sealed,
        };
        let for_thread = Arc::clone(&judge);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let desk = Desk::new(Arc::new(NoLists), for_thread.lists.clone(), Date::default, Vec::new());
            runtime.block_on(run(settings, for_thread, Arc::new(desk), messenger(COMPONENT).1, async {
                let _ = stopped.await;
            }));
        });
        Self { judge, stop: Some(stop), thread: Some(thread) }
    }

    /// Connected to this server, dropping what it blocks.
    pub(crate) fn dropping(server: &Prosody) -> Self {
        Self::connected(server, Outcome::Drop)
    }

    pub(crate) fn connected(server: &Prosody, outcome: Outcome) -> Self {
        let component = Self::start(&server.component_address(), SECRET, outcome);
        component.wait_open();
        component
    }

    /// What decides, and what it was asked.
    pub(crate) fn judge(&self) -> &Fixed {
        &self.judge
    }

    fn lists_changed(&self) {
        self.judge.lists.publish(Snapshot::empty(2));
        self.judge.lists.in_force();
    }

    /// Blocks these JIDs and domains from now on, beside those that are always blocked.
    pub(crate) fn block(&self, more: &[&str]) {
        *self.judge.more.lock().unwrap() = more.iter().map(|&jid| jid.to_owned()).collect();
        self.lists_changed();
    }

    /// The same, by entries that end with the day and not by a change of the lists.
    pub(crate) fn end_of_day(&self, more: &[&str]) {
        *self.judge.more.lock().unwrap() = more.iter().map(|&jid| jid.to_owned()).collect();
        *self.judge.today.lock().unwrap() = Date::MAX;
    }

    /// One member's own list: `owner` doesn't want what `unwanted` sends.
    pub(crate) fn block_for(&self, owner: &str, unwanted: &str) {
        self.judge.own.lock().unwrap().push((owner.to_owned(), unwanted.to_owned()));
        self.lists_changed();
    }

    /// One member's own list: `owner` wants what `wanted` sends, though everybody else doesn't.
    pub(crate) fn allow_for(&self, owner: &str, wanted: &str) {
        self.judge.allowed.lock().unwrap().push((owner.to_owned(), wanted.to_owned()));
        self.lists_changed();
    }

    /// What the module last said of itself.
    pub(crate) fn module(&self) -> Option<ModuleStatus> {
        self.judge.module.lock().unwrap().clone()
    }

    pub(crate) fn wait_open(&self) {
        wait_for("the component to connect", testbed::PATIENCE, || {
            Ok(matches!(self.state(), DoorState::Open { .. }).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error}; {:?}", self.state()));
    }

    pub(crate) fn wait_problem(&self) -> String {
        wait_for("the component to have a problem", testbed::PATIENCE, || Ok(self.problem())).unwrap()
    }

    /// What keeps it from being open, in words.
    pub(crate) fn problem(&self) -> Option<String> {
        match self.state() {
            DoorState::Waiting { problem, .. } => Some(Texts::plain().sentence(&problem)),
            _ => None,
        }
    }

    pub(crate) fn state(&self) -> DoorState {
        self.judge.state.lock().unwrap().clone()
    }
}

impl Drop for Component {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A filtered server for one.test, with rooms at rooms.one.test.
pub(crate) fn filtered() -> Options {
    Options::new(&["one.test"]).rooms("rooms.one.test").postward(COMPONENT, SECRET).line("limits = { }")
}

pub(crate) fn message(to: &str, body: &str) -> String {
    format!("<message to='{to}' type='chat'><body>{body}</body></message>")
}

/// Which error it is.
pub(crate) fn condition(stanza: &minidom::Element) -> String {
    let error = stanza.get_child("error", "jabber:client").expect("an error");
    error.children().next().expect("a condition").name().to_owned()
}
