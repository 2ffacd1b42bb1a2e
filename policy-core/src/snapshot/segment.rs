//! All entries, compiled: each kind of pattern in what finds it fastest.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::allows::Allows;
use super::identities::{IdentityMap, IdentityMapWriter, Rank};
use super::rule::Rule;
use super::table::{Edits, Table, TableWriter};
use super::texts::{REGEX_COUNT, Texts, TextsBuilder};
use crate::entry::{Channels, Entry, EntryId};
use crate::identity::Identity;
use crate::pattern::{Pattern, PatternKind, glob_matches};
use crate::sentence::Sentence;
use crate::text::words::WordsError;

/// The entries can't be compiled.
#[derive(Debug)]
pub enum CompileError {
    /// More regular expressions than are searched for.
    TooManyRegexes,
    /// A stored regular expression that doesn't compile.
    Regex(String),
    /// The automaton that finds words can't be built.
    Words(WordsError),
}

impl CompileError {
    /// What is wrong, and what to do.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::TooManyRegexes => Sentence::of("compile-regexes").with("most", REGEX_COUNT as u64),
            Self::Regex(expression) => Sentence::of("compile-regex").with("expression", expression.as_str()),
            Self::Words(WordsError::TooMany(_)) => Sentence::of("compile-words"),
            Self::Words(WordsError::NoStart(error)) => {
                Sentence::of("compile-words-fault").with("error", error.to_string())
            }
        }
    }
}

impl From<WordsError> for CompileError {
    fn from(error: WordsError) -> Self {
        Self::Words(error)
    }
}

/// All entries, compiled. Immutable; what an edit doesn't touch is shared with the segment before it.
pub(super) struct Segment {
    identities: Arc<IdentityMap>,
    /// Addresses with wildcards, by their keys: those of one domain stand together.
    globs: Arc<Table>,
    pub(super) texts: Arc<Texts>,
    pub(super) allows: Arc<Allows>,
}

impl Segment {
    pub(super) fn empty() -> Self {
        Self {
            identities: Arc::default(),
            globs: Arc::default(),
            texts: Arc::default(),
            allows: Arc::default(),
        }
    }

    /// Reports every rule that matches the identity; `base` as for [`IdentityMap::find`].
    pub(super) fn find_identity(
        &self,
        identity: &Identity,
        base: Option<&str>,
        found: &mut dyn FnMut(Rank, Rule),
    ) {
        self.identities.find(identity, base, found);
        if self.globs.is_empty() || identity.local().is_none() {
            return;
        }
        // The domain and the `@`, and what may stand behind them.
        let (domain, local) = identity.key().split_at(identity.domain().key().len() + 1);
        let bases = [identity.untagged_key(), base].map(|key| key.and_then(|key| key.get(domain.len()..)));
        self.globs.find_prefixed(domain.as_bytes(), &mut |glob, rule| {
            let Ok(glob) = str::from_utf8(glob) else { return };
            if glob_matches(glob, local) || bases.iter().flatten().any(|base| glob_matches(glob, base)) {
                found(Rank::Glob, rule);
            }
        });
    }

    /// The segment without the entries `gone`, and with the entries `changed` as they are now.
    pub(super) fn edited(&self, gone: &[Entry], changed: &[Entry]) -> Result<Self, CompileError> {
        // What was changed twice counts as it was in the end. An edited entry may be gone from one pattern and have come
        // to another.
        let name = |entry: &'_ Entry| (entry.id, entry.pattern.kind, entry.pattern.key.clone());
        let now: HashMap<_, Option<&Entry>> = changed
            .iter()
            .map(|entry| (name(entry), Some(entry).filter(|entry| entry.enabled)))
            .chain(gone.iter().map(|entry| (name(entry), None)))
            .collect();
        let (mut identities, mut globs) = (Edits::new(), Edits::new());
        let mut touched_texts = HashSet::new();
        let mut texts = TextsBuilder::default();
        let mut allows = Arc::clone(&self.allows);
        let mut done = HashSet::new();
        for entry in gone.iter().chain(changed).filter(|entry| done.insert(name(entry))) {
            let there = now.get(&name(entry)).copied().flatten();
            let rule = there.map(Rule::from);
            if allows.is_touched(entry.id, rule.as_ref()) {
                let allows = Arc::make_mut(&mut allows);
                allows.remove(entry.id);
                rule.iter().for_each(|rule| allows.insert(rule));
            }
            let pattern = &entry.pattern;
            match pattern.kind {
                PatternKind::Address | PatternKind::Domain => {
                    let edits = if pattern.is_glob() { &mut globs } else { &mut identities };
                    let mut edit = |key: String, rule| {
                        edits.entry(key.into_bytes()).or_default().push((entry.id, rule));
                    };
                    if let Some(key) = pattern.xmpp_key() {
                        edit(key, rule.and_then(xmpp_only));
                    }
                    edit(pattern.key.clone(), rule);
                }
                PatternKind::Words | PatternKind::Regex => {
                    touched_texts.insert(entry.id);
                    match rule {
                        Some(rule) if pattern.kind == PatternKind::Words => {
                            texts.push_words(&pattern.key, rule);
                        }
                        Some(rule) => texts.push_regex(&pattern.key, rule)?,
                        None => {}
                    }
                }
                PatternKind::AddressSha256 => {}
            }
        }
        let unless_empty = |edits: Edits| (!edits.is_empty()).then_some(edits);
        let identities = unless_empty(identities)
            .map_or_else(|| Arc::clone(&self.identities), |edits| Arc::new(self.identities.edited(edits)));
        let globs = unless_empty(globs)
            .map_or_else(|| Arc::clone(&self.globs), |edits| Arc::new(self.globs.edited(edits)));
        let texts = match touched_texts.is_empty() {
            true => Arc::clone(&self.texts),
            false => Arc::new(self.texts.edited(&touched_texts, texts)?),
        };
        Ok(Self { identities, globs, texts, allows })
    }

    /// Bytes that the address and domain entries take.
    pub(super) fn identity_bytes(&self) -> usize {
        self.identities.heap_bytes() + self.globs.heap_bytes()
    }
}

/// The rule for the key under which chat alone is looked up. Prosody shows IDNA2003's form of a domain where it differs.
fn xmpp_only(rule: Rule) -> Option<Rule> {
    (rule.channels != Channels::Mail).then_some(Rule { channels: Channels::Xmpp, ..rule })
}

/// Compiles entries as they come from a store, one by one; addresses and domains best in ascending order of their keys:
/// what is out of order is kept aside until the end.
#[derive(Default)]
pub struct SegmentBuilder {
    identities: IdentityMapWriter,
    globs: TableWriter,
    aside: Aside,
    texts: TextsBuilder,
    compiled: Texts,
    allows: Allows,
}

/// What came out of order.
#[derive(Default)]
struct Aside {
    identities: Edits,
    globs: Edits,
}

impl SegmentBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one entry that is switched on; of its pattern, the kind and the key.
    pub fn push(&mut self, pattern: &Pattern, rule: Rule) -> Result<(), CompileError> {
        self.allows.insert(&rule);
        match pattern.kind {
            PatternKind::Address | PatternKind::Domain => {
                let is_glob = pattern.is_glob();
                self.push_identity(&pattern.key, is_glob, rule);
                if let Some((key, rule)) = pattern.xmpp_key().zip(xmpp_only(rule)) {
                    self.push_identity(&key, is_glob, rule);
                }
            }
            PatternKind::Words => self.texts.push_words(&pattern.key, rule),
            PatternKind::Regex => self.texts.push_regex(&pattern.key, rule)?,
            // Refused when typed; subscribed lists, which will carry them, don't exist yet.
            PatternKind::AddressSha256 => {}
        }
        Ok(())
    }

    fn push_identity(&mut self, key: &str, is_glob: bool, rule: Rule) {
        let key = key.as_bytes();
        let (last, aside) = match is_glob {
            true => (self.globs.last(), &mut self.aside.globs),
            false => (self.identities.last(), &mut self.aside.identities),
        };
        if key < last {
            aside.entry(key.to_owned()).or_default().push((rule.entry, Some(rule)));
        } else if is_glob {
            self.globs.push(key, rule);
        } else {
            self.identities.push(key, rule);
        }
    }

    /// Compiles the words and regular expressions taken so far. Who does so before taking addresses and domains needs less
    /// memory: it takes much for a moment.
    pub fn compile_texts(&mut self) -> Result<(), CompileError> {
        self.compiled = self.compiled.edited(&HashSet::new(), std::mem::take(&mut self.texts))?;
        Ok(())
    }

    /// Goes on with what another builder took and hasn't compiled, all of whose keys stand behind those taken here.
    pub fn append(&mut self, behind: Self) {
        self.identities.append(behind.identities);
        self.globs.append(behind.globs);
        merge(&mut self.aside.identities, behind.aside.identities);
        merge(&mut self.aside.globs, behind.aside.globs);
        self.texts.append(behind.texts);
        self.allows.append(behind.allows);
    }

    pub(super) fn finish(mut self) -> Result<Segment, CompileError> {
        self.compile_texts()?;
        let (mut identities, mut globs) = (self.identities.finish(), self.globs.finish());
        if !self.aside.identities.is_empty() {
            identities = identities.edited(self.aside.identities);
        }
        if !self.aside.globs.is_empty() {
            globs = globs.edited(self.aside.globs);
        }
        Ok(Segment {
            identities: Arc::new(identities),
            globs: Arc::new(globs),
            texts: Arc::new(self.compiled),
            allows: Arc::new(self.allows),
        })
    }
}

fn merge(edits: &mut Edits, more: BTreeMap<Vec<u8>, Vec<(EntryId, Option<Rule>)>>) {
    for (key, ops) in more {
        edits.entry(key).or_default().extend(ops);
    }
}
