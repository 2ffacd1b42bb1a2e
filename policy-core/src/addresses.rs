//! Whose a mail address is. A member's entries count for an address only once it is proven to be theirs: by a code that is
//! mailed to it, and where it is another member's already, by that member's yes.

use serde::{Deserialize, Serialize};

use crate::entry::MemberId;
use crate::lists::{Actor, ListsError};

/// A mail address that a member has, or says they have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAddress {
    /// Whose.
    pub member: MemberId,
    /// The address, as typed.
    pub address: String,
    /// How far it is.
    pub state: AddressState,
}

/// Whether a member's entries count for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressState {
    /// They do.
    Theirs,
    /// Not before the code that was mailed to it is entered.
    WaitsForCode,
    /// The code was entered; the members whose address it is haven't agreed yet.
    WaitsForOwners,
}

/// Somebody who wants to share a member's address, and has entered its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareRequest {
    /// Who asks.
    pub asker: MemberId,
    /// What the household calls them.
    pub name: String,
    /// Which address.
    pub address: String,
}

/// How mail addresses become a member's, and stop being theirs.
pub trait Addresses: Send + Sync {
    /// All members' mail addresses, in the order in which the members were added.
    fn addresses(&self) -> Result<Vec<OwnAddress>, ListsError>;

    /// Who asks this member to share an address.
    fn share_requests(&self, owner: MemberId) -> Result<Vec<ShareRequest>, ListsError>;

    /// Mails a code to an address that shall become this member's, or another one in place of it. The admin may do it for
    /// each member, a member for themselves alone; the code is told to neither.
    fn claim_address(&self, actor: Actor, member: MemberId, address: &str) -> Result<(), ListsError>;

    /// Takes the code, as the member got it.
    fn confirm_address(&self, actor: Actor, member: MemberId, code: &str) -> Result<OwnAddress, ListsError>;

    /// A member's answer to whoever wants to share their address.
    fn share_address(
        &self,
        owner: Actor,
        asker: MemberId,
        address: &str,
        agreed: bool,
    ) -> Result<(), ListsError>;

    /// A member has an address no longer, or doesn't want it.
    fn give_up_address(&self, owner: Actor, address: &str) -> Result<(), ListsError>;
}
