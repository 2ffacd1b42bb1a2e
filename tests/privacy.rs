//! Nothing that Postward writes says who wrote to whom, from where, or what: neither its log nor its data folder nor its
//! temporary files, nor what its commands answer.
//!
//! ```text
//! Smtp --> Postfix --milter--> postward serve <--component-- Prosody <--c2s, s2s-- clients
//!                                  |    `--HTTP-- Chromium
//!                                  `--> log, data folder, TMPDIR, answers: searched for what has passed through
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::Path;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use common::MailHouse;
use common::traces::{files, held, talkative};
use testbed::browser::Browser;
use testbed::daemon::{Postward, ServeOptions};
use testbed::mail::Sink;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::Client;

const COMPONENT: &str = "postward.one.test";
const SECRET: &str = "of the tests alone";
const CLIENT: &str = "198.51.100.77";

/// What passes through and is on no list: in addresses, names, texts, and what is typed to try it.
const PASSED: [&str; 23] = [
    CLIENT,
    "heloibis",
    "zebrafinch",
    "quokkasender",
    "marmotsubdomain",
    "otterplus",
    "bobrecipient",
    "narwhalsubject",
    "axolotlbody",
    "wombatname",
    "pangolinfile",
    "geckostranger",
    "lemurresource",
    "quokkahost",
    "tapirchat",
    "ocelotpresence",
    "dingotried",
    "dugongsearched",
    "caribouwrong",
    "numbatchecked",
    "badgerimported",
    "weaselmistyped",
    "alicechat",
];

/// On the list: what the search must find.
const LISTED: &str = "listedfox";

#[test]
fn no_trace_of_what_passed_through_in_anything_that_is_written() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = Options::new(&["one.test"]).postward(COMPONENT, SECRET);
    let [one, two] = Prosody::start_all([&ours, &Options::new(&["quokkahost.test"])])?;
    let mut postward = talkative(folder.path())?;
    let xmpp = Some((one.component_address(), COMPONENT.to_owned(), SECRET.to_owned()));
    postward.serve(&ServeOptions { xmpp, ..ServeOptions::default() })?;
    postward.wait_for_chat()?;
    let sink = Sink::start()?;
    let mut options = testbed::postfix::Options::new(sink.port());
    options.milters = vec![postward.milter().to_owned()];
    options.main_cf = vec!["smtpd_authorized_xclient_hosts = 127.0.0.0/8".to_owned()];
    let postfix = testbed::postfix::Postfix::start(&options)?;
    let mut house = MailHouse { postfix, sink, postward };

    common::add_member(&house.postward, "alice", &["alice@example.org"])?;
    house.postward.ok([
        "block",
        "listedfox@listedhost.example",
        "listeddomain.example",
        "forbidden phrase",
    ])?;
    house.postward.ok(["block", "--for", "alice", "membersfox@listedhost.example"])?;
    house.postward.ok(["block", "--action", "refuse", "refusedfox@listedhost.example"])?;
    mails(&house)?;
    chats(&one, &two)?;
    page(&house.postward)?;
    commands(&house.postward, folder.path())?;

    let answers: [&[&str]; 4] =
        [&["status"], &["status", "--json"], &["list", "--json"], &["list", "--json", "--for", "alice"]];
    let mut written = Vec::new();
    for command in answers {
        written.push((command.join(" "), house.postward.ok(command)?.into_bytes()));
    }
    // While it runs, with the write-ahead log, and after its end, when all is in the database.
    files(&house.postward.data(), &mut written)?;
    house.postward.stop()?;
    files(&house.postward.data(), &mut written)?;
    files(&folder.path().join("tmp"), &mut written)?;
    written.push(("the log".to_owned(), house.postward.log().into_bytes()));

    let found = written.iter().filter(|(_, bytes)| !held(bytes, &[LISTED]).is_empty()).count();
    assert!(found >= 2, "what is on the list is found in {found} places: the search finds nothing");
    let traces: Vec<String> = written
        .iter()
        .flat_map(|(place, bytes)| {
            held(bytes, &PASSED).into_iter().map(move |token| format!("{token} in {place}"))
        })
        .collect();
    assert!(traces.is_empty(), "{traces:#?}");
    Ok(())
}

/// Blocked by address, domain, words, for a member; refused; plain; malformed.
fn mails(house: &MailHouse) -> Result<()> {
    let plain = "zebrafinch@quokkasender.example";
    let text = |from: &str, body: &str| {
        format!(
            "From: Wombatname <{from}>\r\nSubject: narwhalsubject\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; name=\"pangolinfile.txt\"\r\n\r\naxolotlbody {body}\r\n"
        )
    };
    let mails = [
        (plain, text(plain, "hello")),
        (plain, text(plain, "a forbidden phrase")),
        (plain, text("listedfox@listedhost.example", "hello")),
        ("listedfox+otterplus@listedhost.example", text(plain, "hello")),
        ("zebrafinch@marmotsubdomain.listeddomain.example", text(plain, "hello")),
        ("membersfox@listedhost.example", text(plain, "hello")),
        ("refusedfox@listedhost.example", text(plain, "hello")),
        (plain, "From: zebrafinch@quokkasender.example\r\nSubject: =?bad?q?narwhalsubject\r\n\r\n".to_owned()),
        (plain, "Subject: narwhalsubject\r\nContent-Transfer-Encoding: base64\r\n\r\n####axolotlbody\r\n".to_owned()),
        (
            plain,
            "From: \"zebrafinch <quokkasender.example\r\nContent-Type: multipart/mixed; boundary=axolotlbody\r\n\r\n\
             --axolotlbody\r\n"
                .to_owned(),
        ),
    ];
    for (from, content) in &mails {
        let mut smtp = house.postfix.connect()?;
        assert_eq!(smtp.command(&format!("XCLIENT ADDR={CLIENT} NAME=heloibis.example"))?.code, 220);
        smtp.command("EHLO heloibis.example")?;
        smtp.mail(from, &["bobrecipient@example.org", "alice@example.org"], content.as_bytes())?;
    }
    // The plain one and the malformed three for both, the member's for Bob alone.
    assert_eq!(house.delivered()?.len(), 9);
    Ok(())
}

fn chats(one: &Prosody, two: &Prosody) -> Result<()> {
    let mut alice = Client::available(one.c2s(), "alicechat@one.test/home")?;
    let mut stranger = Client::available(two.c2s(), "geckostranger@quokkahost.test/lemurresource")?;
    stranger.send(
        "<presence type='subscribe' to='alicechat@one.test'><status>ocelotpresence</status></presence>",
    )?;
    for body in ["tapirchat", "tapirchat forbidden phrase", "tapirchat again"] {
        stranger
            .send(&format!("<message type='chat' to='alicechat@one.test'><body>{body}</body></message>"))?;
    }
    alice.keep_until(&["tapirchat again"])?;
    assert_eq!(alice.bodies(), ["tapirchat", "tapirchat again"]);
    Ok(())
}

/// A wrong password, a message tried, a search.
fn page(postward: &Postward) -> Result<()> {
    let password = postward.password()?;
    let browser = Browser::open(360)?;
    for typed in ["caribouwrong", &password] {
        browser.goto(postward.page())?;
        browser.fill("#password", typed)?;
        browser.follow("main button")?;
    }
    browser.goto(&format!("{}try", postward.page()))?;
    browser.fill("textarea", "From: x@dingotried.example\nSubject: dingotried\n\na forbidden phrase\n")?;
    browser.follow("main form button")?;
    assert!(browser.text()?.contains("dropped"), "{}", browser.text()?);
    browser.goto(&format!("{}list", postward.page()))?;
    browser.fill("#find", "dugongsearched")?;
    browser.follow("#find + button")?;
    assert_eq!(browser.value("#find")?, "dugongsearched");
    Ok(())
}

/// What is judged, not understood, or not there.
fn commands(postward: &Postward, folder: &Path) -> Result<()> {
    let [mail, lines] = ["numbatchecked.eml", "lines.txt"].map(|name| folder.join(name));
    fs::write(
        &mail,
        "From: x@numbatchecked.example\r\nSubject: numbatchecked\r\n\r\na forbidden phrase\r\n",
    )?;
    fs::write(&lines, "imported@listedhost.example\nregex:(badgerimported\naddress:badgerimported\n")?;
    let checked = postward.run(["check", &mail.to_string_lossy()])?;
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    let imported = postward.run(["import", &lines.to_string_lossy()])?;
    let said = String::from_utf8_lossy(&imported.stdout);
    assert!(said.contains("1 added") && said.contains("2 refused"), "{said}");
    for args in
        [&["block", "--kind", "regex", "(weaselmistyped"][..], &["remove", "weaselmistyped@x.example"]]
    {
        assert!(!postward.run(args)?.status.success(), "{args:?}");
    }
    Ok(())
}

#[test]
fn the_search_finds_every_form() {
    for form in [
        "xx ListedFox".as_bytes().to_vec(),
        b"xofdetsil".to_vec(),
        b"6c6973746564666F78".to_vec(),
        "listedfox".encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "listedfox".encode_utf16().flat_map(u16::to_le_bytes).collect(),
        STANDARD_NO_PAD.encode("<listedfox@x.example>").into_bytes(),
        STANDARD_NO_PAD.encode("a <listedfox@x.example>").into_bytes(),
        STANDARD_NO_PAD.encode("ab<listedfox@x.example>").into_bytes(),
    ] {
        assert!(!held(&form, &[LISTED]).is_empty(), "{}", String::from_utf8_lossy(&form));
    }
    assert!(held(b"listed fox", &[LISTED]).is_empty());
}
