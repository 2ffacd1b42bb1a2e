//! Words and regular expressions, compiled.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use regex::Regex;

use super::rule::Rule;
use super::segment::CompileError;
use super::words::{Words, WordsBuilder};
use crate::entry::{Channel, Channels, EntryId, Scope};
use crate::pattern::compile_regex;
use crate::text::words::WordsMatcher;

/// How many regex entries there may be in all; each is asked for each text.
pub const REGEX_COUNT: usize = 200;

/// Words and regex entries. An edit among them compiles the matcher of all words anew, which takes far less time than an
/// edit may take; one matcher finds words faster than two.
#[derive(Default)]
pub(super) struct Texts {
    matcher: Arc<WordsMatcher>,
    /// In the order of the matcher's indices.
    words: Words,
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
    fn new(matcher: Arc<WordsMatcher>, words: Words, regexes: Vec<ListedRegex>) -> Self {
        let mut in_force: HashMap<_, Until> = HashMap::new();
        for rule in words.rules().iter().chain(regexes.iter().map(|listed| &listed.rule)) {
            let until = in_force.entry((rule.scope, rule.channels)).or_insert(rule.until);
            *until = until.zip(rule.until).map(|(one, other)| one.max(other));
        }
        Self { matcher, words, regexes, in_force }
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
        self.words.rules_of(index as usize)
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
        let words = self.words.edited(touched, added.words);
        let mut regexes: Vec<ListedRegex> =
            self.regexes.iter().filter(|listed| stays(&listed.rule)).cloned().collect();
        regexes.extend(added.regexes);
        if regexes.len() > REGEX_COUNT {
            return Err(CompileError::TooManyRegexes);
        }
        let matcher = match words.keys().eq(self.words.keys()) {
            true => Arc::clone(&self.matcher),
            false => Arc::new(WordsMatcher::new(words.keys())?),
        };
        Ok(Self::new(matcher, words, regexes))
    }
}

/// Collects words and regex entries.
#[derive(Default)]
pub(super) struct TextsBuilder {
    words: WordsBuilder,
    regexes: Vec<ListedRegex>,
    /// The same expression, of many members, is compiled once.
    compiled: HashMap<String, Regex>,
}

impl TextsBuilder {
    pub(super) fn push_words(&mut self, key: &str, rule: Rule) {
        self.words.push(key.as_bytes(), rule);
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
        self.words.append(other.words);
        self.regexes.extend(other.regexes);
    }
}
