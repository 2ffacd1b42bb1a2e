//! Entries that are tried and not stored.

use policy_core::entry::{Action, AddedBy, Channels, Effect, Entry, EntryId, Scope, Source};
use policy_core::lists::{Actor, Lists};
use policy_core::pattern::{Pattern, understand};
use policy_core::snapshot::Snapshot;

use super::CheckArgs;
use crate::cli::table::printable;
use crate::cli::{CliError, worded};
use crate::store::{Store, today};

/// Reads the entries of `--entry`; like `block`, refuses all of them if one can't be understood. What a person should
/// know about them goes to standard error.
pub(super) fn read(args: &CheckArgs, store: Option<&Store>) -> Result<Vec<Entry>, CliError> {
    let mut tried: Vec<Entry> = Vec::new();
    let mut ids = (0..EntryId::LIMIT).rev().filter_map(EntryId::from_number);
    for value in &args.entries {
        let understood = understand(value, None, args.whole_suffix)
            .map_err(|error| format!("--entry {}: {}", printable(value), worded(&error.sentence())))
            .map_err(CliError::Failed)?;
        for remark in understood.remarks {
            let note = worded(&remark.sentence());
            eprintln!("postward: note on --entry {}: {note}", printable(value));
        }
        let pattern = understood.pattern;
        if tried.iter().any(|entry| entry.pattern.kind == pattern.kind && entry.pattern.key == pattern.key) {
            continue;
        }
        if let Some(store) = store {
            say_if_listed(store, value, &pattern)?;
        }
        // The last ids there are: where an entry of the list matches as well, the list's decides.
        let free = |id: &EntryId| store.is_none_or(|store| store.entry(Actor::Admin, *id).is_err());
        let id = ids.by_ref().find(free);
        let id = id.ok_or_else(|| CliError::Failed("there are too many entries".to_owned()))?;
        tried.push(entry(id, pattern));
    }
    Ok(tried)
}

/// The list with the tried entries in it.
pub(super) fn compile(list: &Snapshot, tried: &[Entry]) -> Result<Snapshot, CliError> {
    list.with_changes(list.revision(), &[], tried)
        .map_err(|error| CliError::Failed(worded(&error.sentence())))
}

fn say_if_listed(store: &Store, value: &str, pattern: &Pattern) -> Result<(), CliError> {
    for listed in store.find(Actor::Admin, Scope::Household, pattern)? {
        if listed.effect == Effect::Block && listed.enabled {
            eprintln!(
                "postward: note on --entry {}: it is on the list already ({})",
                printable(value),
                listed.id
            );
        }
    }
    Ok(())
}

fn entry(id: EntryId, pattern: Pattern) -> Entry {
    Entry {
        id,
        pattern,
        effect: Effect::Block,
        scope: Scope::Household,
        channels: Channels::All,
        action: Action::Drop,
        note: String::new(),
        source: Source::Manual,
        added_by: AddedBy::Owner,
        created: today(),
        until: None,
        enabled: true,
    }
}
