//! Blocking by forwarding: a member forwards an unwanted message to `block@` the household's domain, and its sender goes
//! on their own list.
//!
//! ```text
//! mail program --login--> Postfix --SMTP, transport map--> listener --> lists
//!                            | ^                              |
//!                          milter: header that names          +--> answer, handed in by SMTP
//!                          the member, with a MAC
//! ```
//!
//! The milter knows the login and the listener doesn't; so the listener believes a header that only the milter can
//! make, for one message, once.

mod address;
mod answer;
mod command;
mod door;
mod fields;
mod listener;
mod memory;
mod reply;
mod say;
mod smtputf8;
mod submit;
mod ticket;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, Once};

use policy_core::identity::Domain;
use policy_core::lists::Lists;
use policy_core::probe::Probes;
use policy_core::snapshot::Delimiters;

use self::address::Addresses;
pub(crate) use self::door::{AtEnd, AtRecipient, Seen};
pub use self::listener::{ForwardListener, ListenError, run};
use self::memory::Memory;
pub(crate) use self::ticket::HEADER;
use self::ticket::Key;

/// How blocking by forwarding is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The domains with a `block@` and an `allow@`.
    pub domains: Vec<Domain>,
    /// What parts sub-addresses.
    pub delimiters: Delimiters,
    /// `HOST:PORT` of the SMTP server that takes our answers.
    pub replies: String,
    /// How Postfix ends its refusal of a recipient that doesn't exist.
    pub unknown_user: String,
}

/// What the milter and the listener share.
pub struct Forwarding {
    addresses: Addresses,
    replies: String,
    unknown_user: String,
    key: Key,
    memory: Mutex<Memory>,
    lists: Arc<dyn Lists>,
    probes: Arc<Probes>,
    /// Whether it was said that messages without a header of ours come.
    dropped: Once,
}

/// The files in the data folder can't be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "forwarding.key or forwarding.json in the data folder can't be used ({0}): mend owner and mode, or remove the file; \
     what members forwarded in the last minutes is then lost"
)]
pub struct OpenError(#[from] io::Error);

impl Forwarding {
    /// Reads the key and the memory in the data folder, or makes them. Of `probes`, the plain ones may end at the listener.
    pub fn open(
        settings: Settings,
        folder: &Path,
        lists: Arc<dyn Lists>,
        probes: Arc<Probes>,
    ) -> Result<Self, OpenError> {
        Ok(Self {
            addresses: Addresses { domains: settings.domains, delimiters: settings.delimiters },
            replies: settings.replies,
            unknown_user: settings.unknown_user,
            key: Key::open(folder)?,
            memory: Mutex::new(Memory::open(folder)?),
            lists,
            probes,
            dropped: Once::new(),
        })
    }
}
