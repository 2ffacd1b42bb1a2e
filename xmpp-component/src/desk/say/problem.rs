//! Why something was not done.

use policy_core::lists::ListsError;
use policy_core::pattern::PatternError;
use policy_core::sentence::Sentence;

use super::{capital, say, words};
use crate::desk::deed::VALUE;
use crate::desk::problem::Problem;

pub(crate) fn problem(problem: &Problem) -> String {
    let because = |id, why: Sentence| words(&Sentence::of(id).with("problem", why));
    match problem {
        Problem::Pattern(PatternError::Empty) => say("desk-empty"),
        Problem::Pattern(error) => capital(&because("desk-not-taken", error.sentence())),
        Problem::TooLong => words(&Sentence::of("desk-too-long").with("most", VALUE as u64)),
        Problem::NotAdmin => say("desk-not-admin"),
        Problem::Shared => say("desk-shared"),
        Problem::TooManyMembers => say("desk-too-many-members"),
        Problem::Full => say("desk-full"),
        Problem::NoPage => say("desk-no-page"),
        Problem::Lists(ListsError::NoSuchEntry(_)) => say("desk-gone"),
        Problem::Lists(ListsError::Store(_) | ListsError::NoSuchMember(_)) => say("desk-store"),
        Problem::Lists(error @ (ListsError::ChangedMeanwhile(_) | ListsError::Refused(_))) => {
            because("desk-refused", error.sentence())
        }
    }
}
