//! Local parts: what is left when quoting, escaping, tags and a provider's own equivalences are undone.

use super::{Domain, fold};

/// The local part of an address as it stands in a message: without a source route (RFC 5321 appendix C), quoting
/// (RFC 5322 section 3.2.4, in one piece or, obsolete, in several) and blanks outside of quotes.
pub(super) fn unquoted(local: &str) -> String {
    let local = match local.strip_prefix('@').and_then(|route| route.split_once(':')) {
        Some((_, behind_route)) => behind_route,
        None => local,
    };
    if !local.contains(|char: char| char == '"' || char.is_whitespace()) {
        return local.to_owned();
    }
    let quotes_pair_up = {
        let mut open = false;
        let mut escaped = false;
        for char in local.chars() {
            match char {
                _ if escaped => escaped = false,
                '\\' if open => escaped = true,
                '"' => open = !open,
                _ => {}
            }
        }
        !open
    };
    if !quotes_pair_up {
        return local.to_owned();
    }
    let mut plain = String::with_capacity(local.len());
    let mut open = false;
    let mut chars = local.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => open = !open,
            '\\' if open => plain.extend(chars.next()),
            _ if !open && char.is_whitespace() => {}
            _ => plain.push(char),
        }
    }
    plain
}

/// The local part as RFC 5322 section 3.4.1 has it written: quoted where it needs to be.
pub(crate) fn quoted(local: &str) -> String {
    if local.chars().all(is_plain) { local.to_owned() } else { in_quotes(local) }
}

/// The local part in quotes, whatever it is.
pub(super) fn in_quotes(local: &str) -> String {
    let mut text = String::from("\"");
    for char in local.chars() {
        if matches!(char, '"' | '\\') {
            text.push('\\');
        }
        text.push(char);
    }
    text.push('"');
    text
}

/// Whether a character may stand in a local part without quotes (`atext` of RFC 5322 section 3.2.3 and RFC 6532
/// section 3.2, and the dot).
pub(crate) fn is_plain(char: char) -> bool {
    match char {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' => true,
        '!' | '#'..='\'' | '*' | '+' | '-' | '/' | '=' | '?' | '^'..='`' | '{'..='~' => true,
        _ if char.is_ascii() => false,
        _ => !char.is_whitespace() && !char.is_control(),
    }
}

/// Undoes XEP-0106 section 4.3: `\20` is a blank, `\40` an `@`, and so on. Each sequence is read once, left to right.
pub fn unescaped_jid(local: &str) -> String {
    let mut plain = String::with_capacity(local.len());
    let mut rest = local;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        match after.get(..2).and_then(escape_sequence) {
            Some(char) => {
                plain.push(char);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                plain.push('\\');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// Whether every backslash is escaped where XEP-0106 section 4.2 has it escaped, before what looks like a sequence, and
/// nowhere else: then no other local part means the same.
pub(super) fn is_escaped_once(local: &str) -> bool {
    let sequences = local.match_indices('\\').filter_map(|(at, _)| local.get(at + 1..));
    let is_sequence = |text: &str| text.get(..2).and_then(escape_sequence).is_some();
    sequences.filter(|rest| rest.starts_with("5c")).all(|rest| rest.get(2..).is_some_and(is_sequence))
}

/// The character for two hexadecimal digits of XEP-0106 section 4.2's table.
pub(crate) fn escape_sequence(digits: &str) -> Option<char> {
    Some(match digits.to_ascii_lowercase().as_str() {
        "20" => ' ',
        "22" => '"',
        "26" => '&',
        "27" => '\'',
        "2f" => '/',
        "3a" => ':',
        "3c" => '<',
        "3e" => '>',
        "40" => '@',
        "5c" => '\\',
        _ => return None,
    })
}

/// Undoes what a provider ignores: Gmail delivers `j.doe` and `jdoe` to one mailbox. The tag is kept as it is.
pub(crate) fn as_provider_reads(local: &str, domain: &Domain) -> String {
    if domain.as_str() != "gmail.com" {
        return local.to_owned();
    }
    let (base, tag) = local.split_at_checked(local.find('+').unwrap_or(local.len())).unwrap_or((local, ""));
    let undotted = base.replace('.', "");
    // Without a dot between them, a letter and a combining mark are one.
    let undotted = fold(&undotted);
    if undotted.is_empty() { local.to_owned() } else { undotted.into_owned() + tag }
}
