//! Comma-separated values (RFC 4180); the first line names the columns. Spreadsheets write semicolons where the comma is
//! the decimal sign, and some write tabs.

use std::io::{self, BufRead, Cursor, Read, Write};

use ::csv::{ReaderBuilder, StringRecord, WriterBuilder};
use jiff::civil::Date;

use super::{Item, Only, RECORD_BYTES, Record, not_utf8, quoted, unreadable};
use crate::entry::{Action, Effect};
use crate::lists::{ImportItem, ListsError, NewEntry};
use crate::pattern::PatternKind;
use crate::sentence::Sentence;

const COLUMNS: [&str; 10] =
    ["kind", "value", "effect", "note", "only", "action", "until", "ended", "enabled", "confirmed"];

/// What separates a file's columns, if its first line names them.
fn separator(first_line: &str) -> Option<u8> {
    let is_value = |name: &str| column(name) == "value";
    [b',', b';', b'\t'].into_iter().find(|&sign| first_line.split(char::from(sign)).any(is_value))
}

/// Whether this is the first line of a table, and no entry.
pub(super) fn names_columns(line: &str) -> bool {
    separator(line).is_some_and(|sign| {
        let names: Vec<String> = line.split(char::from(sign)).map(column).collect();
        names.len() > 1 && names.iter().all(|name| COLUMNS.contains(&name.as_str()))
    })
}

/// A column's name, as it is compared.
fn column(name: &str) -> String {
    name.trim().trim_start_matches('\u{feff}').trim_matches('"').to_ascii_lowercase()
}

pub(super) fn read<'r>(mut input: Box<dyn BufRead + 'r>, today: Date) -> Box<dyn Iterator<Item = Item> + 'r> {
    let mut first_line = Vec::new();
    if let Err(error) = input.by_ref().take(RECORD_BYTES as u64).read_until(b'\n', &mut first_line) {
        return Box::new(std::iter::once(Err(unreadable(&error))));
    }
    let separator = separator(&String::from_utf8_lossy(&first_line)).unwrap_or(b',');
    let (table, taken_out) = quoted::Records::new(Cursor::new(first_line).chain(input), separator);
    let mut records = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(table)
        .into_records();
    let mut columns: Option<Vec<String>> = None;
    Box::new(std::iter::from_fn(move || {
        loop {
            let record = match records.next()? {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, ::csv::Position::line);
                    let reason = match error.kind() {
                        ::csv::ErrorKind::Io(error) => return Some(Err(unreadable(error))),
                        ::csv::ErrorKind::Utf8 { .. } => not_utf8(),
                        _ => Sentence::of("csv-unreadable").with("error", error.to_string()),
                    };
                    return Some(Ok(ImportItem { line, entry: Err(reason) }));
                }
            };
            let line = record.position().map_or(0, ::csv::Position::line);
            if record.iter().eq([quoted::IN_PLACE]) && taken_out.borrow().front() == Some(&line) {
                taken_out.borrow_mut().pop_front();
                return Some(Ok(ImportItem { line, entry: Err(Sentence::of("csv-quote-open")) }));
            }
            let Some(names) = &columns else {
                match header_of(&record) {
                    Header::Names(names) => {
                        columns = Some(names);
                        continue;
                    }
                    Header::ValuesOnly => columns = Some(vec!["value".to_owned()]),
                    Header::Unknown(reason) => {
                        return Some(Err(ListsError::Refused(reason.with("line", line))));
                    }
                }
                return Some(Ok(ImportItem { line, entry: parse(&["value".to_owned()], &record, today) }));
            };
            if record.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            return Some(Ok(ImportItem { line, entry: parse(names, &record, today) }));
        }
    }))
}

enum Header {
    Names(Vec<String>),
    ValuesOnly,
    Unknown(Sentence),
}

fn header_of(record: &StringRecord) -> Header {
    let names: Vec<String> = record.iter().map(column).collect();
    let columns = COLUMNS.join(", ");
    if names.iter().any(|name| name == "value") {
        return match names.iter().find(|name| !COLUMNS.contains(&name.as_str())) {
            Some(unknown) => Header::Unknown(
                Sentence::of("csv-unknown-column").with("column", unknown.as_str()).with("columns", columns),
            ),
            None => Header::Names(names),
        };
    }
    if names.len() == 1 {
        return Header::ValuesOnly;
    }
    Header::Unknown(Sentence::of("csv-no-columns").with("columns", columns))
}

fn parse(names: &[String], fields: &StringRecord, today: Date) -> Result<NewEntry, Sentence> {
    if fields.len() > names.len() {
        return Err(Sentence::of("csv-fields")
            .with("fields", fields.len() as u64)
            .with("columns", names.len() as u64));
    }
    let mut record = Record { enabled: true, ..Record::default() };
    for (name, field) in names.iter().zip(fields) {
        let field = field.trim();
        let bad = |id: &str| Sentence::of(id).with("field", field);
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
                    _ => return Err(bad("csv-kind")),
                });
            }
            "effect" => {
                record.effect = match field.to_ascii_lowercase().as_str() {
                    "block" => Effect::Block,
                    "allow" => Effect::Allow,
                    _ => return Err(bad("csv-effect")),
                };
            }
            "only" => {
                record.only = match field.to_ascii_lowercase().as_str() {
                    "all" => Only::All,
                    "mail" => Only::Mail,
                    "xmpp" => Only::Xmpp,
                    _ => return Err(bad("csv-only")),
                };
            }
            "action" => {
                record.action = match field.to_ascii_lowercase().as_str() {
                    "drop" => Action::Drop,
                    "refuse" => Action::Refuse,
                    _ => return Err(bad("csv-action")),
                };
            }
            "until" => record.until = Some(field.parse().map_err(|_| bad("csv-until"))?),
            "ended" => record.ended = Some(field.parse().map_err(|_| bad("csv-ended"))?),
            "enabled" => record.enabled = yes_or_no(field).ok_or_else(|| bad("csv-enabled"))?,
            "confirmed" => record.confirmed = yes_or_no(field).ok_or_else(|| bad("csv-confirmed"))?,
            _ => {}
        }
    }
    record.into_entry(today)
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
    let [until, ended] =
        [record.until, record.ended].map(|day| day.map(|day| day.to_string()).unwrap_or_default());
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
        &ended,
        word(record.enabled),
        word(record.confirmed),
    ])?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::super::{Format, read};
    use super::*;

    fn values(text: &str) -> Vec<Result<(String, String), String>> {
        let input = Box::new(Cursor::new(text.to_owned()));
        let items = read(input, Format::Csv, Date::constant(2026, 1, 1)).map(|item| match item {
            Ok(ImportItem { entry: Ok(new), .. }) => Ok((new.pattern.typed, new.note)),
            Ok(ImportItem { line, entry: Err(why) }) => Err(format!("{line}: {}", why.id)),
            Err(error) => Err(error.sentence().id),
        });
        items.collect()
    }

    #[test]
    fn a_table_is_read_with_the_separators_that_spreadsheets_write() {
        for sign in [",", ";", "\t"] {
            let table = "kind|value|note\r\naddress|mallory@example.org|\"since | May, or; so\"\r\nwords|a \"\" b|\r\n";
            let table = table.replace('|', sign);
            let note = format!("since {} May, or; so", if sign == "\t" { "\t" } else { sign });
            let read = values(&table);
            assert_eq!(read[0], Ok(("mallory@example.org".to_owned(), note)), "{sign:?}");
            assert!(read[1].is_ok(), "{sign:?}: {read:?}");
        }
        let quoted = "\u{feff}\"Value\";\"Note\"\n\"example.org\";\"a;b\"\nexample.net;c;d\n";
        let wrong = Err("3: csv-fields".to_owned());
        assert_eq!(values(quoted), [Ok(("example.org".to_owned(), "a;b".to_owned())), wrong]);
        // Words that hold the sign are no table.
        assert_eq!(values("hello; you\n"), [Ok(("hello; you".to_owned(), String::new()))]);
        assert_eq!(
            values("a;b\n1,2\n"),
            [Ok(("a;b".to_owned(), String::new())), Err("2: csv-fields".to_owned())]
        );
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_takes_no_other_entry_along() {
        let open = Err("3: csv-quote-open".to_owned());
        let ok = |value: &str| Ok((value.to_owned(), String::new()));
        let head = "kind,value,effect\naddress,a@b.example,block\n";
        let table = format!("{head}words,\"buy now,block\nwords,two,block\n\ndomain,c.example,block\n");
        assert_eq!(values(&table), [ok("a@b.example"), open.clone(), ok("two"), ok("c.example")]);
        let table = format!("{head}words,\"buy now,block\nwords,\"two\",block\ndomain,bad..,block\n");
        let wrong = Err("5: why-not-a-domain".to_owned());
        assert_eq!(values(&table), [ok("a@b.example"), open.clone(), ok("two"), wrong]);
        let table = format!("{head}words,\"buy {},block\nwords,two\n", "now ".repeat(40_000));
        assert_eq!(values(&table), [ok("a@b.example"), open, ok("two")]);
        let table = format!("{head}words,\"over\r\nlines, \"\"said\"\"\" ,block\nwords,5\" wide,block");
        assert_eq!(values(&table), [ok("a@b.example"), ok("over\r\nlines, \"said\""), ok("5\" wide")]);
    }

    #[test]
    fn a_table_that_is_pasted_is_known_by_its_first_line() {
        let utf16: Vec<u8> = "\u{feff}value;note\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for table in [&b"kind,value,effect\naddress,x@example.org,block\n"[..], b"value;note\r\n", &utf16] {
            assert_eq!(Format::guess(None, table), Format::Csv);
        }
        for lines in
            ["value\n", "what a value, she said\n", "good value; note this\n", "mallory@example.org\n"]
        {
            assert_eq!(Format::guess(None, lines.as_bytes()), Format::Lines, "{lines}");
        }
    }
}
