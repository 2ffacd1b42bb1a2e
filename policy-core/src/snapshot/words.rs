//! Words entries by their keys.

use std::collections::HashSet;

use super::rule::Rule;
use crate::entry::EntryId;
use crate::packed::Packed;

/// Keys in order, each with its rules.
#[derive(Default)]
pub(super) struct Words {
    keys: Packed,
    rules: Vec<Rule>,
    /// Where the rules of each key end.
    ends: Vec<u32>,
}

impl Words {
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        (0..self.keys.len()).filter_map(|number| self.keys.text(number))
    }

    /// All rules.
    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules of the key with this number.
    pub(super) fn rules_of(&self, number: usize) -> &[Rule] {
        let end = |number: usize| self.ends.get(number).map(|end| *end as usize);
        let start = number.checked_sub(1).map_or(Some(0), end);
        start.zip(end(number)).and_then(|(start, end)| self.rules.get(start..end)).unwrap_or_default()
    }

    /// The words without the entries `touched`, then with those of `added`.
    pub(super) fn edited(&self, touched: &HashSet<EntryId>, added: WordsBuilder) -> Self {
        let mut all = WordsBuilder::default();
        for (number, key) in self.keys.iter().enumerate() {
            for rule in self.rules_of(number).iter().filter(|rule| !touched.contains(&rule.entry)) {
                all.push(key, *rule);
            }
        }
        all.append(added);
        all.finish()
    }
}

/// Collects words entries in any order.
#[derive(Default)]
pub(super) struct WordsBuilder {
    /// The key of each rule.
    keys: Packed,
    rules: Vec<Rule>,
}

impl WordsBuilder {
    pub(super) fn push(&mut self, key: &[u8], rule: Rule) {
        self.keys.push(key);
        self.rules.push(rule);
    }

    /// Goes on with what another has collected.
    pub(super) fn append(&mut self, other: Self) {
        other.keys.iter().zip(other.rules).for_each(|(key, rule)| self.push(key, rule));
    }

    pub(super) fn finish(self) -> Words {
        let key = |number: usize| self.keys.get(number).unwrap_or_default();
        let mut order: Vec<(usize, Rule)> = self.rules.into_iter().enumerate().collect();
        order.sort_by(|(one, _), (other, _)| key(*one).cmp(key(*other)));
        let mut words = Words::default();
        for entries in order.chunk_by(|(one, _), (other, _)| key(*one) == key(*other)) {
            let Some((number, _)) = entries.first() else { continue };
            words.keys.push(key(*number));
            words.rules.extend(entries.iter().map(|(_, rule)| rule));
            words.ends.push(u32::try_from(words.rules.len()).unwrap_or(u32::MAX));
        }
        words.keys.shrink_to_fit();
        words.rules.shrink_to_fit();
        words.ends.shrink_to_fit();
        words
    }
}
