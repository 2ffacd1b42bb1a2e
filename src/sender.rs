//! Sends members what they are told about their accounts: by mail through Postfix, in chat through the component.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use policy_core::door::{Door, DoorState};
use texts::Texts;
use xmpp_component::Messenger;

use crate::chain::smtp::{Problem, Session};
use crate::notices::Notice;
use crate::store::{Outgoing, Store, To, today};

/// How soon what waits is sent.
const EVERY: Duration = Duration::from_secs(5);

/// How long it rests after something could not be sent.
const PAUSE: Duration = Duration::from_secs(300);

/// The ways out.
pub struct Sender {
    /// The lists, which keep what waits.
    store: Arc<Store>,
    /// `HOST:PORT` where Postfix takes mail.
    mail_server: Option<String>,
    /// The chat door, and what goes out through it.
    chat: Option<(Messenger, Arc<Door>)>,
    /// What was sent, and could not be noted as sent: a full disk must not send it again and again.
    unnoted: Mutex<BTreeSet<i64>>,
}

impl Sender {
    /// Sends what waits in this store by these ways.
    pub fn new(store: Arc<Store>, mail_server: Option<String>, chat: Option<(Messenger, Arc<Door>)>) -> Self {
        Self { store, mail_server, chat, unnoted: Mutex::default() }
    }

    /// Sends until `stop` is there; ends the membership of whoever's days are over.
    pub async fn run(self: Arc<Self>, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut pause = EVERY;
        loop {
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(pause) => {}
            }
            let sender = Arc::clone(&self);
            let all_well = tokio::task::spawn_blocking(move || sender.send_all()).await.unwrap_or(false);
            pause = if all_well { EVERY } else { PAUSE };
        }
    }

    fn send_all(&self) -> bool {
        let today = today();
        if let Err(error) = self.store.end_memberships(today) {
            let why = Texts::plain().sentence(&error.sentence());
            eprintln!("postward: a removed member's list can't be deleted: {why}");
        }
        let Ok(waiting) = self.store.waiting() else { return false };
        let mut all_well = true;
        let mut unnoted = self.unnoted.lock().unwrap_or_else(PoisonError::into_inner);
        for Outgoing { id, to, notice } in waiting {
            let sent = unnoted.contains(&id)
                || match &to {
                    To::Mail(address) => self.mail(address, &notice),
                    To::Chat(jid) => self.chat(jid, &notice),
                };
            if !sent {
                all_well = false;
            } else if self.store.sent(id, today).is_ok() {
                unnoted.remove(&id);
            } else {
                unnoted.insert(id);
                all_well = false;
            }
        }
        all_well
    }

    fn chat(&self, jid: &str, notice: &Notice) -> bool {
        self.chat.as_ref().is_some_and(|(messenger, door)| {
            matches!(door.status().state, DoorState::Open { .. })
                && messenger.say(jid, &format!("{}\n\n{}", notice.subject, notice.text))
        })
    }

    fn mail(&self, address: &str, notice: &Notice) -> bool {
        let Some(server) = &self.mail_server else { return false };
        hand_in(server, address, notice).is_ok()
    }
}

fn hand_in(server: &str, address: &str, notice: &Notice) -> Result<(), Problem> {
    let mut session = Session::open(server, "localhost")?;
    // No sender: nothing is bounced, and no automaton answers (RFC 3834 section 4).
    let utf8 = if address.is_ascii() { "" } else { " SMTPUTF8" };
    session.say(&format!("MAIL FROM:<>{utf8}"), b'2')?;
    session.say(&format!("RCPT TO:<{address}>"), b'2')?;
    session.data(&mail(address, notice, Timestamp::now()))
}

/// A short mail in plain text (RFC 5322, RFC 3834 section 5).
fn mail(address: &str, notice: &Notice, now: Timestamp) -> String {
    let domain = address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let date = DateTimePrinter::new().timestamp_to_string(&now).unwrap_or_default();
    let number: u128 = rand::random();
    let mut text = format!(
        "From: Postward <postward@{domain}>\r\nTo: <{address}>\r\nSubject: {}\r\nDate: {date}\r\n\
         Message-ID: <{number:032x}.postward@{domain}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
        notice.subject
    );
    for line in notice.text.lines() {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text
}
