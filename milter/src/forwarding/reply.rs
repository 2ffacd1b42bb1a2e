//! What a member writes back to an answer: the word undo, or a number.

use policy_core::candidate::Place;
use policy_core::entry::EntryId;
use policy_core::meant::Meant;
use policy_core::message::{self, Forwarded, Limits};

use super::fields::Message;

/// What an answer of ours was about: the name stands in its Message-ID and in its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    Entry(EntryId),
    Question(String),
}

/// What the member wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Undo,
    Number(usize),
}

/// A reply to an answer of ours.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) about: About,
    /// `None` where it can't be understood.
    pub(super) wish: Option<Wish>,
}

/// The reply that this message is, if it is one. Mail programs name the message that is replied to (RFC 5322 section
/// 3.6.4); where one doesn't, the subject still does.
pub(super) fn read(message: &Message<'_>, raw: &[u8], forwarded: &Forwarded, meant: &Meant) -> Option<Reply> {
    let wish = wish(forwarded);
    let mut named = message.values("in-reply-to").into_iter().chain(message.values("references"));
    if let Some(about) = named.find_map(|ids| ids.split('<').rev().find_map(by_message_id)) {
        return Some(Reply { about, wish });
    }
    // Without a line that is understood it is a reply only where nothing is forwarded: anybody's message may be called so.
    if wish.is_none() && !matches!(meant, Meant::Nobody) {
        return None;
    }
    let texts = message::read(raw, &Limits::default()).texts;
    let subjects = texts.iter().filter(|text| text.place == Place::Subject);
    let about = subjects.filter_map(|text| by_subject(&text.shown)).next()?;
    Some(Reply { about, wish })
}

fn by_message_id(id: &str) -> Option<About> {
    let (name, rest) = id.split_once('.')?;
    if rest.contains(".postward@") { about(name) } else { None }
}

fn by_subject(subject: &str) -> Option<About> {
    subject.split(['[', ']']).find_map(about)
}

fn about(name: &str) -> Option<About> {
    let digits = name.strip_prefix("q-");
    if digits.is_some_and(|digits| digits.len() == 32 && digits.chars().all(|char| char.is_ascii_hexdigit()))
    {
        return Some(About::Question(name.to_owned()));
    }
    name.parse().ok().map(About::Entry)
}

/// The first line that the member wrote.
fn wish(forwarded: &Forwarded) -> Option<Wish> {
    let lines = forwarded.texts.iter().flatten();
    let line = lines.map(|line| line.trim()).find(|line| !line.is_empty() && !line.starts_with('>'))?;
    let word = line.trim_matches(|char: char| !char.is_alphanumeric()).to_lowercase();
    if word == "undo" {
        return Some(Wish::Undo);
    }
    // `-1` is no number of ours.
    let signed = line.starts_with(['-', '\u{2212}', '\u{2013}']);
    word.parse().ok().filter(|number| *number > 0 && !signed).map(Wish::Number)
}

#[cfg(test)]
mod tests {
    use policy_core::entry::Effect;

    use super::*;

    fn of(raw: &str) -> Option<Reply> {
        let forwarded = message::forwarded(raw.as_bytes());
        let meant = policy_core::meant::meant(&forwarded, false, Effect::Block, |_| false);
        read(&Message::split(raw.as_bytes()), raw.as_bytes(), &forwarded, &meant)
    }

    #[test]
    fn a_reply_is_known_by_what_it_answers_or_by_its_subject() {
        let entry = About::Entry("e-7f3k9".parse().unwrap());
        for header in [
            "In-Reply-To: <e-7f3k9.ab12.postward@home.example>",
            "References: <other@x.example>\r\n <e-7f3k9.ab12.postward@home.example>",
            "Subject: Re: Blocked [e-7f3k9]",
            "Subject: =?utf-8?B?5Zue5aSNOiBCbG9ja2VkIFtlLTdmM2s5XQ==?=",
        ] {
            for (text, wish) in [
                ("undo", Wish::Undo),
                ("\r\n Undo.\r\n\r\n> x", Wish::Undo),
                ("2", Wish::Number(2)),
                ("2)", Wish::Number(2)),
            ] {
                let raw = format!("{header}\r\n\r\n{text}\r\n");
                assert_eq!(of(&raw), Some(Reply { about: entry.clone(), wish: Some(wish) }), "{raw}");
            }
        }
        let question = format!("q-{}", "0a".repeat(16));
        for text in ["the second", "-1", "\u{2212}1", "0", "1 and 2"] {
            for header in [
                format!("In-Reply-To: <{question}.ab.postward@home.example>"),
                format!("Subject: Re: Which? [{question}]"),
            ] {
                let about = About::Question(question.clone());
                assert_eq!(
                    of(&format!("{header}\r\n\r\n{text}\r\n")),
                    Some(Reply { about, wish: None }),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn a_forwarded_message_is_no_reply() {
        for raw in [
            "Subject: Fwd: hello\r\n\r\nundo\r\n",
            "Subject: Fwd: [e-7f3k9]\r\n\r\n---- Forwarded ----\r\nFrom: m@x.example\r\n",
            "In-Reply-To: <e-7f3k9.ab12@elsewhere.example>\r\n\r\nundo\r\n",
            "Subject: \r\n\r\n",
        ] {
            assert_eq!(of(raw), None, "{raw}");
        }
    }
}
