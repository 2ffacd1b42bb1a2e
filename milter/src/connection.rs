//! One connection's bytes, in and out.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use policy_core::door::Judge;
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::listener::Stream;
use crate::protocol::{BUFFER, Malformed, Order, Packets, Replies};
use crate::run::Shared;
use crate::session::Session;

/// An MTA negotiates at once.
const TO_NEGOTIATE: Duration = Duration::from_secs(30);

/// How long we wait for a message's content in all, not counting the time in which we don't read. Postfix has it on its
/// disk by then; whoever is slower would hold memory that others wait for.
const FOR_CONTENT: Duration = Duration::from_secs(120);

/// How often it is looked whether others wait for that memory by now: who waits for it then is heard sooner
/// ([`crate::budget`]).
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a connection may be silent otherwise. Not shorter: a sender may dribble a mail's content for hours, during
/// which Postfix has nothing to say to us; if we hung up, `default_action=accept` would let that mail in unjudged.
const SILENCE: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long replies may wait to be read.
const TO_REPLY: Duration = Duration::from_secs(120);

thread_local! {
    /// What is read lies here for a moment, so that a silent connection has no buffer of its own.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

/// Serves a connection until it ends. Whatever ends it, Postfix knows what to do without us, and nobody need be told.
pub(crate) async fn serve<J: Judge>(stream: Stream, shared: Arc<Shared<J>>) {
    let timer = Box::pin(sleep(TO_NEGOTIATE));
    let connection = Connection { stream, packets: Packets::default(), waited: Duration::ZERO, timer };
    let _ = connection.serve(Session::new(shared)).await;
}

struct Connection {
    stream: Stream,
    packets: Packets,
    /// For the content of the message that is coming in.
    waited: Duration,
    /// Ends no later than what is waited for. It is set anew only where that ends earlier, or when it has ended: hardly
    /// ever, where setting one for each read would be a tenth of what the door takes.
    timer: Pin<Box<Sleep>>,
}

impl Connection {
    async fn serve<J: Judge>(mut self, mut session: Session<J>) -> io::Result<()> {
        let mut replies = Replies::default();
        loop {
            let going_on = self.take_all(&mut session, &mut replies).await;
            // All that was asked is answered at once, also before what can't be understood.
            self.write(&mut replies).await?;
            if !going_on.map_err(invalid)? {
                return Ok(());
            }
            if let Some(bytes) = self.packets.long() {
                session.room_for(bytes).await.map_err(invalid)?;
            }
            if self.read(&session).await? == 0 {
                return Ok(());
            }
        }
    }

    /// Does all that has come in. False: the last command was among it.
    async fn take_all<J: Judge>(
        &mut self,
        session: &mut Session<J>,
        replies: &mut Replies,
    ) -> Result<bool, Malformed> {
        while let Some(command) = self.packets.take_next()? {
            if !session.take(command, replies).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads what there is; 0 when the peer has closed.
    async fn read<J: Judge>(&mut self, session: &Session<J>) -> io::Result<usize> {
        self.packets.rest();
        let (order, begin) = (session.order(), Instant::now());
        let in_content = order.in_content();
        if !in_content {
            self.waited = Duration::ZERO;
        }
        let Self { stream, packets, waited, timer } = self;
        let patience = || match order {
            Order::Fresh => TO_NEGOTIATE,
            _ if in_content => session.patience().unwrap_or(FOR_CONTENT).saturating_sub(*waited),
            _ => SILENCE,
        };
        // When to look next.
        let look = |end: Instant| if in_content { end.min(Instant::now() + LOOK_EVERY) } else { end };
        let first = look(begin + patience());
        if first < timer.deadline() {
            timer.as_mut().reset(first);
        }
        let read = poll_fn(|cx| {
            let read = SCRATCH.with_borrow_mut(|scratch| {
                let length = ready!(stream.poll_read(cx, scratch))?;
                packets.append(scratch.get(..length).unwrap_or_default());
                Poll::Ready(Ok(length))
            });
            while read.is_pending() && timer.as_mut().poll(cx).is_ready() {
                let end = begin + patience();
                if Instant::now() >= end {
                    if in_content {
                        session.stalled();
                    }
                    return Poll::Ready(Err(ErrorKind::TimedOut.into()));
                }
                timer.as_mut().reset(look(end));
            }
            read
        });
        let read = read.await;
        if in_content {
            self.waited += begin.elapsed();
        }
        read
    }

    async fn write(&self, replies: &mut Replies) -> io::Result<()> {
        while !replies.pending().is_empty() {
            match self.stream.try_write(replies.pending()) {
                Ok(bytes) => replies.sent(bytes),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    timeout(TO_REPLY, self.stream.writable()).await??;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn invalid(error: Malformed) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use policy_core::candidate::Candidate;
    use policy_core::door::{DoorState, FailureMode, JudgingFailed};
    use policy_core::verdict::Judgement;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;

    use super::*;
    use crate::run::Settings;

    /// Is never asked.
    struct Nobody;

    impl Judge for Nobody {
        fn judge(&self, _: &Candidate) -> Result<Judgement, JudgingFailed> {
            Err(JudgingFailed)
        }

        fn refuses(&self, _: &Candidate) -> bool {
            false
        }

        fn failure_mode(&self) -> FailureMode {
            FailureMode::Deliver
        }

        fn set_state(&self, _: DoorState) {}
    }

    const ENVELOPE: &[u8] = b"\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff\
        \0\0\0\x0fM<a@b.example>\0\0\0\0\x12R<c@home.example>\0\0\0\0\x01T";

    fn packet(command: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len() + 1).unwrap_or_default();
        [&length.to_be_bytes(), [command].as_slice(), payload].concat()
    }

    /// After how many seconds a peer that says this, and nothing more, has lost its connection, within eight days.
    async fn ends_after(said: &[u8]) -> Option<u64> {
        ends_after_each(&[(0, said)]).await
    }

    /// The same of a peer that says each of these after so many seconds.
    #[allow(clippy::unwrap_used)]
    async fn ends_after_each(said: &[(u64, &[u8])]) -> Option<u64> {
        let (stream, mut peer) = std::os::unix::net::UnixStream::pair().unwrap();
        let shared = Arc::new(Shared::new(Arc::new(Nobody), Settings::default()));
        let stream = Stream::unix(stream).unwrap();
        let begin = Instant::now();
        let talk = async {
            for (seconds, bytes) in said {
                sleep(Duration::from_secs(*seconds)).await;
                std::io::Write::write_all(&mut peer, bytes).unwrap();
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = serve(stream, shared) => Some(begin.elapsed().as_secs()),
            () = talk => None,
            () = sleep(Duration::from_secs(8 * 24 * 3600)) => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_falls_silent_loses_its_connection_where_others_could_wait_for_it() {
        let negotiation = packet(b'O', b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff");
        let envelope = [packet(b'M', b"<a@b.example>\0"), packet(b'R', b"<c@home.example>\0")].concat();
        let mail = [negotiation.clone(), envelope].concat();
        let content = [mail.clone(), packet(b'T', b""), packet(b'L', b"Subject\0 hello\0")].concat();
        for (said, seconds) in [
            (Vec::new(), 30),
            (b"\0\0\0\x0dO\0\0".to_vec(), 30),
            ([content.clone(), packet(b'B', b"half")].concat(), 120),
            (content, 120),
            // Between mails, and before a content, nothing is held for it.
            (negotiation, 7 * 24 * 3600),
            (mail, 7 * 24 * 3600),
        ] {
            assert_eq!(ends_after(&said).await, Some(seconds), "{}", String::from_utf8_lossy(&said));
        }
    }

    /// Otherwise whoever takes two minutes to write a mail would cut off one that doesn't come in one piece.
    #[tokio::test(start_paused = true)]
    async fn silence_before_a_content_does_not_count_for_it() {
        let negotiation = packet(b'O', b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff");
        let envelope = [packet(b'M', b"<a@b.example>\0"), packet(b'R', b"<c@home.example>\0")].concat();
        let mail = [negotiation, envelope, packet(b'T', b"")].concat();
        let field = packet(b'L', b"Subject\0 hello\0");
        assert_eq!(ends_after_each(&[(0, &mail), (200, &field)]).await, Some(320));
        assert_eq!(ends_after_each(&[(0, &mail), (200, &field), (60, &field)]).await, Some(320));
    }

    /// A peer of a door, connected, that has said all this of a mail, as far as it is read.
    #[allow(clippy::unwrap_used)]
    fn peer(shared: &Arc<Shared<Nobody>>, said: Vec<u8>) -> tokio::task::JoinHandle<UnixStream> {
        let (stream, peer) = std::os::unix::net::UnixStream::pair().unwrap();
        peer.set_nonblocking(true).unwrap();
        let mut peer = UnixStream::from_std(peer).unwrap();
        tokio::spawn(serve(Stream::unix(stream).unwrap(), Arc::clone(shared)));
        tokio::spawn(async move {
            let _ = peer.write_all(&said).await;
            peer
        })
    }

    /// Sixty peers that stall in a content hold all memory, and in front of the queue for it they stand, too.
    ///
    /// ```text
    /// 60 x stalls after 1.5 MB --+
    ///                            +--> door, 28 MiB in all
    /// a mail of 300 KB ----------+
    /// ```
    #[tokio::test(start_paused = true)]
    async fn who_stalls_in_a_content_holds_up_others_for_no_longer_than_postfix_waits() {
        let content = |bytes: usize| {
            let body = packet(b'B', &vec![b'x'; 60_000]).repeat(bytes / 60_000);
            [ENVELOPE, &packet(b'L', b"Subject\0 hello\0"), &packet(b'N', b""), &body].concat()
        };
        let shared = Arc::new(Shared::new(Arc::new(Nobody), Settings::default()));
        let _stalled: Vec<_> = (0..60).map(|_| peer(&shared, content(1_500_000))).collect();
        sleep(Duration::from_secs(1)).await;
        let begin = Instant::now();
        let honest = peer(&shared, [content(300_000), packet(b'E', b"")].concat());
        let mut honest = honest.await.unwrap();
        let mut replies = Vec::new();
        while !replies.ends_with(&packet(b'a', b"")) {
            assert_ne!(honest.read_buf(&mut replies).await.unwrap(), 0, "the mail's connection was closed");
        }
        assert!(begin.elapsed() < Duration::from_secs(300), "{:?}", begin.elapsed());
    }
}
