//! Tables: any number of keys with their rules, in order, in [blocks](Block) that snapshots share.
//!
//! Nothing in a table ever changes. An edit writes the blocks anew that it touches, a few dozen kilobytes, and shares all
//! others with the table before it: it costs the same however long the list is, and there is nothing to tidy up later.

use std::collections::BTreeMap;

use super::block::{Block, BlockWriter, Sought};
use super::memory::Memory;
use super::rule::Rule;
use crate::entry::EntryId;
use crate::packed::Packed;

/// How large a block is meant to be, in bytes: an edit writes about that much, and each block takes its first key and
/// some 60 bytes beside it.
const BLOCK: usize = 16 << 10;
/// A block as large as this takes no further record: it fills whole pages, and no part of another.
const FULL: usize = BLOCK - 128;
/// A block smaller than this takes its neighbour in when an edit comes by.
const SMALL: usize = BLOCK / 4;

/// Immutable; sharing is cheap.
#[derive(Default)]
pub(super) struct Table {
    blocks: Vec<Block>,
    /// The blocks' first keys one behind the other, so that halving among them stays within the processor's cache.
    firsts: Packed,
}

/// What becomes of entries under one key: each is taken out, and put back in with its rule if it has one.
pub(super) type Edits = BTreeMap<Vec<u8>, Vec<(EntryId, Option<Rule>)>>;

impl Table {
    fn new(blocks: Vec<Block>) -> Self {
        let mut firsts = Packed::default();
        blocks.iter().for_each(|block| firsts.push(block.first()));
        firsts.shrink_to_fit();
        Self { blocks, firsts }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    fn first(&self, index: usize) -> &[u8] {
        self.firsts.get(index).unwrap_or_default()
    }

    /// The index of the block in which this key is or would be.
    fn block_of(&self, key: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, self.blocks.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.first(middle) <= key { low = middle + 1 } else { high = middle }
        }
        low.checked_sub(1)
    }

    /// Reports the rules of this key. Returns how much of its beginning can be another key here: a beginning that is
    /// listed stands before it in order, and all that stands between the two begins alike.
    pub(super) fn find(&self, key: &[u8], found: &mut dyn FnMut(Rule)) -> usize {
        let Some(index) = self.block_of(key) else { return 0 };
        let Some(block) = self.blocks.get(index) else { return 0 };
        match block.find(self.first(index), key, found) {
            Sought::Found(common) => common.unwrap_or(key.len()),
            Sought::Missing(common) => common,
        }
    }

    /// Reports what follows `prefix` in each key that begins with it.
    pub(super) fn find_prefixed(&self, prefix: &[u8], found: &mut dyn FnMut(&[u8], Rule)) {
        let start = self.block_of(prefix).unwrap_or_default();
        for (number, block) in self.blocks.iter().skip(start).enumerate() {
            let mut records = if number == 0 { block.records_near(prefix) } else { block.records() };
            while let Some((key, rule)) = records.next() {
                match key.strip_prefix(prefix) {
                    Some(rest) => found(rest, rule),
                    None if key < prefix => {}
                    None => return,
                }
            }
        }
    }

    /// The table after these edits.
    pub(super) fn edited(&self, edits: Edits) -> Self {
        let mut edits = edits.into_iter().peekable();
        let mut writer = TableWriter::default();
        for (index, block) in self.blocks.iter().enumerate() {
            let next = (index + 1 < self.blocks.len()).then(|| self.first(index + 1));
            let is_here = |key: &Vec<u8>| next.is_none_or(|next| key.as_slice() < next);
            let touched = edits.peek().is_some_and(|(key, _)| is_here(key));
            let open = writer.block.len();
            if !touched && (open == 0 || open >= SMALL) {
                writer.close();
                writer.blocks.push(block.clone());
                continue;
            }
            let mut here = BTreeMap::new();
            while let Some((key, ops)) = edits.next_if(|(key, _)| is_here(key)) {
                here.insert(key, ops);
            }
            writer.limit_for(open + block.size() + here.keys().map(|key| key.len() + 8).sum::<usize>());
            merge(block, here, &mut writer);
        }
        for (key, ops) in edits {
            put_in(&key, &ops, &mut writer);
        }
        writer.finish()
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        // Beside each block, where it lies, and its two counts of references.
        let beside = size_of::<Block>() + size_of::<Memory>() + 16;
        let of_blocks: usize = self.blocks.iter().map(|block| block.size() + beside).sum();
        of_blocks + self.firsts.heap_bytes()
    }
}

fn merge(block: &Block, edits: Edits, writer: &mut TableWriter) {
    let mut edits = edits.into_iter().peekable();
    let mut records = block.records();
    while let Some((key, rule)) = records.next() {
        while let Some((before, ops)) = edits.next_if(|(edited, _)| edited.as_slice() < key) {
            put_in(&before, &ops, writer);
        }
        let ops = edits.peek().filter(|(edited, _)| edited == key).map(|(_, ops)| ops.as_slice());
        if !ops.unwrap_or_default().iter().any(|(entry, _)| *entry == rule.entry) {
            writer.push(key, rule);
        }
    }
    for (key, ops) in edits {
        put_in(&key, &ops, writer);
    }
}

fn put_in(key: &[u8], ops: &[(EntryId, Option<Rule>)], writer: &mut TableWriter) {
    for rule in ops.iter().filter_map(|(_, rule)| *rule) {
        writer.push(key, rule);
    }
}

/// Writes a table in ascending order of keys.
pub(super) struct TableWriter {
    blocks: Vec<Block>,
    block: BlockWriter,
    limit: usize,
}

impl Default for TableWriter {
    fn default() -> Self {
        Self { blocks: Vec::new(), block: BlockWriter::default(), limit: FULL }
    }
}

impl TableWriter {
    /// The key written last; empty at the beginning.
    pub(super) fn last(&self) -> &[u8] {
        self.block.last()
    }

    pub(super) fn push(&mut self, key: &[u8], rule: Rule) {
        if self.block.len() >= self.limit && self.block.last() != key {
            self.close();
        }
        self.block.push(key, rule);
    }

    /// What is about to be written takes so many bytes: into how many blocks it goes, of about equal size.
    fn limit_for(&mut self, size: usize) {
        let blocks = (size + BLOCK / 2) / BLOCK;
        self.limit = if blocks <= 1 { usize::MAX } else { size.div_ceil(blocks) };
    }

    fn close(&mut self) {
        self.blocks.extend(self.block.finish());
    }

    /// Goes on with a table all of whose keys stand behind those written.
    pub(super) fn append(&mut self, behind: Self) {
        self.close();
        self.blocks.extend(behind.blocks);
        self.block = behind.block;
    }

    pub(super) fn finish(mut self) -> Table {
        self.close();
        self.blocks.shrink_to_fit();
        Table::new(self.blocks)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entry::{Action, Channels, Effect, Scope};

    type Model = BTreeMap<Vec<u8>, Vec<Rule>>;

    fn rule(number: u32) -> Rule {
        Rule {
            entry: EntryId::from_number(number).unwrap(),
            scope: Scope::Household,
            effect: if number.is_multiple_of(3) { Effect::Allow } else { Effect::Block },
            action: Action::Drop,
            channels: Channels::All,
            until: None,
            by_owner: true,
            by_client: false,
        }
    }

    /// Keys that share much and begin one another: dots and few letters.
    fn key(mut number: u64) -> Vec<u8> {
        let mut key = b"example.".to_vec();
        while number > 0 {
            key.extend_from_slice([&b"a"[..], b"b", b".", b"-long-label-", b"xy"][(number % 5) as usize]);
            number /= 5;
        }
        key
    }

    /// Edits of entries 0..: every entry has one key, and is put in, replaced or taken out.
    fn apply(table: &Table, model: &mut Model, edits: &[(u64, bool)]) -> Table {
        let mut ops = Edits::new();
        for &(number, stays) in edits {
            // Several entries share a key.
            let (key, entry) = (key(number / 2), rule(number as u32));
            let rules = model.entry(key.clone()).or_default();
            rules.retain(|rule| rule.entry != entry.entry);
            let there = ops.entry(key).or_default();
            there.retain(|(id, _)| *id != entry.entry);
            there.push((entry.entry, stays.then_some(entry)));
            if stays {
                rules.push(entry);
            }
        }
        model.retain(|_, rules| !rules.is_empty());
        table.edited(ops)
    }

    fn found(table: &Table, key: &[u8]) -> (Vec<Rule>, usize) {
        let mut rules = Vec::new();
        let reach = table.find(key, &mut |rule| rules.push(rule));
        rules.sort_by_key(|rule| rule.entry);
        (rules, reach)
    }

    fn agrees(table: &Table, model: &Model, asked: impl Iterator<Item = u64>) {
        let all: usize = model.values().map(Vec::len).sum();
        let records = |block: &Block| {
            std::iter::successors(Some(block.records()), |_| None)
                .map(|mut records| {
                    let mut count = 0;
                    while records.next().is_some() {
                        count += 1;
                    }
                    count
                })
                .sum::<usize>()
        };
        assert_eq!(table.blocks.iter().map(records).sum::<usize>(), all);
        assert!(table.blocks.iter().all(|block| (1..=2 * BLOCK).contains(&block.size())));
        // Two small neighbours would have been made one.
        assert!(table.blocks.len() <= 2 + 2 * table.heap_bytes() / SMALL);
        for key in asked.map(key) {
            let (rules, reach) = found(table, &key);
            let mut expected = model.get(&key).cloned().unwrap_or_default();
            expected.sort_by_key(|rule| rule.entry);
            assert_eq!(rules, expected);
            let longest = (0..key.len()).rev().find(|&end| model.contains_key(&key[..end]));
            assert!(longest.is_none_or(|end| end <= reach));
            let mut beneath = Vec::new();
            table.find_prefixed(&key, &mut |rest, rule| beneath.push((rest.to_vec(), rule.entry)));
            beneath.sort();
            let mut listed: Vec<_> = model
                .range(key.clone()..)
                .take_while(|(listed, _)| listed.starts_with(&key))
                .flat_map(|(listed, rules)| {
                    rules.iter().map(|rule| (listed[key.len()..].to_vec(), rule.entry))
                })
                .collect();
            listed.sort();
            assert_eq!(beneath, listed);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn a_table_after_any_edits_is_the_map_after_the_same(
            start in 0u64..9_000,
            rounds in prop::collection::vec((0u64..20_000, 1u64..4_000, 1u64..40, 0u8..4), 1..8),
        ) {
            let mut model = Model::new();
            let first: Vec<(u64, bool)> = (0..start).map(|number| (number * 7 % 20_000, true)).collect();
            let mut table = apply(&Table::default(), &mut model, &first);
            for (from, count, step, kind) in rounds {
                let edits: Vec<(u64, bool)> = (0..count)
                    .map(|number| ((from + number * step) % 40_000, kind > 1 || (kind == 1 && number % 2 == 0)))
                    .collect();
                table = apply(&table, &mut model, &edits);
                agrees(&table, &model, edits.iter().map(|(number, _)| number / 2).step_by(37));
                agrees(&table, &model, (0..20_000).step_by(501));
            }
        }
    }

    #[test]
    fn an_edit_of_one_key_writes_one_block_and_shares_the_others() {
        let many: Vec<(u64, bool)> = (0..30_000).map(|number| (number, true)).collect();
        let mut model = Model::new();
        let table = apply(&Table::default(), &mut model, &many);
        assert!(table.blocks.len() > 10);
        for edit in [(12_345, false), (12_345, true), (70_000, true)] {
            let edited = apply(&table, &mut model, &[edit]);
            let is_shared = |block: &&Block| table.blocks.iter().any(|old| old.is_same(block));
            let shared = edited.blocks.iter().filter(is_shared);
            assert!(shared.count() + 2 >= table.blocks.len());
        }
    }
}
