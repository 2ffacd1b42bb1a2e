//! `postward block`, `allow`, `remove`, `pause`, `resume`.

use std::borrow::Cow;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use policy_core::entry::{Action, Channels, Effect, Entry, EntryId, Scope, Source};
use policy_core::lists::{Actor, Change, Lists, NewEntry};
use policy_core::named::in_chat;
use policy_core::ours::without_our_own;
use policy_core::pattern::{PatternKind, Understood, understand};

use super::access::{Access, scope};
use super::table::printable;
use super::{CliError, worded};
use crate::config::Flags;

#[derive(Args)]
pub(super) struct EntryArgs {
    /// Addresses, domains or words
    #[arg(required = true, value_name = "VALUE")]
    values: Vec<String>,
    /// What the values are, where Postward would guess otherwise
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Only for this member's mail and chat
    #[arg(long = "for", value_name = "MEMBER")]
    member: Option<String>,
    /// Only on this channel
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// What happens to what is blocked: drop tells the sender nothing, refuse answers that the account can't be reached
    #[arg(long, value_enum, default_value_t = ActionArg::Drop)]
    action: ActionArg,
    /// The last day on which it counts, such as 2027-01-31
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Option<Date>,
    /// Your own words about it
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    /// Yes, all of a public suffix such as co.uk or github.io
    #[arg(long)]
    whole_suffix: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    Address,
    Domain,
    Words,
    Regex,
}

impl From<Kind> for PatternKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Address => Self::Address,
            Kind::Domain => Self::Domain,
            Kind::Words => Self::Words,
            Kind::Regex => Self::Regex,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Only {
    Mail,
    Xmpp,
}

#[derive(Clone, Copy, ValueEnum)]
enum ActionArg {
    Drop,
    Refuse,
    #[value(hide = true)]
    SetAside,
    #[value(hide = true)]
    Hold,
    #[value(hide = true)]
    Observe,
}

impl ActionArg {
    fn action(self) -> Result<Action, CliError> {
        match self {
            Self::Drop => Ok(Action::Drop),
            Self::Refuse => Ok(Action::Refuse),
            Self::SetAside | Self::Hold | Self::Observe => Err(CliError::Failed(
                "set-aside, hold and observe are reserved for later versions: use --action drop or refuse"
                    .to_owned(),
            )),
        }
    }
}

pub(super) fn add(flags: &Flags, effect: Effect, args: EntryArgs) -> Result<ExitCode, CliError> {
    let action = args.action.action()?;
    if effect == Effect::Allow && action != Action::Drop {
        return Err(CliError::Failed(
            "--action says what happens to what is blocked: it is nothing for `allow`".to_owned(),
        ));
    }
    let understood = understand_all(&args)?;
    let access = Access::open(flags)?;
    // The day of whoever types may be another than that of the daemon, which judges.
    if let Some(until) = args.until
        && until < access.lists().status()?.today
    {
        return Err(CliError::Failed(format!("--until {until} is in the past: the entry would never count")));
    }
    let scope = scope(access.lists(), args.member.as_deref())?;
    let new: Vec<NewEntry> = understood
        .iter()
        .map(|understood| NewEntry {
            pattern: understood.pattern.clone(),
            effect,
            scope,
            channels: match args.only {
                None => Channels::All,
                Some(Only::Mail) => Channels::Mail,
                Some(Only::Xmpp) => Channels::Xmpp,
            },
            action,
            note: args.note.clone(),
            source: Source::Manual,
            until: args.until,
            enabled: true,
        })
        .collect();
    let opposites = opposites(access.lists(), scope, effect, &understood)?;
    let added = access.lists().add(Actor::Admin, new)?;
    let mut output = io::stdout().lock();
    for (added, understood) in added.iter().zip(understood) {
        let entry = &added.entry;
        let what = match (entry.effect, added.change) {
            (Effect::Block, Change::Added) => "Blocked",
            (Effect::Allow, Change::Added) => "Allowed",
            (_, Change::Updated) => "Changed",
            (_, Change::AlreadyThere) => "Already there:",
        };
        writeln!(
            output,
            "{what} {} as {} ({}): {}",
            printable(&entry.pattern.typed),
            kind_in_words(entry),
            entry.id,
            covers(entry)
        )?;
        for remark in without_our_own(understood.remarks, access.lists()) {
            writeln!(output, "  Note: {}.", worded(&remark.sentence()))?;
        }
    }
    for opposite in opposites {
        writeln!(output, "  Note: there is also {}.", opposite_in_words(&opposite))?;
    }
    writeln!(output, "{}", access.where_in_force()?)?;
    Ok(ExitCode::SUCCESS)
}

fn day(typed: &str) -> Result<Date, String> {
    typed.parse().map_err(|_| "that is no day as 2027-01-31 is one".to_owned())
}

/// All values, or the reason why one of them is not understood: then none goes in.
fn understand_all(args: &EntryArgs) -> Result<Vec<Understood>, CliError> {
    args.values
        .iter()
        .map(|value| {
            let kind = args.kind.map(PatternKind::from);
            let meant = match args.only {
                Some(Only::Xmpp) => in_chat(value, kind),
                _ => Cow::Borrowed(value.as_str()),
            };
            understand(&meant, kind, args.whole_suffix).map_err(|error| {
                let named = if value.trim().is_empty() { "an empty value".into() } else { printable(value) };
                CliError::Failed(format!("{named}: {}", worded(&error.sentence())))
            })
        })
        .collect()
}

/// Entries of the same pattern with the other effect: worth knowing.
fn opposites(
    lists: &dyn Lists,
    scope: Scope,
    effect: Effect,
    understood: &[Understood],
) -> Result<Vec<Entry>, CliError> {
    let mut found = Vec::new();
    for one in understood {
        found.extend(lists.find(Actor::Admin, scope, &one.pattern)?);
    }
    found.retain(|entry| entry.effect != effect);
    Ok(found)
}

fn opposite_in_words(entry: &Entry) -> String {
    let effect = if entry.effect == Effect::Allow { "an allow" } else { "a block" };
    format!(
        "{effect} entry for {} ({}); at the same rank allow wins",
        printable(&entry.pattern.typed),
        entry.id
    )
}

fn kind_in_words(entry: &Entry) -> &'static str {
    match entry.pattern.kind {
        PatternKind::Address if entry.pattern.is_glob() => "addresses",
        PatternKind::Address => "an address",
        PatternKind::Domain => "a domain",
        PatternKind::Words => "words",
        PatternKind::Regex => "a regular expression",
        PatternKind::AddressSha256 => "a hashed address",
    }
}

fn covers(entry: &Entry) -> String {
    let channel = match entry.channels {
        Channels::All => "mail and chat",
        Channels::Mail => "mail",
        Channels::Xmpp => "chat",
    };
    let what = match entry.pattern.kind {
        PatternKind::Address => "from it",
        PatternKind::Domain => "from everyone there and at its subdomains",
        PatternKind::Words => "that says it, as whole words",
        PatternKind::Regex => "that it matches",
        PatternKind::AddressSha256 => "from whom it stands for",
    };
    let how = match (entry.effect, entry.action) {
        // An unproven sender of a mail may be forged.
        (Effect::Allow, _) => "delivered (mail only if DKIM or SPF proves who sent it)",
        (Effect::Block, Action::Drop) => "dropped, the sender isn't told",
        (Effect::Block, Action::Refuse) => "refused",
    };
    let until = entry.until.map(|until| format!(", until {until}")).unwrap_or_default();
    let off = if entry.enabled { "" } else { " (switched off)" };
    format!("{channel} {what}: {how}{until}{off}")
}

#[derive(Args)]
pub(super) struct NamedArgs {
    /// Values as they were typed, or ids such as e-7f3k9
    #[arg(required = true, value_name = "VALUE|ID")]
    what: Vec<String>,
    /// Only on this member's list
    #[arg(long = "for", value_name = "MEMBER")]
    member: Option<String>,
}

pub(super) fn remove(flags: &Flags, args: &NamedArgs) -> Result<ExitCode, CliError> {
    let access = Access::open(flags)?;
    let lists = access.lists();
    let removed = lists.remove(Actor::Admin, &all_named(lists, args, "removed")?)?;
    let mut output = io::stdout().lock();
    for entry in removed {
        writeln!(
            output,
            "Removed {} ({}, {})",
            printable(&entry.pattern.typed),
            effect_in_words(&entry),
            entry.id
        )?;
    }
    writeln!(output, "{}", access.where_in_force()?)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn effect_in_words(entry: &Entry) -> &'static str {
    match entry.effect {
        Effect::Block => "block",
        Effect::Allow => "allow",
    }
}

/// All entries that are named; `done` is what isn't done to any if one isn't there.
fn all_named(lists: &dyn Lists, args: &NamedArgs, done: &str) -> Result<Vec<EntryId>, CliError> {
    let only = args.member.as_deref().map(|name| scope(lists, Some(name))).transpose()?;
    let mut ids: Vec<EntryId> = Vec::new();
    for what in &args.what {
        let found = named(lists, what, only)?;
        if found.is_empty() {
            return Err(CliError::No(format!(
                "there is no entry {}: nothing was {done}. `postward list` shows them",
                printable(what)
            )));
        }
        ids.extend(found.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
    }
    Ok(ids)
}

/// The entries that an id or a typed value names.
fn named(lists: &dyn Lists, what: &str, only: Option<Scope>) -> Result<Vec<EntryId>, CliError> {
    let scopes = match only {
        Some(scope) => vec![scope],
        None => std::iter::once(Scope::Household)
            .chain(lists.members()?.into_iter().map(|member| Scope::Member(member.id)))
            .collect(),
    };
    let found = policy_core::named::named(lists, Actor::Admin, &scopes, what)?;
    Ok(found.into_iter().map(|entry| entry.id).collect())
}

pub(super) fn switch(flags: &Flags, args: &NamedArgs, enabled: bool) -> Result<ExitCode, CliError> {
    let access = Access::open(flags)?;
    let done = if enabled { "switched on" } else { "switched off" };
    let ids = all_named(access.lists(), args, done)?;
    let switched = access.lists().set_enabled(Actor::Admin, &ids, enabled)?;
    let mut output = io::stdout().lock();
    let what = if enabled { "Switched on" } else { "Switched off" };
    for entry in switched {
        writeln!(output, "{what} {} ({})", printable(&entry.pattern.typed), entry.id)?;
    }
    writeln!(output, "{}", access.where_in_force()?)?;
    Ok(ExitCode::SUCCESS)
}
