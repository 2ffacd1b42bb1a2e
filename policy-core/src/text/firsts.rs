//! Which words listed phrases are made of: asked for each word of a text, so that most are passed over unread.

/// Bits for each word, two of which are set: of the words that begin no phrase, one in three hundred is read in vain.
const BITS: usize = 32;

/// A set of words, by their hashes, that may say yes wrongly, and never no: who asks looks closer at a yes.
pub(super) struct FirstWords {
    bits: Vec<u64>,
    /// How far a hash is shifted to number a bit.
    shift: u32,
}

impl FirstWords {
    /// The set of the words with the given hashes.
    pub(super) fn of(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let bits = (hashes.len() * BITS).next_power_of_two().max(64);
        let mut set = Self { bits: vec![0; bits / 64], shift: 64 - bits.trailing_zeros() };
        for hash in hashes {
            for bit in [set.bit(hash), set.bit(second(hash))] {
                if let Some(cell) = set.bits.get_mut(bit / 64) {
                    *cell |= 1 << (bit % 64);
                }
            }
        }
        set
    }

    /// Whether the word with this hash may be in the set.
    #[inline]
    pub(super) fn may_contain(&self, hash: u64) -> bool {
        let is_set = |bit: usize| self.bits.get(bit / 64).is_some_and(|cell| cell >> (bit % 64) & 1 == 1);
        is_set(self.bit(hash)) && is_set(self.bit(second(hash)))
    }

    fn bit(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }
}

/// The hash of two words that follow one another.
pub(super) fn pair(first: u64, second: u64) -> u64 {
    let mut hasher = Hasher::default();
    hasher.eight(first);
    hasher.eight(second);
    hasher.finish(2)
}

/// Another hash out of the first.
fn second(hash: u64) -> u64 {
    hash << 20
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
    use super::{FirstWords, hash};

    #[test]
    fn every_word_of_the_set_is_in_it_and_few_others() {
        let word = |number: u32| format!("w{number}-{}", number.wrapping_mul(2_654_435_761));
        let words: Vec<String> = (0..2_000).map(word).collect();
        let set = FirstWords::of(words.iter().map(|word| hash(word.as_bytes())));
        assert!(words.iter().all(|word| set.may_contain(hash(word.as_bytes()))));
        let wrong = (2_000..12_000).filter(|number| set.may_contain(hash(word(*number).as_bytes()))).count();
        assert!(wrong < 300, "{wrong} of 10,000");
        assert!(!FirstWords::of([].into_iter()).may_contain(hash(b"word")));
    }
}
