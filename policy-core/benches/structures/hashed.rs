//! A hash table of the keys with the keys beside it, so that each match is verified: one probe for the address, one for
//! the domain and for each domain above it.

use std::hash::{BuildHasher, RandomState};

use policy_core::entry::Entry;
use policy_core::identity::Identity;

pub struct Hashed {
    /// Keyed at random: list and traffic come from strangers.
    hasher: RandomState,
    /// Each key's length, the key, and its entry's number.
    keys: Vec<u8>,
    /// Where in `keys`, plus one; a power of two of them, at most seven eighths full.
    slots: Vec<u32>,
}

impl Hashed {
    pub fn compile(entries: &[Entry]) -> Self {
        let slots = vec![0; (entries.len() * 8 / 7).next_power_of_two()];
        let mut table = Self { hasher: RandomState::new(), keys: Vec::new(), slots };
        for entry in entries {
            let key = entry.pattern.key.as_bytes();
            let mut slot = table.slot(key);
            while table.slots[slot] != 0 {
                slot = (slot + 1) % table.slots.len();
            }
            table.slots[slot] = table.keys.len() as u32 + 1;
            table.keys.extend_from_slice(&(key.len() as u16).to_le_bytes());
            table.keys.extend_from_slice(key);
            table.keys.extend_from_slice(&entry.id.number().to_le_bytes());
        }
        table.keys.shrink_to_fit();
        table
    }

    fn slot(&self, key: &[u8]) -> usize {
        self.hasher.hash_one(key) as usize % self.slots.len()
    }

    pub fn bytes(&self) -> usize {
        self.keys.len() + self.slots.len() * 4
    }

    fn get(&self, key: &[u8]) -> u64 {
        let mut slot = self.slot(key);
        while let Some(at) = (self.slots[slot] as usize).checked_sub(1) {
            let length = usize::from(u16::from_le_bytes([self.keys[at], self.keys[at + 1]]));
            let rest = &self.keys[at + 2..];
            if &rest[..length] == key {
                let number = rest[length..length + 4].try_into().unwrap();
                return u64::from(u32::from_le_bytes(number));
            }
            slot = (slot + 1) % self.slots.len();
        }
        0
    }

    pub fn find(&self, identity: &Identity) -> u64 {
        let domain = identity.domain().key();
        let address = format!("{domain}@{}", identity.local().unwrap_or_default());
        let mut found = self.get(address.as_bytes());
        let mut domain = domain;
        loop {
            found += self.get(domain.as_bytes());
            let Some((above, _)) = domain.rsplit_once('.') else { return found };
            domain = above;
        }
    }
}
