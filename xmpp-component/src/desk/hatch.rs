//! Between the stream, which must never wait, and the desk, which does.

use std::sync::Arc;
use std::time::Instant;

use minidom::Element;
use tokio::sync::mpsc;

use super::rate::Rates;
use super::{Desk, answer, say};
use crate::iq;
use crate::news::Changed;
use crate::outbox::Outbox;

/// Stanzas that wait to be answered, and answers that wait to be sent.
const WAITING: usize = 64;

/// Takes what accounts send to the component, and hands out the answers.
pub(crate) struct Hatch {
    rates: Rates,
    jobs: mpsc::Sender<Job>,
    outbox: Outbox,
    answers: mpsc::Receiver<Element>,
    changes: mpsc::Receiver<Element>,
    changed: Arc<Changed>,
}

/// What there is to do.
#[derive(Clone)]
enum Job {
    /// An account wants something.
    Answer(Element),
    /// The module says what an account blocks, or reports, by its client's button.
    Mirror(Element),
}

impl Hatch {
    /// Opens the desk; it closes with the hatch.
    pub(crate) fn open(desk: Arc<Desk>, outbox: Outbox, domain: &str) -> Self {
        let (jobs, taken) = mpsc::channel(WAITING);
        let (given, answers) = mpsc::channel(WAITING);
        let (to_change, changes) = mpsc::channel(WAITING);
        let changed = Arc::<Changed>::default();
        let out = Out { answers: given, changes: to_change, domain: domain.to_owned() };
        tokio::spawn(work(desk, taken, Arc::clone(&changed), out));
        Self { rates: Rates::default(), jobs, outbox, answers, changes, changed }
    }

    /// Whoever is to be told that the lists have changed.
    pub(crate) fn follower(&self) -> Arc<Changed> {
        Arc::clone(&self.changed)
    }

    /// Forgets what was to be asked of a server that was away: entries may be back. It tells all lists anew, and what is
    /// outstanding is found then.
    pub(crate) fn forget_changes(&mut self) {
        while self.changes.try_recv().is_ok() {}
    }

    /// Takes what the module says of an account's blocks and reports. The answer comes later, unless there is too much to do.
    pub(crate) fn take_list(&mut self, told: Element) -> Option<Element> {
        let refused = iq::error(&told, "wait", "resource-constraint", None, None);
        self.jobs.try_send(Job::Mirror(told)).is_err().then_some(refused)
    }

    /// Takes what an account sent. The answer comes later, unless there is too much to do: then at once.
    pub(crate) fn take(&mut self, stanza: Element) -> Option<Element> {
        if !self.rates.allow(account(&stanza), Instant::now()) {
            return self.too_much(&stanza);
        }
        match self.jobs.try_send(Job::Answer(stanza)) {
            Ok(()) => None,
            Err(
                mpsc::error::TrySendError::Full(Job::Answer(stanza))
                | mpsc::error::TrySendError::Closed(Job::Answer(stanza)),
            ) => self.too_much(&stanza),
            Err(_) => None,
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
            Some(request) = self.changes.recv() => request,
            Some(said) = self.outbox.next() => said,
            else => std::future::pending().await,
        }
    }
}

fn account(stanza: &Element) -> &str {
    let from = stanza.attr("from").unwrap_or_default();
    from.split_once('/').map_or(from, |(bare, _)| bare)
}

/// Where the answers go, and what the desk asks of Prosody.
struct Out {
    answers: mpsc::Sender<Element>,
    changes: mpsc::Sender<Element>,
    domain: String,
}

/// Does one thing after the other, so that what an account asks is done in its order.
async fn work(desk: Arc<Desk>, mut taken: mpsc::Receiver<Job>, changed: Arc<Changed>, out: Out) {
    loop {
        let job = tokio::select! {
            job = taken.recv() => match job {
                Some(job) => Some(job),
                None => return,
            },
            () = changed.wait() => None,
        };
        let look = !matches!(job, Some(Job::Answer(_)));
        if let Some(job) = job
            && let Some(answer) = done(&desk, job).await
            && out.answers.send(answer).await.is_err()
        {
            return;
        }
        if look {
            let (desk, domain) = (Arc::clone(&desk), out.domain.clone());
            let requests = tokio::task::spawn_blocking(move || desk.changing(&domain)).await;
            // What has no room comes with the list that Prosody sends after it has done the others.
            let _ = requests.unwrap_or_default().into_iter().try_for_each(|one| out.changes.try_send(one));
        }
    }
}

/// Does a job, and says what is answered.
async fn done(desk: &Arc<Desk>, job: Job) -> Option<Element> {
    let (Job::Answer(stanza) | Job::Mirror(stanza)) = job.clone();
    let desk = Arc::clone(desk);
    let answer = tokio::task::spawn_blocking(move || match job {
        Job::Answer(stanza) => desk.answer(&stanza, Instant::now()),
        Job::Mirror(told) => Some(desk.mirror(&told)),
    });
    match answer.await {
        Ok(answer) => answer,
        // A fault of ours in one answer must not close the desk.
        Err(_) => {
            iq::is_request(&stanza).then(|| iq::error(&stanza, "cancel", "internal-server-error", None, None))
        }
    }
}
