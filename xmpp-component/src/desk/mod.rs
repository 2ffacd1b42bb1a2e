//! The desk: where accounts of this server change their own lists from their chat program, by commands (XEP-0050) and in
//! conversation.
//!
//! ```text
//! account --> Prosody, which says who it is --> hatch --> desk --> lists
//!                                                 ^        |
//!                                                 +- answer+
//! ```
//!
//! Lists are in a database, so the desk works on a thread of its own: a stanza never waits for it to be judged.

mod answer;
mod caller;
mod chat;
mod command;
mod deed;
mod disco;
mod form;
mod hatch;
mod memory;
mod mirror;
mod problem;
mod rate;
mod read;
mod report;
mod say;
mod session;
mod steps;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::civil::Date;
use minidom::Element;
use policy_core::client_blocks::ClientBlocks;
use policy_core::identity::Identity;
use policy_core::lists::Lists;
use policy_core::reports::Reports;
use policy_core::sign_in::SignInLinks;
use policy_core::snapshot::SnapshotHandle;

pub(crate) use self::hatch::Hatch;
use self::memory::Memory;
use self::session::Sessions;
use crate::iq;

/// What the desk works with.
pub struct Desk {
    lists: Arc<dyn Lists>,
    client_blocks: Option<Arc<dyn ClientBlocks>>,
    reports: Option<Arc<dyn Reports>>,
    /// Of reports about these nobody hears: they might read them.
    readers: Vec<Identity>,
    /// `None` where nobody has said where browsers find the page.
    page_links: Option<Arc<dyn SignInLinks>>,
    /// Whether the household has mail, too.
    mail: bool,
    snapshot: SnapshotHandle,
    today: Box<dyn Fn() -> Date + Send + Sync>,
    admins: Vec<Identity>,
    sessions: Mutex<Sessions>,
    memory: Mutex<Memory>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk(..)")
    }
}

impl Desk {
    /// A desk for these lists. `snapshot` is what the doors judge by, `admins` are the accounts that may change the
    /// household's list, too.
    pub fn new(
        lists: Arc<dyn Lists>,
        snapshot: SnapshotHandle,
        today: impl Fn() -> Date + Send + Sync + 'static,
        admins: Vec<Identity>,
    ) -> Self {
        Self {
            lists,
            client_blocks: None,
            reports: None,
            readers: Vec::new(),
            page_links: None,
            mail: true,
            snapshot,
            today: Box::new(today),
            admins,
            sessions: Mutex::default(),
            memory: Mutex::default(),
        }
    }

    /// The same desk, at which what accounts block by their clients' button is mirrored, too.
    #[must_use]
    pub fn with_client_blocks(self, client_blocks: Arc<dyn ClientBlocks>) -> Self {
        Self { client_blocks: Some(client_blocks), ..self }
    }

    /// The same desk, at which the reports that go with such blocks are taken, but for those about whoever is told what
    /// the household's admin is told.
    #[must_use]
    pub fn with_reports(self, reports: Arc<dyn Reports>, told: Vec<Identity>) -> Self {
        let readers = self.admins.iter().cloned().chain(told).collect();
        Self { reports: Some(reports), readers, ..self }
    }

    /// The same desk, at which accounts get links to their own settings page, too.
    #[must_use]
    pub fn with_page_links(self, page_links: Arc<dyn SignInLinks>) -> Self {
        Self { page_links: Some(page_links), ..self }
    }

    /// The same desk, of a household that has no mail server: what counts everywhere counts in chat.
    #[must_use]
    pub fn without_mail(self) -> Self {
        Self { mail: false, ..self }
    }

    /// What an account of this server, which the caller has proven, gets back for what it has sent to the component. Blocks
    /// on the database.
    pub fn answer(&self, stanza: &Element, now: Instant) -> Option<Element> {
        let at_the_desk = stanza.attr("to").is_some_and(|to| !to.contains(['@', '/']));
        let caller = self.caller(stanza).filter(|_| at_the_desk);
        match (stanza.name(), caller) {
            ("message", Some(caller)) => self.converse(&caller, stanza, now),
            ("iq", Some(caller)) if iq::is_request(stanza) => Some(self.request(&caller, stanza, now)),
            _ => iq::is_request(stanza).then(|| iq::service_unavailable(stanza)),
        }
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
