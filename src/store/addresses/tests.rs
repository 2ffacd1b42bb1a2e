//! Codes and agreement: whose entries count for an address, and what an admin, a member or an impostor can't do.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests may fail loudly"
)]

use policy_core::addresses::{AddressState, Addresses};
use policy_core::entry::Scope;
use policy_core::lists::{Lists, MemberIdentity, NewEntry};
use policy_core::pattern::understand;
use policy_core::sign_in::{Household, Leaving, SignInLinks};
use policy_core::snapshot::Delimiters;
use tempfile::TempDir;

use super::*;
use crate::store::tests::{is_blocked, waiting_code};
use crate::store::{leaving, lock};

const ADDRESS: &str = "alice@home.example";

fn open(folder: &TempDir) -> Store {
    Store::open(folder.path(), lock(folder.path()).unwrap(), Delimiters::Plus).unwrap()
}

/// A member who says that the address is theirs, and blocks somebody.
fn claims(store: &Store, name: &str) -> MemberId {
    let member = store.add_member(name, &[MemberIdentity::Mail(ADDRESS.to_owned())]).unwrap().id;
    let pattern = understand("mallory@evil.example", None, true).unwrap().pattern;
    let scope = Scope::Member(member);
    store.add(Actor::Member(member), vec![NewEntry { scope, ..NewEntry::block(pattern) }]).unwrap();
    member
}

fn counts(store: &Store) -> bool {
    is_blocked(&store.snapshot().load(), "mallory@evil.example")
}

fn states(store: &Store) -> Vec<(MemberId, AddressState)> {
    store.addresses().unwrap().into_iter().map(|own| (own.member, own.state)).collect()
}

#[test]
fn entries_count_for_an_address_once_its_code_is_entered_by_that_member() {
    use AddressState::{Theirs, WaitsForCode};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, eve) = (claims(&store, "alice"), claims(&store, "eve"));
    assert!(!counts(&store));
    let code = waiting_code(&store, alice).unwrap();
    assert_ne!(Some(&code), waiting_code(&store, eve).as_ref());
    for (actor, member) in [(Actor::Member(eve), eve), (Actor::Member(eve), alice)] {
        assert!(store.confirm_address(actor, member, &code).is_err(), "a code is one member's");
    }
    for wrong in ["", "abcd-efgh-ijkm", code.rsplit_once('-').unwrap().0] {
        assert!(store.confirm_address(Actor::Member(alice), alice, wrong).is_err());
    }
    assert_eq!(states(&store), [(alice, WaitsForCode), (eve, WaitsForCode)]);
    // However it was copied.
    let typed = format!(" {}\n", code.to_uppercase().replace('-', " "));
    assert_eq!(store.confirm_address(Actor::Member(alice), alice, &typed).unwrap().state, Theirs);
    assert!(counts(&store));
    assert!(store.confirm_address(Actor::Member(alice), alice, &code).is_err(), "it works once");
    assert_eq!(states(&store), [(alice, Theirs), (eve, WaitsForCode)]);
    assert!(
        store
            .add(Actor::Admin, vec![NewEntry::block(understand(ADDRESS, None, true).unwrap().pattern)])
            .is_err()
    );
}

#[test]
fn a_code_counts_for_three_days_and_only_the_last_one() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = claims(&store, "alice");
    let first = waiting_code(&store, alice).unwrap();
    store.claim_address(Actor::Member(alice), alice, ADDRESS).unwrap();
    let second = waiting_code(&store, alice).unwrap();
    assert_eq!(store.waiting().unwrap().len(), 1, "the first is not mailed any more");
    assert!(store.confirm_address(Actor::Member(alice), alice, &first).is_err());
    let mut writer = store.writer.take().unwrap();
    for (days, good) in [(4, false), (3, true)] {
        let day = today().saturating_add(jiff::Span::new().days(days));
        let transaction = writer.transaction().unwrap();
        assert_eq!(confirm(&transaction, alice, &second, day).is_ok(), good);
    }
}

#[test]
fn an_address_that_is_a_members_is_shared_by_their_yes_or_moves_when_they_give_it_up() {
    use AddressState::{Theirs, WaitsForOwners};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let [alice, bob, eve] = ["alice", "bob", "eve"].map(|name| claims(&store, name));
    let enter = |member| {
        let code = waiting_code(&store, member).unwrap();
        store.confirm_address(Actor::Admin, member, &code).unwrap().state
    };
    assert_eq!(enter(alice), Theirs);
    assert_eq!((enter(bob), enter(eve)), (WaitsForOwners, WaitsForOwners), "a code alone takes nothing away");
    assert!(counts(&store), "alice alone decides");
    let asked = |owner| -> Vec<MemberId> {
        store.share_requests(owner).unwrap().into_iter().map(|request| request.asker).collect()
    };
    assert_eq!((asked(alice), asked(bob)), (vec![bob, eve], vec![]));
    for (nobody, asker) in [(bob, eve), (eve, eve), (bob, bob)] {
        assert!(store.share_address(Actor::Member(nobody), asker, ADDRESS, true).is_err());
    }
    assert!(store.share_address(Actor::Admin, bob, ADDRESS, true).is_err());
    store.share_address(Actor::Member(alice), bob, ADDRESS, true).unwrap();
    // From here on it takes both of them.
    store.share_address(Actor::Member(alice), eve, ADDRESS, true).unwrap();
    assert_eq!(states(&store), [(alice, Theirs), (bob, Theirs), (eve, WaitsForOwners)]);
    assert_eq!((asked(alice), asked(bob)), (vec![], vec![eve]));
    store.share_address(Actor::Member(bob), eve, ADDRESS, false).unwrap();
    assert_eq!(states(&store), [(alice, Theirs), (bob, Theirs)]);

    // Eve asks again; the owners go, one by giving it up, one for good.
    store.claim_address(Actor::Member(eve), eve, ADDRESS).unwrap_err();
    store.writer.take().unwrap().execute("DELETE FROM done_today", []).unwrap();
    store.claim_address(Actor::Member(eve), eve, ADDRESS).unwrap();
    assert_eq!(enter(eve), WaitsForOwners);
    store.give_up_address(Actor::Member(alice), ADDRESS).unwrap();
    assert_eq!(states(&store), [(bob, Theirs), (eve, WaitsForOwners)]);
    store.remove_member("bob").unwrap();
    let told = store.waiting().unwrap();
    for message in told {
        store.sent(message.id, today()).unwrap();
    }
    store.end_memberships(today().saturating_add(jiff::Span::new().days(15))).unwrap();
    assert_eq!(states(&store), [(eve, Theirs)]);
    assert!(counts(&store));
}

#[test]
fn whoever_came_by_a_link_without_proof_takes_no_address_away() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (alice, bob) = (claims(&store, "alice"), claims(&store, "bob"));
    for member in [alice, bob] {
        let code = waiting_code(&store, member).unwrap();
        store.confirm_address(Actor::Member(member), member, &code).unwrap();
    }
    let impostor = Actor::Unproven(alice);
    assert!(store.give_up_address(impostor, ADDRESS).is_err());
    assert!(store.share_address(impostor, bob, ADDRESS, true).is_err());
    assert!(counts(&store));
}

/// By mail to an address of theirs, the hidden list would answer about any sender and text.
#[test]
fn whoever_came_by_a_link_without_proof_adds_no_address_and_the_others_hear_of_each() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = claims(&store, "alice");
    let (herself, impostor) = (Actor::Member(alice), Actor::Unproven(alice));
    store.confirm_address(herself, alice, &waiting_code(&store, alice).unwrap()).unwrap();
    assert!(store.claim_address(impostor, alice, "spy@home.example").is_err());
    assert_eq!(waiting_code(&store, alice), None, "no code is mailed");
    // Nor one that the admin has named.
    store.claim_address(Actor::Admin, alice, "spy@home.example").unwrap();
    let code = waiting_code(&store, alice).unwrap();
    assert!(store.confirm_address(impostor, alice, &code).is_err());
    assert_eq!(states(&store), [(alice, AddressState::Theirs), (alice, AddressState::WaitsForCode)]);
    // Who has lost all proof still gets on: by the code, on the server.
    store.confirm_address(Actor::Admin, alice, &code).unwrap();
    let told = store.waiting().unwrap();
    let told: Vec<_> = told.iter().filter(|one| one.notice.text.contains("spy@home.example")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].to, To::Mail(ADDRESS.to_owned()));
}

#[test]
fn nobody_fills_a_mailbox_with_codes_or_links() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = claims(&store, "alice");
    let claim = |member, address: &str| store.claim_address(Actor::Admin, member, address);
    claim(alice, ADDRESS).unwrap();
    claim(alice, "ALICE@home.example").unwrap();
    assert!(claim(alice, ADDRESS).is_err());
    assert!(
        store.add_member("another", &[MemberIdentity::Mail(ADDRESS.to_owned())]).is_err(),
        "whoever asks"
    );
    store.give_up_address(Actor::Member(alice), ADDRESS).unwrap();
    assert!(claim(alice, ADDRESS).is_err(), "giving it up forgets nothing");
    let others = (0..20).filter(|number| claim(alice, &format!("{number}@home.example")).is_ok());
    assert_eq!(others.count(), 7, "ten a day for one member");

    for _ in 0..5 {
        store.sign_in_link(Actor::Admin, alice).unwrap();
        store.sign_in_link(Actor::Member(alice), alice).unwrap();
    }
    let announced = store.waiting().unwrap().len();
    let refused = store.sign_in_link(Actor::Admin, alice).err().unwrap();
    assert_eq!(refused.sentence().id, "why-links-today");
    assert!(store.sign_in_link(Actor::Member(alice), alice).is_err());
    assert_eq!(store.waiting().unwrap().len(), announced);
    let tomorrow = today().tomorrow().unwrap();
    store.write(|t| often::once_more(t, "anything", 1, tomorrow)).unwrap();
    store.sign_in_link(Actor::Admin, alice).unwrap();
}

#[test]
fn an_address_that_isnt_proven_to_be_theirs_doesnt_count_as_telling_them() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let addresses = [
        MemberIdentity::Mail("made-up@home.example".to_owned()),
        MemberIdentity::Jid("alice@chat.example".to_owned()),
    ];
    let alice = store.add_member("alice", &addresses).unwrap().id;
    store
        .write(|t| {
            t.execute("INSERT INTO sign_in (member_id, password) VALUES (?1, 'x')", [alice.0]).map_err(failed)
        })
        .unwrap();
    store.remove_member("alice").unwrap();
    let waiting = store.waiting().unwrap();
    let to = |to: To| waiting.iter().rev().find(|message| message.to == to).unwrap().id;
    store.sent(to(To::Mail("made-up@home.example".to_owned())), today()).unwrap();
    assert_eq!(store.members_leaving().unwrap(), [(alice, Leaving::NotTold)]);
    store.sent(to(To::Chat("alice@chat.example".to_owned())), today()).unwrap();
    assert!(matches!(leaving::of(&guard(&store.reader), alice).unwrap(), Some(Leaving::On(_))));
}
