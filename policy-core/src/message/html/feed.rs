//! Feeding the tokenizer piece by piece, so that no tag costs more than it should.
//!
//! html5ever compares each attribute with all before it in the tag, which is quadratic in their number. Tags are
//! therefore followed here, and one with too many attributes is closed early: what follows is then text.
//!
//! Most of HTML needs no tokenizer: plain text and simple tags go to the sink at once, where the tokenizer has nothing
//! begun that they would end.

use std::borrow::Cow;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tokenizer};

use super::Sink;
use super::simple;

/// More attributes than any honest tag has.
const ATTRIBUTES: usize = 512;

/// What begins text in SVG and MathML (HTML section 13.2.5.42); elsewhere it begins a comment.
const CDATA: &[u8] = b"<![CDATA[";

/// How much of it is held until its end is there.
const HELD: usize = 64 << 10;

/// Feeds a tokenizer.
pub(super) struct Feeder<'t> {
    tokenizer: &'t Tokenizer<Sink>,
    queue: BufferQueue,
    place: Place,
    /// The end of the last piece, where too little of it is there to tell what it begins.
    held: String,
    /// Nothing was taken in yet.
    begins: bool,
    /// The tokenizer is in its first state, the data state, and has nothing begun.
    idle: bool,
    /// Styles ask for attributes that mean nothing else.
    others: bool,
    /// How much markup it had seen when it last began something.
    seen: usize,
}

/// Where in the markup the next byte stands.
#[derive(Clone, Copy)]
enum Place {
    Text,
    Tag(Tag),
    /// In what ends with the next `>`.
    Through,
    /// In a comment, doctype or processing instruction, which ends when the tokenizer has seen more markup than before.
    Declaration(usize),
}

/// A tag that is being read.
#[derive(Clone, Copy)]
struct Tag {
    state: InTag,
    attributes: usize,
}

/// The states of HTML sections 13.2.5.8 and 13.2.5.32 to 39.
#[derive(Clone, Copy)]
enum InTag {
    /// Behind `<`, or `</`: a letter follows.
    Open,
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Unquoted,
    Quoted(u8),
}

impl<'t> Feeder<'t> {
    pub(super) fn new(tokenizer: &'t Tokenizer<Sink>) -> Self {
        Self {
            tokenizer,
            queue: BufferQueue::default(),
            place: Place::Text,
            held: String::new(),
            begins: true,
            idle: true,
            others: tokenizer.sink.asks_others(),
            seen: 0,
        }
    }

    /// Takes in the next piece; returns whether more is wanted.
    pub(super) fn push(&mut self, piece: &str) -> bool {
        if self.held.is_empty() {
            self.follow(piece, false);
        } else {
            let mut held = std::mem::take(&mut self.held);
            held.push_str(piece);
            self.follow(&held, false);
        }
        !self.tokenizer.sink.full()
    }

    /// There is no more.
    pub(super) fn finish(mut self) {
        let held = std::mem::take(&mut self.held);
        self.follow(&held, true);
        self.tokenizer.end();
    }

    fn follow(&mut self, piece: &str, last: bool) {
        // The mark that tells the order of bytes is no text.
        let piece = if self.begins { piece.strip_prefix('\u{feff}').unwrap_or(piece) } else { piece };
        self.begins &= piece.is_empty();
        let source = StrTendril::from(piece);
        let bytes = piece.as_bytes();
        let rest = |at: usize| bytes.get(at..).unwrap_or_default();
        // What the tokenizer has, and how far it was looked at.
        let (mut fed, mut at) = (0, 0);
        while at < bytes.len() && !self.tokenizer.sink.full() {
            match self.place {
                Place::Text => {
                    if !self.idle {
                        self.feed(&source, &mut fed, at);
                        let sink = &self.tokenizer.sink;
                        self.idle = sink.markup_seen() != self.seen && !sink.in_raw();
                    }
                    let Some(text) = memchr::memchr(b'<', rest(at)) else { break };
                    at += text;
                    let ahead = rest(at);
                    self.text(&source, &mut fed, at);
                    if self.idle
                        && let Some(length) = simple::comment(piece.get(at..).unwrap_or_default())
                    {
                        self.tokenizer.sink.comment("");
                        at += length;
                        fed = at;
                        continue;
                    }
                    if self.idle && ahead.starts_with(CDATA) && self.tokenizer.sink.in_foreign() {
                        let inside = piece.get(at + CDATA.len()..).unwrap_or_default();
                        if let Some((text, _)) = inside.split_once("]]>") {
                            self.tokenizer.sink.text(text);
                            at += CDATA.len() + text.len() + 3;
                            fed = at;
                            continue;
                        }
                        if !last && inside.len() < HELD {
                            self.held.push_str(piece.get(at..).unwrap_or_default());
                            return;
                        }
                    }
                    if self.idle
                        && let Some((tag, length)) =
                            simple::tag(piece.get(at..).unwrap_or_default(), self.others)
                    {
                        // Of such tags it only wants to go on.
                        let _ = self.tokenizer.sink.tag(&tag);
                        at += length;
                        fed = at;
                        continue;
                    }
                    let short = if ahead.starts_with(b"<![") { CDATA.len() } else { 3 };
                    if ahead.len() < short && !last {
                        self.feed(&source, &mut fed, at);
                        self.held.push_str(piece.get(at..).unwrap_or_default());
                        return;
                    }
                    self.place = match (ahead.get(1), ahead.get(2)) {
                        (Some(b'/'), Some(b'a'..=b'z' | b'A'..=b'Z')) => Place::Tag(Tag::OPEN),
                        (Some(b'/'), Some(b'>')) => Place::Through,
                        (Some(b'a'..=b'z' | b'A'..=b'Z' | b'!' | b'?' | b'/'), _) => {
                            // The tags before it tell whether it is one.
                            self.feed(&source, &mut fed, at);
                            match ahead.get(1) {
                                _ if self.tokenizer.sink.in_raw() => Place::Text,
                                Some(b'!' | b'?' | b'/') => {
                                    Place::Declaration(self.tokenizer.sink.markup_seen())
                                }
                                _ => Place::Tag(Tag::OPEN),
                            }
                        }
                        _ => Place::Text,
                    };
                    if !matches!(self.place, Place::Text) {
                        self.begin_markup();
                    }
                    at += 1;
                }
                Place::Tag(mut tag) => match tag.read(rest(at)) {
                    Read::Midst => {
                        self.place = Place::Tag(tag);
                        break;
                    }
                    Read::End(length) => {
                        at += length;
                        self.place = Place::Text;
                    }
                    Read::TooMany(length) => {
                        at += length;
                        self.feed(&source, &mut fed, at);
                        self.push_tendril(StrTendril::from_char('>'));
                        self.place = Place::Text;
                    }
                },
                Place::Through | Place::Declaration(_) => {
                    let Some(length) = memchr::memchr(b'>', rest(at)) else { break };
                    at += length + 1;
                    let ended = match self.place {
                        Place::Declaration(before) => {
                            self.feed(&source, &mut fed, at);
                            self.tokenizer.sink.markup_seen() != before
                        }
                        _ => true,
                    };
                    if ended {
                        self.place = Place::Text;
                    }
                }
            }
        }
        self.text(&source, &mut fed, bytes.len());
    }

    /// What comes next goes to the tokenizer until it has seen more markup.
    fn begin_markup(&mut self) {
        self.idle = false;
        self.seen = self.tokenizer.sink.markup_seen();
    }

    /// Takes in what is text where the tokenizer has nothing begun.
    fn text(&mut self, source: &StrTendril, fed: &mut usize, end: usize) {
        if !self.idle {
            return self.feed(source, fed, end);
        }
        let text = source.get(*fed..end).unwrap_or_default();
        if text.is_empty() {
            return;
        }
        let simple =
            if simple::is_text(text) { Some(text.into()) } else { simple::decoded(text).map(Cow::Owned) };
        if let Some(text) = simple {
            self.tokenizer.sink.text(&text);
            *fed = end;
            return;
        }
        let ends = simple::ends(text);
        self.feed(source, fed, end);
        if !ends {
            self.begin_markup();
        }
    }

    fn feed(&mut self, source: &StrTendril, fed: &mut usize, end: usize) {
        let piece = subtendril(source, *fed, end);
        *fed = end;
        if let Some(piece) = piece {
            self.push_tendril(piece);
        }
    }

    fn push_tendril(&mut self, piece: StrTendril) {
        if piece.is_empty() {
            return;
        }
        self.queue.push_back(piece);
        // It could only ask for a script to be run, and the sink never does.
        let _ = self.tokenizer.feed(&self.queue);
    }
}

fn subtendril(source: &StrTendril, start: usize, end: usize) -> Option<StrTendril> {
    let (offset, length) = (u32::try_from(start).ok()?, u32::try_from(end.checked_sub(start)?).ok()?);
    source.try_subtendril(offset, length).ok()
}

/// How far a tag was read.
enum Read {
    /// To the end of what is there.
    Midst,
    /// It ends behind so many bytes.
    End(usize),
    /// Behind so many bytes there are more attributes than are read.
    TooMany(usize),
}

impl Tag {
    const OPEN: Self = Self { state: InTag::Open, attributes: 0 };

    fn read(&mut self, bytes: &[u8]) -> Read {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c);
            self.state = match (self.state, byte) {
                // The slash of an end tag.
                (InTag::Open, _) => InTag::TagName,
                (InTag::Quoted(quote), _) => {
                    match memchr::memchr(quote, bytes.get(at..).unwrap_or_default()) {
                        Some(length) => at += length,
                        None => return Read::Midst,
                    }
                    InTag::BeforeName
                }
                (_, b'>') => return Read::End(at + 1),
                (InTag::TagName | InTag::Name | InTag::AfterName | InTag::BeforeName, b'/') => {
                    InTag::BeforeName
                }
                (InTag::TagName | InTag::BeforeName | InTag::Unquoted, _) if blank => InTag::BeforeName,
                (InTag::Name | InTag::AfterName, _) if blank => InTag::AfterName,
                (InTag::Name | InTag::AfterName, b'=') => InTag::BeforeValue,
                (InTag::BeforeValue, _) if blank => InTag::BeforeValue,
                (InTag::BeforeValue, b'"' | b'\'') => InTag::Quoted(*byte),
                (InTag::BeforeValue | InTag::Unquoted, _) => InTag::Unquoted,
                (InTag::BeforeName | InTag::AfterName, _) => {
                    self.attributes += 1;
                    if self.attributes > ATTRIBUTES {
                        return Read::TooMany(at);
                    }
                    InTag::Name
                }
                (InTag::TagName | InTag::Name, _) => self.state,
            };
            at += 1;
        }
        Read::Midst
    }
}
