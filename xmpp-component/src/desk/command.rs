//! Ad-hoc commands (XEP-0050): the protocol. What each command does at each step is in `steps`.

use std::time::Instant;

use minidom::Element;
use minidom::rxml::xml_ncname;
use policy_core::entry::Effect;
use tokio_xmpp::parsers::ns;

use super::Desk;
use super::answer::shown;
use super::caller::Caller;
use super::form::Submitted;
use super::say::form::Label;
use super::steps::{Action, Actions, Step};
use super::{disco, say};
use crate::iq;

/// The namespace.
pub(super) const COMMANDS: &str = "http://jabber.org/protocol/commands";

/// The commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Add(Effect),
    List,
    Remove,
    Try,
    Page,
}

pub(super) const NODES: [Node; 6] =
    [Node::Add(Effect::Block), Node::Add(Effect::Allow), Node::List, Node::Remove, Node::Try, Node::Page];

impl Node {
    pub(super) fn named(name: &str) -> Option<Self> {
        NODES.into_iter().find(|node| node.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Add(Effect::Block) => "block",
            Self::Add(Effect::Allow) => "allow",
            Self::List => "list",
            Self::Remove => "remove",
            Self::Try => "try",
            Self::Page => "page",
        }
    }

    pub(super) fn title(self) -> Label {
        match self {
            Self::Add(Effect::Block) => say::form::BLOCK,
            Self::Add(Effect::Allow) => say::form::ALLOW,
            Self::List => say::form::LIST,
            Self::Remove => say::form::REMOVE,
            Self::Try => say::form::TRY,
            Self::Page => say::form::PAGE,
        }
    }
}

/// Why a command doesn't go on (XEP-0050 section 4.4): the stanza's condition and the command's own.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    MalformedAction,
    BadAction,
    BadSession,
    Forbidden,
    NoSuchCommand,
}

impl Refusal {
    fn answer(self, request: &Element) -> Element {
        let own = |name| Some(Element::bare(name, COMMANDS));
        match self {
            Self::MalformedAction => {
                iq::error(request, "modify", "bad-request", own("malformed-action"), None)
            }
            Self::BadAction => iq::error(request, "modify", "bad-request", own("bad-action"), None),
            Self::BadSession => {
                let too_late = say::form::TOO_LATE.say();
                iq::error(request, "modify", "bad-request", own("bad-sessionid"), Some(&too_late))
            }
            Self::Forbidden => iq::error(request, "auth", "forbidden", None, None),
            Self::NoSuchCommand => iq::error(request, "cancel", "item-not-found", None, None),
        }
    }
}

impl Desk {
    /// Answers a request.
    pub(super) fn request(&self, caller: &Caller, request: &Element, now: Instant) -> Element {
        let mut payloads = request.children();
        let (Some(payload), None) = (payloads.next(), payloads.next()) else {
            // RFC 6120 section 8.2.3: one child element.
            return iq::error(request, "modify", "bad-request", None, None);
        };
        if payload.is("command", COMMANDS) && request.attr("type") == Some("set") {
            return match self.command(caller, payload, now) {
                Ok(command) => iq::result(request, Some(command)),
                Err(refusal) => refusal.answer(request),
            };
        }
        disco::answer(request, payload).unwrap_or_else(|| iq::service_unavailable(request))
    }

    fn command(&self, caller: &Caller, command: &Element, now: Instant) -> Result<Element, Refusal> {
        let node = command.attr("node").and_then(Node::named).ok_or(Refusal::NoSuchCommand)?;
        let action = match command.attr("action") {
            None | Some("execute") => Some(Action::Execute),
            Some("next") => Some(Action::Next),
            Some("prev") => Some(Action::Prev),
            Some("complete") => Some(Action::Complete),
            Some("cancel") => None,
            Some(_) => return Err(Refusal::MalformedAction),
        };
        let Some(id) = command.attr("sessionid") else {
            if action != Some(Action::Execute) {
                return Err(Refusal::BadAction);
            }
            let id = self.sessions().new_id();
            return self.show(caller, node, id, self.begin(caller, node), now);
        };
        let session = self.sessions().take(id, &caller.jid, node, now).ok_or(Refusal::BadSession)?;
        let Some(action) = action else { return Ok(writing(node, id, "canceled").build()) };
        let form = Submitted::read(command.get_child("x", ns::DATA_FORMS));
        // A step that can't be is no end: whoever erred goes on where they were.
        let again = session.stage.clone();
        let step = self.step(caller, session.stage, action, &form, now).inspect_err(|_| {
            self.sessions().keep(id.to_owned(), caller.jid.clone(), node, again, now);
        })?;
        self.show(caller, node, id.to_owned(), step, now)
    }

    fn show(
        &self,
        caller: &Caller,
        node: Node,
        id: String,
        step: Step,
        now: Instant,
    ) -> Result<Element, Refusal> {
        Ok(match step {
            Step::Ask { stage, form, actions, error } => {
                let command = writing(node, &id, "executing").append(written(actions)).append(form);
                self.sessions().keep(id, caller.jid.clone(), node, stage, now);
                command.append_all(error.map(|error| note("error", &error))).build()
            }
            Step::Done { form, note: text } => {
                let text = text.map(|text| note("info", &text));
                writing(node, &id, "completed").append_all(text).append_all(form).build()
            }
            Step::Failed(text) => writing(node, &id, "completed").append(note("error", &text)).build(),
        })
    }
}

fn writing(node: Node, id: &str, status: &str) -> minidom::element::ElementBuilder {
    Element::builder("command", COMMANDS)
        .attr(xml_ncname!("node").to_owned(), node.name())
        .attr(xml_ncname!("sessionid").to_owned(), id)
        .attr(xml_ncname!("status").to_owned(), status)
}

fn written(actions: Actions) -> Element {
    let default = if actions.next { "next" } else { "complete" };
    let there = [("prev", actions.prev), ("next", actions.next), ("complete", actions.complete)];
    let each = there.iter().filter(|(_, there)| *there).map(|(name, _)| Element::bare(*name, COMMANDS));
    Element::builder("actions", COMMANDS)
        .attr(xml_ncname!("execute").to_owned(), default)
        .append_all(each)
        .build()
}

fn note(kind: &str, text: &str) -> Element {
    Element::builder("note", COMMANDS).attr(xml_ncname!("type").to_owned(), kind).append(shown(text)).build()
}
