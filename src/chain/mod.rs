//! Checking the chain, link by link: the one module behind `postward doctor`, the page's button and the daily run.
//!
//! The daemon checks what it can see, and sends probes through both doors. What only root can see (Postfix's and Prosody's
//! configuration, files of other accounts) `postward doctor` checks by itself; the daemon keeps what it found for the page.

mod chat;
pub mod daily;
mod dependent;
mod destinations;
mod doors;
mod files;
mod lists;
mod machine;
mod mail;
mod notices;
mod page;
mod passed_on;
pub mod postfix;
pub mod prosody;
mod reports;
pub mod smtp;
mod spared;
mod tell;
mod trusted;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::fmt::rfc2822::DateTimePrinter;
use policy_core::chain::{AsRoot, Chain, Link, Report, State};
use policy_core::lists::{Lists as _, ListsError, Status};
use policy_core::sentence::Sentence;
use tokio::runtime::Handle;

pub use self::chat::Chat;
pub use self::mail::Mail;
pub use self::tell::Tell;
use crate::config::{Config, Flags};
use crate::store::{OpenError, Store, today};

/// The setting in which the daemon keeps what root saw.
const AS_ROOT: &str = "chain-as-root";

/// What the daemon checks the chain with.
pub struct Checker {
    /// The lists, and what runs on them.
    pub store: Arc<Store>,
    /// How the configuration is found.
    pub flags: Flags,
    /// The data folder.
    pub data: PathBuf,
    /// The file with the component's secret.
    pub secret_file: Option<PathBuf>,
    /// The DNS server that proof asks; the system's if there is none.
    pub resolver: Option<SocketAddr>,
    /// What mail is probed with.
    pub mail: Mail,
    /// What chat is probed with, where a chat server is configured.
    pub chat: Option<Chat>,
    /// Who hears of the daily check.
    pub tell: Tell,
    /// What was wrong with the files at the start, until the admin has heard of it.
    pub at_start: Mutex<Option<Link>>,
    /// What the daily check could not store.
    pub unsaved: daily::Unsaved,
    /// Where asynchronous questions are asked.
    pub runtime: Handle,
    /// Whether a link was bad at the last check.
    pub broken: AtomicBool,
    /// One check at a time.
    pub turn: Mutex<()>,
}

impl Checker {
    /// What is looked at at every start, too: owners and modes.
    pub fn files(&self) -> Link {
        files(&self.data, self.secret_file.as_deref())
    }

    /// Keeps what root saw.
    pub fn keep_as_root(&self, links: Vec<Link>) -> Result<(), ListsError> {
        let as_root = AsRoot { on: today(), links };
        let text = serde_json::to_string(&as_root).unwrap_or_default();
        self.store.set_setting(AS_ROOT, &text)
    }

    /// What is in force where, as `postward status` says it.
    pub fn status(&self) -> Result<Status, ListsError> {
        let status = self.store.status()?;
        Ok(Status { doors: status.doors.into_iter().map(doors::as_found).collect(), ..status })
    }

    fn configuration(&self) -> Vec<Link> {
        let config = Config::read(&self.flags);
        let read = config.as_ref().ok();
        let trusted = read.and_then(|config| trusted::check(&config.trusted_clients));
        let page = read.and_then(|config| page::check(&config.web));
        std::iter::once(configuration(config.map(drop))).chain(trusted).chain(page).collect()
    }

    fn doors(&self) -> Vec<Link> {
        let status = match self.store.status() {
            Ok(status) => status,
            Err(error) => {
                return vec![Link::bad(
                    "status",
                    Sentence::of("status-failed").with("error", error.sentence()),
                )];
            }
        };
        let mut links = Vec::new();
        for door in &status.doors {
            links.extend(match door.name.as_str() {
                "chat" => doors::chat(door, status.revision, &status.version),
                _ => doors::mail(door, status.revision),
            });
        }
        links
    }
}

fn is_bad(link: &Link) -> bool {
    link.state == State::Bad
}

impl Chain for Checker {
    fn check(&self) -> Report {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let version = env!("CARGO_PKG_VERSION");
        let mut links = vec![Link::good("daemon", Sentence::of("daemon-runs").with("version", version))];
        links.extend(self.configuration());
        links.extend(here(self.store.look_through(), &self.data, self.secret_file.as_deref()));
        // Where that can't be told, asking does no harm.
        let needed = self.store.allows_in_mail().unwrap_or(true);
        links.push(lists::dns(needed, self.resolver, &self.runtime));
        links.extend(self.doors());
        links.extend(self.mail.check());
        links.extend(self.chat.iter().flat_map(Chat::check));
        self.broken.store(links.iter().any(is_bad), Ordering::Relaxed);
        Report { links, as_root: self.as_root() }
    }

    fn was_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
            || self.as_root().is_some_and(|as_root| as_root.links.iter().any(is_bad))
    }

    fn as_root(&self) -> Option<AsRoot> {
        let text = self.store.setting(AS_ROOT).ok().flatten()?;
        serde_json::from_str(&text).ok()
    }
}

/// Whether the configuration could be used at the next start.
pub fn configuration(read: Result<(), crate::config::ConfigError>) -> Link {
    const ID: &str = "configuration";
    match read {
        Ok(()) => Link::good(ID, Sentence::of("configuration-good")),
        Err(error) => Link::bad(ID, Sentence::of("configuration-bad").with("error", error.to_string())),
    }
}

/// 128 random bits, as hexadecimal digits.
fn token() -> Result<String, rand::rngs::SysError> {
    let mut bytes = [0; 16];
    rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, &mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Now, as a mail's header has it, and without telling the time zone.
fn date() -> String {
    DateTimePrinter::new().timestamp_to_string(&jiff::Timestamp::now()).unwrap_or_default()
}

/// Owners and modes, mended where this account may.
pub fn files(data: &Path, secret_file: Option<&Path>) -> Link {
    files::check(data, secret_file)
}

/// What can be seen without a daemon, and what was found in the database.
pub fn here(faults: Result<Vec<String>, OpenError>, data: &Path, secret_file: Option<&Path>) -> Vec<Link> {
    vec![
        lists::database(faults),
        files(data, secret_file),
        machine::disk(data),
        machine::clock(data),
        lists::suffixes(today()),
    ]
}
