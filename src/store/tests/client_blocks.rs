//! Blocks that chat clients made, and what becomes of them when their entries go and come back.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use policy_core::client_blocks::{ClientBlock, ClientBlocks, ClientList};

use super::*;

/// The server tells what alice's clients block: nothing, or one contact, since then.
fn server_says(store: &Store, alice: MemberId, made: Option<&str>) {
    let block = |made: &str| ClientBlock { jid: "m@x.example".to_owned(), made: made.to_owned() };
    let blocks = made.map(block).into_iter().collect();
    let list = ClientList { account: "alice@chat.example".to_owned(), blocks, after: None, until: None };
    store.mirror(alice, &list).unwrap();
}

/// A member blocks by button, removes that here, takes it back and removes it again, in each order with what the server says.
#[test]
fn a_removed_block_of_a_client_is_put_back_as_the_clients_and_the_last_word_holds_at_the_server() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Jid("alice@chat.example".to_owned())]);
    let actor = Actor::Member(alice.id);
    let says = |made| server_says(&store, alice.id, made);
    let entries = || store.entries(actor, &Query { limit: 9, ..Query::default() }).unwrap().entries;
    let listed = || entries().iter().map(|listed| listed.entry.source).collect::<Vec<_>>();
    let asks = || {
        let outstanding = store.outstanding().unwrap();
        outstanding.iter().map(|one| (one.wanted, one.block.made.clone())).collect::<Vec<_>>()
    };
    let remove = || {
        let ids: Vec<EntryId> = entries().iter().map(|listed| listed.entry.id).collect();
        store.remove(actor, &ids).unwrap()
    };
    let (unblock, block) = (|made: &str| vec![(false, made.to_owned())], vec![(true, String::new())]);

    says(Some("1"));
    let removed = remove();
    assert_eq!((listed(), asks()), (vec![], unblock("1")));
    says(None);
    assert_eq!((listed(), asks()), (vec![], vec![]));
    store.put_back(actor, removed).unwrap();
    assert_eq!((listed(), asks()), (vec![Source::Client], block.clone()));
    says(None);
    assert_eq!((listed(), asks()), (vec![Source::Client], block.clone()), "not done yet");
    says(Some("2"));
    assert_eq!((listed(), asks()), (vec![Source::Client], vec![]));

    // Before the server has heard of the removal.
    let removed = remove();
    store.put_back(actor, removed).unwrap();
    says(Some("2"));
    assert_eq!((listed(), asks()), (vec![Source::Client], vec![]));
    // Removed again, before the server has heard that it is there again, or has said so.
    for said in ["2", "3"] {
        let removed = remove();
        store.put_back(actor, removed).unwrap();
        let removed = remove();
        assert_eq!((listed(), asks()), (vec![], unblock("")));
        says(Some(said));
        assert_eq!((listed(), asks()), (vec![], unblock(said)), "nobody has blocked it anew");
        says(None);
        assert_eq!((listed(), asks()), (vec![], vec![]));
        store.put_back(actor, removed).unwrap();
        says(Some(said));
        assert_eq!((listed(), asks()), (vec![Source::Client], vec![]));
    }
    // Switched off, and on again.
    let id = entries()[0].entry.id;
    store.set_enabled(actor, &[id], false).unwrap();
    assert_eq!(asks(), unblock("3"));
    says(None);
    assert_eq!((listed(), asks()), (vec![Source::Client], vec![]));
    store.set_enabled(actor, &[id], true).unwrap();
    assert_eq!(asks(), block);
    says(Some("4"));
    // The button takes it off, and what it took off comes back by the button alone.
    says(None);
    assert_eq!((listed(), asks()), (vec![], vec![]));
    says(Some("5"));
    assert_eq!((listed(), asks()), (vec![Source::Client], vec![]));
}

/// What a member's clients have blocked is allowed: by an admin, by a forwarded message, for mail alone, and by themselves.
#[test]
fn only_a_members_own_allow_that_counts_in_chat_takes_a_clients_block_back() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Jid("alice@chat.example".to_owned())]);
    let block = ClientBlock { jid: "m@x.example".to_owned(), made: "1".to_owned() };
    let account = "alice@chat.example".to_owned();
    store.mirror(alice.id, &ClientList { account, blocks: vec![block], after: None, until: None }).unwrap();
    let allow = NewEntry { effect: Effect::Allow, scope: Scope::Member(alice.id), ..new("m@x.example") };
    let add = |actor, allow: NewEntry| store.add(actor, vec![allow]).unwrap().remove(0).unblocked.len();
    let own = Actor::Member(alice.id);
    assert_eq!(add(Actor::Admin, allow.clone()), 0);
    assert_eq!(add(own, NewEntry { source: Source::Forwarded, ..allow.clone() }), 0);
    assert_eq!(add(own, NewEntry { channels: Channels::Mail, ..allow.clone() }), 0);
    assert_eq!(add(own, NewEntry { enabled: false, ..allow.clone() }), 0);
    assert!(store.outstanding().unwrap().is_empty());
    assert_eq!(add(own, allow), 1);
    assert_eq!(store.outstanding().unwrap().len(), 1);
}

/// A member edits what their client has blocked; the server hears of it, and has it blocked again later.
#[test]
fn what_was_edited_is_taken_back_at_the_server_and_outlives_what_the_button_does() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Jid("alice@chat.example".to_owned())]);
    let actor = Actor::Member(alice.id);
    let says = |made| server_says(&store, alice.id, made);
    let listed = || {
        let page = store.entries(actor, &Query { limit: 9, ..Query::default() }).unwrap().entries;
        page.iter().map(|listed| (listed.entry.source, listed.entry.channels)).collect::<Vec<_>>()
    };
    let asks = || store.outstanding().unwrap().iter().map(|one| one.wanted).collect::<Vec<_>>();
    let mail = (Source::Manual, Channels::Mail);

    says(Some("1"));
    let entry =
        store.entries(actor, &Query { limit: 9, ..Query::default() }).unwrap().entries.remove(0).entry;
    let noted = NewEntry { note: "he".to_owned(), ..NewEntry::again(entry.clone()) };
    store.edit(actor, entry.id, None, noted.clone()).unwrap();
    assert_eq!(
        (listed(), asks()),
        (vec![(Source::Client, Channels::All)], vec![]),
        "a note changes nothing there"
    );
    let edited = NewEntry { channels: Channels::Mail, ..noted };
    store.edit(actor, entry.id, None, edited).unwrap();
    assert_eq!((listed(), asks()), (vec![mail], vec![false]));
    says(Some("1"));
    assert_eq!((listed(), asks()), (vec![mail], vec![false]), "not done yet");
    says(None);
    assert_eq!((listed(), asks()), (vec![mail], vec![]));
    says(Some("2"));
    assert_eq!((listed(), asks()), (vec![(Source::Client, Channels::All), mail], vec![]));
    says(None);
    assert_eq!((listed(), asks()), (vec![mail], vec![]));
}

/// A list that is told in parts: each changes what lies within it, and nothing else.
#[test]
fn a_part_of_a_long_list_takes_back_what_lies_within_it_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Jid("alice@chat.example".to_owned())]);
    let says = |after: Option<&str>, jids: &[&str], until: Option<&str>| {
        let block = |jid: &&str| ClientBlock { jid: (*jid).to_owned(), made: "1".to_owned() };
        let (after, until) = (after.map(str::to_owned), until.map(str::to_owned));
        let account = "alice@chat.example".to_owned();
        let list = ClientList { account, blocks: jids.iter().map(block).collect(), after, until };
        store.mirror(alice.id, &list).unwrap();
    };
    let listed = || {
        let page = store.entries(Actor::Member(alice.id), &Query { limit: 9, ..Query::default() }).unwrap();
        let mut listed: Vec<String> =
            page.entries.iter().map(|listed| listed.entry.pattern.typed.clone()).collect();
        listed.sort();
        listed
    };
    says(None, &["a@x.example", "b@x.example"], Some("b@x.example"));
    says(Some("b@x.example"), &["c@x.example", "d@x.example"], Some("d@x.example"));
    says(Some("d@x.example"), &["e@x.example"], None);
    assert_eq!(listed(), ["a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"]);
    says(None, &["b@x.example"], Some("b@x.example"));
    assert_eq!(listed(), ["b@x.example", "c@x.example", "d@x.example", "e@x.example"]);
    says(Some("b@x.example"), &["c@x.example"], Some("d@x.example"));
    says(Some("d@x.example"), &[], None);
    assert_eq!(listed(), ["b@x.example", "c@x.example"]);
}
