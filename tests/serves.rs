//! Whom the filter serves, and whom it doesn't: housemates, outgoing mail, reports, lists, addresses of every kind.
//!
//! ```text
//! Smtp, logged in or not --SMTP--> Postfix --LMTP--> Sink: members' mailboxes
//!                                     |     --SMTP--> Sink: elsewhere
//!                                   milter
//!                                     |
//!                              postward serve
//! ```
//!
//! The household blocks the word `casino` and the domain `evil.example`, unless a test says otherwise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeSet;

use anyhow::Result;
use common::{postward, subject};
use testbed::daemon::{Postward, ServeOptions};
use testbed::mail::{Sink, Smtp};
use testbed::postfix::{Options, PASSWORD, Postfix};
use testbed::process::wait_for;

struct House {
    postfix: Postfix,
    sink: Sink,
    postward: Postward,
}

impl House {
    fn new(change: impl FnOnce(&mut Options)) -> Result<Self> {
        let mut postward = postward()?;
        postward.serve(&ServeOptions::default())?;
        postward.ok(["block", "casino", "evil.example"])?;
        let sink = Sink::start()?;
        let mut options = Options::new(sink.port());
        options.milters = vec![postward.milter().to_owned()];
        let elsewhere =
            format!("transport_maps = inline:{{ away.example=smtp:[127.0.0.1]:{} }}", sink.port());
        options.main_cf.push(elsewhere);
        change(&mut options);
        Ok(Self { postfix: Postfix::start(&options)?, sink, postward })
    }

    fn logged_in(&self, user: &str) -> Result<Smtp> {
        let mut smtp = self.postfix.connect()?;
        smtp.log_in(user, PASSWORD).unwrap();
        Ok(smtp)
    }

    /// Whoever got which mail, as `subject to local part`, once everything has arrived.
    fn arrived(&self) -> Result<BTreeSet<String>> {
        give(
            &mut self.postfix.connect()?,
            "end@friend.example",
            &["end@example.org"],
            &mail("end@friend.example", "end"),
        )?;
        wait_for("the end at the sink", testbed::PATIENCE, || {
            Ok(self.sink.deliveries().iter().any(|one| subject(one) == "end").then_some(()))
        })?;
        self.postfix.wait_until_queue_is_empty()?;
        let all = self.sink.deliveries().into_iter().filter(|one| subject(one) != "end");
        Ok(all.map(|one| format!("{} to {}", subject(&one), one.to.split('@').next().unwrap())).collect())
    }
}

/// The mail must be taken; whether it arrives is another question.
fn give(smtp: &mut Smtp, from: &str, to: &[&str], content: &str) -> Result<()> {
    let replies = smtp.mail(from, to, content.as_bytes())?;
    let last = replies.last().unwrap();
    assert_eq!(last.code, 250, "{}", last.text);
    Ok(())
}

fn mail(from: &str, subject: &str) -> String {
    format!("From: {from}\r\nSubject: {subject}\r\n\r\nhello\r\n")
}

fn set<const N: usize>(expected: [&str; N]) -> BTreeSet<String> {
    expected.map(str::to_owned).into()
}

/// Alice and Bob log in; Carol has Bob on her own list. Whichever macros Postfix is told to send.
#[test]
fn housemates_are_exempt_from_the_households_entries_but_not_from_a_members_own() -> Result<()> {
    for macros in [&[][..], &["milter_mail_macros =", "milter_rcpt_macros ="]] {
        let house = House::new(|options| {
            options.users = vec!["alice@mail.test".into(), "bob@mail.test".into()];
            options.main_cf.extend(macros.iter().map(|&line| line.to_owned()));
        })?;
        common::add_member_with(&house.postward, "bob", &["bob@example.org"], &["--login", "bob@mail.test"])?;
        common::add_member(&house.postward, "carol", &["carol@example.org"])?;
        house.postward.ok(["block", "--for", "carol", "bob@example.org"])?;
        let to = ["carol@example.org", "dave@example.org"];

        let mut alice = house.logged_in("alice@mail.test")?;
        give(&mut alice, "alice@example.org", &to, &mail("alice@example.org", "1 casino"))?;
        let mut nobody = house.postfix.connect()?;
        give(&mut nobody, "alice@example.org", &to, &mail("alice@example.org", "casino without a login"))?;
        let mut bob = house.logged_in("bob@mail.test")?;
        give(&mut bob, "bob@example.org", &to, &mail("bob@example.org", "2 as himself"))?;
        give(&mut bob, "x@other.example", &to, &mail("y@other.example", "3 under another name"))?;
        give(&mut nobody, "x@other.example", &to, &mail("y@other.example", "4 another person"))?;
        assert_eq!(
            house.arrived()?,
            set([
                "1 casino to carol",
                "1 casino to dave",
                "2 as himself to dave",
                "3 under another name to dave",
                "4 another person to carol",
                "4 another person to dave",
            ])
        );
    }
    Ok(())
}

/// `milter_protocol` below 6: no replies and commands can be left out, and macros are sent as asked for even so.
#[test]
fn an_old_protocol_tells_who_has_logged_in_and_who_goes_out() -> Result<()> {
    for protocol in [2, 4] {
        let house = House::new(|options| {
            options.users = vec!["alice@mail.test".into()];
            options.main_cf.push(format!("milter_protocol = {protocol}"));
            options.main_cf.extend(["milter_mail_macros =", "milter_rcpt_macros ="].map(str::to_owned));
        })?;
        common::add_member(&house.postward, "carol", &["carol@example.org"])?;
        house.postward.ok(["block", "--for", "carol", "alice@example.org"])?;
        let to = ["far@away.example", "carol@example.org", "dave@example.org"];
        let casino = mail("alice@example.org", "casino");
        give(&mut house.logged_in("alice@mail.test")?, "alice@example.org", &to, &casino)?;
        give(&mut house.postfix.connect()?, "x@friend.example", &to, &mail("x@friend.example", "2 casino"))?;
        let expected = ["2 casino to far", "casino to dave", "casino to far"];
        assert_eq!(house.arrived()?, set(expected), "version {protocol}");
    }
    Ok(())
}

/// A program on the machine (loopback) --> a mailbox here, one elsewhere, and one on another machine of the household's.
#[test]
fn what_goes_out_again_is_not_judged_and_what_comes_from_loopback_is() -> Result<()> {
    let house = House::new(|options| {
        let sink = format!("[127.0.0.1]:{}", options.sink);
        let maps = format!("inline:{{ away.example=smtp:{sink}, backup.example=relay:{sink} }}");
        options.main_cf.push(format!("transport_maps = {maps}"));
        options.main_cf.push("relay_domains = backup.example".to_owned());
    })?;
    let mut local = house.postfix.connect()?;
    let both = ["far@away.example", "bob@example.org", "near@backup.example"];
    give(&mut local, "cron@example.org", &["far@away.example"], &mail("cron@example.org", "1 casino"))?;
    give(&mut local, "cron@example.org", &both, &mail("cron@example.org", "2 casino"))?;
    give(&mut local, "x@evil.example", &both, &mail("x@evil.example", "3 domain"))?;
    give(&mut local, "cron@example.org", &both, &mail("cron@example.org", "4 harmless"))?;
    let expected = [
        "1 casino to far",
        "2 casino to far",
        "3 domain to far",
        "4 harmless to bob",
        "4 harmless to far",
        "4 harmless to near",
    ];
    assert_eq!(house.arrived()?, set(expected));
    Ok(())
}

/// stranger, member --SMTP--> Postfix --smtp--> the machine that keeps the mailboxes. By the transport alone it would be mail that goes
/// out.
#[test]
fn members_whose_mailboxes_another_machine_keeps_are_served_whatever_the_transport() -> Result<()> {
    for transport in ["smtp", "relay"] {
        let house = House::new(|options| {
            let sink = format!("[127.0.0.1]:{}", options.sink);
            let maps = format!("inline:{{ away.example=smtp:{sink}, example.org={transport}:{sink} }}");
            options.main_cf.push(format!("transport_maps = {maps}"));
            options.users = vec!["bob@mail.test".into()];
        })?;
        common::add_member(&house.postward, "alice", &["alice@example.org"])?;
        house.postward.ok(["block", "--for", "alice", "bob@example.org", "mallory@other.example"])?;
        let mut stranger = house.postfix.connect()?;
        let to = ["alice@example.org", "Alice+shop@EXAMPLE.org", "far@away.example"];
        give(&mut stranger, "x@evil.example", &to, &mail("x@evil.example", "1 the household's"))?;
        give(&mut stranger, "x@friend.example", &to, &mail("x@friend.example", "2 casino"))?;
        give(&mut stranger, "mallory@other.example", &to, &mail("mallory@other.example", "3 her own"))?;
        give(&mut stranger, "x@friend.example", &to, &mail("x@friend.example", "4 harmless"))?;
        let mut bob = house.logged_in("bob@mail.test")?;
        give(&mut bob, "bob@example.org", &to, &mail("bob@example.org", "5 a housemate"))?;
        give(&mut bob, "bob@elsewhere.example", &to, &mail("bob@elsewhere.example", "6 casino"))?;
        let expected = [
            "1 the household's to far",
            "2 casino to far",
            "3 her own to far",
            "4 harmless to Alice+shop",
            "4 harmless to alice",
            "4 harmless to far",
            "5 a housemate to far",
            "6 casino to Alice+shop",
            "6 casino to alice",
            "6 casino to far",
        ];
        assert_eq!(house.arrived()?, set(expected), "{transport}");
    }
    Ok(())
}

/// Bob logs in with other capitals: SASL takes them, and Postfix tells them on.
#[test]
fn a_login_in_other_capitals_is_the_same_members() -> Result<()> {
    let house = House::new(|options| {
        options.main_cf.extend([
            "smtpd_authorized_xclient_hosts = 127.0.0.1".to_owned(),
            "smtpd_sasl_auth_enable = no".to_owned(),
        ]);
    })?;
    common::add_member_with(&house.postward, "bob", &["bob@example.org"], &["--login", "bob"])?;
    common::add_member_with(&house.postward, "eve", &["eve@example.org"], &["--login", "Eve@mail.test"])?;
    common::add_member(&house.postward, "carol", &["carol@example.org"])?;
    house.postward.ok(["block", "--for", "carol", "bob@example.org", "eve@example.org"])?;
    for (number, login) in ["bob", "BOB", "Bob", "eve@MAIL.test", "EVE@mail.test", "carol"].iter().enumerate()
    {
        let mut smtp = house.postfix.connect()?;
        assert_eq!(smtp.command(&format!("XCLIENT ADDR=192.0.2.7 LOGIN={login}"))?.code, 220);
        smtp.command("EHLO phone.example")?;
        let from = "made.up@elsewhere.example";
        give(&mut smtp, from, &["carol@example.org"], &mail(from, &format!("{number} {login}")))?;
    }
    assert_eq!(house.arrived()?, set(["5 carol to carol"]));
    Ok(())
}

/// fetchmail --sendmail(1)--> pickup --> cleanup, which asks the milters in `non_smtpd_milters`.
#[test]
fn what_programs_hand_to_sendmail_is_judged_where_postfix_is_told_to() -> Result<()> {
    for asked in [false, true] {
        let house = House::new(|options| {
            let milters = if asked { options.milters.join(", ") } else { String::new() };
            options.main_cf.push(format!("non_smtpd_milters = {milters}"));
        })?;
        common::add_member(&house.postward, "carol", &["carol@example.org"])?;
        common::add_member(&house.postward, "dave", &["dave@example.org"])?;
        house.postward.ok(["block", "--for", "carol", "mallory@example.net"])?;
        let to = ["carol@example.org", "dave@example.org"];
        for (from, subject) in [
            ("x@evil.example", "domain"),
            ("mallory@example.net", "mallory"),
            ("cron@example.org", "casino"),
            ("cron@example.org", "harmless"),
        ] {
            house.postfix.sendmail(from, &to, &mail(from, subject))?;
        }
        let judged = ["mallory to dave", "harmless to carol", "harmless to dave"];
        let all =
            ["casino to carol", "casino to dave", "domain to carol", "domain to dave", "mallory to carol"];
        let expected = judged.into_iter().chain(all.into_iter().filter(|_| !asked));
        // pickup takes them one after the other.
        house.sink.wait_for(expected.clone().count())?;
        assert_eq!(house.arrived()?, expected.map(str::to_owned).collect(), "asked: {asked}");
    }
    Ok(())
}

/// cron, PHP, mutt --sendmail(1)--> pickup --> cleanup --> elsewhere, and to people here. `cleanup` doesn't say which is which.
#[test]
fn mail_that_goes_out_by_sendmail_is_not_lost_where_postfix_has_it_judged() -> Result<()> {
    let house = House::new(|options| {
        options.main_cf.push(format!("non_smtpd_milters = {}", options.milters.join(", ")));
    })?;
    common::add_member(&house.postward, "carol", &["carol@example.org"])?;
    let to = ["far@away.example", "carol@example.org", "nobody.known@example.org"];
    for (from, subject) in
        [("carol@example.org", "casino"), ("x@evil.example", "domain"), ("cron@example.org", "harmless")]
    {
        house.postfix.sendmail(from, &to[..1], &mail(from, &format!("1 {subject}")))?;
        house.postfix.sendmail(from, &to, &mail(from, &format!("2 {subject}")))?;
    }
    let expected = [
        "1 casino to far",
        "1 domain to far",
        "1 harmless to far",
        "2 casino to far",
        "2 casino to nobody.known",
        "2 domain to far",
        "2 domain to nobody.known",
        "2 harmless to carol",
        "2 harmless to far",
        "2 harmless to nobody.known",
    ];
    house.sink.wait_for(expected.len())?;
    assert_eq!(house.arrived()?, set(expected));
    Ok(())
}

/// Mail servers elsewhere report, with no sender; a report returns what was once sent.
#[test]
fn null_senders_are_judged_and_reports_by_what_they_say_and_not_by_what_they_return() -> Result<()> {
    let house = House::new(|_| {})?;
    let report = |subject: &str, said: &str| {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\n{said}\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             --b\r\nContent-Type: message/rfc822\r\n\r\nFrom: bob@example.org\r\nSubject: casino\r\n\r\na casino\r\n\
             --b--\r\n"
        )
    };
    let mut smtp = house.postfix.connect()?;
    for content in [
        report("1 a report", "It could not be delivered."),
        report("report with words", "The casino is open."),
        mail("x@evil.example", "blocked under the null sender"),
        mail("friend@friend.example", "2 vacation"),
    ] {
        give(&mut smtp, "", &["bob@example.org"], &content)?;
    }
    assert_eq!(house.arrived()?, set(["1 a report to bob", "2 vacation to bob"]));
    Ok(())
}

#[test]
fn whoever_has_trouble_with_the_server_reaches_its_postmaster_whatever_words_it_takes() -> Result<()> {
    let house = House::new(|_| {})?;
    let mut smtp = house.postfix.connect()?;
    let to = ["postmaster@example.org", "Abuse@example.org", "bob@example.org"];
    give(&mut smtp, "x@friend.example", &to, &mail("x@friend.example", "casino"))?;
    give(&mut smtp, "x@evil.example", &to, &mail("x@evil.example", "domain"))?;
    assert_eq!(house.arrived()?, set(["casino to Abuse", "casino to postmaster"]));
    Ok(())
}

/// somebody blocked --> a forwarder or a mailing list --> Postfix: the envelope is another, or wraps the sender's.
#[test]
fn forwarders_and_mailing_lists_carry_blocked_senders_no_further() -> Result<()> {
    let house = House::new(|_| {})?;
    house.postward.ok(["block", "mallory@example.net"])?;
    let mut smtp = house.postfix.connect()?;
    let innocent = |subject: &str| mail("someone@friend.example", subject);
    for (envelope, content) in [
        ("prvs=1234abcdef=mallory@example.net", innocent("BATV")),
        ("SRS0=HHH=TT=example.net=mallory@forwarder.example", innocent("SRS0")),
        ("SRS1=HHH=forwarder.example==HHH=TT=example.net=mallory@second.example", innocent("SRS1")),
        ("list-bounces@lists.example", mail("mallory@example.net", "through a list")),
        (
            "list-bounces@lists.example",
            format!("Reply-To: mallory@example.net\r\n{}", innocent("answers to")),
        ),
        ("list-bounces@lists.example", innocent("1 another's post")),
        ("SRS0=HHH=TT=example.net=mallory2@forwarder.example", innocent("2 another's forwarded mail")),
        ("prvs=1234abcdef=friend@example.net", innocent("3 another's BATV")),
    ] {
        give(&mut smtp, envelope, &["bob@example.org"], &content)?;
    }
    let expected =
        ["1 another's post to bob", "2 another's forwarded mail to bob", "3 another's BATV to bob"];
    assert_eq!(house.arrived()?, set(expected));
    Ok(())
}

/// Smtp --> postscreen --> smtpd --> two milters in a row, each with a list of its own.
#[test]
fn it_works_behind_postscreen_and_beside_another_milter() -> Result<()> {
    let mut second = postward()?;
    second.serve(&ServeOptions::default())?;
    let house = House::new(|options| {
        options.postscreen = true;
        options.milters.push(second.milter().to_owned());
    })?;
    for (daemon, name) in [(&house.postward, "anna"), (&second, "ben")] {
        common::add_member(daemon, name, &[&format!("{name}@example.org")])?;
        daemon.ok(["block", "--for", name, "mallory@example.net"])?;
    }
    let mut smtp = house.postfix.connect()?;
    let to = ["anna@example.org", "ben@example.org", "carl@example.org"];
    give(&mut smtp, "mallory@example.net", &to, &mail("mallory@example.net", "1 mallory"))?;
    give(&mut smtp, "mallory@example.net", &to[..2], &mail("mallory@example.net", "mallory to both"))?;
    give(&mut smtp, "x@evil.example", &to, &mail("x@evil.example", "domain"))?;
    give(&mut smtp, "x@friend.example", &to[..1], &mail("x@friend.example", "2 friendly"))?;
    assert!(house.postfix.log().contains("postscreen"), "{}", house.postfix.log());
    assert_eq!(house.arrived()?, set(["1 mallory to carl", "2 friendly to anna"]));
    Ok(())
}

#[test]
fn recipients_are_known_in_every_spelling_and_whoever_they_belong_to() -> Result<()> {
    let house = House::new(|options| {
        options.domains = ["example.org", "catch.example.org"].map(str::to_owned).into();
        options.main_cf.extend(["smtputf8_enable = yes", "recipient_delimiter = +"].map(str::to_owned));
    })?;
    for (name, addresses) in [
        ("anna", &["anna@example.org", "family@example.org", "jörg@example.org"][..]),
        ("ben", &["ben@example.org", "family@example.org"]),
        ("cleo", &["@catch.example.org"]),
    ] {
        common::add_member(&house.postward, name, addresses)?;
        house.postward.ok(["block", "--for", name, "mallory@example.net", "möwe@bücher.example"])?;
    }
    house.postward.ok(["block", "--for", "anna", "annas@example.net"])?;
    let mut smtp = house.postfix.connect()?;
    let to = [
        "ANNA@Example.ORG",
        "anna+tag@example.org",
        "Family@example.org",
        "anything@catch.example.org",
        "nobody@example.org",
        "annabel@example.org",
    ];
    give(&mut smtp, "mallory@example.net", &to, &mail("mallory@example.net", "1 all block"))?;
    give(&mut smtp, "annas@example.net", &to, &mail("annas@example.net", "2 anna blocks"))?;
    // RFC 6531: addresses beyond ASCII, in the envelope and raw in the header.
    for (from, to) in
        [("möwe@bücher.example", "jörg@example.org"), ("möwe@bücher.example", "nobody@example.org")]
    {
        let replies = [
            smtp.command(&format!("MAIL FROM:<{from}> SMTPUTF8"))?,
            smtp.command(&format!("RCPT TO:<{to}>"))?,
            smtp.command("DATA")?,
        ];
        assert!(replies.iter().all(|reply| reply.code < 400), "{replies:?}");
        smtp.send(format!("{}.\r\n", mail(from, "3 beyond ASCII")).as_bytes())?;
        assert_eq!(smtp.reply()?.code, 250);
    }
    assert_eq!(
        house.arrived()?,
        set([
            "1 all block to annabel",
            "1 all block to nobody",
            "2 anna blocks to Family",
            "2 anna blocks to annabel",
            "2 anna blocks to anything",
            "2 anna blocks to nobody",
            "3 beyond ASCII to nobody",
        ])
    );
    Ok(())
}

/// stranger --SMTP--> Postfix (mydestination) --local--> mailbox of the account, whatever the domain
#[test]
fn a_mailbox_reached_by_another_domain_has_its_owners_list() -> Result<()> {
    let house = House::new(|options| {
        options.main_cf.extend([
            "mydestination = localhost, mail.home.example".to_owned(),
            format!("local_transport = local:inet:127.0.0.1:{}", options.sink),
        ]);
        options.master_cf.push("local unix - - n - - lmtp".to_owned());
    })?;
    common::add_member_with(&house.postward, "anna", &["anna.smith@example.org"], &["--login", "anna"])?;
    house.postward.ok(["block", "--for", "anna", "mallory@other.example"])?;
    let mut stranger = house.postfix.connect()?;
    for (number, to) in
        ["anna.smith@example.org", "anna@localhost", "Anna+x@mail.home.example"].iter().enumerate()
    {
        let both = [*to, "bob@localhost"];
        give(
            &mut stranger,
            "mallory@other.example",
            &both,
            &mail("mallory@other.example", &number.to_string()),
        )?;
    }
    give(&mut stranger, "friend@other.example", &["anna@localhost"], &mail("friend@other.example", "3"))?;
    assert_eq!(house.arrived()?, set(["0 to bob", "1 to bob", "2 to bob", "3 to anna"]));
    Ok(())
}

/// Postfix folds case in what it tells of an address: `straße.example` becomes `strasse.example`, which is another domain.
#[test]
fn folding_case_neither_takes_a_members_domain_away_nor_makes_a_friends_one_the_blocked() -> Result<()> {
    let house = House::new(|options| {
        options.domains =
            ["straße.example", "xn--strae-oqa.example", "example.org"].map(str::to_owned).into();
        options.main_cf.push("smtputf8_enable = yes".to_owned());
    })?;
    common::add_member(&house.postward, "anna", &["anna@straße.example"])?;
    house.postward.ok(["block", "--for", "anna", "mallory@other.example"])?;
    house.postward.ok(["block", "grosse.example"])?;
    let mut smtp = house.postfix.connect()?;
    for (number, (from, to)) in [
        ("mallory@other.example", "anna@straße.example"),
        ("mallory@other.example", "ANNA@xn--strae-oqa.example"),
        ("mallory@other.example", "ANNA@STRASSE.example"),
        ("x@grosse.example", "bob@example.org"),
        ("x@große.example", "bob@example.org"),
        ("x@other.example", "anna@straße.example"),
    ]
    .into_iter()
    .enumerate()
    {
        let replies = [
            smtp.command(&format!("MAIL FROM:<{from}> SMTPUTF8"))?,
            smtp.command(&format!("RCPT TO:<{to}>"))?,
            smtp.command("DATA")?,
        ];
        assert!(replies.iter().all(|reply| reply.code < 400), "{replies:?}");
        smtp.send(format!("{}.\r\n", mail("x@other.example", &number.to_string())).as_bytes())?;
        assert_eq!(smtp.reply()?.code, 250);
    }
    assert_eq!(house.arrived()?, set(["4 to bob", "5 to anna"]));
    Ok(())
}
