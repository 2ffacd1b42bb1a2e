//! Probes by chat: one that must be stopped and one that must get through, at each host where mod_postward is loaded.
//!
//! The component sends them to the host itself, not to an account, and what gets through ends in the module.

use std::sync::Arc;
use std::time::{Duration, Instant};

use policy_core::chain::Link;
use policy_core::door::{Door, DoorState};
use policy_core::entry::Channel;
use policy_core::probe::{Kind, Probes, Trace};
use policy_core::sentence::Sentence;
use policy_core::verdict::Outcome;
use xmpp_component::Messenger;

use super::token;

/// How long all probes together may take.
const WITHIN: Duration = Duration::from_secs(15);

/// Hosts that are tried. A household has a few.
const MOST_HOSTS: usize = 16;

/// What chat is probed with.
pub struct Chat {
    /// Sends stanzas through the component.
    pub messenger: Messenger,
    /// The door they come back to.
    pub door: Arc<Door>,
    /// The probes that are on their way.
    pub probes: Arc<Probes>,
}

impl Chat {
    /// Nothing, where other links say already that it can't be tried.
    pub(super) fn check(&self) -> Vec<Link> {
        let status = self.door.status();
        let (DoorState::Open { .. }, Some(module)) = (status.state, status.module) else { return Vec::new() };
        let hosts: Vec<&String> = module.filtered.iter().take(MOST_HOSTS).collect();
        let mut sent = Vec::new();
        for host in hosts {
            for kind in [Kind::Blocked, Kind::Plain] {
                let Ok(token) = token() else { continue };
                self.probes.begin(&token, kind, Channel::Xmpp, Instant::now());
                self.messenger.probe(host, &token);
                sent.push((host, kind, token));
            }
        }
        let until = Instant::now() + WITHIN;
        let seen: Vec<(&str, Kind, Trace)> = sent
            .into_iter()
            .map(|(host, kind, token)| {
                let left = until.saturating_duration_since(Instant::now());
                self.probes.wait(&token, left, |trace| is_over(kind, trace));
                (host.as_str(), kind, self.probes.end(&token))
            })
            .collect();
        [Kind::Blocked, Kind::Plain].into_iter().flat_map(|kind| links(kind, &seen)).collect()
    }
}

fn is_over(kind: Kind, trace: &Trace) -> bool {
    match (kind, trace.judged) {
        (_, None) => false,
        (Kind::Plain, Some(Outcome::Deliver)) => trace.arrived,
        _ => true,
    }
}

/// One link for all hosts that are alike.
fn links(kind: Kind, seen: &[(&str, Kind, Trace)]) -> Vec<Link> {
    let id = if kind == Kind::Blocked { "chat-blocked-probe" } else { "chat-plain-probe" };
    let name = if kind == Kind::Blocked { "blocked" } else { "plain" };
    let at = |wanted: &dyn Fn(&Trace) -> bool| {
        let hosts = seen.iter().filter(|(_, of, trace)| *of == kind && wanted(trace));
        hosts.map(|(host, ..)| *host).collect::<Vec<_>>().join(", ")
    };
    let mut links = Vec::new();
    let mut add = |hosts: String, link: &dyn Fn(Sentence) -> Link, says: Sentence| {
        if !hosts.is_empty() {
            links.push(link(says.with("probe", name).with("hosts", hosts)));
        }
    };
    let (good, bad) = (|says| Link::good(id, says), |says| Link::bad(id, says));
    let stopped = |trace: &Trace| matches!(trace.judged, Some(Outcome::Drop | Outcome::Refuse));
    let passed = |trace: &Trace| trace.judged == Some(Outcome::Deliver);
    add(at(&|trace| !trace.asked), &bad, Sentence::of("chat-unasked"));
    add(at(&|trace| trace.asked && trace.judged.is_none()), &bad, Sentence::of("chat-failed"));
    if kind == Kind::Blocked {
        add(at(&passed), &bad, Sentence::of("chat-blocked-passed"));
        add(at(&stopped), &good, Sentence::of("chat-blocked-stopped"));
    } else {
        add(at(&stopped), &bad, Sentence::of("chat-plain-stopped"));
        add(at(&|trace| passed(trace) && !trace.arrived), &bad, Sentence::of("chat-plain-lost"));
        add(at(&|trace| trace.arrived), &good, Sentence::of("chat-plain-arrived"));
    }
    links
}
