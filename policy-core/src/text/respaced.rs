//! Words that are cut in several pieces by blanks (`klo otz ak`), and phrases whose blanks stand elsewhere (`clic khere`).
//!
//! Nothing but single blanks stands there, and a piece is none that people write: two words side by side make a third one
//! often enough (`pen is`).

use super::accented::alike;
use super::believe::written;
use super::bloom::{hash, pair};
use super::everyday::is_word;
use super::gaps::only_blanks;
use super::listed::LONGEST;
use super::torn::are_known;
use super::units::Unit;

/// Of fewer letters, what several pieces make is chance.
const WORD: usize = 6;
const PHRASE: usize = 8;
/// Nobody cuts a word in more pieces, but in letters.
const PIECES: usize = 4;
/// A piece of one letter is cut off what has at least so many and is no word.
const REST: usize = 4;

/// The hashes of the pairs of pieces at which a closer look begins.
pub(super) fn pairs(key: &str) -> Vec<u64> {
    let hashed = |first: &str, next: &str| pair(hash(alike(first).as_bytes()), hash(alike(next).as_bytes()));
    let mut found = Vec::new();
    let words: Vec<&str> = key.split(' ').collect();
    for word in words.iter().filter(|word| (WORD..=LONGEST).contains(&letters(word))) {
        let cuts: Vec<usize> =
            word.char_indices().skip(1).filter(|(_, c)| c.is_alphabetic()).map(|(at, _)| at).collect();
        for (number, first) in cuts.iter().enumerate() {
            for next in cuts.iter().skip(number + 1) {
                if let (Some(one), Some(other)) = (word.get(..*first), word.get(*first..*next))
                    && are_cut(&[one, other])
                {
                    found.push(hashed(one, other));
                }
            }
        }
    }
    if words.len() < 2 || letters(key) < PHRASE {
        return found;
    }
    for two in words.windows(2) {
        let [one, other] = two else { continue };
        // A letter goes over to the other word.
        let last = one.char_indices().rev().find(|(_, c)| c.is_alphabetic()).map_or(0, |(at, _)| at);
        let second =
            other.char_indices().skip(1).find(|(_, c)| c.is_alphabetic()).map_or(other.len(), |(at, _)| at);
        if let (Some(shorter), Some(more)) = (one.get(..last), one.get(last..)) {
            found.push(hashed(shorter, &[more, other].concat()));
        }
        if let (Some(more), Some(shorter)) = (other.get(..second), other.get(second..)) {
            found.push(hashed(&[one, more].concat(), shorter));
        }
    }
    found
}

/// Whether a match of so many words has its blanks in other places than its key, on purpose.
pub(super) fn is_respaced(matched: &[Unit], words: usize) -> bool {
    let blanks = || matched.iter().skip(1).map(|unit| unit.gap).filter(|gap| gap.width() > 0);
    let letters = matched.iter().filter(|unit| unit.counts()).count();
    let least = if words > 1 { PHRASE } else { WORD };
    if letters < least || !blanks().all(|gap| gap.blanks == 1 && only_blanks(&gap)) {
        return false;
    }
    let pieces: Vec<String> = matched.chunk_by(|_, next| next.gap.width() == 0).map(written).collect();
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    (2..=words + PIECES - 1).contains(&pieces.len()) && are_cut(&pieces)
}

/// Whether one of the pieces at least is no word that people write.
fn are_cut(pieces: &[&str]) -> bool {
    let lone = pieces.iter().any(|piece| letters(piece) == 1);
    let strange = |piece: &&str| !is_word(piece) && (!lone || letters(piece) >= REST);
    pieces.iter().all(|piece| are_known(piece)) && pieces.iter().any(strange)
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

#[cfg(test)]
mod tests {
    use super::super::listed::LONGEST;
    use super::{are_cut, pairs};

    #[test]
    fn no_key_has_more_pairs_than_in_proportion_to_its_length() {
        let key = |word: usize| "qxv".repeat(400).get(..word).unwrap_or_default().to_owned();
        assert!(!pairs(&key(LONGEST)).is_empty() && pairs(&key(1_000)).is_empty());
        assert!(pairs(&vec![key(LONGEST); 30].join(" ")).len() < 30 * LONGEST * LONGEST);
    }

    #[test]
    fn one_piece_at_least_is_no_word() {
        assert!(are_cut(&["k", "altak"]) && are_cut(&["klo", "otz", "ak"]));
        assert!(!are_cut(&["in", "for", "me"]) && !are_cut(&["p", "en", "is"]));
    }
}
