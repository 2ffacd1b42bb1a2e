//! What a mail client can send that no mail program would: it is judged like everything else, the others get their mail,
//! and the next mail is judged by what is its own.
//!
//! ```text
//! Smtp (raw bytes) --SMTP--> Postfix --LMTP--> Sink
//!                               |
//!                             milter
//!                               |
//!                         postward serve
//! ```
//!
//! The household blocks the words `casino night`, and Alice `mallory@example.net`. Wherever something must not arrive, its
//! harmless twin does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use common::{MailHouse, postward};
use testbed::daemon::ServeOptions;
use testbed::mail::{Sink, Smtp};
use testbed::postfix::{Options, Postfix};

const MALLORY: &str = "mallory@example.net";
const FRIEND: &str = "friend@example.net";

fn house() -> Result<MailHouse> {
    let mut postward = postward()?;
    postward.serve(&ServeOptions::default())?;
    postward.ok(["block", "casino night"])?;
    for (name, address) in [("alice", "alice@example.org"), ("strict", "@strict.example")] {
        common::add_member(&postward, name, &[address])?;
        postward.ok(["block", "--for", name, MALLORY])?;
    }
    let sink = Sink::start()?;
    let mut options = Options::new(sink.port());
    options.domains.push("strict.example".to_owned());
    options.milters = vec![postward.milter().to_owned()];
    options.main_cf = [
        // mail.test is the machine itself: what is written behind it (user%domain) is unwrapped.
        "mydestination = mail.test",
        "myorigin = example.org",
    ]
    .map(str::to_owned)
    .to_vec();
    Ok(MailHouse { postfix: Postfix::start(&options)?, sink, postward })
}

/// Who got which mail, as `subject to local part`.
fn arrived(house: &MailHouse) -> Result<BTreeSet<String>> {
    let all = house.delivered()?;
    Ok(all
        .iter()
        .map(|one| format!("{} to {}", common::subject(one), local_part(&one.to).to_lowercase()))
        .collect())
}

fn local_part(address: &str) -> &str {
    address.split('@').next().unwrap()
}

fn set(expected: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    expected.into_iter().collect()
}

/// Hands in a content byte for byte; the answer to its end must be 250.
fn data(smtp: &mut Smtp, from: &str, to: &[&str], content: &[u8]) -> Result<()> {
    assert_eq!(smtp.command(&format!("MAIL FROM:<{from}>"))?.code, 250);
    for to in to {
        let reply = smtp.command(&format!("RCPT TO:{to}"))?;
        assert_eq!(reply.code, 250, "{to}: {}", reply.text);
    }
    assert_eq!(smtp.command("DATA")?.code, 354);
    smtp.send(content)?;
    smtp.send(b"\r\n.\r\n")?;
    let reply = smtp.reply()?;
    assert_eq!(reply.code, 250, "{}", reply.text);
    Ok(())
}

/// Postfix takes addresses in more forms than RFC 5321 has, and a milter can take a recipient away only by its right name.
#[test]
fn a_recipient_is_kept_from_unwanted_mail_in_whatever_form_the_sender_writes_them() -> Result<()> {
    let house = house()?;
    let forms = [
        "<alice@example.org>",
        "<ALICE@Example.ORG>",
        "alice@example.org",
        "<alice@example.org.>",
        "<alice>",
        "alice",
        "<\"alice\"@example.org>",
        "<al\\ice@example.org>",
        "< alice @ example.org >",
        "<alice(comment)@example.org>",
        "(x)<alice@example.org>",
        "<<alice@example.org>>",
        "<<ALICE@example.org>>",
        "<@relay.example:alice@example.org>",
        "<@relay.example,@other.example:Alice@Example.org>",
        "@relay.example:alice@example.org",
        "<alice@example.org;>",
        "<group:alice@example.org;>",
        "<@relay.example:group:Alice@example.org;>",
        "<alice%example.org>",
        "<alice%example.org@mail.test>",
        "<alice@example.org@mail.test>",
        "<\"alice@example.org\"@mail.test>",
        "<\"alice@example.org\">",
        "<example.org!alice>",
    ];
    let mut smtp = house.postfix.connect()?;
    let mut expected = BTreeSet::new();
    for form in forms {
        for from in [MALLORY, FRIEND] {
            let content = format!("Subject: {} writes {form}\r\n\r\nhello", local_part(from));
            data(&mut smtp, from, &[form, "<bob@example.org>"], content.as_bytes())?;
            expected.insert(format!("{} writes {form} to bob", local_part(from)));
        }
        expected.insert(format!("friend writes {form} to alice"));
    }
    assert_eq!(arrived(&house)?, expected);
    Ok(())
}

#[test]
fn a_postmaster_without_a_domain_is_reached_whatever_words_it_takes() -> Result<()> {
    let house = house()?;
    // RFC 5321 section 4.5.1.
    let content = b"Subject: trouble\r\n\r\ncasino night";
    data(&mut house.postfix.connect()?, FRIEND, &["<postmaster>", "<bob@example.org>"], content)?;
    assert_eq!(arrived(&house)?, set(["trouble to postmaster".to_owned()]));
    Ok(())
}

#[test]
fn malformed_messages_are_judged_and_none_is_a_way_through() -> Result<()> {
    let house = house()?;
    let deep = |text: &str| {
        let mut all = String::from("MIME-Version: 1.0\r\n");
        for depth in 0..60 {
            all += &format!("Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n");
        }
        all + "Content-Type: text/plain\r\n\r\n" + text
    };
    let multipart = |boundary: &str, text: &str| {
        format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed{boundary}\r\n\r\n--x\r\n\r\n{text}\r\n")
    };
    type Make<'m> = Box<dyn Fn(&str) -> Vec<u8> + 'm>;
    let make = |make: fn(&str) -> String| -> Make<'_> { Box::new(move |text| make(text).into_bytes()) };
    let cases: Vec<(&str, Make<'_>)> = vec![
        ("no header", make(str::to_owned)),
        ("no header, an empty line first", make(|text| format!("\r\n{text}"))),
        ("no body", make(|text| format!("X-A: b\r\nSubject: {text}"))),
        ("a line in the header that is none", make(|text| format!("X-A: b\r\nnonsense\r\nSubject: {text}"))),
        ("a header that begins with a fold", make(|text| format!(" folded\r\nSubject: {text}\r\n\r\nx"))),
        ("a blank before the colon", make(|text| format!("Subject : {text}\r\n\r\nx"))),
        ("a name without a value", make(|text| format!(":\r\nSubject: {text}\r\n\r\nx"))),
        ("a folded phrase", make(|text| format!("Subject: {}\r\n\r\nx", text.replace(' ', "\r\n\t")))),
        ("a NUL in the header", make(|text| format!("Subject: {text}\0 more\r\n\r\nx"))),
        ("NULs in the body", make(|text| format!("X-A: b\r\n\r\n\0{}\0", text.replace("in", "i\0n")))),
        ("a lone CR in the header", make(|text| format!("Subject: x\r{text}\r\n\r\nx"))),
        ("a lone CR in the body", make(|text| format!("X-A: b\r\n\r\nx\r{text}\rx"))),
        ("lines that end with LF", make(|text| format!("X-A: b\nSubject: x\n\nhello\n{text}\n"))),
        ("lines that end with CR CR LF", make(|text| format!("X-A: b\r\r\nSubject: x\r\r\n\r\r\n{text}"))),
        (
            "8 bits in the header",
            Box::new(|text| [b"Subject: \xfc\xff ", text.as_bytes(), b"\r\n\r\nx"].concat()),
        ),
        (
            "a huge field",
            Box::new(|text| format!("X-A: {}\r\nSubject: {text}\r\n\r\nx", "abc ".repeat(100_000)).into()),
        ),
        (
            "a huge subject",
            Box::new(|text| {
                let mut all = b"Subject: ".to_vec();
                (0..2_000).for_each(|_| all.extend_from_slice(b"filler words\r\n "));
                [all, text.into(), b"\r\n\r\nx".into()].concat()
            }),
        ),
        (
            "ten thousand fields",
            Box::new(|text| format!("{}Subject: {text}\r\n\r\nx", "X-A: b\r\n".repeat(10_000)).into()),
        ),
        (
            "a line of half a megabyte",
            Box::new(|text| format!("X-A: b\r\n\r\n{}{text}", "abc ".repeat(130_000)).into()),
        ),
        (
            "megabytes of other text first",
            Box::new(|text| format!("X-A: b\r\n\r\n{}{text}", "other text\r\n".repeat(300_000)).into()),
        ),
        ("parts in parts in parts", Box::new(move |text| deep(text).into())),
        ("a boundary that isn't named", Box::new(move |text| multipart("", text).into())),
        ("a boundary that never comes", Box::new(move |text| multipart("; boundary=y", text).into())),
        ("a boundary named twice", Box::new(move |text| multipart("; boundary=y; boundary=x", text).into())),
        (
            "an unknown charset",
            make(|text| {
                format!("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=klingon\r\n\r\n{text}")
            }),
        ),
        (
            "an unknown encoding",
            make(|text| format!("MIME-Version: 1.0\r\nContent-Transfer-Encoding: x-none\r\n\r\n{text}")),
        ),
        (
            "two types",
            make(|text| {
                format!(
                    "MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Type: text/html\r\n\r\n<p>{}",
                    text.replace(' ', "&#32;")
                )
            }),
        ),
        ("an encoded word that doesn't end", make(|text| format!("Subject: =?utf-8?q?{text}\r\n\r\nx"))),
    ];
    let mut smtp = house.postfix.connect()?;
    for (number, (_, case)) in cases.iter().enumerate() {
        for (name, text) in [("n", "casino night"), ("y", "casual light")] {
            // The envelope tells them apart: some have no header.
            data(&mut smtp, &format!("{name}{number}@x.example"), &["<bob@example.org>"], &case(text))?;
        }
    }
    data(&mut smtp, "yempty@x.example", &["<bob@example.org>"], b"")?;
    let delivered = house.delivered()?;
    let from: BTreeSet<&str> = delivered.iter().map(|one| local_part(&one.from)).collect();
    for (number, (case, _)) in cases.iter().enumerate() {
        assert!(from.contains(format!("y{number}").as_str()), "{case}: the twin is lost");
        assert!(!from.contains(format!("n{number}").as_str()), "{case}: got through");
    }
    assert!(from.contains("yempty"));
    assert!(!house.postward.log().contains("panicked"), "{}", house.postward.log());
    Ok(())
}

/// A sender is looked for wherever a mail program may show one.
#[test]
fn a_blocked_author_is_found_in_a_malformed_from_field() -> Result<()> {
    let house = house()?;
    let forms = [
        "From: other@example.com\r\nFrom: ADDRESS",
        "From: ADDRESS\r\nFrom: other@example.com",
        "From : ADDRESS",
        "From:\r\n ADDRESS",
        "FROM:ADDRESS",
        "From: other@example.com, ADDRESS",
        "From: \"other@example.com\" <ADDRESS>",
        "From: <ADDRESS",
        "From: ADDRESS (a comment (in a comment",
        "From: group: ADDRESS;",
        "From: =?utf-8?q?Somebody <ADDRESS>",
        "From: \"Somebody <ADDRESS>",
        "From: <other@example.com> <ADDRESS>",
        "Sender: ADDRESS",
        "Reply-To: ADDRESS",
        "Resent-From: ADDRESS",
    ];
    let mut smtp = house.postfix.connect()?;
    for (number, form) in forms.iter().enumerate() {
        for from in [MALLORY, FRIEND] {
            let fields = form.replace("ADDRESS", from);
            let content =
                format!("X-A: b\r\n{fields}\r\nSubject: {number} {}\r\n\r\nhello", local_part(from));
            data(&mut smtp, "envelope@x.example", &["<alice@example.org>"], content.as_bytes())?;
        }
    }
    let expected = (0..forms.len()).map(|number| format!("{number} friend to alice"));
    assert_eq!(arrived(&house)?, set(expected));
    Ok(())
}

/// The household's entries count for whoever it may be.
#[test]
fn a_recipient_that_cannot_be_read_is_under_the_households_entries() -> Result<()> {
    let house = house()?;
    house.postward.ok(["block", "everywhere@example.net"])?;
    let mut smtp = house.postfix.connect()?;
    for from in ["everywhere@example.net", MALLORY, FRIEND] {
        assert_eq!(smtp.command(&format!("MAIL FROM:<{from}>"))?.code, 250);
        smtp.send(b"RCPT TO:<\xff\xfe@example.org>\r\n")?;
        assert_eq!(smtp.reply()?.code, 500, "Postfix takes no bytes that aren't UTF-8");
        let recipients = [
            "<..a..@example.org>",
            "<\"\\\u{1}\"@example.org>",
            &format!("<{}@example.org>", "x".repeat(500)),
        ];
        for recipient in recipients {
            let reply = smtp.command(&format!("RCPT TO:{recipient}"))?;
            assert_eq!(reply.code, 250, "{}", reply.text);
        }
        assert_eq!(smtp.command("DATA")?.code, 354);
        smtp.send(format!("Subject: from {}\r\n\r\nhello\r\n.\r\n", local_part(from)).as_bytes())?;
        assert_eq!(smtp.reply()?.code, 250);
    }
    let all = house.delivered()?;
    let subjects: BTreeSet<String> = all.iter().map(common::subject).collect();
    assert_eq!(subjects, set(["from friend".to_owned(), "from mallory".to_owned()]));
    Ok(())
}

/// A milter sees of a field what comes before a NUL, of that at most 60,000 bytes, and a lone CR as a blank: so does the
/// recipient.
#[test]
fn nobody_gets_of_a_header_what_postfix_keeps_from_its_milters() -> Result<()> {
    let house = house()?;
    let content =
        b"Subject: 1 cas\0ino night\r\nX-A: b\rSubject: casino night\r\nX-B: \0casino night\r\n\r\nhello";
    let mut smtp = house.postfix.connect()?;
    data(&mut smtp, FRIEND, &["<bob@example.org>"], content)?;
    let content = format!("Subject: {}casino night\r\n\r\nhello", "filler words\r\n ".repeat(20_000));
    data(&mut smtp, FRIEND, &["<bob@example.org>"], content.as_bytes())?;
    let mut fields = Vec::new();
    for one in house.delivered()? {
        let text = String::from_utf8_lossy(&one.content).into_owned();
        fields.extend(text.lines().filter(|line| line.contains("cas")).map(str::to_owned));
        assert!(text.len() < 70_000);
    }
    assert_eq!(fields, ["Subject: 1 cas", "X-A: b Subject: casino night"]);
    Ok(())
}

/// RFC 3030: pieces of any length, in the middle of a word, and lines that needn't end.
#[test]
fn a_message_that_comes_in_chunks_is_judged_as_a_whole() -> Result<()> {
    let house = house()?;
    for (subject, text) in [("blocked", "casino night"), ("harmless", "casual light")] {
        let mut smtp = house.postfix.connect()?;
        smtp.command(&format!("MAIL FROM:<{FRIEND}> BODY=8BITMIME"))?;
        smtp.command("RCPT TO:<bob@example.org>")?;
        let content = format!("Subject: {subject}\r\n\r\n.\r\n{text} \u{e9}\0");
        for piece in content.as_bytes().chunks(5) {
            smtp.send(format!("BDAT {}\r\n", piece.len()).as_bytes())?;
            smtp.send(piece)?;
            assert_eq!(smtp.reply()?.code, 250);
        }
        let reply = smtp.command("BDAT 0 LAST")?;
        assert_eq!(reply.code, 250, "{}", reply.text);
        // The next one on this connection, whose first chunk is never followed.
        smtp.command(&format!("MAIL FROM:<{MALLORY}>"))?;
        smtp.command("RCPT TO:<alice@example.org>")?;
        smtp.send(b"BDAT 3\r\nSub")?;
        assert_eq!(smtp.reply()?.code, 250);
    }
    assert_eq!(arrived(&house)?, set(["harmless to bob".to_owned()]));
    Ok(())
}

/// RFC 2920: commands in one piece, and a client that changes its mind in each place.
#[test]
fn whatever_a_client_breaks_off_leaves_nothing_behind() -> Result<()> {
    let house = house()?;
    let pipelined = |smtp: &mut Smtp, lines: &str, codes: &[u16]| -> Result<()> {
        smtp.send(lines.as_bytes())?;
        for code in codes {
            let reply = smtp.reply()?;
            assert_eq!(reply.code, *code, "{lines}: {}", reply.text);
        }
        Ok(())
    };
    let mut smtp = house.postfix.connect()?;
    for (number, broken) in [
        "RSET\r\n",
        "MAIL FROM:<mallory@example.net>\r\nRSET\r\n",
        "MAIL FROM:<mallory@example.net>\r\nRCPT TO:<alice@example.org>\r\nRSET\r\n",
        "MAIL FROM:<mallory@example.net>\r\nRCPT TO:<alice@example.org>\r\nEHLO client.example\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        for (from, to) in [(FRIEND, "alice"), (MALLORY, "bob"), (MALLORY, "alice")] {
            let subject = format!("{number} from {}", local_part(from));
            let begin = vec![250; broken.lines().count() + 2];
            let lines = format!("{broken}MAIL FROM:<{from}>\r\nRCPT TO:<{to}@example.org>\r\nDATA\r\n");
            pipelined(&mut smtp, &lines, &[begin, vec![354]].concat())?;
            pipelined(&mut smtp, &format!("Subject: {subject}\r\n\r\nhello\r\n.\r\n"), &[250])?;
        }
    }
    // Clients that go away: after MAIL, after RCPT, in the middle of the content.
    for lines in [
        "MAIL FROM:<friend@example.net>\r\n",
        "MAIL FROM:<friend@example.net>\r\nRCPT TO:<bob@example.org>\r\n",
        "MAIL FROM:<friend@example.net>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n",
    ] {
        let mut gone = house.postfix.connect()?;
        gone.send(lines.as_bytes())?;
        lines.lines().try_for_each(|_| gone.reply().map(drop))?;
        if lines.ends_with("DATA\r\n") {
            gone.send(b"Subject: half\r\n\r\nhalf of a mail")?;
        }
    }
    let each = |number| [format!("{number} from friend to alice"), format!("{number} from mallory to bob")];
    assert_eq!(arrived(&house)?, set((0..4).flat_map(each)));
    Ok(())
}

#[test]
fn of_a_thousand_recipients_each_has_a_verdict_of_their_own() -> Result<()> {
    let house = house()?;
    let mut smtp = house.postfix.connect()?;
    let to: Vec<String> = (0..1000)
        .map(|number| {
            format!("<r{number}@{}>", if number % 2 == 0 { "example.org" } else { "Strict.EXAMPLE" })
        })
        .collect();
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    data(&mut smtp, MALLORY, &to, b"Subject: many\r\n\r\nhello")?;
    assert_eq!(arrived(&house)?, set((0..1000).step_by(2).map(|number| format!("many to r{number}"))));
    Ok(())
}

#[test]
fn nobody_waits_for_a_client_that_takes_its_time() -> Result<()> {
    let house = house()?;
    let mut slow = house.postfix.connect()?;
    for line in [&format!("MAIL FROM:<{MALLORY}>"), "RCPT TO:<alice@example.org>", "DATA"] {
        let reply = slow.command(line).expect("a reply");
        assert!(reply.code < 400, "{line}: {}", reply.text);
    }
    for byte in b"Subject: slow\r\n\r\nhello\r\n" {
        slow.send(&[*byte])?;
        thread::sleep(Duration::from_millis(20));
        if *byte == b'\n' {
            house.send(FRIEND, "Subject: meanwhile\r\n\r\nhello\r\n")?;
        }
    }
    slow.send(b".\r\n")?;
    assert_eq!(slow.reply()?.code, 250);
    assert_eq!(house.delivered_subjects()?, ["meanwhile", "meanwhile", "meanwhile"]);
    Ok(())
}
