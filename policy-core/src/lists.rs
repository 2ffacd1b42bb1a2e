//! How doors, page and command line change and read the lists, wherever these are stored.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::door::DoorStatus;
use crate::entry::{Action, AddedBy, Channel, Channels, Effect, Entry, EntryId, MemberId, Scope, Source};
use crate::identity::Identity;
use crate::pattern::{Pattern, PatternKind};
use crate::sentence::Sentence;

/// Who acts. It decides what is seen and what may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The admin: the household's entries, and those that the admin added for a member; never a member's own.
    Admin,
    /// A member: their own entries, and the household's to look at.
    Member(MemberId),
    /// A member who came by a link and has not proven to be who made the earlier entries: those stay in force and are
    /// not shown.
    Unproven(MemberId),
}

/// An entry to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEntry {
    /// What it matches.
    pub pattern: Pattern,
    /// Block or allow.
    pub effect: Effect,
    /// For whom.
    pub scope: Scope,
    /// On which channels.
    pub channels: Channels,
    /// What a block does.
    pub action: Action,
    /// The owner's own words.
    pub note: String,
    /// How it came to be.
    pub source: Source,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// Switched off from the start, as an exported list may say.
    pub enabled: bool,
}

/// What became of an added entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// The entry as it now stands.
    pub entry: Entry,
    /// What changed.
    pub change: Change,
    /// Blocks of the member's chat clients of the very same, which an allow entry of theirs took off the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unblocked: Vec<Entry>,
}

/// What adding an entry changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A new entry.
    Added,
    /// It was there with other settings, and has these now.
    Updated,
    /// It was there, exactly so.
    AlreadyThere,
}

/// An entry before and after it was edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    /// As it was.
    pub before: Entry,
    /// As it is now.
    pub after: Entry,
}

/// One line of an import, as the file has it: nothing is judged yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportItem {
    /// The line in the file, counted from 1.
    pub line: u64,
    /// The entry, or why the line could not be read.
    pub entry: Result<NewEntry, Sentence>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// New entries.
    pub added: u64,
    /// Entries that were there already (with other settings, or exactly so).
    pub already_there: u64,
    /// Of them, those that have new settings now.
    #[serde(default)]
    pub changed: u64,
    /// Of them, those that are switched off or have ended.
    #[serde(default)]
    pub resting: u64,
    /// Entries that `--replace` took away; none if lines were refused.
    pub removed: u64,
    /// Lines that were refused, at most [`ImportReport::REFUSED_SHOWN`] of them.
    pub refused: Vec<Refused>,
    /// How many lines were refused in all.
    pub refused_count: u64,
    /// Why it ended before its end. What it says of other lines holds: they are in, and in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Sentence>,
    /// What it changed, so that it can be taken back; nothing where that is too much, or more than adding.
    #[serde(skip)]
    pub imported: Option<Imported>,
}

/// What an import changed, one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// What is new.
    pub added: Vec<EntryId>,
    /// What was there and got other settings, as it was.
    pub before: Vec<Entry>,
}

impl Imported {
    /// How many new entries are kept in mind.
    pub const MOST_ADDED: usize = 100_000;

    /// How many changed ones.
    pub const MOST_CHANGED: usize = 1_000;
}

impl ImportReport {
    /// How many refused lines are listed one by one.
    pub const REFUSED_SHOWN: usize = 10_000;
}

/// A line of an import that did not go in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The line in the file, counted from 1.
    pub line: u64,
    /// What is wrong with it, and how to write it.
    pub reason: Sentence,
}

/// Which entries to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// One scope; `None` means all that the actor may see.
    pub scope: Option<Scope>,
    /// Only entries whose value or note contains this, in any case; an id finds that entry.
    pub find: Option<String>,
    /// Only this effect.
    pub effect: Option<Effect>,
    /// Only this kind.
    pub kind: Option<PatternKind>,
    /// Only what came to be in this way.
    pub source: Option<Source>,
    /// Only addresses and domains that this domain covers: itself, its subdomains, and whoever is there.
    pub within: Option<Pattern>,
    /// In which order.
    pub order: Order,
    /// At how many entries `find` may look for one page; `None`: at all. With a million entries, somebody who waits for a
    /// page would rather be asked whether to go on.
    pub look_at: Option<u32>,
    /// Begin after this position, as the page before gave it.
    pub after: Option<Position>,
    /// How many at most.
    pub limit: u32,
}

/// In which order entries are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// What was added or changed last comes first.
    #[default]
    Newest,
    /// What was added or changed last comes last.
    Oldest,
    /// By their keys: alphabetically, and addresses and domains by the domain, its last label first.
    Value,
    /// What decided last comes first; what never did comes at the end, newest first.
    LastHit,
}

/// A place in the list, in the order in which it was asked for; opaque outside the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

/// One page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The entries, in the order asked for.
    pub entries: Vec<Listed>,
    /// How many entries match the query, all pages together; on this page alone if [`Page::cut_short`].
    pub total: u64,
    /// [`Query::look_at`] kept matches from being counted.
    pub cut_short: bool,
    /// Where the next page begins, if there is one.
    pub next: Option<Position>,
}

/// An entry with what has been counted of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
    /// How often it decided.
    pub hits: u64,
    /// The last day it did.
    pub last_hit: Option<Date>,
    /// The number of its last change: whoever edits it says what they saw.
    pub revision: u64,
    /// The person whose address it is, among those of its scope.
    pub person: Option<String>,
}

/// A member of the household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The member's number.
    pub id: MemberId,
    /// What the household calls them.
    pub name: String,
    /// By what their messages are recognised.
    pub identities: Vec<MemberIdentity>,
}

impl Member {
    /// An address at which messages on this channel reach them, if any is known.
    pub fn address_on(&self, channel: Channel) -> Option<Identity> {
        self.identities.iter().find_map(|identity| match (channel, identity) {
            (Channel::Mail, MemberIdentity::Mail(address)) => Identity::parse_mail(address).ok(),
            (Channel::Mail, MemberIdentity::CatchAll(domain)) => Identity::from_mail("anybody", domain).ok(),
            (Channel::Xmpp, MemberIdentity::Jid(jid)) => Identity::parse_jid(jid).ok(),
            _ => None,
        })
    }
}

/// By what a member's messages are recognised.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "value")]
pub enum MemberIdentity {
    /// A mail address.
    Mail(String),
    /// Every address at a domain.
    CatchAll(String),
    /// A bare JID.
    Jid(String),
    /// The name they log in with.
    Login(String),
}

/// How Postward is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// Whether this comes from a running daemon.
    pub running: bool,
    /// The household's day, by which entries end.
    pub today: Date,
    /// The revision of the stored lists.
    pub revision: u64,
    /// The household's entries.
    pub entries: u64,
    /// Members.
    pub members: u64,
    /// The doors, each with the revision in force on it.
    pub doors: Vec<DoorStatus>,
    /// Where the page is, if it is being served.
    pub web: Option<String>,
    /// What is wrong with the database, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<Sentence>,
    /// Which public suffix list is in use, and of when.
    pub suffix_list: String,
    /// The names by which this server is reached, as far as the configuration and the chat server tell.
    #[serde(default)]
    pub domains: Vec<String>,
}

/// Why a change or a question was not carried out, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListsError {
    /// There is no such entry, or it isn't the actor's to see.
    NoSuchEntry(String),
    /// There is no such member.
    NoSuchMember(String),
    /// Somebody else changed the entry after it was shown to whoever edits it; nothing was changed.
    ChangedMeanwhile(EntryId),
    /// The change contradicts what is there; nothing was changed.
    Refused(Sentence),
    /// The store failed; nothing was changed.
    Store(Sentence),
}

impl ListsError {
    /// The same as a part of a sentence.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::NoSuchEntry(id) => Sentence::of("why-no-entry").with("id", id.as_str()),
            Self::NoSuchMember(name) => Sentence::of("why-no-member").with("name", name.as_str()),
            Self::ChangedMeanwhile(id) => Sentence::of("why-changed-meanwhile").with("id", id.to_string()),
            Self::Refused(why) | Self::Store(why) => why.clone(),
        }
    }
}

/// The lists. Each change is whole or not at all; when it returns, it is in force on the doors of the process that
/// holds the lists.
pub trait Lists: Send + Sync {
    /// Adds entries, all or none.
    fn add(&self, actor: Actor, entries: Vec<NewEntry>) -> Result<Vec<Added>, ListsError>;

    /// Removes entries, all or none, and returns them as they were.
    fn remove(&self, actor: Actor, ids: &[EntryId]) -> Result<Vec<Entry>, ListsError>;

    /// Adds again what was removed, all or none, in its order; what a chat client had blocked is blocked there, too, where
    /// it is known how.
    fn put_back(&self, actor: Actor, removed: Vec<Entry>) -> Result<Vec<Added>, ListsError> {
        self.add(actor, removed.into_iter().map(NewEntry::again).collect())
    }

    /// Switches entries on or off, all or none, and returns them as they are now.
    fn set_enabled(&self, actor: Actor, ids: &[EntryId], enabled: bool) -> Result<Vec<Entry>, ListsError>;

    /// Gives an entry another pattern and other settings; scope, source and effect stay. `seen` is the [`Listed::revision`]
    /// that the editor was shown, `None` to change it whatever others did. Returns it as it was and as it is now.
    fn edit(&self, actor: Actor, id: EntryId, seen: Option<u64>, new: NewEntry)
    -> Result<Edited, ListsError>;

    /// Adds what a file holds, piece by piece, so that other changes needn't wait for the end of it; all of it is in force
    /// when the call returns. With `replace`, the scope's manual and imported entries that the actor may change and that
    /// aren't in the file go away then, apart from what others changed meanwhile: none of them if a line was refused, as that
    /// may have meant them, nor after an error among the items, as a file that broke off must not pass for a short one. What
    /// is in when an error ends the import stays ([`ImportReport::stopped`]); the error itself says that nothing was changed.
    fn import(
        &self,
        actor: Actor,
        scope: Scope,
        replace: bool,
        items: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    ) -> Result<ImportReport, ListsError>;

    /// A page of the list.
    fn entries(&self, actor: Actor, query: &Query) -> Result<Page, ListsError>;

    /// One entry.
    fn entry(&self, actor: Actor, id: EntryId) -> Result<Listed, ListsError>;

    /// The entries of a scope with this pattern (same kind and key), block or allow.
    fn find(&self, actor: Actor, scope: Scope, pattern: &Pattern) -> Result<Vec<Entry>, ListsError>;

    /// The members.
    fn members(&self) -> Result<Vec<Member>, ListsError>;

    /// Adds a member.
    fn add_member(&self, name: &str, identities: &[MemberIdentity]) -> Result<Member, ListsError>;

    /// A member's own chat account is about to change the list, as the chat server vouches: what it lists is hidden from
    /// whoever had the member's page without being given a link there.
    fn account_came(&self, _member: MemberId) -> Result<(), ListsError> {
        Ok(())
    }

    /// Removes a member with their entries.
    fn remove_member(&self, name: &str) -> Result<(), ListsError>;

    /// How Postward is doing.
    fn status(&self) -> Result<Status, ListsError>;
}

impl NewEntry {
    /// An entry's settings, to be added again.
    pub fn again(entry: Entry) -> Self {
        let Entry { pattern, effect, scope, channels, action, note, source, until, enabled, .. } = entry;
        // A list's or a client's entry that a person puts back by hand is theirs from then on.
        let source = if source == Source::Import { source } else { Source::Manual };
        Self { pattern, effect, scope, channels, action, note, source, until, enabled }
    }

    /// A household's block of this pattern, on all channels, dropping, for ever.
    pub fn block(pattern: Pattern) -> Self {
        Self {
            pattern,
            effect: Effect::Block,
            scope: Scope::Household,
            channels: Channels::All,
            action: Action::Drop,
            note: String::new(),
            source: Source::Manual,
            until: None,
            enabled: true,
        }
    }
}

impl Actor {
    /// The scope that is this actor's own: what they add on the page goes there.
    pub fn own_scope(self) -> Scope {
        match self {
            Self::Admin => Scope::Household,
            Self::Member(member) | Self::Unproven(member) => Scope::Member(member),
        }
    }

    /// The member, if it is one.
    pub fn member(self) -> Option<MemberId> {
        match self {
            Self::Admin => None,
            Self::Member(member) | Self::Unproven(member) => Some(member),
        }
    }

    /// Whether this actor may see and change an entry of this scope, as far as it isn't hidden from them.
    pub fn may_change(self, scope: Scope, added_by: AddedBy) -> bool {
        match (self, scope) {
            (Self::Admin, Scope::Household) => true,
            (Self::Admin, Scope::Member(_)) => added_by == AddedBy::Admin,
            (Self::Member(own) | Self::Unproven(own), Scope::Member(member)) => own == member,
            (Self::Member(_) | Self::Unproven(_), Scope::Household) => false,
        }
    }

    /// Whether this actor may look at an entry of this scope.
    pub fn may_see(self, scope: Scope, added_by: AddedBy) -> bool {
        scope == Scope::Household || self.may_change(scope, added_by)
    }
}
