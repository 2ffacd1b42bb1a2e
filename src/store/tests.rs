//! The store with its snapshot: what was changed is in force at once and stays so, whatever else changes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::sync::atomic::{AtomicBool, Ordering};

use policy_core::candidate::{Candidate, Sender, SenderRole};
use policy_core::entry::{Action, Channel, Channels, Effect, Source};
use policy_core::identity::Identity;
use policy_core::lists::NewEntry;
use policy_core::pattern::{PatternKind, understand};
use policy_core::verdict::Outcome;
use tempfile::TempDir;

use super::*;

fn open(folder: &TempDir) -> Store {
    Store::open(folder.path(), lock(folder.path()).unwrap(), Delimiters::Plus).unwrap()
}

fn new(value: &str) -> NewEntry {
    NewEntry {
        pattern: understand(value, None, true).unwrap().pattern,
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

fn add(store: &Store, value: &str) -> EntryId {
    store.add(Actor::Admin, vec![new(value)]).unwrap()[0].entry.id
}

fn import(store: &Store, replace: bool, values: impl IntoIterator<Item = String>) -> ImportReport {
    let mut items = (1..).zip(values).map(|(line, value)| Ok(ImportItem { line, entry: Ok(new(&value)) }));
    store.import(Actor::Admin, Scope::Household, replace, &mut items).unwrap()
}

pub(super) fn is_blocked(snapshot: &Snapshot, from: &str) -> bool {
    let mut candidate = Candidate::new(Channel::Mail);
    let identity = Identity::parse_mail(from).unwrap();
    candidate.senders.push(Sender { role: SenderRole::Envelope, identity });
    candidate.recipients.push(policy_core::candidate::Recipient {
        identity: Identity::parse_mail("alice@home.example").unwrap(),
        outgoing: false,
    });
    snapshot.judge(&candidate, today()).verdicts[0].outcome == Outcome::Drop
}

fn in_force(store: &Store, from: &str) -> bool {
    is_blocked(&store.snapshot().load(), from)
}

/// Whether `status` and the number of listed entries say what is in the table.
fn counts_are_right(store: &Store) {
    let status = store.status().unwrap();
    let counted = |condition: &str| -> i64 {
        guard(&store.writer)
            .query_row(&format!("SELECT count(*) FROM entry WHERE {condition}"), [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(status.entries, counted("scope_id = 0").unsigned_abs());
    assert_eq!(status.members_entries, counted("scope_id <> 0").unsigned_abs());
    let page = store.entries(Actor::Admin, &Query { limit: 1, ..Query::default() }).unwrap();
    assert_eq!(page.total, counted("scope_id = 0 OR added_by = 1").unsigned_abs());
}

#[test]
fn counts_follow_every_kind_of_change() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = store.add_member("alice", &[MemberIdentity::Mail("alice@home.example".to_owned())]).unwrap();
    counts_are_right(&store);
    let one = add(&store, "one.example");
    add(&store, "one.example");
    let own = NewEntry { scope: Scope::Member(alice.id), ..new("two.example") };
    store.add(Actor::Admin, vec![own.clone(), own]).unwrap();
    counts_are_right(&store);
    store.set_enabled(Actor::Admin, &[one], false).unwrap();
    counts_are_right(&store);
    store.remove(Actor::Admin, &[one]).unwrap();
    counts_are_right(&store);
    // Refused as a whole: nothing of it may be counted.
    assert!(store.add(Actor::Admin, vec![new("x.example"), new("alice@home.example")]).is_err());
    counts_are_right(&store);
    for many in [30, 2_500] {
        import(&store, true, (0..many).map(|number| format!("a{number}@list{many}.example")));
        counts_are_right(&store);
    }
    store.remove_member("alice").unwrap();
    counts_are_right(&store);
    drop(store);
    counts_are_right(&open(&folder));
}

#[test]
fn a_large_list_opened_by_two_connections_is_the_whole_list() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let values = || (0..10_500).map(|number| format!("a{number}@d{}.example", number % 977));
    import(&store, false, values().chain(["words: casino".to_owned()]));
    add(&store, "m*@glob.example");
    drop(store);
    let store = open(&folder);
    let snapshot = store.snapshot().load();
    assert!(values().all(|value| is_blocked(&snapshot, &value)));
    assert!(is_blocked(&snapshot, "mallory@glob.example"));
    assert!(!is_blocked(&snapshot, "b1@d1.example"));
    counts_are_right(&store);
    // And beside whoever holds them.
    let beside = Store::open_beside(folder.path(), Delimiters::Plus).unwrap().unwrap();
    assert!(values().all(|value| in_force(&beside, &value)));
}

/// Judging goes on while lists are edited, one entry at a time and by the thousand, which compiles everything anew:
///
/// ```text
/// judging thread: kept@always.example dropped? gone@before.example delivered?   (again and again)
/// this thread:    block, remove, switch off, import --replace of 2,500           (and after each: in force?)
/// ```
#[test]
fn edits_are_in_force_at_once_and_stay_so_while_everything_is_compiled_anew() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    add(&store, "kept@always.example");
    let gone = add(&store, "gone@before.example");
    store.remove(Actor::Admin, &[gone]).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let judging = scope.spawn(|| {
            let (handle, mut revision, mut judged) = (store.snapshot(), 0, 0u64);
            while !stop.load(Ordering::Relaxed) {
                let snapshot = handle.load();
                assert!(snapshot.revision() >= revision);
                revision = snapshot.revision();
                assert!(is_blocked(&snapshot, "kept@always.example"));
                assert!(!is_blocked(&snapshot, "gone@before.example"));
                judged += 1;
            }
            judged
        });
        for round in 0..4 {
            let mut ids = Vec::new();
            for number in 0..12 {
                ids.push(add(&store, &format!("r{round}n{number}.example")));
                assert!(in_force(&store, &format!("x@r{round}n{number}.example")));
            }
            store.remove(Actor::Admin, &ids[..4]).unwrap();
            store.set_enabled(Actor::Admin, &ids[4..8], false).unwrap();
            let stays = format!("r{round}n11.example");
            let list = (0..2_500).map(|number| format!("m{number}@r{round}.example"));
            import(&store, true, list.chain(["kept@always.example".to_owned(), stays]));
            for number in 0..12 {
                assert_eq!(in_force(&store, &format!("x@r{round}n{number}.example")), number == 11);
            }
            assert!(in_force(&store, &format!("m2499@r{round}.example")));
            assert!(round == 0 || !in_force(&store, &format!("m7@r{}.example", round - 1)));
        }
        stop.store(true, Ordering::Relaxed);
        assert!(judging.join().unwrap() > 0);
    });
}

#[test]
fn a_change_that_does_not_compile_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let regexes = |range: std::ops::Range<u32>| -> Vec<NewEntry> {
        let regex = |number: u32| understand(&format!("sale{number} [0-9]+"), Some(PatternKind::Regex), true);
        range.map(|number| NewEntry { pattern: regex(number).unwrap().pattern, ..new("x.example") }).collect()
    };
    store.add(Actor::Admin, regexes(0..200)).unwrap();
    let before = store.status().unwrap();
    let error = store.add(Actor::Admin, regexes(200..201)).unwrap_err().to_string();
    assert!(error.contains("200 regular expressions"), "{error}");
    assert!(store.add(Actor::Admin, vec![new("late.example"), regexes(200..201).remove(0)]).is_err());
    assert!(!in_force(&store, "x@late.example"));
    let after = store.status().unwrap();
    assert_eq!((after.revision, after.entries), (before.revision, before.entries));
    counts_are_right(&store);
}

#[test]
fn an_entry_keyed_by_an_older_normalisation_matches_after_the_next_start() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let id = add(&store, "mallory@example.org");
    drop(store);
    let connection = rusqlite::Connection::open(folder.path().join("postward.sqlite")).unwrap();
    let older = "UPDATE entry SET norm_key = 'older', norm_version = 1; DELETE FROM setting WHERE name = 'norm_version'";
    connection.execute_batch(older).unwrap();
    drop(connection);
    for _ in 0..2 {
        let store = open(&folder);
        assert!(in_force(&store, "mallory@example.org"));
        assert_eq!(store.entry(Actor::Admin, id).unwrap().entry.pattern.key, "org.example@mallory");
    }
}

#[test]
fn a_member_sees_their_own_and_the_households_and_nobody_elses() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let mail = |name: &str| [MemberIdentity::Mail(format!("{name}@home.example"))];
    let alice = store.add_member("alice", &mail("alice")).unwrap().id;
    let bob = store.add_member("bob", &mail("bob")).unwrap().id;
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
