//! The answer to a member: a short mail in plain text, with a way back.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::{Deserialize, Serialize};

use super::fields::Message;
use super::ticket::{Errand, HEADER, Key, LIFETIME, random};

/// What to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Saying {
    /// A word or two.
    pub(super) subject: String,
    /// The name of the entry or question that a reply is about.
    pub(super) about: Option<String>,
    /// Sentences, a paragraph each.
    pub(super) paragraphs: Vec<String>,
}

/// An answer on its way.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) to: String,
    pub(super) content: String,
    /// When it is given up, in seconds since 1970.
    pub(super) until: u64,
}

/// Writes the answer: automatic (RFC 3834), so that no other automaton answers to it.
pub(super) fn write(
    saying: &Saying,
    domain: &str,
    to: &str,
    answers: Option<&str>,
    key: &Key,
    now: u64,
) -> io::Result<Answer> {
    let name = saying.about.as_ref().map(|about| format!("{about}.")).unwrap_or_default();
    let subject = match &saying.about {
        Some(about) => format!("{} [{about}]", saying.subject),
        None => saying.subject.clone(),
    };
    let mut text = format!(
        "From: Postward <block@{domain}>\r\nTo: <{to}>\r\nReply-To: <block@{domain}>\r\nSubject: {subject}\r\n\
         Date: {}\r\nMessage-ID: <{name}{}.postward@{domain}>\r\n",
        date(now),
        random()?
    );
    // A Message-ID of somebody's making must not break our header.
    if let Some(id) = answers.filter(|id| id.len() < 900 && id.bytes().all(|byte| byte.is_ascii_graphic())) {
        text.push_str(&format!("In-Reply-To: {id}\r\nReferences: {id}\r\n"));
    }
    text.push_str(
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
    );
    let body = saying.paragraphs.join("\r\n\r\n") + "\r\n";
    let encoded = STANDARD.encode(body);
    for line in encoded.as_bytes().chunks(76) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push_str("\r\n");
    }
    let digest = Message::split(text.as_bytes()).digest();
    let ticket = key.sign(Errand::Answer, &digest, now)?;
    Ok(Answer {
        to: to.to_owned(),
        content: format!("{HEADER}: {ticket}\r\n{text}"),
        until: now.saturating_add(LIFETIME),
    })
}

/// A date as RFC 5322 section 3.3 writes it, in UTC.
fn date(now: u64) -> String {
    let moment = i64::try_from(now).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    DateTimePrinter::new().timestamp_to_string(&moment.unwrap_or(Timestamp::UNIX_EPOCH)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_automatic_and_carries_its_way_back() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::open(folder.path()).unwrap();
        let saying = Saying {
            subject: "Blocked".to_owned(),
            about: Some("e-7f3k9".to_owned()),
            paragraphs: vec!["a@x.example is blocked.".to_owned(), "ü".repeat(100)],
        };
        let answer = write(&saying, "home.example", "a@home.example", Some("<id@x>"), &key, 0).unwrap();
        let text = &answer.content;
        for line in [
            "Auto-Submitted: auto-replied",
            "From: Postward <block@home.example>",
            "Reply-To: <block@home.example>",
            "To: <a@home.example>",
            "Subject: Blocked [e-7f3k9]",
            "In-Reply-To: <id@x>",
            "References: <id@x>",
            "Date: Thu, 1 Jan 1970 00:00:00 -0000",
        ] {
            assert!(text.lines().any(|there| there == line), "{line} is missing in {text}");
        }
        assert!(text.contains("Message-ID: <e-7f3k9."));
        assert!(text.lines().all(|line| line.len() < 200));
        let message = Message::split(text.as_bytes());
        let header = message.values("postward-forwarded").remove(0);
        assert_eq!(key.check(&header, &message.digest(), 0).unwrap().errand, Errand::Answer);
    }

    #[test]
    fn nothing_of_a_strangers_making_gets_into_the_header() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::open(folder.path()).unwrap();
        let saying = Saying { subject: "x".to_owned(), about: None, paragraphs: vec![] };
        let answer =
            write(&saying, "home.example", "a@home.example", Some("<id@x>\r\nBcc: b@x"), &key, 0).unwrap();
        assert!(!answer.content.contains("Bcc"));
    }
}
