//! A person at the two lists, and at persons ── the page ── lists in memory (a stand-in for the store).

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::atomic::Ordering;

use common::Served;
use common::client::Client;
use policy_core::entry::{Effect, Source};
use policy_core::lists::{Actor, Lists, NewEntry};
use policy_core::pattern::{PatternKind, understand};
use web::Settings;

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

/// An address, as it is listed.
fn address(typed: &str) -> NewEntry {
    NewEntry::block(understand(typed, Some(PatternKind::Address), true).unwrap().pattern)
}

#[test]
fn an_allow_that_takes_no_block_of_a_chat_program_back_says_so() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let blocked = ["mallory@example.org", "*@example.net"];
    let blocked = blocked.map(|typed| NewEntry { source: Source::Client, ..address(typed) });
    served.lists.add(Actor::Admin, blocked.to_vec()).unwrap();
    let resting = ["mallory@example.org", "friend@example.net", "pal@example.org"];
    let resting =
        resting.map(|typed| NewEntry { effect: Effect::Allow, enabled: false, ..address(typed) }).to_vec();
    let ids: Vec<String> = served
        .lists
        .add(Actor::Admin, resting)
        .unwrap()
        .into_iter()
        .map(|added| added.entry.id.to_string())
        .collect();
    let all = ["blocks it, too", "blocks everyone there (*@example.net)"];
    for (id, says) in ids.iter().zip([Some(all[0]), Some(all[1]), None]) {
        client.submit("/switch", &[("switch", &format!("on {id}"))]);
        let page = read(&mut client, "/list");
        assert!(page.contains("Switched on"), "{page}");
        for sentence in all {
            assert_eq!(page.contains(sentence), says == Some(sentence), "{page}");
        }
        client.submit("/switch", &[("switch", &format!("off {id}"))]);
        client.get("/list");
    }
    let mut chosen: Vec<(&str, &str)> = ids.iter().map(|id| ("chosen", id.as_str())).collect();
    chosen.push(("do", "on"));
    client.submit("/chosen", &chosen);
    let page = read(&mut client, "/list");
    assert!(page.contains("first in chat: mallory@example.org, friend@example.net. Unblock"), "{page}");
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
    assert!(told.body.contains(">\nthe second’s</textarea>"), "{}", told.body);
    assert_eq!(served.lists.all()[0].note, "the first’s");
    assert_eq!(save(&mut second, &told.hidden("revision"), "the second’s").status, 303);
    assert_eq!(served.lists.all()[0].note, "the second’s");
    // Pressed twice: nobody else has changed it.
    client_sees_no_other(&mut second, save);
}

fn client_sees_no_other(
    client: &mut Client,
    save: impl Fn(&mut Client, &str, &str) -> common::client::Answer,
) {
    assert_eq!(save(client, "0", "the second’s").status, 303);
    assert!(read(client, "/list").contains("Changed: mallory@example.org. It is in force."));
}

// mallory@example.org is edited by one, and removed by another meanwhile
#[test]
fn what_was_typed_of_an_entry_that_somebody_removed_meanwhile_is_kept() {
    let served = Served::start();
    let (mut first, mut second) = (Client::signed_in(&served), Client::signed_in(&served));
    for (path, effect) in [("/block", ""), ("/allow", "allow")] {
        let value = ("value", "mallory@example.org");
        assert_eq!(first.submit(path, &[value, ("seen", " mallory@example.org")]).status, 303);
        let id = served.lists.all()[0].id.to_string();
        let form = second.get(&format!("/edit?id={id}"));
        assert_eq!(form.hidden("effect"), effect);
        assert_eq!(first.submit("/remove", &[("id", &id)]).status, 303);
        let (revision, seen) = (form.hidden("revision"), form.hidden("seen"));
        let edit = [("id", id.as_str()), ("revision", &revision), ("seen", &seen), ("effect", effect)];
        let edit: Vec<_> = edit.into_iter().chain([value, ("note", "typed"), ("enabled", "no")]).collect();
        let told = second.submit("/edit", &edit);
        assert_eq!(told.status, 422);
        assert!(told.body.contains("removed this entry meanwhile"), "{}", told.body);
        assert!(told.body.contains(">\ntyped</textarea>"), "{}", told.body);
        assert!(told.body.contains(&format!("action=\"{}\"", path.trim_start_matches('/'))), "{}", told.body);
        assert!(told.body.contains("name=\"enabled\" value=\"no\" checked"), "{}", told.body);
        assert!(served.lists.values().is_empty());
    }
}

// An entry whose note has two lines, as an import or the command line makes it
#[test]
fn a_note_keeps_its_lines_when_its_entry_is_edited() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let value = ("value", "mallory@example.org");
    let note = "\nsince May\n<b>letters</b>, too";
    let form = [value, ("seen", " mallory@example.org"), ("note", &note.replace('\n', "\r\n"))];
    assert_eq!(client.submit("/block", &form).status, 303);
    assert_eq!(served.lists.all()[0].note, note.trim());
    let id = served.lists.all()[0].id.to_string();
    let form = client.get(&format!("/edit?id={id}"));
    assert!(
        form.body.contains(">\nsince May\n&#60;b&#62;letters&#60;/b&#62;, too</textarea>"),
        "{}",
        form.body
    );
}

#[test]
fn a_person_who_was_changed_meanwhile_is_not_overwritten_unseen() {
    let served = Served::start();
    let (mut first, mut second) = (Client::signed_in(&served), Client::signed_in(&served));
    first.submit("/persons", &[("name", "Mallory"), ("identities", "mallory@example.org")]);
    let (one, two) = (first.get("/persons?id=0"), second.get("/persons?id=0"));
    let save = |client: &mut Client, seen: &str, addresses: &str| {
        let form = [("id", "0"), ("seen", seen), ("name", "Mallory"), ("identities", addresses)];
        client.submit("/persons", &form)
    };
    let addresses = "mallory@example.org\r\nm@example.net";
    assert_eq!(save(&mut first, &one.hidden("seen"), addresses).status, 303);
    let told = save(&mut second, &two.hidden("seen"), "mallory@example.org\r\nm@example.com");
    assert_eq!(told.status, 422);
    assert!(told.body.contains("changed this person meanwhile"), "{}", told.body);
    assert!(told.body.contains("m@example.net") && told.body.contains("m@example.com"), "{}", told.body);
    assert!(first.get("/persons?id=0").body.contains("m@example.net"));
    let seen = told.hidden("seen");
    assert_eq!(save(&mut second, &seen, "mallory@example.org\r\nm@example.com").status, 303);
    assert!(!first.get("/persons?id=0").body.contains("m@example.net"));
    // Pressed twice.
    assert_eq!(save(&mut second, &seen, "mallory@example.org\r\nm@example.com").status, 303);
}

// A person who has as many addresses as fit; one whose second address may not be blocked
#[test]
fn nothing_is_saved_by_halves() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let many: Vec<String> = (0..100).map(|number| format!("m{number}@example.org")).collect();
    assert_eq!(client.submit("/persons", &[("name", "Many"), ("identities", &many.join("\n"))]).status, 303);
    let one_more =
        [("value", "one@example.net"), ("seen", " one@example.net"), ("person", "many"), ("note", "kept")];
    let refused = client.submit("/block", &one_more);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("id=\"person-error\"") && refused.body.contains(">\nkept</textarea>"));
    assert!(served.lists.values().is_empty());

    *served.lists.refused.lock().unwrap() = Some("house@example.org".to_owned());
    let half = [("name", "Half"), ("identities", "h@example.net\nhouse@example.org"), ("block", "yes")];
    let refused = client.submit("/persons", &half);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("id=\"identities-error\""), "{}", refused.body);
    assert!(refused.body.contains("h@example.net\nhouse@example.org</textarea>"), "{}", refused.body);
    assert!(served.lists.values().is_empty());
    assert!(!client.get("/persons").body.contains(">Half<"), "the person isn't there either");
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
    let csrf = client.get("/persons").hidden("csrf");
    let press = [("csrf", csrf.as_str()), ("id", &id)];
    for _ in 0..2 {
        assert_eq!(client.post("/block-person", &press).status, 303);
        assert_eq!(served.lists.values().len(), 2);
    }
    let page = client.get("/persons").body;
    assert!(page.contains("All addresses are blocked") && page.contains("name=\"number\""), "{page}");
    for _ in 0..2 {
        assert_eq!(client.post("/unblock-person", &press).status, 303);
    }
    assert!(served.lists.values().is_empty());
    assert!(client.get("/persons").body.contains("name=\"number\""), "what was unblocked can be had back");

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

#[test]
fn nothing_is_said_to_count_where_mail_or_chat_is_not_set_up() {
    for (mails, chat, channels, counts, in_force) in [
        (true, true, "all", "It counts for mail and for chat.", "It is in force."),
        (true, false, "all", "It counts for mail. Chat is not set up here.", "It is in force for mail."),
        (false, true, "all", "It counts for chat. Mail is not set up here.", "It is in force for chat."),
        (
            true,
            false,
            "xmpp",
            "It counts for chat only, which is not set up here",
            "It does nothing at present",
        ),
        (
            false,
            true,
            "mail",
            "It counts for mail only, which is not set up here",
            "It does nothing at present",
        ),
        (true, false, "mail", "It counts for mail, not for chat.", "It is in force."),
    ] {
        let served = Served::with(Settings { mails, ..Settings::default() });
        served.lists.without_chat.store(!chat, Ordering::Relaxed);
        let mut client = Client::signed_in(&served);
        let value = [("value", "mallory@example.org"), ("channels", channels)];
        let preview = client.submit("/block", &value).body;
        assert!(preview.contains(counts), "{counts}: {preview}");
        let seen = [value[0], value[1], ("seen", " mallory@example.org")];
        assert_eq!(client.submit("/block", &seen).status, 303);
        let front = read(&mut client, "/");
        assert!(front.contains(&format!("Blocked: mallory@example.org. {in_force}")), "{in_force}: {front}");
        assert_eq!(front.contains("Mail is being watched"), mails, "{front}");
        assert_eq!(front.contains("Mail is not set up here: entries count"), !mails, "{front}");
        assert_eq!(front.contains("Chat is not set up here: entries count"), !chat, "{front}");
    }
    let served = Served::with(Settings { mails: false, ..Settings::default() });
    served.lists.without_chat.store(true, Ordering::Relaxed);
    let front = read(&mut Client::signed_in(&served), "/");
    assert!(
        front.contains("Neither mail nor chat is set up here") && !front.contains("entries count for"),
        "{front}"
    );
}

#[test]
fn mail_is_not_said_to_be_watched_where_nobody_asks_or_the_last_check_found_a_fault() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    assert!(read(&mut client, "/").contains("Mail is being watched"));
    served.lists.unasked.store(true, Ordering::Relaxed);
    let front = read(&mut client, "/");
    assert!(front.contains("No mail has come by") && !front.contains("Mail is being watched"), "{front}");
    assert!(!front.contains("When everything was last checked"), "{front}");
    assert_eq!(client.submit("/chain", &[]).status, 200);
    let front = read(&mut client, "/");
    assert!(front.contains("When everything was last checked, something was wrong"), "{front}");
}

/// The stand-in's server is reached as chat.home.example.
#[test]
fn no_domain_of_the_households_own_is_proposed() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    for (value, proposed) in
        [("m@home.example", false), ("m@chat.home.example", false), ("m@xhome.example", true)]
    {
        let preview = client.submit("/block", &[("value", value)]).body;
        assert!(preview.contains("This will be blocked"), "{preview}");
        assert_eq!(preview.contains("name=\"instead\""), proposed, "{value}: {preview}");
        assert_eq!(preview.contains("whole domain"), proposed, "{value}: {preview}");
    }
}

#[test]
fn a_jid_that_looks_like_a_rewritten_mail_address_is_taken_whole_for_chat_alone() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let value = "prvs=1234=joe@example.org";
    for channels in ["all", "xmpp"] {
        let form = [("value", value), ("seen", &format!(" {value}")), ("channels", channels)];
        assert_eq!(client.submit("/block", &form).status, 303);
    }
    let keys: Vec<String> = served.lists.all().iter().map(|entry| entry.pattern.key.clone()).collect();
    assert_eq!(keys, ["org.example@joe", "org.example@prvs=1234=joe"]);
}
