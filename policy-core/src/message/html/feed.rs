//! Feeding the tokenizer so that no tag costs more than it should.
//!
//! html5ever compares each attribute with all before it in the tag, which is quadratic in their number. Tags are
//! therefore handed over one by one, and one with too many attributes is closed early: what follows is then text.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tokenizer};

use super::Sink;

/// More attributes than any honest tag has.
const ATTRIBUTES: usize = 512;

/// Runs the whole of `html` through the tokenizer.
pub(super) fn run(html: &str, tokenizer: &Tokenizer<Sink>) {
    let source = StrTendril::from(html);
    let bytes = html.as_bytes();
    let mut feeder = Feeder { source, tokenizer, queue: BufferQueue::default() };
    let mut at = 0;
    while at < bytes.len() && !feeder.tokenizer.sink.full() {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(text) = memchr::memchr(b'<', rest) else {
            feeder.feed(at, bytes.len());
            break;
        };
        feeder.feed(at, at + text);
        at += text;
        let rest = bytes.get(at..).unwrap_or_default();
        at = match (rest.get(1), rest.get(2)) {
            (Some(b'a'..=b'z' | b'A'..=b'Z'), _) if !feeder.tokenizer.sink.in_raw() => feeder.tag(bytes, at),
            (Some(b'/'), Some(b'a'..=b'z' | b'A'..=b'Z')) => feeder.tag(bytes, at),
            (Some(b'/'), Some(b'>')) => feeder.through(bytes, at),
            (Some(b'!' | b'?' | b'/'), _) if !feeder.tokenizer.sink.in_raw() => feeder.declaration(bytes, at),
            _ => {
                feeder.feed(at, at + 1);
                at + 1
            }
        };
    }
    tokenizer.end();
}

struct Feeder<'a> {
    source: StrTendril,
    tokenizer: &'a Tokenizer<Sink>,
    queue: BufferQueue,
}

impl Feeder<'_> {
    fn feed(&mut self, begin: usize, end: usize) {
        let (Ok(offset), Ok(length)) = (u32::try_from(begin), u32::try_from(end.saturating_sub(begin)))
        else {
            return;
        };
        if let Ok(piece) = self.source.try_subtendril(offset, length) {
            self.push(piece);
        }
    }

    fn push(&mut self, piece: StrTendril) {
        if piece.is_empty() {
            return;
        }
        self.queue.push_back(piece);
        // It could only ask for a script to be run, and the sink never does.
        let _ = self.tokenizer.feed(&self.queue);
    }

    /// Feeds up to and with the next `>`; returns what follows it.
    fn through(&mut self, bytes: &[u8], begin: usize) -> usize {
        let rest = bytes.get(begin..).unwrap_or_default();
        let end = memchr::memchr(b'>', rest).map_or(bytes.len(), |at| begin + at + 1);
        self.feed(begin, end);
        end
    }

    /// Feeds a comment, doctype or processing instruction until the tokenizer says that it has ended.
    fn declaration(&mut self, bytes: &[u8], begin: usize) -> usize {
        let before = self.tokenizer.sink.markup_seen();
        let mut at = begin;
        while at < bytes.len() && self.tokenizer.sink.markup_seen() == before {
            at = self.through(bytes, at);
        }
        at
    }

    /// Feeds one tag.
    fn tag(&mut self, bytes: &[u8], begin: usize) -> usize {
        let (end, whole) = tag_end(bytes, begin);
        self.feed(begin, end);
        if !whole {
            self.push(StrTendril::from_char('>'));
        }
        end
    }
}

/// The states of HTML sections 13.2.5.8 and 13.2.5.32 to 39.
#[derive(Clone, Copy)]
enum InTag {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Unquoted,
}

/// Where the tag ends that begins at `begin`, and whether that is its own end.
fn tag_end(bytes: &[u8], begin: usize) -> (usize, bool) {
    let mut at = begin + 1;
    // The slash of an end tag.
    at += usize::from(bytes.get(at) == Some(&b'/'));
    let mut attributes = 0;
    let mut state = InTag::TagName;
    while let Some(byte) = bytes.get(at) {
        let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c);
        state = match (state, byte) {
            (_, b'>') => return (at + 1, true),
            (InTag::TagName | InTag::Name | InTag::AfterName | InTag::BeforeName, b'/') => InTag::BeforeName,
            (InTag::TagName | InTag::BeforeName | InTag::Unquoted, _) if blank => InTag::BeforeName,
            (InTag::Name | InTag::AfterName, _) if blank => InTag::AfterName,
            (InTag::Name | InTag::AfterName, b'=') => InTag::BeforeValue,
            (InTag::BeforeValue, _) if blank => InTag::BeforeValue,
            (InTag::BeforeValue, b'"' | b'\'') => {
                match memchr::memchr(*byte, bytes.get(at + 1..).unwrap_or_default()) {
                    Some(length) => at += length + 1,
                    None => return (bytes.len(), true),
                }
                InTag::BeforeName
            }
            (InTag::BeforeValue | InTag::Unquoted, _) => InTag::Unquoted,
            (InTag::BeforeName | InTag::AfterName, _) => {
                attributes += 1;
                if attributes > ATTRIBUTES {
                    return (at, false);
                }
                InTag::Name
            }
            (InTag::TagName | InTag::Name, _) => state,
        };
        at += 1;
    }
    (bytes.len(), true)
}
