//! Texts that are there for other clients only (XEP-0428): what a client shows that leaves them out.

use std::ops::Range;

use minidom::Element;

const FALLBACK: &str = "urn:xmpp:fallback:0";

/// How many marks are looked at: each may make another text of the whole.
const MOST: usize = 4;

/// The texts of `element`, a body or subject of `message`, without what the message marks as fallback in it: without one
/// mark's parts, for each, and without all.
pub(crate) fn without(message: &Element, element: &Element) -> Vec<String> {
    let marks = message.children().filter(|child| child.is("fallback", FALLBACK)).take(MOST);
    let mut ranges: Vec<Vec<Range<usize>>> = marks.map(|mark| parts(mark, element.name())).collect();
    ranges.retain(|parts| !parts.is_empty());
    if ranges.len() > 1 {
        ranges.push(sorted(ranges.concat()));
    }
    let text = if ranges.is_empty() { String::new() } else { element.text() };
    ranges.iter().map(|parts| cut(&text, parts)).collect()
}

/// The parts that are fallback, in characters (XEP-0426).
fn parts(mark: &Element, name: &str) -> Vec<Range<usize>> {
    let number = |part: &Element, name| part.attr(name).and_then(|number| number.trim().parse().ok());
    let parts = mark.children().filter(|part| part.is(name, FALLBACK));
    sorted(parts.filter_map(|part| Some(number(part, "start")?..number(part, "end")?)).collect())
}

fn sorted(mut parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    parts.sort_by_key(|part| part.start);
    parts
}

/// The text without these parts, which are in their order; linear in the length of both.
fn cut(text: &str, parts: &[Range<usize>]) -> String {
    let mut left = parts.iter().peekable();
    let mut until = 0;
    let kept = text.chars().enumerate().filter(|&(position, _)| {
        while let Some(part) = left.next_if(|part| part.start <= position) {
            until = until.max(part.end);
        }
        position >= until
    });
    kept.map(|(_, character)| character).collect()
}

#[cfg(test)]
mod tests {
    use super::without;
    use crate::xml::read;

    fn shown(body: &str, marks: &str) -> Vec<String> {
        let message = read(&format!("<message xmlns='jabber:client'><body>{body}</body>{marks}</message>"));
        let message = message.stanza.unwrap();
        without(&message, message.get_child("body", "jabber:client").unwrap())
    }

    #[test]
    fn what_stands_around_a_quotation_for_other_clients_is_one_text() {
        let mark = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='3' end='8'/></fallback>";
        assert_eq!(shown("cas🦊yyy\nino", mark), ["casino"]);
        assert!(shown("casino", "").is_empty());
        assert!(
            shown("casino", "<fallback xmlns='urn:xmpp:fallback:0' for='x'><body/></fallback>").is_empty()
        );
    }

    #[test]
    fn marks_that_overlap_or_make_no_sense_cut_what_can_be_cut() {
        let mark = |parts: &str| format!("<fallback xmlns='urn:xmpp:fallback:0'>{parts}</fallback>");
        let overlapping =
            mark("<body start='2' end='3'/><body start='0' end='2'/><body start='1' end='99'/>");
        assert_eq!(shown("abcdef", &overlapping), [""]);
        assert_eq!(shown("abcdef", &mark("<body start='4' end='1'/><body start='x' end='1'/>")), ["abcdef"]);
        let two = mark("<body start='0' end='1'/>")
            + &mark("<body start='3' end='4'/><subject start='0' end='9'/>");
        assert_eq!(shown("abcdef", &two), ["bcdef", "abcef", "bcef"]);
        assert_eq!(shown("abcdef", &mark("<body start='0' end='1'/>").repeat(9)).len(), 5);
    }
}
