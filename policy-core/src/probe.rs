//! Probes: messages that Postward sends through its own doors to see that they are watched.
//!
//! A probe carries a token that nobody can guess, counts once and for a minute. To a message without a token that is on
//! its way, nothing in here applies: it is judged like any other.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::entry::Channel;
use crate::verdict::Outcome;

/// How long a token counts.
pub const LIFETIME: Duration = Duration::from_secs(60);

/// The domain of everything about probes in mail: no mailbox can be there (RFC 2606 section 2).
pub const DOMAIN: &str = "probe.postward.invalid";

/// The field of a mail's header that names the token.
pub const FIELD: &str = "Postward-Probe";

/// The token in the name by which a client introduces itself, if it is one of a probe.
pub fn token_of(helo: &str) -> Option<&str> {
    helo.strip_suffix(DOMAIN)?.strip_suffix('.')
}

/// What a probe is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// That a message is stopped whose sender is on the list: an entry of its own blocks it.
    Blocked,
    /// That a message is let through whose sender isn't.
    Plain,
    /// Nothing: it is Postward's own word to the admin, and no entry keeps it away.
    Notice,
}

/// What has become of a probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// A door was asked about it.
    pub asked: bool,
    /// What the door's verdict was.
    pub judged: Option<Outcome>,
    /// After the verdict it came to where a message would be handed on to its recipient.
    pub arrived: bool,
}

struct InFlight {
    kind: Kind,
    channel: Channel,
    until: Instant,
    trace: Trace,
}

/// The probes that are on their way. Doors and whoever sends probes share it.
#[derive(Default)]
pub struct Probes {
    in_flight: Mutex<HashMap<String, InFlight>>,
    news: Condvar,
}

impl Probes {
    /// A probe with this token is about to be sent; it counts from `now` for [`LIFETIME`].
    pub fn begin(&self, token: &str, kind: Kind, channel: Channel, now: Instant) {
        let mut all = self.held();
        all.retain(|_, probe| probe.until >= now);
        let until = now + LIFETIME;
        all.insert(token.to_owned(), InFlight { kind, channel, until, trace: Trace::default() });
    }

    /// A door is asked about a message with this token: which probe it is, the first time; afterwards, and whenever no such
    /// probe is on its way, none.
    pub fn asked(&self, token: &str, channel: Channel, now: Instant) -> Option<Kind> {
        let mut all = self.held();
        let probe = all.get_mut(token)?;
        if probe.channel != channel || probe.until < now || probe.trace.asked {
            return None;
        }
        probe.trace.asked = true;
        let kind = probe.kind;
        self.news.notify_all();
        Some(kind)
    }

    /// The door's verdict.
    pub fn judged(&self, token: &str, outcome: Outcome) {
        if let Some(probe) = self.held().get_mut(token).filter(|probe| probe.trace.asked) {
            probe.trace.judged.get_or_insert(outcome);
        }
        self.news.notify_all();
    }

    /// A message with this token came out behind the door. Whether it is a probe that may do so: a plain one, once.
    pub fn arrived(&self, token: &str, channel: Channel, now: Instant) -> bool {
        let mut all = self.held();
        let Some(probe) = all.get_mut(token) else { return false };
        let expected = probe.channel == channel
            && probe.kind == Kind::Plain
            && probe.until >= now
            && probe.trace.judged == Some(Outcome::Deliver)
            && !probe.trace.arrived;
        if expected {
            probe.trace.arrived = true;
            self.news.notify_all();
        }
        expected
    }

    /// Waits until `enough` says so of what has become of the probe, for this long at most.
    pub fn wait(&self, token: &str, limit: Duration, enough: impl Fn(&Trace) -> bool) -> Trace {
        let trace = |all: &HashMap<String, InFlight>| {
            all.get(token).map(|probe| probe.trace.clone()).unwrap_or_default()
        };
        let waited = self
            .news
            .wait_timeout_while(self.held(), limit, |all| !enough(&trace(all)))
            .map(|(all, _)| trace(&all));
        waited.unwrap_or_default()
    }

    /// What has become of the probe; its token counts no more.
    pub fn end(&self, token: &str) -> Trace {
        self.held().remove(token).map(|probe| probe.trace).unwrap_or_default()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, InFlight>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn sent(kind: Kind) -> (Probes, Instant) {
        let (probes, now) = (Probes::default(), Instant::now());
        probes.begin(TOKEN, kind, Channel::Mail, now);
        (probes, now)
    }

    #[test]
    fn a_token_counts_once_for_a_minute_on_its_channel() {
        let (probes, now) = sent(Kind::Blocked);
        assert_eq!(probes.asked("unknown", Channel::Mail, now), None);
        assert_eq!(probes.asked(TOKEN, Channel::Xmpp, now), None);
        assert_eq!(
            probes.asked(TOKEN, Channel::Mail, now + LIFETIME + Duration::from_secs(1)),
            None,
            "too late"
        );
        assert_eq!(probes.asked(TOKEN, Channel::Mail, now + LIFETIME), Some(Kind::Blocked));
        assert_eq!(probes.asked(TOKEN, Channel::Mail, now), None, "used");
        probes.judged(TOKEN, Outcome::Drop);
        assert_eq!(probes.end(TOKEN), Trace { asked: true, judged: Some(Outcome::Drop), arrived: false });
        assert_eq!(probes.asked(TOKEN, Channel::Mail, now), None, "over");
    }

    #[test]
    fn only_a_plain_probe_that_was_let_through_arrives_and_once() {
        for (kind, outcome, arrives) in [
            (Kind::Plain, Outcome::Deliver, true),
            (Kind::Plain, Outcome::Drop, false),
            (Kind::Blocked, Outcome::Deliver, false),
            (Kind::Notice, Outcome::Deliver, false),
        ] {
            let (probes, now) = sent(kind);
            assert!(!probes.arrived(TOKEN, Channel::Mail, now), "nobody was asked");
            probes.asked(TOKEN, Channel::Mail, now);
            probes.judged(TOKEN, outcome);
            assert!(!probes.arrived(TOKEN, Channel::Xmpp, now), "another channel");
            assert_eq!(probes.arrived(TOKEN, Channel::Mail, now), arrives, "{kind:?}");
            assert!(!probes.arrived(TOKEN, Channel::Mail, now), "once");
        }
    }

    #[test]
    fn a_verdict_counts_only_for_a_probe_that_was_asked_about_and_the_first_counts() {
        let (probes, now) = sent(Kind::Plain);
        probes.judged(TOKEN, Outcome::Deliver);
        assert_eq!(probes.wait(TOKEN, Duration::ZERO, |_| false), Trace::default());
        probes.asked(TOKEN, Channel::Mail, now);
        probes.judged(TOKEN, Outcome::Drop);
        probes.judged(TOKEN, Outcome::Deliver);
        assert_eq!(probes.end(TOKEN).judged, Some(Outcome::Drop));
    }
}
