//! The message with which the desk answers.

use minidom::Element;
use minidom::rxml::xml_ncname;
use tokio_xmpp::parsers::ns;

/// A message to whoever wrote `to`: for the client that wrote alone, and for no archive.
pub(super) fn message(to: &Element, text: &str) -> Element {
    Element::builder("message", ns::COMPONENT)
        .attr(xml_ncname!("type").to_owned(), "chat")
        .attr(xml_ncname!("from").to_owned(), to.attr("to"))
        .attr(xml_ncname!("to").to_owned(), to.attr("from"))
        .append(Element::builder("body", ns::COMPONENT).append(shown(text)).build())
        // XEP-0334 sections 4.2 and 4.3, XEP-0280 section 8.1.
        .append(Element::bare("no-store", "urn:xmpp:hints"))
        .append(Element::bare("no-copy", "urn:xmpp:hints"))
        .append(Element::bare("private", ns::CARBONS))
        .build()
}

/// A text as it may be shown: without what XML can't carry (XML 1.0 section 2.2) and what turns a line's direction, so
/// that no listed value can turn a sentence of ours around.
pub(super) fn shown(text: &str) -> String {
    let carried = |char: &char| match char {
        '\n' | '\t' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => !char.is_control(),
    };
    text.chars().filter(carried).collect()
}
