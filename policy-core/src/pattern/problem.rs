//! What people are told about a value that they typed: why it was refused, or what to know before it is saved.

use super::PatternKind;
use crate::identity::Domain;
use crate::sentence::Sentence;

/// Something that a person should know about an entry before it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Many unrelated people have addresses at this domain.
    SharedProvider {
        /// The domain.
        domain: String,
    },
    /// The address is at a domain that may belong to one owner: blocking all of it may be what is meant.
    WholeDomainPossible {
        /// The registrable domain.
        domain: String,
    },
    /// The value isn't matched as it was typed, but as what it evidently means.
    TakenAs {
        /// What it is taken for: an address, a domain or an expression.
        kind: PatternKind,
        /// What of it was taken.
        value: String,
    },
    /// An `@` is in it, and what follows is no domain.
    NotAnAddress {
        /// What follows the `@`.
        host: String,
    },
    /// There is a domain in it, and more: an entry for the domain may be meant.
    HoldsDomain {
        /// The domain.
        domain: String,
    },
    /// The address carries a tag, so the entry matches it with that tag only.
    TaggedOnly {
        /// The address without its tag.
        untagged: String,
    },
    /// A domain whose last label isn't known: perhaps no domain was meant, or it has a slip in it.
    UnknownEnding {
        /// The domain.
        domain: String,
    },
    /// Words so short that they stand in much ordinary text.
    ShortWords {
        /// The words.
        words: String,
    },
    /// An expression that ordinary sentences match.
    Broad {
        /// A sentence that it matches.
        example: String,
    },
}

impl Remark {
    /// The same for whoever has no page with buttons: a part of a sentence, without a full stop.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::SharedProvider { domain } => {
                Sentence::of("note-shared-provider").with("domain", domain.as_str())
            }
            Self::WholeDomainPossible { domain } => {
                Sentence::of("note-whole-domain").with("domain", domain.as_str())
            }
            Self::TakenAs { kind, value } => Sentence::of(match kind {
                PatternKind::Address | PatternKind::AddressSha256 => "note-taken-address",
                PatternKind::Domain => "note-taken-domain",
                PatternKind::Words => "note-taken-words",
                PatternKind::Regex => "note-taken-regex",
            })
            .with("value", value.as_str()),
            Self::NotAnAddress { host } => Sentence::of("note-not-an-address").with("host", host.as_str()),
            Self::HoldsDomain { domain } => Sentence::of("note-holds-domain").with("domain", domain.as_str()),
            Self::TaggedOnly { untagged } => {
                Sentence::of("note-tagged-only").with("untagged", untagged.as_str())
            }
            Self::UnknownEnding { domain } => {
                Sentence::of("note-unknown-ending").with("domain", domain.as_str())
            }
            Self::ShortWords { words } => Sentence::of("note-short-words").with("words", words.as_str()),
            Self::Broad { example } => Sentence::of("note-broad").with("example", example.as_str()),
        }
    }

    pub(super) fn whole_domain(domain: &Domain) -> Self {
        Self::WholeDomainPossible { domain: domain.to_string() }
    }

    /// One or two letters of an alphabet; in scripts that write a word with one character, that is no sign of risk.
    pub(super) fn of_short_words(key: &str) -> Option<Self> {
        let alphabetic = key.chars().all(|char| char.is_lowercase() || char.is_numeric());
        (alphabetic && key.chars().count() <= 2).then(|| Self::ShortWords { words: key.to_owned() })
    }
}

/// Why a typed value was not taken: what is wrong, and how to write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// Nothing was typed.
    Empty,
    /// Not an address.
    NotAnAddress(Sentence),
    /// Not a domain.
    NotADomain(Sentence),
    /// A public suffix, not confirmed.
    WholeSuffix {
        /// The suffix.
        suffix: String,
    },
    /// Not usable as words.
    Words(Sentence),
    /// Not a usable regular expression.
    Regex {
        /// What is wrong, and where.
        problem: Sentence,
        /// Where, as the number of characters before it, if it can be said.
        at: Option<usize>,
    },
    /// Hashed addresses, which aren't built yet.
    NotYet,
}

impl PatternError {
    /// The same as a part of a sentence, to stand behind a colon.
    pub fn sentence(&self) -> Sentence {
        let because = |id, problem: &Sentence| Sentence::of(id).with("problem", problem.clone());
        match self {
            Self::Empty => Sentence::of("why-empty"),
            Self::NotAnAddress(problem) => because("why-not-an-address", problem),
            Self::NotADomain(problem) => because("why-not-a-domain", problem),
            Self::WholeSuffix { suffix } => Sentence::of("why-whole-suffix").with("suffix", suffix.as_str()),
            Self::Words(problem) => because("why-words", problem),
            Self::Regex { problem, .. } => because("why-regex", problem),
            Self::NotYet => Sentence::of("why-not-yet"),
        }
    }
}
