//! The lists as commands reach them: through the running daemon, or in the database when none is running.

use std::io;
use std::path::Path;

use policy_core::addresses::{Addresses, OwnAddress};
use policy_core::door::{DoorStatus, Watch};
use policy_core::entry::Scope;
use policy_core::lists::{Actor, Lists, ListsError, Status};

use super::CliError;
use crate::config::{self, Flags};
use crate::control::{Client, GREETED_WITHIN};
use crate::store::{self, OpenError, Store};

/// The lists, wherever they are held.
pub(super) enum Access {
    /// A running daemon holds them.
    Daemon(Client),
    /// No daemon is running; they are ours meanwhile.
    Here(Box<Store>),
}

impl Access {
    pub(super) fn open(flags: &Flags) -> Result<Self, CliError> {
        let config::Lists { data, delimiters, own_domains, .. } = config::Lists::read(flags)?;
        if let Some(client) = connect(&data)? {
            return Ok(Self::Daemon(client));
        }
        if let Some(process) = store::keeper_of_removed(&data) {
            return Err(CliError::Failed(format!(
                "Postward runs (process {process}), and its data folder {} was removed: it judges by the lists that it \
                 remembers, and can't be asked or told anything. Stop it, bring the lists back with `postward restore BACKUP`, \
                 and start it again",
                data.display()
            )));
        }
        store::prepare_folder(&data).map_err(|error| CliError::Failed(error.to_string()))?;
        // Another command may be at it, or a daemon that is just starting and has no socket yet: both are soon over.
        match store::lock_in_turn(&data, || matches!(Client::connect(&data), Ok(None))) {
            Ok(lock) => {
                let store = Store::open(&data, lock, delimiters)?;
                store.serves(own_domains);
                Ok(Self::Here(Box::new(store)))
            }
            Err(error) => match connect(&data)? {
                Some(client) if matches!(error, OpenError::InUse(_)) => Ok(Self::Daemon(client)),
                _ => Err(CliError::Failed(error.to_string())),
            },
        }
    }

    pub(super) fn lists(&self) -> &dyn Lists {
        match self {
            Self::Daemon(client) => client,
            Self::Here(store) => &**store,
        }
    }

    pub(super) fn addresses(&self) -> Result<Vec<OwnAddress>, ListsError> {
        match self {
            Self::Daemon(client) => client.addresses(),
            Self::Here(store) => store.addresses(),
        }
    }

    pub(super) fn claim_address(&self, name: &str, address: &str) -> Result<(), ListsError> {
        match self {
            Self::Daemon(client) => client.claim_address(name, address),
            Self::Here(store) => store.claim_address(Actor::Admin, store.member_called(name)?, address),
        }
    }

    pub(super) fn confirm_address(&self, name: &str, code: &str) -> Result<OwnAddress, ListsError> {
        match self {
            Self::Daemon(client) => client.confirm_address(name, code),
            Self::Here(store) => store.confirm_address(Actor::Admin, store.member_called(name)?, code),
        }
    }

    /// Says where a change that has just been made is in force.
    pub(super) fn where_in_force(&self) -> Result<String, CliError> {
        let status = self.lists().status()?;
        Ok(match self {
            Self::Here(_) => {
                "Stored. No daemon is running: it takes effect when `postward serve` starts.".to_owned()
            }
            Self::Daemon(_) => in_force(&status),
        })
    }
}

pub(super) fn connect(data: &Path) -> Result<Option<Client>, CliError> {
    Client::connect(data).map_err(|error| unreached(&error, data))
}

/// Why the daemon that is there can't be asked.
pub(super) fn unreached(error: &io::Error, data: &Path) -> CliError {
    CliError::Failed(if error.kind() == io::ErrorKind::TimedOut {
        format!(
            "the daemon in {} is there and has not answered within {} s: it hangs, or has too much to do. While it hangs, \
             nothing is judged. Try once more; if it stays so, `systemctl restart postward`",
            data.display(),
            GREETED_WITHIN.as_secs()
        )
    } else {
        format!(
            "can't reach the daemon in {}: {error}. Run this as root or as the account that the daemon runs as",
            data.display()
        )
    })
}

fn in_force(status: &Status) -> String {
    let (waiting, open): (Vec<&DoorStatus>, Vec<&DoorStatus>) =
        status.doors.iter().partition(|door| door.is_unwatched());
    let names =
        |doors: &[&DoorStatus]| doors.iter().map(|door| door.name.as_str()).collect::<Vec<_>>().join(" and ");
    let mut sentence = format!("In force on {} (revision {}).", names(&open), status.revision);
    if open.is_empty() {
        sentence = format!("Stored (revision {}).", status.revision);
    }
    if !waiting.is_empty() {
        sentence.push_str(&format!(" Not yet on {}: `postward status` says why.", names(&waiting)));
    }
    for door in open {
        if let Watch::ButNotAt(hosts) = door.watch() {
            sentence.push_str(&format!(" Not at {}, where nothing is judged.", hosts.join(", ")));
        }
    }
    sentence
}

/// The scope that `--for` names; the household without it.
pub(super) fn scope(lists: &dyn Lists, member: Option<&str>) -> Result<Scope, CliError> {
    let Some(name) = member else { return Ok(Scope::Household) };
    lists
        .members()?
        .into_iter()
        .find(|member| member.name.to_lowercase() == name.trim().to_lowercase())
        .map(|member| Scope::Member(member.id))
        .ok_or_else(|| CliError::from(ListsError::NoSuchMember(name.to_owned())))
}
