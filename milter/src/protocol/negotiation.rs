//! What both sides agree on first.

use super::macros::WANTED;
use super::{Malformed, Offer, Replies};

/// The protocol's version; also what is offered by anything newer.
const VERSION: u32 = 6;

/// `SMFIF_DELRCPT`: recipients may be removed.
const DELETE_RECIPIENT: u32 = 0x8;
/// `SMFIF_ADDHDRS` and `SMFIF_CHGHDRS`: header fields may be inserted and removed.
const HEADERS: u32 = 0x1 | 0x10;
/// `SMFIF_SETSYMLIST`: which macros are sent may be said.
const MACROS: u32 = 0x100;

/// A command whose reply may be switched off (`SMFIP_NR_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Step {
    /// A client has connected.
    Connect = 0x1000,
    /// HELO or EHLO.
    Helo = 0x2000,
    /// A header field.
    Header = 0x80,
    /// The end of the headers.
    EndOfHeaders = 0x4_0000,
    /// A piece of the body. Its reply would be the place for SKIP, which saves the rest of a body; what it costs, a round
    /// trip for each 64 KiB of every mail, is more.
    Body = 0x8_0000,
}

/// `SMFIP_NOEOH`, `SMFIP_NOUNKNOWN`: commands that we can do without.
const NOT_SENT: u32 = 0x40 | 0x100;
/// `SMFIP_HDR_LEADSPC`: header fields arrive as they were, which signatures need.
const LEADING_SPACE: u32 = 0x10_0000;

/// What was agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Negotiated {
    steps: u32,
}

impl Negotiated {
    /// Whether this command is to be answered. DATA always is: else Postfix writes twice without reading in between, and
    /// over TCP each mail waits 40 ms for a delayed acknowledgement.
    pub fn is_answered(self, step: Step) -> bool {
        self.steps & step as u32 == 0
    }
}

/// Answers an offer; `with_headers`: header fields will be changed. An MTA that can't do what we need is refused.
pub fn negotiate(offer: Offer, with_headers: bool, replies: &mut Replies) -> Result<Negotiated, Malformed> {
    let needed = DELETE_RECIPIENT | if with_headers { HEADERS } else { 0 };
    if offer.version < 2 || offer.actions & needed != needed {
        return Err(Malformed);
    }
    let unanswered = [Step::Connect, Step::Helo, Step::Header, Step::EndOfHeaders, Step::Body];
    let unanswered = unanswered.into_iter().fold(0, |steps, step| steps | step as u32);
    let steps = offer.steps & (unanswered | NOT_SENT | LEADING_SPACE);
    let (macros, wanted) = match offer.actions & MACROS {
        0 => (0, [].as_slice()),
        _ => (MACROS, WANTED.as_slice()),
    };
    replies.negotiation(offer.version.min(VERSION), needed | macros, steps, wanted);
    Ok(Negotiated { steps })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_mta_gets_every_reply_and_no_request_that_it_does_not_know() {
        let mut replies = Replies::default();
        let agreed =
            negotiate(Offer { version: 2, actions: 0x1f, steps: 0x7f }, false, &mut replies).unwrap();
        assert!(agreed.is_answered(Step::Header) && agreed.is_answered(Step::Body));
        assert_eq!(replies.pending(), b"\0\0\0\x0dO\0\0\0\x02\0\0\0\x08\0\0\0\x40");
    }

    #[test]
    fn postfix_gets_what_spares_it_round_trips() {
        let mut replies = Replies::default();
        let offer = Offer { version: 6, actions: 0x1ff, steps: 0x1f_ffff };
        let agreed = negotiate(offer, true, &mut replies).unwrap();
        for step in [Step::Connect, Step::Helo, Step::Header, Step::EndOfHeaders, Step::Body] {
            assert!(!agreed.is_answered(step));
        }
        let macros = b"\0\0\0\x02{auth_authen} {mail_addr}\0\0\0\0\x03{rcpt_mailer} {rcpt_addr}\0";
        let head = b"O\0\0\0\x06\0\0\x01\x19\0\x1c\x31\xc0";
        assert_eq!(replies.pending().get(4..), Some([head.as_slice(), macros].concat().as_slice()));
    }

    #[test]
    fn without_removing_recipients_there_is_no_filtering_and_the_mta_is_told_so_by_hanging_up() {
        for offer in
            [Offer { version: 6, actions: 0x1f7, steps: 0 }, Offer { version: 1, actions: 0x1ff, steps: 0 }]
        {
            assert_eq!(negotiate(offer, false, &mut Replies::default()), Err(Malformed));
        }
    }
}
