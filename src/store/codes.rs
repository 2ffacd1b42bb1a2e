//! The numbers that stand for kinds, effects and so on in the database, and dates as days since 1970-01-01.

use jiff::civil::{Date, date};
use policy_core::entry::{Action, AddedBy, Channels, Effect, MemberId, Scope, Source};
use policy_core::lists::MemberIdentity;
use policy_core::pattern::PatternKind;

/// A value that is stored as a small number.
pub(super) trait Code: Sized + Copy + PartialEq + 'static {
    /// All values; a value's number is its place here. Append only.
    const ALL: &'static [Self];

    fn code(self) -> i64 {
        Self::ALL.iter().zip(0i64..).find(|(value, _)| **value == self).map_or(-1, |(_, code)| code)
    }

    fn from_code(code: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }
}

impl Code for PatternKind {
    const ALL: &'static [Self] =
        &[Self::Address, Self::Domain, Self::Words, Self::Regex, Self::AddressSha256];
}

impl Code for Effect {
    const ALL: &'static [Self] = &[Self::Block, Self::Allow];
}

impl Code for Channels {
    const ALL: &'static [Self] = &[Self::All, Self::Mail, Self::Xmpp];
}

impl Code for Action {
    const ALL: &'static [Self] = &[Self::Drop, Self::Refuse];
}

impl Code for Source {
    const ALL: &'static [Self] =
        &[Self::Manual, Self::Import, Self::Forwarded, Self::Client, Self::Report, Self::List];
}

impl Code for AddedBy {
    const ALL: &'static [Self] = &[Self::Owner, Self::Admin, Self::Unproven];
}

pub(super) fn scope_code(scope: Scope) -> i64 {
    match scope {
        Scope::Household => 0,
        Scope::Member(MemberId(number)) => i64::from(number),
    }
}

pub(super) fn scope_from_code(code: i64) -> Option<Scope> {
    match u32::try_from(code).ok()? {
        0 => Some(Scope::Household),
        number => Some(Scope::Member(MemberId(number))),
    }
}

pub(super) fn identity_code(identity: &MemberIdentity) -> (i64, &str) {
    match identity {
        MemberIdentity::Mail(value) => (0, value),
        MemberIdentity::CatchAll(value) => (1, value),
        MemberIdentity::Jid(value) => (2, value),
        MemberIdentity::Login(value) => (3, value),
    }
}

pub(super) fn identity_from_code(code: i64, value: String) -> Option<MemberIdentity> {
    Some(match code {
        0 => MemberIdentity::Mail(value),
        1 => MemberIdentity::CatchAll(value),
        2 => MemberIdentity::Jid(value),
        3 => MemberIdentity::Login(value),
        _ => return None,
    })
}

const EPOCH: Date = date(1970, 1, 1);

pub(super) fn day(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}

pub(super) fn date_of(day: i64) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_being_stored() {
        for day_of in [date(1970, 1, 1), date(2026, 11, 23), date(9999, 12, 31), date(1969, 12, 31)] {
            assert_eq!(date_of(day(day_of)), Some(day_of));
        }
    }

    #[test]
    fn stored_numbers_keep_their_meaning() {
        assert_eq!(PatternKind::Words.code(), 2);
        assert_eq!(Source::List.code(), 5);
        assert_eq!(Effect::from_code(1), Some(Effect::Allow));
        assert_eq!(Effect::from_code(7), None);
    }
}
