//! Candidates: one message or stanza made ready to be judged.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::entry::Channel;
use crate::identity::Identity;
use crate::message::{Crowd, Unread};

/// One message or stanza made ready to be judged: normalised once, whatever the length of the lists.
///
/// Its `Debug` form shows sizes only: correspondence must not reach a log.
#[derive(Clone)]
pub struct Candidate {
    /// Where it came in.
    pub channel: Channel,
    /// Everyone who claims to be its sender.
    pub senders: Vec<Sender>,
    /// All senders of a message that names more than are kept one by one.
    pub crowds: Vec<Crowd>,
    /// The one author that allow entries are compared with: the single address of the single From field on mail, the
    /// `from` of a stanza. `None` where there are none or several.
    pub author: Option<Identity>,
    /// To whom it is addressed, in the door's order; verdicts come back in the same order.
    pub recipients: Vec<Recipient>,
    /// What a person would read in it.
    pub texts: Vec<Text>,
    /// A message whose texts are read only if somebody lists words; they come beside `texts`.
    pub unread: Option<Unread>,
    /// Whether a housemate sent it with their own login: the household's entries don't apply then.
    pub authenticated: bool,
    /// The login that it was sent with, as the server names it: its member is behind the message, whoever it says.
    pub login: Option<String>,
    /// What is known about the sender's proof; only matters to allow entries on mail.
    pub proof: Proof,
    /// Something was too large or too deep to be read to its end: it is judged by what was seen.
    pub cut_short: bool,
}

impl Candidate {
    /// An empty candidate of this channel, to be filled by a door.
    pub fn new(channel: Channel) -> Self {
        Self {
            channel,
            senders: Vec::new(),
            crowds: Vec::new(),
            author: None,
            recipients: Vec::new(),
            texts: Vec::new(),
            unread: None,
            authenticated: false,
            login: None,
            proof: match channel {
                Channel::Mail => Proof::NotAsked,
                Channel::Xmpp => Proof::ByServer,
            },
            cut_short: false,
        }
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("channel", &self.channel)
            .field("senders", &self.senders.len())
            .field("recipients", &self.recipients.len())
            .field("texts", &self.texts.len())
            .finish_non_exhaustive()
    }
}

/// One identity that a message claims for its sender, and where the claim stands.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sender {
    /// Where it was found.
    pub role: SenderRole,
    /// Who it says it is.
    pub identity: Identity,
}

/// Where a sender's identity was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SenderRole {
    /// The SMTP envelope (RFC 5321 `MAIL FROM`).
    Envelope,
    /// The From field (RFC 5322 section 3.6.2).
    From,
    /// The Sender field.
    Sender,
    /// The Reply-To field.
    ReplyTo,
    /// A Resent-From field (RFC 5322 section 3.6.6).
    ResentFrom,
    /// A Resent-Sender field.
    ResentSender,
    /// A Return-Path field.
    ReturnPath,
    /// An address written into a display name, to be read by a person.
    DisplayName,
    /// The login of an authenticated housemate.
    Login,
    /// The `from` of a stanza.
    Stanza,
    /// The real JID behind a room occupant's nick.
    Occupant,
    /// The real JID behind an occupant's nick in a room elsewhere, as that room says.
    OccupantElsewhere,
    /// Who invites into a room (XEP-0045 mediated, XEP-0249 direct).
    Inviter,
    /// The sender of a stanza that was forwarded inside (XEP-0297).
    Forwarded,
}

/// One recipient of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address or JID, normalised like a sender's.
    pub identity: Identity,
    /// What becomes of a message to it.
    pub delivery: Delivery,
}

/// What becomes of a message that a recipient is to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is kept for whoever has the address.
    ToAddress,
    /// It goes into the mailbox of the system's account that the local part names, whatever the domain (Postfix's
    /// local(8)).
    ToAccount,
    /// It goes out again to somebody elsewhere, and isn't ours to judge.
    Elsewhere,
}

/// A stretch of text that a person would read, and where it stands.
///
/// `shown` is what the person sees: transfer decoding, charset and markup undone, nothing folded. A line break is
/// a blank like any other; U+2029 PARAGRAPH SEPARATOR is a boundary that no phrase reaches over.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// Where it was found.
    pub place: Place,
    /// The text.
    pub shown: String,
}

/// Where a text was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The subject line.
    Subject,
    /// A display name beside an address, or a room nick.
    DisplayName,
    /// The message's text.
    Body,
    /// The message's text in HTML, as it is displayed.
    Html,
    /// A file's name.
    AttachmentName,
    /// A message attached to the message.
    AttachedMessage,
    /// An appointment (iCalendar) or a contact card (vCard).
    Calendar,
    /// A stanza's other text: status, reason, link, reaction.
    Stanza,
}

/// What is known about who really sent a mail.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nobody has asked yet; [`Judgement::proof_matters`](crate::verdict::Judgement::proof_matters) says whether to.
    NotAsked,
    /// DKIM or SPF proves this author address.
    Proven(Identity),
    /// Asked, and not proven.
    NotProven,
    /// The channel itself proves its senders: XMPP servers vouch for their users' JIDs.
    ByServer,
}
