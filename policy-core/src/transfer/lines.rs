//! Plain lines: `VALUE`, or more precisely `[allow] [KIND:] VALUE [OPTION...]  # NOTE`.
//!
//! A value alone is what most people write. What a value alone can't say stands before it (`allow`, `words:`) or
//! after it in brackets (`[only mail, refuse, until 2027-01-31, off, confirmed]`).

use std::io::{self, BufRead, Write};

use super::{Item, Line, Only, Record, read_line, unreadable};
use crate::entry::{Action, Effect};
use crate::lists::ImportItem;
use crate::pattern::{PatternKind, understand};
use crate::sentence::Sentence;

const KINDS: [(&str, PatternKind); 4] = [
    ("address:", PatternKind::Address),
    ("domain:", PatternKind::Domain),
    ("words:", PatternKind::Words),
    ("regex:", PatternKind::Regex),
];

/// What separates an entry from its note.
const NOTE: &str = "  # ";

pub(super) struct Lines<'r> {
    input: Box<dyn BufRead + 'r>,
    line: u64,
}

impl<'r> Lines<'r> {
    pub(super) fn new(input: Box<dyn BufRead + 'r>) -> Self {
        Self { input, line: 0 }
    }
}

impl Iterator for Lines<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            self.line += 1;
            let entry = match read_line(&mut *self.input) {
                Err(error) => return Some(Err(unreadable(&error))),
                Ok(Line::End) => return None,
                Ok(Line::Bad(reason)) => Err(reason),
                Ok(Line::Text(text)) => {
                    let text = text.trim_start_matches('\u{feff}');
                    if text.trim().is_empty() || text.trim_start().starts_with('#') {
                        continue;
                    }
                    parse(text).and_then(Record::into_entry)
                }
            };
            return Some(Ok(ImportItem { line: self.line, entry }));
        }
    }
}

fn parse(line: &str) -> Result<Record, Sentence> {
    let mut record = Record { enabled: true, ..Record::default() };
    let mut rest = line.trim();
    if let Some((before, note)) = line.rsplit_once(NOTE) {
        record.note = note.trim().to_owned();
        rest = before.trim();
    }
    for (word, effect) in [("allow ", Effect::Allow), ("block ", Effect::Block)] {
        // "allow" alone may begin a phrase: it counts only where a kind follows.
        if let Some(after) = rest.strip_prefix(word)
            && KINDS.iter().any(|(kind, _)| after.trim_start().starts_with(kind))
        {
            record.effect = effect;
            rest = after.trim_start();
        }
    }
    for (word, kind) in KINDS {
        if let Some(value) = rest.strip_prefix(word) {
            record.kind = Some(kind);
            rest = value.trim();
            // Options are only looked for where a kind was given: `[...]` may be part of a plain value.
            if let Some((value, options)) = rest.strip_suffix(']').and_then(|rest| rest.rsplit_once(" [")) {
                options.split(',').try_for_each(|option| take_option(&mut record, option.trim()))?;
                rest = value.trim();
            }
            break;
        }
    }
    record.value = rest.to_owned();
    Ok(record)
}

fn take_option(record: &mut Record, option: &str) -> Result<(), Sentence> {
    match option.split_once(' ').unwrap_or((option, "")) {
        ("", "") => {}
        ("only", "mail") => record.only = Only::Mail,
        ("only", "xmpp") => record.only = Only::Xmpp,
        ("refuse", "") => record.action = Action::Refuse,
        ("off", "") => record.enabled = false,
        ("confirmed", "") => record.confirmed = true,
        ("until", date) => {
            record.until = Some(date.parse().map_err(|_| Sentence::of("option-until").with("until", date))?);
        }
        _ => return Err(Sentence::of("option-unknown").with("option", option)),
    }
    Ok(())
}

pub(super) fn write(output: &mut impl Write, record: &Record) -> io::Result<()> {
    let mut options = Vec::new();
    match record.only {
        Only::All => {}
        Only::Mail => options.push("only mail".to_owned()),
        Only::Xmpp => options.push("only xmpp".to_owned()),
    }
    if record.action == Action::Refuse {
        options.push("refuse".to_owned());
    }
    if let Some(until) = record.until {
        options.push(format!("until {until}"));
    }
    if !record.enabled {
        options.push("off".to_owned());
    }
    if record.confirmed {
        options.push("confirmed".to_owned());
    }
    let note = record.note.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = record.effect == Effect::Block
        && options.is_empty()
        && parse(&record.value).is_ok_and(|read| {
            read.kind.is_none()
                && read.value == record.value
                && understand(&read.value, None, false).is_ok_and(|one| Some(one.pattern.kind) == record.kind)
        })
        && !record.value.starts_with('#');
    if record.effect == Effect::Allow {
        output.write_all(b"allow ")?;
    }
    if !plain && let Some((word, _)) = KINDS.iter().find(|(_, kind)| Some(*kind) == record.kind) {
        write!(output, "{word} ")?;
    }
    output.write_all(record.value.as_bytes())?;
    // A value that ends like options gets empty ones, and one that holds what begins a note gets an empty note.
    if !options.is_empty() || (!plain && record.value.ends_with(']')) {
        write!(output, " [{}]", options.join(", "))?;
    }
    if !note.is_empty() || record.value.contains(NOTE.trim_end()) {
        write!(output, "{NOTE}{note}")?;
    }
    output.write_all(b"\n")
}
