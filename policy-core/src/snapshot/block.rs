//! Blocks: some hundred keys with their rules, sorted and front-coded as in LevelDB's tables.
//!
//! Each record says how many bytes its key has in common with the one before, then the rest of it, then one rule; a key
//! with several rules has a record for each. Now and then a record has its whole key (a restart point), so that a key is
//! found by halving among those and reading on from there.

use std::cmp::Ordering;

use super::bytes;
use super::rule::Rule;

/// How many records there are from one restart point to the next, at least.
const RESTART_EVERY: usize = 16;

/// Never empty.
pub(super) struct Block {
    bytes: Box<[u8]>,
    /// Where records with whole keys begin; the first of them at 0. Equal keys are never torn apart by one.
    restarts: Box<[u32]>,
    /// How much of their beginnings all whole keys share.
    common: usize,
    /// The eight bytes behind that of each, as numbers: halving among these waits for memory twice, not at each step.
    heads: Box<[u64]>,
}

/// The first eight bytes as a number that compares as they do; where fewer are there, zeros stand in.
fn head(bytes: &[u8]) -> u64 {
    let mut head = [0; 8];
    head.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(head)
}

/// Where a key was looked for.
pub(super) enum Sought {
    /// It is there.
    Found,
    /// It is not there; this many of its first bytes are those of the key that would stand before it.
    Missing(usize),
}

impl Block {
    /// The first key.
    pub(super) fn first(&self) -> &[u8] {
        self.whole_key(0).unwrap_or_default()
    }

    fn whole_key(&self, at: u32) -> Option<&[u8]> {
        let mut rest = self.bytes.get(at as usize..)?;
        bytes::number(&mut rest)?;
        let length = bytes::number(&mut rest)?;
        rest.get(..length)
    }

    /// Bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + size_of_val::<[u32]>(&self.restarts) + size_of_val::<[u64]>(&self.heads)
    }

    /// What stands from the last restart point on whose key is not behind this one.
    fn restart_before(&self, key: &[u8]) -> &[u8] {
        let first = self.first().get(..self.common).unwrap_or_default();
        let behind = match key.get(..self.common).unwrap_or(key).cmp(first) {
            Ordering::Less => 0,
            Ordering::Greater => self.restarts.len(),
            Ordering::Equal => {
                let wanted = head(key.get(self.common..).unwrap_or_default());
                let alike = self.heads.partition_point(|head| *head < wanted);
                let rest = self.heads.get(alike..).unwrap_or_default();
                let unsure = rest.iter().take_while(|head| **head == wanted).count();
                let restarts = self.restarts.get(alike..alike + unsure).unwrap_or_default();
                alike + restarts.partition_point(|&at| self.whole_key(at).is_some_and(|whole| whole <= key))
            }
        };
        let at = behind.checked_sub(1).and_then(|before| self.restarts.get(before)).copied();
        self.bytes.get(at.unwrap_or_default() as usize..).unwrap_or_default()
    }

    /// Reports the rules of this key.
    pub(super) fn find(&self, key: &[u8], found: &mut dyn FnMut(Rule)) -> Sought {
        let mut rest = self.restart_before(key);
        search(&mut rest, key, found).unwrap_or(Sought::Missing(0))
    }

    /// All records from the key on or some before it.
    pub(super) fn records_near(&self, key: &[u8]) -> Records<'_> {
        Records { rest: self.restart_before(key), key: Vec::new() }
    }

    /// All records.
    pub(super) fn records(&self) -> Records<'_> {
        Records { rest: &self.bytes, key: Vec::new() }
    }
}

/// Reads on to where `key` is or would be. The keys need not be put together for that: what a record shares with its
/// predecessor tells how it compares, as long as it is known how much the predecessor shared with `key`.
fn search(rest: &mut &[u8], key: &[u8], found: &mut dyn FnMut(Rule)) -> Option<Sought> {
    let mut common = 0;
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
            let alike = own.iter().zip(wanted).take_while(|(a, b)| a == b).count();
            if alike == own.len() && alike == wanted.len() {
                found(Rule::read(rest)?);
                while let Some(rule) = same_key(rest, key.len()) {
                    found(rule);
                }
                return Some(Sought::Found);
            }
            if own.get(alike) > wanted.get(alike) {
                break;
            }
            common += alike;
        }
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
}

impl BlockWriter {
    /// Bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The key written last.
    pub(super) fn last(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn push(&mut self, key: &[u8], rule: Rule) {
        let mut shared = self.key.iter().zip(key).take_while(|(a, b)| a == b).count();
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
        let mut block = Block {
            bytes: self.bytes.as_slice().into(),
            restarts: self.restarts.as_slice().into(),
            common: 0,
            heads: Box::default(),
        };
        let wholes = || block.restarts.iter().filter_map(|&at| block.whole_key(at));
        // In order, the last one shares the least with the first.
        let last = wholes().next_back().unwrap_or_default();
        let common = block.first().iter().zip(last).take_while(|(a, b)| a == b).count();
        let heads = wholes().map(|whole| head(whole.get(common..).unwrap_or_default())).collect();
        (block.common, block.heads) = (common, heads);
        self.bytes.clear();
        self.restarts.clear();
        self.key.clear();
        self.since_restart = 0;
        Some(block)
    }
}
