//! Every text that the page shows and `postward doctor` says, and what the admin is told, from Fluent files: a folder for
//! each language.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Pattern;
use policy_core::chain::{Link, State};
use policy_core::lists::ListsError;
use policy_core::pattern::{PatternError, PatternKind, Remark};
use policy_core::sentence::{Gap, Sentence};
use serde::Serialize;
use unic_langid::LanguageIdentifier;

/// The English files.
pub const ENGLISH: [&str; 11] = [
    include_str!("../en/page.ftl"),
    include_str!("../en/list.ftl"),
    include_str!("../en/why.ftl"),
    include_str!("../en/desk.ftl"),
    include_str!("../en/transfer.ftl"),
    include_str!("../en/chain.ftl"),
    include_str!("../en/links.ftl"),
    include_str!("../en/explain.ftl"),
    include_str!("../en/notices.ftl"),
    include_str!("../en/reports.ftl"),
    include_str!("../en/forwarding.ftl"),
];

/// The texts of one language.
#[derive(Clone)]
pub struct Texts {
    bundle: Arc<FluentBundle<FluentResource>>,
    isolates: bool,
}

/// In bidi isolates Fluent wraps what stands in gaps.
const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Signs that set the direction of what follows (UAX 9, section 2): in a value they would turn the sentence around, as they can end
/// the isolate that it stands in. `inner`: it is a sentence of ours, with isolates of its own.
fn without_directions(value: &str, inner: bool) -> Cow<'_, str> {
    let turns = |char| {
        matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}' | '\u{2067}')
            || !inner && ISOLATES.contains(&char)
    };
    if value.contains(turns) { value.replace(turns, "").into() } else { value.into() }
}

/// A link of the chain, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkInWords {
    /// Which link, as a name that never changes.
    pub id: String,
    /// How it is.
    pub state: State,
    /// What was found.
    pub says: String,
    /// What to do, where there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Texts {
    /// English, for pages: what stands in a gap is wrapped in bidi isolates, so that a hostile name can't turn the sentence
    /// around.
    pub fn english() -> Self {
        static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts::of("en", ENGLISH));
        TEXTS.clone()
    }

    /// English, for terminals, mail and JSON, where isolates would be seen or searched in vain.
    pub fn plain() -> Self {
        Self { isolates: false, ..Self::english() }
    }

    /// Those of a language, from its files.
    pub fn of<'f>(language: &str, files: impl IntoIterator<Item = &'f str>) -> Self {
        let language = language.parse::<LanguageIdentifier>().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // A broken line costs that line, not the page; a test fails on any.
        for texts in files {
            let resource = FluentResource::try_new(texts.to_owned()).unwrap_or_else(|(resource, _)| resource);
            let _ = bundle.add_resource(resource);
        }
        Self { bundle: Arc::new(bundle), isolates: true }
    }

    /// The text of this name.
    pub fn say(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// A text with one gap filled.
    pub fn with(&self, id: &str, name: &str, value: &str) -> String {
        let mut args = FluentArgs::new();
        args.set(name, without_directions(value, true));
        self.format(id, Some(&args))
    }

    /// A text with a count in it.
    pub fn count(&self, id: &str, count: u64) -> String {
        let mut args = FluentArgs::new();
        args.set("count", count);
        self.format(id, Some(&args))
    }

    /// A text with a count and a name in it.
    pub fn counted(&self, id: &str, count: u64, name: &str, value: &str) -> String {
        let mut args = FluentArgs::new();
        args.set("count", count);
        args.set(name, without_directions(value, true));
        self.format(id, Some(&args))
    }

    /// A text with several gaps filled.
    pub fn with_all(&self, id: &str, filling: &[(&str, &str)]) -> String {
        let filling = filling.iter().map(|(name, value)| (*name, without_directions(value, true)));
        let args: FluentArgs<'_> = filling.collect();
        self.format(id, Some(&args))
    }

    /// A sentence in words.
    pub fn sentence(&self, sentence: &Sentence) -> String {
        self.format(&sentence.id, Some(&self.gaps(sentence)))
    }

    /// A link in words; what to do is its sentence's `.remedy`. Without isolates on pages either: commands are copied from
    /// there into a shell.
    pub fn link(&self, link: &Link) -> LinkInWords {
        let says = &link.says;
        let plain = Self { isolates: false, ..self.clone() };
        let remedy = plain.part(says, "remedy");
        debug_assert_eq!(remedy.is_some(), link.state != State::Good, "{}", says.id);
        LinkInWords { id: link.id.clone(), state: link.state, says: plain.sentence(says), remedy }
    }

    /// What belongs to a sentence: its `.remedy`, its `.subject`.
    pub fn part(&self, sentence: &Sentence, name: &str) -> Option<String> {
        let part = self.bundle.get_message(&sentence.id)?.get_attribute(name)?;
        Some(self.fill(part.value(), Some(&self.gaps(sentence))))
    }

    fn format(&self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        self.fill(pattern, args)
    }

    fn fill(&self, pattern: &Pattern<&str>, args: Option<&FluentArgs<'_>>) -> String {
        let words = self.bundle.format_pattern(pattern, args, &mut Vec::new());
        if self.isolates { words.into_owned() } else { words.replace(ISOLATES, "") }
    }

    /// What should be known about an entry before it is saved.
    pub fn remark(&self, remark: &Remark) -> String {
        match remark {
            Remark::SharedProvider { domain } => self.with("remark-shared-provider", "domain", domain),
            Remark::WholeDomainPossible { domain } => self.with("remark-whole-domain", "domain", domain),
            Remark::TakenAs { kind, value } => {
                let id = match kind {
                    PatternKind::Domain => "remark-taken-domain",
                    PatternKind::Regex => "remark-taken-regex",
                    PatternKind::Address | PatternKind::Words | PatternKind::AddressSha256 => {
                        "remark-taken-address"
                    }
                };
                self.with(id, "value", value)
            }
            Remark::NotAnAddress { host } => self.with("remark-not-an-address", "host", host),
            Remark::HoldsDomain { domain } => self.with("remark-holds-domain", "domain", domain),
            Remark::TaggedOnly { untagged } => self.with("remark-tagged-only", "untagged", untagged),
            Remark::UnknownEnding { domain } => self.with("remark-unknown-ending", "domain", domain),
            Remark::ShortWords { words } => self.with("remark-short-words", "words", words),
            Remark::Broad { example } => self.with("remark-broad", "example", example),
        }
    }

    /// Why a typed value was not taken.
    pub fn pattern_error(&self, error: &PatternError) -> String {
        let because = |id, problem: &Sentence| self.because(id, problem);
        match error {
            PatternError::Empty => self.say("error-empty"),
            PatternError::NotAnAddress(problem) => because("error-not-an-address", problem),
            PatternError::NotADomain(problem) => because("error-not-a-domain", problem),
            PatternError::WholeSuffix { suffix } => self.with("error-whole-suffix", "suffix", suffix),
            PatternError::Words(problem) => because("error-words", problem),
            PatternError::Regex { problem, .. } => because("error-regex", problem),
            PatternError::NotYet => self.say("error-not-yet"),
        }
    }

    /// Why the lists were not read or changed.
    pub fn lists_error(&self, error: &ListsError) -> String {
        match error {
            ListsError::NoSuchEntry(_) => self.say("error-no-such-entry"),
            ListsError::NoSuchMember(name) => self.with("error-no-such-member", "name", name),
            ListsError::ChangedMeanwhile(_) => self.say("error-changed-meanwhile"),
            ListsError::Refused(why) => self.because("error-refused", why),
            ListsError::Store(problem) => self.because("error-store", problem),
        }
    }

    /// A text whose gap `problem` is filled with a sentence that says why.
    pub fn because(&self, id: &str, why: &Sentence) -> String {
        self.with(id, "problem", &self.sentence(why))
    }

    fn gaps<'s>(&self, sentence: &'s Sentence) -> FluentArgs<'s> {
        let filled = sentence.gaps.iter().map(|(name, gap)| match gap {
            Gap::Number(count) => (name.as_str(), FluentValue::from(*count)),
            Gap::Text(text) => (name.as_str(), FluentValue::from(without_directions(text, false))),
            Gap::Sentence(sentence) => (name.as_str(), FluentValue::from(self.sentence(sentence))),
        });
        filled.collect()
    }
}
