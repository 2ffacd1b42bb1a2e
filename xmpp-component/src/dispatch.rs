//! Who says something on the stream, and who answers it.
//!
//! All that matters is written by `mod_postward` in the name of a host that it filters: a JID without local part or
//! resource. Whatever else comes in is nobody's business here.

use std::time::Instant;

use minidom::Element;
use policy_core::door::{Judge, ModuleStatus};
use policy_core::entry::Channel;
use policy_core::identity::Domain;

use crate::grants::{Grant, Grants};
use crate::iq::{self, CHECK};
use crate::question::Answer;
use crate::sealed::Sealed;
use crate::{forwarder, news, onlookers, question, xml};

/// What somebody on the stream gets to hear, and what we learn from it.
#[derive(Default)]
pub(crate) struct Heard {
    /// The answer, if there is one.
    pub(crate) answer: Option<Element>,
    /// The answer is that this question's stanza is delivered, which is said together with others.
    pub(crate) delivered: Option<Asked>,
    /// The module has said who it is.
    pub(crate) module: Option<Module>,
    /// An account of this server wants something of the component itself.
    pub(crate) for_desk: Option<Element>,
    /// The module says what an account blocks, or reports, by its client's button.
    pub(crate) for_mirror: bool,
}

/// A question: the host that asks, its id, and what is said with the answer.
pub(crate) struct Asked {
    pub(crate) host: String,
    pub(crate) id: u64,
    /// The revision of the lists, if it is still the one in force.
    pub(crate) revision: Option<u64>,
    pub(crate) grant: Option<Grant>,
}

/// What the module says of itself that matters on the stream.
pub(crate) struct Module {
    /// In the name of this host it can be told something.
    pub(crate) host: String,
    /// Whether it takes many answers in one stanza.
    pub(crate) together: bool,
    /// Where the accounts and rooms are that it asks about.
    pub(crate) hosts: Vec<Domain>,
}

/// Answers something that Prosody sent to the component with this domain; `module` is who asks, as far as it is known.
pub(crate) fn hear(
    received: &Element,
    domain: &str,
    judge: &impl Judge,
    sealed: Sealed,
    grants: &Grants,
    module: Option<&Module>,
) -> Heard {
    let question = |host: &str, id: &str, check: &Element| {
        let together = module.is_some_and(|module| module.together);
        let revision = grants.revision(judge.today());
        let ours = |domain: &Domain| module.is_none_or(|module| module.hosts.contains(domain));
        match question::answer(host, check, judge, sealed, ours, id.parse().ok().filter(|_| together)) {
            Answer::Verdict(verdict) => (Some(iq::request("result", id, domain, host, verdict)), None),
            Answer::Delivered(id, grant) => {
                let revision = Some(revision).filter(|&revision| grants.renew(revision));
                (None, Some(Asked { host: host.to_owned(), id, revision, grant }))
            }
        }
    };
    let mut heard = Heard::default();
    // Beside all stanzas (XEP-0360): nobody but the module writes there.
    if received.is("check", CHECK) {
        let (host, id) = (received.attr("host").unwrap_or_default(), received.attr("id").unwrap_or_default());
        (heard.answer, heard.delivered) = question(host, id, received);
        return heard;
    }
    let host = received.attr("from").filter(|from| !from.contains(['@', '/']));
    let said = received.children().next().filter(|said| host.is_some() && said.ns() == CHECK);
    heard.answer = match (received.name(), received.attr("type"), said.map(|said| (said.name(), said))) {
        // A filtered host asks about a stanza.
        ("iq", Some("get"), Some(("check", check))) => {
            let (host, id) = (host.unwrap_or_default(), received.attr("id").unwrap_or_default());
            let (answer, delivered) = question(host, id, check);
            heard.delivered = delivered;
            answer
        }
        // The module lets stanzas pass, and asks whether it still may.
        ("iq", Some("get"), Some(("lease", lease))) => {
            let passed = lease.attr("passed").and_then(|passed| passed.parse().ok());
            judge.passed(passed.unwrap_or_default());
            let revision = Some(grants.revision(judge.today()));
            Some(news::lease(received, revision.filter(|&revision| grants.renew(revision))))
        }
        // Which contacts must not see that an account is online?
        ("iq", Some("get"), Some(("onlookers", of))) => Some(match onlookers::hidden(of, judge) {
            Ok(hidden) => iq::result(received, Some(hidden)),
            Err(_) => iq::service_unavailable(received),
        }),
        // The module says who it is.
        ("iq", Some("set"), Some(("module", said))) => {
            let status = module_status(said);
            let hosts = status.filtered.iter().filter_map(|host| Domain::parse(host).ok()).collect();
            judge.set_module(Some(status));
            judge.not_stopped(said.attr("late").and_then(|late| late.parse().ok()).unwrap_or_default());
            let together = said.attr("delivered") == Some("true");
            heard.module = host.map(|host| Module { host: host.to_owned(), together, hosts });
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
        ("iq", Some("set"), Some(("blocked" | "report", _))) => {
            heard.for_mirror = true;
            None
        }
        ("message", _, Some(("account", account))) => {
            heard.for_desk =
                xml::read(&account.text()).stanza.map(|stanza| forwarder::named(stanza, account));
            None
        }
        _ => iq::is_request(received).then(|| iq::service_unavailable(received)),
    };
    heard
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
