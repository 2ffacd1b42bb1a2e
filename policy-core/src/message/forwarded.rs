//! What a message carries of another one that a person forwards with it: attached, or written into its text.

use super::header::Header;
use super::kind::{Form, Kind, is_html, kinds};
use super::multipart::{self, Piece, Strictness};
use super::plain::PARAGRAPH;
use super::sender::{self, Senders};
use super::{charset, encoded_word, html, transfer};
use crate::candidate::SenderRole;
use crate::identity::Identity;

/// How deeply parts are followed; a mail program nests them two or three deep when it forwards.
const DEPTH: usize = 8;

/// The most attached messages and texts that are read.
const MOST: usize = 64;

/// The most bytes that are read of one text: whoever is forwarded stands at its beginning.
const TEXT: usize = 256 << 10;

/// What a message carries of those that it forwards.
#[derive(Default)]
pub struct Forwarded {
    /// Its subject.
    pub subject: String,
    /// Its own sender fields.
    pub itself: Attached,
    /// Its own text is what is forwarded: it was redirected (RFC 5322 section 3.6.6).
    pub resent: bool,
    /// The attached messages, not those within them.
    pub attached: Vec<Attached>,
    /// The text parts, line by line, HTML as if nothing of it were hidden: styles that a message brings along could hide
    /// what the mail program wrote above it.
    pub texts: Vec<Vec<String>>,
    /// A mail program has marked in its HTML what it forwards or answers.
    pub quotes: bool,
}

/// Who an attached message names as its sender.
#[derive(Default)]
pub struct Attached {
    /// The address in From, if there is but one and readers agree.
    pub author: Option<Identity>,
    /// The addresses in Reply-To.
    pub reply_to: Vec<Identity>,
    /// Those in the names beside addresses.
    pub in_names: Vec<Identity>,
    /// Those in every other field, which may be the sender's where the author is nobody or can't be.
    pub others: Vec<Identity>,
}

/// Finds what is forwarded in a message that a member's own mail program wrote: every part in its likeliest
/// interpretation.
pub fn forwarded(raw: &[u8]) -> Forwarded {
    let header = Header::split(raw, true);
    let senders = sender::read(&header, &[], &mut |_| {});
    let subject = header.all("subject").next();
    let mut found = Forwarded {
        subject: subject.map(|field| encoded_word::best(&field.unfolded())).unwrap_or_default(),
        resent: senders.found.iter().any(|sender| sender.role == SenderRole::ResentFrom),
        itself: attached(&senders),
        ..Forwarded::default()
    };
    part(&header, false, 0, &mut found);
    found
}

fn part(header: &Header<'_>, in_digest: bool, depth: usize, found: &mut Forwarded) {
    if depth > DEPTH || found.attached.len() >= MOST || found.texts.len() >= MOST {
        return;
    }
    let kinds = kinds(header, in_digest);
    let Some(kind) = kinds.first() else { return };
    let encodings = header.values("content-transfer-encoding");
    let way = transfer::interpretations(&encodings, header.body).into_iter().next();
    let decoded = || way.map(|way| transfer::decode(way, header.body)).unwrap_or_default();
    match &kind.form {
        Form::Multipart(subtype) => {
            let Some(boundary) = kind.boundaries.first() else { return };
            let pieces = multipart::cut(header.body, boundary.trim_end().as_bytes(), Strictness::Exact);
            for piece in pieces {
                if let Piece::Part(raw) = piece {
                    part(&Header::split(raw, false), subtype == "digest", depth + 1, found);
                }
            }
        }
        Form::Message => {
            let message = decoded();
            found.attached.push(attached(&sender::read(&Header::split(&message, true), &[], &mut |_| {})));
        }
        Form::Text(subtype) => {
            let text = text(kind, &decoded());
            found.quotes |= is_html(subtype) && html::has_quote(&text);
            found.texts.push(lines(subtype, text));
        }
        Form::Signed | Form::Outlook | Form::Other => {}
    }
}

fn attached(senders: &Senders) -> Attached {
    let of = |wanted: &dyn Fn(SenderRole) -> bool| {
        let found = senders.found.iter().filter(|sender| wanted(sender.role));
        found.map(|sender| sender.identity.clone()).collect::<Vec<_>>()
    };
    let other = |role| matches!(role, SenderRole::From | SenderRole::Sender | SenderRole::ReturnPath);
    Attached {
        author: senders.author.clone(),
        reply_to: of(&|role| role == SenderRole::ReplyTo),
        in_names: of(&|role| role == SenderRole::DisplayName),
        others: of(&other),
    }
}

fn text(kind: &Kind, bytes: &[u8]) -> String {
    let labels: Vec<&str> = kind.charsets.iter().map(String::as_str).collect();
    charset::best(bytes.get(..TEXT).unwrap_or(bytes), &labels)
}

fn lines(subtype: &str, text: String) -> Vec<String> {
    let text = if is_html(subtype) { html::unstyled(&text, TEXT) } else { text };
    text.split(['\n', PARAGRAPH]).map(|line| line.trim_end_matches('\r').to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(identities: &[Identity]) -> Vec<String> {
        identities.iter().map(Identity::to_string).collect()
    }

    #[test]
    fn the_attached_message_names_its_sender_and_those_within_it_do_not_count() {
        let raw = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nplease block\r\n--b\r\n\
                   Content-Type: message/rfc822\r\n\r\nFrom: M <mallory@example.net>\r\nReply-To: r@example.net\r\n\
                   Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: message/rfc822\r\n\r\n\
                   From: friend@example.net\r\n\r\nhi\r\n--c--\r\n--b--\r\n";
        let found = forwarded(raw.as_bytes());
        assert_eq!(found.texts, [["please block"]]);
        assert_eq!(found.attached.len(), 1);
        assert_eq!(names(found.attached[0].author.as_slice()), ["mallory@example.net"]);
        assert_eq!(names(&found.attached[0].reply_to), ["r@example.net"]);
    }

    #[test]
    fn several_authors_of_an_attached_message_are_all_named() {
        let raw = "Content-Type: message/rfc822\r\n\r\nFrom: a@example.net\r\nFrom: b@example.net\r\n\r\n";
        let found = forwarded(raw.as_bytes());
        assert_eq!(names(&found.attached[0].others), ["a@example.net", "b@example.net"]);
        assert!(found.attached[0].author.is_none());
    }

    #[test]
    fn html_keeps_the_lines_of_what_it_forwards() {
        let raw = "Content-Type: text/html\r\n\r\n<div>---- Forwarded ----<br>From: <b>M</b> \
                   &lt;<a href=\"mailto:m@example.net\">m@example.net</a>&gt;<br>Date: today<br></div><p>hello</p>";
        let texts = forwarded(raw.as_bytes()).texts;
        assert!(texts[0].iter().any(|line| line.trim() == "From: M <m@example.net>"), "{:?}", texts[0]);
    }
}
