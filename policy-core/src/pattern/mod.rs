//! Patterns: what entries match, read from what a person typed.

mod address;
mod expression;
mod glob;
mod problem;
mod syntax;
mod typed;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::address::LONGEST_LOCAL;
pub use self::expression::compile as compile_regex;
pub use self::glob::glob_matches;
pub use self::problem::{PatternError, Remark};
use self::typed::Reading;
use crate::identity::{Domain, idna2003_key};
use crate::suffix::SuffixList;
use crate::text::words;

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

/// The words by which a person says which kind a value is.
const KINDS: [(&str, PatternKind); 4] = [
    ("address", PatternKind::Address),
    ("domain", PatternKind::Domain),
    ("words", PatternKind::Words),
    ("regex", PatternKind::Regex),
];

impl PatternKind {
    /// The word that [`kind_said`] reads; nothing for kinds that nobody types.
    pub fn word(self) -> Option<&'static str> {
        KINDS.iter().find(|(_, kind)| *kind == self).map(|(word, _)| *word)
    }
}

/// What an entry matches. `Debug` shows only the kind: whom a household lists must not reach a log.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pattern {
    /// Which kind of pattern.
    pub kind: PatternKind,
    /// The value as the person typed it, for display.
    pub typed: String,
    /// What is compared. For addresses and domains [`Identity::key`]'s form, the local part a glob if
    /// [`Pattern::is_glob`]; folded words; a regex for [`compile_regex`].
    pub key: String,
}

impl Pattern {
    /// Whether this is an address whose key's local part is for [`glob_matches`], not for comparing as it is.
    pub fn is_glob(&self) -> bool {
        self.kind == PatternKind::Address
            && self.key.split_once('@').is_some_and(|(_, local)| glob::is_glob(local))
    }

    /// Whether this is an address that stands for several: in quotes, `*` and `?` are signs like others.
    pub fn has_wildcard(&self) -> bool {
        self.is_glob() && self.key.split_once('@').is_some_and(|(_, local)| glob::has_wildcard(local))
    }

    /// The key under which XMPP servers show the same address or domain, where it is another one: they prepare JIDs by
    /// IDNA2003, which writes `strasse.example` for `straße.example`. It counts on that channel only.
    pub fn xmpp_key(&self) -> Option<String> {
        if !matches!(self.kind, PatternKind::Address | PatternKind::Domain) {
            return None;
        }
        idna2003_key(&self.key)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.kind)
    }
}

/// The version of the normalisation that made the keys; entries with an older one are re-keyed at start.
pub const NORM_VERSION: u32 = 4;

/// What was understood of a typed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// The pattern.
    pub pattern: Pattern,
    /// What the person should know before it is saved.
    pub remarks: Vec<Remark>,
}

/// Reads what a person typed. Without `kind`, it is the one that the value says ([`kind_said`]), or an address is told from a
/// domain from words. `confirmed` says that the
/// person knows that a whole public suffix will be matched.
pub fn understand(
    value: &str,
    kind: Option<PatternKind>,
    confirmed: bool,
) -> Result<Understood, PatternError> {
    let (said, bare) = if kind.is_none() { kind_said(value) } else { (kind, value) };
    let (kind, typed) = (said, bare.trim());
    if typed.is_empty() {
        return Err(PatternError::Empty);
    }
    let suffixes = SuffixList::in_use();
    let (kind, key, remarks) = match typed::read(typed, kind, suffixes)? {
        Reading::Address { text, literal } => {
            let (key, remarks) = address::understand(&text, literal, suffixes)?;
            (PatternKind::Address, key, remarks)
        }
        Reading::Domain { text, literal } => {
            let (key, remarks) = understand_domain(&text, literal, confirmed, suffixes)?;
            (PatternKind::Domain, key, remarks)
        }
        Reading::Words { remark } => {
            let key = words::phrase_key(typed)?;
            let short = Remark::of_short_words(&key);
            (PatternKind::Words, key, remark.into_iter().chain(short).collect())
        }
        Reading::Regex => {
            let (key, remarks) = expression::understand(typed)?;
            (PatternKind::Regex, key, remarks)
        }
    };
    Ok(Understood { pattern: Pattern { kind, typed: typed.to_owned(), key }, remarks })
}

/// The address or domain that a typed value is read as, without what people and programs put around one; `None` for words.
pub fn sender_meant(typed: &str) -> Option<String> {
    match typed::read(typed.trim(), None, SuffixList::in_use()).ok()? {
        Reading::Address { text, .. } | Reading::Domain { text, .. } => Some(text),
        Reading::Words { .. } | Reading::Regex => None,
    }
}

/// Which kind a value says that it is (`words: buy now`), and what follows.
pub fn kind_said(value: &str) -> (Option<PatternKind>, &str) {
    let value = value.trim_start();
    let said = value.split_once(':').and_then(|(word, rest)| {
        let (_, kind) = KINDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name))?;
        Some((Some(*kind), rest))
    });
    said.unwrap_or((None, value))
}

/// The key of a typed domain. `literal`: the text is what was typed, not taken out of something longer.
fn understand_domain(
    text: &str,
    literal: bool,
    confirmed: bool,
    suffixes: &SuffixList,
) -> Result<(String, Vec<Remark>), PatternError> {
    let domain = Domain::parse_typed(text).map_err(|error| PatternError::NotADomain(error.sentence()))?;
    if !confirmed && suffixes.is_suffix(&domain) {
        return Err(PatternError::WholeSuffix { suffix: domain.to_string() });
    }
    let mut remarks = Vec::new();
    if !literal {
        remarks.push(Remark::TakenAs { kind: PatternKind::Domain, value: text.to_owned() });
    }
    if domain.is_shared_provider() {
        remarks.push(Remark::SharedProvider { domain: domain.to_string() });
    } else if !domain.is_ip() && domain.as_str().contains('.') && !suffixes.knows_ending_of(&domain) {
        remarks.push(Remark::UnknownEnding { domain: domain.to_string() });
    }
    // A host out of a link, or www., is rarely all that is meant.
    if (!literal || domain.as_str().starts_with("www."))
        && let Some(whole) = suffixes.registrable(&domain).filter(|whole| *whole != domain)
    {
        remarks.push(Remark::whole_domain(&whole));
    }
    Ok((domain.key().to_owned(), remarks))
}
