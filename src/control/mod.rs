//! The control socket: how the command line asks a running daemon. One JSON object a line, each way.

mod client;
mod server;

use std::path::{Path, PathBuf};

use policy_core::addresses::OwnAddress;
use policy_core::chain::{Link, Report};
use policy_core::entry::{Entry, EntryId, Scope};
use policy_core::lists::{
    Added, Edited, ImportReport, Listed, ListsError, Member, MemberIdentity, NewEntry, Page, Query, Status,
};
use policy_core::pattern::Pattern;
use serde::{Deserialize, Serialize};

pub use self::client::{Client, GREETED_WITHIN};
pub use self::server::{ControlError, serve};

/// The socket in a data folder.
pub fn socket(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// A question or a change, always the admin's: a member asks on their page. After `Import`, items follow, one a line, up to
/// an empty line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Request {
    Add {
        entries: Vec<NewEntry>,
    },
    Remove {
        ids: Vec<EntryId>,
    },
    SetEnabled {
        ids: Vec<EntryId>,
        enabled: bool,
    },
    Edit {
        id: EntryId,
        seen: Option<u64>,
        new: Box<NewEntry>,
    },
    Import {
        scope: Scope,
        replace: bool,
    },
    Entries {
        query: Query,
    },
    Entry {
        id: EntryId,
    },
    Find {
        scope: Scope,
        pattern: Pattern,
    },
    Members,
    AddMember {
        name: String,
        identities: Vec<MemberIdentity>,
    },
    RemoveMember {
        name: String,
    },
    /// Makes a sign-in link for a member.
    SignInLink {
        name: String,
    },
    /// All members' mail addresses, with how far they are.
    Addresses,
    /// Mails a code to an address that shall be a member's.
    ClaimAddress {
        name: String,
        address: String,
    },
    /// Takes the code.
    ConfirmAddress {
        name: String,
        code: String,
    },
    /// Takes a member's removal back.
    KeepMember {
        name: String,
    },
    Status,
    /// Whether anybody answers.
    Greeting,
    SetAdminPassword {
        hash: String,
    },
    /// Checks the chain.
    Check,
    /// The same, and tells the admin what has changed.
    CheckAndTell,
    /// Keeps what root saw of it.
    KeepAsRoot {
        links: Vec<Link>,
    },
}

/// The answer to a [`Request`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reply {
    Added(Vec<Added>),
    Entries(Vec<Entry>),
    Edited(Box<Edited>),
    Imported(ImportReport),
    Page(Page),
    Listed(Box<Listed>),
    Members(Vec<Member>),
    Member(Member),
    Status(Box<Status>),
    Report(Box<Report>),
    SignInLink { url: String, lasts: std::time::Duration },
    Addresses(Vec<OwnAddress>),
    Address(OwnAddress),
    Done,
    Failed(ListsError),
}
