//! An HTTP client that sends what it is told, and keeps cookies as a browser would.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::{PASSWORD, Served};

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let after = self.body.split_once(&format!("name=\"{name}\" value=\"")).map(|(_, after)| after);
        let value = after.and_then(|after| after.split('"').next());
        value.unwrap_or_else(|| panic!("no field {name} in:\n{}", self.body)).to_owned()
    }
}

pub struct Client {
    address: SocketAddr,
    host: String,
    pub cookies: BTreeMap<String, String>,
}

impl Client {
    pub fn new(served: &Served) -> Self {
        Self::as_host(served, &served.address.to_string())
    }

    /// A client that knows the page by this name.
    pub fn as_host(served: &Served, host: &str) -> Self {
        Self { address: served.address, host: host.to_owned(), cookies: BTreeMap::new() }
    }

    pub fn signed_in(served: &Served) -> Self {
        let mut client = Self::new(served);
        let answer = client.sign_in(PASSWORD);
        assert_eq!(answer.status, 303, "{}", answer.body);
        client
    }

    pub fn sign_in(&mut self, password: &str) -> Answer {
        let visit = self.get("/sign-in").hidden("visit");
        self.post("/sign-in", &[("visit", &visit), ("password", password)])
    }

    pub fn get(&mut self, path: &str) -> Answer {
        let host = self.host.clone();
        self.send("GET", path, &[("Host", &host)], b"")
    }

    pub fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let host = self.host.clone();
        let body = serde_urlencoded::to_string(form).unwrap();
        let headers = [("Host", host.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        self.send("POST", path, &headers, body.as_bytes())
    }

    /// Posts with this session's token.
    pub fn submit(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let csrf = self.get("/").hidden("csrf");
        let form: Vec<(&str, &str)> =
            [("csrf", csrf.as_str())].into_iter().chain(form.iter().copied()).collect();
        self.post(path, &form)
    }

    /// Sends a request, and fetches the page that answers a form.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let answer = self.send_once(method, path, headers, body);
        match answer.header("location") {
            Some(page) if page.starts_with("draft?") || page.ends_with("?answer") => {
                self.get(&format!("/{page}"))
            }
            _ => answer,
        }
    }

    fn send_once(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head += &format!("Cookie: {}\r\n", cookies.join("; "));
        }
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        // The answer may come before all of the body was taken.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        for line in head.lines() {
            if let Some((name, cookie)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("set-cookie")
            {
                let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
                if value.is_empty() {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }
}
