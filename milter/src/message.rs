//! One mail as it comes in: the state that ends with the message, apart from the connection's.

use std::sync::Arc;

use policy_core::candidate::{Candidate, Delivery, Recipient, Sender, SenderRole};
use policy_core::entry::Channel;
use policy_core::identity::{Identity, folds_alike};
use policy_core::message::{Unread, envelope_identities};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::argument;
use crate::budget::Reservation;
use crate::content::Content;
use crate::forwarding::Seen;

/// Bytes that an envelope may take. A thousand recipients (Postfix's `smtpd_recipient_limit`) take a tenth of it.
const ENVELOPE: usize = 1 << 20;

/// Of these, so many are every message's own, a hundred recipients of usual length; the rest comes out of what all envelopes
/// share.
const OWN: usize = 16 << 10;

/// What a recipient takes besides its address.
const RECIPIENT: usize = 100;

/// Stands for a recipient whose address can't be read: nobody owns it, so that the household's entries apply.
const NOBODY: &str = "unreadable@invalid";

/// What Postfix has sent of one mail so far.
pub(crate) struct Incoming {
    pub(crate) envelope: Envelope,
    content: Content,
    /// Where each header field is put together.
    field: Vec<u8>,
    in_body: bool,
    cut_short: bool,
    /// What blocking by forwarding has to know.
    pub(crate) seen: Seen,
    reservation: Reservation,
}

/// From whom to whom, as the SMTP client has it.
pub(crate) struct Envelope {
    /// The address of the MAIL command, without brackets and parameters; empty for the null sender.
    pub(crate) sender: String,
    /// Who has logged in, if anybody has.
    pub(crate) login: Option<String>,
    /// What they say of the message: read once, and needed for each recipient.
    said: Candidate,
    pub(crate) recipients: Vec<Addressee>,
    /// Bytes that the recipients take.
    length: usize,
    /// What they take of the bytes that all envelopes share.
    shared: Option<OwnedSemaphorePermit>,
}

/// A recipient.
pub(crate) struct Addressee {
    /// Byte for byte as DELRCPT must name it.
    pub(crate) name: Vec<u8>,
    /// Whom Postfix understands by it. `<alice>`, `<alice%example.org>` and `<example.org!alice>` are Alice, too.
    identity: Option<Identity>,
    /// What becomes of the mail to them.
    delivery: Delivery,
}

/// A mail that has come in as a whole.
pub(crate) struct Received {
    pub(crate) envelope: Envelope,
    /// Header and body as far as they were kept.
    content: Content,
    cut_short: bool,
    pub(crate) seen: Seen,
    _reservation: Reservation,
}

impl Addressee {
    /// `argument` is what the client wrote, `understood` what Postfix made of it (`{rcpt_addr}`). `mailer` is its
    /// `{rcpt_mailer}`: the transport that the recipient's mail will take. `relay` isn't one that leads out: by default, a
    /// household's own domains that another machine keeps are reached by it. Nor is `smtp` where the address is `ours`.
    /// Postfix tells the address with its case folded, so that `straße.example` becomes somebody else's `strasse.example`:
    /// where nothing but that differs, what the client wrote counts.
    /// Where `cleanup` asks for mail from `sendmail` (`non_smtpd_milters`), there is no `{rcpt_mailer}`. Most of it goes out, and
    /// what is dropped there is lost without a word: it is judged for those alone who are known to be here.
    pub(crate) fn new(
        argument: &[u8],
        understood: Option<&[u8]>,
        mailer: Option<&[u8]>,
        ours: impl Fn(&Identity) -> bool,
    ) -> Self {
        let read = |text: &str| Identity::parse_mail(text).ok();
        let written = argument::address(argument);
        let identity = understood
            .map(String::from_utf8_lossy)
            .filter(|understood| !folds_alike(understood, &written))
            .and_then(|understood| read(&understood))
            .or_else(|| read(&written))
            .or_else(|| read(NOBODY));
        let may_lead_out = mailer.map_or(understood.is_some(), |transport| transport == b"smtp");
        let delivery = match mailer {
            _ if may_lead_out && !identity.as_ref().is_some_and(ours) => Delivery::Elsewhere,
            Some(b"local") => Delivery::ToAccount,
            _ => Delivery::ToAddress,
        };
        Self { name: argument::named(argument).to_vec(), identity, delivery }
    }

    fn recipient(&self) -> Option<Recipient> {
        Some(Recipient { identity: self.identity.clone()?, delivery: self.delivery })
    }
}

impl Envelope {
    /// `mail` is the argument of MAIL, `understood` what Postfix made of it (`{mail_addr}`).
    fn new(mail: &[u8], understood: Option<&[u8]>, login: Option<&[u8]>) -> Self {
        let sender = argument::address(mail).into_owned();
        let understood = understood.map(String::from_utf8_lossy);
        let understood = understood.filter(|other| !folds_alike(other, &sender));
        let login = login.map(|login| String::from_utf8_lossy(login).into_owned());
        let mut said = Candidate::new(Channel::Mail);
        for address in [Some(sender.as_str()), understood.as_deref()].into_iter().flatten() {
            let senders = envelope_identities(address).into_iter();
            said.senders.extend(senders.map(|identity| Sender { role: SenderRole::Envelope, identity }));
        }
        if let Some(login) = &login {
            said.authenticated = true;
            said.login = Some(login.clone());
            let identity = Identity::parse_mail(login).ok();
            said.senders.extend(identity.map(|identity| Sender { role: SenderRole::Login, identity }));
        }
        Self { sender, login, said, recipients: Vec::new(), length: 0, shared: None }
    }

    /// Adds a recipient, beyond the message's own bytes out of those in `pool`. False: there is no room for as many. It is never
    /// waited for: whoever names many recipients and then falls silent, as SMTP allows for minutes, would hold up others.
    pub(crate) fn add(&mut self, recipient: Addressee, pool: &Arc<Semaphore>) -> bool {
        let length = self.length + recipient.name.len() + RECIPIENT;
        if length > ENVELOPE {
            return false;
        }
        let more = length.saturating_sub(self.length.max(OWN));
        if more > 0 {
            let permits = u32::try_from(more).unwrap_or(u32::MAX);
            let Ok(taken) = Arc::clone(pool).try_acquire_many_owned(permits) else { return false };
            match &mut self.shared {
                Some(shared) => shared.merge(taken),
                none => *none = Some(taken),
            }
        }
        self.length = length;
        self.recipients.push(recipient);
        true
    }

    /// What it says by itself of a message to these recipients.
    pub(crate) fn candidate<'r>(&self, recipients: impl IntoIterator<Item = &'r Addressee>) -> Candidate {
        let recipients = recipients.into_iter().filter_map(Addressee::recipient).collect();
        Candidate { recipients, ..self.said.clone() }
    }
}

impl Incoming {
    /// `mail` is the argument of MAIL, `understood` what Postfix made of it.
    pub(crate) fn new(
        mail: &[u8],
        understood: Option<&[u8]>,
        login: Option<&[u8]>,
        reservation: Reservation,
    ) -> Self {
        let envelope = Envelope::new(mail, understood, login);
        Self {
            envelope,
            content: Content::default(),
            field: Vec::new(),
            in_body: false,
            cut_short: false,
            seen: Seen::default(),
            reservation,
        }
    }

    /// Waits until another `bytes` bytes of the content may be kept.
    pub(crate) async fn room_for(&mut self, bytes: usize) {
        self.reservation.reach(self.content.len() + bytes).await;
    }

    /// Adds a header field; its value starts with the blank after the colon (SMFIP_HDR_LEADSPC), its folds are LF.
    pub(crate) async fn header(&mut self, name: &[u8], value: &[u8], limit: usize) {
        self.seen.header(name);
        let mut field = std::mem::take(&mut self.field);
        field.clear();
        field.extend_from_slice(name);
        field.push(b':');
        let mut rest = value;
        while let Some((line, behind)) = memchr::memchr(b'\n', rest).and_then(|at| rest.split_at_checked(at))
        {
            field.extend_from_slice(line);
            field.extend_from_slice(if line.ends_with(b"\r") { b"\n" } else { b"\r\n" });
            rest = behind.get(1..).unwrap_or_default();
        }
        field.extend_from_slice(rest);
        field.extend_from_slice(b"\r\n");
        self.append(&field, limit).await;
        self.field = field;
    }

    /// Adds a piece of the body, which may be cut anywhere.
    pub(crate) async fn body(&mut self, piece: &[u8], limit: usize) {
        if !self.in_body {
            self.in_body = true;
            self.append(b"\r\n", limit).await;
        }
        self.append(piece, limit).await;
    }

    async fn append(&mut self, bytes: &[u8], limit: usize) {
        if !self.is_wanted() {
            return;
        }
        let room = limit.saturating_sub(self.content.len());
        let kept = bytes.get(..room).unwrap_or(bytes);
        self.cut_short |= kept.len() < bytes.len();
        self.room_for(kept.len()).await;
        self.content.append(kept, limit);
    }

    /// Whether anybody will look at what is in it: what only goes out again is delivered whatever it says.
    fn is_wanted(&self) -> bool {
        self.seen.is_order()
            || self.envelope.recipients.iter().any(|recipient| recipient.delivery != Delivery::Elsewhere)
    }

    /// How many bytes of header and body there are to read.
    pub(crate) fn len(&self) -> usize {
        self.content.len()
    }

    /// The mail as a whole.
    pub(crate) fn complete(self) -> Received {
        let Self { envelope, content, cut_short, seen, reservation, .. } = self;
        Received { envelope, content, cut_short, seen, _reservation: reservation }
    }
}

impl Received {
    /// Header and body, byte for byte, unless something of them was over the limit.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        (!self.cut_short).then_some(self.content.as_ref())
    }

    /// Header and body, as far as they were kept, and whether that is all.
    pub(crate) fn raw(&self) -> (&[u8], bool) {
        (self.content.as_ref(), !self.cut_short)
    }

    /// The message made ready to be judged.
    pub(crate) fn candidate(self: &Arc<Self>) -> Candidate {
        let mut candidate = self.envelope.candidate(&self.envelope.recipients);
        Unread::fill(Arc::clone(self) as _, &mut candidate);
        candidate.cut_short |= self.cut_short;
        candidate
    }
}

/// Header and body, as far as they were kept.
impl AsRef<[u8]> for Received {
    fn as_ref(&self) -> &[u8] {
        self.content.as_ref()
    }
}
