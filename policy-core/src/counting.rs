//! Whether it is counted which entries decide. A count with the day of the last one records a contact: its owner may do
//! without.

use crate::lists::{Actor, ListsError};

/// The counts of the actor's own scope. Changing them takes proof where entries are hidden.
pub trait Counting: Send + Sync {
    /// Whether they are kept.
    fn is_counting(&self, actor: Actor) -> Result<bool, ListsError>;

    /// Keeps them from now on, or no longer; what was counted stays until it is wiped.
    fn set_counting(&self, actor: Actor, on: bool) -> Result<(), ListsError>;

    /// Wipes what was counted, the days included.
    fn wipe_counts(&self, actor: Actor) -> Result<(), ListsError>;
}
