//! A person who imports and exports ── the page ── lists in memory (a stand-in for the store).

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use common::Served;
use common::client::{Answer, Client};
use policy_core::entry::{Effect, Source};
use policy_core::lists::{Actor, Lists, NewEntry};
use policy_core::pattern::understand;

fn upload(client: &mut Client, served: &Served, content: &str, file: Option<&str>) -> Answer {
    let csrf = client.get("/").hidden("csrf");
    let body = form(&csrf, content, file);
    let host = served.address.to_string();
    let headers = [("Host", host.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    client.send("POST", "/import", &headers, body.as_bytes())
}

fn form(csrf: &str, content: &str, file: Option<&str>) -> String {
    let part =
        |head: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n");
    let content = match file {
        Some(name) => part(&format!("name=\"file\"; filename=\"{name}\""), content),
        None => part("name=\"text\"", content),
    };
    format!("{}{content}{}--b--\r\n", part("name=\"csrf\"", csrf), part("name=\"format\"", ""))
}

/// The import page as it is read, once nothing is at work.
fn settled(client: &mut Client) -> String {
    let begin = Instant::now();
    loop {
        let page = client.get("/import").body.replace(|c| ('\u{2066}'..='\u{2069}').contains(&c), "");
        if !page.contains("Look again") {
            return page;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "{page}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_import_is_looked_at_before_anything_changes() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    client.submit("/block", &[("value", "there.example"), ("seen", " there.example")]);
    let pasted = "domain: there.example [off]\nmallory@example.org\nallow address: friend@example.org\nprize money\n\
                  two@a.example and@b.example\nco.uk\nmallory@example.org  # since May\n";
    assert_eq!(upload(&mut client, &served, pasted, None).status, 303);
    let preview = settled(&mut client);
    for said in [
        "3 new entries: 2 addresses, one word or phrase",
        "2 are there already",
        "2 lines were not understood",
        "Line 5: ",
        "Line 6: ",
    ] {
        assert!(preview.contains(said), "{said} isn't in {preview}");
    }
    assert_eq!(served.lists.values(), ["there.example"]);
    assert_eq!(client.submit("/import-answer", &[("do", "import")]).status, 303);
    let done = settled(&mut client);
    assert!(done.contains("3 entries are new") && done.contains("Line 5: "));
    assert!(
        done.contains("2 were there already. 2 of them have new settings now. One of them is switched off"),
        "{done}"
    );
    let entries = served.lists.all();
    assert_eq!(entries.len(), 4);
    assert_eq!(
        entries.iter().find(|entry| entry.pattern.typed == "mallory@example.org").unwrap().note,
        "since May"
    );
    assert_eq!(entries.iter().filter(|entry| entry.effect == Effect::Allow).count(), 1);
    // The same answer again imports nothing twice.
    client.submit("/import-answer", &[("do", "import")]);
    assert_eq!(served.lists.values().len(), 4);
    let number = done.split_once("name=\"number\" value=\"").unwrap().1.split('"').next().unwrap();
    client.submit("/undo", &[("number", number)]);
    assert_eq!(served.lists.values(), ["there.example"], "taken back");
}

#[test]
fn an_import_says_what_it_allows_that_a_chat_program_blocks_all_the_same() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let pattern = understand("mallory@example.org", None, true).unwrap().pattern;
    let block = NewEntry { source: Source::Client, ..NewEntry::block(pattern) };
    served.lists.add(Actor::Admin, vec![block]).unwrap();
    for (value, says) in [("mallory@example.org", true), ("friend@example.org", false)] {
        upload(&mut client, &served, &format!("allow address: {value}\n"), None);
        let preview = settled(&mut client);
        let said = "comes first in chat: mallory@example.org. Unblock";
        assert_eq!(preview.contains(said), says, "{preview}");
    }
}

#[test]
fn a_person_who_was_forgotten_can_be_had_back() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    client.submit("/persons", &[("name", "Mallory"), ("identities", "mal@one.example\nmal@two.example")]);
    let page = client.get("/persons").body;
    let id = page.split_once("name=\"id\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    assert_eq!(client.submit("/remove-person", &[("id", &id)]).status, 303);
    let page = client.get("/persons").body;
    assert!(!page.contains("mal@one.example"), "{page}");
    // The notice was shown by the page that lent its token; the number counts on.
    client.submit("/undo", &[("number", "1")]);
    let page = client.get("/persons").body;
    assert!(page.contains("mal@one.example") && page.contains("mal@two.example"), "{page}");
}

#[test]
fn an_import_can_be_dropped_and_a_broken_file_changes_nothing() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    upload(&mut client, &served, "a.example\n", None);
    assert!(settled(&mut client).contains("One new entry"));
    client.submit("/import-answer", &[("do", "drop")]);
    assert!(settled(&mut client).contains("See what this would do"));
    client.submit("/import-answer", &[("do", "import")]);
    assert!(served.lists.values().is_empty());
    upload(&mut client, &served, "[{\"value\": \"a.example\"},", Some("list.json"));
    let said = settled(&mut client).to_lowercase();
    assert_eq!(said.matches("nothing was changed").count(), 1, "{said}");
    assert_eq!(upload(&mut client, &served, " \n ", None).status, 422);
    assert_eq!(upload(&mut client, &served, &"x".repeat(11 << 20), None).status, 413);
}

#[test]
fn what_is_exported_can_be_read_again_with_its_notes() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let evil = "\"><script>alert(1)</script>, \"quoted\"";
    client.submit(
        "/block",
        &[("value", "mallory@example.org"), ("seen", " mallory@example.org"), ("note", evil)],
    );
    client.submit("/allow", &[("value", "friend@example.org"), ("seen", " friend@example.org")]);
    let before = served.lists.all();
    for (format, file) in [("lines", "postward.txt"), ("csv", "postward.csv"), ("json", "postward.json")] {
        let exported = client.submit("/export", &[("format", format)]);
        assert_eq!(exported.status, 200);
        assert!(exported.header("content-disposition").unwrap().contains(file));
        assert!(!exported.header("content-type").unwrap().contains("html"));
        let content = unchunked(&exported);
        let ids: Vec<(&str, String)> =
            served.lists.all().iter().map(|e| ("chosen", e.id.to_string())).collect();
        let mut remove: Vec<(&str, &str)> = ids.iter().map(|(name, id)| (*name, id.as_str())).collect();
        remove.push(("do", "remove"));
        client.submit("/chosen", &remove);
        assert!(served.lists.values().is_empty());
        upload(&mut client, &served, &content, Some(file));
        let preview = settled(&mut client);
        assert!(preview.contains("2 new entries") && !preview.contains("<script"), "{preview}");
        client.submit("/import-answer", &[("do", "import")]);
        assert!(settled(&mut client).contains("2 entries are new"));
        let mut after = served.lists.all();
        after.sort_by_key(|entry| entry.effect != Effect::Block);
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(
                (&before.pattern, &before.note, before.effect),
                (&after.pattern, &after.note, after.effect)
            );
        }
    }
}

/// A body that came in chunks (RFC 9112 section 7.1).
fn unchunked(answer: &Answer) -> String {
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    let mut rest = answer.body.as_str();
    let mut content = String::new();
    loop {
        let (size, after) = rest.split_once("\r\n").unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return content;
        }
        let (piece, after) = after.split_at(size);
        content.push_str(piece);
        rest = after.strip_prefix("\r\n").unwrap();
    }
}

#[test]
fn a_long_import_tells_its_progress_as_it_goes_and_goes_on_when_nobody_looks() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let lines: String = (0..1200).map(|number| format!("someone{number}@example.org\n")).collect();
    upload(&mut client, &served, &lines, None);
    assert!(
        settled(&mut client).contains("1,200 new entries")
            || settled(&mut client).contains("1200 new entries")
    );
    let csrf = client.get("/").hidden("csrf");
    served.lists.pause.store(true, Ordering::Relaxed);
    let mut stream = TcpStream::connect(served.address).unwrap();
    let cookies: Vec<String> = client.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let body = format!("csrf={csrf}&do=import");
    let head = format!(
        "POST /import-answer HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Length: {}\r\n\r\n{body}",
        served.address,
        cookies.join("; "),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut told = String::new();
    let mut buffer = [0; 4096];
    while !told.contains("lines imported") {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "{told}");
        told.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    assert!(told.contains("x-accel-buffering: no") && told.contains("Look again"));
    assert!(!told.contains("<script") && !told.contains("http-equiv"));
    // It is at work and says so; a second upload waits for its end; the browser may leave.
    assert!(client.get("/import").body.contains("Look again"));
    assert_eq!(upload(&mut client, &served, "x.example", None).status, 422);
    drop(stream);
    served.lists.pause.store(false, Ordering::Relaxed);
    assert!(settled(&mut client).contains("entries are new"));
    assert_eq!(served.lists.values().len(), 1200);
}

#[test]
fn uploads_of_many_sessions_do_not_pile_up() {
    let served = Served::start();
    let mut clients: Vec<Client> = (0..4).map(|_| Client::signed_in(&served)).collect();
    for client in &mut clients {
        assert_eq!(upload(client, &served, "a.example\n", None).status, 303);
        assert!(settled(client).contains("One new entry"));
    }
    assert!(settled(&mut clients[0]).contains("Others needed the room"));
    assert!(settled(&mut clients[3]).contains("One new entry"));
}
