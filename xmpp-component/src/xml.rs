//! Reads a stanza that a stranger wrote: whatever it looks like, and as much of it as can be read.

use std::io::BufReader;

use minidom::Element;
use minidom::rxml::{AttrMap, Namespace, Options, RawEvent, RawParser, RawReader, WithOptions};

/// How deep elements may nest before their texts are counted as their ancestor's. Trees are walked and dropped
/// recursively, so an unbounded depth would exhaust the stack.
const MAX_DEPTH: usize = 64;

/// Longer names of namespaces, in bytes, are none that we know. Each element keeps a copy of its own.
const MAX_NAMESPACE: usize = 256;

/// Shorter texts, in bytes, take less than the room that there is beside them.
const SHORT: usize = 512;

/// A stanza, as far as it could be read.
pub(crate) struct Read {
    /// The stanza; what follows an error is missing. `None` if not even its first tag can be read.
    pub(crate) stanza: Option<Element>,
    /// It isn't XML as we read it to its end.
    pub(crate) broken: bool,
    /// It is nested too deep to be kept as it is; its texts are all there.
    pub(crate) too_deep: bool,
}

/// Reads a stanza, in time and memory linear in its length.
///
/// Prosody writes an element's namespace as `xmlns` on it and gives elements no prefix. Namespaces are followed here
/// because rxml looks each one up through all ancestors, which takes quadratic time in a deep stanza.
pub(crate) fn read(text: &str) -> Read {
    // Prosody has limited the stanza's size; no token is longer than that. The default would refuse long attributes.
    let options = Options { max_token_length: text.len().max(1), ..Options::default() };
    let mut reader = RawReader::wrap(BufReader::new(text.as_bytes()), RawParser::with_options(options));
    let mut open: Vec<Element> = Vec::new();
    let mut head: Option<Head> = None;
    // Each entity is an event of its own: kept one by one, a text of them would take tens of times its size.
    let mut text = String::new();
    let mut too_deep = 0usize;
    let mut read = Read { stanza: None, broken: false, too_deep: false };
    loop {
        match reader.read() {
            Ok(Some(RawEvent::ElementHeadOpen(_, (_, name)))) => {
                put(&mut text, &mut open);
                if open.len() >= MAX_DEPTH {
                    too_deep += 1;
                    read.too_deep = true;
                } else {
                    let namespace = open.last().map(Element::ns).unwrap_or_default();
                    head = Some(Head { name: name.to_string(), namespace, attributes: AttrMap::new() });
                }
            }
            Ok(Some(RawEvent::Attribute(_, (prefix, name), value))) => {
                if let Some(head) = head.as_mut() {
                    match prefix {
                        None if name.as_str() == "xmlns" => {
                            head.namespace = if value.len() > MAX_NAMESPACE { String::new() } else { value };
                        }
                        None => {
                            head.attributes.insert(Namespace::NONE, name, value);
                        }
                        Some(prefix) => {
                            head.attributes.insert(Namespace::from(prefix.to_string()), name, value);
                        }
                    }
                }
            }
            Ok(Some(RawEvent::ElementHeadClose(_))) => {
                if let Some(head) = head.take() {
                    let mut element = Element::bare(head.name, head.namespace);
                    *element.attrs_mut() = head.attributes;
                    open.push(element);
                }
            }
            Ok(Some(RawEvent::Text(_, piece))) => text.push_str(&piece),
            Ok(Some(RawEvent::ElementFoot(_))) => {
                put(&mut text, &mut open);
                if too_deep > 0 {
                    too_deep -= 1;
                } else {
                    close(&mut open, &mut read.stanza);
                }
            }
            Ok(Some(RawEvent::XmlDeclaration(..))) => {}
            Ok(None) => break,
            Err(_) => {
                read.broken = true;
                break;
            }
        }
    }
    put(&mut text, &mut open);
    while !open.is_empty() {
        read.broken = true;
        close(&mut open, &mut read.stanza);
    }
    read
}

/// The beginning of a tag, until all its attributes are there.
struct Head {
    name: String,
    namespace: String,
    attributes: AttrMap,
}

/// What was read of a text goes into the element that is open.
fn put(text: &mut String, open: &mut [Element]) {
    if !text.is_empty()
        && let Some(element) = open.last_mut()
    {
        element.append_text_node(std::mem::take(text));
    }
}

fn close(open: &mut Vec<Element>, root: &mut Option<Element>) {
    let Some(mut element) = open.pop() else { return };
    // With its first text an element has room for more, which is most of what tens of thousands would take; a copy has none.
    if element.children().next().is_none() && element.texts().next().is_some_and(|text| text.len() < SHORT) {
        element = element.clone();
    }
    match open.last_mut() {
        Some(parent) => {
            parent.append_child(element);
        }
        None => *root = Some(element),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_stanza_nested_a_hundred_thousand_deep_keeps_its_texts_and_our_stack() {
        let depth = 100_000;
        let text = format!("<m>{}word{}</m>", "<a>".repeat(depth), "</a>".repeat(depth));
        let read = read(&text.replacen("<m>", "<m xmlns='jabber:client'>", 1));
        assert!(read.too_deep && !read.broken);
        let mut element = read.stanza.unwrap();
        let mut found = false;
        loop {
            found |= element.text() == "word";
            let Some(child) = element.children().next().cloned() else { break };
            element = child;
        }
        assert!(found);
    }

    #[test]
    fn a_text_of_nothing_but_entities_is_one_text() {
        let read = read(&format!("<m xmlns='jabber:client'><body>{}</body></m>", "&apos;".repeat(1_000)));
        let body = read.stanza.and_then(|stanza| stanza.children().next().cloned()).unwrap();
        assert_eq!((body.nodes().count(), body.text().len()), (1, 1_000));
    }

    #[test]
    fn an_attribute_of_hundreds_of_kilobytes_is_read() {
        let read = read(&format!("<m xmlns='jabber:client' name='{}'/>", "a".repeat(400_000)));
        assert!(!read.broken);
        assert_eq!(read.stanza.unwrap().attr("name").map(str::len), Some(400_000));
    }

    #[test]
    fn what_stands_before_an_error_is_kept() {
        let read = read("<message xmlns='jabber:client' from='a@b'><body>x</body><foo></message>");
        assert!(read.broken);
        let stanza = read.stanza.unwrap();
        assert_eq!(stanza.attr("from"), Some("a@b"));
        assert!(stanza.has_child("body", "jabber:client"));
    }

    #[test]
    fn namespaces_are_inherited_and_attributes_in_them_are_kept_apart() {
        let read = read(
            "<message xmlns='jabber:client'><foo xmlns='urn:foo' xmlns:ns1='u' \
             ns1:from='b@c'><bar/></foo><body>x</body></message>",
        );
        assert!(!read.broken);
        let stanza = read.stanza.unwrap();
        let foo = stanza.get_child("foo", "urn:foo").unwrap();
        assert_eq!(foo.attr("from"), None);
        assert!(foo.has_child("bar", "urn:foo"));
        assert!(stanza.has_child("body", "jabber:client"));
    }
}
