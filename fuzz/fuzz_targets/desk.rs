//! What an account sends to the desk: messages, forwarded messages, commands and their forms. Every request is answered, by
//! something that any client can read, and no list changes but the account's own.
#![no_main]

use std::sync::Arc;
use std::time::Instant;

use jiff::civil::{Date, date};
use libfuzzer_sys::fuzz_target;
use minidom::Element;
use minidom::rxml::{Namespace, xml_ncname};
use policy_core::entry::{MemberId, Scope};
use policy_core::identity::Identity;
use policy_core::lists::{Actor, Lists, NewEntry};
use policy_core::pattern::understand;
use policy_core::snapshot::{Snapshot, SnapshotHandle};
use xmpp_component::Desk;

use crate::lists::InMemory;

#[path = "desk/lists.rs"]
mod lists;
// The door's own module: it is no part of its crate's interface.
#[path = "../../xmpp-component/src/xml.rs"]
mod xml;

const ALICE: &str = "alice@one.example/phone";
const COMPONENT: &str = "postward.one.example";

/// Stands between the stanzas of one input; XML can't hold it.
const NEXT: char = '\u{1e}';

/// Where the name of the command that is under way is to be put in: nobody would guess it.
const SESSION: &str = "SESSION";

/// Bob's, which nobody else may see.
const SECRET: &str = "bobs-own@two.example";

fuzz_target!(|input: &str| {
    let today = || -> Date { date(2026, 11, 27) };
    let lists = Arc::new(InMemory::with_members(&["alice@one.example", "bob@one.example"]));
    let block = |actor, scope, value: &str| {
        let pattern = understand(value, None, true).map(|understood| understood.pattern);
        let new = pattern.into_iter().map(|pattern| NewEntry { scope, ..NewEntry::block(pattern) });
        assert!(lists.add(actor, new.collect()).is_ok_and(|added| added.len() == 1));
    };
    let (alices, bobs) = (Scope::Member(MemberId(1)), Scope::Member(MemberId(2)));
    block(Actor::Admin, Scope::Household, "everyones@two.example");
    block(Actor::Member(MemberId(2)), bobs, SECRET);
    block(Actor::Member(MemberId(1)), alices, "mallory@two.example");
    let others = lists.all_but(alices);

    let admins = Identity::parse_jid("root@one.example").into_iter().collect();
    let all = Arc::clone(&lists) as Arc<dyn Lists>;
    let desk = Desk::new(all, SnapshotHandle::new(Snapshot::empty(1)), today, admins);
    let now = Instant::now();
    let mut session = "none".to_owned();
    for text in input.split(NEXT).take(16) {
        let Some(stanza) = sent(&text.replace(SESSION, &session)) else { continue };
        let answer = desk.answer(&stanza, now);
        assert!(answer.is_some() || !is_request(&stanza), "a request without an answer");
        let Some(answer) = answer else { continue };
        let written = String::from(&answer);
        assert!(!xml::read(&written).broken, "no client can read this: {written}");
        assert!(input.contains("bobs") || !written.contains(SECRET), "alice sees bob's list: {written}");
        assert_eq!((answer.attr("from"), answer.attr("to")), (Some(COMPONENT), Some(ALICE)));
        if answer.name() == "message" {
            assert!(answer.has_child("no-store", "urn:xmpp:hints"), "it is archived");
        } else {
            assert_eq!(answer.attr("id"), stanza.attr("id"), "nobody knows what that answers");
            assert!(matches!(answer.attr("type"), Some("result" | "error")));
        }
        let command = answer.children().find(|child| child.name() == "command");
        if let Some(id) = command.and_then(|command| command.attr("sessionid")) {
            id.clone_into(&mut session);
        }
    }
    assert!(others == lists.all_but(alices), "another list has changed");
});

fn is_request(stanza: &Element) -> bool {
    stanza.name() == "iq" && matches!(stanza.attr("type"), Some("get" | "set"))
}

/// The stanza as Prosody hands it over: whatever it holds, Alice has sent it to the component.
fn sent(text: &str) -> Option<Element> {
    let mut stanza = if text.trim_start().starts_with('<') {
        xml::read(text).stanza?
    } else {
        let body = Element::builder("body", "jabber:client").append(text).build();
        Element::builder("message", "jabber:client").append(body).build()
    };
    stanza.set_attr(Namespace::NONE, xml_ncname!("from").to_owned(), ALICE);
    stanza.set_attr(Namespace::NONE, xml_ncname!("to").to_owned(), COMPONENT);
    Some(stanza)
}
