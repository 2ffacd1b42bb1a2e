//! What is done at the desk, whether by a command or in conversation.

use std::time::Instant;

use jiff::civil::Date;
use minidom::Element;
use policy_core::candidate::{Candidate, Delivery, Recipient};
use policy_core::client_blocks::in_the_way;
use policy_core::entry::{Action, AddedBy, Channel, Channels, Effect, Entry, EntryId, Source};
use policy_core::explain;
use policy_core::identity::Identity;
use policy_core::lists::{Added, Lists, ListsError, NewEntry, Page, Position, Query};
use policy_core::named::{in_chat, named};
use policy_core::ours::without_our_own;
use policy_core::pattern::{Pattern, PatternError, PatternKind, Remark, understand};
use policy_core::sentence::Sentence;
use policy_core::sign_in::SignInLink;
use policy_core::trial;
use policy_core::undo::Undo;
use policy_core::verdict::{Outcome, Verdict};

use super::Desk;
use super::caller::{Caller, List, Whose};
use super::memory::Changed;
use super::problem::Problem;
use super::read::kind_before;
use crate::stanza::{self, Asked};
use crate::xml::Read;

/// Characters of a value: more than any address, domain or phrase that can be listed has.
pub(super) const VALUE: usize = 1000;

/// Entries of one member that can be added here, and how many of them may be regular expressions: these are few for the
/// whole household.
const MOST_ENTRIES: u64 = 5000;
const MOST_REGEXES: u64 = 20;

/// Entries on a page of the list.
pub(super) const PAGE: u32 = 20;

/// Entries that are offered where it isn't clear which is meant.
const OFFERED: u32 = 9;

/// An entry as a person wants it.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) effect: Effect,
    pub(super) value: String,
    pub(super) kind: Option<PatternKind>,
    pub(super) channels: Channels,
    pub(super) action: Action,
    pub(super) until: Option<Date>,
    pub(super) whose: Whose,
    /// It was named by what it said, and nobody knows whether it is a person or a room.
    pub(super) may_be_room: bool,
}

impl Draft {
    pub(super) fn new(effect: Effect, whose: Whose, kind: Option<PatternKind>, value: &str) -> Self {
        Self {
            effect,
            value: value.to_owned(),
            kind,
            channels: Channels::All,
            action: Action::Drop,
            until: None,
            whose,
            may_be_room: false,
        }
    }

    fn entry(&self, pattern: Pattern, list: &List) -> NewEntry {
        NewEntry {
            effect: self.effect,
            scope: list.scope,
            channels: self.channels,
            action: self.action,
            until: self.until,
            source: Source::Manual,
            ..NewEntry::block(pattern)
        }
    }
}

/// Why a person should say once more that this is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is a public suffix: domains of unrelated people.
    WholeSuffix(String),
    /// It may match far more than is meant.
    Wide(Remark),
    /// It is where the caller's own account is.
    OwnDomain(String),
    /// It names one device, or somebody in a room: entries are for whole accounts and rooms.
    AllOf(String),
    /// It was taken as words, because it is neither an address nor a domain.
    Words,
}

/// Whose messages are never stopped in chat.
#[derive(Clone, Copy)]
pub(super) enum Passes {
    /// The caller's own clients'.
    Yourself,
    /// The component's.
    Desk,
}

/// A draft that is understood.
pub(super) struct Understood {
    pub(super) pattern: Pattern,
    pub(super) remarks: Vec<Remark>,
    pub(super) doubts: Vec<Doubt>,
    /// Who passes whatever is listed.
    pub(super) passes: Option<Passes>,
    /// Where it counts in this household.
    pub(super) counts_in: Channels,
}

/// Reads what the draft's value means.
pub(super) fn consider(lists: &dyn Lists, caller: &Caller, draft: &Draft) -> Result<Understood, Problem> {
    if draft.value.chars().count() > VALUE {
        return Err(Problem::TooLong);
    }
    let mut doubts = Vec::new();
    // Also where the entry counts for mail, too: whom one names here one knows from chat.
    let value = in_chat(&draft.value, draft.kind);
    let understood = match understand(&value, draft.kind, false) {
        Err(PatternError::WholeSuffix { suffix }) => {
            doubts.push(Doubt::WholeSuffix(suffix));
            understand(&value, draft.kind, true)?
        }
        other => other?,
    };
    let wide = |remark: &Remark| {
        matches!(remark, Remark::SharedProvider { .. } | Remark::ShortWords { .. } | Remark::Broad { .. })
    };
    let (wide, mut remarks): (Vec<Remark>, Vec<Remark>) = understood.remarks.into_iter().partition(wide);
    // Prosody may not have said yet that the account's host is ours.
    remarks.retain(|remark| match remark {
        Remark::WholeDomainPossible { domain } => !covers(domain, caller.account.domain().as_str()),
        _ => true,
    });
    let remarks = without_our_own(remarks, lists);
    doubts.extend(wide.into_iter().map(Doubt::Wide));
    let behind_slash = draft.value.rsplit_once('@').is_some_and(|(_, host)| host.contains('/'));
    doubts.extend(remarks.iter().filter_map(|remark| match remark {
        Remark::TakenAs { kind: PatternKind::Address, value } if behind_slash => {
            Some(Doubt::AllOf(value.clone()))
        }
        _ => None,
    }));
    let own = caller.account.key().strip_prefix(understood.pattern.key.as_str());
    if draft.effect == Effect::Block
        && understood.pattern.kind == PatternKind::Domain
        && own.is_some_and(|rest| rest.starts_with(['@', '.']))
    {
        doubts.push(Doubt::OwnDomain(caller.account.domain().to_string()));
    }
    if draft.kind.is_none() && understood.pattern.kind == PatternKind::Words {
        doubts.push(Doubt::Words);
    }
    let counts_in = match draft.channels {
        Channels::All if !caller.mail => Channels::Xmpp,
        channels => channels,
    };
    let is = |who: &Identity| draft.effect == Effect::Block && understood.pattern.key == who.key();
    let passes = if is(&caller.account) {
        Some(Passes::Yourself)
    } else {
        caller.desk.as_ref().filter(|desk| is(desk)).map(|_| Passes::Desk)
    };
    Ok(Understood { pattern: understood.pattern, remarks, doubts, passes, counts_in })
}

/// Whether a host is this domain or below it.
fn covers(domain: &str, host: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// What adding an entry did.
pub(super) struct Done {
    pub(super) added: Added,
    /// The same is on this list with the other effect, and an allow entry of these counts more.
    pub(super) opposite: bool,
    /// What the caller's chat client blocks, so that this doesn't count in chat.
    pub(super) in_the_way: Option<Entry>,
    /// Where it counts in this household, and whether mail of this list's owner is known there.
    pub(super) counts_in: Channels,
    pub(super) counts_for_mail: bool,
}

/// What a verdict on one channel would be.
pub(super) struct Trial {
    pub(super) channel: Channel,
    pub(super) outcome: Outcome,
    pub(super) sentence: Sentence,
    pub(super) remarks: Vec<Sentence>,
}

/// The entries that a person may mean.
pub(super) struct Meant {
    pub(super) entries: Vec<Entry>,
    /// They are exactly what was named, not only like it.
    pub(super) exactly: bool,
}

impl Desk {
    pub(super) fn add(
        &self,
        caller: &Caller,
        draft: &Draft,
        understood: Understood,
        now: Instant,
    ) -> Result<Done, Problem> {
        let list = self.list_or_new(caller, draft.whose)?;
        let Understood { pattern, counts_in, .. } = understood;
        let before = self.lists.find(list.actor, list.scope, &pattern)?;
        let same = before.iter().any(|entry| entry.effect == draft.effect);
        if list.member.is_some() && !same && self.is_full(&list, pattern.kind)? {
            return Err(Problem::Full);
        }
        let added = self.lists.add(list.actor, vec![draft.entry(pattern, &list)])?;
        let added =
            added.into_iter().next().ok_or_else(|| ListsError::Store(Sentence::of("store-inside")))?;
        // What somebody else allows counts less than a member's own entry.
        let counts_more = |entry: &Entry| entry.effect == Effect::Block || entry.added_by == AddedBy::Owner;
        let opposite = before.iter().any(|entry| {
            entry.effect != draft.effect
                && entry.enabled
                && counts_more(entry)
                && !added.unblocked.contains(entry)
        });
        let in_the_way = in_the_way(self.lists.as_ref(), list.actor, &NewEntry::again(added.entry.clone()))?;
        if let Some(undo) = Undo::of_added(&added, before) {
            self.remember(caller, &list, undo, &added.entry, now);
        }
        Ok(Done { added, opposite, in_the_way, counts_in, counts_for_mail: list.counts_for_mail() })
    }

    fn is_full(&self, list: &List, kind: PatternKind) -> Result<bool, Problem> {
        let count = |kind| {
            let query = Query { scope: Some(list.scope), kind, limit: 1, ..Query::default() };
            self.lists.entries(list.actor, &query).map(|page| page.total)
        };
        let regexes = if kind == PatternKind::Regex { count(Some(kind))? } else { 0 };
        Ok(regexes >= MOST_REGEXES || count(None)? >= MOST_ENTRIES)
    }

    fn remember(&self, caller: &Caller, list: &List, undo: Undo, entry: &Entry, now: Instant) {
        let (pattern, effect) = (entry.pattern.clone(), entry.effect);
        let change = Changed { undo, actor: list.actor, pattern, effect };
        self.memory().changed(caller.account.key(), change, now);
    }

    /// The entries that this names, or that contain it.
    pub(super) fn meant(&self, caller: &Caller, whose: Whose, what: &str) -> Result<Meant, Problem> {
        if what.chars().count() > VALUE {
            return Err(Problem::TooLong);
        }
        let Some(list) = self.list(caller, whose)? else {
            return Ok(Meant { entries: Vec::new(), exactly: false });
        };
        let mut entries = named(self.lists.as_ref(), list.actor, &[list.scope], what)?;
        if let (true, Some((kind, value))) = (entries.is_empty(), kind_before(what)) {
            let typed = format!("{}:{value}", kind.word().unwrap_or_default());
            entries = named(self.lists.as_ref(), list.actor, &[list.scope], &typed)?;
        }
        if !entries.is_empty() {
            return Ok(Meant { entries, exactly: true });
        }
        let page = self.page_of(&list, what, None, OFFERED)?;
        Ok(Meant { entries: page.entries.into_iter().map(|listed| listed.entry).collect(), exactly: false })
    }

    /// Removes entries of the list, and gives them back as they were.
    pub(super) fn remove(
        &self,
        caller: &Caller,
        whose: Whose,
        ids: &[EntryId],
        now: Instant,
    ) -> Result<Vec<Entry>, Problem> {
        let Some(list) = self.list(caller, whose)? else { return Ok(Vec::new()) };
        for &id in ids {
            // An admin may see and remove more than what is on this list.
            if self.lists.entry(list.actor, id)?.entry.scope != list.scope {
                return Err(ListsError::NoSuchEntry(id.to_string()).into());
            }
        }
        let removed = self.lists.remove(list.actor, ids)?;
        for entry in &removed {
            self.remember(caller, &list, Undo::PutBack(vec![entry.clone()]), entry, now);
        }
        Ok(removed)
    }

    /// A page of the list, or of what in it contains `find`.
    pub(super) fn page(
        &self,
        caller: &Caller,
        whose: Whose,
        find: &str,
        after: Option<Position>,
    ) -> Result<Page, Problem> {
        match self.list(caller, whose)? {
            Some(list) => self.page_of(&list, find, after, PAGE),
            None => Ok(Page::default()),
        }
    }

    fn page_of(&self, list: &List, find: &str, after: Option<Position>, limit: u32) -> Result<Page, Problem> {
        let find = Some(find.to_owned()).filter(|find| !find.is_empty());
        let query = Query { scope: Some(list.scope), find, after, limit, ..Query::default() };
        Ok(self.lists.entries(list.actor, &query)?)
    }

    /// A link by which the caller, and nobody else, comes to their own page. Whoever had no list gets one.
    pub(super) fn page_link(&self, caller: &Caller) -> Result<SignInLink, Problem> {
        let links = self.page_links.as_ref().ok_or(Problem::NoPage)?;
        let list = self.list_or_new(caller, Whose::Mine)?;
        let member = list.member.ok_or(Problem::Shared)?;
        Ok(links.sign_in_link(list.actor, member.id)?)
    }

    /// Takes the caller's last change back; `None` if there is none.
    pub(super) fn undo(&self, caller: &Caller, now: Instant) -> Result<Option<Changed>, Problem> {
        let Some(change) = self.memory().last_change(caller.account.key(), now) else { return Ok(None) };
        match change.undo.clone().carry_out(self.lists.as_ref(), change.actor) {
            Ok(again) => {
                if let Undo::PutBack(removed) | Undo::Instead(_, removed) = &change.undo {
                    let ids = removed.iter().zip(&again).map(|(removed, again)| (removed.id, again.entry.id));
                    self.memory().follow(caller.account.key(), ids);
                }
                Ok(Some(change))
            }
            Err(error) => {
                if matches!(error, ListsError::Store(_)) {
                    self.memory().changed(caller.account.key(), change, now);
                }
                Err(error.into())
            }
        }
    }

    /// What would happen to something that is sent to the caller (or, of the household's list, to anybody).
    pub(super) fn trials(
        &self,
        caller: &Caller,
        whose: Whose,
        pasted: &str,
    ) -> Result<(trial::Taken, Vec<Trial>), Problem> {
        let list = self.list(caller, whose)?;
        let taken = trial::taken_for(pasted.as_bytes());
        let trials = taken.channels().iter().filter_map(|&channel| {
            let recipient = match (whose, channel) {
                (Whose::Household, _) => None,
                (Whose::Mine, Channel::Xmpp) => Some(caller.account.clone()),
                (Whose::Mine, Channel::Mail) => Some(list.as_ref()?.member.as_ref()?.address_on(channel)?),
            };
            let candidate = trial::candidate(taken, pasted.as_bytes(), channel, recipient);
            Some(self.trial(list.as_ref(), &candidate))
        });
        Ok((taken, trials.collect()))
    }

    /// The same for a message that was forwarded (XEP-0297).
    pub(super) fn trial_of(&self, caller: &Caller, forwarded: &Element) -> Result<Trial, Problem> {
        let list = self.list(caller, Whose::Mine)?;
        let read = Read { stanza: Some(forwarded.clone()), broken: false, too_deep: false };
        let asked = Asked::default();
        let mut candidate = stanza::candidate(read, "", &asked);
        candidate.recipients =
            vec![Recipient { identity: caller.account.clone(), delivery: Delivery::ToAddress }];
        Ok(self.trial(list.as_ref(), &candidate))
    }

    fn trial(&self, list: Option<&List>, candidate: &Candidate) -> Trial {
        let judgement = self.snapshot.load().judge(candidate, (self.today)());
        let proof_matters = judgement.proof_matters();
        let verdict = judgement.verdicts.into_iter().next().unwrap_or_else(Verdict::unlisted);
        let entry = verdict.decided_by.as_ref().and_then(|decision| {
            let listed = self.lists.entry(list?.actor, decision.entry).ok()?;
            Some(listed.entry)
        });
        let by_client = entry.as_ref().is_some_and(|entry| entry.source == Source::Client);
        let by_client =
            (by_client && candidate.channel == Channel::Xmpp).then(|| Sentence::of("desk-try-client"));
        let remarks = explain::remarks(proof_matters, candidate.cut_short).chain(by_client).collect();
        Trial {
            channel: candidate.channel,
            outcome: verdict.outcome,
            sentence: explain::sentence(&verdict, entry.as_ref()),
            remarks,
        }
    }
}
