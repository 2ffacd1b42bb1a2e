//! `postward list`: the entries that the admin may see, as a table or as JSON.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Args;
use jiff::civil::Date;
use policy_core::entry::{Action, Channels, Effect, EntryId, Scope, Source};
use policy_core::lists::{Actor, Listed, Lists, Query};
use policy_core::pattern::PatternKind;

use super::access::{Access, scope};
use super::entries::effect_in_words;
use super::table::printable;
use super::{CliError, table};
use crate::config::Flags;
use crate::store::today;

/// How many entries are fetched at a time.
const PAGE: u32 = 5_000;

#[derive(Args)]
pub(super) struct ListArgs {
    /// Only entries whose value or note contains this
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// What you added to this member's list
    #[arg(long = "for", value_name = "MEMBER")]
    member: Option<String>,
    /// As a JSON array
    #[arg(long)]
    json: bool,
}

pub(super) fn list(flags: &Flags, args: &ListArgs) -> Result<ExitCode, CliError> {
    let access = Access::open(flags)?;
    let lists = access.lists();
    let scope = args.member.as_deref().map(|name| scope(lists, Some(name))).transpose()?;
    let query = Query { scope, find: args.find.clone(), limit: PAGE, ..Query::default() };
    let members = lists.members()?;
    let owner = |scope| match scope {
        Scope::Household => String::new(),
        Scope::Member(id) => members
            .iter()
            .find(|member| member.id == id)
            .map_or_else(|| "?".to_owned(), |member| printable(&member.name)),
    };
    let mut output = BufWriter::new(io::stdout().lock());
    let mut shown = 0u64;
    if args.json {
        for_each(lists, query, |listed| {
            output.write_all(if shown == 0 { b"[\n" } else { b",\n" })?;
            shown += 1;
            serde_json::to_writer(&mut output, &Row::new(listed, &owner(listed.entry.scope)))
                .map_err(io::Error::from)?;
            Ok(())
        })?;
        output.write_all(if shown == 0 { b"[]\n" } else { b"\n]\n" })?;
    } else {
        let mut rows = Vec::new();
        for_each(lists, query, |listed| {
            shown += 1;
            rows.push(cells(listed, &owner(listed.entry.scope)));
            // Long lists are written as they come; columns may then shift from one stretch to the next.
            if rows.len() >= 1000 {
                table::write(&mut output, HEADING, &rows)?;
                rows.clear();
            }
            Ok(())
        })?;
        if !rows.is_empty() {
            table::write(&mut output, HEADING, &rows)?;
        }
        if shown == 0 {
            writeln!(
                output,
                "{}",
                if args.find.is_some() { "Nothing found." } else { "The list is empty." }
            )?;
        }
    }
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Goes through all pages of a query.
pub(super) fn for_each(
    lists: &dyn Lists,
    mut query: Query,
    mut each: impl FnMut(&Listed) -> Result<(), CliError>,
) -> Result<(), CliError> {
    loop {
        let page = lists.entries(Actor::Admin, &query)?;
        page.entries.iter().try_for_each(&mut each)?;
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

const HEADING: [&str; 6] = ["ID", "", "KIND", "VALUE", "HITS", "ABOUT"];

fn cells(listed: &Listed, owner: &str) -> [String; 6] {
    let entry = &listed.entry;
    let kind = match entry.pattern.kind {
        PatternKind::Address => "address",
        PatternKind::Domain => "domain",
        PatternKind::Words => "words",
        PatternKind::Regex => "regex",
        PatternKind::AddressSha256 => "address-sha256",
    };
    let mut about = Vec::new();
    if !owner.is_empty() {
        about.push(format!("for {owner}"));
    }
    match entry.channels {
        Channels::All => {}
        Channels::Mail => about.push("only mail".to_owned()),
        Channels::Xmpp => about.push("only xmpp".to_owned()),
    }
    if entry.action == Action::Refuse {
        about.push("refuse".to_owned());
    }
    if !entry.enabled {
        about.push("off".to_owned());
    }
    if let Some(until) = entry.until {
        about.push(if until < today() { format!("expired {until}") } else { format!("until {until}") });
    }
    if let Some(last) = listed.last_hit {
        about.push(format!("last hit {last}"));
    }
    if !entry.note.is_empty() {
        about.push(printable(&entry.note));
    }
    [
        entry.id.to_string(),
        effect_in_words(entry).to_owned(),
        kind.to_owned(),
        printable(&entry.pattern.typed),
        listed.hits.to_string(),
        about.join(", "),
    ]
}

/// An entry as `list --json` shows it.
#[derive(serde::Serialize)]
struct Row<'a> {
    id: EntryId,
    kind: PatternKind,
    value: &'a str,
    effect: Effect,
    #[serde(rename = "for", skip_serializing_if = "str::is_empty")]
    member: &'a str,
    channels: Channels,
    action: Action,
    note: &'a str,
    source: Source,
    created: Date,
    until: Option<Date>,
    enabled: bool,
    hits: u64,
    last_hit: Option<Date>,
}

impl<'a> Row<'a> {
    fn new(listed: &'a Listed, owner: &'a str) -> Self {
        let entry = &listed.entry;
        Self {
            id: entry.id,
            kind: entry.pattern.kind,
            value: &entry.pattern.typed,
            effect: entry.effect,
            member: owner,
            channels: entry.channels,
            action: entry.action,
            note: &entry.note,
            source: entry.source,
            created: entry.created,
            until: entry.until,
            enabled: entry.enabled,
            hits: listed.hits,
            last_hit: listed.last_hit,
        }
    }
}
