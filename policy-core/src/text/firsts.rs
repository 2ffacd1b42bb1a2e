//! Which words a listed phrase begins with: asked for each word of a text, so that most are passed over unread.

/// Bits for each word: one in sixteen words that begin no phrase is read in vain.
const BITS: usize = 16;

/// A set of words that may say yes wrongly, and never no: who asks looks closer at a yes.
pub(super) struct FirstWords {
    bits: Vec<u64>,
    /// How far a hash is shifted to number a bit.
    shift: u32,
}

impl FirstWords {
    /// The set of the given words.
    pub(super) fn new<'w>(words: impl ExactSizeIterator<Item = &'w [u8]>) -> Self {
        let bits = (words.len() * BITS).next_power_of_two().max(64);
        let mut set = Self { bits: vec![0; bits / 64], shift: 64 - bits.trailing_zeros() };
        for word in words {
            let bit = set.bit(hash(word));
            if let Some(cell) = set.bits.get_mut(bit / 64) {
                *cell |= 1 << (bit % 64);
            }
        }
        set
    }

    /// Whether the word with this hash may be in the set.
    pub(super) fn may_contain(&self, hash: u64) -> bool {
        let bit = self.bit(hash);
        self.bits.get(bit / 64).is_some_and(|cell| cell >> (bit % 64) & 1 == 1)
    }

    fn bit(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }
}

/// Multiplicative hashing (Knuth, TAOCP vol. 3, section 6.4) of a folded word, eight bytes at a time.
pub(super) fn hash(word: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, bits: u64| (hash.rotate_left(23) ^ bits).wrapping_mul(FACTOR);
    let (chunks, rest) = word.as_chunks::<8>();
    let hash = chunks.iter().fold(word.len() as u64, |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
    let last = rest.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
    mix(hash, last)
}

#[cfg(test)]
mod tests {
    use super::{FirstWords, hash};

    #[test]
    fn every_word_of_the_set_is_in_it_and_few_others() {
        let word = |number: u32| format!("w{number}-{}", number.wrapping_mul(2_654_435_761));
        let words: Vec<String> = (0..2_000).map(word).collect();
        let set = FirstWords::new(words.iter().map(String::as_bytes));
        assert!(words.iter().all(|word| set.may_contain(hash(word.as_bytes()))));
        let wrong = (2_000..12_000).filter(|number| set.may_contain(hash(word(*number).as_bytes()))).count();
        assert!(wrong < 1_500, "{wrong} of 10,000");
        assert!(!FirstWords::new([].into_iter()).may_contain(hash(b"word")));
    }
}
