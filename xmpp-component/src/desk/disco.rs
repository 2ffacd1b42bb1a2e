//! What the component is and offers (XEP-0030), that it is there (XEP-0199), what it is called (XEP-0054).

use minidom::Element;
use minidom::rxml::xml_ncname;
use tokio_xmpp::parsers::ns;

use super::command::{COMMANDS, NODES, Node};
use super::say;
use crate::iq;

/// The answer to a request for information, if `query` is one.
pub(super) fn answer(request: &Element, query: &Element) -> Option<Element> {
    if request.attr("type") != Some("get") {
        return None;
    }
    let component = request.attr("to").unwrap_or_default();
    let node = query.attr("node");
    let found = match (query.name(), query.ns().as_str()) {
        ("ping", ns::PING) => return Some(iq::result(request, None)),
        ("vCard", ns::VCARD) => Some(vcard()),
        ("query", ns::DISCO_INFO) => info(node),
        ("query", ns::DISCO_ITEMS) => items(node, component),
        _ => return None,
    };
    Some(match found {
        Some(payload) => iq::result(request, Some(payload)),
        None => iq::error(request, "cancel", "item-not-found", None, None),
    })
}

fn vcard() -> Element {
    let name = |field| Element::builder(field, ns::VCARD).append(say::NAME).build();
    Element::builder("vCard", ns::VCARD).append(name("FN")).append(name("NICKNAME")).build()
}

fn info(node: Option<&str>) -> Option<Element> {
    let identity = |category: &str, kind: &str, name: &str| {
        Element::builder("identity", ns::DISCO_INFO)
            .attr(xml_ncname!("category").to_owned(), category)
            .attr(xml_ncname!("type").to_owned(), kind)
            .attr(xml_ncname!("name").to_owned(), name)
            .build()
    };
    let feature = |var: &str| {
        Element::builder("feature", ns::DISCO_INFO).attr(xml_ncname!("var").to_owned(), var).build()
    };
    let mut query =
        Element::builder("query", ns::DISCO_INFO).attr(xml_ncname!("node").to_owned(), node).build();
    match node {
        None => {
            query.append_child(identity("component", "generic", say::NAME));
            query.append_child(identity("automation", "command-list", &say::form::COMMANDS.say()));
            for var in [ns::DISCO_INFO, ns::DISCO_ITEMS, COMMANDS, ns::DATA_FORMS, ns::PING, ns::VCARD] {
                query.append_child(feature(var));
            }
        }
        Some(COMMANDS) => {
            query.append_child(identity("automation", "command-list", &say::form::COMMANDS.say()));
        }
        // XEP-0050 section 2.3.
        Some(command) => {
            let command = Node::named(command)?;
            query.append_child(identity("automation", "command-node", &command.title().say()));
            query.append_child(feature(COMMANDS));
            query.append_child(feature(ns::DATA_FORMS));
        }
    }
    Some(query)
}

/// XEP-0050 section 2.2: the commands.
fn items(node: Option<&str>, component: &str) -> Option<Element> {
    let query = Element::builder("query", ns::DISCO_ITEMS).attr(xml_ncname!("node").to_owned(), node);
    let item = |command: &Node| {
        Element::builder("item", ns::DISCO_ITEMS)
            .attr(xml_ncname!("jid").to_owned(), component)
            .attr(xml_ncname!("node").to_owned(), command.name())
            .attr(xml_ncname!("name").to_owned(), command.title().say())
            .build()
    };
    match node {
        None => Some(query.build()),
        Some(COMMANDS) => Some(query.append_all(NODES.iter().map(item)).build()),
        Some(command) => Node::named(command).map(|_| query.build()),
    }
}
