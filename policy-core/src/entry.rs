//! Entries: the lines on the lists.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::pattern::Pattern;

/// One line on a list: a pattern, what it does, for whom, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Opaque and random, so that an id tells nothing about how many entries there are.
    pub id: EntryId,
    /// What the entry matches.
    pub pattern: Pattern,
    /// Whether a match blocks or allows.
    pub effect: Effect,
    /// To whose mail and chat the entry applies.
    pub scope: Scope,
    /// On which channels the entry counts.
    pub channels: Channels,
    /// What a block does; an allow entry keeps the default and ignores it.
    pub action: Action,
    /// The owner's own words; never matched, never sent anywhere.
    pub note: String,
    /// How the entry came to be.
    pub source: Source,
    /// Who added it: a member sees which of their entries the admin put there.
    pub added_by: AddedBy,
    /// The day it was added.
    pub created: Date,
    /// The last day on which the entry counts; `None` means for ever.
    pub until: Option<Date>,
    /// Switched-off entries are kept and don't exist for judging.
    pub enabled: bool,
}

impl Entry {
    /// Whether the entry takes part in judging on `today`.
    pub fn in_force(&self, today: Date) -> bool {
        self.enabled && self.until.is_none_or(|until| today <= until)
    }
}

/// An entry's name, written `e-7f3k9`: `e-` and five or six characters of Crockford's Base32, lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntryId(u32);

const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl EntryId {
    /// Ids are below this bound: thirty bits, six characters.
    pub const LIMIT: u32 = 1 << 30;

    /// The id with this number, which must be below [`EntryId::LIMIT`].
    pub fn from_number(number: u32) -> Option<Self> {
        (number < Self::LIMIT).then_some(Self(number))
    }

    /// The number behind the letters.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = if self.0 < 1 << 25 { 5 } else { 6 };
        f.write_str("e-")?;
        for position in (0..digits).rev() {
            let index = usize::try_from((self.0 >> (position * 5)) & 31).unwrap_or_default();
            let digit = BASE32.get(index).copied().unwrap_or(b'0');
            write!(f, "{}", char::from(digit))?;
        }
        Ok(())
    }
}

/// The text is not an entry's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id looks like e-7f3k9")]
pub struct NotAnEntryId;

impl FromStr for EntryId {
    type Err = NotAnEntryId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("e-").or_else(|| text.strip_prefix("E-")).ok_or(NotAnEntryId)?;
        if !(5..=6).contains(&digits.len()) {
            return Err(NotAnEntryId);
        }
        let mut number = 0u32;
        for byte in digits.bytes() {
            // Crockford: what is easily misread counts as what was meant.
            let digit = match byte.to_ascii_lowercase() {
                b'o' => b'0',
                b'i' | b'l' => b'1',
                other => other,
            };
            let value = BASE32.iter().position(|&known| known == digit).ok_or(NotAnEntryId)?;
            number = (number << 5) | u32::try_from(value).map_err(|_| NotAnEntryId)?;
        }
        let id = Self::from_number(number).ok_or(NotAnEntryId)?;
        // Exactly one spelling of each length: a padded six-character form would be a second name.
        if digits.len() == 6 && number < 1 << 25 {
            return Err(NotAnEntryId);
        }
        Ok(id)
    }
}

impl TryFrom<String> for EntryId {
    type Error = NotAnEntryId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EntryId> for String {
    fn from(id: EntryId) -> Self {
        id.to_string()
    }
}

/// Whether a match blocks or allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The correspondent's messages are dropped or refused.
    #[default]
    Block,
    /// The correspondent's messages are delivered, where a block of the same rank would stop them.
    Allow,
}

/// What happens to a blocked message. Further actions are reserved: set-aside, hold, observe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Gone, and the sender is not told.
    #[default]
    Drop,
    /// Answered as an account that can't be reached would answer.
    Refuse,
}

/// Where messages come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// E-mail.
    Mail,
    /// Chat.
    Xmpp,
}

/// The channels on which an entry counts: at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channels {
    /// Mail and chat.
    #[default]
    All,
    /// Mail only.
    Mail,
    /// Chat only.
    Xmpp,
}

impl Channels {
    /// Whether an entry for these channels counts on `channel`.
    pub fn contains(self, channel: Channel) -> bool {
        match self {
            Self::All => true,
            Self::Mail => channel == Channel::Mail,
            Self::Xmpp => channel == Channel::Xmpp,
        }
    }
}

/// To whom an entry applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everyone with an account here.
    #[default]
    Household,
    /// What is addressed to this member; private to them.
    Member(MemberId),
}

/// A member's number in the store; stays the same when the member is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberId(pub u32);

/// How an entry came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Typed by a person, on the page or the command line.
    #[default]
    Manual,
    /// Read from a file.
    Import,
    /// Made from a message that a member forwarded.
    Forwarded,
    /// The block button of a chat client (XEP-0191).
    Client,
    /// A report of a chat client (XEP-0377).
    Report,
    /// A list that the household subscribes to.
    List,
}

/// Who added an entry to a scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddedBy {
    /// Whose scope it is: the admin for the household's, the member for their own.
    #[default]
    Owner,
    /// The admin, for a member.
    Admin,
    /// Somebody who came by a member's link and hasn't proven to be that member.
    Unproven,
}
