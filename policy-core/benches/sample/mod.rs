//! Lists as large as wished and the identities that are looked up in them.

use policy_core::candidate::{Candidate, Delivery, Recipient, Sender, SenderRole};
use policy_core::entry::{
    Action, AddedBy, Channel, Channels, Effect, Entry, EntryId, MemberId, Scope, Source,
};
use policy_core::identity::Identity;
use policy_core::lists::{Member, MemberIdentity};
use policy_core::pattern::understand;
use policy_core::snapshot::{Delimiters, Members, Rule, SegmentBuilder, Snapshot};

/// A number that looks like chance and is the same in each run (SplitMix64).
pub fn chance(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// So many letters.
pub fn letters(seed: u64, count: u32) -> String {
    (0..count).map(|place| char::from(b'a' + (chance(seed) / 26_u64.pow(place) % 26) as u8)).collect()
}

/// The value of one entry of many: seven in ten are addresses, half of these at ten large providers; of domains one in
/// five is a subdomain.
pub fn value(number: u64) -> String {
    let ending =
        ["com", "net", "org", "example", "co.uk", "de", "info", "xyz"][(chance(number) >> 40) as usize % 8];
    let name = letters(number, 8);
    match number % 10 {
        0..4 => format!("{name}{}@provider{}.example", number % 1000, number % 11),
        4..7 => format!("{name}@{}{}.{ending}", letters(number ^ 1 << 40, 7), number % 5000),
        7 => format!("mail.{name}{number}.{ending}"),
        _ => format!("{name}{number}.{ending}"),
    }
}

pub fn entry(number: u64, value: &str) -> Entry {
    Entry {
        // Ids are chance, in an order of their own.
        id: EntryId::from_number((number as u32).wrapping_mul(2_654_435_761) % EntryId::LIMIT).unwrap(),
        pattern: understand(value, None, true).unwrap().pattern,
        effect: Effect::Block,
        scope: Scope::Household,
        channels: Channels::All,
        action: Action::Drop,
        note: String::new(),
        source: Source::Import,
        added_by: AddedBy::Owner,
        created: jiff::civil::date(2026, 11, 23),
        until: None,
        enabled: true,
    }
}

/// So many address and domain entries, in the order of their keys.
pub fn entries(count: u64) -> Vec<Entry> {
    let mut entries: Vec<Entry> = (0..count).map(|number| entry(number, &value(number))).collect();
    entries.sort_by(|a, b| a.pattern.key.cmp(&b.pattern.key));
    entries.dedup_by(|a, b| a.pattern.key == b.pattern.key);
    entries
}

/// How many different identities of a shape are asked for, so that they don't all lie in the processor's cache.
const ASKED: u64 = 20_000;

/// Identities by shape: listed addresses, addresses in listed domains, unlisted ones at providers where thousands are
/// listed, and unlisted ones far down in domains of forty labels.
pub fn asked(count: u64) -> Vec<(&'static str, Vec<Identity>)> {
    let some = |shape: &dyn Fn(u64, String) -> Option<String>| -> Vec<Identity> {
        let numbers = (0..).map(|number| chance(number) % count);
        numbers
            .filter_map(|number| shape(number, value(number)))
            .map(|text| Identity::parse_mail(&text).unwrap())
            .take(ASKED.min(count) as usize)
            .collect()
    };
    let deep = "a.".repeat(38);
    vec![
        ("listed address", some(&|_, value| Some(value).filter(|value| value.contains('@')))),
        (
            "in a listed domain",
            some(&|_, value| (!value.contains('@')).then(|| format!("someone@sub.{value}"))),
        ),
        (
            "unlisted",
            some(&|number, _| Some(format!("{}@provider{}.example", letters(!number, 9), number % 11))),
        ),
        ("unlisted, 40 labels", some(&|number, _| Some(format!("x@{deep}{}.com", letters(!number, 9))))),
    ]
}

/// All of them, compiled.
pub fn compiled(entries: &[Entry]) -> Snapshot {
    let mut builder = SegmentBuilder::new();
    for entry in entries {
        builder.push(&entry.pattern, Rule::from(entry)).unwrap();
    }
    let member = |(number, name): (u32, &str)| Member {
        id: MemberId(number),
        name: name.to_owned(),
        identities: vec![MemberIdentity::Mail(format!("{name}@home.example"))],
    };
    let members: Vec<Member> = (1..).zip(["alice", "bob", "carol", "dave"]).map(member).collect();
    Snapshot::compile(1, builder, Members::new(&members, Delimiters::default())).unwrap()
}

/// A mail with this one sender, to somebody here.
pub fn mail(from: &Identity) -> Candidate {
    let mut candidate = Candidate::new(Channel::Mail);
    candidate.senders.push(Sender { role: SenderRole::From, identity: from.clone() });
    candidate.recipients.push(Recipient {
        identity: Identity::parse_mail("alice@home.example").unwrap(),
        delivery: Delivery::ToAddress,
    });
    candidate
}
