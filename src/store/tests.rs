//! The store with its snapshot: what was changed is in force at once and stays so, whatever else changes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::sync::atomic::{AtomicBool, Ordering};

use policy_core::candidate::{Candidate, Delivery, Recipient, Sender, SenderRole};
use policy_core::entry::{Action, Channel, Channels, Effect, Source};
use policy_core::identity::Identity;
use policy_core::lists::NewEntry;
use policy_core::pattern::{PatternKind, understand};
use policy_core::verdict::Outcome;
use tempfile::TempDir;

use super::count::Group;
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

/// A member whose addresses are proven to be theirs: every code is entered, and whose an address is already agrees.
pub(super) fn add_member(store: &Store, name: &str, identities: &[MemberIdentity]) -> Member {
    use policy_core::addresses::Addresses;
    let member = store.add_member(name, identities).unwrap().id;
    while let Some(code) = waiting_code(store, member) {
        store.confirm_address(Actor::Admin, member, &code).unwrap();
    }
    for owner in store.members().unwrap() {
        for request in store.share_requests(owner.id).unwrap() {
            store.share_address(Actor::Member(owner.id), request.asker, &request.address, true).unwrap();
        }
    }
    for told in store.waiting().unwrap() {
        store.sent(told.id, today()).unwrap();
    }
    store.members().unwrap().into_iter().find(|other| other.id == member).unwrap()
}

/// The last code that waits to be mailed for a member.
pub(super) fn waiting_code(store: &Store, member: policy_core::entry::MemberId) -> Option<String> {
    use policy_core::addresses::{AddressState, Addresses};
    let addresses = store.addresses().unwrap();
    let theirs =
        addresses.iter().filter(|own| own.member == member && own.state == AddressState::WaitsForCode);
    let waiting = store.waiting().unwrap();
    let members = store.members().unwrap();
    let name = &members.iter().find(|other| other.id == member).unwrap().name;
    let mut mails = theirs.filter_map(|own| {
        waiting.iter().rev().find(|out| {
            out.to == To::Mail(own.address.clone())
                && out.notice.text.starts_with(&format!("{name} has a list"))
        })
    });
    let text = &mails.next()?.notice.text;
    let after = text.split_once("under Account: ").unwrap().1;
    Some(after.split_whitespace().next().unwrap().to_owned())
}

fn import(store: &Store, replace: bool, values: impl IntoIterator<Item = String>) -> ImportReport {
    let mut items = (1..).zip(values).map(|(line, value)| Ok(ImportItem { line, entry: Ok(new(&value)) }));
    store.import(Actor::Admin, Scope::Household, replace, &mut items).unwrap()
}

pub(super) fn is_blocked(snapshot: &Snapshot, from: &str) -> bool {
    let mut candidate = Candidate::new(Channel::Mail);
    let identity = Identity::parse_mail(from).unwrap();
    candidate.senders.push(Sender { role: SenderRole::Envelope, identity });
    candidate.recipients.push(Recipient {
        identity: Identity::parse_mail("alice@home.example").unwrap(),
        delivery: Delivery::ToAddress,
    });
    snapshot.judge(&candidate, today()).verdicts[0].outcome == Outcome::Drop
}

fn in_force(store: &Store, from: &str) -> bool {
    is_blocked(&store.snapshot().load(), from)
}

/// Whether what is counted in memory, `status` and the number of listed entries say what is in the table.
fn counts_are_right(store: &Store) {
    let mut there = Counts { people: store.members().unwrap().len(), ..Counts::default() };
    {
        let reader = guard(&store.reader);
        let mut statement =
            reader.prepare("SELECT scope_id, effect, kind, source, added_by FROM entry").unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let [scope, effect, kind, source, added_by] = [0, 1, 2, 3, 4].map(|at| row.get(at).unwrap());
            there.add(Group { scope, effect, kind, source, added_by }, 1);
        }
    }
    assert_eq!(*guard(&store.counts), there);
    let sum = |counts: fn(&Group) -> bool| -> i64 {
        there.groups.iter().filter(|(group, _)| counts(group)).map(|(_, entries)| entries).sum()
    };
    assert_eq!(store.status().unwrap().entries, sum(|group| group.scope == 0).unsigned_abs());
    let page = store.entries(Actor::Admin, &Query { limit: 1, ..Query::default() }).unwrap();
    assert_eq!(page.total, sum(|group| group.scope == 0 || group.added_by == 1).unsigned_abs());
}

#[test]
fn counts_follow_every_kind_of_change() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Mail("alice@home.example".to_owned())]);
    counts_are_right(&store);
    let one = add(&store, "one.example");
    add(&store, "one.example");
    let own = NewEntry { scope: Scope::Member(alice.id), ..new("two.example") };
    store.add(Actor::Admin, vec![own.clone(), own]).unwrap();
    counts_are_right(&store);
    store.set_enabled(Actor::Admin, &[one], false).unwrap();
    counts_are_right(&store);
    store.edit(Actor::Admin, one, None, new("some words")).unwrap();
    counts_are_right(&store);
    store.edit(Actor::Admin, one, None, new("one.example")).unwrap();
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
    let error = store.add(Actor::Admin, regexes(200..201)).unwrap_err();
    let error = texts::Texts::plain().lists_error(&error);
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
fn an_import_is_taken_back_exactly() {
    use policy_core::undo::Undo;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let noted = NewEntry { note: "mine".to_owned(), ..new("changed.example") };
    store.add(Actor::Admin, vec![noted, new("same.example"), new("other.example")]).unwrap();
    let all = || {
        let page = store.entries(Actor::Admin, &Query { limit: 100, ..Query::default() }).unwrap();
        let mut all: Vec<Entry> = page.entries.into_iter().map(|listed| listed.entry).collect();
        all.sort_by_key(|entry| entry.id);
        all
    };
    let before = all();
    let with_note = |value: &str, note: &str| NewEntry {
        note: note.to_owned(),
        channels: Channels::Mail,
        source: Source::Import,
        ..new(value)
    };
    // What it changes twice, what it adds and then changes.
    let lines = [
        with_note("changed.example", "first"),
        with_note("changed.example", "second"),
        with_note("new.example", ""),
        with_note("new.example", "again"),
        new("same.example"),
        new("gone.example"),
    ];
    let mut items = (1..).zip(lines).map(|(line, new)| Ok(ImportItem { line, entry: Ok(new) }));
    let report = store.import(Actor::Admin, Scope::Household, false, &mut items).unwrap();
    assert!(in_force(&store, "x@new.example"));
    let gone = all().into_iter().find(|entry| entry.pattern.typed == "gone.example").unwrap();
    store.remove(Actor::Admin, &[gone.id]).unwrap();
    Undo::Import(report.imported.unwrap()).carry_out(&store, Actor::Admin).unwrap();
    assert_eq!(all(), before);
    assert!(!in_force(&store, "x@new.example") && in_force(&store, "x@changed.example"));
    counts_are_right(&store);
    assert_eq!(import(&store, true, ["one.example".to_owned()]).imported, None, "a replaced list isn't");
    let too_many = |note: &str| {
        let lines = (0..=Imported::MOST_CHANGED).map(|number| with_note(&format!("a{number}.example"), note));
        let mut items = (1..).zip(lines).map(|(line, new)| Ok(ImportItem { line, entry: Ok(new) }));
        store.import(Actor::Admin, Scope::Household, false, &mut items).unwrap().imported
    };
    assert!(too_many("").is_some());
    assert_eq!(too_many("changed"), None);
}

#[test]
fn what_a_large_list_replaced_is_not_in_the_write_ahead_log() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    import(&store, false, ["replaced-one.example".to_owned()]);
    import(&store, true, (0..2_100).map(|number| format!("n{number}.example")));
    let logs = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
    let logs: Vec<_> = logs.filter(|path| path.to_string_lossy().ends_with("-wal")).collect();
    assert_eq!(logs.len(), 1);
    for log in logs {
        let bytes = std::fs::read(log).unwrap();
        assert!(!bytes.windows(12).any(|bytes| bytes == b"replaced-one"));
    }
}

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

/// A member with an entry of their own and a password.
fn somebody(store: &Store, name: &str) -> (policy_core::entry::MemberId, EntryId) {
    use policy_core::sign_in::{Accounts, Proven, Secrets};
    let address = MemberIdentity::Mail(format!("{name}@home.example"));
    let member = add_member(store, name, &[address]).id;
    let own = NewEntry { scope: Scope::Member(member), ..new(&format!("from-{name}.example")) };
    let id = store.add(Actor::Member(member), vec![own]).unwrap()[0].entry.id;
    let secrets = Secrets { password: Some("first".to_owned()), recovery: Some("code".to_owned()) };
    store.begin_anew(member, &secrets, Proven::Nothing).unwrap();
    (member, id)
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
        ("family@home.example", None),
        ("eve", None),
    ] {
        assert_eq!(store.account_named(name).unwrap().map(|account| account.actor), actor, "{name}");
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

/// One way to write there is, and it is closed once the file is gone: the admin's password, settings, accounts, links,
/// persons, counts and client blocks as well as entries.
#[test]
fn nothing_is_written_into_a_file_that_was_removed() {
    use policy_core::client_blocks::{ClientBlock, ClientBlocks, ClientList};
    use policy_core::counting::Counting;
    use policy_core::door::Hits;
    use policy_core::persons::Persons;
    use policy_core::sign_in::{Accounts, Household, Proven, Secrets, SignInLinks};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, hers) = somebody(&store, "alice");
    store.remove_member("alice").unwrap();
    let key = store.sign_in_link(Actor::Admin, alice).unwrap().url;
    let key = key.split_once("key=").unwrap().1.to_owned();
    let person = store.save_person(Actor::Admin, None, "Mallory", &[]).unwrap().id;
    let message = store.waiting().unwrap()[0].id;
    store.hits().hit(hers, today());
    std::fs::remove_file(folder.path().join("postward.sqlite")).unwrap();

    let member = Actor::Member(alice);
    let blocks = ClientList {
        account: "alice@chat.example".to_owned(),
        blocks: vec![ClientBlock { jid: "m@x.example".to_owned(), made: String::new() }],
        cut_short: false,
    };
    let lost = |done: Result<(), ListsError>, what: &str| {
        assert_eq!(done.unwrap_err().sentence().id, "store-lost", "{what}");
    };
    lost(store.add(Actor::Admin, vec![new("x.example")]).map(drop), "add");
    lost(store.set_enabled(member, &[hers], false).map(drop), "switch off");
    lost(store.add_member("bob", &[]).map(drop), "member");
    lost(store.set_admin_password("hash"), "the admin's password");
    lost(store.set_setting("name", "value"), "setting");
    lost(store.write_hits(), "hits");
    lost(store.set_counting(Actor::Admin, false), "counting");
    lost(store.wipe_counts(Actor::Admin), "counts");
    lost(store.save_person(Actor::Admin, None, "Eve", &[]).map(drop), "person");
    lost(store.remove_person(Actor::Admin, person).map(drop), "person removed");
    lost(store.mirror(alice, &blocks), "client blocks");
    lost(store.sign_in_link(Actor::Admin, alice).map(drop), "link");
    lost(store.use_link(&key).map(drop), "link used");
    lost(store.signed_in(member).map(drop), "sign-in");
    lost(store.set_password(member, "hash"), "password");
    lost(store.begin_anew(alice, &Secrets::default(), Proven::Nothing), "begin anew");
    lost(store.unhide(alice), "unhide");
    lost(store.keep_member("alice"), "keep");
    lost(store.sent(message, today()), "sent");
    assert_eq!(store.status().unwrap().database.unwrap().id, "store-lost");
}

/// The disk is full, or another program writes, when the ten minutes are over.
#[test]
fn counts_that_cannot_be_written_are_written_the_next_time() {
    use policy_core::door::Hits;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let id = add(&store, "x.example");
    store.hits().hit(id, today());
    let full = |on| store.writer.take().unwrap().pragma_update(None, "query_only", on).unwrap();
    full(true);
    assert!(store.write_hits().is_err());
    // By a clock that goes back a year meanwhile: the day is the one that was seen last.
    let last = today().saturating_sub(jiff::Span::new().years(1));
    store.hits().hit(id, last);
    full(false);
    store.write_hits().unwrap();
    let listed = store.entry(Actor::Admin, id).unwrap();
    assert_eq!((listed.hits, listed.last_hit), (2, Some(last)));
    store.hits().hit(id, today());
    store.write_hits().unwrap();
    assert_eq!(store.entry(Actor::Admin, id).unwrap().last_hit, Some(today()));
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
