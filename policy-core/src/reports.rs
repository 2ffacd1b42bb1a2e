//! Reports of spam and abuse that members make in their chat clients (XEP-0377). They are the member's own: the household's
//! admin learns of one only as far as the member has chosen.

use jiff::civil::Date;

use crate::entry::{Channels, MemberId};
use crate::identity::Identity;
use crate::lists::{Actor, ListsError};
use crate::pattern::Pattern;

/// What the admin learns of a member's reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Nothing, not even that there was one.
    #[default]
    Nothing,
    /// The reported address and the reason.
    Address,
    /// What the member wrote with it, too.
    Words,
}

/// What somebody was reported for (XEP-0377 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Unsolicited bulk messages.
    Spam,
    /// Harassment and the like.
    Abuse,
    /// Something that isn't known here.
    Other,
}

/// The most characters of a reporter's words that are kept.
pub const WORDS: usize = 500;

/// A report, as a chat client made it.
pub struct Report {
    /// Who is reported: a bare JID or a domain.
    pub jid: String,
    /// What for.
    pub reason: Reason,
    /// What the member wrote with it; may be empty.
    pub words: String,
}

/// Somebody who was reported, as the admin sees it. Which members it was isn't told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// What would block them.
    pub pattern: Pattern,
    /// Where that would count.
    pub channels: Channels,
    /// What for, each once.
    pub reasons: Vec<Reason>,
    /// How many members did.
    pub members: u64,
    /// What they wrote, as far as they share it.
    pub words: Vec<String>,
    /// The day of the last one.
    pub last: Date,
}

/// Where reports are kept, for the admin to decide.
pub trait Reports: Send + Sync {
    /// What a member shares.
    fn sharing(&self, member: MemberId) -> Result<Sharing, ListsError>;

    /// Shares this from now on, the member for themselves alone; all of their addresses hear of it if it is more than before.
    /// What they share no longer is forgotten.
    fn share(&self, actor: Actor, sharing: Sharing) -> Result<(), ListsError>;

    /// Keeps what the member shares of a report that their account made. Nothing is kept of a report about somebody at
    /// the account's own server or about a member: whoever is reported might read it.
    fn report(&self, member: MemberId, account: &Identity, report: &Report) -> Result<(), ListsError>;

    /// All that wait for the admin, the newest first.
    fn reported(&self) -> Result<Vec<Reported>, ListsError>;

    /// The admin has decided about the one with this pattern's key: it is forgotten.
    fn decided(&self, key: &str) -> Result<(), ListsError>;
}
