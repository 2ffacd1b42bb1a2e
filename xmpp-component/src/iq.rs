//! The few forms that the component itself writes.

use minidom::Element;
use minidom::rxml::xml_ncname;
use tokio_xmpp::parsers::ns;

/// The namespace of all that `mod_postward` and the component say to each other.
pub(crate) const CHECK: &str = "urn:postward:check:1";

/// Whether this must be answered (RFC 6120 section 8.2.3).
pub(crate) fn is_request(stanza: &Element) -> bool {
    stanza.name() == "iq" && matches!(stanza.attr("type"), Some("get" | "set"))
}

pub(crate) fn result(to: &Element, payload: Option<Element>) -> Element {
    reply(to, "result", payload)
}

/// The answer of a server at which nobody is there (RFC 6120 section 8.3.3.19).
pub(crate) fn service_unavailable(to: &Element) -> Element {
    error(to, "cancel", "service-unavailable", None, None)
}

/// An error (RFC 6120 section 8.3.2): its type and condition, a condition of the application's own, a sentence.
pub(crate) fn error(
    to: &Element,
    kind: &str,
    condition: &str,
    own: Option<Element>,
    text: Option<&str>,
) -> Element {
    let text = text.map(|text| Element::builder("text", ns::XMPP_STANZAS).append(text).build());
    let error = Element::builder("error", ns::COMPONENT)
        .attr(xml_ncname!("type").to_owned(), kind)
        .append(Element::bare(condition, ns::XMPP_STANZAS))
        .append_all(text)
        .append_all(own)
        .build();
    reply(to, "error", Some(error))
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

/// A request of the component's own.
pub(crate) fn request(kind: &str, id: &str, from: &str, to: &str, payload: Element) -> Element {
    Element::builder("iq", ns::COMPONENT)
        .attr(xml_ncname!("type").to_owned(), kind)
        .attr(xml_ncname!("id").to_owned(), id)
        .attr(xml_ncname!("from").to_owned(), from)
        .attr(xml_ncname!("to").to_owned(), to)
        .append(payload)
        .build()
}

/// Asks the server for a sign of life (XEP-0199): any answer will do.
pub(crate) fn ping(id: &str, domain: &str) -> Element {
    request("get", id, domain, domain, Element::bare("ping", ns::PING))
}
