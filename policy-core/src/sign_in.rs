//! Who may come to the settings page, and by what: passwords, one-time links, recovery codes.
//!
//! Secrets travel as argon2id strings (PHC) only: whoever stores them makes nothing of them but a comparison.

use std::time::Duration;

use jiff::civil::Date;

use crate::addresses::Addresses;
use crate::entry::MemberId;
use crate::lists::{Actor, ListsError};

/// A link by which a member comes to the settings page without a password, once.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInLink {
    /// The whole URL. Whoever holds it is taken for the member: it must reach nobody else.
    pub url: String,
    /// How long it can be used.
    pub lasts: Duration,
}

/// Makes one-time sign-in links.
pub trait SignInLinks: Send + Sync {
    /// Makes a link for this member; it takes the place of any that was made before and is still unused. Every one
    /// after the first is announced to all of the member's addresses. The admin may make one for each member, a member
    /// for themselves alone.
    fn sign_in_link(&self, actor: Actor, member: MemberId) -> Result<SignInLink, ListsError>;
}

/// An account of the page: the admin's, or a member's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// As whom whoever signs in acts; [`Actor::Unproven`] while earlier entries are hidden from them.
    pub actor: Actor,
    /// What the household calls them; empty for the admin.
    pub name: String,
    /// `None` until there is one.
    pub password: Option<String>,
    /// Postward made the password and showed it on a console, and it hasn't been changed since.
    pub made: bool,
    /// The day of the last sign-in.
    pub last_sign_in: Option<Date>,
    /// The day on which the account and its list go, where that has begun.
    pub leaves: Option<Leaving>,
    /// Whoever comes did so by a link that was given to the member's own chat account.
    pub by_account: bool,
}

/// When a member who was removed is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// They haven't been told yet; the days are counted from then.
    NotTold,
    /// On this day.
    On(Date),
}

/// By what somebody proves to be who they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proofs {
    /// What counts now.
    pub current: Secrets,
    /// What counted before entries were hidden; empty where none are.
    pub earlier: Secrets,
}

/// A password and a recovery code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// The password.
    pub password: Option<String>,
    /// The recovery code.
    pub recovery: Option<String>,
}

/// What somebody who came by a link has proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven {
    /// Nothing: what entries there are will be hidden from them.
    Nothing,
    /// To be who had the account until now: they see what they saw.
    Current,
    /// To be who had it before that; they see everything but what is kept for the member's own chat account.
    Earlier,
    /// To be whoever has the member's own chat account: they see everything.
    Account,
}

/// What a member is told about their own account, on their page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What happened.
    pub what: NewsKind,
    /// The day.
    pub day: Date,
}

/// What can happen to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewsKind {
    /// A new sign-in link was made.
    Link,
    /// The admin removed the member.
    Leaving,
    /// The admin took that back.
    Staying,
}

/// The admin's part of it.
pub trait Household: Send + Sync {
    /// The members whom the admin has removed and who aren't gone yet.
    fn members_leaving(&self) -> Result<Vec<(MemberId, Leaving)>, ListsError>;

    /// Takes a removal back, as long as the member is there.
    fn keep_member(&self, name: &str) -> Result<(), ListsError>;
}

/// Where the page finds who may sign in.
pub trait Accounts: SignInLinks + Household + Addresses {
    /// The account that a typed name means: a login name, a member's name, a mail address or a JID that is theirs alone.
    /// No name means the admin's.
    fn account_named(&self, name: &str) -> Result<Option<Account>, ListsError>;

    /// This actor's account.
    fn account(&self, actor: Actor) -> Result<Option<Account>, ListsError>;

    /// Whether any member has a password: sign-in asks for a name then.
    fn members_sign_in(&self) -> Result<bool, ListsError>;

    /// Notes that somebody signed in today, and returns the day of the time before.
    fn signed_in(&self, actor: Actor) -> Result<Option<Date>, ListsError>;

    /// Sets another password, for whoever has given the old one.
    fn set_password(&self, actor: Actor, hash: &str) -> Result<(), ListsError>;

    /// Uses a link's key up and returns whose it was, if it is one.
    fn use_link(&self, key: &str) -> Result<Option<Account>, ListsError>;

    /// What proves that somebody is this member.
    fn proofs(&self, member: MemberId) -> Result<Proofs, ListsError>;

    /// Gives whoever came by a link these secrets.
    fn begin_anew(&self, member: MemberId, secrets: &Secrets, proven: Proven) -> Result<(), ListsError>;

    /// Shows what was hidden, to somebody who has proven whose it is.
    fn unhide(&self, member: MemberId) -> Result<(), ListsError>;

    /// The last news about a member's account, the newest first.
    fn news(&self, member: MemberId) -> Result<Vec<News>, ListsError>;
}
