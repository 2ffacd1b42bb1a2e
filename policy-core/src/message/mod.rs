//! Reading a mail message: its sender fields and the texts that a person would read in it.

use crate::candidate::{Candidate, Sender, Text};
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
        Self { text_bytes: 32 << 20, depth: 32, parts: 4096 }
    }
}

/// What was read of a message.
#[derive(Clone, Default)]
pub struct MessageParts {
    /// Everyone who claims to be its sender, the envelope aside.
    pub senders: Vec<Sender>,
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
        candidate.author = self.author;
        candidate.texts.extend(self.texts);
        candidate.cut_short |= self.cut_short;
    }
}

/// Reads a whole message (RFC 5322), header and body; line ends may be CRLF or LF. Never fails: what can't be
/// understood is read for whatever it may mean.
pub fn read(raw: &[u8], limits: &Limits) -> MessageParts {
    let _ = (raw, limits);
    MessageParts::default()
}

/// Every identity that an envelope sender (RFC 5321 section 4.1.2, `<...>` and parameters already removed) stands
/// for: itself, and what BATV or SRS wrapped in it. Empty for the null sender.
pub fn envelope_identities(address: &str) -> Vec<Identity> {
    Identity::parse_mail(address).into_iter().collect()
}
