//! Blocks: some hundred keys with their rules, sorted and front-coded as in LevelDB's tables.
//!
//! Each record says how many bytes its key has in common with the one before, then the rest of it, then one rule; a key
//! with several rules has a record for each. Now and then a record has its whole key (a restart point), so that a key is
//! found by halving among those and reading on from there.

use std::cmp::Ordering;
use std::sync::Arc;

use super::bytes;
use super::memory::Memory;
use super::rule::Rule;

/// How many records there are from one restart point to the next, at least.
const RESTART_EVERY: usize = 16;

/// Never empty. Cloning shares it.
#[derive(Clone)]
pub(super) struct Block {
    /// For each restart point, its head; then for each, where it is among the records; then the records. One piece, so
    /// that a lookup in a large list waits for memory as seldom as can be.
    bytes: Arc<Memory>,
    /// How many restart points there are: records with whole keys, the first of them at 0. Equal keys are never torn
    /// apart by one.
    restarts: usize,
    /// How much of their beginnings all whole keys share.
    common: usize,
}

/// The eight bytes behind what all whole keys share, as a number that compares as they do; where fewer are there, zeros
/// stand in.
fn head(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk() {
        return u64::from_be_bytes(*eight);
    }
    let mut head = [0; 8];
    head.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(head)
}

const HEAD: usize = size_of::<u64>();
const AT: usize = size_of::<u32>();

/// How many bytes two keys have in common at their beginnings.
fn alike(a: &[u8], b: &[u8]) -> usize {
    let (mut rest_a, mut rest_b, mut count) = (a, b, 0);
    while let (Some((eight_a, next_a)), Some((eight_b, next_b))) =
        (rest_a.split_first_chunk(), rest_b.split_first_chunk())
    {
        let differ = u64::from_le_bytes(*eight_a) ^ u64::from_le_bytes(*eight_b);
        if differ != 0 {
            return count + differ.trailing_zeros() as usize / 8;
        }
        (rest_a, rest_b, count) = (next_a, next_b, count + 8);
    }
    count + rest_a.iter().zip(rest_b).take_while(|(a, b)| a == b).count()
}

/// Where a key was looked for.
pub(super) enum Sought {
    /// It is there; this many of its first bytes are those of the key before it, if that is known.
    Found(Option<usize>),
    /// It is not there; this many of its first bytes are those of the key that would stand before it.
    Missing(usize),
}

impl Block {
    /// The first key.
    pub(super) fn first(&self) -> &[u8] {
        whole_key(self.all(), 0).unwrap_or_default()
    }

    /// Whether the two share their memory.
    #[cfg(test)]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.bytes, &other.bytes)
    }

    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    fn all(&self) -> &[u8] {
        self.bytes.get(self.restarts * (HEAD + AT)..).unwrap_or_default()
    }

    /// What stands from the last restart point on whose key is not behind this one; `first` is the first key.
    fn restart_before(&self, first: &[u8], key: &[u8]) -> &[u8] {
        let records = self.all();
        let ats = self.bytes.get(self.restarts * HEAD..).unwrap_or_default().as_chunks::<AT>().0;
        let at = |index: usize| ats.get(index).map_or(0, |at| u32::from_le_bytes(*at) as usize);
        let first = first.get(..self.common).unwrap_or_default();
        let behind = match key.get(..self.common).unwrap_or(key).cmp(first) {
            Ordering::Less => 0,
            Ordering::Greater => self.restarts,
            Ordering::Equal => {
                let wanted = head(key.get(self.common..).unwrap_or_default());
                // All are compared. Halving would wait for memory at each step; this way it all comes at once.
                let heads = self.bytes.as_chunks::<HEAD>().0.get(..self.restarts).unwrap_or_default();
                let (mut before, mut same) = (0, 0);
                for head in heads {
                    let head = u64::from_le_bytes(*head);
                    before += usize::from(head < wanted);
                    same += usize::from(head == wanted);
                }
                let is_before =
                    |index: usize| whole_key(records, at(index)).is_some_and(|whole| whole <= key);
                let (mut low, mut high) = (before, before + same);
                while low < high {
                    let middle = low.midpoint(high);
                    if is_before(middle) { low = middle + 1 } else { high = middle }
                }
                low
            }
        };
        let start = behind.checked_sub(1).map_or(0, at);
        records.get(start..).unwrap_or_default()
    }

    /// Reports the rules of this key; `first` is the first one here.
    pub(super) fn find(&self, first: &[u8], key: &[u8], found: &mut dyn FnMut(Rule)) -> Sought {
        let mut rest = self.restart_before(first, key);
        search(&mut rest, key, found).unwrap_or(Sought::Missing(0))
    }

    /// All records from the key on or some before it.
    pub(super) fn records_near(&self, key: &[u8]) -> Records<'_> {
        Records { rest: self.restart_before(self.first(), key), key: Vec::new() }
    }

    /// All records.
    pub(super) fn records(&self) -> Records<'_> {
        Records { rest: self.all(), key: Vec::new() }
    }
}

fn whole_key(records: &[u8], at: usize) -> Option<&[u8]> {
    let mut rest = records.get(at..)?;
    bytes::number(&mut rest)?;
    let length = bytes::number(&mut rest)?;
    rest.get(..length)
}

/// Reads on to where `key` is or would be. The keys need not be put together for that: what a record shares with its
/// predecessor tells how it compares, as long as it is known how much the predecessor shared with `key`.
fn search(rest: &mut &[u8], key: &[u8], found: &mut dyn FnMut(Rule)) -> Option<Sought> {
    let (mut common, mut before) = (0, None);
    while !rest.is_empty() {
        let shared = bytes::number(rest)?;
        let length = bytes::number(rest)?;
        let (own, behind) = rest.split_at_checked(length)?;
        *rest = behind;
        if shared < common {
            // It differs where its predecessor was still like `key`, and upwards.
            break;
        }
        if shared == common {
            let wanted = key.get(common..)?;
            let alike = alike(own, wanted);
            if alike == own.len() && alike == wanted.len() {
                found(Rule::read(rest)?);
                while let Some(rule) = same_key(rest, key.len()) {
                    found(rule);
                }
                return Some(Sought::Found(before));
            }
            if own.get(alike) > wanted.get(alike) {
                break;
            }
            common += alike;
        }
        before = Some(common);
        Rule::skip(rest)?;
    }
    Some(Sought::Missing(common))
}

/// The next record's rule, if its key is the one before, of this length.
fn same_key(rest: &mut &[u8], length: usize) -> Option<Rule> {
    let mut next = *rest;
    if bytes::number(&mut next)? != length || bytes::number(&mut next)? != 0 {
        return None;
    }
    let rule = Rule::read(&mut next)?;
    *rest = next;
    Some(rule)
}

/// Records one after the other, with their keys put together.
pub(super) struct Records<'b> {
    rest: &'b [u8],
    key: Vec<u8>,
}

impl Records<'_> {
    /// The next record; its key is lent until the one after.
    pub(super) fn next(&mut self) -> Option<(&[u8], Rule)> {
        if self.rest.is_empty() {
            return None;
        }
        let shared = bytes::number(&mut self.rest)?;
        let length = bytes::number(&mut self.rest)?;
        let (own, behind) = self.rest.split_at_checked(length)?;
        self.rest = behind;
        self.key.truncate(shared);
        self.key.extend_from_slice(own);
        let rule = Rule::read(&mut self.rest)?;
        Some((&self.key, rule))
    }
}

/// Writes a block, record by record, in ascending order of keys.
#[derive(Default)]
pub(super) struct BlockWriter {
    bytes: Vec<u8>,
    restarts: Vec<u32>,
    key: Vec<u8>,
    since_restart: usize,
    /// Where blocks are put together.
    whole: Vec<u8>,
}

impl BlockWriter {
    /// Bytes that the block has so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() + self.restarts.len() * (HEAD + AT)
    }

    /// The key written last.
    pub(super) fn last(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn push(&mut self, key: &[u8], rule: Rule) {
        let mut shared = alike(&self.key, key);
        let repeated = !self.bytes.is_empty() && self.key == key;
        if self.bytes.is_empty() || (self.since_restart >= RESTART_EVERY && !repeated) {
            shared = 0;
            self.since_restart = 0;
            self.restarts.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        }
        let own = key.get(shared..).unwrap_or_default();
        bytes::write_number(shared, &mut self.bytes);
        bytes::write_number(own.len(), &mut self.bytes);
        self.bytes.extend_from_slice(own);
        rule.write(&mut self.bytes);
        self.key.truncate(shared);
        self.key.extend_from_slice(own);
        self.since_restart += 1;
    }

    /// The block, unless nothing was written; then begins anew.
    pub(super) fn finish(&mut self) -> Option<Block> {
        if self.bytes.is_empty() {
            return None;
        }
        let wholes = || self.restarts.iter().filter_map(|&at| whole_key(&self.bytes, at as usize));
        // In order, the last one shares the least with the first.
        let common = wholes().next().zip(wholes().next_back()).map_or(0, |(first, last)| alike(first, last));
        let heads = wholes().map(|whole| head(whole.get(common..).unwrap_or_default()));
        self.whole.clear();
        heads.for_each(|head| self.whole.extend_from_slice(&head.to_le_bytes()));
        self.restarts.iter().for_each(|at| self.whole.extend_from_slice(&at.to_le_bytes()));
        self.whole.extend_from_slice(&self.bytes);
        let bytes = Arc::new(Memory::of(&self.whole));
        let block = Block { bytes, restarts: self.restarts.len(), common };
        self.bytes.clear();
        self.restarts.clear();
        self.key.clear();
        self.since_restart = 0;
        Some(block)
    }
}
