//! A small SMTP client (RFC 5321) for probes and notices. It blocks, for a bounded time.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long a reply may take: postscreen(8) keeps clients waiting for 6 s before it greets them.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long connecting may take.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// The longest reply that is read.
const REPLY_BYTES: u64 = 64 << 10;

/// Why a server didn't do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It can't be reached, or broke off.
    #[error("{0}")]
    Connection(#[from] io::Error),
    /// It said no.
    #[error("{0}")]
    Refused(String),
}

/// A session in which EHLO has been said.
pub struct Session {
    stream: BufReader<TcpStream>,
    /// What the server offers, by line: `SIZE 10240000`.
    pub offers: Vec<String>,
}

impl Session {
    /// Connects to `HOST:PORT` and introduces itself.
    pub fn open(server: &str, name: &str) -> Result<Self, Problem> {
        let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in server.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT_TIME) {
                Ok(stream) => return Self::greet(stream, name),
                Err(error) => refused = error,
            }
        }
        Err(refused.into())
    }

    fn greet(stream: TcpStream, name: &str) -> Result<Self, Problem> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut session = Self { stream: BufReader::new(stream), offers: Vec::new() };
        session.reply(b'2')?;
        let offers = session.say(&format!("EHLO {name}"), b'2')?;
        session.offers = offers.into_iter().skip(1).collect();
        Ok(session)
    }

    /// Whether a keyword (RFC 5321 section 2.2.1) is offered, and what stands behind it.
    pub fn offer(&self, keyword: &str) -> Option<&str> {
        self.offers.iter().find_map(|offer| {
            let (word, rest) = offer.split_once(' ').unwrap_or((offer, ""));
            word.eq_ignore_ascii_case(keyword).then_some(rest)
        })
    }

    /// Says a line, to which a reply must come whose code begins with this digit; its lines without the code.
    pub fn say(&mut self, line: &str, class: u8) -> Result<Vec<String>, Problem> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes())?;
        self.reply(class)
    }

    /// Sends a message whose lines end in CRLF and begin with no dot.
    pub fn data(&mut self, message: &str) -> Result<(), Problem> {
        self.say("DATA", b'3')?;
        self.stream.get_mut().write_all(message.as_bytes())?;
        self.say(".", b'2').map(drop)
    }

    fn reply(&mut self, class: u8) -> Result<Vec<String>, Problem> {
        let mut limited = (&mut self.stream).take(REPLY_BYTES);
        let (mut lines, mut line) = (Vec::new(), Vec::new());
        loop {
            line.clear();
            if limited.read_until(b'\n', &mut line)? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if line.first() != Some(&class) {
                return Err(Problem::Refused(text));
            }
            lines.push(text.get(4..).unwrap_or_default().to_owned());
            if line.get(3) != Some(&b'-') {
                return Ok(lines);
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.stream.get_mut().write_all(b"QUIT\r\n");
    }
}
