//! Looking an identity up among any number of address and domain entries.
//!
//! Keys are kept as [`identity_key`](crate::pattern::identity_key) makes them: what an identity is in and under begins
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
    /// Reports every rule whose key is the identity or a domain that it is in. `domain` is the key of its domain.
    pub(super) fn find(&self, identity: &Identity, domain: &str, found: &mut dyn FnMut(Rank, Rule)) {
        if self.table.is_empty() {
            return;
        }
        let mut key = String::with_capacity(domain.len() + 1 + identity.local().map_or(0, str::len));
        key.push_str(domain);
        let mut reach = domain.len();
        if let Some(local) = identity.local() {
            let exact = if identity.untagged().is_some() { Rank::Tagged } else { Rank::Address };
            for (rank, local) in [(exact, Some(local)), (Rank::Address, identity.untagged())] {
                let Some(local) = local else { continue };
                key.truncate(domain.len());
                key.push('@');
                key.push_str(local);
                reach = reach.min(self.table.find(key.as_bytes(), &mut |rule| found(rank, rule)));
            }
        }
        // The domain, then the one above it, and so on.
        let mut labels = domain.split('.').count();
        let mut domain = domain;
        loop {
            if domain.len() <= reach && self.depths.contains(labels) {
                let rank = Rank::Domain(labels);
                reach = reach.min(self.table.find(domain.as_bytes(), &mut |rule| found(rank, rule)));
            }
            let Some((above, _)) = domain.rsplit_once('.') else { return };
            (domain, labels) = (above, labels - 1);
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
