//! Reading a mail message: its sender fields and the texts that a person would read in it.

mod address;
mod bidi;
mod calendar;
mod charset;
mod encoded_word;
mod enveloped;
mod header;
mod html;
mod kind;
mod legacy;
mod mime;
mod multipart;
mod parameters;
mod plain;
mod rich;
mod sender;
mod transfer;

use std::borrow::Cow;
use std::collections::HashSet;

use self::header::{Field, Header};
use self::mime::Walk;
pub use self::sender::Crowd;
use crate::candidate::{Candidate, Place, Sender, Text};
use crate::identity::Identity;

/// How much of a message is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of decoded text, all parts together.
    pub text_bytes: usize,
    /// How deeply parts and attached messages may nest.
    pub depth: usize,
    /// How many parts are read.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text_bytes: 32 << 20, depth: 32, parts: 1 << 20 }
    }
}

/// What was read of a message.
#[derive(Clone, Default)]
pub struct MessageParts {
    /// Everyone who claims to be its sender, the envelope aside.
    pub senders: Vec<Sender>,
    /// Where there are more of them than are kept one by one, all of them.
    pub crowds: Vec<Crowd>,
    /// The single address of the single From field.
    pub author: Option<Identity>,
    /// What a person would read.
    pub texts: Vec<Text>,
    /// A limit ended the reading early.
    pub cut_short: bool,
}

impl MessageParts {
    /// Puts what was read into a candidate.
    pub fn fill(self, candidate: &mut Candidate) {
        candidate.senders.extend(self.senders);
        candidate.crowds.extend(self.crowds);
        candidate.author = self.author;
        candidate.texts.extend(self.texts);
        candidate.cut_short |= self.cut_short;
    }
}

/// Reads a whole message (RFC 5322), header and body; line ends may be CRLF or LF. Never fails: what can't be
/// understood is read for whatever it may mean.
pub fn read(raw: &[u8], limits: &Limits) -> MessageParts {
    let mut parts = read_as_it_is(raw, limits);
    // Some readers drop NULs and take a lone CR for a line end.
    if let Cow::Owned(mended) = mended(raw) {
        let other = read_as_it_is(&mended, limits);
        let known: HashSet<_> = parts.senders.iter().map(|sender| (sender.role, &sender.identity)).collect();
        let is_new = |sender: &Sender| !known.contains(&(sender.role, &sender.identity));
        let news: Vec<Sender> = other.senders.into_iter().filter(is_new).collect();
        parts.senders.extend(news);
        parts.crowds.extend(other.crowds);
        if parts.author != other.author {
            parts.author = None;
        }
        let known: HashSet<_> = parts.texts.iter().map(|text| (text.place, text.shown.as_str())).collect();
        let is_new = |text: &Text| !known.contains(&(text.place, text.shown.as_str()));
        let news: Vec<Text> = other.texts.into_iter().filter(is_new).collect();
        parts.texts.extend(news);
        parts.cut_short |= other.cut_short;
    }
    parts
}

fn read_as_it_is(raw: &[u8], limits: &Limits) -> MessageParts {
    let header = Header::split(raw, true);
    let labels: Vec<String> = header
        .values("content-type")
        .iter()
        .flat_map(|value| parameters::Value::parse(value).all("charset"))
        .collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).take(2).collect();
    let mut walk = Walk::new(limits, raw.len());
    for field in header.all("subject").flat_map(Field::stretches) {
        for reading in encoded_word::readings(&field.unfolded(), &labels) {
            walk.add(Place::Subject, reading);
        }
    }
    let senders = sender::read(&header, &labels, &mut |name| walk.add(Place::DisplayName, name));
    walk.message(&header);
    MessageParts {
        senders: senders.found,
        crowds: senders.crowd.into_iter().collect(),
        author: senders.author,
        texts: walk.texts,
        cut_short: walk.cut_short,
    }
}

/// The message without NULs and with a line end for each lone CR; borrowed where it has neither.
fn mended(raw: &[u8]) -> Cow<'_, [u8]> {
    let lone = |at: usize| !matches!(raw.get(at + 1), Some(b'\n'));
    if memchr::memchr(0, raw).is_none() && !memchr::memchr_iter(b'\r', raw).any(lone) {
        return Cow::Borrowed(raw);
    }
    let bytes = raw.iter().enumerate().filter(|(_, b)| **b != 0);
    Cow::Owned(bytes.map(|(at, b)| if *b == b'\r' && lone(at) { b'\n' } else { *b }).collect())
}

/// Every identity that an envelope sender (RFC 5321 section 4.1.2, `<...>` and parameters already removed) stands
/// for: itself, and what BATV or SRS wrapped in it. Empty for the null sender.
pub fn envelope_identities(address: &str) -> Vec<Identity> {
    let mut found: Vec<Identity> = Vec::new();
    // A route in front (RFC 5321 appendix C) is no part of the address.
    for mailbox in address::list(&format!("<{address}>")) {
        for (local, domain) in mailbox.addresses {
            for identity in Identity::unwrapped(&local, &domain) {
                if !found.contains(&identity) {
                    found.push(identity);
                }
            }
        }
    }
    found
}
