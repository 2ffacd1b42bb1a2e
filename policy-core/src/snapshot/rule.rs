//! Rules: what an entry does once its pattern has matched.

use jiff::civil::Date;

use crate::entry::{Action, Channel, Channels, Effect, Entry, EntryId, MemberId, Scope};

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
        }
    }
}

impl Rule {
    pub(super) fn counts(&self, channel: Channel, today: Date) -> bool {
        self.channels.contains(channel) && self.until.is_none_or(|until| today <= until)
    }

    /// The rule in 64 bits, where it fits: nearly every entry of a large list has no end date. Layout, from the low
    /// end: 30 bits entry, 1 effect, 1 action, 2 channels, 29 bits scope (0 the household, else member + 1). The top
    /// bit stays clear: it marks a list of rules.
    pub(super) fn pack(&self) -> Option<u64> {
        if self.until.is_some() {
            return None;
        }
        let scope = match self.scope {
            Scope::Household => 0,
            Scope::Member(MemberId(number)) => u64::from(number) + 1,
        };
        if scope >= 1 << 29 {
            return None;
        }
        let effect = u64::from(self.effect == Effect::Allow);
        let action = u64::from(self.action == Action::Refuse);
        let channels = match self.channels {
            Channels::All => 0,
            Channels::Mail => 1,
            Channels::Xmpp => 2,
        };
        Some(u64::from(self.entry.number()) | effect << 30 | action << 31 | channels << 32 | scope << 34)
    }

    pub(super) fn unpack(packed: u64) -> Option<Self> {
        let low = u32::try_from(packed & u64::from(u32::MAX)).ok()?;
        Some(Self {
            entry: EntryId::from_number(low & (EntryId::LIMIT - 1))?,
            effect: if packed >> 30 & 1 == 1 { Effect::Allow } else { Effect::Block },
            action: if packed >> 31 & 1 == 1 { Action::Refuse } else { Action::Drop },
            channels: match packed >> 32 & 3 {
                1 => Channels::Mail,
                2 => Channels::Xmpp,
                _ => Channels::All,
            },
            scope: match u32::try_from(packed >> 34).ok()? {
                0 => Scope::Household,
                number => Scope::Member(MemberId(number - 1)),
            },
            until: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_loses_nothing() {
        for effect in [Effect::Block, Effect::Allow] {
            for action in [Action::Drop, Action::Refuse] {
                for channels in [Channels::All, Channels::Mail, Channels::Xmpp] {
                    for scope in [Scope::Household, Scope::Member(MemberId(0)), Scope::Member(MemberId(4711))]
                    {
                        let entry = EntryId::from_number(EntryId::LIMIT - 1).unwrap();
                        let rule = Rule { entry, scope, effect, action, channels, until: None };
                        assert_eq!(Rule::unpack(rule.pack().unwrap()), Some(rule));
                    }
                }
            }
        }
    }
}
