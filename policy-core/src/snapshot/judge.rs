//! Judging: which entry wins for which recipient (design: "Who wins", "Whom the filter serves").

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt::Write;
use std::ops::Range;

use icu_normalizer::ComposingNormalizer;
use jiff::civil::Date;

use super::Snapshot;
use super::identities::Rank;
use super::rule::Rule;
use super::texts::Texts;
use crate::candidate::{Candidate, Delivery, Place, Proof, Recipient, Sender, SenderRole};
use crate::entry::{Action, Channel, Effect, EntryId, MemberId, Scope};
use crate::text::words::scan;
use crate::verdict::{Decision, Judgement, Matched, Outcome, Reason, Verdict};

/// How many characters of a text a verdict quotes.
const EXCERPT_CHARS: usize = 60;

/// One entry that matches the candidate.
struct Match<'c> {
    rank: Rank,
    rule: Rule,
    by_regex: bool,
    what: What<'c>,
}

/// What an entry matched: told in words only if it decides.
enum What<'c> {
    Sender(Cow<'c, Sender>),
    Text { place: Place, excerpt: String },
}

/// The entries that match, each at each rank once: it may match any number of senders and texts, and the first tells
/// enough.
#[derive(Default)]
struct Matches<'c> {
    found: Vec<Match<'c>>,
    /// Of more than a few.
    seen: HashSet<(Rank, EntryId)>,
}

/// So many are looked through faster than they are hashed.
const FEW: usize = 16;

impl<'c> Matches<'c> {
    fn add(&mut self, rank: Rank, rule: Rule, by_regex: bool, what: impl FnOnce() -> What<'c>) {
        let is_same = |m: &Match<'_>| (m.rank, m.rule.entry) == (rank, rule.entry);
        if self.found.len() > FEW {
            if self.seen.is_empty() {
                self.seen = self.found.iter().map(|m| (m.rank, m.rule.entry)).collect();
            }
            if !self.seen.insert((rank, rule.entry)) {
                return;
            }
        } else if self.found.iter().any(is_same) {
            return;
        }
        self.found.push(Match { rank, rule, by_regex, what: what() });
    }

    /// The best first, so that the first that applies wins: rank, then allow over block, then what tells least. Before all
    /// comes what a chat server blocks itself: nothing that is allowed here gets past it.
    fn sorted(mut self, channel: Channel) -> Vec<Match<'c>> {
        self.found.sort_by_key(|m| {
            let block = m.rule.effect == Effect::Block;
            (
                !m.is_blocked_by_server(channel),
                Reverse(m.rank),
                block,
                m.rule.action == Action::Refuse,
                m.rule.entry,
            )
        });
        self.found
    }
}

/// Whether allow entries count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allows {
    Count,
    DontCount,
}

pub(super) fn judge(snapshot: &Snapshot, candidate: &Candidate, today: Date) -> Judgement {
    let mut matches = Matches::default();
    match_identities(snapshot, candidate, today, &mut matches);
    let reads = |recipient| needs_texts(snapshot, candidate, recipient, today, &matches.found);
    if candidate.recipients.iter().any(reads) {
        match_texts(snapshot, candidate, today, &mut matches);
    }
    let matches = matches.sorted(candidate.channel);

    let proven = match &candidate.proof {
        Proof::ByServer => true,
        Proof::Proven(identity) => candidate.author.as_ref() == Some(identity),
        Proof::NotAsked | Proof::NotProven => is_own_login(snapshot, candidate),
    };
    let allows = if proven { Allows::Count } else { Allows::DontCount };
    let verdicts: Vec<Verdict> = candidate
        .recipients
        .iter()
        .map(|recipient| for_recipient(snapshot, candidate, recipient, &matches, allows))
        .collect();
    let may_be_proven = candidate.proof == Proof::NotAsked
        && !proven
        && candidate.author.is_some()
        && matches.iter().any(|m| m.rule.effect == Effect::Allow);
    let if_proven = may_be_proven.then(|| {
        let each = candidate.recipients.iter();
        each.map(|recipient| for_recipient(snapshot, candidate, recipient, &matches, Allows::Count)).collect()
    });
    let if_proven = if_proven.filter(|proven: &Vec<Verdict>| {
        proven.iter().zip(&verdicts).any(|(proven, verdict)| proven.outcome != verdict.outcome)
    });
    Judgement { revision: snapshot.revision(), verdicts, if_proven }
}

/// Whether the author has logged in here: no DKIM or SPF proves more.
fn is_own_login(snapshot: &Snapshot, candidate: &Candidate) -> bool {
    let (Some(login), Some(author)) = (&candidate.login, &candidate.author) else { return false };
    snapshot.members.behind_login(login).any(|sender| sender.identity == *author)
}

/// Why nothing but the envelope is needed, if nothing is: see [`Snapshot::refusal`].
pub(super) fn refusal(snapshot: &Snapshot, envelope: &Candidate, today: Date) -> Option<Judgement> {
    let mut matches = Matches::default();
    match_identities(snapshot, envelope, today, &mut matches);
    if matches.found.is_empty() {
        return None;
    }
    let matches = matches.sorted(envelope.channel);
    let verdicts = envelope.recipients.iter().map(|recipient| {
        let owners = snapshot.members.whose(envelope.channel, recipient);
        let mut scopes = owners.iter().map(|owner| Scope::Member(*owner)).chain([Scope::Household]);
        if scopes.any(|scope| snapshot.segment.allows.any(scope)) {
            return None;
        }
        let verdict = for_recipient(snapshot, envelope, recipient, &matches, Allows::DontCount);
        (verdict.outcome == Outcome::Refuse).then_some(verdict)
    });
    let verdicts = verdicts.collect::<Option<Vec<Verdict>>>()?;
    Some(Judgement { revision: snapshot.revision(), verdicts, if_proven: None })
}

fn match_identities<'c>(
    snapshot: &Snapshot,
    candidate: &'c Candidate,
    today: Date,
    matches: &mut Matches<'c>,
) {
    let mut find = |sender: &Sender, keep: &dyn Fn() -> Cow<'c, Sender>| {
        let base = match candidate.channel {
            Channel::Mail => snapshot.members.hyphen_base(&sender.identity),
            Channel::Xmpp => None,
        };
        snapshot.segment.find_identity(&sender.identity, base, &mut |rank, rule| {
            let may_count = rule.effect == Effect::Block || may_be_allowed(candidate, sender);
            if may_count && rule.counts(candidate.channel, today) {
                matches.add(rank, rule, false, || What::Sender(keep()));
            }
        });
    };
    for sender in &candidate.senders {
        find(sender, &|| Cow::Borrowed(sender));
    }
    for crowd in &candidate.crowds {
        crowd.each(&mut |sender| find(&sender, &|| Cow::Owned(sender.clone())));
    }
    if let Some(login) = &candidate.login {
        for sender in snapshot.members.behind_login(login) {
            find(sender, &|| Cow::Owned(sender.clone()));
        }
    }
}

/// Allow entries look at the one author only: everything else in a message is easily made up by a stranger, an address that
/// the author's own wraps (SRS, BATV) included.
fn may_be_allowed(candidate: &Candidate, sender: &Sender) -> bool {
    match candidate.channel {
        Channel::Mail => {
            sender.role == SenderRole::From && candidate.author.as_ref() == Some(&sender.identity)
        }
        Channel::Xmpp => matches!(sender.role, SenderRole::Stanza | SenderRole::Occupant),
    }
}

/// Whether words could decide about this candidate, whatever it says.
pub(super) fn reads_texts(snapshot: &Snapshot, candidate: &Candidate, today: Date) -> bool {
    candidate.recipients.iter().any(|recipient| needs_texts(snapshot, candidate, recipient, today, &[]))
}

fn match_texts(snapshot: &Snapshot, candidate: &Candidate, today: Date, matches: &mut Matches<'_>) {
    let listed = &snapshot.segment.texts;
    let mut search = |place: Place, shown: &str| {
        let mut add = |rule: Rule, by_regex: bool, shown: &str, range: Range<usize>| {
            if rule.counts(candidate.channel, today) {
                matches
                    .add(Rank::Text, rule, by_regex, || What::Text { place, excerpt: excerpt(shown, range) });
            }
        };
        scan(shown, listed.matcher(), &mut |index, range| {
            for &rule in listed.words_rules(index) {
                add(rule, false, shown, range.clone());
            }
        });
        match_regexes(listed, shown, &mut add);
    };
    candidate.texts.iter().for_each(|text| search(text.place, &text.shown));
    if let Some(unread) = &candidate.unread {
        unread.texts(&mut |stretch| search(stretch.place, stretch.shown));
    }
}

fn match_regexes(listed: &Texts, text: &str, add: &mut impl FnMut(Rule, bool, &str, Range<usize>)) {
    if listed.regexes().len() == 0 {
        return;
    }
    // NFKC and never the skeleton: `\d` and `[a-z]` must mean what they say.
    let shown = ComposingNormalizer::new_nfkc().normalize(text);
    for (regex, rule) in listed.regexes() {
        if let Some(found) = regex.find(&shown) {
            add(rule, true, &shown, found.range());
        }
    }
}

/// Whether a text could decide for this recipient. Texts rank below identities, and reading them costs most: a
/// stranger's long text costs nothing where identities decide for everybody, or where nobody lists words.
fn needs_texts(
    snapshot: &Snapshot,
    candidate: &Candidate,
    recipient: &Recipient,
    today: Date,
    matches: &[Match<'_>],
) -> bool {
    if recipient.delivery == Delivery::Elsewhere || !by_words(snapshot, candidate, recipient) {
        return false;
    }
    // Only blocks settle anything here: they decide whether or not the sender is proven. Of a member's none but their own:
    // words of theirs outrank what somebody else allows.
    let settles = |m: &Match<'_>| m.rule.effect == Effect::Block && m.rule.by_owner;
    let blocked = |scope| matches.iter().any(|m| m.rule.scope == scope && settles(m));
    let listed = |scope| snapshot.segment.texts.in_force(scope, candidate.channel, today);
    let household = || !candidate.authenticated && !blocked(Scope::Household) && listed(Scope::Household);
    match snapshot.members.whose(candidate.channel, recipient) {
        [] => household(),
        [owner] if blocked(Scope::Member(*owner)) => false,
        owners => owners.iter().any(|owner| listed(Scope::Member(*owner))) || household(),
    }
}

/// RFC 2142 section 5: whoever has trouble with this server must be able to say so, whatever words it takes.
fn by_words(snapshot: &Snapshot, candidate: &Candidate, recipient: &Recipient) -> bool {
    let identity = &recipient.identity;
    let hyphened = || snapshot.members.hyphen_base(identity)?.split_once('@').map(|(_, local)| local);
    let local = identity.untagged().or_else(hyphened).or(identity.local());
    !(candidate.channel == Channel::Mail && matches!(local, Some("postmaster" | "abuse")))
}

fn for_recipient(
    snapshot: &Snapshot,
    candidate: &Candidate,
    recipient: &Recipient,
    matches: &[Match<'_>],
    allows: Allows,
) -> Verdict {
    if recipient.delivery == Delivery::Elsewhere {
        return Verdict { outcome: Outcome::Deliver, reason: Reason::Outgoing, decided_by: None };
    }
    if matches.is_empty() {
        return Verdict::unlisted();
    }
    let by_words = by_words(snapshot, candidate, recipient);
    let counts = |m: &Match<'_>| {
        (by_words || m.rank != Rank::Text) && (allows == Allows::Count || m.rule.effect == Effect::Block)
    };
    let best = |scope: Scope| matches.iter().find(|m| m.rule.scope == scope && counts(m));
    // What somebody else allows, where the member themselves says nothing.
    let members = |owner: MemberId| {
        let scope = Scope::Member(owner);
        let best = best(scope)?;
        let given = best.rule.effect == Effect::Allow && !best.rule.by_owner;
        let theirs = |m: &&Match<'_>| m.rule.scope == scope && m.rule.by_owner && counts(m);
        matches.iter().find(theirs).filter(|_| given).or(Some(best))
    };
    let owners = snapshot.members.whose(candidate.channel, recipient);
    let own = agreed(owners, members);
    let household = || if candidate.authenticated { None } else { best(Scope::Household) };
    own.or_else(household).map_or_else(Verdict::unlisted, Match::verdict)
}

/// The owners' own decision, if each of them has one and all are for a block, or all for an allow. Where one drops and another
/// refuses it is what tells least.
fn agreed<'m, 'c>(
    owners: &[MemberId],
    best: impl Fn(MemberId) -> Option<&'m Match<'c>>,
) -> Option<&'m Match<'c>> {
    let decisions = owners.iter().map(|&owner| best(owner)).collect::<Option<Vec<_>>>()?;
    let effect = decisions.first()?.rule.effect;
    let all = decisions.iter().all(|m| m.rule.effect == effect);
    decisions.into_iter().filter(|_| all).min_by_key(|m| m.outcome() == Outcome::Refuse)
}

impl Match<'_> {
    /// Whether the chat server itself blocks this (XEP-0191): it looks at a stanza's sender alone.
    fn is_blocked_by_server(&self, channel: Channel) -> bool {
        let stanza = matches!(&self.what, What::Sender(sender) if sender.role == SenderRole::Stanza);
        self.rule.by_client && self.rule.effect == Effect::Block && channel == Channel::Xmpp && stanza
    }

    fn outcome(&self) -> Outcome {
        match self.rule.effect {
            Effect::Allow => Outcome::Deliver,
            Effect::Block => self.rule.action.into(),
        }
    }

    fn verdict(&self) -> Verdict {
        let blocks = self.rule.effect == Effect::Block;
        let reason = match (self.rank, self.by_regex, blocks) {
            (Rank::Text, false, true) => Reason::BlockedWords,
            (Rank::Text, false, false) => Reason::AllowedWords,
            (Rank::Text, true, true) => Reason::BlockedRegex,
            (Rank::Text, true, false) => Reason::AllowedRegex,
            (Rank::Domain(_), _, true) => Reason::BlockedDomain,
            (Rank::Domain(_), _, false) => Reason::AllowedDomain,
            (_, _, true) => Reason::BlockedAddress,
            (_, _, false) => Reason::AllowedAddress,
        };
        let decision = Decision { entry: self.rule.entry, matched: self.what.matched() };
        Verdict { outcome: self.outcome(), reason, decided_by: Some(decision) }
    }
}

impl What<'_> {
    fn matched(&self) -> Matched {
        match self {
            Self::Sender(sender) => {
                // The signs around a quoted name included.
                let mut identity = String::with_capacity(sender.identity.key().len() + 2);
                let _ = write!(identity, "{}", sender.identity);
                Matched::Sender { role: sender.role, identity }
            }
            Self::Text { place, excerpt } => Matched::Text { place: *place, excerpt: excerpt.clone() },
        }
    }
}

fn excerpt(shown: &str, range: Range<usize>) -> String {
    let words = shown.get(range).unwrap_or_default().trim();
    let mut excerpt: String = words.chars().take(EXCERPT_CHARS).collect();
    if excerpt.len() < words.len() {
        excerpt.push('…');
    }
    excerpt
}
