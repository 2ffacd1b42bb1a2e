//! Blocking by forwarding: a household whose members forward to `block@home.example`.

use std::io::Write;
use std::process::Command;

use anyhow::{Context, Result};
use testbed::daemon::{Postward, ServeOptions};
use testbed::mail::{Delivery, Reply, Sink, Smtp};
use testbed::postfix::{Options, Postfix};
use testbed::process::{free_port, wait_for};

use testbed::PATIENCE;

use super::{postward, subject};

/// Alice and Bob with logins of their own, a Postfix that knows block@, and everything between.
pub(crate) struct House {
    pub(crate) postfix: Postfix,
    pub(crate) sink: Sink,
    pub(crate) postward: Postward,
    pub(crate) options: ServeOptions,
    pub(crate) listener: u16,
}

impl House {
    /// Members log in by XCLIENT.
    pub(crate) fn new() -> Result<Self> {
        Self::with(|_| {})
    }

    /// With another Postfix.
    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Result<Self> {
        Self::of(postward()?, "", None, change)
    }

    /// Of this program, with more in its configuration, where POSTFIX stands for Postfix's address, and with a Prosody.
    pub(crate) fn of(
        mut postward: Postward,
        more: &str,
        xmpp: Option<(String, String, String)>,
        change: impl FnOnce(&mut Options),
    ) -> Result<Self> {
        let sink = Sink::start()?;
        let (milter, listener) = (free_port()?, free_port()?);
        let mut options = Options::new(sink.port());
        options.domains = vec!["home.example".to_owned()];
        options.milters = vec![format!("inet:127.0.0.1:{milter}")];
        options.main_cf = [
            "virtual_mailbox_maps = inline:{ alice@home.example=a, bob@home.example=b, block@home.example=x, allow@home.example=x }",
            &format!(
                "transport_maps = inline:{{ {{ block@home.example=smtp:[127.0.0.1]:{listener} }}, {{ allow@home.example=smtp:[127.0.0.1]:{listener} }} }}"
            ),
            "smtpd_authorized_xclient_hosts = 127.0.0.1",
            "smtpd_sasl_auth_enable = no",
            "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
            "recipient_delimiter = +",
            "minimal_backoff_time = 1s",
            "queue_run_delay = 1s",
        ]
        .map(str::to_owned)
        .to_vec();
        change(&mut options);
        let postfix = Postfix::start(&options)?;
        let config = format!(
            "{}\n[forwarding]\nlisten = \"127.0.0.1:{listener}\"\ndomains = [\"home.example\"]\n\
             replies = \"{}\"\nunknown_user = \"User unknown in virtual mailbox table\"\n",
            more.replace("POSTFIX", &postfix.address().to_string()),
            postfix.address()
        );
        let options = ServeOptions {
            milter: Some(format!("inet:127.0.0.1:{milter}")),
            config: Some(config),
            xmpp,
            ..Default::default()
        };
        // Before it runs, so that no code is mailed.
        for name in ["alice", "bob"] {
            let mail = format!("{name}@home.example");
            let by_password = format!("{name}@mail.test");
            super::add_member_with(&postward, name, &[&mail], &["--login", name, "--login", &by_password])?;
        }
        postward.serve(&options)?;
        Ok(Self { postfix, sink, postward, options, listener })
    }

    /// A session that Postfix takes for one with this login. XCLIENT sets the SASL login just as AUTH does, and so the
    /// milter's macro.
    pub(crate) fn logged_in(&self, login: &str) -> Result<Smtp> {
        let mut smtp = self.postfix.connect()?;
        let reply = smtp.command(&format!("XCLIENT NAME=phone.example ADDR=192.0.2.7 LOGIN={login}"))?;
        assert_eq!(reply.code, 220, "{}", reply.text);
        smtp.command("EHLO phone.example")?;
        Ok(smtp)
    }

    /// What Alice's phone sends; the last reply.
    pub(crate) fn alice(&self, to: &[&str], content: &str) -> Result<Reply> {
        let replies = self.logged_in("alice")?.mail("alice@home.example", to, crlf(content).as_bytes())?;
        replies.last().cloned().context("no reply")
    }

    /// Alice's mail to block@, which must be taken, and the answer to it.
    pub(crate) fn answered(&self, content: &str) -> Result<Delivery> {
        self.answered_by("block@home.example", content)
    }

    /// The same for either address.
    pub(crate) fn answered_by(&self, to: &str, content: &str) -> Result<Delivery> {
        let before = self.answers().len();
        let reply = self.alice(&[to], content)?;
        assert_eq!(reply.code, 250, "{}", reply.text);
        wait_for("an answer", PATIENCE, || Ok(self.answers().into_iter().nth(before)))
            .with_context(|| format!("{}\n{}", self.postfix.log(), self.postward.log()))
    }

    pub(crate) fn answers(&self) -> Vec<Delivery> {
        let all = self.sink.deliveries().into_iter();
        all.filter(|one| {
            ["block", "allow"]
                .iter()
                .any(|name| text(one).contains(&format!("From: Postward <{name}@home.example>")))
        })
        .collect()
    }

    pub(crate) fn outsider(&self, from: &str, to: &[&str], content: &str) -> Result<Vec<Reply>> {
        self.postfix.connect()?.mail(from, to, crlf(content).as_bytes())
    }

    /// Who gets a mail from this sender to Alice and Bob.
    pub(crate) fn reached(&self, from: &str, mark: &str) -> Result<Vec<String>> {
        let to = ["alice@home.example", "bob@home.example"];
        self.outsider(from, &to, &format!("From: {from}\nSubject: {mark}\n\nhi\n"))?;
        let end = format!("end {mark}");
        self.outsider("friend@y.example", &["alice@home.example"], &format!("Subject: {end}\n\nhi\n"))?;
        wait_for("the marker", PATIENCE, || {
            Ok(self.sink.deliveries().iter().any(|one| subject(one) == end).then_some(()))
        })?;
        self.postfix.wait_until_queue_is_empty()?;
        let mut to: Vec<String> = self
            .sink
            .deliveries()
            .iter()
            .filter(|one| subject(one) == mark)
            .map(|one| one.to.clone())
            .collect();
        to.sort();
        Ok(to)
    }
}

pub(crate) fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

pub(crate) fn text(delivery: &Delivery) -> String {
    String::from_utf8_lossy(&delivery.content).into_owned()
}

pub(crate) fn said(delivery: &Delivery) -> String {
    let body = String::from_utf8_lossy(delivery.body()).replace("\r\n", "");
    let mut child = Command::new("base64")
        .arg("-d")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

pub(crate) fn header(delivery: &Delivery, name: &str) -> String {
    let text = text(delivery);
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_default().to_owned()
}

pub(crate) fn as_attachment(sender: &str) -> String {
    format!(
        "From: alice@home.example\nTo: block@home.example\nSubject: Fwd: x\nMessage-ID: <fwd-{sender}>\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n\n--b\n\
         Content-Type: message/rfc822\n\nFrom: M <{sender}>\nTo: alice@home.example\nSubject: casino\n\n\
         {}\n--b--\n",
        // Postfix folds such a line on its way to the listener.
        "casino night ".repeat(200)
    )
}

pub(crate) fn reply_to(answer: &Delivery, text: &str) -> String {
    format!(
        "From: alice@home.example\nTo: block@home.example\nSubject: Re: {}\nIn-Reply-To: {}\n\n{text}\n\n> quoted\n",
        header(answer, "Subject"),
        header(answer, "Message-ID")
    )
}
