//! Allow entries on mail: a friend's own mail gets through a block, what only bears the friend's name doesn't.
//!
//! ```text
//! Smtp --XCLIENT: a host elsewhere--> Postfix --LMTP--> Sink
//!                                        |
//!                                      milter
//!                                        |
//!                                 postward serve --TXT?--> dnsmasq: keys, SPF
//! ```
//!
//! In all of them Bob's household blocks the domain `good.example` (or words), and allows `friend@good.example`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use anyhow::Result;
use common::{MailHouse, postward};
use testbed::daemon::ServeOptions;
use testbed::dkim::{Key, Signing};
use testbed::dns::Dns;
use testbed::mail::{Sink, Smtp};
use testbed::postfix::{Options, Postfix};

/// The host that good.example's SPF record names, and one that nobody names.
const FRIENDS_HOST: &str = "192.0.2.10";
const STRANGERS_HOST: &str = "198.51.100.66";

struct Case {
    house: MailHouse,
    dns: Option<Dns>,
}

impl Case {
    /// With this DNS server, for a household that blocks `good.example` and allows `friend@good.example`.
    fn new(records: &[(&str, &str)]) -> Result<Self> {
        Self::with(Dns::start(records)?)
    }

    fn with(dns: Dns) -> Result<Self> {
        let case = Self::asking(dns.address(), "")?;
        case.house.postward.ok(["block", "good.example"])?;
        case.house.postward.ok(["allow", "friend@good.example"])?;
        Ok(Self { dns: Some(dns), ..case })
    }

    fn asking(resolver: SocketAddr, more: &str) -> Result<Self> {
        let mut postward = postward()?;
        let config = Some(format!("[mail]\nresolver = \"{resolver}\"\n{more}\n"));
        postward.serve(&ServeOptions { config, ..ServeOptions::default() })?;
        let sink = Sink::start()?;
        let mut options = Options::new(sink.port());
        options.milters = vec![postward.milter().to_owned()];
        options.main_cf = vec!["smtpd_authorized_xclient_hosts = 127.0.0.1".to_owned()];
        let postfix = Postfix::start(&options)?;
        Ok(Self { house: MailHouse { postfix, sink, postward }, dns: None })
    }

    /// A session in which Postfix takes us for this client.
    fn at_host(&self, address: &str) -> Result<Smtp> {
        let mut smtp = self.house.postfix.connect()?;
        assert_eq!(smtp.command(&format!("XCLIENT NAME=[UNAVAILABLE] ADDR={address}"))?.code, 220);
        smtp.command("EHLO mail.good.example")?;
        Ok(smtp)
    }

    fn send(&self, host: &str, envelope: &str, content: &str) -> Result<()> {
        let replies = self.at_host(host)?.mail(envelope, &["bob@example.org"], content.as_bytes())?;
        let last = replies.last().expect("replies");
        assert_eq!(last.code, 250, "{}", last.text);
        Ok(())
    }

    fn arrived(&self) -> Result<Vec<String>> {
        self.house.delivered_subjects()
    }

    fn questions(&self) -> Vec<String> {
        self.dns.as_ref().expect("a DNS server").questions()
    }
}

fn mail(from: &str, subject: &str) -> String {
    format!(
        "From: {from}\r\nTo: bob@example.org\r\nSubject: {subject}\r\n\r\nHello  Bob,\r\n\r\n  see you\t\r\n\r\n\r\n"
    )
}

/// friend's server (signs) --> Postfix: every way to sign that is in use.
#[test]
fn a_friends_signed_mail_gets_through_a_block_and_a_forged_one_does_not() -> Result<()> {
    let (rsa, ed) = (Key::rsa(2048, "rsa-sha256")?, Key::ed25519()?);
    let case = Case::new(&[
        ("rsa._domainkey.good.example", &rsa.record),
        ("ed._domainkey.good.example", &ed.record),
    ])?;
    let mut signed = Vec::new();
    for (name, key) in [("rsa", &rsa), ("ed", &ed)] {
        for canonicalization in ["simple/simple", "relaxed/relaxed", "simple/relaxed"] {
            let subject = format!("{name} {canonicalization}");
            // Blanks and folds that only survive where bytes are kept exactly.
            let content = mail("Friend\r\n  <friend@good.example>", &subject).replace("To: ", "To:   ");
            let how = Signing { selector: name, canonicalization, ..Signing::of("good.example") };
            let content = key.sign(&content, how)?;
            case.send(STRANGERS_HOST, "friend@good.example", &content)?;
            let forged = content.replace("see you", "send me money").replace(&subject, "forged");
            case.send(STRANGERS_HOST, "friend@good.example", &forged)?;
            signed.push(subject);
        }
    }
    case.send(STRANGERS_HOST, "friend@good.example", &mail("friend@good.example", "unsigned"))?;
    signed.sort();
    assert_eq!(case.arrived()?, signed);
    Ok(())
}

/// friend's server (named in SPF) --> Postfix <-- a stranger's server.
#[test]
fn a_friends_mail_from_a_server_that_spf_names_gets_through_a_block() -> Result<()> {
    let spf = format!("v=spf1 ip4:{FRIENDS_HOST} ip4:10.0.0.0/8 ip4:127.0.0.1 -all");
    let case = Case::new(&[
        ("good.example", &spf),
        ("bounces.good.example", &spf),
        ("mail.good.example", &spf),
        ("evil.example", "v=spf1 +all"),
    ])?;
    let from_friend = |subject| mail("friend@good.example", subject);
    case.send(FRIENDS_HOST, "friend@good.example", &from_friend("1 from the friend's server"))?;
    case.send(FRIENDS_HOST, "b-123@bounces.good.example", &from_friend("2 with an envelope of its own"))?;
    case.send(FRIENDS_HOST, "", &from_friend("3 null sender, HELO proves"))?;
    case.send(STRANGERS_HOST, "friend@good.example", &from_friend("from elsewhere"))?;
    case.send(STRANGERS_HOST, "x@evil.example", &from_friend("SPF of another domain"))?;
    case.send(STRANGERS_HOST, "", &from_friend("null sender from elsewhere"))?;
    case.send("10.0.0.5", "friend@good.example", &from_friend("through a private address"))?;
    case.house.send("friend@good.example", &from_friend("through loopback"))?;
    assert_eq!(
        case.arrived()?,
        ["1 from the friend's server", "2 with an envelope of its own", "3 null sender, HELO proves"]
    );
    Ok(())
}

/// friend --> list server (adds a footer, its own envelope and signature) --> Postfix.
#[test]
fn what_a_mailing_list_has_changed_is_judged_as_any_strangers_and_not_lost() -> Result<()> {
    let (friend, list) = (Key::rsa(2048, "rsa-sha256")?, Key::rsa(2048, "rsa-sha256")?);
    let case = Case::new(&[
        ("sel._domainkey.good.example", &friend.record),
        ("sel._domainkey.lists.example", &list.record),
        ("lists.example", "v=spf1 +all"),
    ])?;
    case.house.postward.ok(["remove", "good.example"])?;
    case.house.postward.ok(["block", "casino night"])?;
    let through_the_list = |subject: &str, text: &str| -> Result<()> {
        let content = friend.sign(&mail("friend@good.example", subject), Signing::of("good.example"))?;
        let content = list.sign(&(content + text + "\r\n"), Signing::of("lists.example"))?;
        case.send(STRANGERS_HOST, "list-bounces@lists.example", &content)
    };
    through_the_list("1 harmless", "-- our list")?;
    through_the_list("blocked words", "-- the casino night list")?;
    let direct = mail("friend@good.example", "2 direct, with the words") + "casino night\r\n";
    case.send(STRANGERS_HOST, "friend@good.example", &friend.sign(&direct, Signing::of("good.example"))?)?;
    assert_eq!(case.arrived()?, ["1 harmless", "2 direct, with the words"]);
    Ok(())
}

/// a stranger --> Postfix, with every trick to bear a friend's name.
#[test]
fn what_does_not_prove_does_not_get_through() -> Result<()> {
    let (good, evil) = (Key::rsa(2048, "rsa-sha256")?, Key::rsa(2048, "rsa-sha256")?);
    let (sha1, short) = (Key::rsa(2048, "rsa-sha1")?, Key::rsa(768, "rsa-sha256")?);
    let trial = good.record.replace("k=rsa;", "k=rsa; t=y;");
    let old = good.record.replace("k=rsa;", "k=rsa; h=sha1;");
    let chat = good.record.replace("k=rsa;", "k=rsa; s=xmpp;");
    let case = Case::new(&[
        ("sel._domainkey.good.example", &good.record),
        ("trial._domainkey.good.example", &trial),
        ("chat._domainkey.good.example", &chat),
        ("old._domainkey.good.example", &old),
        ("sha1._domainkey.good.example", &sha1.record),
        ("short._domainkey.good.example", &short.record),
        ("sel._domainkey.evil.example", &evil.record),
        ("sel._domainkey.example", &evil.record),
        ("evil.example", "v=spf1 +all"),
    ])?;
    case.house.postward.ok(["block", "evil.example"])?;
    let friends = |subject: &str| mail("friend@good.example", subject);
    let of_good = Signing::of("good.example");
    let from_evil = |content: &str| case.send(STRANGERS_HOST, "x@evil.example", content);

    from_evil(&evil.sign(&friends("another's signature"), Signing::of("evil.example"))?)?;
    from_evil(&evil.sign(&friends("a public suffix signs"), Signing::of("example"))?)?;
    from_evil(
        &evil.sign(&mail("\"friend@good.example\" <x@evil.example>", "name"), Signing::of("evil.example"))?,
    )?;
    // A forwarder's way to write somebody else's address is the forwarder's own address.
    let wrapped = mail("SRS0=aa=bb=good.example=friend@evil.example", "wrapped");
    from_evil(&evil.sign(&wrapped, Signing::of("evil.example"))?)?;
    from_evil(&wrapped)?;
    from_evil(&good.sign(&friends("l="), Signing { options: &["length"], ..of_good })?)?;
    from_evil(&good.sign(&friends("expired"), Signing { options: &["expired"], ..of_good })?)?;
    from_evil(&good.sign(&friends("on trial"), Signing { selector: "trial", ..of_good })?)?;
    from_evil(&good.sign(&friends("for chat"), Signing { selector: "chat", ..of_good })?)?;
    from_evil(&good.sign(&friends("for sha1"), Signing { selector: "old", ..of_good })?)?;
    from_evil(&sha1.sign(&friends("sha1"), Signing { selector: "sha1", ..of_good })?)?;
    from_evil(&short.sign(&friends("768 bits"), Signing { selector: "short", ..of_good })?)?;
    from_evil(&good.sign(&mail("friend@good.example, x@evil.example", "two authors"), of_good)?)?;
    // Verifiers take the lowest From, many programs show the first.
    let signed = good.sign(&mail("friend@good.example", "two From"), of_good)?;
    from_evil(&format!("From: x@evil.example\r\n{signed}"))?;
    from_evil(&format!("From: friend@good.example\r\n{signed}"))?;
    let claimed = "Authentication-Results: mail.test; dkim=pass header.d=good.example; spf=pass\r\n";
    from_evil(&format!("{claimed}{}", friends("claimed")))?;
    case.send(STRANGERS_HOST, "friend@good.example", &good.sign(&friends("1 control"), of_good)?)?;
    assert_eq!(case.arrived()?, ["1 control"]);
    Ok(())
}

/// friend's server --> Postfix: the signing domain is the author's, above it or below it.
#[test]
fn a_signature_aligns_by_who_owns_the_domain() -> Result<()> {
    let key = Key::rsa(2048, "rsa-sha256")?;
    let case = Case::new(&[
        ("sel._domainkey.good.example", &key.record),
        ("sel._domainkey.mailer.good.example", &key.record),
    ])?;
    case.house.postward.ok(["allow", "sub.good.example"])?;
    let send = |from: &str, domain: &str, subject: &str| -> Result<()> {
        let content = key.sign(&mail(from, subject), Signing::of(domain))?;
        case.send(STRANGERS_HOST, "x@news.example", &content)
    };
    send("friend@good.example", "mailer.good.example", "1 signed by a domain below")?;
    send("x@sub.good.example", "good.example", "2 signed by a domain above")?;
    send("x@deep.sub.good.example", "good.example", "3 below an allowed domain")?;
    send("other@good.example", "good.example", "proven, but not allowed")?;
    send("friend@mailer.good.example", "good.example", "another domain's friend")?;
    assert_eq!(
        case.arrived()?,
        ["1 signed by a domain below", "2 signed by a domain above", "3 below an allowed domain"]
    );
    Ok(())
}

/// friend's server (signs) --> Postfix; postward --> a network that takes more than a second there and back --> dnsmasq.
#[test]
fn an_answer_that_takes_more_than_a_second_proves() -> Result<()> {
    let key = Key::rsa(2048, "rsa-sha256")?;
    let dns = Dns::start(&[("sel._domainkey.good.example", &key.record)])?;
    let far = UdpSocket::bind("127.0.0.1:0")?;
    let (address, near) = (far.local_addr()?, dns.address());
    std::thread::spawn(move || -> Result<()> {
        let mut question = [0; 1500];
        loop {
            let (length, from) = far.recv_from(&mut question)?;
            let (question, far) = (question[..length].to_vec(), far.try_clone()?);
            std::thread::spawn(move || -> Result<()> {
                std::thread::sleep(Duration::from_millis(1300));
                let socket = UdpSocket::bind("127.0.0.1:0")?;
                socket.send_to(&question, near)?;
                let mut answer = [0; 1500];
                let length = socket.recv(&mut answer)?;
                far.send_to(&answer[..length], from)?;
                Ok(())
            });
        }
    });
    let case = Case::asking(address, "")?;
    case.house.postward.ok(["block", "good.example"])?;
    case.house.postward.ok(["allow", "friend@good.example"])?;
    let signed = key.sign(&mail("friend@good.example", "1 signed"), Signing::of("good.example"))?;
    case.send(STRANGERS_HOST, "friend@good.example", &signed)?;
    assert_eq!(case.arrived()?, ["1 signed"]);
    Ok(())
}

/// a stranger's server --> Postfix: which of two SPF records counts nobody can say.
#[test]
fn two_spf_records_prove_nobody() -> Result<()> {
    let case = Case::new(&[("good.example", "v=spf1 +all"), ("good.example", "v=spf1 -all")])?;
    case.send(STRANGERS_HOST, "friend@good.example", &mail("friend@good.example", "two records"))?;
    assert_eq!(case.arrived()?, Vec::<String>::new());
    Ok(())
}

/// anybody --> Postfix: dnsmasq logs every question.
#[test]
fn ordinary_mail_asks_no_dns() -> Result<()> {
    let key = Key::rsa(2048, "rsa-sha256")?;
    let case = Case::new(&[("sel._domainkey.good.example", &key.record), ("good.example", "v=spf1 -all")])?;
    let ordinary = key.sign(&mail("someone@else.example", "1 ordinary"), Signing::of("else.example"))?;
    case.send(FRIENDS_HOST, "someone@else.example", &ordinary)?;
    case.send(FRIENDS_HOST, "x@good.example", &mail("other@good.example", "blocked"))?;
    case.house.postward.ok(["allow", "pal@else.example"])?;
    case.send(FRIENDS_HOST, "pal@else.example", &mail("pal@else.example", "2 allowed, and not blocked"))?;
    assert_eq!(case.arrived()?, ["1 ordinary", "2 allowed, and not blocked"]);
    assert_eq!(case.questions(), Vec::<String>::new());

    let content = key.sign(&mail("friend@good.example", "3 needs proof"), Signing::of("good.example"))?;
    for _ in 0..3 {
        case.send(STRANGERS_HOST, "x@else.example", &content)?;
    }
    case.arrived()?;
    assert_eq!(case.questions(), ["TXT sel._domainkey.good.example"], "asked once, then remembered");
    Ok(())
}

/// a stranger --> Postfix; postward --> a DNS server that is gone, or takes questions and never answers.
#[test]
fn without_dns_nothing_is_proven_and_other_mail_goes_on() -> Result<()> {
    let silent = UdpSocket::bind("127.0.0.1:0")?;
    let gone = SocketAddr::from(([127, 0, 0, 1], testbed::process::free_port()?));
    for resolver in [silent.local_addr()?, gone] {
        let case = Case::asking(resolver, "")?;
        case.house.postward.ok(["block", "good.example"])?;
        case.house.postward.ok(["allow", "friend@good.example"])?;
        let mut waiting = Vec::new();
        for number in 0..20 {
            let mut smtp = case.at_host(FRIENDS_HOST)?;
            for line in ["MAIL FROM:<friend@good.example>", "RCPT TO:<bob@example.org>", "DATA"] {
                smtp.command(line)?;
            }
            smtp.send(mail("friend@good.example", &format!("friend {number}")).as_bytes())?;
            smtp.send(b".\r\n")?;
            waiting.push(smtp);
        }
        case.send(FRIENDS_HOST, "x@else.example", &mail("x@else.example", "meanwhile"))?;
        for mut smtp in waiting {
            assert_eq!(smtp.reply()?.code, 250);
        }
        assert_eq!(case.arrived()?, ["meanwhile"]);
    }
    Ok(())
}

/// friend's server (signs) --> Postfix; postward --> dnsmasq --> a DNS server that never answers, for a part of the friend's SPF.
#[test]
fn a_friends_signature_counts_while_their_spf_record_waits_for_a_dead_server() -> Result<()> {
    let silent = UdpSocket::bind("127.0.0.1:0")?;
    let key = Key::rsa(2048, "rsa-sha256")?;
    let records = [
        ("sel._domainkey.good.example", key.record.as_str()),
        ("good.example", "v=spf1 include:dead.example -all"),
    ];
    let case = Case::with(Dns::start_beside(&records, &[("dead.example", silent.local_addr()?)])?)?;
    let signed = key.sign(&mail("friend@good.example", "1 signed"), Signing::of("good.example"))?;
    case.send(FRIENDS_HOST, "friend@good.example", &signed)?;
    case.send(FRIENDS_HOST, "friend@good.example", &mail("friend@good.example", "unsigned"))?;
    assert_eq!(case.arrived()?, ["1 signed"]);
    Ok(())
}

/// friend's server (signs twice) --> Postfix; postward --> dnsmasq --> a DNS server that never answers, for one of the keys.
#[test]
fn a_friends_signature_counts_while_the_key_of_another_waits_for_a_dead_server() -> Result<()> {
    let silent = UdpSocket::bind("127.0.0.1:0")?;
    let key = Key::rsa(2048, "rsa-sha256")?;
    let records = [("sel._domainkey.good.example", key.record.as_str())];
    let dead = [("dead._domainkey.good.example", silent.local_addr()?)];
    let case = Case::with(Dns::start_beside(&records, &dead)?)?;
    let signing = |selector| Signing { selector, ..Signing::of("good.example") };
    for (subject, selectors) in [("1 above", ["sel", "dead"]), ("2 below", ["dead", "sel"])] {
        let once = key.sign(&mail("friend@good.example", subject), signing(selectors[0]))?;
        let twice = key.sign(&once, signing(selectors[1]))?;
        case.send(STRANGERS_HOST, "friend@good.example", &twice)?;
    }
    let dead = key.sign(&mail("friend@good.example", "dead alone"), signing("dead"))?;
    case.send(STRANGERS_HOST, "friend@good.example", &dead)?;
    assert_eq!(case.arrived()?, ["1 above", "2 below"]);
    Ok(())
}

/// friend's server (signs) --> Postfix <-- a stranger's server: who is proven is known at the end of the message alone.
#[test]
fn where_an_allow_entry_may_win_nobody_is_refused_before_the_end() -> Result<()> {
    let key = Key::rsa(2048, "rsa-sha256")?;
    let case = Case::new(&[("sel._domainkey.good.example", &key.record)])?;
    case.house.postward.ok(["remove", "good.example"])?;
    case.house.postward.ok(["block", "--action", "refuse", "good.example"])?;
    let codes = |content: &str| -> Result<Vec<u16>> {
        let mut smtp = case.at_host(STRANGERS_HOST)?;
        let replies = smtp.mail("other@good.example", &["bob@example.org"], content.as_bytes())?;
        Ok(replies.iter().map(|reply| reply.code).collect())
    };
    let unsigned = mail("friend@good.example", "unsigned");
    let signed = key.sign(&mail("friend@good.example", "signed"), Signing::of("good.example"))?;
    assert_eq!(codes(&unsigned)?, [250, 250, 354, 550]);
    assert_eq!(codes(&signed)?, [250, 250, 354, 250]);
    case.house.postward.ok(["remove", "friend@good.example"])?;
    assert_eq!(codes(&unsigned)?.get(..2), Some([250, 550].as_slice()));
    assert_eq!(case.arrived()?, ["signed"]);
    Ok(())
}

/// our own relay --> Postfix, besides everybody else.
#[test]
fn what_trusted_clients_send_is_not_judged() -> Result<()> {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], testbed::process::free_port()?));
    let case = Case::asking(nowhere, "trusted_clients = [\"198.51.100.0/24\", \"10.0.0.5\"]")?;
    case.house.postward.ok(["block", "good.example"])?;
    let blocked = |subject: &str| mail("x@good.example", subject);
    case.send(STRANGERS_HOST, "x@good.example", &blocked("1 from a trusted network"))?;
    let mut relay = case.at_host("10.0.0.5")?;
    for subject in ["2 from a trusted client", "3 in the same session"] {
        relay.mail("x@good.example", &["bob@example.org"], blocked(subject).as_bytes())?;
    }
    case.send("10.0.0.6", "x@good.example", &blocked("from its neighbour"))?;
    case.house.send("x@good.example", &blocked("from loopback"))?;
    assert_eq!(
        case.arrived()?,
        ["1 from a trusted network", "2 from a trusted client", "3 in the same session"]
    );
    Ok(())
}
