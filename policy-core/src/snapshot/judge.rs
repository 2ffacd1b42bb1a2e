//! Judging: which entry wins for which recipient (design: "Who wins", "Whom the filter serves").

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::Range;

use icu_normalizer::ComposingNormalizer;
use jiff::civil::Date;

use super::Snapshot;
use super::identities::Rank;
use super::rule::Rule;
use super::texts::Texts;
use crate::candidate::{Candidate, Proof, Recipient, Sender, SenderRole, Text};
use crate::entry::{Action, Channel, Effect, MemberId, Scope};
use crate::text::words::scan;
use crate::verdict::{Decision, Judgement, Matched, Outcome, Reason, Verdict};

/// How many characters of a text a verdict quotes.
const EXCERPT_CHARS: usize = 60;

/// One entry that matches the candidate.
struct Match {
    rank: Rank,
    rule: Rule,
    by_regex: bool,
    matched: Matched,
}

/// Whether allow entries count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allows {
    Count,
    DontCount,
}

pub(super) fn judge(snapshot: &Snapshot, candidate: &Candidate, today: Date) -> Judgement {
    let mut matches = Vec::new();
    match_identities(snapshot, candidate, today, &mut matches);
    // Texts rank below identities: where these decide for everybody, a stranger's long text costs nothing.
    if !candidate.recipients.iter().all(|recipient| is_settled(snapshot, candidate, recipient, &matches)) {
        match_texts(snapshot, candidate, today, &mut matches);
    }
    // The best first, so that the first that applies wins: rank, then allow over block, then what tells least.
    matches.sort_by_key(|m| {
        let block = m.rule.effect == Effect::Block;
        (Reverse(m.rank), block, m.rule.action == Action::Refuse, m.rule.entry)
    });

    let proven = match &candidate.proof {
        Proof::ByServer => true,
        Proof::Proven(identity) => candidate.author.as_ref() == Some(identity),
        Proof::NotAsked | Proof::NotProven => false,
    };
    let allows = if proven { Allows::Count } else { Allows::DontCount };
    let verdicts: Vec<Verdict> = candidate
        .recipients
        .iter()
        .map(|recipient| for_recipient(snapshot, candidate, recipient, &matches, allows))
        .collect();
    let proof_matters = candidate.proof == Proof::NotAsked
        && candidate.author.is_some()
        && candidate.recipients.iter().zip(&verdicts).any(|(recipient, verdict)| {
            let if_proven = for_recipient(snapshot, candidate, recipient, &matches, Allows::Count);
            if_proven.outcome != verdict.outcome
        });
    Judgement { revision: snapshot.revision(), verdicts, proof_matters }
}

fn match_identities(snapshot: &Snapshot, candidate: &Candidate, today: Date, matches: &mut Vec<Match>) {
    let mut seen = HashSet::new();
    let mut find = |sender: &Sender| {
        snapshot.segment.find_identity(&sender.identity, &mut |rank, rule| {
            if !rule.counts(candidate.channel, today) {
                return;
            }
            if rule.effect == Effect::Allow && !may_be_allowed(candidate, sender.role) {
                return;
            }
            // One entry may match any number of senders; the first tells enough.
            if seen.insert((rank, rule.entry)) {
                let matched = Matched::Sender { role: sender.role, identity: sender.identity.to_string() };
                matches.push(Match { rank, rule, by_regex: false, matched });
            }
        });
    };
    candidate.senders.iter().for_each(&mut find);
    for crowd in &candidate.crowds {
        crowd.each(&mut |sender| find(&sender));
    }
}

/// Allow entries look at the one author only: everything else in a message is easily made up by a stranger.
fn may_be_allowed(candidate: &Candidate, role: SenderRole) -> bool {
    match candidate.channel {
        Channel::Mail => role == SenderRole::From && candidate.author.is_some(),
        Channel::Xmpp => matches!(role, SenderRole::Stanza | SenderRole::Occupant),
    }
}

fn match_texts(snapshot: &Snapshot, candidate: &Candidate, today: Date, matches: &mut Vec<Match>) {
    let listed = &snapshot.segment.texts;
    if listed.is_empty() {
        return;
    }
    let mut seen = HashSet::new();
    for text in &candidate.texts {
        let mut add = |rule: Rule, by_regex: bool, shown: &str, range: Range<usize>| {
            if rule.counts(candidate.channel, today) && seen.insert(rule.entry) {
                let matched = Matched::Text { place: text.place, excerpt: excerpt(shown, range) };
                matches.push(Match { rank: Rank::Text, rule, by_regex, matched });
            }
        };
        scan(&text.shown, &[listed.matcher()], &mut |_, index, range| {
            for &rule in listed.words_rules(index) {
                add(rule, false, &text.shown, range.clone());
            }
        });
        match_regexes(listed, text, &mut add);
    }
}

fn match_regexes(listed: &Texts, text: &Text, add: &mut impl FnMut(Rule, bool, &str, Range<usize>)) {
    if listed.regexes().len() == 0 {
        return;
    }
    // NFKC and never the skeleton: `\d` and `[a-z]` must mean what they say.
    let shown = ComposingNormalizer::new_nfkc().normalize(&text.shown);
    for (regex, rule) in listed.regexes() {
        if let Some(found) = regex.find(&shown) {
            add(rule, true, &shown, found.range());
        }
    }
}

/// Whether the identities alone decide for this recipient: in their own scope, or in the household's if nobody owns the
/// address. Only blocks count here: they decide whether or not the sender is proven.
fn is_settled(snapshot: &Snapshot, candidate: &Candidate, recipient: &Recipient, matches: &[Match]) -> bool {
    let blocked = |scope| matches.iter().any(|m| m.rule.scope == scope && m.rule.effect == Effect::Block);
    match snapshot.members.owners(candidate.channel, &recipient.identity) {
        [] => !candidate.authenticated && blocked(Scope::Household),
        [owner] => blocked(Scope::Member(*owner)),
        _ => false,
    }
}

fn for_recipient(
    snapshot: &Snapshot,
    candidate: &Candidate,
    recipient: &Recipient,
    matches: &[Match],
    allows: Allows,
) -> Verdict {
    if recipient.outgoing {
        return Verdict { outcome: Outcome::Deliver, reason: Reason::Outgoing, decided_by: None };
    }
    // RFC 2142 section 5: whoever has trouble with this server must be able to say so, whatever words it takes.
    let by_words = !(candidate.channel == Channel::Mail
        && recipient.identity.local().is_some_and(|local| matches!(local, "postmaster" | "abuse")));
    let best = |scope: Scope| {
        matches.iter().find(|m| {
            m.rule.scope == scope
                && (by_words || m.rank != Rank::Text)
                && (allows == Allows::Count || m.rule.effect == Effect::Block)
        })
    };
    let owners = snapshot.members.owners(candidate.channel, &recipient.identity);
    let own = agreed(owners, |owner| best(Scope::Member(owner)));
    let household = || if candidate.authenticated { None } else { best(Scope::Household) };
    own.or_else(household).map_or_else(Verdict::unlisted, Match::verdict)
}

/// The owners' own decision, if each of them has one and all are the same.
fn agreed<'m>(owners: &[MemberId], best: impl Fn(MemberId) -> Option<&'m Match>) -> Option<&'m Match> {
    let (&first, others) = owners.split_first()?;
    let decision = best(first)?;
    let outcome = decision.outcome();
    others.iter().all(|&other| best(other).is_some_and(|m| m.outcome() == outcome)).then_some(decision)
}

impl Match {
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
        let decision = Decision { entry: self.rule.entry, matched: self.matched.clone() };
        Verdict { outcome: self.outcome(), reason, decided_by: Some(decision) }
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
