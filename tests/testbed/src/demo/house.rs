//! The household's servers, and the chat server that others use.

use anyhow::Result;

use super::interrupt::Interrupt;
use super::say;
use crate::daemon::{Postward, ServeOptions};
use crate::mail::Sink;
use crate::postfix::{self, Postfix};
use crate::prosody::{self, Prosody};

const COMPONENT: &str = "postward.home.test";

/// Everything that runs, but for the chat clients.
pub(super) struct House {
    postfix: Postfix,
    postward: Postward,
    home: Prosody,
    elsewhere: Prosody,
    sink: Sink,
}

impl House {
    /// Starts everything, on loopback.
    pub(super) fn start(interrupt: &Interrupt) -> Result<Self> {
        say("starting two Prosody servers: the household's, and one that friends and others use");
        let secret = format!("demo-{:x}", std::process::id());
        let [home, elsewhere] = Prosody::start_all([
            &prosody::Options::new(&["home.test"]).postward(COMPONENT, &secret),
            &prosody::Options::new(&["friends.test", "spam.test"]),
        ])?;
        interrupt.check()?;
        say("starting Postward");
        let program = std::env::current_exe()?.with_file_name("postward");
        let mut postward = Postward::new(program)?;
        postward.serve(&ServeOptions {
            xmpp: Some((home.component_address(), COMPONENT.to_owned(), secret)),
            ..ServeOptions::default()
        })?;
        postward.wait_for_chat()?;
        interrupt.check()?;
        say("starting Postfix");
        let sink = Sink::start()?;
        let postfix = Postfix::start(&postfix::Options {
            milters: vec![postward.milter().to_owned()],
            domains: vec!["home.test".to_owned()],
            ..postfix::Options::new(sink.port())
        })?;
        interrupt.check()?;
        Ok(Self { postfix, postward, home, elsewhere, sink })
    }

    /// The household's chat server.
    pub(super) fn home(&self) -> &Prosody {
        &self.home
    }

    /// The chat server of everybody else.
    pub(super) fn elsewhere(&self) -> &Prosody {
        &self.elsewhere
    }

    /// The household's mail server.
    pub(super) fn postfix(&self) -> &Postfix {
        &self.postfix
    }

    /// Where the household's mail arrives.
    pub(super) fn sink(&self) -> &Sink {
        &self.sink
    }

    /// The program and its data.
    pub(super) fn postward(&self) -> &Postward {
        &self.postward
    }

    /// How to go on by hand.
    pub(super) fn invitation(&self) -> Result<String> {
        let password = self.postward.password()?;
        let program = std::env::current_exe()?.with_file_name("postward");
        let page = self.postward.page();
        let (program, data) = (program.display(), self.postward.data());
        let (data, port) = (data.display(), self.postfix.address().port());
        let (chat, _) = self.home.c2s();
        Ok(format!(
            "The page      {page}\n\
             Its password  {password}\n\
             \n\
             By hand, from another terminal; what arrives is shown here:\n\
             - block something   {program} --data {data} block 'lunch'\n\
             - send a mail       python3 -c \"import smtplib; smtplib.SMTP('127.0.0.1', {port})\
             .sendmail('me@friends.test', 'anna@home.test', 'Subject: hello\\n\\nhello')\"\n\
             - chat              server {chat}, port 5222, no TLS; any name at home.test, any password; write to anna@home.test\n\
             \n\
             Press Enter to send the same again (after you blocked a word that the friend uses, say).\n\
             Press Ctrl-C to end."
        ))
    }
}
