//! Who says something on the stream, and who answers it.
//!
//! All that matters is written by `mod_postward` in the name of a host that it filters: a JID without local part or
//! resource. Whatever else comes in is nobody's business here.

use std::time::Instant;

use minidom::Element;
use policy_core::door::{Judge, ModuleStatus};
use policy_core::entry::Channel;

use crate::iq::{self, CHECK};
use crate::leaves::Leave;
use crate::question::Answer;
use crate::sealed::Sealed;
use crate::{onlookers, question, xml};

/// What somebody on the stream gets to hear, and what we learn from it.
pub(crate) struct Heard {
    /// The host whose question, of this id, has no other answer than that the stanza is delivered.
    pub(crate) delivered: Option<(String, String, Option<Leave>)>,
    /// The answer, if there is one.
    pub(crate) answer: Option<Element>,
    /// The module has said who it is: in the name of this host it can be told something.
    pub(crate) module_at: Option<String>,
    /// An account of this server wants something of the component itself.
    pub(crate) for_desk: Option<Element>,
    /// The module says what an account blocks by its client's button.
    pub(crate) for_mirror: bool,
}

/// Answers something that Prosody sent.
pub(crate) fn hear(received: &Element, judge: &impl Judge, sealed: Sealed) -> Heard {
    let host = received.attr("from").filter(|from| !from.contains(['@', '/']));
    let said = received.children().next().filter(|said| host.is_some() && said.ns() == CHECK);
    let mut delivered = None;
    let mut module_at = None;
    let mut for_desk = None;
    let mut for_mirror = false;
    let answer = match (received.name(), received.attr("type"), said.map(|said| (said.name(), said))) {
        // A filtered host asks about a stanza.
        ("iq", Some("get"), Some(("check", check))) => {
            match question::answer(received, check, judge, sealed) {
                Answer::Verdict(verdict) => Some(iq::result(received, Some(verdict))),
                Answer::Deliver(leave) => {
                    let id = received.attr("id").unwrap_or_default().to_owned();
                    delivered = Some((host.unwrap_or_default().to_owned(), id, leave));
                    None
                }
            }
        }
        // Which contacts must not see that an account is online?
        ("iq", Some("get"), Some(("onlookers", of))) => Some(match onlookers::hidden(of, judge) {
            Ok(hidden) => iq::result(received, Some(hidden)),
            Err(_) => iq::service_unavailable(received),
        }),
        // The module says who it is.
        ("iq", Some("set"), Some(("module", module))) => {
            judge.set_module(Some(module_status(module)));
            module_at = host.map(str::to_owned);
            Some(iq::result(received, None))
        }
        // A probe has been let through, and went no further.
        ("iq", Some("set"), Some(("arrived", arrived))) => {
            if let Some(probes) = judge.probes() {
                let token = arrived.attr("token").unwrap_or_default();
                probes.arrived(token, Channel::Xmpp, Instant::now());
            }
            Some(iq::result(received, None))
        }
        ("iq", Some("set"), Some(("blocked", _))) => {
            for_mirror = true;
            None
        }
        ("message", _, Some(("account", account))) => {
            for_desk = xml::read(&account.text()).stanza;
            None
        }
        _ => iq::is_request(received).then(|| iq::service_unavailable(received)),
    };
    Heard { delivered, answer, module_at, for_desk, for_mirror }
}

fn module_status(module: &Element) -> ModuleStatus {
    let hosts = |filtered: &str| {
        let hosts = module.children().filter(|host| host.attr("filtered") == Some(filtered));
        let mut names: Vec<String> = hosts.filter_map(|host| host.attr("name")).map(str::to_owned).collect();
        names.sort();
        names
    };
    ModuleStatus {
        version: module.attr("version").unwrap_or_default().to_owned(),
        unjudged: module.attr("unjudged").and_then(|count| count.parse().ok()).unwrap_or_default(),
        filtered: hosts("true"),
        unfiltered: hosts("false"),
    }
}
