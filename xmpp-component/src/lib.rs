//! Judges stanzas for Prosody: the XMPP door.
//!
//! An external component (XEP-0114). `mod_postward`, which runs inside Prosody, holds every stanza that comes in and
//! asks the component about it: `<check/>` carries the stanza, `<verdict/>` says what becomes of it.

mod attempts;
mod connection;
mod delivered;
mod desk;
mod dispatch;
mod fallback;
mod forwarder;
mod grants;
mod iq;
mod links;
mod news;
mod onlookers;
mod outbox;
mod question;
mod received;
mod sealed;
mod shown;
mod stanza;
mod typed;
mod xml;

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use policy_core::door::{DoorState, Judge};
use policy_core::sentence::Sentence;
use policy_core::snapshot::Follower;
use texts::Texts;

use crate::attempts::{Attempts, UNCONTESTED_AFTER};
use crate::connection::{Connection, Problem};
pub use crate::desk::Desk;
use crate::desk::Hatch;
use crate::grants::Grants;
pub use crate::outbox::{Messenger, Outbox, messenger};
pub use crate::sealed::Sealed;

/// How the component reaches Prosody.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `HOST:PORT` of Prosody's component listener, port 5347 unless changed there.
    pub address: String,
    /// The component's domain: what stands behind `Component` in Prosody's configuration.
    pub domain: String,
    /// What `component_secret` says there.
    pub secret: Secret,
    /// The file that the secret was read from, to be named when Prosody doesn't accept it.
    pub secret_file: PathBuf,
    /// What happens to encrypted messages and files from strangers.
    pub sealed: Sealed,
}

/// The secret that Prosody and the component share. `Debug` doesn't show it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the secret as `component_secret` has it.
    pub fn new(secret: String) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Answers Prosody's questions, and at the desk those of accounts, and sends what the outbox holds, until `shutdown` is ready. Connects again, with growing pauses, whenever there is no
/// connection; what is wrong stands in the door's state, and once on standard error.
pub async fn run<J: Judge>(
    settings: Settings,
    judge: Arc<J>,
    desk: Arc<Desk>,
    outbox: Outbox,
    shutdown: impl Future<Output = ()>,
) {
    let mut shutdown = std::pin::pin!(shutdown);
    let grants = Arc::new(Grants::new(judge.today()));
    let follower: Arc<dyn Follower> = Arc::<Grants>::clone(&grants);
    judge.follow(&follower);
    let mut hatch = Hatch::open(desk, outbox, &settings.domain);
    let follower: Arc<dyn Follower> = hatch.follower();
    judge.follow(&follower);
    let mut attempts = Attempts::default();
    let mut said: Option<Sentence> = None;
    loop {
        let opened = tokio::select! {
            () = &mut shutdown => return,
            opened = Connection::open(&settings) => opened,
        };
        let problem = match opened {
            Ok(mut connection) => {
                // The module says at once who it is, if it is loaded.
                judge.set_module(None);
                let open = |said: &mut Option<Sentence>| {
                    judge.set_state(DoorState::Open { address: settings.address.clone() });
                    eprintln!(
                        "postward: chat: connected to Prosody at {} as {}",
                        settings.address, settings.domain
                    );
                    *said = None;
                };
                // Another's list may be in force at the next moment: the state goes on saying so.
                if !attempts.are_contested() {
                    open(&mut said);
                }
                hatch.forget_changes();
                let served = {
                    let (judge, shutdown) = (judge.as_ref(), shutdown.as_mut());
                    let served = connection.serve(judge, settings.sealed, &grants, &mut hatch, shutdown);
                    let mut served = std::pin::pin!(served);
                    match tokio::time::timeout(UNCONTESTED_AFTER, served.as_mut()).await {
                        Ok(served) => served,
                        Err(_) => {
                            if attempts.are_contested() {
                                open(&mut said);
                            }
                            attempts.lasted();
                            served.await
                        }
                    }
                };
                let Some(problem) = served else {
                    connection.close().await;
                    return;
                };
                attempts.ended(&problem);
                problem
            }
            Err(problem) => {
                attempts.failed(&problem);
                problem
            }
        };
        let pause = attempts.pause();
        let problem = explain(&problem, attempts.are_contested(), &settings);
        judge.set_state(DoorState::Waiting { address: settings.address.clone(), problem: problem.clone() });
        if said.as_ref() != Some(&problem) {
            eprintln!("postward: chat: {}", Texts::plain().sentence(&problem));
            said = Some(problem);
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What the admin reads about a problem: what is wrong and how to mend it.
fn explain(problem: &Problem, contested: bool, settings: &Settings) -> Sentence {
    let Settings { address, domain, secret_file, .. } = settings;
    let (id, error) = match problem {
        Problem::Unreachable(error) => ("chat-unreachable", error.to_string()),
        Problem::SecretRefused => ("chat-secret", String::new()),
        Problem::UnknownDomain => ("chat-unknown-domain", String::new()),
        Problem::Conflict if contested => ("chat-contested", String::new()),
        Problem::Conflict => ("chat-conflict", String::new()),
        Problem::Ended(condition) => ("chat-ended", condition.to_string()),
        Problem::Lost(error) => ("chat-lost", error.to_string()),
        Problem::NotProsody => ("chat-not-prosody", String::new()),
    };
    Sentence::of(id)
        .with("error", error)
        .with("address", address.as_str())
        .with("domain", domain.as_str())
        .with("file", secret_file.display().to_string())
}
