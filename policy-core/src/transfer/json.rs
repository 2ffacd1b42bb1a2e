//! JSON: an array of objects (or of texts, which are values), or objects one after the other (one a line, usually). They are
//! cut out of the stream one by one, so that a list of any length needs no memory, and each is known by the line that it
//! begins on.

use std::io::{self, BufRead, Write};

use jiff::civil::Date;

use super::{Item, RECORD_BYTES, Record, too_long, unreadable};
use crate::lists::{ImportItem, ListsError};
use crate::sentence::Sentence;

/// An object's first line and its bytes, or why it wasn't kept.
type Cut = (u64, Result<Vec<u8>, Sentence>);

pub(super) struct Objects<'r> {
    input: Box<dyn BufRead + 'r>,
    line: u64,
    today: Date,
    ended: bool,
    place: Place,
    /// A comma stands between the last object of the array and what comes.
    separated: bool,
}

/// Where in the file the reader is. A list that breaks off must not pass for a short one.
#[derive(PartialEq, Eq)]
enum Place {
    Start,
    Lines,
    Array,
    AfterArray,
}

impl<'r> Objects<'r> {
    pub(super) fn new(input: Box<dyn BufRead + 'r>, today: Date) -> Self {
        Self { input, line: 1, today, ended: false, place: Place::Start, separated: true }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                filled => return Ok(filled?.first().copied()),
            }
        }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.input.consume(1);
            self.line += u64::from(byte == b'\n');
        }
        Ok(byte)
    }

    /// Cuts out the next object: balanced braces outside of strings (RFC 8259 sections 4 and 7).
    fn object(&mut self) -> Result<Option<Cut>, ListsError> {
        let mut object = Vec::new();
        let (mut depth, mut in_string, mut escaped, mut begin) = (0u32, false, false, self.line);
        let mut cut = false;
        while let Some(byte) = self.byte().map_err(|error| unreadable(&error))? {
            if depth == 0 && !in_string {
                match byte {
                    b'{' if self.may_begin_an_object() => begin = self.line,
                    b'"' | b'[' if self.place == Place::Array && self.separated => begin = self.line,
                    b'-' | b'0'..=b'9' | b't' | b'f' | b'n'
                        if self.place == Place::Array && self.separated =>
                    {
                        return self.bare().map(Some);
                    }
                    _ if byte.is_ascii_whitespace() || self.is_between_objects(byte) => continue,
                    _ => {
                        return Err(ListsError::Refused(Sentence::of("json-not").with("line", self.line)));
                    }
                }
            }
            if object.len() < RECORD_BYTES {
                object.push(byte);
            } else {
                cut = true;
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && !in_string {
                self.separated = false;
                return Ok(Some((begin, if cut { Err(too_long()) } else { Ok(object) })));
            }
        }
        Err(ListsError::Refused(match (depth + u32::from(in_string), &self.place) {
            (0, Place::Lines | Place::AfterArray) => return Ok(None),
            (0, Place::Start) => Sentence::of("json-empty"),
            (0, Place::Array) => Sentence::of("json-array-open"),
            _ => Sentence::of("json-object-open").with("line", begin),
        }))
    }

    /// Passes over a number, `true`, `false` or `null` (RFC 8259 section 3), which are no entries.
    fn bare(&mut self) -> Result<Cut, ListsError> {
        let line = self.line;
        self.separated = false;
        while let Some(byte) = self.peek().map_err(|error| unreadable(&error))? {
            if !(byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
                break;
            }
            self.input.consume(1);
        }
        Ok((line, Err(Sentence::of("json-element"))))
    }

    fn may_begin_an_object(&mut self) -> bool {
        match self.place {
            Place::Start => self.place = Place::Lines,
            Place::Lines => {}
            Place::Array if self.separated => {}
            Place::Array | Place::AfterArray => return false,
        }
        true
    }

    /// Takes a byte that may stand between objects: a byte order mark, the array's brackets and commas.
    fn is_between_objects(&mut self, byte: u8) -> bool {
        match (byte, &self.place) {
            (0xef | 0xbb | 0xbf, Place::Start) => {}
            (b'[', Place::Start) => self.place = Place::Array,
            (b',', Place::Array) if !self.separated => self.separated = true,
            (b']', Place::Array) => self.place = Place::AfterArray,
            _ => return false,
        }
        true
    }
}

impl Iterator for Objects<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.ended {
            return None;
        }
        let (line, object) = match self.object() {
            Ok(found) => found?,
            Err(error) => {
                self.ended = true;
                return Some(Err(error));
            }
        };
        let entry = object.and_then(|bytes| record(&bytes)).and_then(|record| record.into_entry(self.today));
        Some(Ok(ImportItem { line, entry }))
    }
}

/// Reads one object, or one value.
pub(super) fn record(bytes: &[u8]) -> Result<Record, Sentence> {
    match bytes.first() {
        Some(b'{') => serde_json::from_slice(bytes).map_err(|error| in_words(&error)),
        Some(b'"') => serde_json::from_slice(bytes)
            .map(|value| Record { value, enabled: true, ..Record::default() })
            .map_err(|error| in_words(&error)),
        _ => Err(Sentence::of("json-element")),
    }
}

/// serde's own words stand in a gap, without their place, which counts from the object's begin.
fn in_words(error: &serde_json::Error) -> Sentence {
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
    Sentence::of("json-object").with("error", words)
}

pub(super) fn write(output: &mut impl Write, record: &Record, first: bool) -> io::Result<()> {
    output.write_all(if first { b"[\n" } else { b",\n" })?;
    serde_json::to_writer(output, record).map_err(io::Error::from)
}

pub(super) fn end(output: &mut impl Write, empty: bool) -> io::Result<()> {
    output.write_all(if empty { b"[]\n" } else { b"\n]\n" })
}
