//! Probes by mail: one that must be stopped and one that must get through, handed to Postfix as a stranger would.
//!
//! Before a word of a message is said it must be certain that our milter is asked about it, and will take it away: a probe
//! never reaches a mailbox. Until then it is only an envelope.

use std::sync::Arc;
use std::time::{Duration, Instant};

use policy_core::chain::Link;
use policy_core::entry::Channel;
use policy_core::probe::{DOMAIN, FIELD, Kind, Probes, Trace};
use policy_core::sentence::Sentence;
use policy_core::verdict::Outcome;

use super::smtp::{Problem, Session};
use super::token;

/// How long the milter may take to be asked, and a message to come through the queue to our listener.
const ASKED_WITHIN: Duration = Duration::from_secs(2);
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

/// What mail is probed with.
pub struct Mail {
    /// `HOST:PORT` where Postfix takes mail; none if there is no Postfix.
    pub server: Option<String>,
    /// An address whose mail comes to our own listener, where blocking by forwarding is set up.
    pub own_address: Option<String>,
    /// How much of a mail is looked at, in bytes.
    pub scan_limit: u64,
    /// The probes that are on their way.
    pub probes: Arc<Probes>,
}

/// How far a probe came.
enum Way {
    /// Postfix didn't take the envelope.
    Refused(Problem),
    /// Postfix would have taken it without asking us.
    Unasked,
    /// It was handed over, or refused at its end.
    Sent(Result<(), Problem>, Trace),
}

impl Mail {
    pub(super) fn check(&self) -> Vec<Link> {
        let Some(server) = &self.server else { return Vec::new() };
        let mut links = match Session::open(server, &format!("check.{DOMAIN}")) {
            Ok(session) => {
                let says = Sentence::of("postfix-takes-mail").with("server", server.as_str());
                let mut links = vec![Link::good("postfix", says)];
                links.extend(self.offers(&session));
                links
            }
            Err(problem) => {
                let says = Sentence::of("postfix-absent").with("server", server.as_str());
                return vec![Link::bad("postfix", says.with("problem", problem.to_string()))];
            }
        };
        let mut tried = [Kind::Blocked, Kind::Plain].map(|kind| (kind, self.send(server, kind)));
        if let [(_, Way::Unasked), second] = &mut tried {
            // The same sentence twice helps nobody.
            second.1 = Way::Unasked;
            links.push(unasked(server));
            return links;
        }
        links.extend(tried.into_iter().map(|(kind, way)| self.link(server, kind, way)));
        links
    }

    /// What Postfix says of itself.
    fn offers(&self, session: &Session) -> Vec<Link> {
        let mut links = Vec::new();
        if let Some(size) = session.offer("SIZE").and_then(|size| size.parse::<u64>().ok())
            && (size == 0 || size > self.scan_limit)
        {
            links.push(super::postfix::size("mail-size", Some(size), self.scan_limit));
        }
        if session.offer("DSN").is_some() {
            links.push(super::notices::offers("mail-dsn"));
        }
        links
    }

    fn send(&self, server: &str, kind: Kind) -> Way {
        let Ok(token) = token() else {
            return Way::Refused(Problem::Refused("no random numbers".to_owned()));
        };
        self.probes.begin(&token, kind, Channel::Mail, Instant::now());
        let way = self.go(server, kind, &token);
        let trace = self.probes.end(&token);
        match way {
            Ok(handed_over) => Way::Sent(handed_over, trace),
            Err(way) => way,
        }
    }

    fn go(&self, server: &str, kind: Kind, token: &str) -> Result<Result<(), Problem>, Way> {
        let mut session = Session::open(server, &format!("{token}.{DOMAIN}")).map_err(Way::Refused)?;
        let nobody = format!("nobody@{DOMAIN}");
        let (from, to) = match &self.own_address {
            // Our listener takes nothing without a sender.
            Some(own) => (own.as_str(), own.as_str()),
            None => ("", nobody.as_str()),
        };
        session.say(&format!("MAIL FROM:<{from}>"), b'2').map_err(Way::Refused)?;
        session.say(&format!("RCPT TO:<{to}>"), b'2').map_err(Way::Refused)?;
        if !self.probes.wait(token, ASKED_WITHIN, |trace| trace.asked).asked {
            return Err(Way::Unasked);
        }
        let handed_over = session.data(&message(kind, token, to));
        if handed_over.is_ok() && kind == Kind::Plain && self.own_address.is_some() {
            let enough = |trace: &Trace| trace.arrived || trace.judged != Some(Outcome::Deliver);
            self.probes.wait(token, ARRIVES_WITHIN, enough);
        }
        Ok(handed_over)
    }

    fn link(&self, server: &str, kind: Kind, way: Way) -> Link {
        let id = if kind == Kind::Blocked { "mail-blocked-probe" } else { "mail-plain-probe" };
        let name = if kind == Kind::Blocked { "blocked" } else { "plain" };
        let (handed_over, trace) = match way {
            Way::Unasked => return unasked(server),
            Way::Refused(Problem::Refused(text)) if text.starts_with('4') => {
                return Link::bad(id, Sentence::of("mail-put-off").with("reply", text));
            }
            Way::Refused(problem) => {
                let says = Sentence::of("mail-untried").with("probe", name).with("server", server);
                return Link::worth_knowing(id, says.with("problem", problem.to_string()));
            }
            Way::Sent(handed_over, trace) => (handed_over, trace),
        };
        match (kind, trace.judged) {
            (_, None) => Link::bad(id, Sentence::of("mail-never-shown").with("probe", name)),
            (Kind::Blocked, Some(Outcome::Drop | Outcome::Refuse)) if handed_over.is_ok() => {
                Link::good(id, Sentence::of("mail-blocked-stopped").with("server", server))
            }
            (Kind::Blocked, Some(Outcome::Drop | Outcome::Refuse)) => {
                Link::worth_knowing(id, Sentence::of("mail-blocked-told"))
            }
            (Kind::Blocked, Some(Outcome::Deliver)) => Link::bad(id, Sentence::of("mail-blocked-passed")),
            (_, Some(Outcome::Drop | Outcome::Refuse)) => Link::bad(id, Sentence::of("mail-plain-stopped")),
            (_, Some(Outcome::Deliver)) => match (handed_over, &self.own_address) {
                (Err(problem), _) => {
                    Link::bad(id, Sentence::of("mail-plain-refused").with("problem", problem.to_string()))
                }
                (Ok(()), Some(own)) if !trace.arrived => {
                    Link::bad(id, Sentence::of("mail-plain-lost").with("address", own.as_str()))
                }
                (Ok(()), Some(_)) => Link::good(id, Sentence::of("mail-plain-arrived")),
                (Ok(()), None) => Link::good(id, Sentence::of("mail-plain-passed")),
            },
        }
    }
}

fn unasked(server: &str) -> Link {
    Link::bad("mail-asked", Sentence::of("mail-unasked").with("server", server))
}

/// A message without a word that anybody could have listed.
fn message(kind: Kind, token: &str, to: &str) -> String {
    let from = if kind == Kind::Blocked { "blocked" } else { "plain" };
    let date = super::date();
    format!(
        "From: <{from}@{DOMAIN}>\r\nTo: <{to}>\r\nDate: {date}\r\nMessage-ID: <{token}@{DOMAIN}>\r\nSubject: {token}\r\n\
         {FIELD}: {token}\r\nAuto-Submitted: auto-generated\r\n\r\n\r\n"
    )
}
