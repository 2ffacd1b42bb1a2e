//! Looking an identity up among any number of address and domain entries.
//!
//! Keys are kept as [`identity_key`](crate::pattern::identity_key) makes them, in a finite-state transducer: one
//! walk along the domain's labels from the right finds the domain and everything above it, and goes on to the address.
//! The time depends on the identity's length alone.

use std::collections::BTreeMap;

use fst::raw::{Fst, Output};

use super::rule::Rule;
use crate::identity::Identity;

const MANY: u64 = 1 << 63;

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
pub(super) struct IdentityMap {
    fst: Fst<Vec<u8>>,
    /// Rules that share a key, and rules that don't fit into the transducer's 64 bits.
    groups: Vec<Box<[Rule]>>,
}

impl IdentityMap {
    /// Reports every rule whose key is the identity or a domain that it is in.
    pub(super) fn find(&self, identity: &Identity, found: &mut dyn FnMut(Rank, Rule)) {
        let domain = identity.domain().key();
        let mut node = self.fst.root();
        let mut output = Output::zero();
        let mut labels = 0;
        for (index, byte) in domain.bytes().enumerate() {
            if byte == b'.' && index > 0 {
                labels += 1;
                if node.is_final() {
                    self.report(Rank::Domain(labels), output.cat(node.final_output()), found);
                }
            }
            let Some(position) = node.find_input(byte) else { return };
            let transition = node.transition(position);
            output = output.cat(transition.out);
            node = self.fst.node(transition.addr);
        }
        if node.is_final() {
            self.report(Rank::Domain(labels + 1), output.cat(node.final_output()), found);
        }
        let Some(position) = node.find_input(b'@') else { return };
        let transition = node.transition(position);
        let (addr, output) = (transition.addr, output.cat(transition.out));
        let exact = if identity.untagged().is_some() { Rank::Tagged } else { Rank::Address };
        for (rank, local) in [(exact, identity.local()), (Rank::Address, identity.untagged())] {
            if let Some(value) = local.and_then(|local| self.walk(addr, output, local)) {
                self.report(rank, value, found);
            }
        }
    }

    fn walk(&self, addr: usize, mut output: Output, rest: &str) -> Option<Output> {
        let mut node = self.fst.node(addr);
        for byte in rest.bytes() {
            let transition = node.transition(node.find_input(byte)?);
            output = output.cat(transition.out);
            node = self.fst.node(transition.addr);
        }
        node.is_final().then(|| output.cat(node.final_output()))
    }

    fn report(&self, rank: Rank, value: Output, found: &mut dyn FnMut(Rank, Rule)) {
        let value = value.value();
        if value & MANY == 0 {
            if let Some(rule) = Rule::unpack(value) {
                found(rank, rule);
            }
        } else if let Some(group) =
            usize::try_from(value & !MANY).ok().and_then(|index| self.groups.get(index))
        {
            for &rule in group {
                found(rank, rule);
            }
        }
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.fst.size() + self.groups.iter().map(|group| size_of_val::<[Rule]>(group) + 16).sum::<usize>()
    }
}

/// Builds an [`IdentityMap`]. Keys in ascending order go straight into the transducer, so that a million of them need
/// no second copy in memory; others are kept aside and make a second, small map.
pub(super) struct IdentityMapBuilder {
    fst: fst::raw::Builder<Vec<u8>>,
    groups: Vec<Box<[Rule]>>,
    key: String,
    pending: Vec<Rule>,
    aside: BTreeMap<String, Vec<Rule>>,
}

impl IdentityMapBuilder {
    pub(super) fn new() -> Self {
        Self {
            fst: fst::raw::Builder::memory(),
            groups: Vec::new(),
            key: String::new(),
            pending: Vec::new(),
            aside: BTreeMap::new(),
        }
    }

    pub(super) fn push(&mut self, key: &str, rule: Rule) -> Result<(), fst::Error> {
        if key == self.key && !self.pending.is_empty() {
            self.pending.push(rule);
        } else if key > self.key.as_str() {
            self.flush()?;
            self.key.clear();
            self.key.push_str(key);
            self.pending.push(rule);
        } else if !key.is_empty() {
            self.aside.entry(key.to_owned()).or_default().push(rule);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), fst::Error> {
        let value = match self.pending.as_slice() {
            [] => return Ok(()),
            [single] if single.pack().is_some() => single.pack().unwrap_or_default(),
            many => {
                self.groups.push(many.into());
                MANY | (self.groups.len() as u64 - 1)
            }
        };
        self.fst.insert(self.key.as_bytes(), value)?;
        self.pending.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Vec<IdentityMap>, fst::Error> {
        self.flush()?;
        let aside = std::mem::take(&mut self.aside);
        let mut bytes = self.fst.into_inner()?;
        bytes.shrink_to_fit();
        let mut maps = vec![IdentityMap { fst: Fst::new(bytes)?, groups: self.groups }];
        if !aside.is_empty() {
            let mut second = Self::new();
            for (key, rules) in aside {
                for rule in rules {
                    second.push(&key, rule)?;
                }
            }
            maps.extend(second.finish()?);
        }
        Ok(maps)
    }
}
