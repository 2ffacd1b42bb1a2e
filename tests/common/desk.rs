//! A household whose accounts talk to the component: Prosody with mod_postward, another server, and postward between.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};
use testbed::daemon::{Postward, ServeOptions};
use testbed::process::wait_for;
use testbed::prosody::{Options, Prosody};
use testbed::xmpp::{Client, Element, body_of};

use testbed::PATIENCE;

pub(crate) const COMPONENT: &str = "desk.one.test";
/// The host at which links say that the page is.
pub(crate) const PAGE: &str = "page.one.test";
const SECRET: &str = "of the tests alone";

/// one.test, filtered, with rooms and the admin root@one.test; two.test elsewhere.
pub(crate) struct DeskHouse {
    pub(crate) postward: Postward,
    pub(crate) one: Prosody,
    pub(crate) two: Prosody,
}

impl DeskHouse {
    pub(crate) fn new() -> Result<Self> {
        Self::with(|options| options)
    }

    pub(crate) fn with(change: impl FnOnce(Options) -> Options) -> Result<Self> {
        Self::between(change, &Options::new(&["two.test"]))
    }

    /// The same with these options of two.test.
    pub(crate) fn beside(two: &Options) -> Result<Self> {
        Self::between(|options| options, two)
    }

    fn between(change: impl FnOnce(Options) -> Options, two: &Options) -> Result<Self> {
        let ours =
            Options::new(&["one.test"]).rooms("rooms.one.test").postward(COMPONENT, SECRET).module("mam");
        let ours = ours.line("archive_expires_after = \"never\"").line("default_archive_policy = true");
        let [one, two] = Prosody::start_all([&change(ours), two])?;
        let mut house = Self { postward: super::postward()?, one, two };
        house.serve_again()?;
        Ok(house)
    }

    /// Starts the daemon, on the data folder that it had before.
    pub(crate) fn serve_again(&mut self) -> Result<()> {
        self.serve_configured(&format!("[web]\nurl = \"http://{PAGE}/\"\n"))
    }

    /// The same with this in its configuration.
    pub(crate) fn serve_configured(&mut self, more: &str) -> Result<()> {
        self.postward.serve(&ServeOptions {
            xmpp: Some((self.one.component_address(), COMPONENT.to_owned(), SECRET.to_owned())),
            config: Some(format!("[xmpp]\nadmins = [\"root@one.test\"]\n{more}")),
            ..ServeOptions::default()
        })?;
        self.postward.wait_for_chat()
    }

    /// Starts Prosody again after it was stopped, and waits until Postward is connected to it.
    pub(crate) fn start_prosody_again(&mut self) -> Result<()> {
        self.one.start_again()?;
        wait_for("Postward to be connected again", PATIENCE, || {
            Ok(self.one.log().contains("External component successfully authenticated").then_some(()))
        })
    }

    /// A client of an account here.
    pub(crate) fn client(&self, name: &str) -> Result<Client> {
        Client::available(self.one.c2s(), &format!("{name}@one.test/home"))
    }

    /// A client of an account elsewhere.
    pub(crate) fn stranger(&self, name: &str) -> Result<Client> {
        Client::available(self.two.c2s(), &format!("{name}@two.test/home"))
    }

    /// Which of these senders' messages reach somebody, in order.
    pub(crate) fn reach(
        &self,
        to: &mut Client,
        senders: &mut [&mut Client],
        body: &str,
    ) -> Result<Vec<String>> {
        let account = to.jid().split('/').next().unwrap_or_default().to_owned();
        for sender in senders.iter_mut() {
            sender.send(&format!("<message type='chat' to='{account}'><body>{body}</body></message>"))?;
            sender.sync()?;
        }
        // What is sent last, by somebody whom nobody blocks, comes after all that comes.
        let mut last = self.stranger("last")?;
        last.send(&format!("<message type='chat' to='{account}'><body>the last</body></message>"))?;
        let end = |stanza: &Element| body_of(stanza).as_deref() == Some("the last");
        let mut reached = Vec::new();
        loop {
            let stanza = to.wait_for("the last message", |stanza| stanza.name() == "message", PATIENCE)?;
            if end(&stanza) {
                return Ok(reached);
            }
            if body_of(&stanza).as_deref() == Some(body) {
                let from = stanza.attr("from").unwrap_or_default();
                reached.push(from.split('@').next().unwrap_or_default().to_owned());
            }
        }
    }
}

/// The link in what the component says.
pub(crate) fn link_in(said: &str) -> Option<String> {
    let key = said.split(&format!("http://{PAGE}/welcome?key=")).nth(1)?;
    Some(key.chars().take_while(|char| char.is_ascii_alphanumeric() || "-_".contains(*char)).collect())
}

impl DeskHouse {
    /// Opens the link with this key and presses the button, as a browser does that finds the page; the answer.
    pub(crate) fn arrive(&self, key: &str) -> Result<String> {
        let seen = self.http(&format!("GET /welcome?key={key} HTTP/1.1"), "", "")?;
        let cookie = seen.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|line| line.split(';').next()).context("no cookie")?;
        let visit = cookie.split_once('=').context("no cookie")?.1;
        let form = format!("visit={visit}&key={key}");
        self.http("POST /welcome HTTP/1.1", &format!("Cookie: {cookie}\r\n"), &form)
    }

    fn http(&self, request: &str, headers: &str, form: &str) -> Result<String> {
        let address = self.postward.page().trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let request = format!(
            "{request}\r\nHost: {PAGE}\r\nConnection: close\r\n{headers}Content-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// Writes to the component as a person would, and returns the answer.
pub(crate) fn say(client: &mut Client, text: &str) -> Result<String> {
    Ok(body_of(&say_raw(client, &format!("<body>{}</body>", escaped(text)))?).unwrap_or_default())
}

/// The same with anything in the message.
pub(crate) fn say_raw(client: &mut Client, content: &str) -> Result<Element> {
    client.send(&format!("<message type='chat' to='{COMPONENT}'>{content}</message>"))?;
    client.wait_for(
        "the component's answer",
        |stanza| from_component(stanza) && body_of(stanza).is_some(),
        PATIENCE,
    )
}

pub(crate) fn from_component(stanza: &Element) -> bool {
    stanza.attr("from") == Some(COMPONENT)
}

/// Asks the component something, and returns the whole answer.
pub(crate) fn ask(client: &mut Client, kind: &str, payload: &str) -> Result<Element> {
    client.send(&format!("<iq type='{kind}' id='ask' to='{COMPONENT}'>{payload}</iq>"))?;
    client.wait_for("an answer", |stanza| stanza.name() == "iq" && stanza.attr("id") == Some("ask"), PATIENCE)
}

/// The name of an error's condition; empty if it is none.
pub(crate) fn condition(answer: &Element) -> String {
    let error = answer.children().find(|child| child.name() == "error");
    error.and_then(|error| error.children().next()).map(|child| child.name().to_owned()).unwrap_or_default()
}

pub(crate) const COMMANDS: &str = "http://jabber.org/protocol/commands";
const FORM: &str = "jabber:x:data";

/// A command that is under way.
pub(crate) struct Command {
    node: &'static str,
    session: String,
    /// What the component said last.
    pub(crate) said: Element,
}

impl Command {
    pub(crate) fn begin(client: &mut Client, node: &'static str) -> Result<Self> {
        let request = format!("<command xmlns='{COMMANDS}' node='{node}' action='execute'/>");
        let mut command = Self { node, session: String::new(), said: Element::bare("none", "") };
        command.hear(ask(client, "set", &request)?)?;
        Ok(command)
    }

    /// The next step, with this filled in.
    pub(crate) fn go(&mut self, client: &mut Client, action: &str, fields: &[(&str, &str)]) -> Result<()> {
        let answer = self.try_to(client, action, fields)?;
        self.hear(answer)
    }

    /// The next step, which may be refused.
    pub(crate) fn try_to(
        &self,
        client: &mut Client,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<Element> {
        let fields: String = fields
            .iter()
            .map(|(var, value)| format!("<field var='{var}'><value>{}</value></field>", escaped(value)))
            .collect();
        let request = format!(
            "<command xmlns='{COMMANDS}' node='{}' sessionid='{}' action='{action}'><x xmlns='{FORM}' \
             type='submit'>{fields}</x></command>",
            self.node, self.session
        );
        ask(client, "set", &request)
    }

    fn hear(&mut self, answer: Element) -> Result<()> {
        let command = answer.get_child("command", COMMANDS);
        self.said = command.cloned().ok_or_else(|| anyhow::anyhow!("{}", String::from(&answer)))?;
        self.session = self.said.attr("sessionid").unwrap_or_default().to_owned();
        Ok(())
    }

    pub(crate) fn status(&self) -> &str {
        self.said.attr("status").unwrap_or_default()
    }

    pub(crate) fn note(&self) -> String {
        self.said.get_child("note", COMMANDS).map(Element::text).unwrap_or_default()
    }

    /// The actions that are offered.
    pub(crate) fn actions(&self) -> Vec<String> {
        let actions = self.said.get_child("actions", COMMANDS).into_iter().flat_map(Element::children);
        actions.map(|action| action.name().to_owned()).collect()
    }

    /// The names of the form's fields.
    pub(crate) fn fields(&self) -> Vec<String> {
        let form = self.said.get_child("x", FORM).into_iter().flat_map(Element::children);
        form.filter_map(|field| field.attr("var").map(str::to_owned)).collect()
    }

    /// All that is shown, as text.
    pub(crate) fn text(&self) -> String {
        String::from(&self.said)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}
