//! What members block by the button of their chat client (XEP-0191), mirrored on their own lists.
//!
//! The chat server keeps these blocks; whoever changed something last is right. What is remembered of each block, and the
//! second in which it was made there, tells a block that is new from one whose entry was removed here.

use crate::entry::{Channel, Channels, Effect, Entry, MemberId, Scope, Source};
use crate::identity::Identity;
use crate::lists::{Actor, Lists, ListsError, NewEntry};
use crate::pattern::{Pattern, PatternKind, understand};
use crate::suffix::SuffixList;

/// A block as the chat server has it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientBlock {
    /// The bare JID or domain, as the server writes it.
    pub jid: String,
    /// When it was made, as the server says: it only matters whether that is the same.
    pub made: String,
}

/// The blocks of one account, as the chat server has them: all, or a part of them, in the order of their JIDs' bytes.
pub struct ClientList {
    /// The account's bare JID, as the server writes it.
    pub account: String,
    /// All of them that the part has room for.
    pub blocks: Vec<ClientBlock>,
    /// The part begins behind this JID; of what comes before, nothing is said.
    pub after: Option<String>,
    /// The part ends with this JID; of what comes behind, nothing is said.
    pub until: Option<String>,
}

impl ClientList {
    /// Whether the list says if this JID is blocked.
    pub fn tells(&self, jid: &str) -> bool {
        self.after.as_deref().is_none_or(|after| after < jid)
            && self.until.as_deref().is_none_or(|until| jid <= until)
    }
}

/// Something that the chat server doesn't know of yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Outstanding {
    /// The account's bare JID.
    pub account: String,
    /// A block to be taken back, unless it has been made again there meanwhile (if it is said when it was made); or one to
    /// be made.
    pub block: ClientBlock,
    /// Whether it shall be blocked.
    pub wanted: bool,
}

/// Where blocks made by chat clients are mirrored.
pub trait ClientBlocks: Send + Sync {
    /// Brings the member's entries of source `client` in line with the list of one of their accounts. All or nothing.
    fn mirror(&self, member: MemberId, list: &ClientList) -> Result<(), ListsError>;

    /// All blocks whose entries were removed or switched off here, and those whose entries are there again, by account.
    fn outstanding(&self) -> Result<Vec<Outstanding>, ListsError>;
}

/// The entry that a block becomes. `None` for what stays the chat server's own: an occupant of a room or one client
/// (a JID with a resource), the account itself, and what can't be listed.
pub fn entry_of(member: MemberId, account: &Identity, jid: &str) -> Option<NewEntry> {
    if jid.contains('/') {
        return None;
    }
    let who = Identity::parse_jid(jid).ok().filter(|who| who != account)?;
    // A domain means everybody there and nobody at its subdomains (XEP-0191 section 5).
    let typed = if who.local().is_some() { who.typed() } else { format!("*@{}", who.domain()) };
    let pattern = understand(&typed, Some(PatternKind::Address), true).ok()?.pattern;
    // Who blocks a whole provider or their own server in chat doesn't mean all mail of their friends there.
    let shared = who.local().is_none()
        && (who.domain().is_shared_provider()
            || SuffixList::in_use().is_suffix(who.domain())
            || who.domain() == account.domain());
    Some(NewEntry {
        effect: Effect::Block,
        scope: Scope::Member(member),
        channels: if shared { Channels::Xmpp } else { Channels::All },
        source: Source::Client,
        ..NewEntry::block(pattern)
    })
}

/// The block by which a member's chat client keeps away everybody at the domain of what this entry of theirs allows in chat:
/// the chat server knows no exceptions.
pub fn in_the_way(lists: &dyn Lists, actor: Actor, allow: &NewEntry) -> Result<Option<Entry>, ListsError> {
    let Pattern { kind, typed, .. } = &allow.pattern;
    let is_somebody = matches!(kind, PatternKind::Address | PatternKind::Domain);
    if allow.effect != Effect::Allow || !is_somebody || !allow.channels.contains(Channel::Xmpp) {
        return Ok(None);
    }
    let domain = typed.rsplit_once('@').map_or(typed.as_str(), |(_, domain)| domain);
    let Ok(everybody) = understand(&format!("*@{domain}"), Some(PatternKind::Address), true) else {
        return Ok(None);
    };
    let there = lists.find(actor, allow.scope, &everybody.pattern)?;
    Ok(there.into_iter().find(|entry| entry.source == Source::Client && entry.enabled))
}

/// The block by which a member's chat client keeps away what this entry of theirs allows in chat, where allowing it took
/// none back: it was imported, edited or switched on, and not typed.
pub fn stays_blocked(lists: &dyn Lists, actor: Actor, allow: &NewEntry) -> Result<Option<Entry>, ListsError> {
    if allow.effect != Effect::Allow || !allow.enabled || !allow.channels.contains(Channel::Xmpp) {
        return Ok(None);
    }
    let there = lists.find(actor, allow.scope, &allow.pattern)?;
    match there.into_iter().find(|entry| entry.source == Source::Client && entry.enabled) {
        Some(block) => Ok(Some(block)),
        None => in_the_way(lists, actor, allow),
    }
}

#[cfg(test)]
mod tests {
    use super::entry_of;
    use crate::entry::{Channels, MemberId};
    use crate::identity::Identity;

    fn entry(jid: &str) -> Option<(String, Channels)> {
        let account = Identity::parse_jid("alice@one.test").unwrap();
        entry_of(MemberId(1), &account, jid).map(|new| (new.pattern.key, new.channels))
    }

    #[test]
    fn an_address_counts_for_mail_too_and_a_domain_without_its_subdomains() {
        assert_eq!(entry("mallory@two.test"), Some(("test.two@mallory".to_owned(), Channels::All)));
        assert_eq!(entry("two.test"), Some(("test.two@*".to_owned(), Channels::All)));
        let star = entry("mall*@two.test").unwrap().0;
        assert!(star != "test.two@mall*", "a star in a JID is no wildcard: {star}");
    }

    #[test]
    fn a_domain_that_many_share_is_blocked_in_chat_alone() {
        for jid in ["gmail.com", "co.uk", "one.test"] {
            assert_eq!(entry(jid).map(|(_, channels)| channels), Some(Channels::Xmpp), "{jid}");
        }
    }

    #[test]
    fn occupants_clients_and_the_account_itself_stay_the_servers() {
        for jid in
            ["room@rooms.test/nick", "mallory@two.test/phone", "two.test/x", "alice@one.test", "", "@", "a@"]
        {
            assert_eq!(entry(jid), None, "{jid}");
        }
    }
}
