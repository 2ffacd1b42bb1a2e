//! A small XMPP client that sends elements as they are and keeps what arrives.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::PATIENCE;
use anyhow::{Context, Result, bail};
pub use minidom::Element;

/// A connected client. Plain TCP, for servers on loopback only.
pub struct Client {
    socket: TcpStream,
    unread: Vec<u8>,
    jid: String,
    markers: u32,
    /// Every stanza that arrived, oldest first, without the answers to [`Client::sync`]'s own questions.
    pub inbox: Vec<Element>,
}

impl Client {
    /// Signs in as `jid`, which must have a resource (`anna@one.test/phone`).
    pub fn connect(address: (Ipv4Addr, u16), jid: &str, password: &str) -> Result<Self> {
        let (bare, resource) = jid.split_once('/').context("a JID with a resource")?;
        let (user, host) = bare.split_once('@').context("an account's JID")?;
        let token = base64(format!("\0{user}\0{password}").as_bytes());
        Self::sign_in(address, host, "PLAIN", &token, &format!("<resource>{resource}</resource>"))
    }

    /// Connects as an external component (XEP-0114), whose stanzas name their own `from`.
    pub fn component(address: (Ipv4Addr, u16), domain: &str, secret: &str) -> Result<Self> {
        let mut client = Self::over(address)?;
        let head = client.open_stream(domain, "jabber:component:accept")?;
        let id =
            head.split(" id=").nth(1).and_then(|rest| rest.split(['\'', '"']).nth(1)).context("no id")?;
        client.send(&format!("<handshake>{}</handshake>", sha1(&format!("{id}{secret}"))?))?;
        let answer = client.next(PATIENCE)?.context("no answer to the handshake")?;
        if answer.name() != "handshake" {
            bail!("can't connect as {domain}: {}", String::from(&answer));
        }
        domain.clone_into(&mut client.jid);
        Ok(client)
    }

    /// Signs in as nobody in particular (RFC 4505); the server makes up a JID.
    pub fn anonymous(address: (Ipv4Addr, u16), host: &str) -> Result<Self> {
        Self::sign_in(address, host, "ANONYMOUS", "", "")
    }

    fn over(address: (Ipv4Addr, u16)) -> Result<Self> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, unread: Vec::new(), jid: String::new(), markers: 0, inbox: Vec::new() })
    }

    fn sign_in(
        address: (Ipv4Addr, u16),
        host: &str,
        mechanism: &str,
        token: &str,
        resource: &str,
    ) -> Result<Self> {
        let mut client = Self::over(address)?;
        client.open(host)?;
        client.send(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{token}</auth>"
        ))?;
        let answer = client.next(PATIENCE)?.context("no answer to sign-in")?;
        if answer.name() != "success" {
            bail!("can't sign in at {host}: {}", String::from(&answer));
        }
        client.open(host)?;
        client.send(&format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{resource}</bind></iq>"
        ))?;
        let answer = client.next(PATIENCE)?.context("no answer to bind")?;
        let bound = answer.children().next().and_then(|bind| bind.children().next()).map(Element::text);
        client.jid = bound.with_context(|| format!("can't bind at {host}: {}", String::from(&answer)))?;
        Ok(client)
    }

    /// Signs in as a person's client does: asks for the roster, becomes available, and so gets what is sent to the
    /// bare JID.
    pub fn available(address: (Ipv4Addr, u16), jid: &str) -> Result<Self> {
        let mut client = Self::connect(address, jid, "password")?;
        client.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq><presence/>")?;
        client.sync()?;
        client.inbox.clear();
        Ok(client)
    }

    /// The full JID.
    pub fn jid(&self) -> &str {
        &self.jid
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, raw: &str) -> Result<()> {
        Ok(self.socket.write_all(raw.as_bytes())?)
    }

    /// Waits until something that `wanted` picks has arrived, and takes it and everything before it out of the inbox.
    pub fn wait_for(
        &mut self,
        what: &str,
        wanted: impl Fn(&Element) -> bool,
        limit: Duration,
    ) -> Result<Element> {
        let end = Instant::now() + limit;
        let mut seen = 0;
        loop {
            if let Some(position) = self.inbox.iter().skip(seen).position(&wanted) {
                let found = self.inbox.drain(..=seen + position).next_back();
                return found.context("just found");
            }
            seen = self.inbox.len();
            let left = end.saturating_duration_since(Instant::now());
            match self.next(left)? {
                Some(stanza) => self.inbox.push(stanza),
                None => bail!("{} waited {limit:?} in vain for {what}", self.jid),
            }
        }
    }

    /// Waits until the message with this body has arrived; see [`Client::wait_for`].
    pub fn wait_for_body(&mut self, body: &str) -> Result<Element> {
        self.wait_for(
            &format!("the message {body:?}"),
            |stanza| body_of(stanza).as_deref() == Some(body),
            PATIENCE,
        )
    }

    /// Waits until messages with all of these bodies have arrived, and leaves everything in the inbox.
    pub fn keep_until(&mut self, bodies: &[&str]) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            let there = self.bodies();
            let missing: Vec<&&str> =
                bodies.iter().filter(|body| !there.iter().any(|one| one == **body)).collect();
            if missing.is_empty() {
                return Ok(());
            }
            match self.next(end.saturating_duration_since(Instant::now()))? {
                Some(stanza) => self.inbox.push(stanza),
                None => bail!("{} waited {PATIENCE:?} in vain for {missing:?}", self.jid),
            }
        }
    }

    /// Waits until the server has handled all that this client sent before: asks itself a question and sees the
    /// answer. What the server had for this client by then is in the inbox.
    pub fn sync(&mut self) -> Result<()> {
        self.markers += 1;
        let id = format!("marker-{}", self.markers);
        let host = self.jid.split(['@', '/']).nth(1).context("a host")?.to_owned();
        self.send(&format!("<iq type='get' id='{id}' to='{host}'><ping xmlns='urn:xmpp:ping'/></iq>"))?;
        let end = Instant::now() + PATIENCE;
        while let Some(stanza) = self.next(end.saturating_duration_since(Instant::now()))? {
            if stanza.attr("id") == Some(&id) {
                return Ok(());
            }
            self.inbox.push(stanza);
        }
        bail!("{} got no answer from {host}", self.jid)
    }

    /// The bodies of the messages in the inbox, in their order.
    pub fn bodies(&self) -> Vec<String> {
        self.inbox.iter().filter_map(body_of).collect()
    }

    /// The next stanza, if one arrives within `limit`.
    pub fn next(&mut self, limit: Duration) -> Result<Option<Element>> {
        let end = Instant::now() + limit;
        loop {
            if let Some(length) = first_element(&self.unread)? {
                let bytes: Vec<u8> = self.unread.drain(..length).collect();
                return Ok(Some(parse(std::str::from_utf8(&bytes)?.trim())?));
            }
            if !self.read(end)? {
                return Ok(None);
            }
        }
    }

    /// Reads some bytes; false when the time is up.
    fn read(&mut self, end: Instant) -> Result<bool> {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        self.socket.set_read_timeout(Some(left))?;
        let mut chunk = [0; 16 * 1024];
        match self.socket.read(&mut chunk) {
            Ok(0) => bail!("the server closed {}'s stream", self.jid),
            Ok(length) => self.unread.extend_from_slice(&chunk[..length]),
            // A signal came in between: whoever asked asks again.
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    }

    fn open(&mut self, host: &str) -> Result<()> {
        self.open_stream(host, "jabber:client")?;
        self.next(PATIENCE)?.context("the stream's features")?;
        Ok(())
    }

    /// Opens a stream of this namespace; the server's own beginning.
    fn open_stream(&mut self, host: &str, namespace: &str) -> Result<String> {
        self.unread.clear();
        self.send(&format!(
            "<?xml version='1.0'?><stream:stream to='{host}' version='1.0' xmlns='{namespace}' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        ))?;
        let end = Instant::now() + PATIENCE;
        loop {
            let text = String::from_utf8_lossy(&self.unread).into_owned();
            if let Some(start) = text.find("<stream:stream")
                && let Some(length) = text[start..].find('>')
            {
                self.unread.drain(..=start + length);
                return Ok(text[start..=start + length].to_owned());
            }
            if !self.read(end)? {
                bail!("no answer from {host}");
            }
        }
    }
}

/// The text of a message's first body.
pub fn body_of(stanza: &Element) -> Option<String> {
    stanza.get_child("body", "jabber:client").map(Element::text)
}

fn parse(raw: &str) -> Result<Element> {
    let wrapped =
        format!("<wrap xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>{raw}</wrap>");
    let wrap: Element = wrapped.parse().with_context(|| format!("can't read {raw}"))?;
    wrap.children().next().cloned().context("an element")
}

/// How many bytes the first whole element takes, with the blanks before it. Servers send neither comments nor CDATA.
fn first_element(bytes: &[u8]) -> Result<Option<usize>> {
    let mut depth = 0usize;
    let mut position = 0;
    while let Some(open) = bytes[position..].iter().position(|&byte| byte == b'<') {
        let start = position + open;
        let mut quote = None;
        let Some(close) = bytes[start..].iter().position(|&byte| match quote {
            Some(mark) => {
                if byte == mark {
                    quote = None;
                }
                false
            }
            None => {
                if byte == b'\'' || byte == b'"' {
                    quote = Some(byte);
                }
                byte == b'>'
            }
        }) else {
            return Ok(None);
        };
        position = start + close + 1;
        if bytes[start + 1] == b'/' {
            if depth == 0 {
                bail!("the server ended the stream");
            }
            depth -= 1;
        } else if bytes[position - 2] != b'/' {
            depth += 1;
        }
        if depth == 0 {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

fn sha1(text: &str) -> Result<String> {
    let mut child = Command::new("sha1sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("an input")?.write_all(text.as_bytes())?;
    let printed = String::from_utf8(child.wait_with_output()?.stdout)?;
    Ok(printed.split(' ').next().unwrap_or_default().to_owned())
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..4 {
            text.push(match place <= chunk.len() {
                true => ALPHABET[(bits >> (18 - 6 * place)) as usize & 63] as char,
                false => '=',
            });
        }
    }
    text
}
