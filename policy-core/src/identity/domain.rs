//! Domains: UTS 46 A-labels, lower case, no trailing dot.

use std::fmt;

/// A normalised domain, or an IP literal in brackets.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Domain(String);

/// The text is not a domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a domain looks like example.org")]
pub struct DomainError;

impl Domain {
    /// Reads a domain in any spelling.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.trim_end_matches('.');
        if text.is_empty() {
            return Err(DomainError);
        }
        idna::domain_to_ascii(text).map(Self).map_err(|_| DomainError)
    }

    /// The domain as it stands in DNS: `xn--strae-oqa.example`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain's labels from the right, `org.example`: the order in which lists are kept, so that one walk finds a
    /// domain and everything above it. An IP literal is one label.
    pub fn key(&self) -> String {
        let mut labels: Vec<&str> = self.0.split('.').collect();
        labels.reverse();
        labels.join(".")
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Domain(..)")
    }
}
