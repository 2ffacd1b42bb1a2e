//! The chat of the demo: Anna's client, and those that write to her.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use minidom::Element;

use super::interrupt::Interrupt;
use super::table::{Arrival, Row};
use crate::prosody::Prosody;
use crate::xmpp::{Client, body_of};

const ANNA: &str = "anna@home.test";
const WAIT: Duration = Duration::from_secs(20);

/// One stanza to Anna.
struct Note {
    what: &'static str,
    wanted: bool,
    from: Sender,
    content: Content,
}

enum Content {
    Message(&'static str),
    SubscriptionRequest,
}

/// Who writes; the index of the client.
#[derive(Clone, Copy)]
enum Sender {
    Mallory,
    Seller,
    Friend,
    Ben,
}

/// Everybody who is signed in.
pub(super) struct Chat {
    anna: Client,
    senders: [Client; 4],
    /// An account of the household that nobody blocks.
    marker: Client,
}

impl Chat {
    /// Signs everybody in.
    pub(super) fn sign_in(home: &Prosody, elsewhere: &Prosody) -> Result<Self> {
        let anna = Client::available(home.c2s(), "anna@home.test/phone")?;
        let senders = [
            Client::available(elsewhere.c2s(), "mallory@friends.test/phone")?,
            Client::available(elsewhere.c2s(), "seller@spam.test/phone")?,
            Client::available(elsewhere.c2s(), "friend@friends.test/phone")?,
            Client::available(home.c2s(), "ben@home.test/phone")?,
        ];
        let marker = Client::available(home.c2s(), "marker@home.test/phone")?;
        Ok(Self { anna, senders, marker })
    }

    /// Sends everything; returns once it is certain what arrives of it.
    pub(super) fn send_all(&mut self, round: u32, interrupt: &Interrupt) -> Result<Vec<Row>> {
        self.anna.inbox.clear();
        let notes = notes();
        for (number, note) in notes.iter().enumerate() {
            interrupt.check()?;
            let id = id(round, number);
            let stanza = match note.content {
                Content::Message(text) => format!(
                    "<message type='chat' to='{ANNA}' id='{id}'><body>{}</body></message>",
                    text.replace('&', "&amp;").replace('<', "&lt;")
                ),
                Content::SubscriptionRequest => format!("<presence type='subscribe' to='{ANNA}' id='{id}'/>"),
            };
            self.senders[note.from as usize].send(&stanza)?;
        }
        for sender in &mut self.senders {
            interrupt.check()?;
            pass_through(sender, &format!("{round}-passed"))?;
        }
        self.wait_for_marker(round)?;
        let rows = notes.into_iter().enumerate().map(|(number, note)| {
            let id = id(round, number);
            let sender = self.senders[note.from as usize].jid();
            let arrived = self.anna.inbox.iter().find(|stanza| is_it(stanza, &note, sender, &id));
            let arrival = match (arrived, &note.content) {
                (None, _) => Arrival::None,
                (Some(stanza), Content::Message(text)) if body_of(stanza).as_deref() != Some(text) => {
                    Arrival::Changed
                }
                (Some(_), _) => Arrival::Unchanged,
            };
            Row { what: note.what, wanted: note.wanted, arrival }
        });
        let rows = rows.collect();
        self.decline_requests()?;
        Ok(rows)
    }

    /// What arrives at Anna within this time, in words, if anything.
    pub(super) fn next_arrival(&mut self, limit: Duration) -> Result<Option<String>> {
        let Some(stanza) = self.anna.next(limit)? else { return Ok(None) };
        let from = stanza.attr("from").unwrap_or("nobody");
        Ok(match body_of(&stanza) {
            Some(body) => Some(format!("chat from {from}: {body}")),
            None if stanza.attr("type") == Some("subscribe") => {
                Some(format!("a subscription request of {from}"))
            }
            None => None,
        })
    }

    /// Sends a last message to Anna and waits until it is in her inbox.
    fn wait_for_marker(&mut self, round: u32) -> Result<()> {
        let id = id(round, usize::MAX);
        self.marker
            .send(&format!("<message type='chat' to='{ANNA}' id='{id}'><body>The end</body></message>"))?;
        while self.anna.inbox.last().is_none_or(|stanza| stanza.attr("id") != Some(&id)) {
            let stanza =
                self.anna.next(WAIT)?.context("the last message, by which the demo tells the end")?;
            self.anna.inbox.push(stanza);
        }
        Ok(())
    }

    /// So that the same requests are new ones the next time.
    fn decline_requests(&mut self) -> Result<()> {
        let requests = self.anna.inbox.iter().filter(|stanza| stanza.attr("type") == Some("subscribe"));
        let from: Vec<String> =
            requests.filter_map(|stanza| stanza.attr("from")).map(str::to_owned).collect();
        for contact in from {
            self.anna.send(&format!("<presence type='unsubscribed' to='{contact}'/>"))?;
        }
        self.anna.sync()?;
        self.anna.inbox.clear();
        Ok(())
    }
}

/// Waits until Anna's server is done with all that this client sent to her: an iq is answered even to those who are
/// blocked (RFC 6120 section 8.2.3), and only after what they sent before it.
fn pass_through(sender: &mut Client, id: &str) -> Result<()> {
    sender.send(&format!("<iq type='get' to='{ANNA}' id='{id}'><query xmlns='jabber:iq:version'/></iq>"))?;
    let answer = sender.wait_for("an answer", |stanza| stanza.attr("id") == Some(id), WAIT)?;
    let unreachable =
        |error: &Element| error.children().any(|condition| condition.name().starts_with("remote-server-"));
    if answer.children().filter(|child| child.name() == "error").any(unreachable) {
        bail!("{} can't reach {ANNA}'s server", sender.jid());
    }
    Ok(())
}

fn id(round: u32, number: usize) -> String {
    format!("demo-{round}-{number}")
}

/// Messages keep their id; of a request, servers keep the sender only.
fn is_it(stanza: &Element, note: &Note, sender: &str, id: &str) -> bool {
    match note.content {
        Content::Message(_) => stanza.attr("id") == Some(id),
        Content::SubscriptionRequest => {
            let bare = sender.split('/').next();
            stanza.attr("type") == Some("subscribe") && stanza.attr("from") == bare
        }
    }
}

fn notes() -> Vec<Note> {
    let stopped = |what, from, content| Note { what, wanted: false, from, content };
    let wanted = |what, from, content| Note { what, wanted: true, from, content };
    vec![
        stopped(
            "mallory@friends.test (blocked), other server",
            Sender::Mallory,
            Content::Message("Have you a minute?"),
        ),
        stopped("mallory@friends.test: subscription request", Sender::Mallory, Content::SubscriptionRequest),
        stopped(
            "seller@spam.test (blocked domain), other server",
            Sender::Seller,
            Content::Message("The news of the week."),
        ),
        stopped(
            "GLÜCKSSPIEL from the friend, other server",
            Sender::Friend,
            Content::Message("Heute Abend GLÜCKSSPIEL?"),
        ),
        stopped("Cialis from Ben, of the household", Sender::Ben, Content::Message("Buy Cialis & more!")),
        wanted(
            "friend, other server: Shall we have lunch ...?",
            Sender::Friend,
            Content::Message("Shall we have lunch on Sunday?"),
        ),
        wanted("friend, other server: subscription request", Sender::Friend, Content::SubscriptionRequest),
        wanted(
            "Ben, of the household: The specialist is free",
            Sender::Ben,
            Content::Message("The specialist is free on Friday."),
        ),
    ]
}
