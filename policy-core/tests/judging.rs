//! Who wins: the design's order of scopes, ranks and effects, and the compiled lookup against a naive one.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::type_complexity,
    reason = "tests may fail loudly"
)]

use jiff::civil::{Date, date};
use policy_core::candidate::{Candidate, Delivery, Place, Proof, Recipient, Sender, SenderRole, Text};
use policy_core::entry::{
    Action, AddedBy, Channel, Channels, Effect, Entry, EntryId, MemberId, Scope, Source,
};
use policy_core::identity::Identity;
use policy_core::lists::{Member, MemberIdentity};
use policy_core::message;
use policy_core::pattern::{PatternKind, understand};
use policy_core::snapshot::{Delimiters, Members, Rule, SegmentBuilder, Snapshot};
use policy_core::verdict::{Outcome, Reason};
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 23);

fn entry(number: u32, effect: Effect, value: &str) -> Entry {
    Entry {
        id: EntryId::from_number(number).unwrap(),
        pattern: understand(value, None, true).unwrap().pattern,
        effect,
        scope: Scope::Household,
        channels: Channels::All,
        action: Action::Drop,
        note: String::new(),
        source: Source::Manual,
        added_by: AddedBy::Owner,
        created: TODAY,
        until: None,
        enabled: true,
    }
}

fn block(number: u32, value: &str) -> Entry {
    entry(number, Effect::Block, value)
}

fn allow(number: u32, value: &str) -> Entry {
    entry(number, Effect::Allow, value)
}

fn of(member: u32, entry: Entry) -> Entry {
    Entry { scope: Scope::Member(MemberId(member)), ..entry }
}

fn member(number: u32, mail: &str) -> Member {
    Member {
        id: MemberId(number),
        name: format!("member {number}"),
        identities: vec![MemberIdentity::Mail(mail.to_owned()), MemberIdentity::Jid(mail.to_owned())],
    }
}

fn compile(entries: &[Entry], members: &[Member]) -> Snapshot {
    let mut builder = SegmentBuilder::new();
    for entry in entries.iter().filter(|entry| entry.enabled) {
        builder.push(&entry.pattern, Rule::from(entry)).unwrap();
    }
    Snapshot::compile(1, builder, Members::new(members, Delimiters::Plus)).unwrap()
}

fn recipient(address: &str) -> Recipient {
    Recipient { identity: Identity::parse_mail(address).unwrap(), delivery: Delivery::ToAddress }
}

fn chat(from: &str, to: &str, body: &str) -> Candidate {
    let mut candidate = Candidate::new(Channel::Xmpp);
    let identity = Identity::parse_jid(from).unwrap();
    candidate.author = Some(identity.clone());
    candidate.senders.push(Sender { role: SenderRole::Stanza, identity });
    candidate.recipients.push(recipient(to));
    candidate.texts.push(Text { place: Place::Body, shown: body.to_owned() });
    candidate
}

fn mail(from: &str, to: &str, body: &str) -> Candidate {
    let mut candidate = Candidate::new(Channel::Mail);
    let identity = Identity::parse_mail(from).unwrap();
    candidate.author = Some(identity.clone());
    candidate.senders.push(Sender { role: SenderRole::From, identity });
    candidate.recipients.push(recipient(to));
    candidate.texts.push(Text { place: Place::Body, shown: body.to_owned() });
    candidate
}

fn outcome(snapshot: &Snapshot, candidate: &Candidate) -> (Outcome, Reason, Option<u32>) {
    let judgement = snapshot.judge(candidate, TODAY);
    let verdict = judgement.verdicts.first().unwrap();
    let by = verdict.decided_by.as_ref().map(|decision| decision.entry.number());
    (verdict.outcome, verdict.reason, by)
}

#[test]
fn words_can_decide_where_the_household_or_the_recipient_lists_any_that_are_in_force_in_chat() {
    let members = [member(1, "anna@home.example"), member(2, "bob@home.example")];
    let reads = |entries: &[Entry], to: &str| {
        compile(entries, &members).reads_texts(&chat("friend@f.example", to, "hello"), TODAY)
    };
    assert!(!reads(&[], "anna@home.example"));
    assert!(!reads(&[block(1, "mallory@evil.example"), block(2, "evil.example")], "anna@home.example"));
    for listed in [block(1, "casino"), allow(1, "casino"), block(1, "/casino/")] {
        assert!(reads(std::slice::from_ref(&listed), "anna@home.example"));
        assert!(reads(std::slice::from_ref(&listed), "nobody@home.example"));
        assert!(reads(&[of(1, listed.clone())], "anna@home.example"));
        assert!(!reads(&[of(2, listed)], "anna@home.example"));
    }
    assert!(!reads(&[Entry { channels: Channels::Mail, ..block(1, "casino") }], "anna@home.example"));
    assert!(!reads(&[Entry { until: TODAY.yesterday().ok(), ..block(1, "casino") }], "anna@home.example"));
}

#[test]
fn the_most_specific_kind_wins_and_allow_before_block() {
    use Outcome::{Deliver, Drop};
    let cases: &[(&[Entry], (Outcome, Reason, Option<u32>))] = &[
        (&[], (Deliver, Reason::NotListed, None)),
        (&[block(1, "evil.example")], (Drop, Reason::BlockedDomain, Some(1))),
        (
            &[block(1, "evil.example"), allow(2, "sub.evil.example")],
            (Deliver, Reason::AllowedDomain, Some(2)),
        ),
        (&[allow(1, "evil.example"), block(2, "sub.evil.example")], (Drop, Reason::BlockedDomain, Some(2))),
        (
            &[block(1, "sub.evil.example"), allow(2, "m*@sub.evil.example")],
            (Deliver, Reason::AllowedAddress, Some(2)),
        ),
        (
            &[allow(1, "m*@sub.evil.example"), block(2, "mallory@sub.evil.example")],
            (Drop, Reason::BlockedAddress, Some(2)),
        ),
        (
            &[allow(1, "mallory@sub.evil.example"), block(2, "mallory@sub.evil.example")],
            (Deliver, Reason::AllowedAddress, Some(1)),
        ),
        (&[block(1, "casino"), allow(2, "evil.example")], (Deliver, Reason::AllowedDomain, Some(2))),
        (&[block(1, "casino")], (Drop, Reason::BlockedWords, Some(1))),
        (&[block(1, "casino"), allow(2, "night")], (Deliver, Reason::AllowedWords, Some(2))),
        (
            &[block(1, "mallory@evil.example"), block(2, "notevil.example")],
            (Deliver, Reason::NotListed, None),
        ),
    ];
    let candidate = chat("Mallory@sub.EVIL.example/phone", "alice@home.example", "a casino night");
    for (entries, expected) in cases {
        assert_eq!(outcome(&compile(entries, &[]), &candidate), *expected, "{entries:?}");
    }
}

#[test]
fn a_tagged_entry_matches_its_tag_alone_and_outranks_the_plain_address() {
    let snapshot = compile(&[block(1, "m@x.example"), allow(2, "m+shop@x.example")], &[]);
    let proven = |from: &str| {
        let mut candidate = mail(from, "alice@home.example", "hi");
        candidate.proof = Proof::Proven(Identity::parse_mail(from).unwrap());
        outcome(&snapshot, &candidate)
    };
    assert_eq!(proven("m+shop@x.example"), (Outcome::Deliver, Reason::AllowedAddress, Some(2)));
    assert_eq!(proven("m+other@x.example"), (Outcome::Drop, Reason::BlockedAddress, Some(1)));
    assert_eq!(proven("m@x.example"), (Outcome::Drop, Reason::BlockedAddress, Some(1)));
}

#[test]
fn an_allow_entry_counts_in_mail_only_for_a_proven_author() {
    let snapshot = compile(&[block(1, "evil.example"), allow(2, "friend@evil.example")], &[]);
    let mut candidate = mail("friend@evil.example", "alice@home.example", "hi");
    let judgement = snapshot.judge(&candidate, TODAY);
    assert_eq!((judgement.verdicts[0].outcome, judgement.proof_matters()), (Outcome::Drop, true));
    candidate.proof = Proof::NotProven;
    let judgement = snapshot.judge(&candidate, TODAY);
    assert_eq!((judgement.verdicts[0].outcome, judgement.proof_matters()), (Outcome::Drop, false));
    candidate.proof = Proof::Proven(Identity::parse_mail("other@evil.example").unwrap());
    assert_eq!(outcome(&snapshot, &candidate).0, Outcome::Drop);
    candidate.proof = Proof::Proven(Identity::parse_mail("friend@evil.example").unwrap());
    assert_eq!(outcome(&snapshot, &candidate).0, Outcome::Deliver);
    // Reply-To and the envelope are easily made up: an allow entry doesn't look at them.
    candidate.senders.iter_mut().for_each(|sender| sender.role = SenderRole::ReplyTo);
    assert_eq!(outcome(&snapshot, &candidate).0, Outcome::Drop);
    // Nothing blocks: nothing is worth asking for.
    let stranger = mail("x@y.example", "alice@home.example", "hi");
    assert!(!snapshot.judge(&stranger, TODAY).proof_matters());
}

#[test]
fn an_allowed_address_inside_a_strangers_own_is_not_allowed() {
    let snapshot = compile(
        &[block(1, "evil.example"), allow(2, "friend@good.example"), allow(3, "pal@evil.example")],
        &[],
    );
    let judged = |from: &str| {
        let mut candidate = Candidate::new(Channel::Mail);
        message::read(format!("From: {from}\r\n\r\nhello\r\n").as_bytes(), &message::Limits::default())
            .fill(&mut candidate);
        candidate.recipients.push(recipient("bob@home.example"));
        candidate.proof = Proof::Proven(candidate.author.clone().unwrap());
        outcome(&snapshot, &candidate).0
    };
    for stranger in [
        "SRS0=aa=bb=good.example=friend@evil.example",
        "SRS0+aa=bb=good.example=friend@evil.example",
        "SRS1=cc=fwd.example==aa=bb=good.example=friend@evil.example",
        "\"SRS0=aa=bb=good.example=friend\"@evil.example",
        // Somebody else at the friend's provider, or the provider's own machinery: nobody says that it is the friend.
        "prvs=0123456789=pal@evil.example",
        "msprvs1=0123456789=pal@evil.example",
        "btv1==0123456789==pal@evil.example",
    ] {
        assert_eq!(judged(stranger), Outcome::Drop, "{stranger}");
    }
    // The same address in other spellings.
    for same in ["pal@evil.example", "Pal+shop@EVIL.example", "Pal <\"pal\"@evil.example>"] {
        assert_eq!(judged(same), Outcome::Deliver, "{same}");
    }
}

#[test]
fn a_members_own_entries_come_first_and_concern_nobody_else() {
    let members = [member(1, "alice@home.example"), member(2, "bob@home.example")];
    let entries = [block(1, "mallory@x.example"), of(1, allow(2, "x.example")), of(2, block(3, "y.example"))];
    let snapshot = compile(&entries, &members);
    let to = |from: &str, to: &str| outcome(&snapshot, &chat(from, to, "hi")).0;
    assert_eq!(to("mallory@x.example", "alice@home.example"), Outcome::Deliver);
    assert_eq!(to("mallory@x.example", "bob@home.example"), Outcome::Drop);
    assert_eq!(to("mallory@x.example", "nobody@home.example"), Outcome::Drop);
    assert_eq!(to("z@y.example", "bob@home.example"), Outcome::Drop);
    assert_eq!(to("z@y.example", "alice@home.example"), Outcome::Deliver);
}

#[test]
fn what_somebody_else_allows_for_a_member_lifts_none_of_the_members_own_blocks() {
    for added_by in [AddedBy::Admin, AddedBy::Unproven] {
        lifts_none_of_the_members_own_blocks(&|entry: Entry| of(1, Entry { added_by, ..entry }));
    }
}

fn lifts_none_of_the_members_own_blocks(given: &dyn Fn(Entry) -> Entry) {
    let members = [member(1, "alice@home.example")];
    let judged = |entries: &[Entry], body: &str| {
        outcome(&compile(entries, &members), &chat("mallory@x.example", "alice@home.example", body)).0
    };
    let allowed = given(allow(1, "mallory@x.example"));
    for own in ["mallory@x.example", "x.example", "i see you"] {
        let own = of(1, block(2, own));
        assert_eq!(judged(&[allowed.clone(), own], "i see you"), Outcome::Drop);
    }
    // It lifts the household's, what else was added for her, and nothing of hers that doesn't match.
    let words = of(1, block(4, "i see you"));
    let others = [allowed.clone(), block(2, "mallory@x.example"), given(block(3, "x.example")), words];
    assert_eq!(judged(&others, "hello"), Outcome::Deliver);
    assert_eq!(judged(&others, "i see you"), Outcome::Drop, "her words are read where the admin blocks, too");
    let own = of(1, allow(2, "mallory@x.example"));
    assert_eq!(judged(&[own, given(block(3, "x.example"))], "hello"), Outcome::Deliver);
}

#[test]
fn what_a_client_blocks_at_the_chat_server_nothing_allows_in_chat() {
    let members = [member(1, "alice@home.example")];
    let client = |value: &str| of(1, Entry { source: Source::Client, ..block(1, value) });
    for blocked in ["*@x.example", "friend@x.example"] {
        let snapshot = compile(&[client(blocked), of(1, allow(2, "friend@x.example"))], &members);
        let from_friend = chat("friend@x.example", "alice@home.example", "hi");
        assert_eq!(outcome(&snapshot, &from_friend).0, Outcome::Drop, "{blocked}");
        // The chat server looks at stanzas' senders, and at no mail.
        let mut in_room = chat("room@rooms.example", "alice@home.example", "hi");
        in_room.senders.push(Sender {
            role: SenderRole::Occupant,
            identity: Identity::parse_jid("friend@x.example").unwrap(),
        });
        assert_eq!(outcome(&snapshot, &in_room).0, Outcome::Deliver, "{blocked}");
        let mut mail = mail("friend@x.example", "alice@home.example", "hi");
        mail.proof = Proof::Proven(Identity::parse_mail("friend@x.example").unwrap());
        assert_eq!(outcome(&snapshot, &mail).0, Outcome::Deliver, "{blocked}");
    }
}

#[test]
fn owners_of_a_shared_address_must_agree() {
    let members = [member(1, "family@home.example"), member(2, "family@home.example")];
    let candidate = chat("mallory@x.example", "family@home.example", "hi");
    let one = compile(&[of(1, block(1, "x.example"))], &members);
    assert_eq!(outcome(&one, &candidate).0, Outcome::Deliver);
    let both = compile(&[of(1, block(1, "x.example")), of(2, block(2, "mallory@x.example"))], &members);
    assert_eq!(outcome(&both, &candidate).0, Outcome::Drop);
}

#[test]
fn owners_who_block_in_different_ways_agree_that_they_block() {
    let members = [member(1, "family@home.example"), member(2, "family@home.example")];
    let candidate = chat("mallory@x.example", "family@home.example", "hi");
    let refuse = |number| Entry { action: Action::Refuse, ..block(number, "x.example") };
    let judged =
        |first: Entry, second: Entry| outcome(&compile(&[of(1, first), of(2, second)], &members), &candidate);
    let dropped = (Outcome::Drop, Reason::BlockedDomain);
    assert_eq!(judged(refuse(1), block(2, "x.example")), (dropped.0, dropped.1, Some(2)));
    assert_eq!(judged(block(1, "x.example"), refuse(2)), (dropped.0, dropped.1, Some(1)));
    assert_eq!(judged(refuse(1), refuse(2)).0, Outcome::Refuse);
    assert_eq!(judged(refuse(1), allow(2, "x.example")).0, Outcome::Deliver);
}

#[test]
fn where_configured_a_hyphen_parts_a_sub_address_too() {
    let members = [member(1, "anna@home.example")];
    let entries = [of(1, block(1, "buy now")), block(2, "carl@home.example"), block(3, "eve-b@home.example")];
    let snapshot = |delimiters| compile(&entries, &[]).with_members(1, Members::new(&members, delimiters));
    let (plus, hyphen) = (snapshot(Delimiters::Plus), snapshot(Delimiters::PlusAndHyphen));
    let blocked =
        |snapshot: &Snapshot, from: &str, to: &str| outcome(snapshot, &mail(from, to, "Buy now!")).2;
    // Whose it is.
    assert_eq!(blocked(&plus, "x@a.example", "anna+shop@home.example"), Some(1));
    assert_eq!(blocked(&plus, "x@a.example", "anna-shop@home.example"), None);
    assert_eq!(blocked(&hyphen, "x@a.example", "Anna-Shop@home.example"), Some(1));
    assert_eq!(blocked(&hyphen, "x@a.example", "-anna@home.example"), None);
    // Who writes, where the household's own domain is meant; elsewhere a hyphen is a letter like others.
    assert_eq!(blocked(&plus, "carl-x@home.example", "bob@home.example"), None);
    assert_eq!(blocked(&hyphen, "carl-x@home.example", "bob@home.example"), Some(2));
    assert_eq!(blocked(&hyphen, "eve-b@home.example", "bob@home.example"), Some(3));
    assert_eq!(blocked(&hyphen, "eve@home.example", "bob@home.example"), None);
    let elsewhere = compile(&[block(1, "carl@far.example")], &[])
        .with_members(1, Members::new(&members, Delimiters::PlusAndHyphen));
    assert_eq!(blocked(&elsewhere, "carl-x@far.example", "bob@home.example"), None);
}

/// Postfix and Prosody may show a domain by IDNA2003.
#[test]
fn a_members_international_domain_is_theirs_in_either_form_unless_another_has_that_one() {
    let members = |names: &[&str]| -> Vec<Member> {
        names.iter().zip(1..).map(|(name, id)| member(id, name)).collect()
    };
    let entries = [of(1, block(1, "buy now")), of(2, block(2, "for sale"))];
    let blocked = |names: &[&str], to: &str| {
        outcome(&compile(&entries, &members(names)), &mail("x@a.example", to, "Buy now, for sale!")).2
    };
    for to in ["anna@straße.example", "anna@xn--strae-oqa.example", "anna@strasse.example"] {
        assert_eq!(blocked(&["anna@straße.example"], to), Some(1), "{to}");
    }
    let both = ["anna@straße.example", "anna@strasse.example"];
    assert_eq!(blocked(&both, "anna@strasse.example"), Some(2));
    assert_eq!(blocked(&both, "anna@straße.example"), Some(1));
    assert_eq!(blocked(&["anna@strasse.example"], "anna@straße.example"), None);
}

/// mydestination has more domains than the members' addresses: mail to anna@localhost is Anna's as well.
#[test]
fn a_mailbox_under_another_domain_is_its_accounts() {
    let mut anna = member(1, "anna.smith@home.example");
    anna.identities.push(MemberIdentity::Login("Anna".into()));
    let mut carl = member(2, "carl@home.example");
    carl.identities.push(MemberIdentity::Login("carl@localhost".into()));
    let entries = [of(1, block(1, "mallory@evil.example")), of(2, block(2, "mallory@evil.example"))];
    let snapshot = compile(&entries, &[anna, carl]);
    let dropped = |to: &str, delivery: Delivery| {
        let mut candidate = mail("mallory@evil.example", to, "hello");
        candidate.recipients[0].delivery = delivery;
        outcome(&snapshot, &candidate).0 == Outcome::Drop
    };
    for (to, as_account, as_address) in [
        ("anna@localhost", true, false),
        ("Anna+shop@mail.home.example", true, false),
        ("anna.smith@home.example", true, true),
        ("anna2@localhost", false, false),
        // Somebody's address is theirs, whatever the account is called.
        ("carl@home.example", true, true),
        // A login at a realm names no account.
        ("carl@localhost", false, false),
    ] {
        assert_eq!(dropped(to, Delivery::ToAccount), as_account, "{to} as an account");
        assert_eq!(dropped(to, Delivery::ToAddress), as_address, "{to} as an address");
    }
}

#[test]
fn whom_the_filter_does_not_serve() {
    let members = [member(1, "alice@home.example")];
    let entries = [block(1, "casino"), of(1, block(2, "bob@home.example"))];
    let snapshot = compile(&entries, &members);
    let mut outgoing = mail("x@y.example", "far@away.example", "casino");
    outgoing.recipients[0].delivery = Delivery::Elsewhere;
    assert_eq!(outcome(&snapshot, &outgoing), (Outcome::Deliver, Reason::Outgoing, None));
    for (to, expected) in [
        ("postmaster@home.example", Outcome::Deliver),
        ("Abuse@home.example", Outcome::Deliver),
        ("postmaster+mail-7@home.example", Outcome::Deliver),
        ("+postmaster@home.example", Outcome::Drop),
        ("postmaster-x@home.example", Outcome::Drop),
        ("carol@home.example", Outcome::Drop),
    ] {
        assert_eq!(outcome(&snapshot, &mail("x@y.example", to, "casino")).0, expected, "{to}");
    }
    let hyphened = snapshot.with_members(2, Members::new(&members, Delimiters::PlusAndHyphen));
    let to_postmaster = mail("x@y.example", "postmaster-x@home.example", "casino");
    assert_eq!(outcome(&hyphened, &to_postmaster).0, Outcome::Deliver);
    // A housemate is exempt from the household's entries, not from a member's own.
    let mut housemate = mail("bob@home.example", "carol@home.example", "casino");
    housemate.authenticated = true;
    housemate.recipients.push(recipient("alice@home.example"));
    let verdicts = snapshot.judge(&housemate, TODAY).verdicts;
    assert_eq!([verdicts[0].outcome, verdicts[1].outcome], [Outcome::Deliver, Outcome::Drop]);
}

#[test]
fn who_has_logged_in_is_behind_a_message_whoever_it_says() {
    let mut bob = member(2, "bob@home.example");
    bob.identities
        .extend([MemberIdentity::Login("bobby".into()), MemberIdentity::Mail("b@home.example".into())]);
    let members = [member(1, "alice@home.example"), bob];
    let snapshot = compile(&[of(1, block(1, "bob@home.example"))], &members);
    let sent_as = |login: &str, from: &str| {
        let mut candidate = mail(from, "alice@home.example", "hi");
        (candidate.authenticated, candidate.login) = (true, Some(login.to_owned()));
        outcome(&snapshot, &candidate).0
    };
    assert_eq!(sent_as("bobby", "b@home.example"), Outcome::Drop);
    assert_eq!(sent_as("bobby", "made.up@elsewhere.example"), Outcome::Drop);
    assert_eq!(sent_as("b@home.example", "made.up@elsewhere.example"), Outcome::Drop, "an address as login");
    assert_eq!(sent_as("BOBBY", "made.up@elsewhere.example"), Outcome::Drop, "in capitals");
    assert_eq!(
        sent_as("B@HOME.example", "made.up@elsewhere.example"),
        Outcome::Drop,
        "an address in capitals"
    );
    assert_eq!(sent_as("carol", "carol@home.example"), Outcome::Deliver);
    assert_eq!(sent_as("bobb", "b@home.example"), Outcome::Deliver);
    // Words and a household's entries know nothing of logins.
    let household = compile(&[block(1, "bob@home.example")], &members);
    let mut candidate = mail("b@home.example", "alice@home.example", "hi");
    (candidate.authenticated, candidate.login) = (true, Some("bobby".to_owned()));
    assert_eq!(outcome(&household, &candidate).0, Outcome::Deliver);
}

#[test]
fn a_housemates_login_proves_their_own_address_and_no_other() {
    let mut bob = member(2, "bob@home.example");
    bob.identities.push(MemberIdentity::Login("bobby".into()));
    let members = [member(1, "alice@home.example"), bob];
    let entries = [of(1, block(1, "home.example")), of(1, allow(2, "bob@home.example"))];
    let snapshot = compile(&entries, &members);
    for (login, expected) in
        [(Some("bobby"), Outcome::Deliver), (Some("mallory"), Outcome::Drop), (None, Outcome::Drop)]
    {
        let mut candidate = mail("bob@home.example", "alice@home.example", "hi");
        candidate.author = Some(Identity::parse_mail("bob@home.example").unwrap());
        (candidate.authenticated, candidate.login) = (login.is_some(), login.map(str::to_owned));
        assert_eq!(outcome(&snapshot, &candidate).0, expected, "{login:?}");
    }
}

#[test]
fn expired_channels_and_actions() {
    let yesterday = Entry { until: Some(date(2026, 11, 22)), ..block(1, "a.example") };
    let today = Entry { until: Some(TODAY), ..block(2, "b.example") };
    let mail_only = Entry { channels: Channels::Mail, ..block(3, "c.example") };
    let refuse = Entry { action: Action::Refuse, ..block(4, "d.example") };
    let off = Entry { enabled: false, ..block(5, "e.example") };
    let snapshot = compile(&[yesterday, today, mail_only, refuse, off], &[]);
    let judged =
        |domain: &str| outcome(&snapshot, &chat(&format!("x@{domain}"), "alice@home.example", "hi")).0;
    assert_eq!(
        ["a", "b", "c", "d", "e"].map(|name| judged(&format!("{name}.example"))),
        [Outcome::Deliver, Outcome::Drop, Outcome::Deliver, Outcome::Refuse, Outcome::Deliver]
    );
}

#[test]
fn a_change_replaces_settings_and_takes_away_what_is_gone() {
    let base = [block(1, "a.example"), block(2, "b.example"), block(3, "casino")];
    let snapshot = compile(&base, &[]);
    let moved = Entry { effect: Effect::Allow, ..block(2, "b.example") };
    let gone = [base[0].clone(), base[2].clone()];
    let changed = snapshot.with_changes(2, &gone, &[moved, block(4, "c.example")]).unwrap();
    assert_eq!(changed.revision(), 2);
    let judged =
        |domain: &str| outcome(&changed, &chat(&format!("x@{domain}"), "alice@home.example", "a casino")).2;
    assert_eq!(["a.example", "b.example", "c.example"].map(judged), [None, Some(2), Some(4)]);
    // What was added can go again.
    let again = changed.with_changes(3, &[block(4, "c.example")], &[]).unwrap();
    assert_eq!(outcome(&again, &chat("x@c.example", "alice@home.example", "hi")).2, None);
}

/// What the compiled lookup must find: entries whose domain is the identity's or above it, and equal addresses.
fn naive(entries: &[Entry], from: &Identity) -> bool {
    entries.iter().any(|entry| {
        let pattern = &entry.pattern;
        let Ok(listed) = (match pattern.kind {
            PatternKind::Domain => Identity::parse_jid(&pattern.typed),
            _ => Identity::parse_mail(&pattern.typed),
        }) else {
            return false;
        };
        let (domain, of) = (from.domain().to_string(), listed.domain().to_string());
        match pattern.kind {
            PatternKind::Domain => domain == of || domain.ends_with(&format!(".{of}")),
            _ => domain == of && (listed.local() == from.local() || listed.local() == from.untagged()),
        }
    })
}

fn label() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "ab", "example", "xexample", "org", "net", "co", "uk"])
        .prop_map(str::to_owned)
}

fn domain() -> impl Strategy<Value = String> {
    prop::collection::vec(label(), 1..4).prop_map(|labels| format!("{}.test", labels.join(".")))
}

fn address() -> impl Strategy<Value = String> {
    ("[ab]{1,2}(\\+[ab])?", domain()).prop_map(|(local, domain)| format!("{local}@{domain}"))
}

proptest! {
    #[test]
    fn the_compiled_lookup_agrees_with_a_naive_one(
        values in prop::collection::vec(prop_oneof![domain(), address()], 0..12),
        split in 0usize..12,
        from in address(),
    ) {
        let entries: Vec<Entry> = (0u32..).zip(&values).map(|(number, value)| block(number, value)).collect();
        let (below, above) = entries.split_at(split.min(entries.len()));
        let snapshot = compile(below, &[]).with_changes(2, &[], above).unwrap();
        let expected = naive(&entries, &Identity::parse_mail(&from).unwrap());
        let candidate = mail(&from, "alice@home.example", "hi");
        prop_assert_eq!(outcome(&snapshot, &candidate).0 == Outcome::Drop, expected);
    }
}
