//! Addresses as people type them: strictly read, with wildcards in the local part.

use super::{PatternError, PatternKind, Remark, glob};
use crate::identity::{Domain, Identity, as_provider_reads, escape_sequence, fold, is_plain, quoted};
use crate::sentence::Sentence;
use crate::suffix::SuffixList;

/// How many characters an entry's local part may have. RFC 5321 section 4.5.3.1.1 says 64 octets; bounces and mailing
/// lists exceed it.
pub const LONGEST_LOCAL: usize = 256;

/// The key of a typed address and what to say about it. `literal`: the text is what was typed, not taken out of
/// something longer.
pub(super) fn understand(
    text: &str,
    literal: bool,
    suffixes: &SuffixList,
) -> Result<(String, Vec<Remark>), PatternError> {
    let (local, domain_text) = split(text)?;
    // A JID's resource names a device, not a person.
    let (domain_text, resource) = domain_text.split_once('/').unwrap_or((domain_text, ""));
    let domain = Domain::parse_typed(domain_text).map_err(|error| {
        PatternError::NotAnAddress(Sentence::of("address-domain").with("problem", error.sentence()))
    })?;
    let glob = as_provider_reads(&read_local(local, domain_text)?, &domain);
    let mut taken = None;
    let mut tagged = None;
    let (key, at) = match plain_local(&glob) {
        None => (format!("{}@{glob}", domain.key()), domain),
        Some(plain) => {
            // The wrapping changes from day to day; the address inside is the person. In quotes everything is what it is.
            let mut identities = Identity::unwrapped(&quoted(&plain), domain.as_str());
            if local.starts_with(['"', '\u{ff02}']) {
                identities.truncate(1);
            }
            let identity =
                identities.pop().ok_or_else(|| PatternError::NotAnAddress(Sentence::of("domain-empty")))?;
            if !identities.is_empty() || !literal || !resource.is_empty() {
                taken = Some(identity.to_string());
            }
            let everyone_tagged = |untagged| format!("{}@{}", quoted(untagged), identity.domain());
            tagged = identity.untagged().map(everyone_tagged);
            (identity.key().to_owned(), identity.domain().clone())
        }
    };
    if taken.is_none() && (!literal || !resource.is_empty()) {
        taken = Some(format!("{local}@{domain_text}"));
    }
    let taken_as = |value| Remark::TakenAs { kind: PatternKind::Address, value };
    let mut remarks: Vec<Remark> = taken.map(taken_as).into_iter().collect();
    remarks.extend(tagged.map(|untagged| Remark::TaggedOnly { untagged }));
    let whole = suffixes.registrable(&at).filter(|whole| !whole.is_shared_provider());
    if !at.is_shared_provider() {
        remarks.extend(whole.as_ref().map(Remark::whole_domain));
    } else if key.ends_with("@*") {
        remarks.push(Remark::SharedProvider { domain: at.to_string() });
    }
    Ok((key, remarks))
}

/// The two sides of the only `@` outside of quotes.
fn split(text: &str) -> Result<(&str, &str), PatternError> {
    let mut open = false;
    let mut escaped = false;
    let mut found = None;
    for (at, char) in text.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' | '\u{ff02}' => open = !open,
            '@' | '\u{ff20}' if !open && found.is_some() => {
                return Err(PatternError::NotAnAddress(Sentence::of("address-two-ats")));
            }
            '@' | '\u{ff20}' if !open => found = Some((at, char)),
            _ => {}
        }
    }
    if open {
        return Err(PatternError::NotAnAddress(Sentence::of("address-quote-open")));
    }
    let (at, sign) = found.ok_or_else(|| PatternError::NotAnAddress(Sentence::of("address-no-at")))?;
    let local = text.get(..at).unwrap_or_default();
    let domain = text.get(at + sign.len_utf8()..).unwrap_or_default();
    if local.is_empty() {
        return Err(PatternError::NotAnAddress(Sentence::of("address-no-name").with("domain", domain)));
    }
    if domain.is_empty() {
        return Err(PatternError::NotAnAddress(Sentence::of("address-no-domain").with("local", local)));
    }
    Ok((local, domain))
}

/// A typed local part in the syntax of globs, folded. Inside quotes everything stands for itself; outside of them `\`
/// takes the meaning from a wildcard, and XEP-0106's sequences mean what they do in JIDs.
fn read_local(local: &str, domain: &str) -> Result<String, PatternError> {
    let folded = fold(local);
    let mut glob = String::with_capacity(folded.len());
    let mut open = false;
    let mut rest = folded.chars();
    while let Some(char) = rest.next() {
        match char {
            '"' => open = !open,
            '\\' if open => rest.next().into_iter().for_each(|char| glob::escaped(char, &mut glob)),
            _ if open => glob::escaped(char, &mut glob),
            '\\' => {
                let sequence = rest.as_str().get(..2).and_then(escape_sequence);
                let char = match sequence {
                    Some(char) => {
                        rest.nth(1);
                        Some(char)
                    }
                    None => rest.next().filter(|char| matches!(char, '*' | '?' | '\\')),
                };
                let Some(char) = char else {
                    return Err(PatternError::NotAnAddress(Sentence::of("address-backslash")));
                };
                glob::escaped(char, &mut glob);
            }
            '*' if glob.ends_with('*') && !glob.ends_with("\\*") => {}
            _ if is_plain(char) => glob.push(char),
            _ => {
                let id = if char.is_whitespace() { "address-blank" } else { "address-sign" };
                let written = format!("{}@{domain}", quoted(local));
                return Err(PatternError::NotAnAddress(
                    Sentence::of(id).with("char", char.to_string()).with("written", written),
                ));
            }
        }
    }
    if glob.is_empty() {
        return Err(PatternError::NotAnAddress(Sentence::of("address-empty-name")));
    }
    if glob.chars().count() > LONGEST_LOCAL {
        return Err(PatternError::NotAnAddress(
            Sentence::of("address-long-name").with("most", LONGEST_LOCAL as u64),
        ));
    }
    Ok(glob)
}

/// The plain local part, if there is neither a wildcard in it nor a sign that would be read as one.
fn plain_local(glob: &str) -> Option<String> {
    if glob::is_glob(glob) {
        return None;
    }
    Some(glob.replace("\\\\", "\\"))
}
