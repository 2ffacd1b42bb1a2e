//! Identities of correspondents and members: mail addresses, JIDs and domains, normalised one way for entries and
//! for traffic (design: "Identities").

mod domain;
mod fold;
mod local;
mod provider;
mod wrapped;

use std::fmt;

pub use domain::{Domain, DomainError};
pub(crate) use fold::fold;
pub use fold::folds_alike;
pub use local::unescaped_jid;
pub(crate) use local::{as_provider_reads, escape_sequence, is_plain, quoted};

use crate::sentence::Sentence;

/// A normalised identity: what is left of an address when case, tags, quoting and spelling of the domain are undone.
///
/// `Debug` shows nothing of it: identities must not reach a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    domain: Domain,
    /// The domain's key and, for an address, `@` and the local part.
    key: String,
    /// How much of the key is left without the sub-address, where it carries one.
    untagged: Option<usize>,
}

/// The text is not an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityError {
    /// There is no `@`.
    NotAnAddress,
    /// The domain can't be understood.
    Domain(DomainError),
}

impl IdentityError {
    /// What is wrong, and how to write it.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::NotAnAddress => Sentence::of("address-shape"),
            Self::Domain(error) => error.sentence(),
        }
    }
}

impl From<DomainError> for IdentityError {
    fn from(error: DomainError) -> Self {
        Self::Domain(error)
    }
}

impl Identity {
    /// Reads a mail address such as `Mallory+shop@Example.ORG` out of traffic: local part possibly quoted, angle brackets
    /// allowed. Nothing before the `@` gives the domain alone; the last `@` counts.
    pub fn parse_mail(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        let text = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
        // A full-width sign is an @ to whoever reads it, and to UTS 46.
        let (local, domain) = text.rsplit_once(['@', '\u{ff20}']).ok_or(IdentityError::NotAnAddress)?;
        Self::from_mail(local, domain)
    }

    /// The identity of a mail address whose two halves are known, the local part still quoted or not.
    pub fn from_mail(local: &str, domain: &str) -> Result<Self, IdentityError> {
        let mut identity = Self::assemble(&local::unquoted(local), Domain::parse(domain)?);
        identity.untagged = identity.cut_at('+').map(str::len);
        Ok(identity)
    }

    /// Reads a JID and keeps its bare form (RFC 7622 section 3.1): the resource is ignored, a domain alone is valid,
    /// XEP-0106 escapes are undone. A `+` is part of the name: `+4915…@gateway` is a phone number.
    pub fn parse_jid(text: &str) -> Result<Self, IdentityError> {
        let bare = text.split_once('/').map_or(text, |(bare, _)| bare);
        let (local, domain) = bare.split_once('@').unwrap_or(("", bare));
        Ok(Self::assemble(&local::unescaped_jid(local), Domain::parse(domain)?))
    }

    /// The identity of an account whose JID a chat server vouches for. `None` where another account of that server could
    /// have the same identity: what is done in the name of one must not be done to the other.
    pub fn of_account(jid: &str) -> Option<Self> {
        let identity = Self::parse_jid(jid).ok()?;
        let bare = jid.split_once('/').map_or(jid, |(bare, _)| bare);
        let (local, _) = bare.split_once('@')?;
        let plain = local::unescaped_jid(local);
        (local::is_escaped_once(local) && identity.local() == Some(plain.as_str())).then_some(identity)
    }

    fn assemble(local: &str, domain: Domain) -> Self {
        let folded = fold(local);
        // A name of nothing but invisible characters still is one.
        let local = if folded.is_empty() { local } else { &folded };
        if local.is_empty() {
            return Self::from(domain);
        }
        let local = as_provider_reads(local, &domain);
        let mut key = String::with_capacity(domain.key().len() + 1 + local.len());
        key.push_str(domain.key());
        key.push('@');
        key.push_str(&local);
        Self { domain, key, untagged: None }
    }

    /// The form in which addresses and domains are kept and looked up: the domain's labels from the right and, for an
    /// address, `@` and the normalised local part: `org.example@mallory`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key without the sub-address, where it carries one.
    pub fn untagged_key(&self) -> Option<&str> {
        self.key.get(..self.untagged?)
    }

    /// The key as far as the local part's first `delimiter` (RFC 5233 section 1), where it has one; the local part is
    /// never empty then.
    pub fn cut_at(&self, delimiter: char) -> Option<&str> {
        let local = self.local()?;
        let kept = local.find(delimiter).filter(|kept| *kept > 0)?;
        self.key.get(..self.key.len() - local.len() + kept)
    }

    /// The normalised local part, with its tag; `None` for a domain alone.
    pub fn local(&self) -> Option<&str> {
        self.local_of(&self.key)
    }

    /// The local part without its sub-address, where it carries one.
    pub fn untagged(&self) -> Option<&str> {
        self.local_of(self.untagged_key()?)
    }

    fn local_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        key.get(self.domain.key().len() + 1..)
    }

    /// The identity as one would type it to list it and nothing else: what is a wildcard in an entry, or would be taken for
    /// the wrapping of another address, is quoted.
    pub fn typed(&self) -> String {
        let special = |local: &&str| {
            local.contains(['*', '?'])
                || Self::unwrapped(&local::quoted(local), self.domain.as_str()).len() > 1
        };
        match self.local().filter(special) {
            Some(local) => format!("{}@{}", local::in_quotes(local), self.domain),
            None => self.to_string(),
        }
    }

    /// The domain.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }
}

/// A domain alone.
impl From<Domain> for Identity {
    fn from(domain: Domain) -> Self {
        Self { key: domain.key().to_owned(), untagged: None, domain }
    }
}

/// The normalised address, as a person would write it: quoted where it must be.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.local() {
            Some(local) => {
                if local.chars().all(is_plain) {
                    f.write_str(local)?;
                } else {
                    f.write_str(&local::quoted(local))?;
                }
                f.write_str("@")?;
                f.write_str(self.domain.as_str())
            }
            None => f.write_str(self.domain.as_str()),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// The key of the same address or domain by IDNA2003 ([`Domain::idna2003_form`]), where it is another one.
pub(crate) fn idna2003_key(key: &str) -> Option<String> {
    let (labels, local) = match key.split_once('@') {
        Some((labels, local)) => (labels, Some(local)),
        None => (key, None),
    };
    if !labels.contains("xn--") {
        return None;
    }
    let labels: Vec<&str> = labels.rsplit('.').collect();
    let shown = Domain::parse(&labels.join(".")).ok()?.idna2003_form()?;
    let shown = shown.key();
    Some(local.map_or_else(|| shown.to_owned(), |local| format!("{shown}@{local}")))
}

#[cfg(test)]
mod tests {
    use super::Identity;

    #[test]
    fn an_account_that_reads_like_another_one_has_no_identity() {
        for jid in [
            "anna@one.test",
            "anna@one.test/phone",
            "müller@one.test",
            r"d\27artagnan@one.test",
            r"a\5c20b@one.test",
        ] {
            assert!(Identity::of_account(jid).is_some(), "{jid}");
        }
        for jid in [
            "one.test",
            "one.test/anna@one.test",
            "@one.test",
            "Anna@one.test",
            "an\u{115f}na@one.test",
            "anna\u{3164}@one.test",
            r"anna\5czz@one.test",
            r"anna\5c@one.test",
            "a.nna@gmail.com",
        ] {
            assert!(Identity::of_account(jid).is_none(), "{jid}");
        }
    }
}
