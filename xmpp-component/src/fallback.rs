//! Texts that are there for other clients only (XEP-0428): what a client shows that leaves them out.

use std::collections::BTreeMap;
use std::ops::Range;

use minidom::Element;

/// XEP-0428, and what XEP-0461 named it before.
const FALLBACK: [&str; 2] = ["urn:xmpp:fallback:0", "urn:xmpp:feature-fallback:0"];

/// How long all texts that are made of one stanza's may be together, in bytes: each feature makes another of each.
const LONGEST: usize = 1 << 20;

/// What a text costs at least, however short: a stanza has room for many.
const SHORTEST: usize = 64;

/// Features that clients know, which come first.
const KNOWN: [&str; 6] = [
    "urn:xmpp:reply:0",
    "jabber:x:oob",
    "urn:xmpp:reactions:0",
    "urn:xmpp:sfs:0",
    "urn:xmpp:message-retract:1",
    "urn:xmpp:message-moderate:1",
];

/// Of so many features every choice is tried: a client knows some and not others.
const CHOSEN: usize = 5;

/// What a message marks as fallback in its bodies and its subjects: the parts that are left out by a client that knows all
/// of the features they are for, by one that knows some of the first few, and by one that knows one of them, for each.
pub(crate) struct Fallback {
    bodies: Vec<Parts>,
    subjects: Vec<Parts>,
    left: usize,
}

/// Parts in characters (XEP-0426), in their order and apart.
type Parts = Vec<Range<usize>>;

impl Fallback {
    pub(crate) fn of(message: &Element) -> Self {
        Self { bodies: left_out(message, "body"), subjects: left_out(message, "subject"), left: LONGEST }
    }

    /// What clients show of `element`, a body or subject of the message, that leave something out.
    pub(crate) fn without(&mut self, element: &Element) -> Vec<String> {
        let ways = if element.name() == "subject" { &self.subjects } else { &self.bodies };
        let text = if ways.is_empty() { String::new() } else { element.text() };
        let most = self.left / text.len().max(SHORTEST);
        let texts: Vec<String> = ways.iter().take(most).map(|parts| cut(&text, parts)).collect();
        self.left -= texts.len() * text.len().max(SHORTEST);
        texts
    }
}

fn left_out(message: &Element, name: &str) -> Vec<Parts> {
    let mut features: BTreeMap<Option<&str>, Parts> = BTreeMap::new();
    for mark in message.children() {
        let Some(namespace) = FALLBACK.into_iter().find(|namespace| mark.is("fallback", *namespace)) else {
            continue;
        };
        let number = |part: &Element, name| part.attr(name).and_then(|number| number.trim().parse().ok());
        let parts = mark.children().filter(|part| part.is(name, namespace));
        let parts = parts.filter_map(|part| Some(number(part, "start")?..number(part, "end")?));
        features
            .entry(mark.attr("for"))
            .or_default()
            .extend(parts.filter(|part: &Range<usize>| !part.is_empty()));
    }
    let mut features: Vec<(Option<&str>, Parts)> =
        features.into_iter().filter(|(_, parts)| !parts.is_empty()).collect();
    features.sort_by_key(|(feature, _)| {
        KNOWN.iter().position(|known| Some(*known) == *feature).unwrap_or(KNOWN.len())
    });
    let features: Vec<Parts> = features.into_iter().map(|(_, parts)| parts).collect();
    let (first, others) = features.split_at(features.len().min(CHOSEN));
    let mut ways = Vec::new();
    if features.len() > 1 {
        ways.push(apart(features.concat()));
    }
    for choice in 1..1usize << first.len() {
        let chosen = first.iter().enumerate().filter(|(place, _)| choice >> place & 1 == 1);
        ways.push(apart(chosen.flat_map(|(_, parts)| parts.iter().cloned()).collect()));
    }
    ways.extend(others.iter().cloned().map(apart));
    ways
}

fn apart(mut parts: Parts) -> Parts {
    parts.sort_by_key(|part| part.start);
    let mut apart: Parts = Vec::with_capacity(parts.len());
    for part in parts {
        match apart.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => apart.push(part),
        }
    }
    apart
}

/// The text without these parts, which are in their order and apart; linear in the length of the text.
fn cut(text: &str, parts: &[Range<usize>]) -> String {
    let mut left = parts.iter().peekable();
    let kept = text.chars().enumerate().filter(|&(position, _)| {
        while left.next_if(|part| part.end <= position).is_some() {}
        left.peek().is_none_or(|part| position < part.start)
    });
    kept.map(|(_, character)| character).collect()
}

#[cfg(test)]
mod tests {
    use super::Fallback;
    use crate::xml::read;

    fn shown(body: &str, marks: &str) -> Vec<String> {
        let message = read(&format!("<message xmlns='jabber:client'><body>{body}</body>{marks}</message>"));
        let message = message.stanza.unwrap();
        let mut fallback = Fallback::of(&message);
        message
            .children()
            .filter(|child| child.name() == "body")
            .flat_map(|body| fallback.without(body))
            .collect()
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
        assert_eq!(shown("abcdef", &mark("<body start='4' end='1'/><body start='x' end='1'/>")), [""; 0]);
        let two = mark("<body start='0' end='1'/>")
            + &mark("<body start='3' end='4'/><subject start='0' end='9'/>");
        assert_eq!(shown("abcdef", &two), ["bcef"]);
    }

    #[test]
    fn marks_for_no_client_hide_none_that_a_client_knows() {
        let mark = |feature: &str, start: usize, end: usize| {
            format!(
                "<fallback xmlns='urn:xmpp:fallback:0' for='{feature}'><body start='{start}' end='{end}'/></fallback>"
            )
        };
        let nothing: String =
            (0..100).map(|number| mark(&format!("urn:x:{number}"), 0, number % 2)).collect();
        for marks in
            [nothing.clone() + &mark("urn:xmpp:reply:0", 3, 6), mark("urn:xmpp:reply:0", 3, 6) + &nothing]
        {
            assert!(shown("casYYYino", &marks).contains(&"casino".to_owned()));
        }
        let letters: String =
            (0..5).map(|number| mark("urn:xmpp:reply:0", 2 * number + 1, 2 * number + 2)).collect();
        assert_eq!(shown("cQaQsQiQnQo", &letters), ["casino"]);
        let old =
            mark("urn:xmpp:reply:0", 3, 6).replace("urn:xmpp:fallback:0", "urn:xmpp:feature-fallback:0");
        assert_eq!(shown("casYYYino", &old), ["casino"]);
    }

    #[test]
    fn what_a_client_shows_that_knows_some_features_and_not_others_is_read() {
        let mark = |feature: &str, start: usize, end: usize| {
            format!(
                "<fallback xmlns='urn:xmpp:fallback:0' for='{feature}'><body start='{start}' end='{end}'/></fallback>"
            )
        };
        let known = mark("urn:xmpp:reply:0", 3, 6) + &mark("jabber:x:oob", 7, 9);
        let junk: String = (0..100).map(|number| mark(&format!("a:{number}"), 0, 11)).collect();
        for marks in [known.clone() + &mark("urn:x:junk", 0, 11), junk + &known] {
            assert!(shown("casYYYiZZno", &marks).contains(&"casino".to_owned()));
        }
        let two = mark("urn:x:1", 3, 6) + &mark("urn:x:2", 7, 9) + &mark("urn:x:3", 0, 11);
        assert!(shown("casYYYiZZno", &two).contains(&"casino".to_owned()));
    }

    #[test]
    fn many_marks_and_texts_make_no_more_than_a_few_texts() {
        let mark = |n: usize| {
            format!("<fallback xmlns='urn:xmpp:fallback:0' for='{n}'><body start='0' end='9{n}'/></fallback>")
        };
        let marks: String = (0..1000).map(mark).collect();
        assert_eq!(shown(&"a".repeat(100_000), &marks).len(), 10);
        assert_eq!(shown(&"a</body><body>".repeat(10_000), &marks).len(), 1 << 14);
    }
}
