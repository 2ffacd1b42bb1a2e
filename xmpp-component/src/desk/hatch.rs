//! Between the stream, which must never wait, and the desk, which does.

use std::sync::Arc;
use std::time::Instant;

use minidom::Element;
use tokio::sync::mpsc;

use super::rate::Rates;
use super::{Desk, answer, say};
use crate::iq;
use crate::outbox::Outbox;

/// Stanzas that wait to be answered, and answers that wait to be sent.
const WAITING: usize = 64;

/// Takes what accounts send to the component, and hands out the answers.
pub(crate) struct Hatch {
    rates: Rates,
    stanzas: mpsc::Sender<Element>,
    outbox: Outbox,
    answers: mpsc::Receiver<Element>,
}

impl Hatch {
    /// Opens the desk; it closes with the hatch.
    pub(crate) fn open(desk: Arc<Desk>, outbox: Outbox) -> Self {
        let (stanzas, taken) = mpsc::channel(WAITING);
        let (given, answers) = mpsc::channel(WAITING);
        tokio::spawn(work(desk, taken, given));
        Self { rates: Rates::default(), stanzas, outbox, answers }
    }

    /// Takes what an account sent. The answer comes later, unless there is too much to do: then at once.
    pub(crate) fn take(&mut self, stanza: Element) -> Option<Element> {
        if !self.rates.allow(account(&stanza), Instant::now()) {
            return self.too_much(&stanza);
        }
        match self.stanzas.try_send(stanza) {
            Ok(()) => None,
            Err(mpsc::error::TrySendError::Full(stanza) | mpsc::error::TrySendError::Closed(stanza)) => {
                self.too_much(&stanza)
            }
        }
    }

    /// Requests are always answered; of what is written, only the first that isn't heard.
    fn too_much(&mut self, stanza: &Element) -> Option<Element> {
        if iq::is_request(stanza) {
            return Some(iq::error(stanza, "wait", "resource-constraint", None, None));
        }
        let written = stanza.name() == "message" && stanza.has_child("body", "jabber:client");
        let told = written && stanza.attr("type") != Some("error") && self.rates.tell(account(stanza));
        told.then(|| answer::message(stanza, &say::too_much()))
    }

    /// The next answer, or what Postward has to say of its own accord.
    pub(crate) async fn answer(&mut self) -> Element {
        tokio::select! {
            Some(answer) = self.answers.recv() => answer,
            Some(said) = self.outbox.next() => said,
            else => std::future::pending().await,
        }
    }
}

fn account(stanza: &Element) -> &str {
    let from = stanza.attr("from").unwrap_or_default();
    from.split_once('/').map_or(from, |(bare, _)| bare)
}

/// Answers one stanza after the other, so that what an account asks is done in its order.
async fn work(desk: Arc<Desk>, mut taken: mpsc::Receiver<Element>, given: mpsc::Sender<Element>) {
    while let Some(stanza) = taken.recv().await {
        let desk = Arc::clone(&desk);
        let for_desk = stanza.clone();
        let answer = tokio::task::spawn_blocking(move || desk.answer(&for_desk, Instant::now()));
        let answer = match answer.await {
            Ok(answer) => answer,
            // A fault of ours in one answer must not close the desk.
            Err(_) => iq::is_request(&stanza)
                .then(|| iq::error(&stanza, "cancel", "internal-server-error", None, None)),
        };
        if let Some(answer) = answer
            && given.send(answer).await.is_err()
        {
            return;
        }
    }
}
