//! Lists as files: plain lines, CSV and JSON, read one entry at a time and written back so that nothing is lost.

mod csv;
mod json;
mod lines;
mod quoted;
#[cfg(test)]
mod tests;
mod utf16;

use std::io::{self, BufRead, Write};
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entry::{Action, Channels, Effect, Entry, Scope, Source};
use crate::lists::{ImportItem, ListsError, NewEntry};
use crate::pattern::{PatternError, PatternKind, Remark, understand};
use crate::sentence::Sentence;

/// How long a line (or one JSON object) may be, in bytes.
const RECORD_BYTES: usize = 64 << 10;

/// How a list is written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One entry a line, `# ` begins a comment.
    Lines,
    /// Comma-separated values whose first line names the columns.
    Csv,
    /// An array of objects, or one object a line.
    Json,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "lines" => Ok(Self::Lines),
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => Err("the formats are lines, csv and json".to_owned()),
        }
    }
}

impl Format {
    /// The format that a file's name or, failing that, its first bytes suggest.
    pub fn guess(name: Option<&str>, begin: &[u8]) -> Self {
        let extension =
            name.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("json" | "jsonl" | "ndjson") => return Self::Json,
            Some("csv" | "tsv") => return Self::Csv,
            Some("txt" | "list") => return Self::Lines,
            _ => {}
        }
        let text = utf16::begin(begin);
        let mut visible = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
        match (visible.next(), visible.next()) {
            (Some(b'{'), _) | (Some(b'['), Some(b'{' | b'"' | b']') | None) => Self::Json,
            _ if csv::names_columns(text.lines().next().unwrap_or_default()) => Self::Csv,
            _ => Self::Lines,
        }
    }
}

/// One entry as a file has it. Everything but the value may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<PatternKind>,
    value: String,
    #[serde(default, deserialize_with = "or_null")]
    effect: Effect,
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "is_default")]
    only: Only,
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "is_default")]
    action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
    /// The last day, where it is known to be over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Date>,
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    enabled: bool,
    /// The writer knows that the value is a whole public suffix.
    #[serde(default, deserialize_with = "or_null", skip_serializing_if = "is_default")]
    confirmed: bool,
}

/// The channels, as `--only` names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Only {
    #[default]
    All,
    Mail,
    Xmpp,
}

/// Other programs write `null` for what they don't have.
fn or_null<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + Default>(input: D) -> Result<T, D::Error> {
    Option::deserialize(input).map(Option::unwrap_or_default)
}

fn yes() -> bool {
    true
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Record {
    fn into_entry(self, today: Date) -> Result<NewEntry, Sentence> {
        // An entry that never counts is a slip, unless it is said to be one that did: an export has those as well.
        if let Some(until) = self.until.filter(|until| *until < today) {
            return Err(Sentence::of("line-ended").with("until", until.to_string()));
        }
        let understood =
            understand(&self.value, self.kind, self.confirmed).map_err(|error| error.sentence())?;
        // Nobody looks at each line of a file, so what is doubtful must not pass for words.
        for remark in &understood.remarks {
            match remark {
                Remark::HoldsDomain { domain } => {
                    let allows = self
                        .value
                        .split_whitespace()
                        .next()
                        .is_some_and(|word| word.eq_ignore_ascii_case("allow"));
                    let id = if allows { "line-allows-domain" } else { "line-holds-domain" };
                    return Err(Sentence::of(id).with("domain", domain.as_str()));
                }
                Remark::NotAnAddress { host } => {
                    return Err(Sentence::of("line-not-an-address").with("host", host.as_str()));
                }
                _ => {}
            }
        }
        Ok(NewEntry {
            pattern: understood.pattern,
            effect: self.effect,
            scope: Scope::Household,
            channels: match self.only {
                Only::All => Channels::All,
                Only::Mail => Channels::Mail,
                Only::Xmpp => Channels::Xmpp,
            },
            action: self.action,
            note: self.note,
            source: Source::Import,
            until: self.until.or(self.ended),
            enabled: self.enabled,
        })
    }
}

impl Record {
    fn of(entry: &Entry, today: Date) -> Self {
        let (kind, value) = (entry.pattern.kind, &entry.pattern.typed);
        let needs_word =
            matches!(understand(value, Some(kind), false), Err(PatternError::WholeSuffix { .. }));
        Self {
            kind: Some(kind),
            value: value.clone(),
            effect: entry.effect,
            note: entry.note.clone(),
            only: match entry.channels {
                Channels::All => Only::All,
                Channels::Mail => Only::Mail,
                Channels::Xmpp => Only::Xmpp,
            },
            action: entry.action,
            until: entry.until.filter(|until| *until >= today),
            ended: entry.until.filter(|until| *until < today),
            enabled: entry.enabled,
            confirmed: needs_word,
        }
    }
}

/// What is said of other encodings.
fn not_utf8() -> Sentence {
    Sentence::of("line-encoding")
}

/// What is said of a line or an object that is longer than [`RECORD_BYTES`].
fn too_long() -> Sentence {
    Sentence::of("line-long").with("most", RECORD_BYTES as u64 >> 10)
}

/// An item of an import, or why nothing of the file can be trusted.
pub type Item = Result<ImportItem, ListsError>;

/// Reads a list, one entry at a time. A line that can't be understood is an item that says why; a file that breaks
/// off or isn't of this format ends with an error.
pub fn read<'r>(
    input: Box<dyn BufRead + 'r>,
    format: Format,
    today: Date,
) -> Box<dyn Iterator<Item = Item> + 'r> {
    let input = utf16::as_utf8(input);
    match format {
        Format::Lines => Box::new(lines::Lines::new(input, today)),
        Format::Csv => csv::read(input, today),
        Format::Json => Box::new(json::Objects::new(input, today)),
    }
}

/// Writes a list. Call [`Writer::finish`] at the end.
pub struct Writer<W: Write> {
    format: Format,
    today: Date,
    output: W,
    written: u64,
}

impl<W: Write> Writer<W> {
    /// A writer in this format.
    pub fn new(output: W, format: Format, today: Date) -> Self {
        Self { format, today, output, written: 0 }
    }

    /// Writes one entry.
    pub fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let record = Record::of(entry, self.today);
        match self.format {
            Format::Lines => lines::write(&mut self.output, &record)?,
            Format::Csv => csv::write(&mut self.output, &record, self.written == 0)?,
            Format::Json => json::write(&mut self.output, &record, self.written == 0)?,
        }
        self.written += 1;
        Ok(())
    }

    /// Writes what ends the file.
    pub fn finish(mut self) -> io::Result<()> {
        match self.format {
            Format::Json => json::end(&mut self.output, self.written == 0)?,
            Format::Csv if self.written == 0 => csv::header(&mut self.output)?,
            Format::Csv | Format::Lines => {}
        }
        self.output.flush()
    }
}

fn unreadable(error: &io::Error) -> ListsError {
    ListsError::Refused(Sentence::of("file-unreadable").with("error", error.to_string()))
}

/// What one bounded reading of a line found.
enum Line {
    Text(String),
    Bad(Sentence),
    End,
}

/// Reads a line without its end, at most [`RECORD_BYTES`] long; a longer one is read past and reported.
fn read_line(input: &mut dyn BufRead) -> io::Result<Line> {
    let mut bytes = Vec::new();
    let mut cut = false;
    loop {
        let buffer = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            filled => filled?,
        };
        if buffer.is_empty() {
            if bytes.is_empty() && !cut {
                return Ok(Line::End);
            }
            break;
        }
        let (taken, ended) = match buffer.iter().position(|&byte| byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffer.len(), false),
        };
        if bytes.len() + taken > RECORD_BYTES {
            cut = true;
        } else {
            bytes.extend(buffer.iter().take(taken));
        }
        input.consume(taken);
        if ended {
            break;
        }
    }
    if cut {
        return Ok(Line::Bad(too_long()));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Line::Text(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(_) => Line::Bad(not_utf8()),
    })
}
