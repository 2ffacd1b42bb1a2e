//! Rules: what an entry does once its pattern has matched.

use jiff::civil::Date;

use super::bytes;
use crate::entry::{Action, AddedBy, Channel, Channels, Effect, Entry, EntryId, MemberId, Scope, Source};

/// What an entry does once its pattern has matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The entry.
    pub entry: EntryId,
    /// To whom it applies.
    pub scope: Scope,
    /// Block or allow.
    pub effect: Effect,
    /// What a block does.
    pub action: Action,
    /// Where it counts.
    pub channels: Channels,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// Whose scope it is has added it: what somebody else allows for a member ranks below all that they list themselves.
    pub by_owner: bool,
    /// The block button of a chat client made it (XEP-0191), so that the chat server blocks, too.
    pub by_client: bool,
}

impl From<&Entry> for Rule {
    fn from(entry: &Entry) -> Self {
        Self {
            entry: entry.id,
            scope: entry.scope,
            effect: entry.effect,
            action: entry.action,
            channels: entry.channels,
            until: entry.until,
            by_owner: entry.added_by == AddedBy::Owner,
            by_client: entry.source == Source::Client,
        }
    }
}

/// In the first four bytes, above the entry's number: more than a household's plain block follows.
const MORE: u32 = EntryId::LIMIT;
const ALLOW: u8 = 1;
const REFUSE: u8 = 1 << 1;
const MAIL: u8 = 1 << 2;
const XMPP: u8 = 1 << 3;
const MEMBER: u8 = 1 << 4;
const UNTIL: u8 = 1 << 5;
const BY_OTHER: u8 = 1 << 6;
const BY_CLIENT: u8 = 1 << 7;

impl Rule {
    pub(super) fn counts(&self, channel: Channel, today: Date) -> bool {
        self.channels.contains(channel) && self.until.is_none_or(|until| today <= until)
    }

    /// Writes the rule: four bytes for what nearly every entry of a large list is, the household's block on all
    /// channels without an end; for others one byte of flags and what they announce.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let flags = self.flags();
        let more = if flags == 0 { 0 } else { MORE };
        out.extend_from_slice(&(self.entry.number() | more).to_le_bytes());
        if flags == 0 {
            return;
        }
        out.push(flags);
        if let Scope::Member(MemberId(number)) = self.scope {
            out.extend_from_slice(&number.to_le_bytes());
        }
        if let Some(until) = self.until {
            out.extend_from_slice(&until.year().to_le_bytes());
            out.extend_from_slice(&until.month().to_le_bytes());
            out.extend_from_slice(&until.day().to_le_bytes());
        }
    }

    fn flags(&self) -> u8 {
        let channels = match self.channels {
            Channels::All => 0,
            Channels::Mail => MAIL,
            Channels::Xmpp => XMPP,
        };
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        channels
            | flag(self.effect == Effect::Allow, ALLOW)
            | flag(self.action == Action::Refuse, REFUSE)
            | flag(self.scope != Scope::Household, MEMBER)
            | flag(self.until.is_some(), UNTIL)
            | flag(!self.by_owner, BY_OTHER)
            | flag(self.by_client, BY_CLIENT)
    }

    /// Takes off the rule that the bytes begin with.
    pub(super) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (number, flags) = head(bytes)?;
        let scope = match flags & MEMBER {
            0 => Scope::Household,
            _ => Scope::Member(MemberId(u32::from_le_bytes(bytes::array(bytes)?))),
        };
        let until = match flags & UNTIL {
            0 => None,
            _ => {
                let year = i16::from_le_bytes(bytes::array(bytes)?);
                let [month, day] = bytes::array::<2>(bytes)?.map(u8::cast_signed);
                Some(Date::new(year, month, day).ok()?)
            }
        };
        Some(Self {
            entry: EntryId::from_number(number)?,
            scope,
            effect: if flags & ALLOW == 0 { Effect::Block } else { Effect::Allow },
            action: if flags & REFUSE == 0 { Action::Drop } else { Action::Refuse },
            channels: match flags & (MAIL | XMPP) {
                0 => Channels::All,
                MAIL => Channels::Mail,
                _ => Channels::Xmpp,
            },
            until,
            by_owner: flags & BY_OTHER == 0,
            by_client: flags & BY_CLIENT != 0,
        })
    }

    /// Takes off the rule that the bytes begin with, unread.
    pub(super) fn skip(bytes: &mut &[u8]) -> Option<()> {
        let (_, flags) = head(bytes)?;
        if flags != 0 {
            let length = if flags & MEMBER == 0 { 0 } else { 4 } + if flags & UNTIL == 0 { 0 } else { 4 };
            *bytes = bytes.get(length..)?;
        }
        Some(())
    }
}

fn head(bytes: &mut &[u8]) -> Option<(u32, u8)> {
    let number = u32::from_le_bytes(bytes::array(bytes)?);
    let flags = if number & MORE == 0 { 0 } else { bytes::array::<1>(bytes)?[0] };
    Some((number & (MORE - 1), flags))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn writing_loses_nothing() {
        let mut bytes = Vec::new();
        let mut rules = Vec::new();
        let scopes = [Scope::Household, Scope::Member(MemberId(0)), Scope::Member(MemberId(u32::MAX))];
        for (effect, action, by_owner, by_client) in [
            (Effect::Block, Action::Drop, true, true),
            (Effect::Block, Action::Drop, true, false),
            (Effect::Allow, Action::Refuse, false, false),
        ] {
            for channels in [Channels::All, Channels::Mail, Channels::Xmpp] {
                for scope in scopes {
                    for until in [None, Some(date(2026, 2, 28)), Some(Date::MIN), Some(Date::MAX)] {
                        for number in [0, EntryId::LIMIT - 1] {
                            let entry = EntryId::from_number(number).unwrap();
                            let rule =
                                Rule { entry, scope, effect, action, channels, until, by_owner, by_client };
                            rule.write(&mut bytes);
                            rules.push(rule);
                        }
                    }
                }
            }
        }
        let (mut read, mut skipped) = (bytes.as_slice(), bytes.as_slice());
        for rule in rules {
            assert_eq!(Rule::read(&mut read), Some(rule));
            Rule::skip(&mut skipped).unwrap();
            assert_eq!(read.len(), skipped.len());
        }
        assert!(read.is_empty());
    }
}
