//! The stream to Prosody (XEP-0114), on raw elements.
//!
//! Only fixed forms travel on it, written by `mod_postward`; a stanza is text inside, so that nothing in it can end
//! the stream.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use minidom::Element;
use tokio::io::BufStream;
use tokio::net::TcpStream;
use tokio_xmpp::parsers::component::Handshake;
use tokio_xmpp::parsers::ns;
use tokio_xmpp::xmlstream::{ReadError, StreamHeader, Timeouts, XmlStream, initiate_stream};

use policy_core::door::Judge;

use crate::Settings;
use crate::answer::{answer, ping};

/// How long connecting, and saying goodbye, may take.
const CONNECT_TIME: Duration = Duration::from_secs(15);
const CLOSE_TIME: Duration = Duration::from_secs(1);

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
    stream: XmlStream<BufStream<TcpStream>, Element>,
    domain: String,
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
        let mut pending = initiate_stream(BufStream::new(socket), ns::COMPONENT, header, Timeouts::tight())
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => Problem::NotProsody,
                _ => Problem::Lost(error),
            })?;
        let id = pending.take_header().id.ok_or(Problem::NotProsody)?.into_owned();
        let mut stream = pending.skip_features::<Element>();
        let handshake = Handshake::from_stream_id_and_password(id, &settings.secret.0);
        // A server that doesn't know the domain has ended the stream by now: its reason is still to be read.
        let sent = stream.send(&handshake).await;
        match stream.next().await {
            Some(Ok(element)) if element.is("handshake", ns::COMPONENT) => {
                sent.map_err(Problem::Lost)?;
                Ok(Self { stream, domain: settings.domain.clone() })
            }
            Some(Ok(element)) => Err(stream_error(&element).unwrap_or(Problem::NotProsody)),
            Some(Err(error)) => Err(read_problem(error)),
            None => Err(Problem::Lost(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Answers questions until the connection ends, and says why it did.
    pub(crate) async fn serve(&mut self, judge: &impl Judge) -> Problem {
        loop {
            let Some(first) = self.stream.next().await else {
                return Problem::Lost(io::ErrorKind::UnexpectedEof.into());
            };
            let mut next = Some(first);
            let mut taken = 0;
            // All that has arrived is answered before anything is sent: one write for many answers.
            while let Some(received) = next {
                if let Err(problem) = self.handle(received, judge).await {
                    // It has spoken the protocol before: a stream that breaks off in the middle was cut.
                    return match problem {
                        Problem::NotProsody => Problem::Lost(io::ErrorKind::UnexpectedEof.into()),
                        other => other,
                    };
                }
                taken += 1;
                next = if taken < BATCH { self.stream.next().now_or_never().flatten() } else { None };
            }
            if let Err(error) = SinkExt::<&Element>::flush(&mut self.stream).await {
                return Problem::Lost(error);
            }
        }
    }

    async fn handle(
        &mut self,
        received: Result<Element, ReadError>,
        judge: &impl Judge,
    ) -> Result<(), Problem> {
        let reply = match received {
            Ok(element) => {
                if let Some(problem) = stream_error(&element) {
                    return Err(problem);
                }
                answer(&element, judge)
            }
            Err(ReadError::ParseError(_)) => None,
            Err(ReadError::SoftTimeout) => Some(ping(&self.domain)),
            Err(error) => return Err(read_problem(error)),
        };
        match reply {
            Some(reply) => self.stream.feed(&reply).await.map_err(Problem::Lost),
            None => Ok(()),
        }
    }

    /// Says goodbye.
    pub(crate) async fn close(&mut self) {
        let _ = tokio::time::timeout(CLOSE_TIME, self.stream.shutdown()).await;
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
