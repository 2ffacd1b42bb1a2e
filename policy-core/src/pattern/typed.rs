//! What a typed value evidently is: an address, a domain, words; and what of it counts.

use super::{PatternError, PatternKind, Remark};
use crate::identity::Domain;
use crate::sentence::Sentence;
use crate::suffix::SuffixList;

/// What a value is to be read as. `literal`: the text is all that was typed.
pub(super) enum Reading {
    Address { text: String, literal: bool },
    Domain { text: String, literal: bool },
    Words { remark: Option<Remark> },
    Regex,
}

/// What phones and word processors write around a value.
const QUOTES: [char; 9] = ['"', '“', '”', '„', '‟', '«', '»', '‘', '’'];

pub(super) fn read(
    typed: &str,
    kind: Option<PatternKind>,
    suffixes: &SuffixList,
) -> Result<Reading, PatternError> {
    match kind {
        Some(PatternKind::Address) => {
            let text = unwrap(typed)?.into_text();
            Ok(Reading::Address { literal: text == typed, text })
        }
        Some(PatternKind::Domain) => read_domain(typed),
        Some(PatternKind::Words) => Ok(Reading::Words { remark: None }),
        Some(PatternKind::Regex) => Ok(Reading::Regex),
        Some(PatternKind::AddressSha256) => Err(PatternError::NotYet),
        None => guess(typed, suffixes),
    }
}

/// A value without what people and programs put around addresses and hosts.
enum Unwrapped {
    /// The host of a link.
    Host(String),
    Other(String),
}

impl Unwrapped {
    fn into_text(self) -> String {
        match self {
            Self::Host(text) | Self::Other(text) => text,
        }
    }
}

fn unwrap(typed: &str) -> Result<Unwrapped, PatternError> {
    // Address books and chat programs copy invisible marks of writing direction along.
    let invisible = |char: char| {
        char.is_whitespace()
            || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let text = typed.trim_matches(invisible);
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("mailto:") || lower.starts_with("xmpp:") {
        // RFC 6068; RFC 5122, whose authority (`xmpp://account/`) is not the one meant.
        let path = text.split_once(':').map_or("", |(_, path)| path);
        let path =
            path.strip_prefix("//").and_then(|path| path.split_once('/')).map_or(path, |(_, path)| path);
        let path = path.split_once(['?', '#']).map_or(path, |(path, _)| path);
        let path = percent_decoded(path);
        return if path.contains(',') { Err(several()) } else { Ok(Unwrapped::Other(path)) };
    }
    if let Some((scheme, rest)) = text.split_once("://")
        && !scheme.is_empty()
        && scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char))
    {
        // RFC 3986 section 3.2: user:password@host:port.
        let authority = rest.split_once(['/', '?', '#', '\\']).map_or(rest, |(authority, _)| authority);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        return Ok(Unwrapped::Host(without_port(host).to_owned()));
    }
    let mut text = text.trim_end_matches([',', ';']).trim();
    // RFC 5322 section 3.4: a display name before, a comment behind.
    if let Some((before, inside)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        if before.contains('<') {
            return Err(several());
        }
        return unwrap(inside);
    }
    if let Some((before, _)) = text.strip_suffix(')').and_then(|text| text.rsplit_once(" ("))
        && before.contains('@')
    {
        text = before.trim();
    }
    if let Some(inside) = text.strip_prefix(QUOTES).and_then(|text| text.strip_suffix(QUOTES))
        && !inside.contains(QUOTES)
        && inside.contains('@')
    {
        text = inside;
    }
    Ok(Unwrapped::Other(text.to_owned()))
}

/// A value that is said to be a domain.
fn read_domain(typed: &str) -> Result<Reading, PatternError> {
    let text = match unwrap(typed)? {
        Unwrapped::Host(host) => host,
        Unwrapped::Other(text) => {
            let text = text.split_once('/').map_or(text.as_str(), |(host, _)| host);
            without_port(everyone_at(text).unwrap_or(text)).to_owned()
        }
    };
    if text.contains(['@', '\u{ff20}']) {
        let domain = text.rsplit(['@', '\u{ff20}']).next().unwrap_or_default();
        return Err(PatternError::NotADomain(Sentence::of("domain-is-address").with("domain", domain)));
    }
    Ok(Reading::Domain { literal: text == typed, text })
}

/// What follows in `@example.org`, `*@example.org`, `*@*.example.org`, `*.example.org` and `.example.org`: all of them say
/// "everyone there".
fn everyone_at(text: &str) -> Option<&str> {
    let domain = text.strip_prefix("*@").or_else(|| text.strip_prefix('@'));
    let below = |text: &'_ str| text.starts_with("*.") || text.starts_with('.');
    match domain {
        Some(domain) if below(domain) => domain.trim_start_matches('*').strip_prefix('.'),
        Some(domain) => Some(domain),
        None if below(text) => text.trim_start_matches('*').strip_prefix('.'),
        None => None,
    }
}

fn guess(typed: &str, suffixes: &SuffixList) -> Result<Reading, PatternError> {
    let domain = |text: &str| Ok(Reading::Domain { literal: text == typed, text: text.to_owned() });
    let text = match unwrap(typed)? {
        Unwrapped::Host(host) => return domain(&host),
        Unwrapped::Other(text) => text,
    };
    if text.contains(['@', '\u{ff20}']) {
        return match everyone_at(&text) {
            // `@name` is how people are called in chats.
            Some(name) if is_domain(name) || name.contains(['*', '?']) => domain(name),
            Some(_) => Ok(Reading::Words { remark: None }),
            None => guess_address(&text, typed, suffixes),
        };
    }
    let listed: Vec<&str> = text.split(|char: char| char.is_whitespace() || ",;".contains(char)).collect();
    if listed.len() > 1 {
        let mut names = listed.into_iter().filter(|word| !word.is_empty());
        return if names.all(|word| is_domain(word) && has_known_ending(word, suffixes)) {
            Err(PatternError::NotADomain(Sentence::of("domain-several")))
        } else {
            Ok(Reading::Words { remark: held_domain(&text, suffixes) })
        };
    }
    match evident_domain(&text, suffixes) {
        Some(name) => domain(name),
        None => Ok(Reading::Words { remark: held_domain(&text, suffixes) }),
    }
}

/// A domain with something around it, as in lines of other programs' lists: `0.0.0.0 example.org`, `||example.org^`,
/// `REJECT example.org`. Among several words an unknown ending is rather a full stop without a blank behind it.
fn held_domain(text: &str, suffixes: &SuffixList) -> Option<Remark> {
    let words =
        || text.split_whitespace().map(|word| word.trim_matches(|char: char| !char.is_alphanumeric()));
    let few = words().filter(|word| !word.is_empty()).count() <= 2;
    let held = |word: &&str| is_domain(word) && (few || has_known_ending(word, suffixes));
    // A dot too many: `example..org`.
    let slip = || few.then(|| text.replace("..", ".")).filter(|mended| mended != text && is_domain(mended));
    let domain = words().rev().find(held).map(str::to_owned).or_else(slip)?;
    Some(Remark::HoldsDomain { domain })
}

/// The domain that a value without `@` and blanks evidently is, or tries to be.
fn evident_domain<'a>(text: &'a str, suffixes: &SuffixList) -> Option<&'a str> {
    let below = everyone_at(text);
    let meant = |name: &&str| text.starts_with('*') || is_domain(name) || has_known_ending(name, suffixes);
    if let Some(name) = below.filter(meant) {
        return Some(name);
    }
    let host = without_port(text.split_once('/').map_or(text, |(host, _)| host));
    if is_domain(host) {
        let is_ip = Domain::parse_typed(host).is_ok_and(|name| name.is_ip());
        // An unknown ending may be a new one; with a dot or a path behind it, it is an abbreviation or a file.
        let whole = host == text && !text.ends_with('.');
        return (is_ip || whole || has_known_ending(host, suffixes)).then_some(host);
    }
    // A domain, but for a wildcard inside: it is to be refused as one, for as words it would never match.
    let without_wildcards = text.replace(['*', '?'], "");
    let tries = without_wildcards != text
        && is_domain(&without_wildcards)
        && has_known_ending(&without_wildcards, suffixes);
    tries.then_some(text)
}

/// A value with an `@` in its middle.
fn guess_address(text: &str, typed: &str, suffixes: &SuffixList) -> Result<Reading, PatternError> {
    let outside_quotes = text.rsplit_once('"').map_or(text, |(_, rest)| rest);
    if outside_quotes.contains(char::is_whitespace) {
        let looks_like_address = |word: &str| {
            word.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && domain.trim_end_matches(|char: char| !char.is_alphanumeric()).contains('.')
            })
        };
        return match text.split_whitespace().filter(|word| looks_like_address(word)).count() {
            0 => Ok(Reading::Words { remark: None }),
            1 => Err(PatternError::NotAnAddress(Sentence::of("address-and-more"))),
            _ => Err(several()),
        };
    }
    let (local, domain) = text.rsplit_once(['@', '\u{ff20}']).unwrap_or((text, ""));
    let host = domain.split_once('/').map_or(domain, |(host, _)| host);
    let reachable = is_domain(host) || has_known_ending(host, suffixes);
    // Letters are hidden behind an @, too: p@ssword.
    if !reachable && !local.is_empty() && Domain::parse_typed(host).is_ok() {
        let remark = Remark::NotAnAddress { host: host.to_owned() };
        return Ok(Reading::Words { remark: Some(remark) });
    }
    Ok(Reading::Address { text: text.to_owned(), literal: text == typed })
}

/// Whether a text is a sound domain with a dot in it that doesn't end in a number, or an IP address.
fn is_domain(text: &str) -> bool {
    let ends_in_letters = |name: &str| {
        name.rsplit_once('.').is_some_and(|(_, ending)| !ending.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let ip_written = text.contains(|char: char| char.is_ascii_hexdigit());
    Domain::parse_typed(text)
        .is_ok_and(|domain| if domain.is_ip() { ip_written } else { ends_in_letters(domain.as_str()) })
}

/// Whether a text ends in a label that is known, or is one.
fn has_known_ending(text: &str, suffixes: &SuffixList) -> bool {
    Domain::parse_typed(text).is_ok_and(|domain| suffixes.knows_ending_of(&domain))
}

/// `host` of `host:25` and `[2001:db8::1]:25`; a bare IPv6 address is left alone.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if (!name.contains(':') || name.ends_with(']'))
                && !port.is_empty()
                && port.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => host,
    }
}

/// RFC 3986 section 2.1; what is no escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits =
            [ahead.next(), ahead.next()].map(|digit| char::from(digit.unwrap_or_default()).to_digit(16));
        match (byte, digits) {
            (b'%', [Some(high), Some(low)]) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn several() -> PatternError {
    PatternError::NotAnAddress(Sentence::of("address-several"))
}
