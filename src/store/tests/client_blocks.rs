//! Blocks that chat clients made, and what becomes of them when their entries go and come back.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use policy_core::client_blocks::{ClientBlock, ClientBlocks, ClientList};

use super::*;

/// A member blocks by button, removes that here, takes it back and removes it again, in each order with what the server says.
#[test]
fn a_removed_block_of_a_client_is_put_back_as_the_clients_and_the_last_word_holds_at_the_server() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let alice = add_member(&store, "alice", &[MemberIdentity::Jid("alice@chat.example".to_owned())]);
    let actor = Actor::Member(alice.id);
    let says = |made: Option<&str>| {
        let block = |made: &str| ClientBlock { jid: "m@x.example".to_owned(), made: made.to_owned() };
        let blocks = made.map(block).into_iter().collect();
        let list = ClientList { account: "alice@chat.example".to_owned(), blocks, cut_short: false };
        store.mirror(alice.id, &list).unwrap();
    };
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
