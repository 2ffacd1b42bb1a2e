//! Domains: UTS 46 A-labels, lower case, no trailing dot; IP addresses in brackets.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::fold::{fold, is_ignorable};
use crate::sentence::Sentence;

/// A normalised domain, or an IP address as an RFC 5321 section 4.1.3 literal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Domain {
    name: String,
    /// Made once: it is asked for with each look into a list.
    key: String,
}

/// The text is not a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainError {
    /// There is nothing in it.
    Empty,
    /// It holds a character that no domain holds.
    Character {
        /// The character.
        char: char,
    },
    /// It holds a wildcard.
    Wildcard {
        /// The wildcard.
        wildcard: char,
    },
    /// Two dots in a row, or one at the beginning.
    EmptyLabel,
    /// Longer than RFC 1035 section 2.3.4 allows.
    TooLong,
    /// UTS 46 refuses it.
    International {
        /// The label.
        label: String,
    },
    /// In brackets, but not an IP address.
    Literal,
}

impl DomainError {
    /// What is wrong, and how to write it.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Empty => Sentence::of("domain-empty"),
            Self::Character { char } => Sentence::of("domain-character").with("char", char.to_string()),
            Self::Wildcard { wildcard } => Sentence::of("domain-wildcard").with("char", wildcard.to_string()),
            Self::EmptyLabel => Sentence::of("domain-empty-label"),
            Self::TooLong => Sentence::of("domain-too-long")
                .with("most", LONGEST as u64)
                .with("between", LONGEST_LABEL as u64),
            Self::International { label } => {
                Sentence::of("domain-international").with("label", label.as_str())
            }
            Self::Literal => Sentence::of("domain-literal"),
        }
    }
}

/// No domain that exists is longer (RFC 1035 section 2.3.4).
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;
/// How often normalising is repeated before its result counts as stable.
const ROUNDS: usize = 5;

impl Domain {
    /// Reads a domain in any spelling, as it stands in traffic. What UTS 46 refuses still gets a form to be compared, label
    /// by label: a bad label must not hide the good ones beside it. Fails only if there is nothing to compare.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let mut name = bounded(text).to_ascii_lowercase();
        // Folding one character can yield dots and signs that count in turn, such as the ellipsis.
        let mut stable = false;
        for _ in 0..ROUNDS {
            if let Some(ip) = ip_address(&name) {
                return Ok(Self::literal(ip));
            }
            if stable || is_plain(&name) {
                break;
            }
            let (next, taken) = normalised(&name);
            // What UTS 46 has taken and made letters, digits and hyphens of, it would leave as it is.
            stable = next == name || (taken && next.bytes().all(is_host_byte));
            name = next;
        }
        match name.as_str() {
            "" => Err(DomainError::Empty),
            // One provider, two names for it: every address exists at both.
            "googlemail.com" => Ok(Self::named("gmail.com".to_owned())),
            _ => Ok(Self::named(name)),
        }
    }

    /// Reads a domain that a person typed: strictly, so that an entry never waits for what can't come.
    pub fn parse_typed(text: &str) -> Result<Self, DomainError> {
        let text = text.trim();
        if text.starts_with('[') {
            return ip_address(text).map(Self::literal).ok_or(DomainError::Literal);
        }
        if let Some(ip) = ip_address(text) {
            return Ok(Self::literal(ip));
        }
        let text = text.strip_suffix(is_dot).unwrap_or(text);
        if text.is_empty() {
            return Err(DomainError::Empty);
        }
        if let Some(wildcard) = text.chars().find(|char| matches!(char, '*' | '?')) {
            return Err(DomainError::Wildcard { wildcard });
        }
        if let Some(char) = text.chars().find(|&char| !may_be_typed(char)) {
            return Err(DomainError::Character { char });
        }
        if text.split(is_dot).any(str::is_empty) {
            return Err(DomainError::EmptyLabel);
        }
        let plain = text.to_ascii_lowercase();
        let domain = if is_plain(&plain) {
            Self::parse(&plain)?
        } else {
            text.split(is_dot).try_for_each(check_international)?;
            // The labels are sound, so what is still refused is their mixture of writing directions.
            to_ascii(text).ok_or_else(|| DomainError::International { label: text.to_owned() })?;
            Self::parse(text)?
        };
        let too_long =
            domain.name.len() > LONGEST || domain.name.split('.').any(|label| label.len() > LONGEST_LABEL);
        if too_long { Err(DomainError::TooLong) } else { Ok(domain) }
    }

    /// The domain as it stands in DNS: `xn--strae-oqa.example`.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether it is an IP address.
    pub fn is_ip(&self) -> bool {
        self.name.starts_with('[')
    }

    /// The domain's labels from the right, `org.example`: the order in which lists are kept, so that one walk finds a
    /// domain and everything above it. An IP literal is one label.
    pub fn key(&self) -> &str {
        &self.key
    }

    fn named(name: String) -> Self {
        let mut key = String::with_capacity(name.len());
        let mut rest = Some(name.as_str());
        while let Some(front) = rest {
            let dot = front.bytes().rposition(|byte| byte == b'.');
            let label = front.get(dot.map_or(0, |dot| dot + 1)..).unwrap_or_default();
            if !key.is_empty() {
                key.push('.');
            }
            key.push_str(label);
            rest = dot.and_then(|dot| front.get(..dot));
        }
        Self { name, key }
    }

    fn literal(ip: String) -> Self {
        Self { key: ip.clone(), name: ip }
    }

    /// The domain's form by IDNA2003 (RFC 3490), where it differs: `strasse.example` for `straße.example`. In DNS these are
    /// two domains. Prosody prepares JIDs by it (RFC 3491), and Postfix's folding of case comes to the same.
    pub fn idna2003_form(&self) -> Option<Self> {
        if !self.name.contains("xn--") {
            return None;
        }
        let (shown, valid) = idna::domain_to_unicode(&self.name);
        valid.ok()?;
        // The four deviation characters of UTS 46 section 7, table 1.
        let prepared = shown.replace('ß', "ss").replace('ς', "σ").replace(['\u{200c}', '\u{200d}'], "");
        (prepared != shown).then(|| Self::parse(&prepared).ok()).flatten()
    }
}

/// Whether UTS 46 takes a typed label and makes nothing of it that could not have been typed.
fn check_international(label: &str) -> Result<(), DomainError> {
    let ascii = to_ascii(label).ok_or_else(|| DomainError::International { label: label.to_owned() })?;
    if let Some(char) = ascii.chars().find(|&char| !may_be_typed(char)) {
        return Err(DomainError::Character { char });
    }
    if ascii.split('.').any(str::is_empty) { Err(DomainError::EmptyLabel) } else { Ok(()) }
}

/// The underscore is no host name's, but occurs; what isn't ASCII is UTS 46's to judge.
fn may_be_typed(char: char) -> bool {
    if char.is_ascii() { char.is_ascii_alphanumeric() || "-_.".contains(char) } else { !char.is_whitespace() }
}

/// Whether a name is evidently in its normal form: nearly all are, and needn't pass through UTS 46.
fn is_plain(name: &str) -> bool {
    let letters = |label: &[u8]| {
        !label.is_empty() && !label.starts_with(b"xn--") && label.iter().all(|byte| is_host_byte(*byte))
    };
    name.as_bytes().split(|byte| *byte == b'.').all(letters)
}

/// What stands in a label in its normal form; and the dot between two.
fn is_host_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.')
}

/// One round of normalisation, label by label where the whole is refused; the flag tells whether it was taken.
fn normalised(text: &str) -> (String, bool) {
    let text: String = text.chars().filter(|&char| !is_stray(char)).collect();
    // Behind a stray `@` is what mail would go to.
    let text = text.rsplit('@').next().unwrap_or_default();
    let (name, taken) = match to_ascii(text) {
        Some(name) => (name, true),
        None => (text.split(is_dot).map(label_anyhow).collect::<Vec<_>>().join("."), false),
    };
    (name.split('.').filter(|label| !label.is_empty()).collect::<Vec<_>>().join("."), taken)
}

/// A label's form even if UTS 46 refuses it.
fn label_anyhow(label: &str) -> String {
    to_ascii(label).unwrap_or_else(|| {
        let folded = fold(label);
        to_ascii(&folded).unwrap_or_else(|| folded.into_owned())
    })
}

/// UTS 46 section 4, nontransitional, without STD3 rules and length limits.
fn to_ascii(text: &str) -> Option<String> {
    Uts46::new()
        .to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore)
        .ok()
        .map(Cow::into_owned)
}

/// The dots of UTS 46 section 2.3.
fn is_dot(char: char) -> bool {
    matches!(char, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// Nothing that long is a domain, but its right end still says whose it claims to be; what is compared stays small.
fn bounded(text: &str) -> Cow<'_, str> {
    const KEPT: usize = 1024;
    if text.len() <= KEPT {
        return Cow::Borrowed(text);
    }
    // What counts for nothing must not push the rest out.
    let visible: String = text.chars().filter(|&char| !is_stray(char) && !is_ignorable(char)).collect();
    let mut kept = 0;
    let mut labels: Vec<&str> = visible
        .rsplit(is_dot)
        .filter(|label| !label.is_empty())
        .take_while(|label| {
            kept += label.len() + 1;
            kept <= KEPT
        })
        .collect();
    if labels.is_empty() {
        // One endless label: its own right end.
        let start =
            (visible.len().saturating_sub(KEPT)..=visible.len()).find(|&at| visible.is_char_boundary(at));
        labels.extend(start.and_then(|start| visible.get(start..)));
    }
    labels.reverse();
    Cow::Owned(labels.join("."))
}

/// Blanks may be folded in around a domain's dots (RFC 5322 section 4.4); brackets are an IP address's.
fn is_stray(char: char) -> bool {
    char.is_whitespace() || char.is_control() || matches!(char, '[' | ']')
}

/// The literal for an IP address that stands in brackets (RFC 5321 section 4.1.3, RFC 3986 section 3.2.2) or bare.
fn ip_address(text: &str) -> Option<String> {
    // Host names have none of these.
    if !text.starts_with('[')
        && !text.ends_with(|char: char| char.is_ascii_digit() || char == '.')
        && !text.contains(':')
    {
        return None;
    }
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let tagged = inside.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:"));
    let address = if tagged.is_some() { inside.get(5..)? } else { inside };
    let ip = match address.parse::<Ipv6Addr>() {
        Ok(v6) => IpAddr::V6(v6).to_canonical(),
        Err(_) => {
            let address = address.strip_suffix('.').unwrap_or(address);
            // Bare, such a number is more often just a number: 3.14.
            let literal = || (inside.len() < text.len()).then(|| ipv4_by_numbers(address)).flatten();
            IpAddr::V4(ipv4(address).or_else(literal)?)
        }
    };
    Some(match ip {
        IpAddr::V4(ip) => format!("[{ip}]"),
        IpAddr::V6(ip) => format!("[IPv6:{ip}]"),
    })
}

/// Four decimal numbers; leading zeros are allowed (RFC 5321 section 4.1.3, `Snum`).
fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next().filter(|part| (1..=3).contains(&part.len()))?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// The other spellings that systems and browsers take for an IPv4 address: one to four numbers, the last filling what
/// the others leave, hexadecimal or octal too (POSIX `inet_addr`; URL Standard, IPv4 parser).
fn ipv4_by_numbers(text: &str) -> Option<Ipv4Addr> {
    let mut numbers = Vec::with_capacity(4);
    for part in text.split('.') {
        let (digits, radix) = match part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
            Some(digits) => (digits, 16),
            None if part.len() > 1 && part.starts_with('0') => (part, 8),
            None => (part, 10),
        };
        if part.len() > 16 || numbers.len() == 4 || digits.starts_with('+') {
            return None;
        }
        numbers.push(u32::from_str_radix(digits, radix).ok()?);
    }
    let (last, octets) = numbers.split_last()?;
    let left = 4 - u32::try_from(octets.len()).ok()?;
    if u64::from(*last) >= 1 << (8 * left) {
        return None;
    }
    let mut address = *last;
    for (octet, place) in octets.iter().zip((0..4).rev()) {
        address |= u32::from(u8::try_from(*octet).ok()?) << (8 * place);
    }
    Some(address.into())
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Domain(..)")
    }
}
