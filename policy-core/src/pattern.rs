//! Patterns: what entries match, read from what a person typed.

use serde::{Deserialize, Serialize};

use crate::identity::Identity;

/// The one place that lists the kinds of patterns there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatternKind {
    /// One address or bare JID; `*` and `?` in its local part are wildcards.
    Address,
    /// A domain and all its subdomains.
    Domain,
    /// A word or phrase, as whole words in the text as a person reads it.
    Words,
    /// A regular expression on the text as it is shown.
    Regex,
    /// The SHA-256 of an address, as subscribed lists carry them.
    AddressSha256,
}

/// What an entry matches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pattern {
    /// Which kind of pattern.
    pub kind: PatternKind,
    /// The value as the person typed it, for display.
    pub typed: String,
    /// What is compared. For addresses and domains [`identity_key`]'s form; folded words; a regex as it is.
    pub key: String,
}

/// The form in which addresses and domains are kept and looked up: the domain's labels from the right and, for an
/// address, `@` and the normalised local part: `org.example@mallory`.
pub fn identity_key(identity: &Identity) -> String {
    let mut key = identity.domain().key();
    if let Some(local) = identity.local() {
        key.push('@');
        key.push_str(local);
    }
    key
}

/// The version of the normalisation that made the keys; entries with an older one are re-keyed at start.
pub const NORM_VERSION: u32 = 1;

/// What was understood of a typed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// The pattern.
    pub pattern: Pattern,
    /// What the person should know before it is saved.
    pub remarks: Vec<Remark>,
}

/// Something that a person should know about an entry before it is saved. `Display` is a whole sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Remark {
    /// Many unrelated people have addresses at this domain.
    #[error("{domain} is used by very many people: everyone there would be affected")]
    SharedProvider {
        /// The domain.
        domain: String,
    },
    /// The address is at a domain that may belong to one owner: blocking all of it may be what is meant.
    #[error("to cover every address there, use the domain {domain}")]
    WholeDomainPossible {
        /// The registrable domain.
        domain: String,
    },
}

/// Why a typed value was not taken. `Display` says what is wrong and how to write it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing was typed.
    #[error("nothing to match: write an address, a domain or words")]
    Empty,
    /// Not an address.
    #[error("not an address: {0}")]
    NotAnAddress(String),
    /// Not a domain.
    #[error("not a domain: {0}")]
    NotADomain(String),
    /// A public suffix, not confirmed.
    #[error(
        "{suffix} is no single owner's domain: everyone under it would be matched. Confirm that you mean all of it"
    )]
    WholeSuffix {
        /// The suffix.
        suffix: String,
    },
    /// Not usable as words.
    #[error("not usable as words: {0}")]
    Words(String),
    /// Not a usable regular expression.
    #[error("the regular expression can't be used: {problem}")]
    Regex {
        /// What is wrong.
        problem: String,
        /// Where, as a count of characters from the start, if it can be said.
        at: Option<usize>,
    },
    /// A kind that isn't built yet.
    #[error("{0} can't be added by hand: such entries come with subscribed lists, which don't exist yet")]
    NotYet(&'static str),
}

/// Reads what a person typed. Without `kind`, tells an address from a domain from words. `confirmed` says that the
/// person knows that a whole public suffix will be matched.
pub fn understand(
    value: &str,
    kind: Option<PatternKind>,
    confirmed: bool,
) -> Result<Understood, PatternError> {
    let _ = confirmed;
    let typed = value.trim();
    if typed.is_empty() {
        return Err(PatternError::Empty);
    }
    let guess = if typed.contains('@') {
        PatternKind::Address
    } else if typed.contains('.') && !typed.contains(char::is_whitespace) {
        PatternKind::Domain
    } else {
        PatternKind::Words
    };
    let kind = kind.unwrap_or(guess);
    let key = match kind {
        PatternKind::Address => identity_key(
            &Identity::parse_mail(typed).map_err(|error| PatternError::NotAnAddress(error.to_string()))?,
        ),
        PatternKind::Domain => identity_key(
            &Identity::parse_jid(typed).map_err(|error| PatternError::NotADomain(error.to_string()))?,
        ),
        PatternKind::Words => crate::text::words::phrase_key(typed)?,
        PatternKind::Regex => typed.to_owned(),
        PatternKind::AddressSha256 => return Err(PatternError::NotYet("hashed addresses")),
    };
    Ok(Understood { pattern: Pattern { kind, typed: typed.to_owned(), key }, remarks: Vec::new() })
}

impl Pattern {
    /// Whether it is an address with a wildcard in its local part.
    pub fn is_glob(&self) -> bool {
        self.kind == PatternKind::Address && self.key.contains(['*', '?'])
    }

    /// The key under which Prosody shows the same domain, where IDNA2003 makes another of it.
    pub fn xmpp_key(&self) -> Option<String> {
        None
    }
}

/// Whether a glob matches a local part.
pub fn glob_matches(glob: &str, local: &str) -> bool {
    glob == local
}
