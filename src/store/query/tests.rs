//! Pages of the list in every order, with filters and searches, compared with what is to come out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use policy_core::counting::Counting;
use policy_core::door::Hits;
use policy_core::entry::{Effect, EntryId, Scope, Source};
use policy_core::lists::{Actor, Lists, ListsError, MemberIdentity, NewEntry, Order, Position, Query};
use policy_core::pattern::{PatternKind, understand};
use policy_core::persons::Persons;
use policy_core::snapshot::Delimiters;
use tempfile::TempDir;

use crate::store::tests::add_member;
use crate::store::{Store, lock, today};

fn store(folder: &TempDir) -> Store {
    Store::open(folder.path(), lock(folder.path()).unwrap(), Delimiters::Plus).unwrap()
}

fn new(value: &str) -> NewEntry {
    NewEntry::block(understand(value, None, true).unwrap().pattern)
}

fn add(store: &Store, value: &str) -> EntryId {
    store.add(Actor::Admin, vec![new(value)]).unwrap()[0].entry.id
}

fn blocks() -> Query {
    Query { scope: Some(Scope::Household), effect: Some(Effect::Block), limit: 3, ..Query::default() }
}

/// All values that a query leads to, page after page.
fn walk(store: &Store, query: &Query) -> Vec<String> {
    let mut query = query.clone();
    let mut values = Vec::new();
    for _ in 0..100 {
        let page = store.entries(Actor::Admin, &query).unwrap();
        assert!(page.entries.len() <= 3);
        values.extend(page.entries.into_iter().map(|listed| listed.entry.pattern.typed));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return values,
        }
    }
    panic!("the pages have no end: {values:?}");
}

#[test]
fn every_order_shows_every_entry_once() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder);
    let values = [
        "d.example",
        "prize",
        "a@c.example",
        "b@c.example",
        "c.example",
        "winner",
        "x.c.example",
        "z@a.example",
    ];
    let ids: Vec<EntryId> = values.iter().map(|value| add(&store, value)).collect();
    let counter = store.hits();
    counter.hit(ids[1], today());
    counter.hit(ids[6], today().yesterday().unwrap());
    store.write_hits().unwrap();
    let oldest: Vec<String> = values.map(str::to_owned).to_vec();
    let newest: Vec<String> = oldest.iter().rev().cloned().collect();
    assert_eq!(walk(&store, &blocks()), newest);
    assert_eq!(walk(&store, &Query { order: Order::Oldest, ..blocks() }), oldest);
    let by_value = walk(&store, &Query { order: Order::Value, ..blocks() });
    assert_eq!(
        by_value,
        [
            "z@a.example",
            "c.example",
            "x.c.example",
            "a@c.example",
            "b@c.example",
            "d.example",
            "prize",
            "winner"
        ]
    );
    let by_hit = walk(&store, &Query { order: Order::LastHit, ..blocks() });
    let never: Vec<String> =
        newest.into_iter().filter(|value| value != "prize" && value != "x.c.example").collect();
    assert_eq!(by_hit[..2], ["prize", "x.c.example"]);
    assert_eq!(by_hit[2..], never);
}

#[test]
fn a_page_by_value_goes_on_where_a_removed_entry_was() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder);
    let ids: Vec<EntryId> =
        ["a.example", "b.example", "c.example", "d.example"].map(|value| add(&store, value)).to_vec();
    let query = Query { order: Order::Value, limit: 2, ..blocks() };
    let next = store.entries(Actor::Admin, &query).unwrap().next;
    assert_eq!(next, Some(Position(u64::from(ids[1].number()))));
    store.remove(Actor::Admin, &[ids[1]]).unwrap();
    assert_eq!(walk(&store, &Query { after: next, ..query }), ["c.example", "d.example"]);
}

#[test]
fn filters_and_counts_agree() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder);
    for value in
        ["a@one.example", "b@one.example", "one.example", "sub.one.example", "one.example.net", "one"]
    {
        add(&store, value);
    }
    let imported = NewEntry { source: Source::Import, ..new("imported.example") };
    let allowed = NewEntry { effect: Effect::Allow, ..new("friend@one.example") };
    store.add(Actor::Admin, vec![imported, allowed]).unwrap();
    let total = |query: &Query| {
        let counted = store.entries(Actor::Admin, query).unwrap().total;
        assert_eq!(counted, walk(&store, query).len() as u64);
        counted
    };
    assert_eq!(total(&blocks()), 7);
    assert_eq!(total(&Query { kind: Some(PatternKind::Address), ..blocks() }), 2);
    assert_eq!(total(&Query { source: Some(Source::Import), ..blocks() }), 1);
    assert_eq!(total(&Query { effect: Some(Effect::Allow), ..blocks() }), 1);
    let domain = understand("one.example", None, true).unwrap().pattern;
    assert_eq!(total(&Query { within: Some(domain.clone()), ..blocks() }), 4);
    assert_eq!(total(&Query { within: Some(domain), effect: None, ..blocks() }), 5);
    assert_eq!(total(&Query { find: Some("ONE.exam".to_owned()), ..blocks() }), 5);
}

#[test]
fn a_bounded_search_goes_on_to_the_end_and_finds_whole_names_at_once() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder);
    add(&store, "mallory@deep.example");
    store
        .add(Actor::Admin, vec![NewEntry { note: "like Mallory".to_owned(), ..new("noted.example") }])
        .unwrap();
    for number in 0..40 {
        add(&store, &format!("someone{number}@other.example"));
    }
    for order in [Order::Newest, Order::Oldest, Order::Value, Order::LastHit] {
        let query = Query { find: Some("mallory".to_owned()), look_at: Some(10), order, ..blocks() };
        let first = store.entries(Actor::Admin, &query).unwrap();
        assert!(first.cut_short && first.next.is_some());
        let mut found = walk(&store, &query);
        found.sort();
        assert_eq!(found, ["mallory@deep.example", "noted.example"], "{order:?}");
        for name in ["mallory@deep.example", "deep.example"] {
            let named = Query { find: Some(name.to_owned()), look_at: Some(1), order, ..blocks() };
            let page = store.entries(Actor::Admin, &named).unwrap();
            assert_eq!(page.entries[0].entry.pattern.typed, "mallory@deep.example");
        }
    }
    let short = Query { find: Some("mallory".to_owned()), look_at: Some(1000), ..blocks() };
    let page = store.entries(Actor::Admin, &short).unwrap();
    assert!(!page.cut_short && page.next.is_none());
    assert_eq!(page.total, 2);
}

#[test]
fn an_edit_takes_force_and_the_second_editor_is_told() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder);
    let id = add(&store, "old@one.example");
    add(&store, "taken@one.example");
    let seen = store.entry(Actor::Admin, id).unwrap().revision;
    store.edit(Actor::Admin, id, Some(seen), new("new.example")).unwrap();
    let words = store.edit(Actor::Admin, id, Some(seen), new("some words"));
    assert_eq!(words, Err(ListsError::ChangedMeanwhile(id)));
    let snapshot = store.snapshot().load();
    let listed = store.entry(Actor::Admin, id).unwrap();
    assert_eq!(listed.entry.pattern.typed, "new.example");
    let blocked = |from: &str| crate::store::tests::is_blocked(&store.snapshot().load(), from);
    assert!(blocked("anyone@new.example") && !blocked("old@one.example"));
    drop(snapshot);
    let taken = store.edit(Actor::Admin, id, None, new("taken@one.example"));
    assert!(matches!(taken, Err(ListsError::Refused(_))));
    store.edit(Actor::Admin, id, None, new("some words")).unwrap();
    assert!(!blocked("anyone@new.example"));
    let member = MemberIdentity::Mail("alice@home.example".to_owned());
    let alice = add_member(&store, "alice", &[member]);
    let own = store.edit(Actor::Admin, id, None, new("alice@home.example"));
    assert!(matches!(own, Err(ListsError::Refused(_))), "our own can't be put on the list by an edit either");
    let theirs = store.edit(Actor::Member(alice.id), id, None, new("mine.example"));
    assert!(theirs.is_err(), "members don't edit the household's");
}

#[test]
fn counts_can_be_switched_off_and_wiped_and_are_nobody_else_s() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Mail("alice@home.example".to_owned())]);
    let id = add(&store, "one.example");
    let hits = |actor| store.entry(actor, id).unwrap().hits;
    let hit = || store.hits().hit(id, today());
    hit();
    store.write_hits().unwrap();
    assert_eq!((hits(Actor::Admin), hits(Actor::Member(alice.id))), (1, 0));
    // What is counted but not written yet counts by what was wished until then.
    hit();
    store.set_counting(Actor::Admin, false).unwrap();
    assert_eq!(hits(Actor::Admin), 2);
    hit();
    store.set_counting(Actor::Admin, true).unwrap();
    assert_eq!(hits(Actor::Admin), 2);
    hit();
    store.wipe_counts(Actor::Member(alice.id)).unwrap();
    assert_eq!(hits(Actor::Admin), 3, "a member wipes their own");
    store.wipe_counts(Actor::Admin).unwrap();
    assert_eq!(hits(Actor::Admin), 0);
    assert_eq!(store.entry(Actor::Admin, id).unwrap().last_hit, None);
}

#[test]
fn a_person_is_their_scope_s_alone_and_has_each_address_once() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Mail("alice@home.example".to_owned())]);
    let alice = Actor::Member(alice.id);
    let address = |value: &str| understand(value, None, true).unwrap().pattern;
    let (one, two) = (address("mal@one.example"), address("mal@two.example"));
    let person = store.save_person(Actor::Admin, None, "Mallory", &[one.clone(), two.clone()]).unwrap();
    let id = add(&store, "Mal+tag@one.example");
    assert_eq!(store.entry(Actor::Admin, id).unwrap().person, None, "a tagged entry is not the address");
    let id = add(&store, "MAL@one.example");
    assert_eq!(store.entry(Actor::Admin, id).unwrap().person.as_deref(), Some("Mallory"));
    assert_eq!(store.entry(alice, id).unwrap().person, None);
    let known = store.person_of(Actor::Admin, &two).unwrap().unwrap();
    assert_eq!(known.identities.iter().map(|one| one.blocked).collect::<Vec<_>>(), [Some(id), None]);
    assert_eq!(store.person_of(alice, &two).unwrap(), None);
    assert!(store.persons(alice).unwrap().is_empty());
    assert!(store.remove_person(alice, person.id).is_err());
    assert!(store.save_person(alice, Some(person.id), "Mine", std::slice::from_ref(&one)).is_err());
    store.save_person(alice, None, "Mallory", std::slice::from_ref(&one)).unwrap();
    for (name, addresses) in
        [("mallory", [address("x@x.example")]), ("Eve", [one]), ("Eve", [address("two.example")])]
    {
        let saved = store.save_person(Actor::Admin, None, name, &addresses);
        assert!(matches!(saved, Err(ListsError::Refused(_))), "{name}");
    }
    assert_eq!(store.persons(Actor::Admin).unwrap().len(), 1, "nothing is half saved");
    store.remove_person(Actor::Admin, person.id).unwrap();
    assert!(store.entry(Actor::Admin, id).unwrap().person.is_none());
}

#[test]
fn another_s_entries_are_neither_listed_nor_changed_nor_told_by_where_a_page_begins() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder);
    let [alice, bob] = ["alice", "bob"].map(|name| {
        let address = MemberIdentity::Mail(format!("{name}@home.example"));
        add_member(&store, name, &[address]).id
    });
    let (hers, his) = (Scope::Member(alice), Scope::Member(bob));
    let (alice, bob) = (Actor::Member(alice), Actor::Member(bob));
    let add = |actor, scope, value: &str| {
        store.add(actor, vec![NewEntry { scope, ..new(value) }]).unwrap()[0].entry.id
    };
    let id = add(alice, hers, "m.example");
    add(bob, his, "a.example");
    add(bob, his, "z.example");
    for order in [Order::Newest, Order::Oldest, Order::Value, Order::LastHit] {
        for scope in [None, Some(hers)] {
            for actor in [bob, Actor::Admin] {
                let query =
                    Query { scope, order, find: Some("m.example".to_owned()), limit: 9, ..Query::default() };
                assert_eq!(store.entries(actor, &query).unwrap().total, 0);
                let bounded = Query { look_at: Some(100), ..query };
                assert!(store.entries(actor, &bounded).unwrap().entries.is_empty());
            }
        }
    }
    let by_value = Query { scope: Some(his), order: Order::Value, limit: 9, ..Query::default() };
    let behind = Query { after: Some(Position(u64::from(id.number()))), ..by_value.clone() };
    let [all, behind] = [by_value, behind].map(|query| store.entries(bob, &query).unwrap().entries);
    assert_eq!(all, behind, "where alice's entry would stand is not told");
    let missing = ListsError::NoSuchEntry(id.to_string());
    assert_eq!(store.edit(bob, id, None, new("x.example")), Err(missing.clone()));
    assert_eq!(store.remove(bob, &[id]), Err(missing.clone()));
    assert_eq!(store.set_enabled(bob, &[id], false), Err(missing.clone()));
    store.remove(alice, &[id]).unwrap();
    let behind = Query {
        after: Some(Position(u64::from(id.number()))),
        scope: Some(his),
        order: Order::Value,
        limit: 9,
        ..Query::default()
    };
    assert_eq!(store.entries(bob, &behind).unwrap().entries, all, "nor where it stood");
}
