//! Nothing that Postward writes says what members do with it, nor what passes through its less common ways: rooms, mail that is
//! forwarded to it, senders who are proven, its desk in chat, the members' page, the doctor's probes.
//!
//! ```text
//! Smtp --> Postfix --milter--> postward serve <--component-- Prosody <-- rooms, desk
//!            `--block@--> its listener   |  `--TXT?--> dnsmasq: keys, SPF
//! doctor, members' page ----------------'
//! log, data folder, TMPDIR, answers: searched for what has passed through (`privacy.rs` has the common ways)
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use anyhow::{Context, Result};
use common::forwarding::House;
use common::traces::{files, held, talkative};
use testbed::browser::Browser;
use testbed::dkim::{Key, Signing};
use testbed::dns::Dns;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::Client;

const COMPONENT: &str = "postward.one.test";
const SECRET: &str = "of the tests alone";

/// What passes through and is on no list.
const PASSED: [&str; 23] = [
    "narwhalforward",
    "axolotlforward",
    "messageidforward",
    "192.0.2.7",
    "phone.example",
    "tapirroom",
    "geckonick",
    "lemurmuc",
    "okapiproven",
    "ibisproven",
    "selectorkudu",
    "192.0.2.10",
    "198.51.100.66",
    "zorillabounce",
    "helodhole",
    "fossawords",
    "agoutinode",
    "pacasession",
    "evestranger",
    "caribouwrong",
    "civetpassword",
    "kestrelsearch",
    "kiwiresource",
];

/// On the lists: what the search must find.
const LISTED: [&str; 3] = ["listedfox", "listedvole", "listedstoat"];

#[test]
fn no_trace_of_rooms_forwarding_proof_the_desk_and_the_members_page() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = Options::new(&["one.test"]).rooms("rooms.one.test").postward(COMPONENT, SECRET);
    let prosody = Prosody::start(&ours)?;
    let key = Key::rsa(2048, "rsa-sha256")?;
    let dns = Dns::start(&[
        ("selectorkudu._domainkey.good.example", &key.record),
        ("good.example", "v=spf1 ip4:192.0.2.10 -all"),
    ])?;
    let xmpp = Some((prosody.component_address(), COMPONENT.to_owned(), SECRET.to_owned()));
    let more = format!("[mail]\nserver = \"POSTFIX\"\nresolver = \"{}\"\n", dns.address());
    let mut house = House::of(talkative(folder.path())?, &more, xmpp, |_| {})?;
    house.postward.wait_for_chat()?;
    house.postward.ok(["block", "good.example", "forbidden phrase"])?;
    house.postward.ok(["allow", "friend@good.example"])?;
    house.postward.ok(["member", "add", "dora", "--mail", "dora@home.example", "--jid", "dora@one.test"])?;

    forwarding(&house)?;
    proof(&house, &key)?;
    assert!(!dns.questions().is_empty(), "nobody was proven");
    rooms_and_desk(&prosody)?;
    let secrets = page(&house)?;
    let (postfix, prosody) = (house.postfix.config_directory(), prosody.folder().join("prosody.cfg.lua"));
    let doctor = [
        "doctor",
        "--json",
        "--postfix",
        &postfix.to_string_lossy(),
        "--prosody",
        &prosody.to_string_lossy(),
    ];
    let doctor = house.postward.run(doctor)?;
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("chat-plain-probe") && said.contains("mail-plain-probe"), "{said}");

    let mut written = vec![("doctor".to_owned(), said.into_bytes())];
    for command in [
        &["status", "--json"][..],
        &["list", "--json"],
        &["list", "--json", "--for", "dora"],
        &["member", "list"],
    ] {
        written.push((command.join(" "), house.postward.ok(command)?.into_bytes()));
    }
    files(&house.postward.data(), &mut written)?;
    house.postward.stop()?;
    files(&house.postward.data(), &mut written)?;
    files(&folder.path().join("tmp"), &mut written)?;
    written.push(("the log".to_owned(), house.postward.log().into_bytes()));

    for listed in LISTED {
        assert!(written.iter().any(|(_, bytes)| !held(bytes, &[listed]).is_empty()), "{listed} isn't found");
    }
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let traces: Vec<String> = written
        .iter()
        .flat_map(|(place, bytes)| {
            let found = held(bytes, &PASSED).into_iter().chain(held(bytes, &secrets));
            found.map(move |token| format!("{token} in {place}"))
        })
        .collect();
    assert!(traces.is_empty(), "{traces:#?}");
    Ok(())
}

/// Alice forwards a mail whose sender is blocked by that.
fn forwarding(house: &House) -> Result<()> {
    house.answered(
        "From: alice@home.example\nTo: block@home.example\nSubject: Fwd: narwhalforward\n\
         Message-ID: <messageidforward@phone.example>\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\naxolotlforward\n--b\n\
         Content-Type: message/rfc822\n\nFrom: <listedfox@listedhost.example>\nTo: alice@home.example\n\
         Subject: narwhalforward\n\naxolotlforward\n--b--\n",
    )?;
    assert_eq!(house.reached("listedfox@listedhost.example", "narwhalforward")?, ["bob@home.example"]);
    Ok(())
}

/// A friend's mail by DKIM and by SPF, and a stranger's in the friend's name.
fn proof(house: &House, key: &Key) -> Result<()> {
    let content =
        "From: friend@good.example\r\nTo: bob@home.example\r\nSubject: okapiproven\r\n\r\nibisproven\r\n";
    let signed = key.sign(content, Signing { selector: "selectorkudu", ..Signing::of("good.example") })?;
    for (host, content) in
        [("198.51.100.66", signed.as_str()), ("192.0.2.10", content), ("198.51.100.66", content)]
    {
        let mut smtp = house.postfix.connect()?;
        assert_eq!(smtp.command(&format!("XCLIENT NAME=[UNAVAILABLE] ADDR={host}"))?.code, 220);
        smtp.command("EHLO helodhole.example")?;
        let replies = smtp.mail("zorillabounce@good.example", &["bob@home.example"], content.as_bytes())?;
        assert_eq!(replies.last().context("a reply")?.code, 250);
    }
    house.postfix.wait_until_queue_is_empty()?;
    let proven = house.sink.deliveries().iter().filter(|mail| common::subject(mail) == "okapiproven").count();
    assert_eq!(proven, 2);
    Ok(())
}

/// A room of our own with blocked words in it, and what Dora says to the component.
fn rooms_and_desk(prosody: &Prosody) -> Result<()> {
    let mut dora = Client::available(prosody.c2s(), "dora@one.test/kiwiresource")?;
    let mut eve = Client::available(prosody.c2s(), "evestranger@one.test/kiwiresource")?;
    for (client, nick) in [(&mut dora, "dora"), (&mut eve, "geckonick")] {
        client.send(&format!(
            "<presence to='tapirroom@rooms.one.test/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        ))?;
        client.sync()?;
    }
    for body in ["lemurmuc with a forbidden phrase", "lemurmuc plain"] {
        eve.send(&format!(
            "<message type='groupchat' to='tapirroom@rooms.one.test'><body>{body}</body></message>"
        ))?;
    }
    dora.keep_until(&["lemurmuc plain"])?;
    assert!(!dora.bodies().iter().any(|body| body.contains("forbidden")), "{:?}", dora.bodies());
    for (body, answer) in
        [("block listedvole@listedhost.example", "listedvole"), ("fossawords", ""), ("fossawords again?", "")]
    {
        dora.send(&format!("<message type='chat' to='{COMPONENT}'><body>{body}</body></message>"))?;
        let from_desk = |stanza: &testbed::xmpp::Element| {
            stanza.attr("from").is_some_and(|from| from.starts_with(COMPONENT))
                && testbed::xmpp::body_of(stanza).is_some_and(|body| body.contains(answer))
        };
        dora.wait_for("the desk's answer", from_desk, testbed::PATIENCE)?;
    }
    for stranger in [&mut eve, &mut dora] {
        stranger.send(&format!(
            "<iq type='set' id='c1' to='{COMPONENT}'><command xmlns='http://jabber.org/protocol/commands' \
             node='agoutinode' sessionid='pacasession'/></iq>"
        ))?;
        stranger.sync()?;
    }
    Ok(())
}

/// Dora comes by a link, with a wrong password before; what must be nowhere: the link's key, the recovery code.
fn page(house: &House) -> Result<Vec<String>> {
    let said = house.postward.ok(["member", "link", "dora"])?;
    let link = said.split_whitespace().find(|word| word.starts_with("http")).context("a link")?;
    let key = link.split_once("key=").context("a key")?.1.to_owned();
    let browser = Browser::open(360)?;
    browser.goto(&format!("{}sign-in", house.postward.page()))?;
    browser.fill("#password", "caribouwrong")?;
    browser.follow("main button")?;
    browser.goto(link)?;
    browser.follow("main button")?;
    browser.fill("#new", "civetpassword and more")?;
    browser.fill("#again", "civetpassword and more")?;
    browser.follow("main button")?;
    let code = browser.text_in("#recovery-code")?;
    browser.follow("main a.button")?;
    common::block_on_page(&browser, &house.postward, "listedstoat@listedhost.example")?;
    browser.goto(&format!("{}list", house.postward.page()))?;
    browser.fill("#find", "kestrelsearch")?;
    browser.follow("#find + button")?;
    Ok(vec![key, code.trim().to_owned()])
}
