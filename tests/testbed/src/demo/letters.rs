//! The mail of the demo, sent over SMTP and looked for at the sink.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::interrupt::Interrupt;
use super::table::{Arrival, Row};
use crate::mail::Sink;
use crate::postfix::Postfix;
use crate::process::wait_for;

const ANNA: &str = "anna@home.test";

const DATE: &str = "Sun, 1 Nov 2026 12:00:00 +0000";

/// One mail.
struct Letter {
    what: &'static str,
    wanted: bool,
    /// The envelope sender.
    from: &'static str,
    /// The header and the text, but for `Date`, `To` and `Message-ID`.
    content: String,
}

/// Sends everything; returns once it is certain what arrives of it.
pub(super) fn send_all(
    round: u32,
    postfix: &Postfix,
    sink: &Sink,
    interrupt: &Interrupt,
) -> Result<Vec<Row>> {
    let mut sent = Vec::new();
    for (number, letter) in letters().into_iter().enumerate() {
        interrupt.check()?;
        let id = format!("<{round}.{number}@demo.test>");
        let content = send(postfix, letter.from, &id, &letter.content)?;
        sent.push((letter, content));
    }
    let end = format!("<{round}.end@demo.test>");
    send(postfix, "marker@home.test", &end, "From: marker@home.test\nSubject: the last mail\n\nThe end\n")?;
    wait_for("the last mail, by which the demo tells the end", Duration::from_secs(30), || {
        interrupt.check()?;
        let deliveries = sink.deliveries();
        Ok(deliveries
            .iter()
            .any(|delivery| header(&delivery.content, "Message-ID").as_ref() == Some(&end))
            .then_some(()))
    })?;
    postfix.wait_until_queue_is_empty()?;
    let deliveries = sink.deliveries();
    let rows = sent.into_iter().map(|(letter, content)| {
        let id = header(&content, "Message-ID");
        // Postfix adds its own lines at the top.
        let arrival = match deliveries.iter().find(|delivery| header(&delivery.content, "Message-ID") == id) {
            Some(delivery) if delivery.content.ends_with(&content) => Arrival::Unchanged,
            Some(_) => Arrival::Changed,
            None => Arrival::None,
        };
        Row { what: letter.what, wanted: letter.wanted, arrival }
    });
    Ok(rows.collect())
}

/// The subject of a mail, as it stands there.
pub(super) fn subject(content: &[u8]) -> String {
    header(content, "Subject").unwrap_or_else(|| "(no subject)".to_owned())
}

/// A header field's value, if the mail has it on one line.
fn header(content: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(content);
    let fields = text.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':'));
    let mut values = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
    values.next().map(|(_, value)| value.trim().to_owned())
}

/// Sends one mail in a session of its own and returns its content as it went out.
fn send(postfix: &Postfix, from: &str, id: &str, content: &str) -> Result<Vec<u8>> {
    // A mail without a date gets one from Postfix.
    let content =
        format!("Date: {DATE}\nTo: {ANNA}\nMessage-ID: {id}\n{content}").replace('\n', "\r\n").into_bytes();
    let replies = postfix.connect()?.mail(from, &[ANNA], &content)?;
    let last = replies.last().context("a reply")?;
    // To a sender, what is dropped looks like what arrives.
    if last.code != 250 {
        bail!("Postfix didn't take a mail from {from}: {}", last.text.trim());
    }
    Ok(content)
}

fn letters() -> Vec<Letter> {
    let stopped =
        |what, from, content: &str| Letter { what, wanted: false, from, content: content.to_owned() };
    let wanted = |what, content: &str| Letter {
        what,
        wanted: true,
        from: "friend@friends.test",
        content: format!("From: A friend <friend@friends.test>\n{content}"),
    };
    let shop = "shop@bulk.test";
    let base64 = BASE64.encode("Schöne Grüße!\r\nDas große Glücksspiel beginnt heute.\r\n");
    let subject = BASE64.encode("Ihr GLÜCKSSPIEL des Tages");
    vec![
        stopped(
            "mallory@friends.test (blocked) in the envelope",
            "mallory@friends.test",
            "From: Somebody else <hello@bulk.test>\nSubject: hello\n\nHave you a minute?\n",
        ),
        stopped(
            "mallory@friends.test in the From header only",
            "bounces@bulk.test",
            "From: Mallory <mallory@friends.test>\nSubject: hello\n\nHave you a minute?\n",
        ),
        stopped(
            "news@offers.spam.test (spam.test is blocked)",
            "news@offers.spam.test",
            "From: News <news@offers.spam.test>\nSubject: news\n\nThe news of the week.\n",
        ),
        stopped(
            "Glücksspiel in a body in base64 and UTF-8",
            shop,
            &format!(
                "From: Shop <shop@bulk.test>\nSubject: hello\nMIME-Version: 1.0\n\
                 Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{base64}\n"
            ),
        ),
        stopped(
            "Glücksspiel in quoted-printable, across lines",
            shop,
            "From: Shop <shop@bulk.test>\nSubject: hello\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n\
             Sch=C3=B6ne Gr=C3=BC=C3=9Fe! Das gro=C3=9Fe Gl=C3=BCcks=\nspiel beginnt heute.\n",
        ),
        stopped(
            "GLÜCKSSPIEL in an encoded Subject",
            shop,
            &format!("From: Shop <shop@bulk.test>\nSubject: =?utf-8?B?{subject}?=\n\nBest regards\n"),
        ),
        wanted(
            "friend: Shall we have lunch on Sunday?",
            "Subject: Sunday\n\nShall we have lunch on Sunday?\n",
        ),
        wanted(
            "friend: The specialist is free (spe-cialis-t)",
            "Subject: Friday\n\nThe specialist is free on Friday.\n",
        ),
    ]
}
