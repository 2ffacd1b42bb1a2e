//! What people are told about a value that they typed: why it was refused, or what to know before it is saved.

use crate::identity::Domain;

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
    /// The value isn't matched as it was typed, but as what it evidently means.
    #[error("taken as {taken}")]
    TakenAs {
        /// What was taken, with its kind: `the domain example.org and all its subdomains`.
        taken: String,
    },
    /// The address carries a tag, so the entry matches it with that tag only.
    #[error("this matches the address with this tag only; to match it with any tag or none, use {untagged}")]
    TaggedOnly {
        /// The address without its tag.
        untagged: String,
    },
    /// A domain whose last label isn't known: perhaps no domain was meant, or it has a slip in it.
    #[error(
        "no domain that is known ends like {domain}: check the spelling, or choose the kind words if you meant the text"
    )]
    UnknownEnding {
        /// The domain.
        domain: String,
    },
    /// Words so short that they stand in much ordinary text.
    #[error("“{words}” is very short: it may stand in messages that you want")]
    ShortWords {
        /// The words.
        words: String,
    },
    /// An expression that ordinary sentences match.
    #[error("the expression matches ordinary sentences, such as “{example}”")]
    Broad {
        /// A sentence that it matches.
        example: String,
    },
}

impl Remark {
    pub(super) fn whole_domain(domain: &Domain) -> Self {
        Self::WholeDomainPossible { domain: domain.to_string() }
    }

    /// One or two letters of an alphabet; in scripts that write a word with one character, that is no sign of risk.
    pub(super) fn of_short_words(key: &str) -> Option<Self> {
        let alphabetic = key.chars().all(|char| char.is_lowercase() || char.is_numeric());
        (alphabetic && key.chars().count() <= 2).then(|| Self::ShortWords { words: key.to_owned() })
    }
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
        "{suffix} is a public suffix: unrelated people have domains under it, and all of them would be matched. If you \
         mean that, confirm it (the box on the page, --whole-suffix on the command line, \"confirmed\": true in a file)"
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
        /// What is wrong, and where.
        problem: String,
        /// Where, as the number of characters before it, if it can be said.
        at: Option<usize>,
    },
    /// A kind that isn't built yet.
    #[error("{0} can't be added by hand: such entries come with subscribed lists, which don't exist yet")]
    NotYet(&'static str),
}
