//! Words that are cut in two: `cas ino`, `ku.rwa`.
//!
//! Two words that stand side by side make a third one often enough (`pen is`, `the rapist`). So at least one piece has to
//! be none that people write.

use icu_properties::props::Script;

use super::accented::alike;
use super::bloom::{hash, pair};
use super::chars::{Kind, kind, script};
use super::everyday::is_word;
use super::listed::LONGEST;

/// Of fewer letters, what two pieces make is chance.
pub(super) const SHORTEST: usize = 6;
/// The same in a phrase of so many letters, whose other words tell.
pub(super) const SHORTEST_IN_PHRASE: usize = 4;
pub(super) const PHRASE: usize = 8;

/// The hashes of the pairs of pieces that the words of a key can be cut into.
pub(super) fn pieces(key: &str) -> Vec<u64> {
    let letters = |text: &str| text.chars().filter(|c| kind(*c) == Kind::Word).count();
    let phrase = key.contains(' ') && letters(key) >= PHRASE;
    let shortest = if phrase { SHORTEST_IN_PHRASE } else { SHORTEST };
    let spelled = |word: &&str| word.chars().all(|c| c.is_alphabetic() || kind(c) == Kind::Mark);
    // The cuts of a longer one would cost its length squared.
    let long = |word: &&str| (shortest..=LONGEST).contains(&letters(word));
    let mut pairs = Vec::new();
    for word in key.split(' ').filter(spelled).filter(long) {
        let cuts = word.char_indices().skip(1).filter(|(_, c)| kind(*c) == Kind::Word);
        let cut = cuts.filter_map(|(at, _)| word.split_at_checked(at));
        pairs.extend(
            cut.filter(|(first, last)| are_no_words([first, last]))
                .map(|(first, last)| pair(hash(alike(first).as_bytes()), hash(alike(last).as_bytes()))),
        );
    }
    pairs
}

/// Whether one of two folded pieces is no word that people write, as far as words of its alphabet are known.
pub(super) fn are_no_words(pieces: [&str; 2]) -> bool {
    pieces.into_iter().all(are_known) && pieces.into_iter().any(|piece| !is_word(piece))
}

/// Whether words of a piece's alphabet are known.
pub(super) fn are_known(piece: &str) -> bool {
    let alphabet = piece.chars().next().map(script);
    matches!(alphabet, Some(Script::Latin | Script::Cyrillic | Script::Greek))
}

#[cfg(test)]
mod tests {
    use super::{are_no_words, pieces};

    #[test]
    fn a_word_is_cut_where_that_makes_no_two_words() {
        assert!(
            are_no_words(["cas", "ino"]) && are_no_words(["ku", "rwa"]) && are_no_words(["schla", "mpe"])
        );
        assert!(
            !are_no_words(["pen", "is"]) && !are_no_words(["the", "rapist"]) && !are_no_words(["via", "gra"])
        );
        assert!(!pieces("casino").is_empty() && pieces("penis").is_empty());
        assert!(pieces(&"qxv".repeat(300)).is_empty(), "nobody cuts so long a word");
    }
}
