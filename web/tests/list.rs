//! A person at the two lists, and at persons ── the page ── lists in memory (a stand-in for the store).

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::Served;
use common::client::Client;

fn block(client: &mut Client, value: &str) {
    let answer = client.submit("/block", &[("value", value), ("seen", &format!(" {value}"))]);
    assert_eq!(answer.status, 303, "{}", answer.body);
}

/// A page as it is read: without the invisible marks around inserted names and numbers (bidi isolates).
fn read(client: &mut Client, path: &str) -> String {
    client.get(path).body.replace(|c| ('\u{2066}'..='\u{2069}').contains(&c), "")
}

#[test]
fn an_entry_is_edited_after_its_new_effect_was_seen_and_the_edit_can_be_taken_back() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    block(&mut client, "mallory@example.org");
    let id = served.lists.all()[0].id.to_string();
    let form = client.get(&format!("/edit?id={id}"));
    assert!(form.body.contains("value=\"mallory@example.org\""));
    let (revision, seen) = (form.hidden("revision"), form.hidden("seen"));

    // Another note needs no second look.
    let note = [
        ("id", id.as_str()),
        ("revision", &revision),
        ("seen", &seen),
        ("kind", "address"),
        ("value", "mallory@example.org"),
        ("note", "since May"),
    ];
    assert_eq!(client.submit("/edit", &note).status, 303);
    assert_eq!(served.lists.all()[0].note, "since May");

    // Another value does.
    let form = client.get(&format!("/edit?id={id}"));
    let (revision, seen) = (form.hidden("revision"), form.hidden("seen"));
    let value = [
        ("id", id.as_str()),
        ("revision", &revision),
        ("seen", &seen),
        ("kind", "address"),
        ("value", "mallory@example.net"),
    ];
    let preview = client.submit("/edit", &value);
    assert_eq!(preview.status, 200);
    assert!(preview.body.contains("Every message from"));
    assert_eq!(served.lists.values(), ["mallory@example.org"]);
    let again = [value[0], value[1], ("seen", "address mallory@example.net"), value[3], value[4]];
    assert_eq!(client.submit("/edit", &again).status, 303);
    assert_eq!(served.lists.values(), ["mallory@example.net"]);
    let number = client.get("/list").body.split("name=\"number\" value=\"").nth(1).unwrap().to_owned();
    client.submit("/undo", &[("number", number.split('"').next().unwrap())]);
    assert_eq!(served.lists.values(), ["mallory@example.org"]);
    assert_eq!(served.lists.all()[0].note, "since May");
}

#[test]
fn the_second_of_two_who_edit_the_same_entry_is_told_and_keeps_what_was_typed() {
    let served = Served::start();
    let (mut first, mut second) = (Client::signed_in(&served), Client::signed_in(&served));
    block(&mut first, "mallory@example.org");
    let id = served.lists.all()[0].id.to_string();
    let (one, two) = (first.get(&format!("/edit?id={id}")), second.get(&format!("/edit?id={id}")));
    let save = |client: &mut Client, revision: &str, note: &str| {
        let seen = "address mallory@example.org";
        let value = "mallory@example.org";
        let form = [
            ("id", id.as_str()),
            ("revision", revision),
            ("seen", seen),
            ("kind", "address"),
            ("value", value),
            ("note", note),
        ];
        client.submit("/edit", &form)
    };
    assert_eq!(save(&mut first, &one.hidden("revision"), "the first’s").status, 303);
    let told = save(&mut second, &two.hidden("revision"), "the second’s");
    assert_eq!(told.status, 422);
    assert!(told.body.contains("Somebody else changed") && told.body.contains("the first’s"));
    assert!(told.body.contains("value=\"the second’s\""));
    assert_eq!(served.lists.all()[0].note, "the first’s");
    assert_eq!(save(&mut second, &told.hidden("revision"), "the second’s").status, 303);
    assert_eq!(served.lists.all()[0].note, "the second’s");
}

#[test]
fn several_entries_are_switched_and_removed_together_and_come_back_together() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    for number in 0..5 {
        block(&mut client, &format!("someone{number}@example.org"));
    }
    let ids: Vec<String> = served.lists.all().iter().map(|entry| entry.id.to_string()).collect();
    let chosen =
        |what| [("do", what), ("tab", "list"), ("chosen", ids[1].as_str()), ("chosen", ids[3].as_str())];
    assert_eq!(client.submit("/chosen", &chosen("off")).status, 303);
    assert!(read(&mut client, "/list").contains("2 entries are switched off"));
    let off = |served: &Served| served.lists.all().iter().filter(|entry| !entry.enabled).count();
    assert_eq!(off(&served), 2);
    client.submit("/undo", &[("number", "6")]);
    assert_eq!(off(&served), 0);
    client.submit("/chosen", &chosen("remove"));
    assert_eq!(served.lists.values().len(), 3);
    client.submit("/undo", &[("number", "7")]);
    assert_eq!(served.lists.values().len(), 5);
    // Nothing ticked, nothing done.
    client.submit("/chosen", &[("do", "remove"), ("tab", "list")]);
    assert!(client.get("/list").body.contains("Nothing was chosen"));
    // One that isn't there: none is touched.
    let answer = client.submit("/chosen", &[("do", "remove"), ("chosen", &ids[0]), ("chosen", "nonsense")]);
    assert_eq!(answer.status, 404);
    assert_eq!(served.lists.values().len(), 5);
}

#[test]
fn filters_and_searches_stand_in_no_url() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    block(&mut client, "mallory@example.org");
    block(&mut client, "prize");
    let answer = client.submit("/list", &[("find", "mallory"), ("kind", "address"), ("order", "value")]);
    assert_eq!(answer.header("location"), Some("list"));
    let list = client.get("/list").body;
    assert!(list.contains("mallory@example.org") && !list.contains("prize<"));
    assert!(list.contains("value=\"address\" selected") && list.contains("value=\"value\" selected"));
    client.submit("/list", &[("kind", "words")]);
    let list = client.get("/list").body;
    assert!(list.contains("One entry found") && list.contains("prize<"));
    client.submit("/list", &[("all", "yes")]);
    assert!(read(&mut client, "/list").contains("2 entries"));
}

#[test]
fn a_person_s_addresses_are_blocked_together_and_offered_beside_each_other() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let form = [("name", "Mallory"), ("identities", "mallory@example.org\r\n\r\nmal@chat.example.net\r\n")];
    assert_eq!(client.submit("/persons", &form).status, 303);
    assert!(served.lists.values().is_empty(), "saving blocks nobody");
    let preview = client.submit("/block", &[("value", "mallory@example.org")]).body;
    assert!(preview.contains("mal@chat.example.net") && preview.contains("formaction=\"block-person\""));
    let id = preview.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(client.submit("/block-person", &[("id", &id)]).status, 303);
    assert_eq!(served.lists.values().len(), 2);
    assert!(client.get("/persons").body.contains("All addresses are blocked"));
    client.submit("/unblock-person", &[("id", &id)]);
    assert!(served.lists.values().is_empty());

    // An address gets its person on the front page.
    let form = [("value", "third@example.com"), ("seen", " third@example.com"), ("person", "mallory")];
    assert_eq!(client.submit("/block", &form).status, 303);
    assert!(client.get("/persons").body.contains("1\u{2069} of"));
    let form = [("value", "third@example.com"), ("seen", " third@example.com"), ("person", "Somebody else")];
    let refused = client.submit("/block", &form);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("id=\"person-error\"") && refused.body.contains("value=\"Somebody else\""));
    let words = client.submit("/block", &[("value", "some words"), ("person", "Mallory")]);
    assert!(words.body.contains("id=\"person-error\""));

    // A line that is no address is named, and what was typed is kept.
    let answer = client.submit("/persons", &[("name", "Eve"), ("identities", "eve@example.org\nnonsense")]);
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Line \u{2068}2") && answer.body.contains("eve@example.org\nnonsense"));
}

#[test]
fn counting_can_be_switched_off_and_on() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    client.submit("/counts", &[("do", "off")]);
    assert!(client.get("/counts").body.contains("Nothing is counted at present"));
    client.submit("/counts", &[("do", "on")]);
    // What can't be taken back is asked first.
    assert!(client.submit("/counts", &[("do", "wipe")]).body.contains("can’t be got back"));
    assert!(!client.get("/counts").body.contains("is wiped"));
    client.submit("/counts", &[("do", "wipe-now")]);
    let page = client.get("/counts").body;
    assert!(page.contains("is wiped") && page.contains("It is counted at present"));
}
