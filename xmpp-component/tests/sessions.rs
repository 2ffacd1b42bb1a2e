//! Clients in browsers: BOSH (XEP-0206) and WebSocket (RFC 7395).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use common::{Component, filtered, message};
use testbed::PATIENCE;
use testbed::prosody::Prosody;
use testbed::xmpp::Client;

const HTTP: u16 = 5280;
const AUTH: &str =
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFubmEAcGFzc3dvcmQ=</auth>";
const BIND: &str = "<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
                    <resource>web</resource></bind></iq>";

fn browsers() -> Prosody {
    let options = filtered().module("bosh").module("websocket").line(&format!("http_ports = {{ {HTTP} }}"));
    Prosody::start(&options.line("http_default_host = \"one.test\"")).unwrap()
}

fn connect(server: &Prosody) -> TcpStream {
    let address: (Ipv4Addr, u16) = (server.address(), HTTP);
    let end = Instant::now() + PATIENCE;
    loop {
        match TcpStream::connect(address) {
            Ok(socket) => {
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                return socket;
            }
            Err(error) if Instant::now() > end => panic!("{error}"),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// What bob and mallory write, and that the web client answers, over whatever it is connected by.
fn exchange(server: &Prosody, mut all_until: impl FnMut(&str) -> String, mut send: impl FnMut(&str)) {
    let mut bob = Client::available(server.c2s(), "bob@one.test/x").unwrap();
    let mut mallory = Client::available(server.c2s(), "mallory@one.test/x").unwrap();
    mallory.send(&message("anna@one.test", "from mallory")).unwrap();
    mallory.sync().unwrap();
    for body in ["casino one", "hello", "casino two", "the end"] {
        bob.send(&message("anna@one.test", body)).unwrap();
    }
    let seen = all_until("the end");
    assert!(seen.contains("hello"), "{seen}");
    assert!(!seen.contains("casino") && !seen.contains("mallory"), "{seen}");
    for body in ["a casino", "from the web"] {
        send(&message("bob@one.test", body).replace("<message ", "<message xmlns='jabber:client' "));
    }
    bob.keep_until(&["from the web"]).unwrap();
    assert_eq!(bob.bodies(), ["from the web"]);
}

// bob, mallory --c2s--> one.test [mod_postward <-> component] --BOSH--> anna, and back
#[test]
fn a_bosh_session_is_filtered_like_any_other() {
    let server = browsers();
    let _component = Component::dropping(&server);
    let mut rid = 1;
    let mut sid = String::new();
    let mut post = |attributes: &str, content: &str| {
        let body = format!(
            "<body rid='{rid}'{sid} xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'{attributes}>{content}</body>"
        );
        rid += 1;
        let mut socket = connect(&server);
        write!(
            socket,
            "POST /http-bind HTTP/1.1\r\nHost: one.test\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        if let Some((_, rest)) = answer.split_once("sid='") {
            sid = format!(" sid='{}'", rest.split('\'').next().unwrap());
        }
        answer
    };
    let opened = post(" to='one.test' wait='2' hold='1' ver='1.6' xmpp:version='1.0'", "");
    assert!(opened.contains("PLAIN"), "{opened}");
    assert!(post("", AUTH).contains("<success"));
    post(" to='one.test' xmpp:restart='true'", "");
    assert!(post("", BIND).contains("anna@one.test/web"));
    post("", "<presence xmlns='jabber:client'/>");
    let post = std::cell::RefCell::new(post);
    exchange(
        &server,
        |last| {
            let mut seen = String::new();
            while !seen.contains(last) {
                seen += &post.borrow_mut()("", "");
            }
            seen
        },
        |stanza| {
            post.borrow_mut()("", stanza);
        },
    );
}

// bob, mallory --c2s--> one.test [mod_postward <-> component] --WebSocket--> anna, and back
#[test]
fn a_websocket_session_is_filtered_like_any_other() {
    let server = browsers();
    let _component = Component::dropping(&server);
    let mut socket = connect(&server);
    socket
        .write_all(
            b"GET /xmpp-websocket HTTP/1.1\r\nHost: one.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n",
        )
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    let open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='one.test' version='1.0'/>";
    for (said, answer) in [
        (open, "PLAIN"),
        (AUTH, "<success"),
        (open, "urn:ietf:params:xml:ns:xmpp-bind"),
        (BIND, "anna@one.test/web"),
    ] {
        send_frame(&mut socket, said);
        while !next_frame(&mut socket).contains(answer) {}
    }
    send_frame(&mut socket, "<presence xmlns='jabber:client'/>");
    next_frame(&mut socket);
    let mut reading = socket.try_clone().unwrap();
    exchange(
        &server,
        |last| {
            let mut seen = String::new();
            while !seen.contains(last) {
                seen += &next_frame(&mut reading);
            }
            seen
        },
        |stanza| send_frame(&mut socket, stanza),
    );
}

/// One text frame (RFC 6455 section 5.2), masked with zeros.
fn send_frame(socket: &mut TcpStream, text: &str) {
    let length = u16::try_from(text.len()).unwrap();
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    socket.write_all(&frame).unwrap();
}

fn next_frame(socket: &mut TcpStream) -> String {
    let mut head = [0; 2];
    socket.read_exact(&mut head).unwrap();
    let length = match head[1] & 0x7f {
        126 => {
            let mut length = [0; 2];
            socket.read_exact(&mut length).unwrap();
            usize::from(u16::from_be_bytes(length))
        }
        short => usize::from(short),
    };
    let mut text = vec![0; length];
    socket.read_exact(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}
