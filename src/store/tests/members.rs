//! Members: what each sees, how they sign in and leave, and what is kept of what they report.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use super::*;

#[test]
fn a_member_sees_their_own_and_the_households_and_nobody_elses() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let mail = |name: &str| [MemberIdentity::Mail(format!("{name}@home.example"))];
    let alice = add_member(&store, "alice", &mail("alice")).id;
    let bob = add_member(&store, "bob", &mail("bob")).id;
    let household = add(&store, "household.example");
    let own = |member, value: &str| NewEntry { scope: Scope::Member(member), ..new(value) };
    let hers = store.add(Actor::Member(alice), vec![own(alice, "hers.example")]).unwrap()[0].entry.id;
    let his = store.add(Actor::Member(bob), vec![own(bob, "his.example")]).unwrap()[0].entry.id;
    let for_her = store.add(Actor::Admin, vec![own(alice, "for-her.example")]).unwrap()[0].entry.clone();
    assert_eq!(for_her.added_by, policy_core::entry::AddedBy::Admin, "she sees who added it");

    let sees = |actor| -> Vec<EntryId> {
        let page = store.entries(actor, &Query { limit: 100, ..Query::default() }).unwrap();
        let mut ids: Vec<EntryId> = page.entries.iter().map(|listed| listed.entry.id).collect();
        ids.sort();
        ids
    };
    let sorted = |mut ids: Vec<EntryId>| {
        ids.sort();
        ids
    };
    assert_eq!(sees(Actor::Member(alice)), sorted(vec![household, hers, for_her.id]));
    assert_eq!(sees(Actor::Member(bob)), sorted(vec![household, his]));
    assert_eq!(sees(Actor::Admin), sorted(vec![household, for_her.id]));
    for (actor, foreign) in [(Actor::Member(bob), hers), (Actor::Admin, hers), (Actor::Admin, his)] {
        let no = ListsError::NoSuchEntry(foreign.to_string());
        assert_eq!(store.entry(actor, foreign).unwrap_err(), no);
        assert_eq!(store.remove(actor, &[foreign]).unwrap_err(), no);
        assert_eq!(store.set_enabled(actor, &[foreign], false).unwrap_err(), no);
    }
    assert!(matches!(store.remove(Actor::Member(bob), &[household]), Err(ListsError::Refused(_))));
    assert!(matches!(
        store.add(Actor::Member(bob), vec![own(alice, "x.example")]),
        Err(ListsError::Refused(_))
    ));
    // Only adds: what the admin adds twice says nothing about what she has.
    let again = store.add(Actor::Admin, vec![own(alice, "hers.example")]).unwrap();
    assert_eq!(again[0].change, Change::Added);
}

#[test]
fn what_a_member_makes_of_an_entry_that_the_admin_added_is_nobody_elses_business() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Mail("alice@home.example".to_owned())]).id;
    let member = Actor::Member(alice);
    let for_her = |value: &str| {
        let new = NewEntry { scope: Scope::Member(alice), ..new(value) };
        store.add(Actor::Admin, vec![new]).unwrap()[0].entry.clone()
    };
    let again = |entry: &policy_core::entry::Entry| NewEntry::again(entry.clone());
    let [edited, noted, ends, paused] =
        ["edited.example", "noted.example", "ends.example", "paused.example"].map(for_her);
    let untouched = for_her("untouched.example");
    let pattern = new("lawyer@private.example").pattern;
    store.edit(member, edited.id, None, NewEntry { pattern, ..again(&edited) }).unwrap();
    store.edit(member, noted.id, None, NewEntry { note: "hers".to_owned(), ..again(&noted) }).unwrap();
    store.edit(member, ends.id, None, NewEntry { until: Some(today()), ..again(&ends) }).unwrap();
    store.set_enabled(member, &[paused.id], false).unwrap();
    // What she only looked at is still the admin's.
    store.edit(member, untouched.id, None, again(&untouched)).unwrap();
    store.set_enabled(member, &[untouched.id], true).unwrap();

    let sees = |actor| store.entries(actor, &Query { limit: 100, ..Query::default() }).unwrap().entries.len();
    assert_eq!((sees(member), sees(Actor::Admin)), (5, 1));
    for entry in [&edited, &noted, &ends, &paused] {
        let hers = store.entry(member, entry.id).unwrap().entry;
        assert_eq!(hers.added_by, policy_core::entry::AddedBy::Owner);
        assert!(store.entry(Actor::Admin, entry.id).is_err(), "{}", hers.pattern.typed);
        assert!(store.set_enabled(Actor::Admin, &[entry.id], true).is_err());
    }
    counts_are_right(&store);
    // What she has of her own stays one entry.
    let twin = for_her("lawyer@private.example");
    assert!(
        store.edit(member, twin.id, None, NewEntry { note: "twice".to_owned(), ..again(&twin) }).is_err()
    );
}

#[test]
fn a_link_works_once_and_not_too_late_and_the_next_takes_its_place() {
    use policy_core::sign_in::{Accounts, SignInLinks};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = store.add_member("alice", &[]).unwrap().id;
    let key = |link: &policy_core::sign_in::SignInLink| link.url.split_once("key=").unwrap().1.to_owned();
    let first = key(&store.sign_in_link(Actor::Admin, alice).unwrap());
    assert!(store.waiting().unwrap().is_empty(), "nobody is told of the first");
    let second = key(&store.sign_in_link(Actor::Admin, alice).unwrap());
    assert_eq!(store.use_link(&first).unwrap(), None);
    assert_eq!(store.use_link(&second).unwrap().unwrap().actor, Actor::Member(alice));
    assert_eq!(store.use_link(&second).unwrap(), None);
    // The clock is given in: one second before and after its end.
    let lasts = store.sign_in_link(Actor::Member(alice), alice).unwrap().lasts;
    let mut writer = store.writer.take().unwrap();
    for (later, counts) in [(-1, true), (1, false)] {
        let transaction = writer.transaction().unwrap();
        let end = i64::try_from(lasts.as_secs()).unwrap();
        accounts::make_link(&transaction, Actor::Member(alice), alice, &[7; 32], 1_000, today()).unwrap();
        let used = accounts::use_link(&transaction, &[7; 32], 1_000 + end + later).unwrap();
        assert_eq!(used.is_some(), counts);
    }
}

#[test]
fn nobody_waits_for_an_import_to_sign_in() {
    use policy_core::sign_in::Accounts;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, _) = somebody(&store, "alice");
    let alice = Actor::Member(alice);
    assert_eq!(store.signed_in(alice).unwrap(), None);
    let mut lines = (1..=2).map(|line| {
        // In the middle of it.
        assert_eq!(store.signed_in(alice).unwrap(), Some(today()));
        Ok(ImportItem { line, entry: Ok(new(&format!("a{line}.example"))) })
    });
    store.import(Actor::Admin, Scope::Household, false, &mut lines).unwrap();
    assert_eq!(store.signed_in(alice).unwrap(), Some(today()));
}

#[test]
fn links_are_made_by_the_admin_or_for_oneself_and_the_second_is_announced_everywhere() {
    use policy_core::sign_in::{Accounts, NewsKind, SignInLinks};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let addresses = [
        MemberIdentity::Mail("alice@home.example".to_owned()),
        MemberIdentity::Mail("a@other.example".to_owned()),
        MemberIdentity::Jid("alice@chat.example".to_owned()),
    ];
    let alice = add_member(&store, "alice", &addresses).id;
    let bob = store.add_member("bob", &[]).unwrap().id;
    assert!(store.sign_in_link(Actor::Member(bob), alice).is_err());
    store.sign_in_link(Actor::Admin, alice).unwrap();
    store.sign_in_link(Actor::Admin, alice).unwrap();
    let waiting = store.waiting().unwrap();
    let to: Vec<To> = waiting.iter().map(|outgoing| outgoing.to.clone()).collect();
    assert_eq!(to.len(), 3);
    for address in ["alice@home.example", "a@other.example"] {
        assert!(to.contains(&To::Mail(address.to_owned())));
    }
    assert!(to.contains(&To::Chat("alice@chat.example".to_owned())));
    assert!(waiting.iter().all(|outgoing| !outgoing.notice.text.contains("key=")), "it opens nothing");
    assert_eq!(store.news(alice).unwrap()[0].what, NewsKind::Link);
    store.sent(waiting[0].id, today()).unwrap();
    assert_eq!(store.waiting().unwrap().len(), 2);
}

#[test]
fn who_comes_by_a_link_without_proof_sees_nothing_of_before_and_it_stays_in_force() {
    use policy_core::sign_in::{Accounts, Proven, Secrets};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, hers) = somebody(&store, "alice");
    let secrets = |password: &str| Secrets { password: Some(password.to_owned()), recovery: None };
    let own = || NewEntry { scope: Scope::Member(alice), ..new("from-alice.example") };
    // Twice: what proves that the entries are hers stays the first.
    for password in ["impostor's", "another impostor's"] {
        store.begin_anew(alice, &secrets(password), Proven::Nothing).unwrap();
        let actor = store.account(Actor::Member(alice)).unwrap().unwrap().actor;
        assert_eq!(actor, Actor::Unproven(alice));
        assert!(store.entry(actor, hers).is_err());
        assert_eq!(store.entries(actor, &Query { limit: 9, ..Query::default() }).unwrap().total, 0);
        assert!(store.find(actor, Scope::Member(alice), &own().pattern).unwrap().is_empty());
        assert!(store.remove(actor, &[hers]).is_err());
        assert_eq!(store.add(actor, vec![own()]).unwrap()[0].change, Change::Added, "tells nothing");
        store.import(actor, Scope::Member(alice), true, &mut std::iter::empty()).unwrap();
        assert!(in_force(&store, "x@from-alice.example"), "still in force");
        let proofs = store.proofs(alice).unwrap();
        assert_eq!(proofs.earlier.password.as_deref(), Some("first"));
        assert_eq!(proofs.earlier.recovery.as_deref(), Some("code"));
    }
    store.unhide(alice).unwrap();
    let account = store.account(Actor::Member(alice)).unwrap().unwrap();
    assert_eq!(account.actor, Actor::Member(alice));
    assert!(store.entry(account.actor, hers).is_ok());
    // With proof nothing is hidden.
    store.begin_anew(alice, &secrets("new"), Proven::Current).unwrap();
    assert!(store.entry(Actor::Member(alice), hers).is_ok());
    assert_eq!(store.proofs(alice).unwrap().earlier, Secrets::default());
}

#[test]
fn who_comes_by_a_link_without_proof_sees_no_person_of_before_and_asks_none_of_hidden_entries() {
    use policy_core::persons::{Person, Persons};
    use policy_core::sign_in::{Accounts, Proven, Secrets};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, _) = somebody(&store, "alice");
    let pattern = |value: &str| understand(value, None, true).unwrap().pattern;
    let (ex, other) = (pattern("ex@secret.example"), pattern("other@secret.example"));
    let herself = Actor::Member(alice);
    let block = NewEntry { scope: Scope::Member(alice), ..NewEntry::block(ex.clone()) };
    store.add(herself, vec![block]).unwrap();
    let hers = store.save_person(herself, None, "My ex", std::slice::from_ref(&ex)).unwrap();
    assert!(hers.identities[0].blocked.is_some());
    let friends = store.save_person(herself, None, "Friends", std::slice::from_ref(&other)).unwrap();

    let impostor = Actor::Unproven(alice);
    for _ in 0..2 {
        let secrets = Secrets { password: Some("impostor's".to_owned()), recovery: None };
        store.begin_anew(alice, &secrets, Proven::Nothing).unwrap();
        assert!(store.persons(impostor).unwrap().is_empty());
        assert_eq!(store.person_of(impostor, &ex).unwrap(), None);
        assert!(store.remove_person(impostor, hers.id).is_err());
        assert!(store.save_person(impostor, Some(hers.id), "Mine", &[]).is_err());
        // Neither the name nor the address is taken, and nothing says that it is blocked.
        let made = store.save_person(impostor, None, "my ex", std::slice::from_ref(&ex)).unwrap();
        assert_eq!(made.identities[0].blocked, None);
        let allowed =
            NewEntry { scope: Scope::Member(alice), effect: Effect::Allow, ..NewEntry::block(other.clone()) };
        let allowed = store.add(impostor, vec![allowed]).unwrap()[0].entry.id;
        assert_eq!(store.entry(impostor, allowed).unwrap().person, None);
    }
    store.save_person(impostor, None, "Made since", &[pattern("since@y.example")]).unwrap();

    store.unhide(alice).unwrap();
    let persons = store.persons(herself).unwrap();
    let addresses =
        |person: &Person| person.identities.iter().map(|one| one.pattern.clone()).collect::<Vec<_>>();
    for (earlier, address) in [(&hers, &ex), (&friends, &other)] {
        let again = persons.iter().find(|person| person.id == earlier.id).unwrap();
        assert_eq!(addresses(again), std::slice::from_ref(address), "{}", again.name);
    }
    assert!(persons.iter().any(|person| person.name == "Made since" && person.identities.len() == 1));
    assert_eq!(persons.iter().filter(|person| addresses(person).contains(&ex)).count(), 1);
    assert_eq!(store.person_of(herself, &ex).unwrap().unwrap().id, hers.id);
}

#[test]
fn who_comes_by_a_link_without_proof_lifts_no_hidden_block_and_it_can_be_told_what_they_added() {
    use policy_core::candidate::Proof;
    use policy_core::entry::AddedBy;
    use policy_core::sign_in::{Accounts, Proven, Secrets};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, _) = somebody(&store, "alice");
    let (herself, impostor) = (Actor::Member(alice), Actor::Unproven(alice));
    // What is allowed counts for what its sender is proven to have sent.
    let kept_away = |from: &str| {
        let mut candidate = Candidate::new(Channel::Mail);
        let identity = Identity::parse_mail(from).unwrap();
        candidate.proof = Proof::ByServer;
        candidate.author = Some(identity.clone());
        candidate.senders.push(Sender { role: SenderRole::From, identity });
        let identity = Identity::parse_mail("alice@home.example").unwrap();
        candidate.recipients.push(Recipient { identity, delivery: Delivery::ToAddress });
        store.snapshot().load().judge(&candidate, today()).verdicts[0].outcome == Outcome::Drop
    };
    let own = |value: &str| NewEntry { scope: Scope::Member(alice), ..new(value) };
    // Made on the page before her chat account was doubted: seen, and not hers once it is edited.
    let seen = NewEntry { effect: Effect::Allow, enabled: false, ..own("seen.example") };
    let seen = store.add(herself, vec![seen]).unwrap()[0].entry.id;
    let secrets = Secrets { password: Some("impostor's".to_owned()), recovery: None };
    store.begin_anew(alice, &secrets, Proven::Nothing).unwrap();
    store
        .writer
        .take()
        .unwrap()
        .execute("UPDATE entry SET hidden = 0 WHERE id = ?1", [seen.number()])
        .unwrap();

    let allows = ["from-alice.example", "x@from-alice.example", "*@from-alice.example"]
        .map(|value| NewEntry { effect: Effect::Allow, ..own(value) });
    let added = store.add(impostor, allows.to_vec()).unwrap();
    assert!(added.iter().all(|added| added.entry.added_by == AddedBy::Unproven));
    let line = NewEntry { source: Source::Import, effect: Effect::Allow, ..own("y@from-alice.example") };
    let mut items = [Ok(ImportItem { line: 1, entry: Ok(line) })].into_iter();
    store.import(impostor, Scope::Member(alice), false, &mut items).unwrap();
    assert!(store.edit(impostor, seen, None, own("w@from-alice.example")).is_ok());
    assert_eq!(store.entry(impostor, seen).unwrap().entry.added_by, AddedBy::Unproven);
    let noted = NewEntry { note: "mine".to_owned(), ..own("from-alice.example") };
    store.edit(impostor, added[0].entry.id, None, noted).unwrap();
    store.set_enabled(impostor, &[added[1].entry.id], false).unwrap();
    store.set_enabled(impostor, &[added[1].entry.id], true).unwrap();
    let removed = store.remove(impostor, &[added[2].entry.id]).unwrap();
    let back = store.put_back(impostor, removed).unwrap();
    assert_eq!(back[0].entry.added_by, AddedBy::Unproven);
    for from in ["x@from-alice.example", "y@from-alice.example", "w@from-alice.example"] {
        assert!(kept_away(from), "{from}");
    }
    store.unhide(alice).unwrap();
    assert!(kept_away("x@from-alice.example"), "nor after proof");
    assert_eq!(store.entry(herself, added[1].entry.id).unwrap().entry.added_by, AddedBy::Unproven);
    assert!(store.entry(Actor::Admin, added[1].entry.id).is_err(), "they are no admin's to see");
    // What is hers counts as hers again, and the next start reads the same.
    store.add(herself, vec![NewEntry { effect: Effect::Allow, ..own("x@from-alice.example") }]).unwrap();
    assert!(!kept_away("x@from-alice.example"));
    counts_are_right(&store);
}

#[test]
fn who_comes_by_a_link_without_proof_neither_wipes_counts_nor_sees_by_them_what_a_hidden_entry_decides() {
    use policy_core::counting::Counting;
    use policy_core::door::Hits;
    use policy_core::lists::Order;
    use policy_core::sign_in::{Accounts, Proven, Secrets};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, hers) = somebody(&store, "alice");
    let (herself, impostor) = (Actor::Member(alice), Actor::Unproven(alice));
    let secrets = Secrets { password: Some("impostor's".to_owned()), recovery: None };
    store.begin_anew(alice, &secrets, Proven::Nothing).unwrap();
    let add = |value: &str| {
        let own = NewEntry { scope: Scope::Member(alice), ..new(value) };
        store.add(impostor, vec![own]).unwrap()[0].entry.id
    };
    let (first, second) = (add("first.example"), add("second.example"));
    for id in [hers, first] {
        store.hits().hit(id, today());
    }
    store.write_hits().unwrap();
    assert!(store.wipe_counts(impostor).is_err());
    for on in [false, true] {
        assert!(store.set_counting(impostor, on).is_err());
    }
    let listed = store.entry(impostor, first).unwrap();
    assert_eq!((listed.hits, listed.last_hit), (0, None));
    let by_hits = |actor| -> Vec<EntryId> {
        let query = Query { limit: 9, order: Order::LastHit, ..Query::default() };
        store.entries(actor, &query).unwrap().entries.iter().map(|listed| listed.entry.id).collect()
    };
    assert_eq!(by_hits(impostor), [second, first], "the newest first");
    assert_eq!(by_hits(herself).len(), 3);
    assert!(store.is_counting(herself).unwrap());
    let hits = |id| store.entry(herself, id).unwrap().hits;
    assert_eq!((hits(hers), hits(first)), (1, 1));
    store.wipe_counts(herself).unwrap();
    assert_eq!((hits(hers), hits(first)), (0, 0));
}

#[test]
fn who_comes_by_a_link_without_proof_was_not_told_for_the_member_and_makes_no_link_of_theirs() {
    use policy_core::sign_in::{Accounts, Household, Leaving, Proven, Secrets, SignInLinks};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, _) = somebody(&store, "alice");
    store.remove_member("alice").unwrap();
    let secrets = Secrets { password: Some("impostor's".to_owned()), recovery: None };
    store.begin_anew(alice, &secrets, Proven::Nothing).unwrap();
    // As the page does at once, and at a sign-in.
    for actor in [Actor::Member(alice), Actor::Unproven(alice)] {
        store.signed_in(actor).unwrap();
    }
    assert_eq!(store.members_leaving().unwrap(), [(alice, Leaving::NotTold)]);
    assert!(
        store.sign_in_link(Actor::Unproven(alice), alice).is_err(),
        "it would count as the chat account's"
    );
    store.unhide(alice).unwrap();
    store.signed_in(Actor::Member(alice)).unwrap();
    assert!(matches!(store.members_leaving().unwrap()[..], [(_, Leaving::On(_))]));
}

#[test]
fn a_removed_member_goes_fourteen_days_after_they_were_told_and_not_a_day_before() {
    use jiff::civil::date;
    use policy_core::sign_in::{Household, Leaving};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, _) = somebody(&store, "alice");
    store.remove_member("alice").unwrap();
    assert_eq!(store.members_leaving().unwrap(), [(alice, Leaving::NotTold)]);
    store.end_memberships(date(2999, 1, 1)).unwrap();
    assert!(in_force(&store, "x@from-alice.example"), "days are counted from when she was told");
    let told = date(2999, 2, 1);
    store.sent(store.waiting().unwrap()[0].id, told).unwrap();
    assert_eq!(store.members_leaving().unwrap(), [(alice, Leaving::On(date(2999, 2, 15)))]);
    store.end_memberships(date(2999, 2, 14)).unwrap();
    assert!(in_force(&store, "x@from-alice.example"));
    store.keep_member("alice").unwrap();
    store.end_memberships(date(2999, 2, 15)).unwrap();
    assert!(in_force(&store, "x@from-alice.example"), "taken back");

    store.remove_member("alice").unwrap();
    let news = store.waiting().unwrap();
    let leaving = news.iter().find(|outgoing| outgoing.notice.subject.contains("removed")).unwrap();
    store.sent(leaving.id, told).unwrap();
    // A clock that jumps ten years ahead, and back: her days begin anew, or go on.
    store.end_memberships(date(3009, 2, 1)).unwrap();
    store.end_memberships(told).unwrap();
    assert!(in_force(&store, "x@from-alice.example"), "the clock jumped");
    assert_eq!(store.members_leaving().unwrap(), [(alice, Leaving::On(date(2999, 2, 15)))]);
    store.end_memberships(date(2999, 2, 15)).unwrap();
    assert!(!in_force(&store, "x@from-alice.example"));
    assert!(store.members().unwrap().is_empty());
    counts_are_right(&store);
}

#[test]
fn a_member_who_never_came_is_removed_at_once() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.add_member("alcie", &[]).unwrap();
    store.remove_member("alcie").unwrap();
    assert!(store.members().unwrap().is_empty());
}

#[test]
fn a_typed_name_means_one_account_or_none() {
    use policy_core::sign_in::Accounts;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let shared = MemberIdentity::Mail("family@home.example".to_owned());
    let own = |value: &str| MemberIdentity::Mail(value.to_owned());
    let alice = add_member(&store, "Alice", &[own("alice@home.example"), shared.clone()]).id;
    let login = MemberIdentity::Login("bob7".to_owned());
    let bob = add_member(&store, "bob", &[login, shared]).id;
    for (name, actor) in [
        ("", Some(Actor::Admin)),
        ("admin", Some(Actor::Admin)),
        ("alice", Some(Actor::Member(alice))),
        ("ALICE@home.example", Some(Actor::Member(alice))),
        ("bob7", Some(Actor::Member(bob))),
        ("BOB7", Some(Actor::Member(bob))),
        ("family@home.example", None),
        ("eve", None),
    ] {
        assert_eq!(store.account_named(name).unwrap().map(|account| account.actor), actor, "{name}");
    }
}

#[test]
fn no_name_and_no_address_takes_anothers_way_of_signing_in() {
    use policy_core::addresses::Addresses;
    use policy_core::sign_in::Accounts;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = [
        MemberIdentity::Mail("alice@home.example".to_owned()),
        MemberIdentity::Jid("alice@chat.example".to_owned()),
        MemberIdentity::Login("alice7".to_owned()),
    ];
    let alice = add_member(&store, "alice", &alice).id;
    for name in ["alice@home.example", " ALICE@Home.Example", "alice@chat.example", "Alice7"] {
        let refused = store.add_member(name, &[]).unwrap_err().sentence();
        assert!(
            ["why-name-others", "why-member-alike"].contains(&refused.id.as_str()),
            "{name}: {refused:?}"
        );
    }
    let carol = store.add_member("carol@home.example", &[]).unwrap().id;
    for identity in [
        MemberIdentity::Mail("Carol@home.example".to_owned()),
        MemberIdentity::Login("carol@home.example".to_owned()),
    ] {
        assert!(store.add_member("eve", std::slice::from_ref(&identity)).is_err(), "{identity:?}");
    }
    assert!(store.claim_address(Actor::Member(alice), alice, "carol@home.example").is_err());
    store.claim_address(Actor::Member(carol), carol, "carol@home.example").unwrap();
    // As an earlier version let it be.
    let writer = store.writer.take().unwrap();
    writer.execute("INSERT INTO member (name, created) VALUES ('alice@home.example', 0)", []).unwrap();
    drop(writer);
    let meant = store.account_named("alice@home.example").unwrap().map(|account| account.actor);
    assert_eq!(meant, Some(Actor::Member(alice)));
}

#[test]
fn the_household_blocks_no_member_under_a_sub_address_either() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    add_member(
        &store,
        "bob",
        &[MemberIdentity::Mail("bob@home.example".into()), MemberIdentity::Jid("bobby@chat.example".into())],
    );
    for (value, refused) in [
        ("bob@home.example", true),
        ("bob+x@home.example", true),
        ("Bob+x+y@HOME.example", true),
        ("b?b+*@home.example", true),
        ("bob*x@home.example", true),
        ("bob?x@home.example", true),
        ("SRS0=aa=bb=home.example=bob+x@forwarder.example", true),
        ("bobb+x@home.example", false),
        ("bob-x@home.example", false),
        ("*casino@home.example", false),
        ("bo*casino@home.example", false),
        ("bob+x@elsewhere.example", false),
        // In chat that is another account.
        ("bobby+x@chat.example", false),
        ("bobby?x@chat.example", false),
    ] {
        let added = store.add(Actor::Admin, vec![new(value)]);
        assert_eq!(matches!(added, Err(ListsError::Refused(_))), refused, "{value}");
    }
}

#[test]
fn where_a_hyphen_parts_sub_addresses_the_household_blocks_no_member_under_one() {
    let folder = TempDir::new().unwrap();
    let lock = lock(folder.path()).unwrap();
    let store = Store::open(folder.path(), lock, Delimiters::PlusAndHyphen).unwrap();
    add_member(&store, "bob", &[MemberIdentity::Mail("bob@home.example".into())]);
    for (value, refused) in [
        ("bob-x@home.example", true),
        ("bob-x+y@home.example", true),
        ("b?b-*@home.example", true),
        ("b*-x@home.example", true),
        ("SRS0=aa=bb=home.example=bob-x@forwarder.example", true),
        ("prvs=1234567890=bob-x@home.example", true),
        ("bobb-x@home.example", false),
        ("bob_x@home.example", false),
        ("bob-x@elsewhere.example", false),
    ] {
        let added = store.add(Actor::Admin, vec![new(value)]);
        assert_eq!(matches!(added, Err(ListsError::Refused(_))), refused, "{value}");
    }
}

#[test]
fn a_clock_that_jumps_gives_up_no_message_and_makes_no_link_last_longer() {
    use jiff::ToSpan;
    use policy_core::sign_in::{Accounts, SignInLinks};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, _) = somebody(&store, "alice");
    let link = store.sign_in_link(Actor::Admin, alice).unwrap().url;
    let key = link.split_once("key=").unwrap().1;
    let news = store.waiting().unwrap();
    assert!(!news.is_empty());
    for jumped in [today() + 10.years(), today() - 10.years(), today()] {
        store.end_memberships(jumped).unwrap();
        assert_eq!(store.waiting().unwrap(), news, "{jumped}");
    }
    store.end_memberships(today() + 15.days()).unwrap();
    assert!(store.waiting().unwrap().is_empty(), "two weeks are over");

    let move_clock = |seconds: i64| {
        let sql = "UPDATE sign_in_link SET until = until - ?1";
        store.writer.take().unwrap().execute(sql, [seconds]).unwrap();
    };
    let years = 10 * 365 * 24 * 3600;
    for seconds in [years, -years] {
        move_clock(seconds);
        assert_eq!(store.use_link(key).unwrap(), None, "{seconds}");
        move_clock(-seconds);
    }
    assert!(store.use_link(key).unwrap().is_some(), "the clock is right again");
}

#[test]
fn of_a_report_is_kept_what_its_member_shares_and_nothing_about_a_member() {
    use policy_core::reports::{Reason, Report, Reports, Sharing};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Jid("alice@one.test".to_owned())]).id;
    let bobs = [
        MemberIdentity::Mail("bob@home.example".to_owned()),
        MemberIdentity::CatchAll("bobs.example".to_owned()),
    ];
    add_member(&store, "bob", &bobs);
    let account = Identity::parse_jid("alice@one.test").unwrap();
    let report = |jid: &str| {
        let words = " again ".to_owned();
        store.report(alice, &account, &Report { jid: jid.to_owned(), reason: Reason::Spam, words }).unwrap();
    };
    let seen = || -> Vec<(String, Vec<String>)> {
        let reported = store.reported().unwrap();
        reported.into_iter().map(|reported| (reported.pattern.typed, reported.words)).collect()
    };
    report("mallory@two.test");
    assert!(seen().is_empty(), "nothing, unless she says otherwise");
    assert!(store.share(Actor::Unproven(alice), Sharing::Words).is_err());
    assert!(store.waiting().unwrap().is_empty());
    store.share(Actor::Member(alice), Sharing::Address).unwrap();
    assert_eq!(store.waiting().unwrap().len(), 1, "she is told");
    for kept_back in
        ["bob@home.example", "home.example", "a@bobs.example", "x@one.test", "one.test", "r@two.test/n", "@"]
    {
        report(kept_back);
    }
    report("mallory@two.test");
    assert_eq!(seen(), [("mallory@two.test".to_owned(), Vec::new())]);
    store.share(Actor::Member(alice), Sharing::Words).unwrap();
    report("three.test");
    assert!(seen().contains(&("*@three.test".to_owned(), vec!["again".to_owned()])));
    store.share(Actor::Member(alice), Sharing::Address).unwrap();
    assert!(seen().iter().all(|(_, words)| words.is_empty()), "what she shares no longer is forgotten");
    for number in 0..150 {
        report(&format!("spam{number}@two.test"));
    }
    assert_eq!(seen().len(), 100);
    store.decided("spam0@two.test").unwrap();
    assert_eq!(seen().len(), 99);
    store.share(Actor::Member(alice), Sharing::Nothing).unwrap();
    assert!(seen().is_empty());
}

#[test]
fn a_member_can_be_told_from_the_others_and_has_no_address_that_is_everybodys() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.add_member("alice", &[]).unwrap();
    let said_to = |name: &str, identity: &[MemberIdentity]| match store.add_member(name, identity) {
        Err(ListsError::Refused(why)) => why.id,
        other => format!("{other:?}"),
    };
    // With a Cyrillic letter.
    assert_eq!(said_to("\u{430}lice", &[]), "why-member-alike");
    assert_eq!(said_to("bob", &[MemberIdentity::Login("Alice".to_owned())]), "why-login-others");
    for provider in ["gmail.com", "GoogleMail.com"] {
        let identity = MemberIdentity::CatchAll(provider.to_owned());
        assert_eq!(said_to("bob", &[identity]), "why-catch-all-shared");
    }
    let own = [MemberIdentity::Login("bob".to_owned()), MemberIdentity::CatchAll("bob.example".to_owned())];
    store.add_member("bob", &own).unwrap();
    store.add_member("Alicia", &[MemberIdentity::Login("alicia".to_owned())]).unwrap();
}
