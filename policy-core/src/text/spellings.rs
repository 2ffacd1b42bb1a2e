//! The automaton over folded text, with the other ordinary spellings that a key has.

use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{MatchKind, PatternID};

use super::chars::{Kind, Writing, kind, writing};
use super::firsts::FirstWords;
use super::plain::SEPARATOR;

/// How a pattern came from its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it is.
    Own,
    /// Turkish ı read as i: counts only where the text has ı or a capital I, the one letter that may be either.
    CapitalI,
    /// Katakana in hiragana.
    Hiragana,
    /// Without its marks, or with letters drawn as two.
    Bare,
}

/// What a pattern stands for.
pub(super) struct Key {
    /// The key's index.
    pub(super) index: u32,
    /// How the pattern came from it.
    pub(super) spelling: Spelling,
}

/// All keys of one matcher.
pub(super) struct Spellings {
    pub(super) nfa: NFA,
    firsts: FirstWords,
    keys: Vec<Key>,
}

impl Spellings {
    /// Compiles folded keys.
    pub(super) fn new<'k>(keys: impl Iterator<Item = (u32, &'k str)>) -> Option<Self> {
        let mut patterns = Vec::new();
        let mut meanings = Vec::new();
        for (index, key) in keys.filter(|(_, key)| !key.is_empty()) {
            let others = [
                (Spelling::CapitalI, dotted(key)),
                (Spelling::Hiragana, hiragana(key)),
                (Spelling::Bare, bare(key)),
                (Spelling::Bare, drawn_together(key)),
            ];
            let others = others.into_iter().filter_map(|(spelling, key)| Some((spelling, key?)));
            for (spelling, key) in [(Spelling::Own, key.to_owned())].into_iter().chain(others) {
                patterns.push(bounded(&key));
                meanings.push(Key { index, spelling });
            }
        }
        if patterns.is_empty() {
            return None;
        }
        let nfa = NFA::builder().match_kind(MatchKind::Standard).prefilter(false).build(&patterns).ok()?;
        let firsts: Vec<&[u8]> = patterns.iter().filter_map(|pattern| first_word(pattern)).collect();
        Some(Self { nfa, firsts: FirstWords::new(firsts.into_iter()), keys: meanings })
    }

    /// Whether a key may begin with the word of a spaced script that has this hash.
    pub(super) fn may_begin(&self, word: u64) -> bool {
        self.firsts.may_contain(word)
    }

    /// What a pattern stands for.
    pub(super) fn key(&self, pattern: PatternID) -> Option<&Key> {
        self.keys.get(pattern.as_usize())
    }
}

/// The key with the separators that make it whole words. Scripts without blanks have no such bounds.
fn bounded(key: &str) -> Vec<u8> {
    let bound = |c: Option<char>| c.is_some_and(|c| writing(c) != Some(Writing::Unspaced));
    let mut pattern = Vec::with_capacity(key.len() + 2);
    if bound(key.chars().next()) {
        pattern.push(SEPARATOR);
    }
    pattern.extend_from_slice(key.as_bytes());
    if bound(key.chars().rev().find(|c| kind(*c) == Kind::Word)) {
        pattern.push(SEPARATOR);
    }
    pattern
}

/// What stands between a pattern's first two separators.
fn first_word(pattern: &[u8]) -> Option<&[u8]> {
    pattern.strip_prefix(&[SEPARATOR])?.split(|byte| *byte == SEPARATOR).next()
}

fn dotted(key: &str) -> Option<String> {
    key.contains('ı').then(|| key.replace('ı', "i"))
}

/// Short words mean something else in the other kana (`イク`, `行く`); from four on they don't.
fn hiragana(key: &str) -> Option<String> {
    let katakana = key.chars().all(|c| {
        writing(c) != Some(Writing::Spaced) && writing(c) != Some(Writing::Unspaced) || kind(c) == Kind::Mark
    });
    let long = key.chars().filter(|c| kind(*c) == Kind::Word).count() >= 4;
    let flip = |c: char| match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    };
    (katakana && long).then(|| key.chars().map(flip).collect())
}

/// A long word is written without its accents by who lacks the keys (`zażółć`, `zazolc`), and hardly ever another word
/// then. A short one often is (`año`, `ano`), and with é alone (`résumé`).
fn bare(key: &str) -> Option<String> {
    let latin = |mark: char| ('\u{300}'..='\u{36F}').contains(&mark);
    let marks = key.chars().filter(|c| latin(*c)).count();
    let acute_e = key.matches("e\u{301}").count();
    let mut bare = String::with_capacity(key.len());
    for c in key.chars().filter(|c| !latin(*c)) {
        bare.push(match c {
            'ł' => 'l',
            'đ' => 'd',
            'ħ' => 'h',
            'ŧ' => 't',
            'ı' => 'i',
            other => other,
        });
    }
    let letters = |text: &str| text.chars().filter(|c| *c != ' ').count();
    // Umlauts fold to two letters; in a long word, one without its e is no other word.
    let long = letters(&bare) >= 10;
    let flat = if long { bare.replace("ae", "a").replace("oe", "o").replace("ue", "u") } else { bare };
    let telling = flat != key && (marks == 0 || acute_e < marks) && letters(&flat) >= 6;
    (telling && flat.is_ascii()).then_some(flat)
}

/// `rn` drawn together is an m, `vv` a w. Where an m inside a short word may be another word (`bum`, `burn`), it isn't.
fn drawn_together(key: &str) -> Option<String> {
    let m = key.starts_with('m') || key.chars().count() >= 6;
    let drawn = key.replace('w', "vv");
    let drawn = if m { drawn.replace('m', "rn") } else { drawn };
    (drawn != key && key.chars().count() >= 3).then_some(drawn)
}
