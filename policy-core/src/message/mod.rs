//! Reading a mail message: its sender fields and the texts that a person would read in it.

mod address;
mod bidi;
mod binary;
mod calendar;
mod charset;
mod code_page;
mod collected;
mod decoded;
mod encoded_word;
mod enriched;
mod enveloped;
mod forwarded;
mod header;
mod html;
mod kind;
mod legacy;
mod mime;
mod mojibake;
mod multipart;
mod noise;
mod otherwise;
mod parameters;
mod plain;
mod rich;
mod seen;
mod sender;
mod texts;
mod tnef;
mod transfer;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use self::collected::Collected;
pub use self::forwarded::{Attached, Forwarded, forwarded};
use self::header::{Field, Header};
use self::mime::Walk;
pub use self::sender::Crowd;
pub use self::texts::Stretch;
use self::texts::Texts;
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

/// A message whose sender fields were read; its texts are read by whoever needs them, and not kept.
#[derive(Clone)]
pub struct Unread {
    raw: Arc<dyn AsRef<[u8]> + Send + Sync>,
    said: Said,
}

/// What was met in a header while its senders were read, and is wanted for the texts.
#[derive(Clone, Default)]
struct Said {
    /// The charsets that raw bytes may be in.
    labels: Vec<String>,
    /// The display names, as long as they are few: no header of a person's has more.
    names: Vec<String>,
    size: usize,
    /// The message has nothing to be mended.
    sound: bool,
}

impl Said {
    const MOST: usize = 16 << 10;

    /// The display names, if all were kept.
    fn names(&self) -> Option<&[String]> {
        (self.size <= Self::MOST).then_some(self.names.as_slice())
    }
}

impl Unread {
    /// Puts into a candidate who claims to have sent this message, and the message itself for its texts.
    pub fn fill(raw: Arc<dyn AsRef<[u8]> + Send + Sync>, candidate: &mut Candidate) {
        let mut said = Said::default();
        senders_and_said((*raw).as_ref(), &mut said).fill(candidate);
        candidate.unread = Some(Self { raw, said });
    }

    /// Hands over the message's texts, one at a time.
    pub fn texts(&self, take: &mut dyn FnMut(Stretch<'_>)) {
        texts_of((*self.raw).as_ref(), Some(&self.said), &Limits::default(), take);
    }
}

impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unread")
    }
}

/// Reads a whole message (RFC 5322), header and body; line ends may be CRLF or LF. Never fails: what can't be
/// understood is read for whatever it may mean. All of its texts are kept: to judge a message, [`Unread`] takes less
/// memory.
pub fn read(raw: &[u8], limits: &Limits) -> MessageParts {
    let mut collected = Collected::default();
    let cut_short = texts(raw, limits, &mut |stretch| collected.take(stretch));
    MessageParts { texts: collected.texts, cut_short, ..senders(raw) }
}

/// Reads who claims to have sent the message, and nothing else.
pub fn senders(raw: &[u8]) -> MessageParts {
    senders_and_said(raw, &mut Said::default())
}

fn senders_and_said(raw: &[u8], said: &mut Said) -> MessageParts {
    let mut parts = senders_as_it_is(raw, said);
    // Some readers drop NULs and take a lone CR for a line end.
    if let Cow::Owned(mended) = mended(raw) {
        let other = senders_as_it_is(&mended, &mut Said::default());
        let known: HashSet<_> = parts.senders.iter().map(|sender| (sender.role, &sender.identity)).collect();
        let is_new = |sender: &Sender| !known.contains(&(sender.role, &sender.identity));
        let news: Vec<Sender> = other.senders.into_iter().filter(is_new).collect();
        parts.senders.extend(news);
        parts.crowds.extend(other.crowds);
        if parts.author != other.author {
            parts.author = None;
        }
    } else {
        said.sound = true;
    }
    parts
}

/// Hands over the texts of a message, in every interpretation that a mail reader may take, one at a time; returns
/// whether a limit ended the reading early.
pub fn texts(raw: &[u8], limits: &Limits, take: &mut dyn FnMut(Stretch<'_>)) -> bool {
    texts_of(raw, None, limits, take)
}

fn texts_of(raw: &[u8], said: Option<&Said>, limits: &Limits, take: &mut dyn FnMut(Stretch<'_>)) -> bool {
    let mut texts = Texts::new(limits, raw.len(), take);
    texts_as_it_is(raw, said, limits, &mut texts);
    if !said.is_some_and(|said| said.sound)
        && let Cow::Owned(mended) = mended(raw)
    {
        texts = texts.with_more(mended.len());
        texts_as_it_is(&mended, None, limits, &mut texts);
    }
    texts.cut_short
}

fn senders_as_it_is(raw: &[u8], said: &mut Said) -> MessageParts {
    let header = Header::split(raw, true);
    let Said { labels, names, size, .. } = said;
    *labels = self::labels(&header);
    let senders = sender::read(&header, labels, &mut |name| {
        *size = size.saturating_add(name.len() + size_of::<String>());
        if *size <= Said::MOST {
            names.push(name);
        }
    });
    MessageParts {
        senders: senders.found,
        crowds: senders.crowd.into_iter().collect(),
        author: senders.author,
        ..MessageParts::default()
    }
}

fn texts_as_it_is(raw: &[u8], said: Option<&Said>, limits: &Limits, texts: &mut Texts<'_>) {
    let header = Header::split(raw, true);
    let labels = said.map_or_else(|| labels(&header).into(), |said| Cow::Borrowed(said.labels.as_slice()));
    for field in header.all("subject").flat_map(Field::stretches) {
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        for reading in encoded_word::readings(&field.unfolded(), &labels) {
            texts.add(Place::Subject, &reading);
        }
    }
    match said.and_then(Said::names) {
        Some(names) => names.iter().for_each(|name| texts.add(Place::DisplayName, name)),
        None => sender::names(&header, &labels, &mut |name| texts.add(Place::DisplayName, &name)),
    }
    Walk::new(limits, texts).message(&header);
}

/// The charsets that raw bytes in the header may be in.
fn labels(header: &Header<'_>) -> Vec<String> {
    let values = header.values("content-type");
    values.iter().flat_map(|value| parameters::Value::parse(value).all("charset")).take(2).collect()
}

/// The message without NULs and with a line end for each lone CR; borrowed where it has neither.
fn mended(raw: &[u8]) -> Cow<'_, [u8]> {
    let lone = |at: usize| !matches!(raw.get(at + 1), Some(b'\n'));
    if is_sound(raw) {
        return Cow::Borrowed(raw);
    }
    let bytes = raw.iter().enumerate().filter(|(_, b)| **b != 0);
    Cow::Owned(bytes.map(|(at, b)| if *b == b'\r' && lone(at) { b'\n' } else { *b }).collect())
}

/// Whether there is neither a NUL nor a lone CR. In blocks, each of which is gone through without a branch.
fn is_sound(raw: &[u8]) -> bool {
    const BLOCK: usize = 256;
    let behind = raw.get(1..).unwrap_or_default();
    let sound = |(block, behind): (&[u8], &[u8])| {
        !block.iter().zip(behind).fold(false, |any, (one, next)| any | ((*one == b'\r') & (*next != b'\n')))
    };
    memchr::memchr(0, raw).is_none()
        && raw.last() != Some(&b'\r')
        && raw.chunks(BLOCK).zip(behind.chunks(BLOCK)).all(sound)
}

/// Whether these bytes may be text in some charset.
fn looks_like_text(bytes: &[u8]) -> bool {
    let sample = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let odd = sample.iter().filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31)).count();
    odd * 50 <= sample.len()
}

/// What most readers show of `html`.
#[must_use]
pub fn html_as_shown(html: &str) -> String {
    html::text(html, Limits::default().text_bytes)
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

#[cfg(test)]
mod tests {
    use super::is_sound;

    #[test]
    fn what_is_to_be_mended_is_seen_wherever_it_stands() {
        assert!(is_sound(b"") && is_sound(b"\r\n") && is_sound("a line\r\n".repeat(100).as_bytes()));
        for odd in ["\0", "\r", "\r\r\n"] {
            for before in 0..600 {
                let raw = "x".repeat(before) + odd;
                assert!(
                    !is_sound(raw.as_bytes()) && !is_sound((raw + "y").as_bytes()),
                    "{odd:?} at {before}"
                );
            }
        }
    }
}
