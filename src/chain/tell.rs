//! Telling the admin, by mail and by chat.

use std::time::Instant;

use policy_core::door::DoorState;
use policy_core::entry::Channel;
use policy_core::identity::Identity;
use policy_core::probe::{DOMAIN, Kind};

use super::chat::Chat;
use super::mail::Mail;
use super::smtp::{Problem, Session};

/// Who hears when something turns bad.
#[derive(Clone, Debug, Default)]
pub struct Tell {
    /// Mail addresses.
    pub mail: Vec<String>,
    /// Bare JIDs.
    pub jids: Vec<String>,
}

impl Tell {
    /// Who that is.
    pub fn identities(&self) -> Vec<Identity> {
        let mail = self.mail.iter().filter_map(|mail| Identity::parse_mail(mail).ok());
        mail.chain(self.jids.iter().filter_map(|jid| Identity::parse_jid(jid.trim()).ok())).collect()
    }

    /// Says this to everybody who is named. False: some are, and nobody could be reached.
    pub(super) fn say(&self, text: &str, mail: &Mail, chat: Option<&Chat>) -> bool {
        let mut reached = self.mail.is_empty() && self.jids.is_empty();
        for to in &self.mail {
            match mail.tell(to, text) {
                Ok(()) => reached = true,
                Err(problem) => eprintln!("postward: Postfix didn't take the mail to the admin: {problem}"),
            }
        }
        if let Some(chat) = chat.filter(|chat| matches!(chat.door.status().state, DoorState::Open { .. })) {
            for jid in &self.jids {
                reached |= chat.messenger.say(jid, text);
            }
        }
        reached
    }
}

impl Mail {
    /// Hands a mail to the admin in. No entry keeps it away: it carries a token of its own.
    fn tell(&self, to: &str, text: &str) -> Result<(), Problem> {
        let Some(server) = &self.server else {
            return Err(Problem::Refused("`server` under [mail] is \"none\"".to_owned()));
        };
        let token = super::token().map_err(std::io::Error::other)?;
        self.probes.begin(&token, Kind::Notice, Channel::Mail, Instant::now());
        let sent = submit(server, &token, to, text);
        self.probes.end(&token);
        sent
    }
}

fn submit(server: &str, token: &str, to: &str, text: &str) -> Result<(), Problem> {
    let mut session = Session::open(server, &format!("{token}.{DOMAIN}"))?;
    let utf8 = if to.is_ascii() { "" } else { " SMTPUTF8" };
    session.say(&format!("MAIL FROM:<>{utf8}"), b'2')?;
    session.say(&format!("RCPT TO:<{to}>"), b'2')?;
    let domain = to.rsplit('@').next().unwrap_or_default();
    let subject = text.lines().next().unwrap_or_default();
    let date = super::date();
    // No line begins with a dot.
    let body: String = text.lines().map(|line| format!("{}\r\n", line.trim_start_matches('.'))).collect();
    session.data(&format!(
        "From: Postward <postward@{domain}>\r\nTo: <{to}>\r\nDate: {date}\r\nMessage-ID: <{token}@{domain}>\r\n\
         Subject: {subject}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}"
    ))
}
