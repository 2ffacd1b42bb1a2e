//! Identities of correspondents and members: mail addresses, JIDs and domains, normalised one way for entries and
//! for traffic (design: "Identities").

mod domain;

use std::fmt;

pub use domain::{Domain, DomainError};

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
    /// There is no `@`, or nothing on one side of it.
    #[error("an address looks like name@example.org")]
    NotAnAddress,
    /// The domain can't be understood.
    #[error(transparent)]
    Domain(#[from] DomainError),
}

impl Identity {
    /// Reads a mail address such as `Mallory+shop@Example.ORG`, local part possibly quoted.
    pub fn parse_mail(text: &str) -> Result<Self, IdentityError> {
        let (local, domain) = text.rsplit_once('@').ok_or(IdentityError::NotAnAddress)?;
        Self::from_mail(local, domain)
    }

    /// The identity of a mail address whose two halves are known.
    pub fn from_mail(local: &str, domain: &str) -> Result<Self, IdentityError> {
        if local.is_empty() {
            return Err(IdentityError::NotAnAddress);
        }
        let local = local.to_lowercase();
        let untagged = match local.split_once('+') {
            Some((base, _)) if !base.is_empty() => Some(base.to_owned()),
            _ => None,
        };
        Ok(Self { local: Some(local), untagged, domain: Domain::parse(domain)? })
    }

    /// Reads a JID and keeps its bare form (RFC 7622 section 3.1): the resource is ignored, a domain alone is valid.
    pub fn parse_jid(text: &str) -> Result<Self, IdentityError> {
        let bare = text.split_once('/').map_or(text, |(bare, _)| bare);
        match bare.split_once('@') {
            Some((local, domain)) if !local.is_empty() => {
                Ok(Self { local: Some(local.to_lowercase()), untagged: None, domain: Domain::parse(domain)? })
            }
            Some(_) => Err(IdentityError::NotAnAddress),
            None => Ok(Self { local: None, untagged: None, domain: Domain::parse(bare)? }),
        }
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

/// The normalised address, as a person would write it.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.local {
            Some(local) => write!(f, "{local}@{}", self.domain),
            None => write!(f, "{}", self.domain),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}
