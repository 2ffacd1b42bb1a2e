//! Trying out: what a pasted text is taken for, and the candidate that it makes.

use crate::candidate::{Candidate, Delivery, Place, Recipient, Sender, SenderRole, Text};
use crate::entry::Channel;
use crate::identity::Identity;
use crate::message;
use crate::pattern::sender_meant;

/// To whom a tried message goes if the household's entries alone shall judge: nobody owns it. RFC 2606 keeps `.invalid`
/// free.
const NOBODY: &str = "someone@household.invalid";

/// What a pasted thing is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A sender's address, JID or domain.
    Address,
    /// The text of a message from somebody who isn't on the list.
    Text,
    /// The source of a mail.
    Message,
}

impl Taken {
    /// On which channels such a thing can come.
    pub fn channels(self) -> &'static [Channel] {
        match self {
            Self::Message => &[Channel::Mail],
            Self::Address | Self::Text => &[Channel::Mail, Channel::Xmpp],
        }
    }
}

/// What this is.
pub fn taken_for(pasted: &[u8]) -> Taken {
    let text = String::from_utf8_lossy(pasted.trim_ascii());
    if text.lines().nth(1).is_none() && identity(&text, Channel::Mail).is_some() {
        return Taken::Address;
    }
    // RFC 5322 section 2.2: a field begins with a name of printable ASCII and a colon. A text may begin like that,
    // too ("Note: ..."), so a second field is asked for, or one that every message has.
    let mut fields = 0;
    for line in text.lines() {
        let Some((name, _)) = line.split_once(':') else {
            if line.starts_with([' ', '\t']) && fields > 0 {
                continue;
            }
            break;
        };
        if line.starts_with([' ', '\t']) && fields > 0 {
            continue;
        }
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            break;
        }
        fields += 1;
        if fields >= 2
            || ["from", "received", "return-path", "subject"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        {
            return Taken::Message;
        }
    }
    Taken::Text
}

/// The address, JID or domain that the text is, if it is nothing else, as whoever would block it has it understood.
fn identity(text: &str, channel: Channel) -> Option<Identity> {
    let sender = sender_meant(text)?;
    let Some((local, host)) = sender.rsplit_once(['@', '\u{ff20}']) else {
        return Identity::parse_jid(&sender).ok();
    };
    let host = host.split_once('/').map_or(host, |(host, _)| host);
    match channel {
        Channel::Xmpp if !local.starts_with('"') => Identity::parse_jid(&format!("{local}@{host}")).ok(),
        Channel::Mail | Channel::Xmpp => Identity::from_mail(local, host).ok(),
    }
}

/// The candidate that it makes, addressed to `recipient`, or else to nobody: the household's entries alone judge then.
pub fn candidate(taken: Taken, pasted: &[u8], channel: Channel, recipient: Option<Identity>) -> Candidate {
    let mut candidate = Candidate::new(channel);
    let recipient = recipient.or_else(|| Identity::parse_mail(NOBODY).ok());
    candidate
        .recipients
        .extend(recipient.map(|identity| Recipient { identity, delivery: Delivery::ToAddress }));
    match taken {
        Taken::Message => message::read(pasted, &message::Limits::default()).fill(&mut candidate),
        Taken::Address => {
            let text = String::from_utf8_lossy(pasted);
            let role = match channel {
                Channel::Mail => SenderRole::From,
                Channel::Xmpp => SenderRole::Stanza,
            };
            if let Some(identity) = identity(&text, channel) {
                candidate.author = Some(identity.clone());
                candidate.senders.push(Sender { role, identity });
            }
        }
        Taken::Text => {
            let shown = String::from_utf8_lossy(pasted).into_owned();
            candidate.texts.push(Text { place: Place::Body, shown });
        }
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_a_text_and_a_message_are_told_apart() {
        for (pasted, taken) in [
            ("mallory@example.org\n", Taken::Address),
            ("example.org", Taken::Address),
            ("Hello. How are you", Taken::Text),
            ("Note: I wait for you", Taken::Text),
            ("Mail me at mallory@example.org", Taken::Text),
            ("casino", Taken::Text),
            ("@anna", Taken::Text),
            ("Mallory <mallory@example.org>", Taken::Address),
            ("From: a@example.org\r\n\r\nHello", Taken::Message),
            ("Received: from x\n\tby y\nSubject: hi\n\nHello", Taken::Message),
            ("X-A: 1\nX-B: 2\n\nHello", Taken::Message),
        ] {
            assert_eq!(taken_for(pasted.as_bytes()), taken, "{pasted}");
        }
    }

    #[test]
    fn an_address_is_tried_in_every_way_to_write_it_that_blocks_it() {
        for typed in [
            "mallory@example.org",
            "xmpp:mallory@example.org",
            "xmpp:mallory@example.org?message",
            "mailto:Mallory@Example.ORG?subject=x",
            "<mallory@example.org>",
            "Mallory <mallory@example.org>",
            "\"mallory\"@example.org",
            "mallory@example.org.",
            "mallory@example.org/phone",
            "mallory\u{ff20}example.org",
        ] {
            for channel in [Channel::Mail, Channel::Xmpp] {
                assert_eq!(taken_for(typed.as_bytes()), Taken::Address, "{typed}");
                let candidate = candidate(Taken::Address, typed.as_bytes(), channel, None);
                let author = candidate.author.map(|author| author.to_string());
                assert_eq!(author.as_deref(), Some("mallory@example.org"), "{typed} {channel:?}");
            }
        }
        let spaced = |typed: &str| candidate(Taken::Address, typed.as_bytes(), Channel::Xmpp, None).author;
        assert_eq!(spaced("\"space cadet\"@example.org"), spaced("space\\20cadet@example.org"));
        assert!(spaced("space\\20cadet@example.org").is_some());
    }
}
