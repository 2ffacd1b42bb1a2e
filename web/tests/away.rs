//! Sessions that end in the middle, buttons that are pressed twice: over real HTTP, lists in memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::io::Write;
use std::net::TcpStream;

use common::client::{Answer, Client};
use common::{PASSWORD, Served};
use policy_core::lists::Actor;
use policy_core::persons::Persons;
use testbed::process::wait_for;

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
}

/// Signs in where a form was interrupted.
fn go_on(client: &mut Client, interrupted: &Answer) -> Answer {
    let (visit, to) = (interrupted.hidden("visit"), interrupted.hidden("to"));
    let carried = unescaped(&interrupted.hidden("carried"));
    let form = [("visit", visit.as_str()), ("to", &to), ("carried", &carried), ("password", PASSWORD)];
    client.post("/sign-in", &form)
}

/// A form with a box to paste into.
fn paste(client: &mut Client, served: &Served, path: &str, csrf: &str, text: &str) -> Answer {
    let field = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = field("csrf", csrf) + &field("text", text) + "--b--\r\n";
    let host = served.address.to_string();
    let headers = [("Host", host.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    client.send("POST", path, &headers, body.as_bytes())
}

#[test]
fn a_person_and_what_was_pasted_survive_a_session_that_ends_in_the_middle() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let csrf = client.get("/").hidden("csrf");
    client.get("/leave");
    let form = [
        ("csrf", csrf.as_str()),
        ("name", "<b>Mallory</b>"),
        ("identities", "mallory@example.org\nm@example.net"),
        ("block", "yes"),
    ];
    let interrupted = client.post("/persons", &form);
    assert!(interrupted.body.contains("What you typed is kept"));
    let shown = go_on(&mut client, &interrupted).body;
    assert!(unescaped(&shown).contains("value=\"<b>Mallory</b>\""), "{shown}");
    assert!(shown.contains("mallory@example.org\nm@example.net</textarea>"), "{shown}");
    assert!(served.lists.values().is_empty(), "looked at before it is saved");

    for path in ["/try", "/import"] {
        client.get("/leave");
        let pasted = "mallory@example.org\nпривет ünïcödé";
        let interrupted = paste(&mut client, &served, path, &csrf, pasted);
        assert!(interrupted.body.contains("What you typed is kept"), "{path}");
        let shown = go_on(&mut client, &interrupted);
        assert_eq!(shown.status, 200, "{path}");
        let shown = shown.body.replace('\r', "");
        assert!(shown.contains(&format!("{pasted}</textarea>")), "{path}: {shown}");
    }
    // What can't be kept isn't said to be.
    client.get("/leave");
    let long = paste(&mut client, &served, "/import", &csrf, &"mallory@example.org\n".repeat(10_000)).body;
    assert!(long.contains("nothing was done") && !long.contains("carried"), "{long}");
    let removal = client.post("/remove", &[("csrf", &csrf), ("id", "e-00001")]).body;
    assert!(removal.contains("nothing was done"), "{removal}");
    let password = client.post("/account", &[("csrf", &csrf), ("new", "a secret of hers")]).body;
    assert!(!password.contains("a secret of hers"), "a password doesn't travel in a page");
}

#[test]
fn a_form_from_before_another_sign_in_is_shown_again_with_what_was_typed() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let old = client.get("/").hidden("csrf");
    client.get("/leave");
    client.sign_in(PASSWORD);
    let form = [
        ("csrf", old.as_str()),
        ("value", "mallory@example.org"),
        ("note", "kept"),
        ("seen", " mallory@example.org"),
    ];
    let answer = client.post("/block", &form);
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("What you typed is here"), "{}", answer.body);
    assert!(
        answer.body.contains("value=\"mallory@example.org\"") && answer.body.contains(">\nkept</textarea>")
    );
    assert!(served.lists.values().is_empty());
    let csrf = answer.hidden("csrf");
    let form = [("csrf", csrf.as_str()), ("value", "mallory@example.org"), ("seen", " mallory@example.org")];
    assert_eq!(client.post("/block", &form).status, 303, "its own button works");
    assert_eq!(served.lists.values(), ["mallory@example.org"]);
}

#[test]
fn a_new_member_survives_a_session_that_ends_and_no_button_claims_to() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let csrf = client.get("/members").hidden("csrf");
    client.get("/leave");
    let form = [("csrf", csrf.as_str()), ("name", "carol"), ("mail", "carol@example.org"), ("jid", "")];
    let interrupted = client.post("/members", &form);
    assert!(interrupted.body.contains("What you typed is kept"), "{}", interrupted.body);
    let shown = go_on(&mut client, &interrupted).body;
    assert!(shown.contains("value=\"carol\"") && shown.contains("value=\"carol@example.org\""), "{shown}");

    // Buttons without anything typed, of a page from before another sign-in.
    for (path, name) in [("/members", "remove"), ("/remove", "id"), ("/chosen", "do")] {
        let refused = client.post(path, &[("csrf", &csrf), (name, "1")]);
        assert_eq!(refused.status, 403, "{path}");
        let next = client.get("/");
        assert!(!next.body.contains("What you typed is here"), "{path}: {}", next.body);
        client.get("/leave");
        let ended = client.post(path, &[("csrf", &csrf), (name, "1")]);
        assert!(ended.body.contains("nothing was done"), "{path}: {}", ended.body);
        client.sign_in(PASSWORD);
    }
}

/// Presses a button and breaks off before the answer, as soon as there are as many entries.
fn press(client: &Client, served: &Served, path: &str, form: &[(&str, &str)], entries: usize) {
    let body = serde_urlencoded::to_string(form).unwrap();
    let cookies: Vec<String> = client.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut stream = TcpStream::connect(served.address).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        served.address,
        cookies.join("; "),
        body.len()
    )
    .unwrap();
    wait_for("the change", testbed::PATIENCE, || Ok((served.lists.values().len() == entries).then_some(())))
        .unwrap();
    drop(stream);
}

#[test]
fn the_page_that_answers_a_form_is_there_until_its_form_is_answered_anew() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let wrong = |identities| [("name", "Eve"), ("identities", identities)];
    assert_eq!(client.submit("/persons", &wrong("nonsense")).status, 422);
    // Another tab's answer is another's.
    client.submit("/try", &[("text", "hello")]);
    for _ in 0..2 {
        let answer = client.get("/persons?answer");
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("nonsense"), "{}", answer.body);
    }
    client.submit("/persons", &wrong("rubbish"));
    let answer = client.get("/persons?answer").body;
    assert!(answer.contains("rubbish") && !answer.contains("nonsense"), "{answer}");
}

#[test]
fn two_addresses_that_are_given_to_one_person_at_once_are_both_kept() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let csrf = client.get("/").hidden("csrf");
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (csrf, cookies) = (&csrf, client.cookies.clone());
            let mut client = Client::new(&served);
            client.cookies = cookies;
            scope.spawn(move || {
                let value = format!("m{number}@example.org");
                let seen = format!(" {value}");
                let form =
                    [("csrf", csrf.as_str()), ("value", &value), ("seen", &seen), ("person", "Mallory")];
                assert_eq!(client.post("/block", &form).status, 303);
            });
        }
    });
    let persons = served.lists.persons(Actor::Admin).unwrap();
    assert_eq!(persons.iter().map(|person| person.identities.len()).collect::<Vec<_>>(), [8]);
}

#[test]
fn a_button_that_is_pressed_twice_does_it_once_and_the_way_back_stays() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let csrf = client.get("/").hidden("csrf");
    let block = [("csrf", csrf.as_str()), ("value", "mallory@example.org"), ("seen", " mallory@example.org")];
    press(&client, &served, "/block", &block, 1);
    assert_eq!(client.post("/block", &block).status, 303);
    let page = client.get("/").body;
    assert!(page.contains("name=\"number\""), "undo is offered: {page}");
    assert_eq!(served.lists.values(), ["mallory@example.org"]);

    let list = client.get("/list").body;
    let id = list.split("value=\"e-").nth(1).and_then(|after| after.split('"').next()).unwrap();
    let remove = [("csrf", csrf.as_str()), ("id", &format!("e-{id}")), ("tab", "list")];
    press(&client, &served, "/remove", &remove, 0);
    assert_eq!(client.post("/remove", &remove).status, 303);
    let page = client.get("/list");
    assert!(page.body.contains("name=\"number\""), "{}", page.body);
    let number = page.body.split("name=\"number\" value=\"").nth(1).and_then(|after| after.split('"').next());
    let undo = [("csrf", csrf.as_str()), ("number", number.unwrap()), ("tab", "list")];
    press(&client, &served, "/undo", &undo, 1);
    assert_eq!(client.post("/undo", &undo).status, 303);
    let page = client.get("/list").body;
    assert!(page.contains("Undone.") && !page.contains("nothing to undo"), "{page}");

    let person = [("csrf", csrf.as_str()), ("name", "Mallory"), ("identities", "m@example.net")];
    press(&client, &served, "/persons", &person, 1);
    assert_eq!(client.post("/persons", &person).status, 303);
    // Pressed once more after it was seen: no error either, they are there as typed.
    client.get("/persons");
    assert_eq!(client.post("/persons", &person).status, 303);
}
