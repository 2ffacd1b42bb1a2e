//! Blocked Bloom filters (Putze, Sanders, Singler, 2007) over hashes of words: asked for each word of a text, so that most
//! are passed over unread.

/// Bits for each hash, three of which are set, all within one cell, so that asking costs one look at memory: of the hashes
/// that aren't in the set, less than one in a hundred is taken for one that is.
const BITS: usize = 16;

/// A set of hashes that may say yes wrongly, and never no: who asks looks closer at a yes.
#[derive(Default)]
pub(super) struct Bloom {
    cells: Vec<u64>,
    /// How far a hash is shifted to number a cell.
    shift: u32,
}

impl Bloom {
    /// The set of the given hashes, each of which may be given any number of times.
    pub(super) fn of(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let cells = cells_for(hashes.len());
        let mut set = Self { cells: vec![0; cells], shift: 64 - cells.trailing_zeros() };
        let mut different = 0;
        for hash in hashes {
            let cell = set.cell(hash);
            if let Some(cell) = set.cells.get_mut(cell) {
                different += usize::from(*cell & bits(hash) != bits(hash));
                *cell |= bits(hash);
            }
        }
        set.shrink_to(cells_for(different));
        set
    }

    /// Halves the number of cells until there are so many: the words of phrases come again and again, and a set that lies in
    /// the processor's cache is asked faster.
    fn shrink_to(&mut self, cells: usize) {
        while self.cells.len() > cells {
            let (pairs, _) = self.cells.as_chunks();
            self.cells = pairs.iter().map(|[one, other]| one | other).collect();
            self.shift += 1;
        }
    }

    /// Whether this hash may be in the set.
    #[inline]
    pub(super) fn may_contain(&self, hash: u64) -> bool {
        let bits = bits(hash);
        self.cells.get(self.cell(hash)).is_some_and(|cell| cell & bits == bits)
    }

    fn cell(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }
}

fn cells_for(hashes: usize) -> usize {
    (hashes * BITS / 64).next_power_of_two().max(2)
}

/// Whether the hash may be in the set whose cells these bytes are, the lowest byte of each first; their number is a power of
/// two.
pub(super) fn stored_may_contain(cells: &[u8], hash: u64) -> bool {
    let bits = bits(hash);
    let (cells, _) = cells.as_chunks();
    let cell = hash >> (64 - cells.len().trailing_zeros());
    cells.get(cell as usize).is_some_and(|cell| u64::from_le_bytes(*cell) & bits == bits)
}

/// The bits of a cell that a hash sets, out of what doesn't number its cell.
fn bits(hash: u64) -> u64 {
    1 << (hash >> 32 & 63) | 1 << (hash >> 26 & 63) | 1 << (hash >> 20 & 63)
}

/// The hash of two words that follow one another.
pub(super) fn pair(first: u64, second: u64) -> u64 {
    let mut hasher = Hasher::default();
    hasher.eight(first);
    hasher.eight(second);
    hasher.finish(2)
}

/// The hash of a folded word.
pub(super) fn hash(word: &[u8]) -> u64 {
    let mut hasher = Hasher::default();
    let (chunks, rest) = word.as_chunks::<8>();
    chunks.iter().for_each(|chunk| hasher.eight(u64::from_le_bytes(*chunk)));
    if !rest.is_empty() {
        hasher.eight(rest.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte)));
    }
    hasher.finish(word.len())
}

/// Multiplicative hashing (Knuth, TAOCP vol. 3, section 6.4), eight bytes at a time, the first the lowest.
#[derive(Default)]
pub(super) struct Hasher(u64);

impl Hasher {
    #[inline]
    pub(super) fn eight(&mut self, bytes: u64) {
        self.0 = (self.0.rotate_left(23) ^ bytes).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    /// The hash of all that was taken, which was so many bytes.
    #[inline]
    pub(super) fn finish(mut self, length: usize) -> u64 {
        self.eight(length as u64);
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Bloom, hash};

    #[test]
    fn every_word_of_the_set_is_in_it_and_few_others() {
        let word = |number: u32| format!("w{number}-{}", number.wrapping_mul(2_654_435_761));
        let words: Vec<String> = (0..2_000).map(word).collect();
        let set = Bloom::of(words.iter().map(|word| hash(word.as_bytes())));
        assert!(words.iter().all(|word| set.may_contain(hash(word.as_bytes()))));
        let wrong = (2_000..12_000).filter(|number| set.may_contain(hash(word(*number).as_bytes()))).count();
        assert!(wrong < 300, "{wrong} of 10,000");
        assert!(!Bloom::of([].into_iter()).may_contain(hash(b"word")));
    }

    #[test]
    fn what_is_given_again_and_again_takes_no_room() {
        let hashes: Vec<u64> = (0..1000_u32).map(|number| hash(&number.to_le_bytes())).collect();
        let again: Vec<u64> = hashes.iter().cycle().take(20_000).copied().collect();
        let (once, again) = (Bloom::of(hashes.iter().copied()), Bloom::of(again.into_iter()));
        assert_eq!(once.cells.len(), again.cells.len());
        assert!(hashes.iter().all(|hash| once.may_contain(*hash) && again.may_contain(*hash)));
    }
}
