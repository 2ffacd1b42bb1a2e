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
pub(crate) use local::{as_provider_reads, escape_sequence, is_plain, quoted};

/// A normalised identity: what is left of an address when case, tags, quoting and spelling of the domain are undone.
///
/// `Debug` shows nothing of it: identities must not reach a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    local: Option<String>,
    untagged: Option<String>,
    domain: Domain,
}

/// The text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// There is no `@`.
    #[error("an address looks like name@example.org")]
    NotAnAddress,
    /// The domain can't be understood.
    #[error(transparent)]
    Domain(#[from] DomainError),
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
        identity.untagged = identity.local.as_deref().and_then(local::without_tag).map(str::to_owned);
        Ok(identity)
    }

    /// Reads a JID and keeps its bare form (RFC 7622 section 3.1): the resource is ignored, a domain alone is valid,
    /// XEP-0106 escapes are undone. A `+` is part of the name: `+4915…@gateway` is a phone number.
    pub fn parse_jid(text: &str) -> Result<Self, IdentityError> {
        let bare = text.split_once('/').map_or(text, |(bare, _)| bare);
        let (local, domain) = bare.split_once('@').unwrap_or(("", bare));
        Ok(Self::assemble(&local::unescaped_jid(local), Domain::parse(domain)?))
    }

    fn assemble(local: &str, domain: Domain) -> Self {
        let folded = fold(local);
        // A name of nothing but invisible characters still is one.
        let local = if folded.is_empty() { local } else { &folded };
        let local = (!local.is_empty()).then(|| as_provider_reads(local, &domain));
        Self { local, untagged: None, domain }
    }

    /// The normalised local part, with its tag; `None` for a domain alone.
    pub fn local(&self) -> Option<&str> {
        self.local.as_deref()
    }

    /// The local part without its sub-address, where it carries one.
    pub fn untagged(&self) -> Option<&str> {
        self.untagged.as_deref()
    }

    /// The domain.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }
}

/// A domain alone.
impl From<Domain> for Identity {
    fn from(domain: Domain) -> Self {
        Self { local: None, untagged: None, domain }
    }
}

/// The normalised address, as a person would write it: quoted where it must be.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.local {
            Some(local) => write!(f, "{}@{}", local::quoted(local), self.domain),
            None => write!(f, "{}", self.domain),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}
