//! An SMTP client that sends bytes as they are, and an LMTP sink that keeps what arrives.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, bail};
use base64::prelude::{BASE64_STANDARD as STANDARD, Engine};

use crate::PATIENCE;
use crate::process::wait_for;

/// A server's reply: its code, and all its lines as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// The text, lines separated by LF, codes included.
    pub text: String,
}

/// One SMTP session.
pub struct Smtp {
    stream: BufReader<TcpStream>,
}

impl Smtp {
    /// Connects, reads the greeting, says EHLO.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut smtp = Self { stream: BufReader::new(stream) };
        let greeting = smtp.reply()?;
        if greeting.code != 220 {
            bail!("no greeting: {}", greeting.text);
        }
        smtp.command("EHLO client.example")?;
        Ok(smtp)
    }

    /// Sends bytes exactly as given.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.get_mut().write_all(bytes)?)
    }

    /// Reads one reply (RFC 5321 section 4.2).
    pub fn reply(&mut self) -> Result<Reply> {
        let mut text = String::new();
        loop {
            let begin = text.len();
            if self.stream.read_line(&mut text)? == 0 {
                bail!("the server closed the connection; its last words: {text:?}");
            }
            if text.as_bytes().get(begin + 3) != Some(&b'-') {
                let code = text.get(begin..begin + 3).and_then(|code| code.parse().ok());
                return Ok(Reply { code: code.context("not a reply")?, text });
            }
        }
    }

    /// Sends a command line and reads its reply.
    pub fn command(&mut self, line: &str) -> Result<Reply> {
        self.send(format!("{line}\r\n").as_bytes())?;
        self.reply()
    }

    /// Logs in (RFC 4954, PLAIN).
    pub fn log_in(&mut self, user: &str, password: &str) -> Result<()> {
        let secret = STANDARD.encode(format!("\0{user}\0{password}"));
        let reply = self.command(&format!("AUTH PLAIN {secret}"))?;
        if reply.code != 235 {
            bail!("{user} can't log in: {}", reply.text);
        }
        Ok(())
    }

    /// Sends one mail: MAIL, RCPTs, DATA, content, the final dot. `content` goes out as it is, dots at the beginning
    /// of lines doubled. Returns every reply; stops after the first one that leaves nothing to go on with.
    pub fn mail(&mut self, from: &str, to: &[&str], content: &[u8]) -> Result<Vec<Reply>> {
        let mut replies = vec![self.command(&format!("MAIL FROM:<{from}>"))?];
        for recipient in to {
            replies.push(self.command(&format!("RCPT TO:<{recipient}>"))?);
        }
        replies.push(self.command("DATA")?);
        if replies.last().is_some_and(|reply| reply.code == 354) {
            self.send(&dot_stuffed(content))?;
            replies.push(self.reply()?);
        }
        Ok(replies)
    }
}

/// The content as RFC 5321 section 4.5.2 sends it, with the line that ends it.
fn dot_stuffed(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 16);
    for line in content.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.is_empty() && !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

/// One message for one recipient, as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The envelope sender.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// The content, dots undone.
    pub content: Vec<u8>,
}

impl Delivery {
    /// What comes after the header.
    pub fn body(&self) -> &[u8] {
        let end = self.content.windows(4).position(|window| window == b"\r\n\r\n");
        end.and_then(|end| self.content.get(end + 4..)).unwrap_or_default()
    }
}

/// An LMTP server (RFC 2033) that takes everything and keeps it.
pub struct Sink {
    address: SocketAddr,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sink {
    /// Starts it on a free port of 127.0.0.1.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let deliveries = Arc::<Mutex<Vec<Delivery>>>::default();
        let ending = Arc::<AtomicBool>::default();
        let (kept, end) = (Arc::clone(&deliveries), Arc::clone(&ending));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let kept = Arc::clone(&kept);
                thread::spawn(move || serve(stream, &kept));
            }
        });
        Ok(Self { address, deliveries, ending, thread: Some(thread) })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Everything that has arrived so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.lock().unwrap().clone()
    }

    /// Waits until at least `count` messages have arrived.
    pub fn wait_for(&self, count: usize) -> Result<Vec<Delivery>> {
        wait_for(&format!("{count} deliveries"), PATIENCE, || {
            let deliveries = self.deliveries();
            Ok((deliveries.len() >= count).then_some(deliveries))
        })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Delivery>>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut output = stream.try_clone()?;
    let mut input = BufReader::new(stream);
    let (mut from, mut to) = (String::new(), Vec::new());
    // LMTP answers a message once for each recipient (RFC 2033 section 4.2), SMTP once.
    let mut lmtp = false;
    output.write_all(b"220 sink.example LMTP\r\n")?;
    let mut line = String::new();
    while {
        line.clear();
        input.read_line(&mut line)? > 0
    } {
        let command = line.trim_end().to_ascii_uppercase();
        let answer: &[u8] = if command.starts_with("LHLO") {
            lmtp = true;
            b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
        } else if command.starts_with("MAIL FROM:") {
            from = address(&line);
            to.clear();
            b"250 ok\r\n"
        } else if command.starts_with("RCPT TO:") {
            to.push(address(&line));
            b"250 ok\r\n"
        } else if command == "DATA" {
            output.write_all(b"354 go on\r\n")?;
            let content = content(&mut input)?;
            let answers = if lmtp { to.len() } else { 1 };
            for to in to.drain(..) {
                kept.lock().unwrap().push(Delivery { from: from.clone(), to, content: content.clone() });
            }
            output.write_all("250 ok\r\n".repeat(answers).as_bytes())?;
            continue;
        } else if command == "QUIT" {
            output.write_all(b"221 bye\r\n")?;
            output.shutdown(Shutdown::Both)?;
            return Ok(());
        } else {
            b"250 ok\r\n"
        };
        output.write_all(answer)?;
    }
    Ok(())
}

fn address(line: &str) -> String {
    let inner = line.split_once('<').map_or("", |(_, rest)| rest);
    inner.split_once('>').map_or("", |(address, _)| address).to_owned()
}

fn content(input: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let begin = content.len();
        if input.read_until(b'\n', &mut content)? == 0 {
            bail!("the connection ended in the middle of a message");
        }
        if content.get(begin..) == Some(b".\r\n") {
            content.truncate(begin);
            return Ok(content);
        }
        if content.get(begin) == Some(&b'.') {
            content.remove(begin);
        }
    }
}
