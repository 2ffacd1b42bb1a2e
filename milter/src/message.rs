//! One mail as it comes in: the state that ends with the message, apart from the connection's.

use std::ffi::CString;

use policy_core::candidate::{Candidate, Recipient, Sender, SenderRole};
use policy_core::entry::Channel;
use policy_core::identity::Identity;
use policy_core::message::{self, envelope_identities};

use crate::budget::{Budget, Reservation};
use crate::run::InTransaction;

/// Stands for a recipient whose address can't be read: nobody owns it, so that the household's entries apply.
const NOBODY: &str = "unreadable@invalid";

/// What Postfix has sent of one mail so far.
pub(crate) struct Incoming {
    /// The address of the MAIL command, without brackets and parameters.
    sender: String,
    login: Option<String>,
    /// The RCPT arguments, byte for byte as DELRCPT must name them, and whether the mail goes out again to them.
    recipients: Vec<(CString, bool)>,
    raw: Vec<u8>,
    in_body: bool,
    cut_short: bool,
    reservation: Reservation,
    _in_transaction: InTransaction,
}

impl Incoming {
    pub(crate) fn new(mail: &[u8], login: Option<&[u8]>, in_transaction: InTransaction) -> Self {
        Self {
            sender: without_brackets(mail),
            login: login
                .filter(|login| !login.is_empty())
                .map(|login| String::from_utf8_lossy(login).into_owned()),
            recipients: Vec::new(),
            raw: Vec::new(),
            in_body: false,
            cut_short: false,
            reservation: Reservation::default(),
            _in_transaction: in_transaction,
        }
    }

    pub(crate) fn recipient(&mut self, argument: CString, mailer: Option<&[u8]>) {
        let outgoing = matches!(mailer, Some(b"smtp" | b"relay"));
        self.recipients.push((argument, outgoing));
    }

    pub(crate) fn recipient_count(&self) -> usize {
        self.recipients.len()
    }

    /// The RCPT argument at this position.
    pub(crate) fn argument(&self, position: usize) -> Option<CString> {
        self.recipients.get(position).map(|(argument, _)| argument.clone())
    }

    /// Adds a header field; its value starts with the blank after the colon (SMFIP_HDR_LEADSPC), its folds are LF.
    pub(crate) async fn header(&mut self, name: &[u8], value: &[u8], budget: &Budget, limit: usize) {
        let mut field = Vec::with_capacity(name.len() + value.len() + 8);
        field.extend_from_slice(name);
        field.push(b':');
        for &byte in value {
            if byte == b'\n' && field.last() != Some(&b'\r') {
                field.push(b'\r');
            }
            field.push(byte);
        }
        field.extend_from_slice(b"\r\n");
        self.append(&field, budget, limit).await;
    }

    /// Adds a piece of the body, which may be cut anywhere.
    pub(crate) async fn body(&mut self, chunk: &[u8], budget: &Budget, limit: usize) {
        if !self.in_body {
            self.in_body = true;
            self.append(b"\r\n", budget, limit).await;
        }
        self.append(chunk, budget, limit).await;
    }

    async fn append(&mut self, bytes: &[u8], budget: &Budget, limit: usize) {
        let room = limit.saturating_sub(self.raw.len());
        let kept = bytes.get(..room).unwrap_or(bytes);
        self.cut_short |= kept.len() < bytes.len();
        budget.reserve(&mut self.reservation, self.raw.len() + kept.len()).await;
        // A vector doubles when it is full, which would take twice what was reserved.
        if self.raw.capacity() - self.raw.len() < kept.len() {
            self.raw.reserve_exact(kept.len().max(self.raw.len() / 8));
        }
        self.raw.extend_from_slice(kept);
    }

    /// How many bytes of header and body there are to read.
    pub(crate) fn len(&self) -> usize {
        self.raw.len()
    }

    /// The message made ready to be judged.
    pub(crate) fn candidate(&self) -> Candidate {
        let mut candidate = Candidate::new(Channel::Mail);
        let envelope = envelope_identities(&self.sender).into_iter();
        candidate.senders.extend(envelope.map(|identity| Sender { role: SenderRole::Envelope, identity }));
        if let Some(login) = &self.login {
            candidate.authenticated = true;
            let identity = Identity::parse_mail(login).ok();
            candidate.senders.extend(identity.map(|identity| Sender { role: SenderRole::Login, identity }));
        }
        candidate.recipients = self
            .recipients
            .iter()
            .filter_map(|(argument, outgoing)| {
                let address = without_brackets(argument.to_bytes());
                let identity =
                    Identity::parse_mail(&address).or_else(|_| Identity::parse_mail(NOBODY)).ok()?;
                Some(Recipient { identity, outgoing: *outgoing })
            })
            .collect();
        message::read(&self.raw, &message::Limits::default()).fill(&mut candidate);
        candidate.cut_short |= self.cut_short;
        candidate
    }
}

/// The address in a MAIL or RCPT argument: without `<>` and without a source route (RFC 5321 section 4.1.1.3 and
/// appendix C). Postfix passes the argument on as the client wrote it, brackets missing or not.
fn without_brackets(argument: &[u8]) -> String {
    let text = String::from_utf8_lossy(argument);
    let text = text.trim();
    let address = text.strip_prefix('<').map_or(text, |rest| rest.strip_suffix('>').unwrap_or(rest));
    let address = match address.strip_prefix('@').and_then(|rest| rest.split_once(':')) {
        Some((_, behind_route)) => behind_route,
        None => address,
    };
    address.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_address_is_found_in_every_way_to_write_it() {
        for (argument, address) in [
            ("<mallory@example.org>", "mallory@example.org"),
            ("mallory@example.org", "mallory@example.org"),
            ("<>", ""),
            ("<@relay.example:mallory@example.org>", "mallory@example.org"),
            ("<\"a>b\"@example.org>", "\"a>b\"@example.org"),
        ] {
            assert_eq!(without_brackets(argument.as_bytes()), address);
        }
    }
}
