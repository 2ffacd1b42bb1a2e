//! Words and regular expressions, compiled.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use regex::Regex;

use super::rule::Rule;
use super::segment::CompileError;
use crate::entry::{Channel, Channels, EntryId, Scope};
use crate::pattern::compile_regex;
use crate::text::words::WordsMatcher;

/// How many regex entries there may be in all; each is asked for each text.
pub const REGEX_COUNT: usize = 200;

/// Words entries by their keys.
type Words = BTreeMap<Box<str>, Vec<Rule>>;

/// Words and regex entries. An edit among them compiles the matcher of all words anew, which takes far less time than an
/// edit may take; one matcher finds words faster than two.
pub(super) struct Texts {
    matcher: Arc<WordsMatcher>,
    /// In the order of the matcher's indices.
    words: Vec<(Box<str>, Vec<Rule>)>,
    regexes: Vec<ListedRegex>,
    /// Who lists any, where, and until when.
    in_force: HashMap<(Scope, Channels), Until>,
}

/// The last day; `None` for no end.
type Until = Option<Date>;

#[derive(Clone)]
struct ListedRegex {
    regex: Regex,
    rule: Rule,
}

impl Texts {
    pub(super) fn empty() -> Self {
        Self::new(Arc::default(), Vec::new(), Vec::new())
    }

    fn new(matcher: Arc<WordsMatcher>, words: Vec<(Box<str>, Vec<Rule>)>, regexes: Vec<ListedRegex>) -> Self {
        let mut in_force: HashMap<_, Until> = HashMap::new();
        let rules = words.iter().flat_map(|(_, rules)| rules);
        for rule in rules.chain(regexes.iter().map(|listed| &listed.rule)) {
            let until = in_force.entry((rule.scope, rule.channels)).or_insert(rule.until);
            *until = until.zip(rule.until).map(|(one, other)| one.max(other));
        }
        Self { matcher, words, regexes, in_force }
    }

    fn compile(words: Words, regexes: Vec<ListedRegex>) -> Result<Self, CompileError> {
        if regexes.len() > REGEX_COUNT {
            return Err(CompileError::TooManyRegexes);
        }
        let matcher = WordsMatcher::new(words.keys())?;
        Ok(Self::new(Arc::new(matcher), words.into_iter().collect(), regexes))
    }

    /// Whether this scope lists any that count on this channel.
    pub(super) fn in_force(&self, scope: Scope, channel: Channel, today: Date) -> bool {
        let mut channels = [Channels::All, Channels::Mail, Channels::Xmpp].into_iter();
        channels.any(|channels| {
            channels.contains(channel)
                && self
                    .in_force
                    .get(&(scope, channels))
                    .is_some_and(|until| until.is_none_or(|day| today <= day))
        })
    }

    pub(super) fn matcher(&self) -> &WordsMatcher {
        &self.matcher
    }

    /// The rules behind a phrase that the matcher found.
    pub(super) fn words_rules(&self, index: u32) -> &[Rule] {
        usize::try_from(index).ok().and_then(|index| self.words.get(index)).map_or(&[], |(_, rules)| rules)
    }

    pub(super) fn regexes(&self) -> impl ExactSizeIterator<Item = (&Regex, Rule)> {
        self.regexes.iter().map(|listed| (&listed.regex, listed.rule))
    }

    /// The texts without the entries `touched`, then with those of `added`.
    pub(super) fn edited(
        &self,
        touched: &HashSet<EntryId>,
        added: TextsBuilder,
    ) -> Result<Self, CompileError> {
        let stays = |rule: &Rule| !touched.contains(&rule.entry);
        let mut words: Words = self.words.iter().cloned().collect();
        words.retain(|_, rules| {
            rules.retain(stays);
            !rules.is_empty()
        });
        for (key, rules) in added.words {
            words.entry(key).or_default().extend(rules);
        }
        let mut regexes: Vec<ListedRegex> =
            self.regexes.iter().filter(|listed| stays(&listed.rule)).cloned().collect();
        regexes.extend(added.regexes);
        if regexes.len() <= REGEX_COUNT && words.keys().eq(self.words.iter().map(|(key, _)| key)) {
            let words = words.into_iter().collect();
            return Ok(Self::new(Arc::clone(&self.matcher), words, regexes));
        }
        Self::compile(words, regexes)
    }
}

/// Collects words and regex entries.
#[derive(Default)]
pub(super) struct TextsBuilder {
    words: Words,
    regexes: Vec<ListedRegex>,
    /// The same expression, of many members, is compiled once.
    compiled: HashMap<String, Regex>,
}

impl TextsBuilder {
    pub(super) fn push_words(&mut self, key: &str, rule: Rule) {
        self.words.entry(key.into()).or_default().push(rule);
    }

    pub(super) fn push_regex(&mut self, key: &str, rule: Rule) -> Result<(), CompileError> {
        if self.regexes.len() >= REGEX_COUNT {
            return Err(CompileError::TooManyRegexes);
        }
        let regex = match self.compiled.get(key) {
            Some(regex) => regex.clone(),
            None => {
                let regex = compile_regex(key).map_err(|_| CompileError::Regex(key.to_owned()))?;
                self.compiled.insert(key.to_owned(), regex.clone());
                regex
            }
        };
        self.regexes.push(ListedRegex { regex, rule });
        Ok(())
    }

    /// Goes on with what another has collected.
    pub(super) fn append(&mut self, other: Self) {
        for (key, rules) in other.words {
            self.words.entry(key).or_default().extend(rules);
        }
        self.regexes.extend(other.regexes);
    }

    pub(super) fn finish(self) -> Result<Texts, CompileError> {
        Texts::compile(self.words, self.regexes)
    }
}
