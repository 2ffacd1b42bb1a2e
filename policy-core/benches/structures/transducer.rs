//! A finite-state transducer (the `fst` crate): one walk along the key finds the domain, what is above it, and goes on
//! to the address.

use fst::raw::{Builder, Fst, Output};
use policy_core::entry::Entry;
use policy_core::identity::Identity;

pub struct Transducer(Fst<Vec<u8>>);

impl Transducer {
    pub fn compile(entries: &[Entry]) -> Self {
        let mut builder = Builder::memory();
        for entry in entries {
            builder.insert(entry.pattern.key.as_bytes(), u64::from(entry.id.number())).unwrap();
        }
        Self(builder.into_fst())
    }

    pub fn bytes(&self) -> usize {
        self.0.size()
    }

    pub fn find(&self, identity: &Identity) -> u64 {
        let domain = identity.domain().key();
        let (mut node, mut output, mut found) = (self.0.root(), Output::zero(), 0);
        for byte in domain.bytes() {
            if byte == b'.' && node.is_final() {
                found += output.cat(node.final_output()).value();
            }
            let Some(position) = node.find_input(byte) else { return found };
            let transition = node.transition(position);
            output = output.cat(transition.out);
            node = self.0.node(transition.addr);
        }
        if node.is_final() {
            found += output.cat(node.final_output()).value();
        }
        for byte in std::iter::once(b'@').chain(identity.local().unwrap_or_default().bytes()) {
            let Some(position) = node.find_input(byte) else { return found };
            let transition = node.transition(position);
            output = output.cat(transition.out);
            node = self.0.node(transition.addr);
        }
        if node.is_final() { found + output.cat(node.final_output()).value() } else { found }
    }
}
