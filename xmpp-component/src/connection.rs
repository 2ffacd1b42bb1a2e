//! The stream to Prosody (XEP-0114), on raw elements.
//!
//! Only fixed forms travel on it, written by `mod_postward`; a stanza is text inside, so that nothing in it can end
//! the stream.

use std::borrow::Cow;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use minidom::Element;
use tokio::io::BufStream;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_xmpp::parsers::component::Handshake;
use tokio_xmpp::parsers::ns;
use tokio_xmpp::xmlstream::{ReadError, StreamHeader, Timeouts, XmlStream, initiate_stream};

use policy_core::door::Judge;

use crate::Settings;
use crate::delivered::Delivered;
use crate::desk::Hatch;
use crate::dispatch::{Module, hear};
use crate::grants::Grants;
use crate::iq::ping;
use crate::news::{self, LAST_PING, LEAVING};
use crate::received::Received;
use crate::sealed::Sealed;

/// How long connecting, and saying goodbye, may take.
const CONNECT_TIME: Duration = Duration::from_secs(15);
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// How long Prosody may be silent before it is pinged, and how long that may take it: a connection on which nothing passes any
/// more looks like a quiet one, and meanwhile nobody is asked.
const SILENCE: Timeouts =
    Timeouts { read_timeout: Duration::from_secs(10), response_timeout: Duration::from_secs(10) };

/// How long the module may take to say that it asks no more.
const LEAVE_TIME: Duration = Duration::from_secs(2);

/// How soon it is noticed that another day has begun.
const DAY_CHECKED_EVERY: Duration = Duration::from_secs(5);

/// How many answers are collected at most before they are sent.
const BATCH: usize = 256;

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum Problem {
    /// Nobody answers there.
    Unreachable(io::Error),
    /// The handshake was refused.
    SecretRefused,
    /// There is no such component in Prosody's configuration.
    UnknownDomain,
    /// Somebody else is connected as this component, or has just taken over.
    Conflict,
    /// Prosody ended the stream, with this condition (RFC 6120 section 4.9.3).
    Ended(String),
    /// The connection broke.
    Lost(io::Error),
    /// Whoever answers there isn't an XMPP server's component listener.
    NotProsody,
}

/// An established stream.
pub(crate) struct Connection {
    stream: XmlStream<BufStream<TcpStream>, Received>,
    domain: String,
    /// The module, once it has said who it is.
    module: Option<Module>,
    /// Answers that are to be sent together.
    delivered: Delivered,
    /// The module has been asked to ask no more.
    leaving: bool,
}

/// What was said besides questions.
enum Said {
    Nothing,
    /// The module asks no more.
    ToLeave,
}

impl Connection {
    /// Connects and proves to know the secret.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Problem> {
        let late = || Problem::Unreachable(io::ErrorKind::TimedOut.into());
        tokio::time::timeout(CONNECT_TIME, Self::connect(settings)).await.unwrap_or_else(|_| Err(late()))
    }

    async fn connect(settings: &Settings) -> Result<Self, Problem> {
        let socket = TcpStream::connect(&settings.address).await.map_err(Problem::Unreachable)?;
        // Questions and answers are small: without it each waits for the acknowledgement of the one before.
        socket.set_nodelay(true).map_err(Problem::Unreachable)?;
        let header = StreamHeader { to: Some(Cow::Borrowed(&settings.domain)), from: None, id: None };
        let mut pending = initiate_stream(BufStream::new(socket), ns::COMPONENT, header, SILENCE)
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => Problem::NotProsody,
                _ => Problem::Lost(error),
            })?;
        let id = pending.take_header().id.ok_or(Problem::NotProsody)?.into_owned();
        let mut stream = pending.skip_features::<Received>();
        let handshake = Handshake::from_stream_id_and_password(id, &settings.secret.0);
        // A server that doesn't know the domain has ended the stream by now: its reason is still to be read.
        let sent = stream.send(&handshake).await;
        match stream.next().await {
            Some(Ok(Received(element))) if element.is("handshake", ns::COMPONENT) => {
                sent.map_err(Problem::Lost)?;
                let domain = settings.domain.clone();
                Ok(Self { stream, domain, module: None, delivered: Delivered::default(), leaving: false })
            }
            Some(Ok(Received(element))) => Err(stream_error(&element).unwrap_or(Problem::NotProsody)),
            Some(Err(error)) => Err(read_problem(error)),
            None => Err(Problem::Lost(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Answers questions until the connection ends, and says why it did; `None` when `shutdown` was ready and all that
    /// had been asked by then is answered.
    pub(crate) async fn serve(
        &mut self,
        judge: &impl Judge,
        sealed: Sealed,
        grants: &Grants,
        hatch: &mut Hatch,
        mut shutdown: Pin<&mut impl Future<Output = ()>>,
    ) -> Option<Problem> {
        let mut days = tokio::time::interval(DAY_CHECKED_EVERY);
        let limit = tokio::time::sleep(LEAVE_TIME);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                first = self.stream.next() => match self.answer_all(first, judge, sealed, grants, hatch).await {
                    Ok(Said::ToLeave) => return None,
                    Ok(Said::Nothing) => {}
                    Err(problem) => return Some(problem),
                },
                answer = hatch.answer() => if let Err(error) = self.stream.send(&answer).await {
                    return Some(Problem::Lost(error));
                },
                () = grants.changed() => {
                    let revision = grants.revision(judge.today());
                    if let Err(problem) = self.tell_lists(sealed, revision).await {
                        return Some(problem);
                    }
                }
                // Another day is another revision.
                _ = days.tick() => { grants.revision(judge.today()); }
                () = &mut shutdown, if !self.leaving => {
                    self.leaving = true;
                    self.leave().await.ok()?;
                    limit.as_mut().reset(Instant::now() + LEAVE_TIME);
                }
                () = &mut limit, if self.leaving => return None,
            }
        }
    }

    /// Answers all that has arrived before anything is sent: one write for many answers.
    async fn answer_all(
        &mut self,
        first: Option<Result<Received, ReadError>>,
        judge: &impl Judge,
        sealed: Sealed,
        grants: &Grants,
        hatch: &mut Hatch,
    ) -> Result<Said, Problem> {
        let mut said = Said::Nothing;
        let mut next = Some(first.ok_or_else(|| Problem::Lost(io::ErrorKind::UnexpectedEof.into()))?);
        let mut taken = 0;
        while let Some(received) = next {
            match self.handle(received, judge, sealed, grants, hatch).await {
                Ok(Said::Nothing) => {}
                Ok(Said::ToLeave) => said = Said::ToLeave,
                // It has spoken the protocol before: a stream that breaks off in the middle was cut.
                Err(Problem::NotProsody) => return Err(Problem::Lost(io::ErrorKind::UnexpectedEof.into())),
                Err(other) => return Err(other),
            }
            taken += 1;
            next = if taken < BATCH { self.stream.next().now_or_never().flatten() } else { None };
        }
        for answer in self.delivered.take(&self.domain) {
            self.feed(&answer).await?;
        }
        SinkExt::<&Element>::flush(&mut self.stream).await.map_err(Problem::Lost)?;
        Ok(said)
    }

    async fn handle(
        &mut self,
        received: Result<Received, ReadError>,
        judge: &impl Judge,
        sealed: Sealed,
        grants: &Grants,
        hatch: &mut Hatch,
    ) -> Result<Said, Problem> {
        let element = match received {
            Ok(Received(element)) => element,
            Err(ReadError::ParseError(_)) => return Ok(Said::Nothing),
            Err(ReadError::SoftTimeout) => {
                self.feed(&ping("ping", &self.domain)).await?;
                return Ok(Said::Nothing);
            }
            Err(error) => return Err(read_problem(error)),
        };
        if let Some(problem) = stream_error(&element) {
            return Err(problem);
        }
        match element.attr("id").filter(|_| self.leaving) {
            // An error is Prosody's own: the module has been unloaded since.
            Some(LEAVING) if matches!(element.attr("type"), Some("result" | "error")) => {
                return Ok(Said::ToLeave);
            }
            Some(LAST_PING) if self.module.is_none() => return Ok(Said::ToLeave),
            Some(LAST_PING) => {
                self.leave().await?;
                return Ok(Said::Nothing);
            }
            _ => {}
        }
        if let Some(revision) = news::heard(&element) {
            grants.hear(revision);
        }
        let heard = hear(&element, &self.domain, judge, sealed, grants, self.module.as_ref());
        if let Some(asked) = heard.delivered {
            self.delivered.add(asked);
        }
        if heard.for_mirror
            && let Some(answer) = hatch.take_list(element.clone())
        {
            self.feed(&answer).await?;
        }
        if let Some(answer) = heard.answer.or_else(|| hatch.take(heard.for_desk?)) {
            self.feed(&answer).await?;
        }
        if let Some(module) = heard.module {
            let revision = grants.revision(judge.today());
            self.feed(&news::lists(&self.domain, &module.host, sealed, revision)).await?;
            self.module = Some(module);
        }
        Ok(Said::Nothing)
    }

    /// Asks the module to ask no more. It says who it is as soon as there is a component: if it hasn't been heard yet, any
    /// sign of life that the server gives comes behind that.
    async fn leave(&mut self) -> Result<(), Problem> {
        let last = match &self.module {
            Some(module) => news::leaving(&self.domain, &module.host),
            None => ping(LAST_PING, &self.domain),
        };
        self.stream.send(&last).await.map_err(Problem::Lost)
    }

    async fn tell_lists(&mut self, sealed: Sealed, revision: u64) -> Result<(), Problem> {
        let Some(module) = &self.module else { return Ok(()) };
        let lists = news::lists(&self.domain, &module.host, sealed, revision);
        self.stream.send(&lists).await.map_err(Problem::Lost)
    }

    async fn feed(&mut self, element: &Element) -> Result<(), Problem> {
        self.stream.feed(element).await.map_err(Problem::Lost)
    }

    /// Says goodbye, and waits for the server's: it has read all answers then.
    pub(crate) async fn close(&mut self) {
        let goodbye = async {
            if self.stream.shutdown().await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        let _ = tokio::time::timeout(CLOSE_TIME, goodbye).await;
    }
}

fn read_problem(error: ReadError) -> Problem {
    match error {
        ReadError::HardError(error) if error.kind() == io::ErrorKind::InvalidData => Problem::NotProsody,
        ReadError::HardError(error) => Problem::Lost(error),
        ReadError::StreamFooterReceived => Problem::Ended("end of the stream".to_owned()),
        ReadError::SoftTimeout => Problem::Lost(io::ErrorKind::TimedOut.into()),
        ReadError::ParseError(_) => Problem::NotProsody,
    }
}

/// What a stream error means (RFC 6120 section 4.9.3, XEP-0114 section 3).
fn stream_error(element: &Element) -> Option<Problem> {
    if !element.is("error", ns::STREAM) {
        return None;
    }
    let condition = element.children().map(Element::name).find(|&name| name != "text").unwrap_or("no reason");
    Some(match condition {
        "not-authorized" => Problem::SecretRefused,
        "host-unknown" => Problem::UnknownDomain,
        "conflict" => Problem::Conflict,
        other => Problem::Ended(other.to_owned()),
    })
}
