//! Looking an identity up among any number of address and domain entries.
//!
//! Keys are kept as [`Identity::key`] makes them: what an identity is in and under begins
//! its own key. Where a key isn't listed, its neighbour in order tells which of its beginnings can be, so that an
//! address costs two or three searches however many labels its domain has.

use super::rule::Rule;
use super::table::{Edits, Table, TableWriter};
use crate::identity::Identity;

/// What kind of match it was, the more specific the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rank {
    /// Words or a regular expression.
    Text,
    /// A domain of so many labels.
    Domain(usize),
    /// A wildcard in the local part.
    Glob,
    /// The address without its tag.
    Address,
    /// The address with its tag.
    Tagged,
}

/// Address and domain entries, compiled.
#[derive(Default)]
pub(super) struct IdentityMap {
    table: Table,
    depths: Depths,
}

impl IdentityMap {
    /// Reports every rule whose key is the identity or a domain that it is in. `base` is its key as far as another
    /// delimiter of sub-addresses than `+`, where one counts.
    pub(super) fn find(&self, identity: &Identity, base: Option<&str>, found: &mut dyn FnMut(Rank, Rule)) {
        if self.table.is_empty() {
            return;
        }
        // How much of a key's beginning can be listed, by the neighbours of those that were looked for.
        let mut reach = usize::MAX;
        if identity.local().is_some() {
            let untagged = identity.untagged_key();
            let exact = if untagged.or(base).is_some() { Rank::Tagged } else { Rank::Address };
            let keys = [(exact, Some(identity.key())), (Rank::Address, untagged), (Rank::Address, base)];
            for (rank, key) in keys {
                let Some(key) = key.filter(|key| key.len() <= reach) else { continue };
                reach = reach.min(self.table.find(key.as_bytes(), &mut |rule| found(rank, rule)));
            }
        }
        // The domain, then the one above it, and so on.
        let key = identity.domain().key();
        let mut domain = within(key, reach);
        let mut labels = domain.bytes().filter(|byte| *byte == b'.').count() + 1;
        while !domain.is_empty() {
            if domain.len() <= reach && self.depths.contains(labels) {
                let rank = Rank::Domain(labels);
                reach = reach.min(self.table.find(domain.as_bytes(), &mut |rule| found(rank, rule)));
            }
            let Some(above) = domain.bytes().rposition(|byte| byte == b'.') else { return };
            (domain, labels) = (domain.get(..above).unwrap_or_default(), labels - 1);
        }
    }

    /// The map after these edits.
    pub(super) fn edited(&self, edits: Edits) -> Self {
        let mut depths = self.depths;
        for key in edits.keys() {
            depths.insert_key(key);
        }
        Self { table: self.table.edited(edits), depths }
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.table.heap_bytes()
    }
}

/// The longest of a domain key's beginnings of whole labels that isn't longer than this.
fn within(key: &str, length: usize) -> &str {
    match key.as_bytes().get(length) {
        None => key,
        Some(b'.') => key.get(..length).unwrap_or_default(),
        Some(_) => {
            let labels =
                key.as_bytes().get(..length).and_then(|key| key.iter().rposition(|byte| *byte == b'.'));
            key.get(..labels.unwrap_or_default()).unwrap_or_default()
        }
    }
}

/// How many labels listed domains have, or once had: usually two or three, so that `com` and deep subdomains aren't
/// looked for.
#[derive(Clone, Copy, Default)]
struct Depths(u64);

impl Depths {
    /// Very deep ones are one.
    fn bit(labels: usize) -> u64 {
        1 << labels.min(63)
    }

    fn contains(self, labels: usize) -> bool {
        self.0 & Self::bit(labels) != 0
    }

    fn insert_key(&mut self, key: &[u8]) {
        if !key.contains(&b'@') {
            self.0 |= Self::bit(key.iter().filter(|byte| **byte == b'.').count() + 1);
        }
    }
}

/// Builds an [`IdentityMap`] from keys in ascending order.
#[derive(Default)]
pub(super) struct IdentityMapWriter {
    table: TableWriter,
    depths: Depths,
}

impl IdentityMapWriter {
    /// The key written last; empty at the beginning.
    pub(super) fn last(&self) -> &[u8] {
        self.table.last()
    }

    pub(super) fn push(&mut self, key: &[u8], rule: Rule) {
        self.depths.insert_key(key);
        self.table.push(key, rule);
    }

    /// Goes on with keys that all stand behind those written.
    pub(super) fn append(&mut self, behind: Self) {
        self.depths.0 |= behind.depths.0;
        self.table.append(behind.table);
    }

    pub(super) fn finish(self) -> IdentityMap {
        IdentityMap { table: self.table.finish(), depths: self.depths }
    }
}
