//! Comma-separated values (RFC 4180); the first line names the columns.

use std::io::{self, BufRead, Write};

use ::csv::{ReaderBuilder, StringRecord, WriterBuilder};

use super::{Item, Only, Record, unreadable};
use crate::entry::{Action, Effect};
use crate::lists::{ImportItem, ListsError};
use crate::pattern::PatternKind;

const COLUMNS: [&str; 9] =
    ["kind", "value", "effect", "note", "only", "action", "until", "enabled", "confirmed"];

pub(super) fn read<'r>(input: Box<dyn BufRead + 'r>) -> Box<dyn Iterator<Item = Item> + 'r> {
    let mut records =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input).into_records();
    let mut columns: Option<Vec<String>> = None;
    Box::new(std::iter::from_fn(move || {
        loop {
            let record = match records.next()? {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, ::csv::Position::line);
                    let reason = match error.kind() {
                        ::csv::ErrorKind::Io(error) => return Some(Err(unreadable(error))),
                        ::csv::ErrorKind::Utf8 { .. } => "not UTF-8 text".to_owned(),
                        _ => format!("not readable as CSV: {error}"),
                    };
                    return Some(Ok(ImportItem { line, entry: Err(reason) }));
                }
            };
            let line = record.position().map_or(0, ::csv::Position::line);
            let Some(names) = &columns else {
                match header_of(&record) {
                    Header::Names(names) => {
                        columns = Some(names);
                        continue;
                    }
                    Header::ValuesOnly => columns = Some(vec!["value".to_owned()]),
                    Header::Unknown(reason) => {
                        let reason = format!("line {line}: {reason}; nothing was changed");
                        return Some(Err(ListsError::Refused(reason)));
                    }
                }
                return Some(Ok(ImportItem { line, entry: parse(&["value".to_owned()], &record) }));
            };
            if record.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            return Some(Ok(ImportItem { line, entry: parse(names, &record) }));
        }
    }))
}

enum Header {
    Names(Vec<String>),
    ValuesOnly,
    Unknown(String),
}

fn header_of(record: &StringRecord) -> Header {
    let names: Vec<String> =
        record.iter().map(|name| name.trim().trim_start_matches('\u{feff}').to_ascii_lowercase()).collect();
    if names.iter().any(|name| name == "value") {
        return match names.iter().find(|name| !COLUMNS.contains(&name.as_str())) {
            Some(unknown) => {
                Header::Unknown(format!("unknown column {unknown}: the columns are {}", COLUMNS.join(", ")))
            }
            None => Header::Names(names),
        };
    }
    if names.len() == 1 {
        return Header::ValuesOnly;
    }
    Header::Unknown(format!(
        "the first line must name the columns: {} (only value must be there)",
        COLUMNS.join(", ")
    ))
}

fn parse(names: &[String], fields: &StringRecord) -> Result<crate::lists::NewEntry, String> {
    if fields.len() > names.len() {
        return Err(format!(
            "{} fields, but {} columns: quote a value that holds commas",
            fields.len(),
            names.len()
        ));
    }
    let mut record = Record { enabled: true, ..Record::default() };
    for (name, field) in names.iter().zip(fields) {
        let field = field.trim();
        let bad = |choices: &str| format!("{name} is {field:?}: write {choices}");
        match name.as_str() {
            "value" => record.value = field.trim_start_matches('\u{feff}').to_owned(),
            "note" => record.note = field.to_owned(),
            _ if field.is_empty() => {}
            "kind" => {
                record.kind = Some(match field.to_ascii_lowercase().as_str() {
                    "address" => PatternKind::Address,
                    "domain" => PatternKind::Domain,
                    "words" => PatternKind::Words,
                    "regex" => PatternKind::Regex,
                    "address-sha256" => PatternKind::AddressSha256,
                    _ => return Err(bad("address, domain, words or regex")),
                });
            }
            "effect" => {
                record.effect = match field.to_ascii_lowercase().as_str() {
                    "block" => Effect::Block,
                    "allow" => Effect::Allow,
                    _ => return Err(bad("block or allow")),
                };
            }
            "only" => {
                record.only = match field.to_ascii_lowercase().as_str() {
                    "all" => Only::All,
                    "mail" => Only::Mail,
                    "xmpp" => Only::Xmpp,
                    _ => return Err(bad("mail or xmpp, or nothing for both")),
                };
            }
            "action" => {
                record.action = match field.to_ascii_lowercase().as_str() {
                    "drop" => Action::Drop,
                    "refuse" => Action::Refuse,
                    _ => return Err(bad("drop or refuse")),
                };
            }
            "until" => record.until = Some(field.parse().map_err(|_| bad("a date such as 2027-01-31"))?),
            "enabled" => record.enabled = yes_or_no(field).ok_or_else(|| bad("yes or no"))?,
            "confirmed" => record.confirmed = yes_or_no(field).ok_or_else(|| bad("yes or no"))?,
            _ => {}
        }
    }
    record.into_entry()
}

fn yes_or_no(field: &str) -> Option<bool> {
    match field.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

pub(super) fn header(output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "{}", COLUMNS.join(","))
}

pub(super) fn write(output: &mut impl Write, record: &Record, first: bool) -> io::Result<()> {
    if first {
        header(output)?;
    }
    let kind = record.kind.map(|kind| match kind {
        PatternKind::Address => "address",
        PatternKind::Domain => "domain",
        PatternKind::Words => "words",
        PatternKind::Regex => "regex",
        PatternKind::AddressSha256 => "address-sha256",
    });
    let only = match record.only {
        Only::All => "",
        Only::Mail => "mail",
        Only::Xmpp => "xmpp",
    };
    let effect = if record.effect == Effect::Allow { "allow" } else { "block" };
    let action = if record.action == Action::Refuse { "refuse" } else { "drop" };
    let until = record.until.map(|until| until.to_string()).unwrap_or_default();
    let word = |yes| if yes { "yes" } else { "no" };
    let mut writer = WriterBuilder::new().has_headers(false).from_writer(output);
    writer.write_record([
        kind.unwrap_or_default(),
        &record.value,
        effect,
        &record.note,
        only,
        action,
        &until,
        word(record.enabled),
        word(record.confirmed),
    ])?;
    writer.flush()
}
