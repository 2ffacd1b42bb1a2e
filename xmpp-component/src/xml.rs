//! Reads a stanza that a stranger wrote: whatever it looks like, and as much of it as can be read.

use std::io::BufReader;

use minidom::Element;
use minidom::rxml::{Event, Options, Parser, Reader, WithOptions};

/// How deep elements may nest before their texts are counted as their ancestor's. Trees are walked and dropped
/// recursively, so an unbounded depth would exhaust the stack.
const MAX_DEPTH: usize = 64;

/// A stanza, as far as it could be read.
pub(crate) struct Read {
    /// The stanza; what follows an error is missing. `None` if not even its first tag can be read.
    pub(crate) stanza: Option<Element>,
    /// It isn't XML as we read it to its end.
    pub(crate) broken: bool,
    /// It is nested too deep to be kept as it is; its texts are all there.
    pub(crate) too_deep: bool,
}

/// Reads a stanza. Takes time and memory linear in its length.
pub(crate) fn read(text: &str) -> Read {
    // Prosody has limited the stanza's size; no token is longer than that. The default would refuse long attributes.
    let options = Options { max_token_length: text.len().max(1), ..Options::default() };
    let mut reader = Reader::wrap(BufReader::new(text.as_bytes()), Parser::with_options(options));
    let mut open: Vec<Element> = Vec::new();
    let mut too_deep = 0usize;
    let mut read = Read { stanza: None, broken: false, too_deep: false };
    loop {
        match reader.read() {
            Ok(Some(Event::StartElement(_, (namespace, name), attributes))) => {
                if open.len() >= MAX_DEPTH {
                    too_deep += 1;
                    read.too_deep = true;
                    continue;
                }
                let mut element = Element::builder(name, namespace).build();
                *element.attrs_mut() = attributes;
                open.push(element);
            }
            Ok(Some(Event::Text(_, text))) => {
                if let Some(element) = open.last_mut() {
                    element.append_text_node(text);
                }
            }
            Ok(Some(Event::EndElement(_))) => {
                if too_deep > 0 {
                    too_deep -= 1;
                } else {
                    close(&mut open, &mut read.stanza);
                }
            }
            Ok(Some(Event::XmlDeclaration(..))) => {}
            Ok(None) => break,
            Err(_) => {
                read.broken = true;
                break;
            }
        }
    }
    while !open.is_empty() {
        read.broken = true;
        close(&mut open, &mut read.stanza);
    }
    read
}

fn close(open: &mut Vec<Element>, root: &mut Option<Element>) {
    let Some(element) = open.pop() else { return };
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
    fn an_attribute_of_hundreds_of_kilobytes_is_read() {
        let read = read(&format!("<m xmlns='jabber:client' name='{}'/>", "a".repeat(400_000)));
        assert!(!read.broken);
        assert_eq!(read.stanza.unwrap().attr("name").map(str::len), Some(400_000));
    }

    #[test]
    fn what_stands_before_an_error_is_kept() {
        // Prosody passes this on; a strict reader doesn't take it (Namespaces in XML, section 3).
        let read = read(
            "<message xmlns='jabber:client' from='a@b'><body>x</body><foo xmlns='http://www.w3.org/XML/1998/namespace'/></message>",
        );
        assert!(read.broken);
        let stanza = read.stanza.unwrap();
        assert_eq!(stanza.attr("from"), Some("a@b"));
        assert!(stanza.has_child("body", "jabber:client"));
    }
}
