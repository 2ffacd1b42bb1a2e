//! From question to answer, and the one place that turns a verdict into the reply.

use minidom::Element;
use minidom::rxml::xml_ncname;
use policy_core::door::{FailureMode, Judge};
use policy_core::identity::Identity;
use policy_core::verdict::Outcome;
use tokio_xmpp::parsers::ns;

use crate::stanza::{Asked, candidate, forged_carbon};
use crate::xml;

/// The namespace of questions and verdicts.
pub(crate) const CHECK: &str = "urn:postward:check:1";

/// What `mod_postward` is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Deliver,
    Drop,
    Refuse,
    HoldOff,
}

impl From<Outcome> for Action {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Deliver => Self::Deliver,
            Outcome::Drop => Self::Drop,
            Outcome::Refuse => Self::Refuse,
        }
    }
}

impl From<FailureMode> for Action {
    fn from(mode: FailureMode) -> Self {
        match mode {
            FailureMode::Deliver => Self::Deliver,
            FailureMode::HoldOff => Self::HoldOff,
        }
    }
}

/// The answer to something that Prosody sent, if it needs one: only iqs of type get and set do.
pub(crate) fn answer(received: &Element, judge: &impl Judge) -> Option<Element> {
    if !received.is("iq", ns::COMPONENT) || !matches!(received.attr("type"), Some("get" | "set")) {
        return None;
    }
    let get = received.attr("type") == Some("get");
    let child = received.children().next();
    Some(match child {
        Some(check) if get && check.is("check", CHECK) => {
            reply(received, "result", Some(verdict(decide(received, check, judge))))
        }
        Some(query) if get && query.is("query", ns::DISCO_INFO) && query.attr("node").is_none() => {
            reply(received, "result", Some(disco_info()))
        }
        Some(query) if get && query.is("ping", ns::PING) => reply(received, "result", None),
        _ => reply(received, "error", Some(service_unavailable())),
    })
}

fn decide(question: &Element, check: &Element, judge: &impl Judge) -> Action {
    let text = check.text();
    let read = xml::read(&text);
    let asked = Asked {
        host: question.attr("from").and_then(|host| Identity::parse_jid(host).ok()),
        occupant: check.attr("occupant"),
        into_room: check.attr("room") == Some("true"),
    };
    if read.stanza.as_ref().is_some_and(forged_carbon) {
        return Action::Drop;
    }
    let candidate = candidate(read, &text, &asked);
    match judge.judge(&candidate) {
        Ok(judgement) => judgement.verdicts.first().map_or(Action::Deliver, |verdict| verdict.outcome.into()),
        Err(_) => judge.failure_mode().into(),
    }
}

fn verdict(action: Action) -> Element {
    let action = match action {
        Action::Deliver => "deliver",
        Action::Drop => "drop",
        Action::Refuse => "refuse",
        Action::HoldOff => "hold-off",
    };
    Element::builder("verdict", CHECK).attr(xml_ncname!("action").to_owned(), action).build()
}

fn reply(to: &Element, kind: &str, payload: Option<Element>) -> Element {
    Element::builder("iq", ns::COMPONENT)
        .attr(xml_ncname!("type").to_owned(), kind)
        .attr(xml_ncname!("id").to_owned(), to.attr("id"))
        .attr(xml_ncname!("from").to_owned(), to.attr("to"))
        .attr(xml_ncname!("to").to_owned(), to.attr("from"))
        .append_all(payload)
        .build()
}

/// Asks the server for a sign of life (XEP-0199): any answer will do.
pub(crate) fn ping(domain: &str) -> Element {
    Element::builder("iq", ns::COMPONENT)
        .attr(xml_ncname!("type").to_owned(), "get")
        .attr(xml_ncname!("id").to_owned(), "ping")
        .attr(xml_ncname!("from").to_owned(), domain)
        .attr(xml_ncname!("to").to_owned(), domain)
        .append(Element::bare("ping", ns::PING))
        .build()
}

/// XEP-0030: as little as the protocol allows.
fn disco_info() -> Element {
    let feature = |var: &str| {
        Element::builder("feature", ns::DISCO_INFO).attr(xml_ncname!("var").to_owned(), var).build()
    };
    Element::builder("query", ns::DISCO_INFO)
        .append(
            Element::builder("identity", ns::DISCO_INFO)
                .attr(xml_ncname!("category").to_owned(), "component")
                .attr(xml_ncname!("type").to_owned(), "generic")
                .build(),
        )
        .append(feature(ns::DISCO_INFO))
        .append(feature(ns::PING))
        .build()
}

fn service_unavailable() -> Element {
    Element::builder("error", ns::COMPONENT)
        .attr(xml_ncname!("type").to_owned(), "cancel")
        .append(Element::bare("service-unavailable", ns::XMPP_STANZAS))
        .build()
}
