//! Address lists (RFC 5322 section 3.4 with the obsolete syntax of 4.4, RFC 6532, RFC 6854), and the address-like
//! things inside what can't be understood.

use std::borrow::Cow;

use super::encoded_word;
use crate::identity::quoted;

/// One element of an address list.
#[derive(Default)]
pub(super) struct Mailbox {
    /// The addresses it yields: one where it is understood.
    pub(super) addresses: Vec<(String, String)>,
    /// The phrase before the angle or of the group, quoting undone, encoded words still encoded.
    pub(super) name: String,
    /// Its comments, which readers show where there is no phrase.
    pub(super) comments: Vec<String>,
    /// Whether it is what RFC 5322 allows and nothing but one address.
    pub(super) clean: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Token<'v> {
    Atom(Cow<'v, str>),
    Quoted(String),
    Literal(String),
    Comment(String),
    Sign(char),
    Blank,
}

/// Most lists have no more tokens.
const TOKENS: usize = 16;

/// Reads an address list. Linear in its length.
pub(super) fn list(value: &str) -> Vec<Mailbox> {
    let (tokens, sound) = tokens(value);
    let mut mailboxes = Vec::new();
    let mut element: Vec<Token<'_>> = Vec::with_capacity(TOKENS);
    let mut in_angle = false;
    for token in tokens {
        match token {
            Token::Sign('<') => in_angle = true,
            Token::Sign('>') => in_angle = false,
            Token::Sign(',' | ';') if !in_angle => {
                mailboxes.extend(mailbox(&element, sound));
                element.clear();
                continue;
            }
            // What stands before the colon of a group is its name; in front of it no address can stand.
            Token::Sign(':') if !in_angle => {
                let mut group = mailbox(&element, sound).unwrap_or_default();
                group.clean = false;
                mailboxes.push(group);
                element.clear();
                continue;
            }
            _ => {}
        }
        element.push(token);
    }
    mailboxes.extend(mailbox(&element, sound));
    mailboxes
}

/// Splits into tokens (RFC 5322 section 3.2). The flag is false where a quoted string, comment or literal never ends.
fn tokens(value: &str) -> (Vec<Token<'_>>, bool) {
    let mut tokens = Vec::with_capacity(TOKENS);
    let mut sound = true;
    let mut rest = value.chars();
    loop {
        let here = rest.as_str();
        if let Some(length) = here.starts_with("=?").then(|| encoded_word::length(here.as_bytes())).flatten()
            && let Some((word, after)) = here.split_at_checked(length)
        {
            push_atom(&mut tokens, word);
            rest = after.chars();
            continue;
        }
        let Some(c) = rest.next() else { break };
        match c {
            ' ' | '\t' | '\r' | '\n' => {
                if tokens.last() != Some(&Token::Blank) {
                    tokens.push(Token::Blank);
                }
            }
            '"' => {
                let (text, ended) = delimited(&mut rest, None, '"');
                sound &= ended;
                tokens.push(Token::Quoted(text));
            }
            '(' => {
                let (text, ended) = delimited(&mut rest, Some('('), ')');
                sound &= ended;
                tokens.push(Token::Comment(text));
            }
            '[' => {
                let (text, ended) = delimited(&mut rest, None, ']');
                // `dtext` allows for more (section 3.4.1), but no IP address has these, and some readers end it there.
                sound &= ended && !text.contains(['@', '<', '>', '\u{ff20}']);
                tokens.push(Token::Literal(format!("[{text}]")));
            }
            '<' | '>' | ',' | ';' | ':' | '@' | '.' => tokens.push(Token::Sign(c)),
            _ => {
                // An equals sign may begin an encoded word.
                let ends = |c: char| c == '=' || is_syntax(c);
                let run = rest.as_str().split(ends).next().unwrap_or_default();
                let length = c.len_utf8() + run.len();
                let (atom, after) = here.split_at_checked(length).unwrap_or((here, ""));
                push_atom(&mut tokens, atom);
                rest = after.chars();
            }
        }
    }
    (tokens, sound)
}

/// Whether a character stands in no atom.
fn is_syntax(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '"' | '(' | '[' | '<' | '>' | ',' | ';' | ':' | '@' | '.')
}

fn push_atom<'v>(tokens: &mut Vec<Token<'v>>, text: &'v str) {
    match tokens.last_mut() {
        Some(Token::Atom(atom)) => atom.to_mut().push_str(text),
        _ => tokens.push(Token::Atom(text.into())),
    }
}

/// The text up to the closing sign, quoted pairs undone; `open` nests. The flag tells whether the sign was there.
fn delimited(rest: &mut std::str::Chars<'_>, open: Option<char>, close: char) -> (String, bool) {
    let mut text = String::new();
    let mut depth = 0usize;
    while let Some(c) = rest.next() {
        if c == '\\' {
            text.extend(rest.next());
        } else if c == close {
            if depth == 0 {
                return (text, true);
            }
            depth -= 1;
            text.push(c);
        } else {
            if Some(c) == open {
                depth += 1;
            }
            text.push(c);
        }
    }
    (text, false)
}

/// Reads one element; `None` for an empty one.
fn mailbox(element: &[Token<'_>], sound: bool) -> Option<Mailbox> {
    if element.iter().all(|token| *token == Token::Blank) {
        return None;
    }
    let mut found = Mailbox { clean: sound, ..Mailbox::default() };
    found.comments = element
        .iter()
        .filter_map(|t| if let Token::Comment(text) = t { Some(text.clone()) } else { None })
        .collect();
    let mut parts = element.split(|token| *token == Token::Sign('<'));
    let before = parts.next().unwrap_or_default();
    let angles: Vec<&[Token<'_>]> = parts.collect();
    if angles.is_empty() {
        match addr_spec(before) {
            Some(address) => {
                found.clean &= !address.0.is_empty();
                found.addresses.push(address);
            }
            None => {
                found.clean = false;
                found.addresses = address_like(&shown(before));
            }
        }
        return Some(found);
    }
    found.name = phrase(before);
    found.clean &= angles.len() == 1;
    for angle in angles {
        let mut halves = angle.splitn(2, |token| *token == Token::Sign('>'));
        let inside = halves.next().unwrap_or_default();
        let Some(behind) = halves.next() else {
            found.clean = false;
            found.addresses.extend(addr_spec(inside));
            found.addresses.extend(address_like(&shown(inside)));
            continue;
        };
        let (path, routed) = without_route(inside);
        found.clean &= !routed;
        match addr_spec(path) {
            Some(address) => {
                found.clean &= !address.0.is_empty();
                found.addresses.push(address);
            }
            None => {
                found.clean = false;
                found.addresses.extend(address_like(&shown(inside)));
            }
        }
        if behind.iter().any(|token| !matches!(token, Token::Blank | Token::Comment(_))) {
            found.clean = false;
            found.addresses.extend(address_like(&shown(behind)));
        }
    }
    // What stands in front of the angle must be a phrase; with other signs in it readers may disagree on who wrote, unless it
    // is the same address once more.
    let is_phrase = before.iter().all(|token| {
        !matches!(token, Token::Literal(_)) && !matches!(token, Token::Sign(sign) if *sign != '.')
    });
    found.clean &= is_phrase || is_address_again(before, &found);
    Some(found)
}

/// Whether the phrase is the address itself, in apostrophes or not, and nothing but signs that stand for themselves: some
/// programs write it unquoted (`friend@example.org <friend@example.org>`), and some readers take it for the author.
fn is_address_again(before: &[Token<'_>], mailbox: &Mailbox) -> bool {
    let [(local, domain)] = mailbox.addresses.as_slice() else { return false };
    let plain = before.iter().all(|token| matches!(token, Token::Atom(_) | Token::Sign(_) | Token::Blank));
    let name = mailbox.name.as_str();
    let name = name.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')).unwrap_or(name);
    plain && name.eq_ignore_ascii_case(&format!("{local}@{domain}"))
}

/// Takes the source route `@a.example,@b.example:` away (section 4.4); the flag tells whether there was one.
fn without_route<'t, 'v>(inside: &'t [Token<'v>]) -> (&'t [Token<'v>], bool) {
    let first = inside.iter().find(|token| !matches!(token, Token::Blank | Token::Comment(_)));
    if first != Some(&Token::Sign('@')) {
        return (inside, false);
    }
    match inside.iter().position(|token| *token == Token::Sign(':')) {
        Some(colon) => (inside.get(colon + 1..).unwrap_or_default(), true),
        None => (inside, false),
    }
}

/// Reads `local@domain`, with comments and blanks wherever the obsolete syntax allows them. Nothing before the `@` is no
/// address, but names a domain to whoever reads it.
fn addr_spec(tokens: &[Token<'_>]) -> Option<(String, String)> {
    let solid: Vec<&Token<'_>> =
        tokens.iter().filter(|token| !matches!(token, Token::Blank | Token::Comment(_))).collect();
    let at = solid.iter().position(|token| **token == Token::Sign('@'))?;
    let (local, domain) = solid.split_at_checked(at)?;
    let domain = domain.get(1..)?;
    let local = if local.is_empty() { String::new() } else { dotted(local, true)? };
    if let [Token::Literal(literal)] = domain {
        return Some((local, literal.clone()));
    }
    // A trailing dot is the root; readers overlook it.
    let domain = match domain {
        [front @ .., Token::Sign('.')] => front,
        _ => domain,
    };
    Some((local, dotted(domain, false)?))
}

/// Words with a dot between any two, quoted as a whole where one was and must be: a blank in quotes belongs to the name.
/// Local parts with doubled or outer dots are common in some countries' mail.
fn dotted(tokens: &[&Token<'_>], local: bool) -> Option<String> {
    let mut text = String::new();
    let mut in_quotes = false;
    let mut after_word = false;
    for token in tokens {
        match token {
            // A backslash is in no atom, and signs are in no domain.
            Token::Atom(word) if if local { word.contains('\\') } else { !is_label(word) } => return None,
            Token::Atom(word) if !after_word => text.push_str(word),
            Token::Quoted(word) if local && !after_word => {
                text.push_str(word);
                in_quotes = true;
            }
            Token::Sign('.') if after_word || local => {
                text.push('.');
                after_word = false;
                continue;
            }
            _ => return None,
        }
        after_word = true;
    }
    let sound = after_word || (local && !text.is_empty());
    sound.then(|| if in_quotes { quoted(&text) } else { text })
}

/// Whether a word may stand in a domain, as it is or decoded.
fn is_label(word: &str) -> bool {
    let sign = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_');
    !word.contains(sign) || encoded_word::present(word.as_bytes())
}

/// A phrase as readers show it: quoting undone, comments left out.
fn phrase(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Atom(word) => text.push_str(word),
            Token::Quoted(word) | Token::Literal(word) => text.push_str(word),
            Token::Sign(sign) => text.push(*sign),
            Token::Blank => text.push(' '),
            Token::Comment(_) => {}
        }
    }
    text.trim().to_owned()
}

/// What can't be understood, nearly as written. Comments stand aside, so that they split no address.
fn shown(tokens: &[Token<'_>]) -> String {
    let mut text = phrase(tokens);
    for token in tokens {
        if let Token::Comment(comment) = token {
            text.push(' ');
            text.push_str(comment);
        }
    }
    text
}

/// Everything in `text` that looks like an address to a person: `(local, domain)` around each `@`, also where blanks
/// stand beside it. Linear: no half is longer than an address may be (RFC 5321 section 4.5.3.1).
pub(super) fn address_like(text: &str) -> Vec<(String, String)> {
    let is_at = |c: &char| matches!(c, '@' | '\u{ff20}' | '\u{fe6b}');
    if !text.contains(|c| is_at(&c)) {
        return Vec::new();
    }
    // A backslash before whatever sign is overlooked by those who read the rest.
    let mut visible: Vec<char> = text.chars().filter(|c| !invisible(*c) && *c != '\\').collect();
    visible.dedup_by(|one, before| is_at(one) && is_at(before));
    let mut found = Vec::new();
    for (at, _) in visible.iter().enumerate().filter(|(_, c)| is_at(c)) {
        let (before, after) = visible.split_at_checked(at).unwrap_or_default();
        let after = after.get(1..).unwrap_or_default();
        let local = local_before(before);
        let domain = after.iter().copied().skip_while(is_blank).take_while(|c| in_domain(*c)).take(256);
        let domain: String = domain.collect();
        let domain = domain.trim_matches(|c: char| !c.is_alphanumeric());
        // Any sign of an atom may stand in a name that DNS knows (RFC 5322 section 3.4.1): the domain may go on behind it.
        let beyond = after.iter().copied().skip_while(is_blank).take_while(|c| !ends_domain(*c)).take(256);
        let beyond: String = beyond.collect();
        let beyond = beyond.trim_matches(|c: char| !c.is_alphanumeric());
        let ends_soundly = beyond.rsplit_once('.').is_some_and(|(_, ending)| ending.chars().all(in_domain));
        if beyond.len() > domain.len() && ends_soundly && !local.is_empty() {
            found.push((local.clone(), beyond.to_owned()));
        }
        if local.is_empty() || domain.is_empty() {
            continue;
        }
        // Scripts without blanks write on before and behind it.
        let near = |c: char| c.is_ascii();
        let (ascii, begins) = (local.rsplit(|c| !near(c)).next(), domain.split(|c| !near(c)).next());
        if let (Some(ascii), Some(begins)) = (ascii, begins)
            && (ascii.len() < local.len() || begins.len() < domain.len())
            && !ascii.is_empty()
            && !begins.is_empty()
        {
            found.push((ascii.to_owned(), begins.to_owned()));
        }
        found.push((local, domain.to_owned()));
    }
    found
}

fn is_blank(c: &char) -> bool {
    matches!(c, ' ' | '\u{a0}')
}

/// What people call the sign.
const AT: [&str; 11] =
    ["@", "at", "ät", "arroba", "arobase", "chiocciola", "snabela", "małpa", "zavináč", "kukac", "собака"];

/// What they call the dot.
const DOT: [&str; 17] = [
    ".",
    "dot",
    "punkt",
    "punto",
    "point",
    "ponto",
    "punt",
    "punct",
    "kropka",
    "tečka",
    "pont",
    "nokta",
    "prick",
    "точка",
    "крапка",
    "τελεία",
    "点",
];

/// The text with addresses put together that are written out: `mallory (at) example (dot) org`. A bare `at` is a word unless
/// a `dot` is written, too.
pub(super) fn written_out(text: &str) -> Option<String> {
    const BRACKETS: [char; 8] = ['(', ')', '[', ']', '{', '}', '<', '>'];
    let mut lower = text.to_lowercase();
    if lower.contains(['-', '_']) {
        lower = ["-at-", "_at_"].iter().fold(lower, |text, at| text.replace(at, " (at) "));
        lower = ["-dot-", "_dot_"].iter().fold(lower, |text, dot| text.replace(dot, " . "));
    }
    let words =
        || lower.split(|c: char| c.is_whitespace() || BRACKETS.contains(&c)).filter(|word| !word.is_empty());
    let inside = |part: &str| part.split(BRACKETS).next().is_some_and(|word| AT.contains(&word.trim()));
    let bracketed = lower.split(['(', '[', '{', '<']).skip(1).any(inside);
    let dotted = words().any(|word| DOT.contains(&word));
    if !bracketed && !(dotted && (lower.contains('@') || words().any(|word| AT.contains(&word)))) {
        return None;
    }
    let (mut written, mut joined) = (String::with_capacity(lower.len()), true);
    for word in words() {
        let sign = match word {
            _ if AT.contains(&word) => '@',
            _ if DOT.contains(&word) => '.',
            _ => {
                written.push_str(if joined { "" } else { " " });
                written.push_str(word);
                joined = false;
                continue;
            }
        };
        written.push(sign);
        joined = true;
    }
    Some(written)
}

/// What stands before an `@` and may be a local part, in quotes where it is.
fn local_before(before: &[char]) -> String {
    let mut backwards = before.iter().rev().copied().skip_while(is_blank).take(256).peekable();
    let in_quotes = backwards.next_if_eq(&'"').is_some();
    let mut local: Vec<char> =
        backwards.by_ref().take_while(|c| if in_quotes { *c != '"' } else { in_local(*c) }).collect();
    local.reverse();
    let local: String = local.into_iter().collect();
    if in_quotes {
        return if local.is_empty() { local } else { quoted(&local) };
    }
    local.trim_start_matches(['\'', '`', '.', '=', '?', '/', '*', '{', '|']).to_owned()
}

/// Characters that a reader doesn't see: they split an address for a program alone.
pub(super) fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}

fn in_local(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~.".contains(c)
        || (!c.is_ascii() && !c.is_whitespace() && c != '\u{ff20}' && !sign(c))
}

fn in_domain(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '.' | '-' | '_')
        || (!c.is_ascii() && !c.is_whitespace() && !sign(c))
}

/// What no domain goes on behind, however it is misspelt.
fn ends_domain(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '@' | '\u{ff20}' | '\u{fe6b}')
        || sign(c)
}

/// Quotes, dashes, bullets, arrows, pictures and the like.
fn sign(c: char) -> bool {
    matches!(c, '\u{ab}' | '\u{bb}' | '\u{b7}' | '\u{2010}'..='\u{2023}' | '\u{2025}'..='\u{206f}'
        | '\u{2190}'..='\u{2bff}' | '\u{3008}'..='\u{3011}' | '\u{ff08}' | '\u{ff09}' | '\u{ff1c}' | '\u{ff1e}'
        | '\u{1f000}'..='\u{1faff}')
}
