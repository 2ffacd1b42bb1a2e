//! Finding words that were hidden: candidates by look-alike classes, decided letter by letter.

use std::ops::Range;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

use super::accented::without_stroke;
use super::believe::DOUBLED_IN_PHRASE;
use super::bloom::{Bloom, hash};
use super::chars::{Kind, kind};
use super::chunk::ACCENTED;
use super::dropped::{Dropped, DroppedBuilder};
use super::masked::{Masked, MaskedBuilder};
use super::pierced::Pierced;
use super::plain::fold_phrase;
use super::respaced::pairs;
use super::sieve::{Sieve, SieveBuilder};
use super::slips::{Letters, Slips, SlipsBuilder};
use super::torn::pieces;
use super::units::{Ambiguous, Reading, Unit, key_units};
use super::verify::hides;
use super::words::WordsError;
use crate::packed::Packed;

/// Keys of fewer letters can't be told from chance once letters may be replaced.
const SHORTEST: usize = 3;
/// At how many places of one run of equal letters a match may begin or end.
const EDGES: usize = 8;

/// The keys of one matcher by their look-alike classes.
pub(super) struct Hidden {
    nfa: NFA,
    /// The automaton's state in which nothing is read.
    start: StateID,
    /// For each pattern, the key's index, and how it is read.
    keys: Vec<(u32, Reading)>,
    /// For each pattern, the key.
    typed: Packed,
    /// Words in the longest phrase.
    pub(super) words: usize,
    /// The words of the keys that an accent may have been put on, or a vowel doubled in, without the accents they have.
    bare: Bare,
    masked: Masked,
    pierced: Pierced,
    slips: Slips,
    dropped: Dropped,
    /// The pairs of pieces that the words of the keys can be cut into.
    torn: Bloom,
    /// The pairs of pieces with which the words and phrases begin whose blanks stand elsewhere.
    respaced: Bloom,
    sieve: Sieve,
}

/// Letters of a stretch, repetitions drawn together, as the automaton reads them.
#[derive(Default)]
pub(super) struct Classes {
    bytes: Vec<u8>,
    /// For each byte, the run that it stands for.
    runs: Vec<u32>,
    /// For each run, its letters.
    members: Vec<Range<usize>>,
}

impl Classes {
    pub(super) fn new(units: &[Unit]) -> Self {
        let mut classes = Self::default();
        classes.read(units);
        classes
    }

    /// The same for other letters, in the same memory.
    fn read(&mut self, units: &[Unit]) {
        let classes = self;
        classes.bytes.clear();
        classes.runs.clear();
        classes.members.clear();
        let mut last = None;
        for (index, unit) in units.iter().enumerate() {
            match classes.members.last_mut() {
                Some(run) if last == Some(unit.class) => run.end = index + 1,
                _ => {
                    let run = u32::try_from(classes.members.len()).unwrap_or(u32::MAX);
                    let mut buffer = [0; 4];
                    for byte in unit.class.encode_utf8(&mut buffer).bytes() {
                        classes.bytes.push(byte);
                        classes.runs.push(run);
                    }
                    classes.members.push(index..index + 1);
                }
            }
            last = Some(unit.class);
        }
    }
}

impl Hidden {
    pub(super) fn new<'k>(keys: impl Iterator<Item = (u32, &'k str)>) -> Result<Option<Self>, WordsError> {
        let mut patterns = Packed::default();
        let mut kept = Vec::new();
        let mut typed = Packed::default();
        let mut words = 1;
        let mut masked = MaskedBuilder::default();
        let mut pierced = Pierced::default();
        let mut slips = SlipsBuilder::default();
        let mut dropped = DroppedBuilder::default();
        let mut torn = Vec::new();
        let mut respaced = Vec::new();
        let mut sieve = SieveBuilder::default();
        let mut bare = Vec::new();
        for (index, key) in keys {
            let (letters, ambiguous) = key_units(key, Reading::Plain);
            let counted = letters.iter().filter(|unit| unit.counts()).count();
            let unspaced = letters.iter().all(Unit::unspaced);
            let figures = letters.iter().all(|unit| unit.letter.is_ascii_digit());
            let syllables = letters.iter().all(Unit::is_syllable);
            if figures || counted < if unspaced || syllables { 2 } else { SHORTEST } {
                continue;
            }
            let place = u32::try_from(kept.len()).unwrap_or(u32::MAX);
            bare.extend(bare_words(key).into_iter().map(|(hash, word)| (hash, word, place)));
            torn.extend(pieces(key));
            respaced.extend(pairs(key));
            words = words.max(letters.iter().filter(|unit| unit.gap.width() > 0).count());
            pierced.add(kept.len(), key);
            let mut keep = |letters: &[Unit], reading| {
                if reading != Reading::Capitals {
                    masked.add(kept.len(), letters, &mut |number, word, in_phrase| {
                        slips.add(number, word, in_phrase);
                        dropped.add(number, word, in_phrase.then_some(letters.len()));
                    });
                }
                let classes = Classes::new(letters).bytes;
                sieve.add(letters, &classes);
                patterns.push(&classes);
                typed.push(key.as_bytes());
                kept.push((index, reading));
            };
            keep(&letters, Reading::Plain);
            if ambiguous.umlauts {
                keep(&key_units(key, Reading::Umlauts).0, Reading::Umlauts);
            }
            if ambiguous.capitals {
                keep(&key_units(key, Reading::Capitals).0, Reading::Capitals);
            }
        }
        if kept.is_empty() {
            return Ok(None);
        }
        let nfa = NFA::builder().match_kind(MatchKind::Standard).prefilter(false).build(patterns.iter())?;
        typed.shrink_to_fit();
        pierced.finish();
        let start = nfa.start_state(Anchored::No)?;
        Ok(Some(Self {
            nfa,
            start,
            keys: kept,
            typed,
            words: words.min(8),
            bare: Bare::new(bare),
            masked: masked.finish(),
            pierced,
            slips: slips.finish(),
            dropped: dropped.finish(),
            torn: Bloom::of(torn.into_iter()),
            respaced: Bloom::of(respaced.into_iter()),
            sieve: sieve.finish(),
        }))
    }

    /// Whether a word may be a listed one with an accent put on it, or a letter doubled, given its hash without them.
    pub(super) fn may_be_adorned(&self, bare: u64, word: &str) -> bool {
        let key = |place: u32| self.typed.text(place as usize);
        self.bare.set.may_contain(bare) && !self.bare.is_listed(bare, word, key)
    }

    /// Whether a word may be a listed one with a slip.
    #[inline(never)]
    pub(super) fn may_slip(&self, letters: &Letters, word: &str) -> bool {
        self.slips.may_be(&self.masked.listed, letters, word) || self.dropped.may_be(letters.order)
    }

    /// Whether two words may be a listed one that was cut in two, given the hash of both and the text that they stand in.
    pub(super) fn may_be_torn<'t>(&self, pair: u64, text: impl Fn() -> Option<&'t str>) -> bool {
        self.respaced.may_contain(pair)
            || (self.torn.may_contain(pair) && text().is_none_or(|text| self.slips.may_be_together(text)))
    }

    /// In which other ways a stretch can be read, if no key is hidden in it; `None` if a closer look must tell.
    pub(super) fn clear(&self, shown: &str, stretch: Range<usize>, reading: Reading) -> Option<Ambiguous> {
        self.sieve.clear(shown, stretch, reading, &self.masked)
    }

    /// Reports the keys that the letters hide, and where in the text. `classes` is memory for theirs.
    pub(super) fn scan(
        &self,
        shown: &str,
        text: &[Unit],
        classes: &mut Classes,
        found: &mut dyn FnMut(u32, Range<usize>),
    ) {
        let key = |place: usize| Some((self.typed.text(place)?, self.keys.get(place)?.1));
        let mut of_key = |place: usize, range| {
            if let Some((index, _)) = self.keys.get(place) {
                found(*index, range);
            }
        };
        self.masked.scan(shown, text, key, &mut of_key);
        self.slips.scan(&self.masked.listed, text, key, &mut of_key);
        self.dropped.scan(shown, &self.masked.listed, text, key, &mut of_key);
        if let (Some(first), Some(last)) = (text.first(), text.last()) {
            self.pierced.scan(shown, first.at.start..last.at.end, &mut of_key);
        }
        // Whatever the letters are, it goes through them in many times the time that this takes.
        if !self.sieve.may_hold(text) {
            return;
        }
        classes.read(text);
        let mut state = self.start;
        for (index, byte) in classes.bytes.iter().enumerate() {
            state = self.nfa.next_state(Anchored::No, state, *byte);
            if !self.nfa.is_special(state) || !self.nfa.is_match(state) {
                continue;
            }
            for number in 0..self.nfa.match_len(state) {
                let pattern = self.nfa.match_pattern(state, number);
                let begin = (index + 1).saturating_sub(self.nfa.pattern_len(pattern));
                let runs = (classes.runs.get(begin), classes.runs.get(index));
                let (Some(first), Some(last)) = runs else { continue };
                let members = (classes.members.get(*first as usize), classes.members.get(*last as usize));
                let (Some(first), Some(last)) = members else { continue };
                if let Some((typed, reading)) = key(pattern.as_usize())
                    && let Some(range) = place(text, first, last, typed, reading)
                {
                    of_key(pattern.as_usize(), range);
                }
            }
        }
    }
}

/// Words without their accents and doubled letters.
struct Bare {
    set: Bloom,
    /// Of those that are of but one listed word, which has accents or doubled letters itself: the place of a key that has it;
    /// in the order of their hashes.
    own: Vec<(u64, u32)>,
}

impl Bare {
    fn new(mut words: Vec<(u64, &str, u32)>) -> Self {
        let set = Bloom::of(words.iter().map(|(hash, ..)| *hash));
        words.sort_unstable();
        let of_one = |same: &[(u64, &str, u32)]| match same {
            [(bare, word, place), others @ ..] => {
                let one = *bare != hash(word.as_bytes()) && others.iter().all(|(_, other, _)| other == word);
                one.then_some((*bare, *place))
            }
            [] => None,
        };
        let own = words.chunk_by(|one, other| one.0 == other.0).filter_map(of_one).collect();
        Self { set, own }
    }

    /// Whether a word without accents and doubled letters is of a listed one that stands here as it is listed.
    fn is_listed<'k>(&self, bare: u64, word: &str, key: impl Fn(u32) -> Option<&'k str>) -> bool {
        let found = self.own.binary_search_by_key(&bare, |(hash, _)| *hash).ok();
        let key = found.and_then(|found| self.own.get(found)).and_then(|(_, place)| key(*place));
        let Some(key) = key else { return false };
        if word.is_ascii() {
            let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            return key.split(' ').any(|listed| listed.eq_ignore_ascii_case(word));
        }
        let word = fold_phrase(word);
        key.split(' ').any(|listed| listed == word)
    }
}

/// The words of a key that an accent may have been put on, with their hashes as they are without marks, and those that a
/// letter may have been doubled in, with their hashes as they are without doubles.
fn bare_words(key: &str) -> Vec<(u64, &str)> {
    let shortest = if key.contains(' ') { DOUBLED_IN_PHRASE } else { ACCENTED as usize };
    let mut hashes = Vec::new();
    for listed in key.split(' ') {
        let word: String = listed.chars().filter(|c| kind(*c) != Kind::Mark).map(without_stroke).collect();
        let letters = word.chars().count();
        if letters < shortest {
            continue;
        }
        let mut add = |word: &str| hashes.push((hash(word.as_bytes()), listed));
        add(&word);
        let mut single: Vec<char> = word.chars().collect();
        single.dedup();
        if single.len() < letters {
            add(&single.into_iter().collect::<String>());
        }
        let flat = word.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a");
        if flat != word {
            add(&flat);
        }
    }
    hashes
}

/// A number has at most so many digits.
const NUMBER: usize = 4;
/// Shorter words are codes with a number behind them: `mp4`.
const NUMBERED: usize = 5;

/// Where the key stands as it is, with a number behind or before it: `casino123`.
fn numbered(
    text: &[Unit],
    first: &Range<usize>,
    last: &Range<usize>,
    key: &str,
    reading: Reading,
) -> Option<Range<usize>> {
    let digit = |unit: &&Unit| unit.letter.is_ascii_digit();
    let bound =
        |index: usize| text.get(index).is_none_or(|unit| unit.gap.width() > 0 && unit.gap.sign != '_');
    let joined = |units: &[Unit]| units.iter().skip(1).all(|unit| unit.gap.width() == 0);
    let before = text.get(..first.start)?.iter().rev().take_while(digit).count();
    let (letters, _) = key_units(key, reading);
    // The digits may be drawn like the letters at the key's edges.
    for start in first.clone().take(EDGES) {
        let stop = start + letters.len();
        if letters.len() < NUMBERED || !(last.start + 1..=last.end).contains(&stop) {
            continue;
        }
        let digits = text.get(stop..)?.iter().take(NUMBER + 1).take_while(digit).count();
        let lead = before + (start - first.start);
        let number = digits + lead;
        if !(1..=NUMBER).contains(&number) || !bound(start.checked_sub(lead)?) || !bound(stop + digits) {
            continue;
        }
        let whole = joined(text.get(start - lead..=start)?) && joined(text.get(stop - 1..stop + digits)?);
        let matched = text.get(start..stop)?;
        let same = matched.iter().zip(&letters).enumerate().all(|(index, (unit, letter))| {
            let gap = index == 0 || (unit.gap.width() > 0) == (letter.gap.width() > 0) && !unit.gap.clause;
            unit.letter == letter.letter && unit.marks == letter.marks && gap
        });
        let leads = text.get(start - lead..start)?.iter().all(|unit| unit.letter.is_ascii_digit());
        if whole && same && leads {
            return Some(matched.first()?.at.start..matched.last()?.at.end);
        }
    }
    None
}

/// Where the key stands, if the letters from somewhere in the first run to somewhere in the last one hide it.
fn place(
    text: &[Unit],
    first: &Range<usize>,
    last: &Range<usize>,
    key: &str,
    reading: Reading,
) -> Option<Range<usize>> {
    let edge = |index: usize| text.get(index).is_none_or(|unit| unit.gap.width() > 0 || unit.unspaced());
    let ends = |index: usize| edge(index) || text.get(index.wrapping_sub(1)).is_some_and(Unit::unspaced);
    if let Some(range) = numbered(text, first, last, key, reading) {
        return Some(range);
    }
    let starts: Vec<usize> = first.clone().filter(|index| edge(*index)).take(EDGES).collect();
    let stops: Vec<usize> =
        (last.start + 1..=last.end).rev().filter(|index| ends(*index)).take(EDGES).collect();
    if starts.is_empty() || stops.is_empty() {
        return None;
    }
    let (letters, _) = key_units(key, reading);
    for start in starts {
        for stop in &stops {
            if *stop > start && hides(text, start..*stop, &letters) {
                let begin = text.get(start)?.at.start;
                return Some(begin..text.get(stop.checked_sub(1)?)?.at.end);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::bloom::hash;
    use super::Hidden;

    #[test]
    fn a_listed_word_as_it_is_listed_resembles_none() {
        let keys = ["marche\u{301}", "committee", "cafe\u{301}", "cafe"];
        let hidden = Hidden::new((0..).zip(keys)).unwrap().unwrap();
        let resembles = |bare: &str, word| hidden.may_be_adorned(hash(bare.as_bytes()), word);
        assert!(!resembles("marche", "Marché,") && resembles("marche", "marchê"));
        assert!(!resembles("comite", "(Committee)") && resembles("comite", "commitee"));
        assert!(resembles("cafe", "café"), "it may be the other one");
        assert!(!resembles("other", "othèr"));
    }
}
