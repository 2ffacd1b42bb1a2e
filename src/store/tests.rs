//! The store with its snapshot: what was changed is in force at once and stays so, whatever else changes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::sync::atomic::{AtomicBool, Ordering};

use policy_core::candidate::{Candidate, Delivery, Recipient, Sender, SenderRole};
use policy_core::door::{FailureMode, Judge, ModuleStatus};
use policy_core::entry::{Action, Channel, Channels, Effect, Source};
use policy_core::identity::Identity;
use policy_core::lists::{Change, ImportItem, Imported, NewEntry};
use policy_core::pattern::{PatternKind, understand};
use policy_core::verdict::Outcome;
use tempfile::TempDir;
use texts::Texts;

use super::count::Group;
use super::*;

mod chat_accounts;
mod client_blocks;
mod import;
mod members;

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
        after: None,
        until: None,
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
fn the_servers_own_names_cant_be_put_on_the_households_list() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.serves(vec![Domain::parse_typed("postward.home.example").unwrap()]);
    let chat = Door::new("chat", store.snapshot(), today, store.hits(), FailureMode::Deliver);
    chat.set_module(Some(ModuleStatus {
        version: String::new(),
        unjudged: 0,
        filtered: vec!["münchen.example".to_owned()],
        unfiltered: vec!["rooms.other.example".to_owned()],
    }));
    store.go_live(Live { doors: vec![Arc::new(chat)], web: String::new() });
    for listed in [
        "postward.home.example",
        "home.example",
        "xn--mnchen-3ya.example",
        "*@münchen.example",
        "?*@münchen.example",
        "other.example",
    ] {
        let refused = store.add(Actor::Admin, vec![new(listed)]);
        let Err(ListsError::Refused(sentence)) = refused else { panic!("{listed} is listed: {refused:?}") };
        assert!(Texts::plain().sentence(&sentence).contains("this server's own"), "{sentence:?}");
        let line = ImportItem { line: 1, entry: Ok(new(listed)) };
        let report =
            store.import(Actor::Admin, Scope::Household, false, &mut std::iter::once(Ok(line))).unwrap();
        assert_eq!(report.added, 0, "{listed} is imported");
    }
    // Somebody there can be who must be kept out; and what only looks like it is somebody else's.
    for listed in ["mallory@münchen.example", "mal*@münchen.example", "xhome.example", "sub.münchen.example"]
    {
        add(&store, listed);
    }
    let allowed = NewEntry { effect: Effect::Allow, ..new("home.example") };
    store.add(Actor::Admin, vec![allowed]).unwrap();
    let alice = add_member(&store, "alice", &[MemberIdentity::Mail("alice@elsewhere.example".to_owned())]);
    let on_own = NewEntry { scope: Scope::Member(alice.id), ..new("home.example") };
    store.add(Actor::Member(alice.id), vec![on_own]).unwrap();
}
