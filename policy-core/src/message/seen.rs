//! Which texts of a message were handed over.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, DefaultHasher, Hasher};

use crate::candidate::Place;

/// The first texts of a message are kept to be compared, up to this many and so many bytes in all. Ordinary mail has no more,
/// and comparing costs next to nothing, unlike a hash of each.
const KEPT: usize = 8;
const KEPT_BYTES: usize = 128 << 10;

/// How many hashes are remembered. What is met again beyond them is read again.
const HASHES: usize = 1 << 16;

/// The texts that were met, each with where it counts as the same.
#[derive(Default)]
pub(super) struct Seen {
    kept: Vec<(Place, String)>,
    kept_bytes: usize,
    /// Of those that aren't kept.
    hashes: HashSet<(Place, u64)>,
    /// Keyed anew for each message: nobody can make two texts that pass for one.
    hasher: RandomState,
}

impl Seen {
    pub(super) fn contains(&self, place: Place, text: &str) -> bool {
        self.keeps(place, text)
            || !self.hashes.is_empty() && self.hashes.contains(&(said_in(place), self.hash(text)))
    }

    /// Takes note of a text; returns whether it is new.
    pub(super) fn insert(&mut self, place: Place, text: &str) -> bool {
        if self.keeps(place, text) {
            return false;
        }
        if self.hashes.is_empty() && self.kept.len() < KEPT && text.len() <= KEPT_BYTES - self.kept_bytes {
            self.kept_bytes += text.len();
            self.kept.push((said_in(place), text.to_owned()));
            return true;
        }
        self.insert_hash(place, self.hash(text))
    }

    /// The same for a text that isn't in memory as a whole, by the hash of it that [`hasher`](Self::hasher) makes.
    pub(super) fn insert_hash(&mut self, place: Place, hash: u64) -> bool {
        let known = (said_in(place), hash);
        if self.hashes.len() >= HASHES { !self.hashes.contains(&known) } else { self.hashes.insert(known) }
    }

    pub(super) fn hasher(&self) -> DefaultHasher {
        self.hasher.build_hasher()
    }

    fn keeps(&self, place: Place, text: &str) -> bool {
        self.kept.iter().any(|(known, kept)| *known == said_in(place) && kept == text)
    }

    fn hash(&self, text: &str) -> u64 {
        let mut hash = self.hasher();
        hash.write(text.as_bytes());
        hash.finish()
    }
}

/// Where a text counts as the same: most HTML says what the plain text beside it says.
pub(super) fn said_in(place: Place) -> Place {
    if place == Place::Html { Place::Body } else { place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_new_once_whether_it_is_kept_or_hashed() {
        let mut seen = Seen::default();
        let text = |number: usize| format!("{number} {}", "x".repeat(number * 8000));
        for number in 0..3 * KEPT {
            assert!(!seen.contains(Place::Body, &text(number)), "{number}");
            assert!(seen.insert(Place::Body, &text(number)), "{number}");
        }
        for number in 0..3 * KEPT {
            assert!(seen.contains(Place::Html, &text(number)), "{number}");
            assert!(!seen.insert(Place::Html, &text(number)), "{number}");
            assert!(!seen.contains(Place::Subject, &text(number)), "{number}");
        }
        assert!(!seen.hashes.is_empty() && seen.kept.len() > 1);
    }

    #[test]
    fn a_text_that_was_hashed_is_not_new_where_there_is_room_to_keep_it() {
        let mut seen = Seen::default();
        let mut hash = seen.hasher();
        hash.write(b"in pieces");
        assert!(seen.insert_hash(Place::Body, hash.finish()));
        assert!(!seen.insert(Place::Body, "in pieces"));
    }
}
