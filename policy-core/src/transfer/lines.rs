//! Plain lines: `VALUE`, or more precisely `[allow] [KIND:] VALUE [OPTION...]  # NOTE`.
//!
//! A value alone is what most people write. What a value alone can't say stands before it (`allow`, `words:`) or
//! after it in brackets (`[only mail, refuse, until 2027-01-31, off, confirmed]`; `ended` for `until` where that day is over).
//! What no line can say, such as words of two lines, stands in it as JSON: `json: {…}`.

use std::io::{self, BufRead, Write};

use jiff::civil::Date;

use super::{Item, Line, Only, Record, json, read_line, unreadable};
use crate::entry::{Action, Effect};
use crate::lists::ImportItem;
use crate::pattern::{PatternKind, kind_said};
use crate::sentence::Sentence;

/// What stands before an entry in JSON.
const JSON: &str = "json:";

/// What separates an entry from its note.
const NOTE: &str = "  # ";

pub(super) struct Lines<'r> {
    input: Box<dyn BufRead + 'r>,
    line: u64,
    today: Date,
}

impl<'r> Lines<'r> {
    pub(super) fn new(input: Box<dyn BufRead + 'r>, today: Date) -> Self {
        Self { input, line: 0, today }
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
                    parse(text).and_then(|record| record.into_entry(self.today))
                }
            };
            return Some(Ok(ImportItem { line: self.line, entry }));
        }
    }
}

fn parse(line: &str) -> Result<Record, Sentence> {
    let mut record = Record { enabled: true, ..Record::default() };
    let mut rest = line.trim();
    if let Some(object) = rest.strip_prefix(JSON).filter(|object| object.trim_start().starts_with('{')) {
        return json::record(object.trim().as_bytes());
    }
    if let Some((before, note)) = line.rsplit_once(NOTE) {
        record.note = note.trim().to_owned();
        rest = before.trim();
    }
    for (word, effect) in [("allow ", Effect::Allow), ("block ", Effect::Block)] {
        // "allow" alone may begin a phrase: it counts only where a kind follows.
        if let Some(after) = rest.strip_prefix(word)
            && kind_said(after).0.is_some()
        {
            record.effect = effect;
            rest = after.trim_start();
        }
    }
    if let (Some(kind), value) = kind_said(rest) {
        record.kind = Some(kind);
        rest = value.trim();
        // Options are only looked for where a kind was given: `[...]` may be part of a plain value.
        if let Some((value, options)) = rest.strip_suffix(']').and_then(|rest| rest.rsplit_once(" [")) {
            options.split(',').try_for_each(|option| take_option(&mut record, option.trim()))?;
            rest = value.trim();
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
        (word @ ("until" | "ended"), date) => {
            let day = date.parse().map_err(|_| Sentence::of("option-until").with("until", date))?;
            *if word == "until" { &mut record.until } else { &mut record.ended } = Some(day);
        }
        _ => return Err(Sentence::of("option-unknown").with("option", option)),
    }
    Ok(())
}

pub(super) fn write(output: &mut impl Write, record: &Record) -> io::Result<()> {
    let line = in_words(record);
    let said = |read: &Record| Record { kind: read.kind.or(record.kind), ..read.clone() } == *record;
    if !line.contains(['\n', '\r', '\u{feff}']) && parse(&line).is_ok_and(|read| said(&read)) {
        return writeln!(output, "{line}");
    }
    write!(output, "{JSON} ")?;
    serde_json::to_writer(&mut *output, record).map_err(io::Error::from)?;
    output.write_all(b"\n")
}

/// The line that a person would write.
fn in_words(record: &Record) -> String {
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
    if let Some(ended) = record.ended {
        options.push(format!("ended {ended}"));
    }
    if !record.enabled {
        options.push("off".to_owned());
    }
    if record.confirmed {
        options.push("confirmed".to_owned());
    }
    let plain = record.effect == Effect::Block
        && options.is_empty()
        && !record.value.starts_with('#')
        && parse(&record.value).is_ok_and(|read| {
            read.kind.is_none()
                && read.value == record.value
                && read.into_entry(Date::MIN).is_ok_and(|entry| Some(entry.pattern.kind) == record.kind)
        });
    let mut line = String::new();
    if record.effect == Effect::Allow {
        line.push_str("allow ");
    }
    if !plain && let Some(word) = record.kind.and_then(PatternKind::word) {
        line.push_str(word);
        line.push_str(": ");
    }
    line.push_str(&record.value);
    // A value that ends like options gets empty ones, and one that holds what begins a note gets an empty note.
    if !options.is_empty() || (!plain && record.value.ends_with(']')) {
        line.push_str(&format!(" [{}]", options.join(", ")));
    }
    if !record.note.is_empty() || record.value.contains(NOTE.trim_end()) {
        line.push_str(NOTE);
        line.push_str(&record.note);
    }
    line
}
