//! Whatever series of edits led to a snapshot: it judges like one that is compiled anew, and like somebody who goes
//! through the entries one by one with the design's rules in hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::cmp::Reverse;

use jiff::civil::{Date, date};
use policy_core::candidate::{Candidate, Delivery, Place, Proof, Recipient, Sender, SenderRole, Text};
use policy_core::entry::{
    Action, AddedBy, Channel, Channels, Effect, Entry, EntryId, MemberId, Scope, Source,
};
use policy_core::identity::{Domain, Identity};
use policy_core::lists::{Member, MemberIdentity};
use policy_core::pattern::{PatternKind, understand};
use policy_core::snapshot::{Delimiters, Members, Rule, SegmentBuilder, Snapshot};
use policy_core::verdict::{Outcome, Verdict};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const TODAY: Date = date(2026, 11, 23);
const DOMAINS: [&str; 8] = [
    "a.test",
    "b.a.test",
    "c.b.a.test",
    "ab.test",
    "straße.test",
    "x.straße.test",
    "other.test",
    "a.test.other.test",
];
const LOCALS: [&str; 6] = ["m", "mm", "m+x", "m+y", "Mallory", "\"m m\""];
const GLOBS: [&str; 4] = ["m*", "*", "?", "m?x"];
const WORDS: [&str; 5] = ["casino", "casino night", "Straße", "lottery", "kaufen"];
const REGEXES: [&str; 2] = ["cas[a-z]+", "l.ttery$"];
const UNTIL: [Option<Date>; 4] = [None, Some(date(2026, 11, 22)), Some(TODAY), Some(Date::MAX)];
const TO: [&str; 4] = ["alice@home.test", "bob@home.test", "family@home.test", "nobody@home.test"];

fn members() -> Vec<Member> {
    let member = |number, name: &str| Member {
        id: MemberId(number),
        name: name.to_owned(),
        identities: [format!("{name}@home.test"), "family@home.test".to_owned()]
            .into_iter()
            .flat_map(|address| [MemberIdentity::Mail(address.clone()), MemberIdentity::Jid(address)])
            .collect(),
    };
    vec![member(1, "alice"), member(2, "bob")]
}

fn value() -> impl Strategy<Value = (PatternKind, String)> {
    let at = |locals: &'static [&'static str]| {
        (select(locals), select(&DOMAINS[..]))
            .prop_map(|(local, domain)| (PatternKind::Address, format!("{local}@{domain}")))
    };
    let of = |kind, values: &'static [&'static str]| {
        select(values).prop_map(move |value| (kind, value.to_owned()))
    };
    prop_oneof![
        3 => at(&LOCALS),
        2 => at(&GLOBS),
        3 => of(PatternKind::Domain, &DOMAINS),
        2 => of(PatternKind::Words, &WORDS),
        1 => of(PatternKind::Regex, &REGEXES),
    ]
}

/// An entry, its id still to be given.
fn entry() -> impl Strategy<Value = Entry> {
    (
        value(),
        select(&[Effect::Block, Effect::Allow][..]),
        select(&[Scope::Household, Scope::Member(MemberId(1)), Scope::Member(MemberId(2))][..]),
        select(&[Channels::All, Channels::Mail, Channels::Xmpp][..]),
        select(&[Action::Drop, Action::Refuse][..]),
        select(&UNTIL[..]),
        prop::bool::weighted(0.8),
        select(
            &[
                (AddedBy::Owner, false),
                (AddedBy::Admin, false),
                (AddedBy::Unproven, false),
                (AddedBy::Owner, true),
            ][..],
        ),
    )
        .prop_map(
            |((kind, value), effect, scope, channels, action, until, enabled, (added_by, by_client))| Entry {
                id: EntryId::from_number(0).unwrap(),
                pattern: understand(&value, Some(kind), true).unwrap().pattern,
                effect,
                scope,
                channels,
                action,
                note: String::new(),
                source: match (scope, effect) {
                    (Scope::Member(_), Effect::Block) if by_client => Source::Client,
                    _ => Source::Manual,
                },
                added_by: if scope == Scope::Household { AddedBy::Owner } else { added_by },
                created: TODAY,
                until,
                enabled,
            },
        )
}

#[derive(Clone, Debug)]
enum Edit {
    Add(Entry),
    Remove(Index),
    Switch(Index),
    /// The settings of another entry.
    Change(Index, Entry),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => entry().prop_map(Edit::Add),
        2 => any::<Index>().prop_map(Edit::Remove),
        1 => any::<Index>().prop_map(Edit::Switch),
        2 => (any::<Index>(), entry()).prop_map(|(which, settings)| Edit::Change(which, settings)),
    ]
}

/// Carries the edits out on the list, and says what is gone and what has changed.
fn carry_out(edits: &[Edit], list: &mut Vec<Entry>, next: &mut u32) -> (Vec<Entry>, Vec<Entry>) {
    let (mut gone, mut changed) = (Vec::new(), Vec::new());
    for edit in edits {
        let (Edit::Remove(index) | Edit::Switch(index) | Edit::Change(index, _)) = edit else {
            let Edit::Add(entry) = edit else { continue };
            *next += 1;
            let entry = Entry { id: EntryId::from_number(*next).unwrap(), ..entry.clone() };
            list.push(entry.clone());
            changed.push(entry);
            continue;
        };
        if list.is_empty() {
            continue;
        }
        let at = index.index(list.len());
        match edit {
            Edit::Remove(_) => gone.push(list.remove(at)),
            Edit::Change(_, settings) => {
                let there = list[at].clone();
                list[at] = Entry { id: there.id, pattern: there.pattern, ..settings.clone() };
                changed.push(list[at].clone());
            }
            _ => {
                list[at].enabled = !list[at].enabled;
                changed.push(list[at].clone());
            }
        }
    }
    (gone, changed)
}

fn compiled(list: &[Entry]) -> Snapshot {
    let mut builder = SegmentBuilder::new();
    for entry in list.iter().filter(|entry| entry.enabled) {
        builder.push(&entry.pattern, Rule::from(entry)).unwrap();
    }
    Snapshot::compile(1, builder, Members::new(&members(), Delimiters::Plus)).unwrap()
}

fn candidate() -> impl Strategy<Value = Candidate> {
    let sender = (select(&LOCALS[..]), select(&DOMAINS[..]), select(&["", "sub."][..]), any::<bool>());
    let text = prop::collection::vec(
        prop_oneof![3 => select(&["lunch", "at", "noon"][..]), 1 => select(&WORDS[..])],
        0..6,
    );
    let recipients = prop::collection::vec((select(&TO[..]), prop::bool::weighted(0.1)), 1..4);
    (
        select(&[Channel::Mail, Channel::Xmpp][..]),
        prop::collection::vec(sender, 1..3),
        text,
        recipients,
        any::<bool>(),
        select(&[0, 1, 2][..]),
    )
        .prop_map(|(channel, senders, text, recipients, authenticated, proof)| {
            let mut candidate = Candidate::new(channel);
            for (number, (local, domain, sub, idna2003)) in senders.into_iter().enumerate() {
                let (identity, role) = match channel {
                    Channel::Mail => {
                        let role = if number == 0 { SenderRole::From } else { SenderRole::ReplyTo };
                        (Identity::parse_mail(&format!("{local}@{sub}{domain}")), role)
                    }
                    Channel::Xmpp => {
                        let role = if number == 0 { SenderRole::Stanza } else { SenderRole::Inviter };
                        let domain = if idna2003 { domain.replace('ß', "ss") } else { domain.to_owned() };
                        (Identity::parse_jid(&format!("{local}@{sub}{domain}").replace(['"', ' '], "")), role)
                    }
                };
                candidate.senders.push(Sender { role, identity: identity.unwrap() });
            }
            let first = candidate.senders[0].identity.clone();
            if channel == Channel::Mail {
                candidate.proof = match proof {
                    0 => Proof::NotAsked,
                    1 => Proof::NotProven,
                    _ => Proof::Proven(first.clone()),
                };
            }
            candidate.author = Some(first);
            candidate.texts.push(Text { place: Place::Body, shown: text.join(" ") });
            candidate.authenticated = authenticated;
            candidate.recipients.extend(recipients.into_iter().map(|(to, outgoing)| Recipient {
                identity: Identity::parse_mail(to).unwrap(),
                delivery: if outgoing { Delivery::Elsewhere } else { Delivery::ToAddress },
            }));
            candidate
        })
}

fn glob_covers(glob: &[char], text: &[char]) -> bool {
    match glob.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|taken| glob_covers(rest, &text[taken..])),
        Some(('?', rest)) => !text.is_empty() && glob_covers(rest, &text[1..]),
        Some((char, rest)) => text.first() == Some(char) && glob_covers(rest, &text[1..]),
    }
}

/// How specifically an address or domain entry matches this identity.
fn rank(entry: &Entry, from: &Identity, channel: Channel) -> Option<(u8, usize)> {
    let typed = &entry.pattern.typed;
    let (local, domain) = typed.rsplit_once('@').map_or((None, typed.as_str()), |(l, d)| (Some(l), d));
    let listed = Domain::parse(domain).unwrap();
    let xmpp = listed.idna2003_form().filter(|_| channel == Channel::Xmpp);
    let shown = from.domain().to_string();
    let listed: Vec<String> = std::iter::once(listed).chain(xmpp).map(|domain| domain.to_string()).collect();
    let Some(local) = local else {
        let is_in = |of: &&String| shown == **of || shown.ends_with(&format!(".{of}"));
        return listed.iter().find(is_in).map(|of| (1, of.split('.').count()));
    };
    if !listed.contains(&shown) {
        return None;
    }
    let names: Vec<&str> = from.local().into_iter().chain(from.untagged()).collect();
    if local.contains(['*', '?']) {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        return names.iter().any(|name| glob_covers(&chars(local), &chars(name))).then_some((2, 0));
    }
    let listed = Identity::parse_mail(typed).unwrap();
    let at = names.iter().position(|name| Some(*name) == listed.local())?;
    Some(if at == 0 && names.len() == 2 { (4, 0) } else { (3, 0) })
}

fn says(entry: &Entry, text: &str) -> bool {
    let value = entry.pattern.typed.as_str();
    match entry.pattern.kind {
        PatternKind::Words => format!(" {text} ").contains(&format!(" {value} ")),
        // The two of REGEXES, by hand.
        _ if value == "cas[a-z]+" => text.contains("casino"),
        _ => text.ends_with("lottery"),
    }
}

/// The design's "Who wins", entry by entry.
fn naive(list: &[Entry], candidate: &Candidate, recipient: &Recipient) -> (Outcome, Option<EntryId>) {
    if recipient.delivery == Delivery::Elsewhere {
        return (Outcome::Deliver, None);
    }
    let proven = matches!(candidate.proof, Proof::ByServer | Proof::Proven(_));
    let mut matches = Vec::new();
    for entry in list {
        if !entry.enabled
            || !entry.channels.contains(candidate.channel)
            || entry.until.is_some_and(|until| until < TODAY)
            || (entry.effect == Effect::Allow && !proven)
        {
            continue;
        }
        let best = if matches!(entry.pattern.kind, PatternKind::Words | PatternKind::Regex) {
            says(entry, &candidate.texts[0].shown).then_some((0, 0))
        } else {
            let may_count = |sender: &&Sender| {
                entry.effect == Effect::Block || matches!(sender.role, SenderRole::From | SenderRole::Stanza)
            };
            let senders = candidate.senders.iter().filter(may_count);
            senders.filter_map(|sender| rank(entry, &sender.identity, candidate.channel)).max()
        };
        // What the chat server blocks, too, by the stanza's sender.
        let by_server = entry.source == Source::Client
            && candidate.channel == Channel::Xmpp
            && !matches!(entry.pattern.kind, PatternKind::Words | PatternKind::Regex)
            && rank(entry, &candidate.senders[0].identity, Channel::Xmpp).is_some();
        matches.extend(best.map(|rank| (rank, by_server, entry)));
    }
    matches.sort_by_key(|(rank, by_server, entry)| {
        (!by_server, Reverse(*rank), entry.effect == Effect::Block, entry.action == Action::Refuse, entry.id)
    });
    let outcome = |entry: &Entry| match (entry.effect, entry.action) {
        (Effect::Allow, _) => Outcome::Deliver,
        (Effect::Block, Action::Drop) => Outcome::Drop,
        (Effect::Block, Action::Refuse) => Outcome::Refuse,
    };
    let best = |scope| matches.iter().map(|(_, _, entry)| *entry).find(|entry| entry.scope == scope);
    // What the admin allows counts where the member's own entries say nothing.
    let own = |number| {
        let scope = Scope::Member(MemberId(number));
        let own = matches.iter().map(|(_, _, entry)| *entry);
        let mut own = own.filter(|entry| entry.scope == scope && entry.added_by == AddedBy::Owner);
        match best(scope) {
            Some(Entry { effect: Effect::Allow, added_by: AddedBy::Admin | AddedBy::Unproven, .. }) => {
                own.next().or(best(scope))
            }
            best => best,
        }
    };
    let decided = match recipient.identity.local().unwrap() {
        "alice" => own(1),
        "bob" => own(2),
        "family" => own(1).zip(own(2)).filter(|(one, two)| one.effect == two.effect).map(|(one, two)| {
            let softer = outcome(one) == Outcome::Refuse && outcome(two) == Outcome::Drop;
            if softer { two } else { one }
        }),
        _ => None,
    };
    let household = || best(Scope::Household).filter(|_| !candidate.authenticated);
    match decided.or_else(household) {
        Some(entry) => (outcome(entry), Some(entry.id)),
        None => (Outcome::Deliver, None),
    }
}

fn judged(verdicts: &[Verdict]) -> Vec<(Outcome, Option<EntryId>)> {
    let decided = |verdict: &Verdict| verdict.decided_by.as_ref().map(|decision| decision.entry);
    verdicts.iter().map(|verdict| (verdict.outcome, decided(verdict))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn after_any_edits_judging_is_as_if_compiled_anew_and_as_by_hand(
        start in prop::collection::vec(entry(), 0..24),
        rounds in prop::collection::vec(prop::collection::vec(edit(), 1..6), 1..8),
        candidates in prop::collection::vec(candidate(), 12),
    ) {
        let (mut list, mut next) = (Vec::new(), 0);
        let first: Vec<Edit> = start.into_iter().map(Edit::Add).collect();
        carry_out(&first, &mut list, &mut next);
        let mut snapshot = compiled(&list);
        for (round, edits) in (2..).zip(&rounds) {
            let (gone, changed) = carry_out(edits, &mut list, &mut next);
            let before = (snapshot.revision(), snapshot);
            snapshot = before.1.with_changes(round, &gone, &changed).unwrap();
            prop_assert_eq!((before.0, snapshot.revision()), (round - 1, round));
            let anew = compiled(&list);
            for candidate in &candidates {
                let verdicts = snapshot.judge(candidate, TODAY).verdicts;
                prop_assert_eq!(judged(&verdicts), judged(&anew.judge(candidate, TODAY).verdicts));
                let by_hand: Vec<_> =
                    candidate.recipients.iter().map(|to| naive(&list, candidate, to)).collect();
                prop_assert_eq!(judged(&verdicts), by_hand, "{:?}", &list);
            }
        }
    }
}
