//! The lines that a mail program writes above a message that it forwards inline: `From: M <m@x.example>`.

use super::MOST;
use super::words::{FORWARDED, FROM, OTHERS, REPLY_TO};
use crate::identity::Identity;
use crate::message;

/// Mail programs break lines at 72 characters or later; a word that doesn't fit begins the next line.
const BREAK: usize = 60;

/// The longest label.
const LABEL: usize = 40;

/// What an at sign may look like.
const AT: [char; 3] = ['@', '\u{ff20}', '\u{fe6b}'];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Label {
    From,
    ReplyTo,
    /// Subject, date, who it went to.
    Other,
}

/// What is said behind a label.
#[derive(Default)]
pub(super) struct Named {
    /// The address, if each way to read the field finds this one alone.
    pub(super) certain: Option<Identity>,
    /// All addresses in it.
    pub(super) all: Vec<Identity>,
}

/// Quoting and emphasis.
fn is_dressing(char: char) -> bool {
    char.is_whitespace() || matches!(char, '>' | '|' | '*' | '_' | '\u{200e}' | '\u{200f}')
}

pub(super) fn is_blank(line: &str) -> bool {
    line.trim_matches(is_dressing).is_empty()
}

pub(super) fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with(['>', '|'])
}

/// A line that begins with one of the labels that we know, quoting and emphasis undone, and what follows the colon.
pub(super) fn labelled(line: &str) -> Option<(Label, &str)> {
    let (label, value) = split(line)?;
    let label = label.to_lowercase();
    if FROM.contains(&label.as_str()) {
        Some((Label::From, value))
    } else if REPLY_TO.contains(&label.as_str()) {
        Some((Label::ReplyTo, value))
    } else if OTHERS.contains(&label.as_str()) {
        Some((Label::Other, value))
    } else {
        None
    }
}

/// Whether a line begins a field, in whatever language.
pub(super) fn begins_field(line: &str) -> bool {
    split(line).is_some_and(|(label, _)| {
        !label.is_empty() && label.chars().count() <= LABEL && !label.contains(AT) && !label.contains('<')
    })
}

fn split(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.trim_start_matches(is_dressing).split_once([':', '\u{ff1a}'])?;
    Some((label.trim_matches(is_dressing), value.trim_matches(is_dressing)))
}

/// Whether `next` may be the rest of the field whose last line so far is `line`: whoever wrote a name can have made it so
/// long that a line break falls where they like.
pub(super) fn continues(line: &str, next: &str) -> bool {
    // The rest of a name can look like a subject or a date.
    let begins_another = matches!(labelled(next), Some((Label::From | Label::ReplyTo, _)));
    if is_blank(next) || begins_another {
        return false;
    }
    let word = next.trim_start_matches(is_dressing).split_whitespace().next().unwrap_or_default();
    line.len() + word.len() >= BREAK || !begins_field(next)
}

/// Whether a line introduces a forwarded message, and nothing but that.
pub(super) fn introduces(line: &str) -> bool {
    let line = line.trim();
    let lower = line.to_lowercase();
    (line.starts_with("--") || line.ends_with([':', '\u{ff1a}']))
        && FORWARDED.iter().any(|word| lower.contains(word))
}

/// Whether a line sets a message apart: `-----Original Message-----`.
pub(super) fn separates(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("--") && line.ends_with("--") && line.contains(char::is_alphabetic)
}

/// Reads a field: the line behind its label, and what may continue it. That can also be a field of its own, such as who the
/// message went to: `ours` tells addresses that no sender has.
pub(super) fn named(value: &str, further: &[&str], ours: impl Fn(&Identity) -> bool) -> Named {
    let mut further = further.iter().map(|line| line.trim_matches(is_dressing));
    let mut first = value.to_owned();
    // A long name pushes the address to a line of its own.
    while !first.contains(AT)
        && let Some(line) = further.next()
    {
        first.push(' ');
        first.push_str(line);
    }
    let mut named = Named::default();
    let (author, found, mut unread) = addresses(&first);
    let mut add = |identity: Identity| {
        if !named.all.contains(&identity) && named.all.len() < MOST {
            named.all.push(identity);
        }
    };
    author.into_iter().chain(found).for_each(&mut add);
    for line in further {
        let (_, found, odd) = addresses(line);
        unread |= odd;
        found.into_iter().filter(|identity| !ours(identity)).for_each(&mut add);
    }
    if let ([one], false) = (named.all.as_slice(), unread) {
        named.certain = Some(one.clone());
    }
    named
}

/// The addresses in a line: the one of a well-formed From field, every word that is an address, and whether there is one
/// that can't be read. (Our reader of mail finds more where it doesn't understand a field, for a filter must; here it
/// would be guessing.)
pub(super) fn addresses(value: &str) -> (Option<Identity>, Vec<Identity>, bool) {
    if !value.contains(AT) {
        return (None, Vec::new(), false);
    }
    let author = message::senders(format!("From: {value}\r\n\r\n").as_bytes()).author;
    let between = |char: char| char.is_whitespace() || "<>[](){},;:\"*|".contains(char);
    let (mut found, mut unread) = (Vec::new(), value.contains("\"@"));
    for word in value.split(between).filter(|word| word.contains(AT)) {
        match Identity::parse_mail(word.trim_matches(|char: char| ".'!?".contains(char))) {
            Ok(identity) if identity.local().is_some() => found.push(identity),
            _ => unread = true,
        }
    }
    (author.filter(|author| author.local().is_some()), found, unread)
}
