//! What nobody expects to be typed, pasted or uploaded: over real HTTP, lists in memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::Served;
use common::client::{Answer, Client};
use testbed::process::wait_for;

/// A page with all that belongs to it.
const PAGE_BYTES: usize = 50_000;

fn is_small(answer: &Answer, style: usize) {
    assert!(answer.body.len() + style < PAGE_BYTES, "{} bytes", answer.body.len());
}

/// Sends a file to be imported, and gives the page with what it would do.
fn upload(client: &mut Client, served: &Served, name: &str, file: &[u8]) -> Answer {
    let csrf = client.get("/").hidden("csrf");
    let mut body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
    )
    .into_bytes();
    body.extend(file);
    body.extend(b"\r\n--b--\r\n");
    let host = served.address.to_string();
    let headers = [("Host", host.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    let answer = client.send("POST", "/import", &headers, &body);
    // It may be told how it goes on, until it is done.
    assert!(matches!(answer.status, 200 | 303), "{}", answer.body);
    let mut looked_at = || {
        let mut page = client.get("/import");
        page.body = page.body.replace(['\u{2068}', '\u{2069}'], "");
        Ok(page.body.contains("This is what it would do").then_some(page))
    };
    wait_for("the preview", testbed::PATIENCE, &mut looked_at).unwrap()
}

#[test]
fn long_and_strange_values_are_answered_and_what_was_typed_is_kept() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let style = client.get("/style.css").body.len();
    let long = format!("{}@{}.example.org", "m".repeat(900), "d".repeat(900));
    for value in [
        long.as_str(),
        "משה@דוגמה.קום",
        "\u{202e}gro.elpmaxe@yrollam",
        "🦊🦊@example.org",
        "🖕",
        "\u{200b}\u{200b}",
        "<script>alert(1)</script>@example.org",
        "a@b@c@d",
        "mallory@example.org, m@example.net",
        "%00%0d%0a",
        "/(a+)+$/",
    ] {
        let answer = client.submit("/block", &[("value", value), ("note", "<i>\u{202e}note</i>")]);
        assert!(matches!(answer.status, 200 | 422), "{value}: {}", answer.status);
        assert!(!answer.body.contains("<script>") && !answer.body.contains("<i>"), "{value}");
        assert!(answer.body.contains("&#60;i&#62;"), "the note is kept: {value}");
        is_small(&answer, style);
    }
    assert!(served.lists.values().is_empty(), "nothing is saved that wasn't looked at");
}

#[test]
fn ten_thousand_lines_and_files_in_any_encoding_are_looked_at() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let style = client.get("/style.css").body.len();
    let lines: String = (0..10_000).map(|number| format!("someone{number}@example.org\n")).collect();
    let many = upload(&mut client, &served, "list.txt", lines.as_bytes());
    assert!(many.body.contains("10000 new entries"), "{}", many.body);
    is_small(&many, style);

    let text = "mallory@example.org\r\nmüller@example.net\r\n";
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let read = upload(&mut client, &served, "list.txt", &utf16).body;
    assert!(read.contains("2 new entries") && read.contains("müller@example.net"), "{read}");

    let latin1: Vec<u8> = text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect();
    let read = upload(&mut client, &served, "list.csv", &latin1).body;
    assert!(read.contains("One new entry"), "{read}");
    assert!(read.contains("save the file as UTF-8"), "{read}");

    // As spreadsheets write it in most of Europe.
    let table = "value;note\r\nmallory@example.org;\"since May; or so\"\r\nexample.net;\r\n";
    let read = upload(&mut client, &served, "list.csv", table.as_bytes()).body;
    assert!(read.contains("2 new entries") && read.contains("Every line was understood"), "{read}");
}
