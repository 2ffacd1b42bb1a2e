//! What the milter does for forwarding: it alone knows who is logged in.

use std::sync::Arc;

use policy_core::entry::{Effect, MemberId};
use policy_core::identity::Domain;
use policy_core::logins::Logins;

use super::Forwarding;
use super::address::Target;
use super::fields::Message;
use super::listener::now;
use super::say;
use super::ticket::{Errand, HEADER_LOWER};
use crate::argument;

/// So many fields that are called like ours are taken away. Postfix looks for each from the top of its queue file, so
/// that a mail made of nothing else would keep it busy for hours; and what is left does no harm: the listener refuses a
/// message with two of them.
const MOST_REMOVED: usize = 20;

/// What the milter knows of one message.
#[derive(Default)]
pub(crate) struct Seen {
    /// The names of header fields that are called like ours, as they are written.
    ours: Vec<Vec<u8>>,
    order: Option<Order>,
}

/// A recipient of ours.
struct Order {
    effect: Effect,
    member: MemberId,
    /// As the client wrote it, in lower case.
    address: String,
    /// How often it stands among the recipients: Postfix delivers to it once, whatever the case.
    times: usize,
}

/// What to do with a recipient.
pub(crate) enum AtRecipient {
    /// It is none of ours: as if there were no forwarding.
    Other,
    /// It is ours, and a member's.
    Taken,
    /// There is no such user.
    Unknown(String),
    /// We failed.
    Later,
}

/// What to do with a message.
pub(crate) enum AtEnd {
    /// It is judged like any other.
    Judge,
    /// It is delivered unjudged: an answer of ours.
    Deliver,
    /// It is delivered, unjudged, with this value of our header.
    Insert(String),
    /// It is refused with this sentence, which only members get to see.
    Refuse(String),
    /// We failed.
    Later,
}

impl Seen {
    pub(crate) fn header(&mut self, name: &[u8]) {
        let is_ours = name.trim_ascii().eq_ignore_ascii_case(HEADER_LOWER.as_bytes());
        if is_ours && self.ours.len() < MOST_REMOVED {
            self.ours.push(name.to_owned());
        }
    }

    /// Whether the message is for blocking by forwarding.
    pub(crate) fn is_order(&self) -> bool {
        self.order.is_some()
    }

    /// The fields to be taken away, by name and position from 1, the last first: then no position shifts.
    pub(crate) fn to_remove(&self) -> Vec<(&[u8], u32)> {
        let positions = (1..).zip(&self.ours);
        let mut all: Vec<(&[u8], u32)> =
            positions.map(|(position, name)| (name.as_slice(), position)).collect();
        all.reverse();
        all
    }
}

impl Forwarding {
    /// `argument` is what the client wrote, `understood` what Postfix made of it (`{rcpt_addr}`).
    pub(crate) async fn recipient(
        self: &Arc<Self>,
        seen: &mut Seen,
        argument: &str,
        understood: Option<&str>,
        login: Option<&str>,
    ) -> AtRecipient {
        let targets =
            [self.addresses.target(argument), self.addresses.target(understood.unwrap_or_default())];
        let [target] = match targets {
            [Target::Other, understood] => [understood],
            [written, _] => [written],
        };
        let effect = match target {
            Target::Other => return AtRecipient::Other,
            Target::Tagged => return self.unknown(argument),
            Target::Order(effect) => effect,
        };
        let Some(login) = login.map(str::to_owned) else { return self.unknown(argument) };
        let forwarding = Arc::clone(self);
        let member = tokio::task::spawn_blocking(move || forwarding.member(&login)).await;
        match member {
            Ok(Ok(Some(member))) => {
                let address = argument.to_ascii_lowercase();
                match &mut seen.order {
                    Some(order) if order.address == address => order.times += 1,
                    _ => seen.order = Some(Order { effect, member, address, times: 1 }),
                }
                AtRecipient::Taken
            }
            Ok(Ok(None)) => self.unknown(argument),
            Ok(Err(())) | Err(_) => AtRecipient::Later,
        }
    }

    /// Whether a recipient's mail comes to our listener.
    pub(crate) fn takes(&self, argument: &[u8]) -> bool {
        matches!(self.addresses.target(&String::from_utf8_lossy(argument)), Target::Order(_))
    }

    /// Whether a domain is one of the household's, whose `block@` members write to.
    pub(crate) fn is_ours(&self, domain: &Domain) -> bool {
        self.addresses.is_ours(domain)
    }

    /// Postfix's own words: nothing tells that the address is special.
    fn unknown(&self, argument: &str) -> AtRecipient {
        let address = argument::as_postfix_repeats(argument);
        AtRecipient::Unknown(format!("<{address}>: Recipient address rejected: {}", self.unknown_user))
    }

    /// The one member with this login.
    fn member(&self, login: &str) -> Result<Option<MemberId>, ()> {
        let members = self.lists.members().map_err(|_| ())?;
        match Logins::new(&members).owners(login).as_slice() {
            [member] => Ok(Some(*member)),
            _ => Ok(None),
        }
    }

    /// Decides about a message with `recipients` recipients. `whole`: all of it was kept.
    pub(crate) fn end(&self, seen: &Seen, recipients: usize, raw: &[u8], whole: bool) -> AtEnd {
        let Some(Order { effect, member, times, .. }) = seen.order else {
            return if !seen.ours.is_empty() && whole && self.is_our_answer(raw, now()) {
                AtEnd::Deliver
            } else {
                AtEnd::Judge
            };
        };
        // The header must not reach anybody else, nor two addresses share it.
        if recipients != times {
            return AtEnd::Refuse(say::alone());
        }
        if !whole {
            return AtEnd::Refuse(say::too_large());
        }
        match self.key.sign(Errand::Order(effect, member), &Message::split(raw).digest(), now()) {
            Ok(value) => AtEnd::Insert(value),
            Err(_) => AtEnd::Later,
        }
    }
}
