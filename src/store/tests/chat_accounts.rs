//! Whose the list of a chat account is, whatever an admin named before or names after its owner came.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

use policy_core::account::{Owner, owner_or_new};

use super::*;

#[test]
fn what_a_member_is_known_by_is_named_for_nobody_else_however_it_is_written() {
    use MemberIdentity::{CatchAll, Jid, Login};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = [
        MemberIdentity::Mail("alice@mail.example".to_owned()),
        Jid("alice@one.example".to_owned()),
        Jid("alice@stra\u{df}e.example".to_owned()),
        CatchAll("alice.example".to_owned()),
        Login("al".to_owned()),
    ];
    let alice = add_member(&store, "alice", &alice).id;
    let new = |jid: &str| Jid(jid.to_owned());
    for theirs in [
        new("alice@one.example"),
        new(" ALICE@One.Example./phone"),
        new("\u{ff41}lice@one.example"),
        new("alice@xn--strae-oqa.example"),
        CatchAll("Alice.Example.".to_owned()),
        Login("AL".to_owned()),
        Login(" \u{ff41}l".to_owned()),
        Login("Alice@mail.example".to_owned()),
        Login("alice@one.example".to_owned()),
    ] {
        match store.add_member("spy", std::slice::from_ref(&theirs)) {
            Err(ListsError::Refused(why)) => assert_eq!(why.id, "why-identity-others", "{theirs:?}"),
            other => panic!("{theirs:?}: {other:?}"),
        }
    }
    let others = [new("alice2@one.example"), new("alice@two.example"), Login("alicia".to_owned())];
    store.add_member("bob", &others).unwrap();
    // Free again once she is gone, who has never come.
    store.remove_member("alice").unwrap();
    assert!(store.members().unwrap().iter().all(|member| member.id != alice));
    store.add_member("carol", &[new("alice@one.example")]).unwrap();
}

#[test]
fn an_account_becomes_a_member_though_others_are_called_like_it() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    // The last ones with a Cyrillic letter, and with a digit that looks like another.
    for name in ["Dora@one.test", "dora@one.test (2)", "d\u{43e}ra@one.test (\u{ff13})"] {
        let _ = store.add_member(name, &[]);
    }
    let account = Identity::of_account("dora@one.test/phone").unwrap();
    let Owner::One(dora) = owner_or_new(&store, &account).unwrap() else { panic!("dora has no list") };
    assert!(dora.name.starts_with("dora@one.test ("), "{}", dora.name);
    assert_eq!(owner_or_new(&store, &account).unwrap(), Owner::One(dora));
}

#[test]
fn what_an_account_lists_is_hidden_from_who_had_its_page_before_until_it_opens_the_page_itself() {
    use policy_core::sign_in::{Accounts, Proven, Secrets, SignInLinks};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let secrets = |password: &str| Secrets { password: Some(password.to_owned()), recovery: None };
    let account = Identity::of_account("bob@one.test/phone").unwrap();
    let bob = store.add_member("bobby", &[MemberIdentity::Jid("bob@one.test".to_owned())]).unwrap().id;
    let adds = |actor, value: &str| {
        let own = NewEntry { scope: Scope::Member(bob), ..new(value) };
        store.add(actor, vec![own]).unwrap()[0].entry.id
    };
    let by_chat = |value: &str| {
        assert!(matches!(owner_or_new(&store, &account).unwrap(), Owner::One(member) if member.id == bob));
        adds(Actor::Member(bob), value)
    };
    let page = || store.account(Actor::Member(bob)).unwrap().unwrap().actor;
    let follow = |actor| {
        let url = store.sign_in_link(actor, bob).unwrap().url;
        store.use_link(url.split('=').nth(1).unwrap()).unwrap().unwrap()
    };

    // The admin opens the page before bob ever wrote.
    assert!(!follow(Actor::Admin).by_account);
    store.begin_anew(bob, &secrets("spy's"), Proven::Nothing).unwrap();
    assert_eq!(page(), Actor::Member(bob));
    let before = adds(page(), "before.example");
    let first = by_chat("his-ex.example");
    assert_eq!(page(), Actor::Unproven(bob));
    assert!(store.entry(page(), first).is_err() && store.entry(Actor::Member(bob), first).is_ok());
    assert!(store.entry(page(), before).is_ok(), "whoever made it sees it");
    let told = store.waiting().unwrap();
    assert!(told.iter().any(|notice| notice.notice == crate::notices::page_was_open()), "{told:?}");
    // What the admin can prove is that it was the admin.
    store.unhide(bob).unwrap();
    assert!(store.entry(page(), first).is_err());
    for proven in [Proven::Nothing, Proven::Current, Proven::Earlier] {
        follow(Actor::Admin);
        store.begin_anew(bob, &secrets("spy's other"), proven).unwrap();
        let again = by_chat(&format!("{proven:?}.example"));
        assert!(store.entry(page(), first).is_err() && store.entry(page(), again).is_err(), "{proven:?}");
    }

    // His own link shows him everything, and keeps it so.
    assert!(follow(Actor::Member(bob)).by_account);
    store.begin_anew(bob, &secrets("his"), Proven::Account).unwrap();
    let second = by_chat("another.example");
    assert_eq!(page(), Actor::Member(bob));
    assert!([before, first, second].into_iter().all(|id| store.entry(page(), id).is_ok()));
    // Another link of the admin's shows nothing, of what comes after it neither.
    assert!(!follow(Actor::Admin).by_account);
    store.begin_anew(bob, &secrets("spy's"), Proven::Nothing).unwrap();
    let third = by_chat("third.example");
    assert!([first, second, third].into_iter().all(|id| store.entry(page(), id).is_err()));
    store.begin_anew(bob, &secrets("his"), Proven::Earlier).unwrap();
    assert!([first, second, third].into_iter().all(|id| store.entry(page(), id).is_ok()));
}

#[test]
fn the_admins_first_link_shows_nothing_of_what_an_account_listed_before() {
    use policy_core::sign_in::{Accounts, Proven, Secrets};
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let account = Identity::of_account("bob@one.test/phone").unwrap();
    let Owner::One(bob) = owner_or_new(&store, &account).unwrap() else { panic!("bob has no list") };
    let own = NewEntry { scope: Scope::Member(bob.id), ..new("his-ex.example") };
    let id = store.add(Actor::Member(bob.id), vec![own]).unwrap()[0].entry.id;
    let secrets = Secrets { password: Some("spy's".to_owned()), recovery: None };
    store.begin_anew(bob.id, &secrets, Proven::Nothing).unwrap();
    let page = store.account(Actor::Member(bob.id)).unwrap().unwrap().actor;
    assert_eq!(page, Actor::Unproven(bob.id));
    assert!(store.entry(page, id).is_err());
}
