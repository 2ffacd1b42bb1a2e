//! One connection from Postfix: one SMTP session, many mails. It collects a mail and carries the answer, and decides
//! nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use policy_core::door::{Judge, JudgingFailed};
use policy_core::entry::Channel;
use policy_core::identity::Identity;
use policy_core::probe::{self, Kind};
use policy_core::verdict::{Judgement, Outcome};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::forwarding::{AtEnd, AtRecipient, HEADER};
use crate::message::{Addressee, Incoming, Received};
use crate::proof::Client;
use crate::protocol::{
    ClientAddress, Command, Macros, Malformed, Negotiated, Order, Replies, Step, negotiate,
};
use crate::run::Shared;
use crate::verdict::{Answer, answer};

/// One sentence for every cause: nothing that goes out says that a list exists.
const REFUSAL: &str = "550 5.7.1 The message could not be accepted";

/// RFC 5321 section 4.5.3.1.10: the client sends the message to the others in another transaction.
const TOO_MANY: &str = "452 4.5.3 Too many recipients";

/// When we fail.
const LATER: &str = "451 4.7.1 Please try again later";

/// RFC 5321 section 4.5.3.1.2: a domain has no more octets. What is longer names nobody, and isn't kept.
const LONGEST_DOMAIN: usize = 255;

/// What is known of a connection, and of the mail that is on its way.
pub(crate) struct Session<J> {
    shared: Arc<Shared<J>>,
    order: Order,
    agreed: Negotiated,
    macros: Macros,
    client: Client,
    message: Option<Incoming>,
    /// Postward's own probe that comes in by this connection.
    probe: Option<Probe>,
}

/// A probe on its way: its token counts for one message.
struct Probe {
    token: String,
    kind: Kind,
}

impl<J: Judge> Session<J> {
    pub(crate) fn new(shared: Arc<Shared<J>>) -> Self {
        Self {
            shared,
            order: Order::default(),
            agreed: Negotiated::default(),
            macros: Macros::default(),
            client: Client::default(),
            message: None,
            probe: None,
        }
    }

    /// How far the connection has come.
    pub(crate) fn order(&self) -> Order {
        self.order
    }

    /// How long may be waited for the content in all, where others wait for memory.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.shared.budget.patience()
    }

    /// The peer has been waited for for that long.
    pub(crate) fn stalled(&self) {
        self.shared.budget.stalled();
    }

    /// Waits until another `bytes` bytes of the message may be kept.
    pub(crate) async fn room_for(&mut self, bytes: usize) -> Result<(), Malformed> {
        // Only messages are long.
        self.message.as_mut().ok_or(Malformed)?.room_for(bytes).await;
        Ok(())
    }

    /// Does what a command says, and adds the replies to it. False: this was the last.
    pub(crate) async fn take(
        &mut self,
        command: Command<'_>,
        replies: &mut Replies,
    ) -> Result<bool, Malformed> {
        self.order = self.order.after(&command)?;
        match command {
            Command::Negotiate(offer) => {
                self.agreed = negotiate(offer, self.shared.forwarding.is_some(), replies)?;
            }
            Command::Macros { stage, definitions } => self.macros.define(stage, definitions),
            // Also after XCLIENT, by which Postfix is told of another client.
            Command::Connect(address) => {
                self.forget();
                self.client.address = match address {
                    ClientAddress::Ip(address) => Some(address),
                    ClientAddress::None => None,
                };
                self.go_on(Step::Connect, replies);
            }
            Command::Helo(name) => {
                self.message = None;
                let name = Some(name).filter(|name| name.len() <= LONGEST_DOMAIN).unwrap_or_default();
                self.client.helo = String::from_utf8_lossy(name).into_owned();
                self.probe = self.expected_probe();
                self.go_on(Step::Helo, replies);
            }
            Command::Mail(argument) => {
                let (login, understood) = self.macros.take_sender();
                // The one before gives back what it had reserved.
                self.message = None;
                let reservation = self.shared.budget.message();
                self.message =
                    Some(Incoming::new(argument, understood.as_deref(), login.as_deref(), reservation));
                replies.go_on();
            }
            Command::Rcpt(argument) => self.recipient(argument, replies).await,
            Command::Data | Command::Unknown => replies.go_on(),
            Command::Header { name, value } => {
                if let Some(message) = &mut self.message {
                    message.header(name, value, self.shared.limits.message_bytes).await;
                }
                self.go_on(Step::Header, replies);
            }
            Command::EndOfHeaders => self.go_on(Step::EndOfHeaders, replies),
            Command::Body { piece, last } => {
                self.body(piece).await;
                if last {
                    self.go_on(Step::Body, replies);
                }
            }
            Command::EndOfMessage(rest) => {
                if !rest.is_empty() {
                    self.body(rest).await;
                }
                self.end_of_message(replies).await;
            }
            Command::Abort => self.message = None,
            Command::NextConnection => self.forget(),
            Command::Quit => return Ok(false),
        }
        Ok(true)
    }

    /// Forgets the client and its mail.
    fn forget(&mut self) {
        self.client = Client::default();
        self.macros = Macros::default();
        self.message = None;
        self.probe = None;
    }

    /// The probe that introduces itself, if one is on its way under this name.
    fn expected_probe(&self) -> Option<Probe> {
        let token = probe::token_of(&self.client.helo)?;
        let kind = self.shared.judge.probes()?.asked(token, Channel::Mail, Instant::now())?;
        Some(Probe { token: token.to_owned(), kind })
    }

    fn go_on(&self, step: Step, replies: &mut Replies) {
        if self.agreed.is_answered(step) {
            replies.go_on();
        }
    }

    async fn body(&mut self, piece: &[u8]) {
        if let Some(message) = &mut self.message {
            message.body(piece, self.shared.limits.message_bytes).await;
        }
    }

    async fn recipient(&mut self, argument: &[u8], replies: &mut Replies) {
        let (mailer, understood) = self.macros.take_recipient();
        let trusted = self.client.is_one_of(&self.shared.trusted);
        let Some(message) = &mut self.message else { return replies.go_on() };
        let shared = &self.shared;
        if self.probe.is_some() {
            let recipient = Addressee::new(argument, understood.as_deref(), None, |_| true);
            return keep(message, recipient, &shared.envelopes, replies);
        }
        let for_us = forwarded_to(message, argument, understood.as_deref(), shared).await;
        match for_us {
            AtRecipient::Unknown(text) => return replies.say(&format!("550 5.1.1 {text}")),
            AtRecipient::Later => return replies.try_later(),
            AtRecipient::Other | AtRecipient::Taken => {}
        }
        let ours = |address: &Identity| shared.is_ours(address);
        let recipient = Addressee::new(argument, understood.as_deref(), mailer.as_deref(), ours);
        if matches!(for_us, AtRecipient::Other) && !trusted {
            let envelope = message.envelope.candidate([&recipient]);
            if shared.judge.refuses(&envelope) {
                return replies.say(REFUSAL);
            }
        }
        keep(message, recipient, &shared.envelopes, replies);
    }

    async fn end_of_message(&mut self, replies: &mut Replies) {
        let Some(message) = self.message.take() else { return replies.accept() };
        if let Some(probe) = self.probe.take() {
            return self.end_of_probe(&probe, message.complete(), replies);
        }
        let shared = &self.shared;
        shared.budget.goes_on(message.len());
        let turn = shared.turns.take(message.len()).await;
        let message = message.complete();
        if forwarded(&message, shared, replies) {
            return;
        }
        if self.client.is_one_of(&shared.trusted) {
            return replies.accept();
        }
        let message = Arc::new(message);
        let judged = judge(&message, &self.client, shared, turn).await;
        match answer(judged, message.envelope.recipients.len(), shared.judge.failure_mode()) {
            Answer::Accept => replies.accept(),
            Answer::Discard => replies.discard(),
            Answer::Refuse => replies.say(REFUSAL),
            Answer::HoldOff => replies.say(LATER),
            Answer::Remove(positions) => {
                for recipient in positions.iter().filter_map(|&at| message.envelope.recipients.get(at)) {
                    replies.delete_recipient(&recipient.name);
                }
                replies.accept();
            }
        }
    }
}

impl<J: Judge> Session<J> {
    /// Judges a probe and takes it away, whatever the verdict: only a plain one that is addressed to our own listener goes on,
    /// to there. Notices to the admin go on unjudged.
    fn end_of_probe(&self, probe: &Probe, message: Received, replies: &mut Replies) {
        if probe.kind == Kind::Notice {
            return replies.accept();
        }
        let forwarding = self.shared.forwarding.as_ref();
        let to_us = forwarding.is_some_and(|forwarding| {
            message.envelope.recipients.iter().all(|recipient| forwarding.takes(&recipient.name))
        });
        let candidate = Arc::new(message).candidate();
        let judged = self.shared.judge.judge_probe(&candidate, probe.kind);
        if let (Ok(outcome), Some(probes)) = (judged, self.shared.judge.probes()) {
            probes.judged(&probe.token, outcome);
        }
        if judged == Ok(Outcome::Deliver) && probe.kind == Kind::Plain && to_us {
            replies.accept();
        } else {
            replies.discard();
        }
    }
}

/// Adds a recipient, where there is room for it.
fn keep(message: &mut Incoming, recipient: Addressee, pool: &Arc<Semaphore>, replies: &mut Replies) {
    if message.envelope.add(recipient, pool) { replies.go_on() } else { replies.say(TOO_MANY) }
}

/// Whether a recipient stands for blocking by forwarding, and the answer to it.
async fn forwarded_to<J: Judge>(
    message: &mut Incoming,
    argument: &[u8],
    understood: Option<&[u8]>,
    shared: &Shared<J>,
) -> AtRecipient {
    let Some(forwarding) = &shared.forwarding else { return AtRecipient::Other };
    let (argument, understood) = (String::from_utf8_lossy(argument), understood.map(String::from_utf8_lossy));
    let login = message.envelope.login.as_deref();
    forwarding.recipient(&mut message.seen, &argument, understood.as_deref(), login).await
}

/// Takes our header away wherever it comes from. True: the message is forwarded to us or comes from us, and is answered;
/// all others are judged.
fn forwarded<J: Judge>(message: &Received, shared: &Shared<J>, replies: &mut Replies) -> bool {
    let Some(forwarding) = &shared.forwarding else { return false };
    for (name, position) in message.seen.to_remove() {
        replies.delete_header(name, position);
    }
    let (raw, whole) = message.raw();
    match forwarding.end(&message.seen, message.envelope.recipients.len(), raw, whole) {
        AtEnd::Judge => return false,
        AtEnd::Deliver => replies.accept(),
        AtEnd::Insert(value) => {
            replies.insert_header(HEADER, &format!(" {value}"));
            replies.accept();
        }
        AtEnd::Refuse(text) => replies.say(&format!("550 5.7.1 {text}")),
        AtEnd::Later => replies.try_later(),
    }
    true
}

/// Judges the message once; where an allow entry would win, asks for proof and takes the verdicts that follow from it.
/// A large message has its turn until it is judged.
async fn judge<J: Judge>(
    message: &Arc<Received>,
    client: &Client,
    shared: &Arc<Shared<J>>,
    turn: Option<SemaphorePermit<'_>>,
) -> Result<Judgement, JudgingFailed> {
    let (judgement, author) = if turn.is_none() {
        judge_now(message, shared)
    } else {
        let (message, shared) = (Arc::clone(message), Arc::clone(shared));
        let judging = tokio::task::spawn_blocking(move || judge_now(&message, &shared));
        judging.await.unwrap_or(Err(JudgingFailed))
    }?;
    drop(turn);
    let Some(author) = author.filter(|_| judgement.proof_matters()) else {
        return Ok(judgement);
    };
    let proven = shared.prover.proves(&author, message, client).await;
    Ok(shared.judge.settle(judgement, proven))
}

/// The judgement, and the author whom it may be about. A panic in reading a message is our fault: the failure mode
/// decides, the door stays open.
fn judge_now<J: Judge>(
    message: &Arc<Received>,
    shared: &Shared<J>,
) -> Result<(Judgement, Option<Identity>), JudgingFailed> {
    let judged = catch_unwind(AssertUnwindSafe(|| {
        let candidate = message.candidate();
        let judgement = shared.judge.judge(&candidate)?;
        Ok((judgement, candidate.author))
    }));
    judged.unwrap_or(Err(JudgingFailed))
}
