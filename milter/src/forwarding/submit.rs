//! Handing an answer in by SMTP (RFC 5321).

use std::sync::Arc;
use std::time::Duration;
use std::{io, iter};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::Forwarding;
use super::answer::Answer;
use super::listener::now;

/// How long to wait before the first attempts, and before each that follows, until the answer is too old.
const FIRST: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(5), Duration::from_secs(30), Duration::from_secs(120)];
const THEN: Duration = Duration::from_secs(900);

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest reply of a server that is read.
const REPLY_BYTES: u64 = 64 << 10;

/// Hands in the answers that wait since the last run, and others as they come, until there is nobody left who sends any.
pub(super) async fn run(forwarding: Arc<Forwarding>, mut answers: mpsc::UnboundedReceiver<(String, Answer)>) {
    let mut waiting = forwarding.waiting_answers();
    loop {
        for (name, answer) in waiting.drain(..) {
            // One that has to wait doesn't hold up the others.
            tokio::spawn(deliver(Arc::clone(&forwarding), name, answer));
        }
        let Some(next) = answers.recv().await else { return };
        waiting.push(next);
    }
}

async fn deliver(forwarding: Arc<Forwarding>, name: String, answer: Answer) {
    for (attempt, pause) in FIRST.into_iter().chain(iter::repeat(THEN)).enumerate() {
        sleep(pause).await;
        match timeout(PATIENCE, submit(&forwarding.replies, &answer)).await {
            Ok(Ok(())) => break,
            Ok(Err(Failed::ForNow)) | Err(_) if now() < answer.until => {
                if attempt + 1 == FIRST.len() {
                    eprintln!(
                        "postward: an answer to a member can't be handed in and waits; check that `replies` under [forwarding] \
                         is where Postfix takes mail"
                    );
                }
            }
            Ok(Err(_)) | Err(_) => {
                eprintln!("postward: an answer to a member was not taken, and is dropped");
                break;
            }
        }
    }
    let _ = tokio::task::spawn_blocking(move || forwarding.answered(&name)).await;
}

enum Failed {
    ForNow,
    ForGood,
}

impl From<io::Error> for Failed {
    fn from(_: io::Error) -> Self {
        Self::ForNow
    }
}

async fn submit(server: &str, answer: &Answer) -> Result<(), Failed> {
    let mut stream = BufReader::new(TcpStream::connect(server).await?);
    expect(&mut stream, 2).await?;
    let utf8 = if answer.to.is_ascii() { "" } else { " SMTPUTF8" };
    let to = format!("RCPT TO:<{}>", answer.to);
    for (command, class) in
        [("EHLO localhost", 2), (&format!("MAIL FROM:<>{utf8}"), 2), (&to, 2), ("DATA", 3)]
    {
        say(&mut stream, command.as_bytes()).await?;
        expect(&mut stream, class).await?;
    }
    // No line begins with a dot: header fields don't, nor does base64.
    stream.write_all(answer.content.as_bytes()).await?;
    say(&mut stream, b".").await?;
    expect(&mut stream, 2).await?;
    let _ = say(&mut stream, b"QUIT").await;
    Ok(())
}

async fn say(stream: &mut BufReader<TcpStream>, line: &[u8]) -> io::Result<()> {
    stream.write_all(line).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await
}

/// Reads a reply (section 4.2) whose code must begin with this digit.
async fn expect(stream: &mut BufReader<TcpStream>, class: u8) -> Result<(), Failed> {
    let mut limited = stream.take(REPLY_BYTES);
    let mut line = Vec::new();
    loop {
        line.clear();
        if limited.read_until(b'\n', &mut line).await? == 0 {
            return Err(Failed::ForNow);
        }
        if line.get(3) != Some(&b'-') {
            break;
        }
    }
    match line.first() {
        Some(digit) if *digit == b'0' + class => Ok(()),
        Some(b'5') => Err(Failed::ForGood),
        _ => Err(Failed::ForNow),
    }
}
