//! Values by a hash of 32 bits, found without halving: that would miss the processor's cache and guess a branch wrongly at
//! nearly each step.

/// Values in the order of their hashes.
pub(super) struct ByHash<T> {
    entries: Vec<(u32, T)>,
    /// For each value of a hash's highest bits, where the entries begin that have it or a higher one.
    starts: Vec<u32>,
    /// How far a hash is shifted to leave these bits.
    shift: u32,
}

impl<T> Default for ByHash<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), starts: Vec::new(), shift: 0 }
    }
}

impl<T: Ord> ByHash<T> {
    pub(super) fn new(mut entries: Vec<(u32, T)>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        entries.shrink_to_fit();
        // Some two for each.
        let bits = (entries.len() / 2).next_power_of_two().trailing_zeros().clamp(1, 16);
        let shift = u32::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (place, (hash, _)) in (0_u32..).zip(&entries) {
            while starts.len() <= (hash >> shift) as usize {
                starts.push(place);
            }
        }
        let all = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        starts.resize((1 << bits) + 1, all);
        Self { entries, starts, shift }
    }

    /// All hashes, in their order.
    pub(super) fn hashes(&self) -> impl ExactSizeIterator<Item = u32> {
        self.entries.iter().map(|(hash, _)| *hash)
    }

    /// The values of this hash, in their order.
    pub(super) fn having(&self, hash: u32) -> impl Iterator<Item = &T> {
        let bucket = (hash >> self.shift) as usize;
        let (from, until) = match self.starts.get(bucket..).unwrap_or_default() {
            [from, until, ..] => (*from as usize, *until as usize),
            _ => (0, 0),
        };
        let entries = self.entries.get(from..until).unwrap_or_default().iter();
        entries
            .skip_while(move |(other, _)| *other < hash)
            .take_while(move |(other, _)| *other == hash)
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ByHash;

    proptest! {
        #[test]
        fn each_value_is_found_by_its_hash(
            entries in proptest::collection::vec((prop_oneof![0..9_u32, any::<u32>(), Just(u32::MAX)], 0..5_u32), 0..60),
            other in any::<u32>(),
        ) {
            let by_hash = ByHash::new(entries.clone());
            for hash in entries.iter().map(|(hash, _)| *hash).chain([other]) {
                let mut expected: Vec<u32> =
                    entries.iter().filter(|(one, _)| *one == hash).map(|(_, value)| *value).collect();
                expected.sort_unstable();
                expected.dedup();
                prop_assert_eq!(by_hash.having(hash).copied().collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn nothing_is_found_among_nothing() {
        assert_eq!(ByHash::<u32>::default().having(7).next(), None);
        assert_eq!(ByHash::<u32>::new(Vec::new()).having(7).next(), None);
    }
}
