//! Segments: a set of entries, compiled once and never changed.

use std::collections::HashMap;

use regex::Regex;

use super::identities::{IdentityMap, IdentityMapBuilder, Rank};
use super::rule::Rule;
use crate::entry::{Channels, Entry};
use crate::identity::Identity;
use crate::pattern::{Pattern, PatternKind, compile_regex};
use crate::text::words::WordsMatcher;

/// How many regex entries there may be in all; each is asked for each text.
pub const REGEX_COUNT: usize = 200;

/// The entries can't be compiled. `Display` says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// More regular expressions than are searched for.
    #[error(
        "there are more than {REGEX_COUNT} regular expressions: remove some, or write plain words instead"
    )]
    TooManyRegexes,
    /// A stored regular expression that doesn't compile.
    #[error("the regular expression {0} can't be compiled: remove it and write it anew")]
    Regex(String),
    /// A fault of ours.
    #[error("the list of addresses can't be compiled: {0}")]
    Identities(#[from] fst::Error),
}

/// A set of entries, compiled.
pub(super) struct Segment {
    identities: Vec<IdentityMap>,
    globs: HashMap<String, Vec<(String, Rule)>>,
    pub(super) words: WordsMatcher,
    words_rules: Vec<Vec<Rule>>,
    pub(super) regexes: Vec<(Regex, Rule)>,
}

impl Segment {
    /// Compiles entries that are at hand, in any order; switched-off ones are left out.
    pub(super) fn compile<'a>(entries: impl Iterator<Item = &'a Entry>) -> Result<Self, CompileError> {
        let mut sorted: Vec<&Entry> = entries.filter(|entry| entry.enabled).collect();
        sorted.sort_by(|a, b| a.pattern.key.cmp(&b.pattern.key));
        let mut builder = SegmentBuilder::new();
        for entry in sorted {
            builder.push(&entry.pattern, Rule::from(entry))?;
        }
        builder.finish()
    }

    /// Reports every rule that matches the identity.
    pub(super) fn find_identity(&self, identity: &Identity, found: &mut dyn FnMut(Rank, Rule)) {
        for map in &self.identities {
            map.find(identity, found);
        }
        if self.globs.is_empty() {
            return;
        }
        let Some(local) = identity.local() else { return };
        for (glob, rule) in self.globs.get(&identity.domain().key()).into_iter().flatten() {
            let matches = |local| crate::pattern::glob_matches(glob, local);
            if matches(local) || identity.untagged().is_some_and(matches) {
                found(Rank::Glob, *rule);
            }
        }
    }

    /// The rules behind a phrase that the words matcher found.
    pub(super) fn words_rules(&self, index: u32) -> &[Rule] {
        usize::try_from(index).ok().and_then(|index| self.words_rules.get(index)).map_or(&[], Vec::as_slice)
    }

    /// Whether texts need not be looked at.
    pub(super) fn ignores_texts(&self) -> bool {
        self.words.is_empty() && self.regexes.is_empty()
    }

    /// Bytes that the address and domain entries take.
    pub(super) fn identity_bytes(&self) -> usize {
        self.identities.iter().map(IdentityMap::heap_bytes).sum()
    }
}

/// Compiles entries as they come from a store, one by one; addresses and domains best in ascending order of their keys.
pub struct SegmentBuilder {
    identities: IdentityMapBuilder,
    globs: HashMap<String, Vec<(String, Rule)>>,
    words: Vec<String>,
    words_rules: Vec<Vec<Rule>>,
    words_index: HashMap<String, usize>,
    regexes: Vec<(Regex, Rule)>,
}

impl Default for SegmentBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl SegmentBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            identities: IdentityMapBuilder::new(),
            globs: HashMap::new(),
            words: Vec::new(),
            words_rules: Vec::new(),
            words_index: HashMap::new(),
            regexes: Vec::new(),
        }
    }

    /// Takes one entry that is switched on; of its pattern, the kind and the key.
    pub fn push(&mut self, pattern: &Pattern, rule: Rule) -> Result<(), CompileError> {
        match pattern.kind {
            PatternKind::Address if pattern.is_glob() => {
                if let Some((domain, glob)) = pattern.key.split_once('@') {
                    self.globs.entry(domain.to_owned()).or_default().push((glob.to_owned(), rule));
                }
            }
            PatternKind::Address | PatternKind::Domain => {
                self.identities.push(&pattern.key, rule)?;
                // Prosody shows IDNA2003's form of a domain where it differs; only chat is looked up by it.
                if rule.channels != Channels::Mail
                    && let Some(key) = pattern.xmpp_key()
                {
                    self.identities.push(&key, Rule { channels: Channels::Xmpp, ..rule })?;
                }
            }
            PatternKind::Words => {
                let next = self.words.len();
                let index = *self.words_index.entry(pattern.key.clone()).or_insert(next);
                if index == next {
                    self.words.push(pattern.key.clone());
                    self.words_rules.push(Vec::new());
                }
                if let Some(rules) = self.words_rules.get_mut(index) {
                    rules.push(rule);
                }
            }
            PatternKind::Regex => {
                if self.regexes.len() >= REGEX_COUNT {
                    return Err(CompileError::TooManyRegexes);
                }
                let regex =
                    compile_regex(&pattern.key).map_err(|_| CompileError::Regex(pattern.key.clone()))?;
                self.regexes.push((regex, rule));
            }
            // Refused when typed; subscribed lists, which will carry them, don't exist yet.
            PatternKind::AddressSha256 => {}
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Segment, CompileError> {
        Ok(Segment {
            identities: self.identities.finish()?,
            globs: self.globs,
            words: WordsMatcher::new(&self.words),
            words_rules: self.words_rules,
            regexes: self.regexes,
        })
    }
}
