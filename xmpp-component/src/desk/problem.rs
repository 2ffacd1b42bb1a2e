//! Why something was not done.

use policy_core::lists::ListsError;
use policy_core::pattern::PatternError;

/// Why something was not done; nothing has changed.
#[derive(Debug)]
pub(super) enum Problem {
    /// What was typed can't be understood.
    Pattern(PatternError),
    /// It is longer than any address, domain or phrase.
    TooLong,
    /// Only an admin changes the household's list.
    NotAdmin,
    /// Several members have this account.
    Shared,
    /// There are so many members that only an admin adds another.
    TooManyMembers,
    /// The member's list is as long as it may become from here.
    Full,
    /// Nobody has said where browsers find the page.
    NoPage,
    /// The lists refuse it, or failed.
    Lists(ListsError),
}

impl From<PatternError> for Problem {
    fn from(error: PatternError) -> Self {
        Self::Pattern(error)
    }
}

impl From<ListsError> for Problem {
    fn from(error: ListsError) -> Self {
        Self::Lists(error)
    }
}
