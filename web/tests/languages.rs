//! Another language is other files: the page over real HTTP, with every English letter of its texts replaced by another
//! letter. What is still English doesn't come from the files.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::client::{Answer, Client};
use common::{KEY, PASSWORD, Served};
use fluent_syntax::ast::{Entry, Expression, Pattern, PatternElement};
use fluent_syntax::{parser, serializer};
use texts::{ENGLISH, Texts};
use web::Settings;

/// A letter of a language that nobody speaks.
fn other(char: char) -> char {
    match char {
        'a'..='z' | 'A'..='Z' => char::from_u32(u32::from(char) - 0x21 + 0xff01).unwrap(),
        char => char,
    }
}

fn translate(pattern: &mut Pattern<String>) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } => *value = value.chars().map(other).collect(),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                variants.iter_mut().for_each(|variant| translate(&mut variant.value));
            }
            PatternElement::Placeable { .. } => {}
        }
    }
}

fn translated(file: &str) -> String {
    let mut resource = parser::parse(file.to_owned()).unwrap();
    for entry in &mut resource.body {
        match entry {
            Entry::Message(message) if message.id.name != "language" => {
                message.value.iter_mut().for_each(translate);
                message.attributes.iter_mut().for_each(|attribute| translate(&mut attribute.value));
            }
            Entry::Term(term) => translate(&mut term.value),
            _ => {}
        }
    }
    serializer::serialize(&resource)
}

fn served() -> Served {
    let files = ENGLISH.map(translated);
    Served::saying(Texts::of("en", files.iter().map(String::as_str)), Settings::default())
}

/// What a person sees or hears: the text, and the attributes that are read out.
fn shown(html: &str) -> String {
    let mut shown = String::new();
    for piece in html.split('<') {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        if !tag.starts_with("textarea") && !tag.starts_with("bdi") {
            shown.push_str(text);
        }
        for attribute in ["aria-label=\"", "title=\"", "placeholder=\"", "alt=\""] {
            shown.extend(tag.split(attribute).skip(1).filter_map(|after| after.split('"').next()));
        }
        shown.push(' ');
    }
    shown
}

/// Pastes something to be tried, or to be imported.
fn paste(client: &mut Client, served: &Served, path: &str, text: &str, format: &str) -> Answer {
    let csrf = client.get("/").hidden("csrf");
    let field = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = field("csrf", &csrf) + &field("text", text) + &field("format", format) + "--b--\r\n";
    let host = served.address.to_string();
    let headers = [("Host", host.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    client.send("POST", path, &headers, body.as_bytes())
}

/// Fails where English stands that is nobody's data.
fn speaks_nothing_else(answer: &Answer, data: &[&str]) {
    fn words(text: &str) -> impl Iterator<Item = &str> {
        text.split(|char: char| !char.is_ascii_alphabetic()).filter(|word| word.len() > 1)
    }
    let text = shown(&answer.body);
    let known: Vec<&str> = data.iter().copied().chain(["Postward", "CSV", "JSON"]).flat_map(words).collect();
    let english: Vec<&str> = words(&text).filter(|word| !known.contains(word)).collect();
    assert_eq!(english, Vec::<&str>::new(), "{}", answer.body);
}

#[test]
fn a_language_is_added_by_files_alone() {
    let served = served();
    let mut client = Client::new(&served);
    speaks_nothing_else(&client.get("/sign-in"), &[]);
    assert_eq!(client.sign_in(PASSWORD).status, 303);
    let front = client.get("/");
    assert!(
        front.body.contains("Ｂｌｏｃｋ　ｓｏｍｅｂｏｄｙ")
            || front.body.contains("Ｂｌｏｃｋ ｓｏｍｅｂｏｄｙ"),
        "{}",
        front.body
    );
    for path in [
        "/", "/list", "/allowed", "/persons", "/counts", "/import", "/try", "/chain", "/account", "/reports",
        "/nowhere",
    ] {
        speaks_nothing_else(&client.get(path), &[]);
    }
    speaks_nothing_else(&client.get("/members"), &["alice bob example org subdomain family"]);
    speaks_nothing_else(&client.submit("/chain", &[]), &["anybody"]);
    for value in ["mallory@example.org", "example.org", "see you soon", "/a.*b/", "co.uk", "/(/", ""] {
        speaks_nothing_else(&client.submit("/block", &[("value", value)]), &[value]);
    }
    for text in ["mallory@example.org", "Hello", "From: a@example.org\r\n\r\nHello"] {
        speaks_nothing_else(&paste(&mut client, &served, "/try", text, ""), &[text]);
    }
}

#[test]
fn refusals_and_their_reasons_are_spoken_in_it_too() {
    let served = served();
    let mut client = Client::new(&served);
    assert_eq!(client.sign_in(PASSWORD).status, 303);
    for (kind, value) in [
        ("", "a@b.example c@d.example"),
        ("", "one.example two.example"),
        ("", "😀"),
        ("address", "nothing"),
        ("address", "a@@b.example"),
        ("address", "@b.example"),
        ("address", "a@"),
        ("address", "two words@b.example"),
        ("address", "\"open@b.example"),
        ("address", "a\\b@b.example"),
        ("address", "a@b..example"),
        ("address", "a@[b.example]"),
        ("address", "a@*.example"),
        ("domain", "a@b.example"),
        ("domain", "a!b"),
        ("domain", "xn--zzzzzz\u{ad}ß--"),
        ("words", "…"),
        ("regex", "a("),
        ("regex", "a)"),
        ("regex", "[z-a]"),
        ("regex", "[a"),
        ("regex", "*a"),
        ("regex", "a{2"),
        ("regex", "a{5,2}"),
        ("regex", "\\y"),
        ("regex", "\\x"),
        ("regex", "\\pq"),
        ("regex", "(?=a)"),
        ("regex", "(a)\\1"),
        ("regex", "a*"),
        ("regex", "ﬀ"),
        ("regex", "\\w{1000}{1000}"),
        ("regex", "(?z)a"),
        ("regex", "(?P<1>a)"),
    ] {
        let refused = client.submit("/block", &[("value", value), ("kind", kind)]);
        speaks_nothing_else(&refused, &[value, "ff"]);
    }
    for name in ["", "Mallory"] {
        let form = [("name", name), ("identities", "*@b.example\na@@b.example")];
        speaks_nothing_else(&client.submit("/persons", &form), &["Mallory b.example"]);
    }
    for (format, list) in [
        ("lines", "words: a [until x]\nwords: a [strange]\naddress: a@@b.example\nregex: (\n"),
        (
            "csv",
            "value,kind,effect,only,action,until,enabled,confirmed\na,q\na,words,q\na,words,,q\na,words,,,q\na,words,,,,q\n\
             a,words,,,,,q\na,words,,,,,,q\na,,,,,,,,,\n",
        ),
        ("csv", "strange,value\n"),
        ("csv", "strange,other\n"),
        ("json", ""),
        ("json", "[{"),
        ("json", "[{\"value\":\"a\"}"),
        ("json", "strange"),
    ] {
        paste(&mut client, &served, "/import", list, format);
        let page = client.get("/import");
        // The columns' names are the format's.
        speaks_nothing_else(
            &page,
            &[list, "kind value effect note only action until ended enabled confirmed"],
        );
        client.submit("/import-answer", &[("do", "drop")]);
    }
}

#[test]
fn members_are_spoken_to_in_it_too() {
    let served = served();
    let mut alice = Client::new(&served);
    let button = alice.get(&format!("/welcome?key={KEY}"));
    speaks_nothing_else(&button, &[]);
    alice.post("/welcome", &[("visit", &button.hidden("visit")), ("key", KEY)]);
    let form = alice.get("/new-password");
    speaks_nothing_else(&form, &["alice"]);
    let chosen = "a password of her own";
    alice.post("/new-password", &[("csrf", &form.hidden("csrf")), ("new", chosen), ("again", chosen)]);
    for path in ["/", "/account", "/addresses", "/reporting"] {
        speaks_nothing_else(
            &alice.get(path),
            &["a-rather-long-name-of-alice@subdomain.example.org", "family@example.org", "bob"],
        );
    }
}
