//! A component with a judge that blocks what the tests name, for a real Prosody.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use policy_core::candidate::Candidate;
use policy_core::door::{DoorState, FailureMode, Judge, JudgingFailed};
use policy_core::verdict::{Judgement, Outcome, Reason, Verdict};
use testbed::process::wait_for;
use testbed::prosody::{Options, Prosody};
use tokio::sync::oneshot;
use xmpp_component::{Secret, Settings, run};

pub(crate) const COMPONENT: &str = "postward.one.test";
pub(crate) const SECRET: &str = "the secret of the tests";

/// Drops (or refuses) what comes from these JIDs and domains, and texts with the word `casino`.
pub(crate) struct Fixed {
    pub(crate) outcome: Outcome,
    pub(crate) state: Mutex<DoorState>,
}

const BLOCKED: [&str; 5] =
    ["mallory@two.test", "mallory@one.test", "blocked@one.test", "anybody@evil.test", "evil@one.test"];

impl Judge for Fixed {
    fn judge(&self, candidate: &Candidate) -> Result<Judgement, JudgingFailed> {
        let blocked = candidate.senders.iter().any(|sender| {
            BLOCKED.contains(&sender.identity.to_string().as_str())
                || sender.identity.domain().as_str().ends_with("evil.test")
        }) || candidate
            .texts
            .iter()
            .any(|text| text.shown.split(|c: char| !c.is_alphanumeric()).any(|word| word == "casino"));
        let verdict = Verdict {
            outcome: if blocked { self.outcome } else { Outcome::Deliver },
            reason: Reason::NotListed,
            decided_by: None,
        };
        let verdicts = candidate.recipients.iter().map(|_| verdict.clone()).collect();
        Ok(Judgement { revision: 1, verdicts, proof_matters: false })
    }

    fn failure_mode(&self) -> FailureMode {
        FailureMode::Deliver
    }

    fn set_state(&self, state: DoorState) {
        *self.state.lock().unwrap() = state;
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
        let judge = Arc::new(Fixed { outcome, state: Mutex::new(DoorState::Starting) });
        let (stop, stopped) = oneshot::channel::<()>();
        let settings = Settings {
            address: address.to_owned(),
            domain: domain.to_owned(),
            secret: Secret::new(secret.to_owned()),
            secret_file: PathBuf::from("/etc/postward/xmpp-secret"),
        };
        let for_thread = Arc::clone(&judge);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run(settings, for_thread, async {
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

    pub(crate) fn wait_open(&self) {
        wait_for("the component to connect", Duration::from_secs(20), || {
            Ok(matches!(self.state(), DoorState::Open { .. }).then_some(()))
        })
        .unwrap_or_else(|error| panic!("{error}; {:?}", self.state()));
    }

    pub(crate) fn wait_problem(&self) -> String {
        wait_for("the component to have a problem", Duration::from_secs(20), || {
            Ok(match self.state() {
                DoorState::Waiting { problem, .. } => Some(problem),
                _ => None,
            })
        })
        .unwrap()
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
