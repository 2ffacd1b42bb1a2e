//! The automaton over folded text, with the other ordinary spellings that a key has.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind, PatternID};
use unicode_normalization::UnicodeNormalization;

use super::accented::{alike, has_accents, umlauts_as_accents};
use super::bloom::{Bloom, hash, pair};
use super::devanagari;
use icu_properties::props::Script;

use super::chars::{Kind, Writing, kind, script, writing};
use super::everyday::is_everyday;
use super::habits::{
    as_on_the_net, phrase_without_accents, spaced_otherwise, texted, with_parted_prefixes, without_a_blank,
    without_breve, without_tones,
};
use super::han::{other_forms, partly_other};
use super::heard::{
    by_sound, heard_alike, in_other_letters, sounded_alike, with_other_length, with_other_tone,
};
use super::homophones::{sounding_alike, spellings_each};
use super::plain::{CLAUSE, SEPARATOR, fold_phrase};
use super::transliterated::in_latin;
use super::typed::{in_parts, without_input_method};
use super::unmarked::{bare, flat, partly, single, single_in_phrase, without_acute_e, without_marks};
use super::words::WordsError;
use crate::packed::Packed;

/// How a pattern came from its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it is.
    Own,
    /// Turkish ı read as i: counts only where the text has ı or a capital I, the one letter that may be either.
    CapitalI,
    /// In the other kana.
    OtherKana,
    /// Without its accents: counts only where the text around isn't English, which has words of its own without accents
    /// (`réserve`, `reserve`).
    Unaccented,
    /// The same of a phrase so short that other languages have it: counts only where the text around is Vietnamese.
    Vietnamese,
    /// A Korean word with what hangs on words: counts only where particles follow.
    Particle,
    /// Without its é: counts only where the text around is French (`pétasse`, `petasse`).
    French,
    /// With its umlauts as bare letters: counts only where the text around is neither English nor German, whose umlauts
    /// tell one form of a word from another (`Töchter`, `Tochter`).
    Flat,
    /// Without its marks, or with letters drawn as two.
    Bare,
    /// Without some of its accents.
    Partly,
    /// A short key that was typed with an umlaut: counts only where the text has one. `dö` is no Doe.
    Umlaut,
    /// A short key that was typed with two letters: counts only where the text has them. `hoer` is no hör.
    TwoLetters,
    /// A phrase written as one word: `#killyourself`.
    Joined,
    /// With one letter of a double: counts only where that isn't written like a name (`Winer`), which in German all nouns are.
    Single,
    /// A phrase by its sound, or with one letter of a double: counts only where not each word has a capital, as names do (`Carl
    /// Becker`, `Karl Becker`).
    Sound,
    /// In simplified or in traditional characters.
    OtherHan,
    /// In Latin letters.
    Latin,
    /// The same, where that is a word that people write: counts only among words of the key's alphabet (`Αυτή η skyla`).
    LatinAmong,
    /// Each i as an l, which is a capital I to the eye: counts only where all other letters are capitals.
    SmallL,
    /// An l at its beginning read as an i: counts only where the text has a capital I there.
    CapitalFirst,
}

/// What a pattern stands for.
pub(super) struct Key {
    /// The key's index.
    pub(super) index: u32,
    /// How the pattern came from it.
    pub(super) spelling: Spelling,
    /// The number of the same with its accents, if it has any: the pattern has but one for all.
    accented: Option<u32>,
}

/// All keys of one matcher.
pub(super) struct Spellings {
    pub(super) nfa: NFA,
    /// The automaton's state in which nothing is read.
    pub(super) start: StateID,
    pub(super) made_of: MadeOf,
    keys: Vec<Key>,
    accented: Packed,
}

impl Spellings {
    /// Compiles folded keys.
    pub(super) fn new<'k>(
        keys: impl Iterator<Item = (u32, &'k str)> + Clone,
    ) -> Result<Option<Self>, WordsError> {
        let sounding = spellings_each(keys.clone().map(|(_, key)| key));
        let mut patterns = Packed::default();
        let mut meanings = Vec::new();
        let mut accented = Packed::default();
        for (index, key) in keys.filter(|(_, key)| !key.is_empty()) {
            let [both, m, w] = drawn_together(key);
            let [simplified, traditional, staying] = other_forms(key);
            let others = [
                (Spelling::CapitalI, dotted(key)),
                (Spelling::CapitalFirst, capital_first(key)),
                (Spelling::SmallL, small_l(key)),
                (Spelling::OtherKana, hiragana(key)),
                (Spelling::OtherKana, katakana(key)),
                (Spelling::OtherHan, simplified),
                (Spelling::OtherHan, traditional),
                (Spelling::OtherHan, staying),
                (if is_short_phrase(key) { Spelling::Vietnamese } else { Spelling::Unaccented }, bare(key)),
                (Spelling::French, without_acute_e(key)),
                (Spelling::Flat, flat(key)),
                (Spelling::Own, umlauts_as_accents(key)),
                (Spelling::Bare, both),
                (Spelling::Bare, m),
                (Spelling::Bare, w),
                (Spelling::Own, unpunctuated(key)),
                (Spelling::Joined, joined(key)),
                (Spelling::Bare, medial(key)),
                (Spelling::Bare, without_hamza(key)),
                (Spelling::Particle, with_particles(key)),
                (Spelling::Own, with_parted_prefixes(key)),
                (Spelling::Own, texted(key)),
                (Spelling::Bare, without_breve(key)),
            ];
            let others = others.into_iter().filter_map(|(spelling, key)| Some((spelling, key?)));
            let unmarked = without_marks(key).into_iter().map(|key| (Spelling::Partly, key));
            let doubles = single_in_phrase(key);
            let single = if doubles.is_empty() { single(key) } else { Vec::new() };
            let is_phrase = key.contains(' ');
            let single = single
                .into_iter()
                .map(|key| (if is_phrase { Spelling::Sound } else { Spelling::Single }, key));
            let parted = spaced_otherwise(key).into_iter().map(|key| (Spelling::Joined, key));
            let phrase = phrase_without_accents(key).into_iter().map(|key| (Spelling::Partly, key));
            let net = as_on_the_net(key).into_iter().map(|key| (Spelling::Own, key));
            let doubles = doubles.into_iter().map(|key| (Spelling::Own, key));
            let tones = without_tones(key).into_iter().map(|key| (Spelling::Bare, key));
            let blank = without_a_blank(key).into_iter().map(|key| (Spelling::Joined, key));
            let simpler = unmarked
                .chain(single)
                .chain(parted)
                .chain(phrase)
                .chain(blank)
                .chain(net)
                .chain(tones)
                .chain(doubles);
            let hindi = devanagari::other_spellings(key).into_iter().map(|key| (Spelling::Own, key));
            let heard = heard_alike(key)
                .into_iter()
                .chain(in_other_letters(key))
                .chain(sounded_alike(key))
                .chain(with_other_length(key))
                .chain(with_other_tone(key))
                .chain(sounding_alike(key, sounding));
            let by_sound = by_sound(key).into_iter().map(|key| (Spelling::Sound, key));
            let typed = in_parts(key).into_iter().chain(without_input_method(key));
            let simpler = simpler
                .chain(hindi)
                .chain(heard.chain(typed).map(|key| (Spelling::Own, key)))
                .chain(by_sound)
                .chain(partly_other(key).into_iter().map(|key| (Spelling::OtherHan, key)));
            let latin = in_latin(key).into_iter();
            let latin =
                latin.map(|(key, tells)| (if tells { Spelling::Latin } else { Spelling::LatinAmong }, key));
            for (spelling, key) in
                [own(key)].into_iter().chain(others).chain(partly(key)).chain(simpler).chain(latin)
            {
                let mut pattern = bounded(&alike(&key));
                if spelling == Spelling::Particle {
                    pattern.pop();
                }
                patterns.push(&pattern);
                let number = has_accents(&key).then(|| {
                    accented.push(key.as_bytes());
                    accented.len() as u32 - 1
                });
                meanings.push(Key { index, spelling, accented: number });
            }
        }
        if meanings.is_empty() {
            return Ok(None);
        }
        let nfa = NFA::builder().match_kind(MatchKind::Standard).prefilter(false).build(patterns.iter())?;
        let start = nfa.start_state(Anchored::No)?;
        meanings.shrink_to_fit();
        accented.shrink_to_fit();
        Ok(Some(Self { nfa, start, made_of: MadeOf::new(&patterns), keys: meanings, accented }))
    }

    /// What a pattern stands for.
    pub(super) fn key(&self, pattern: PatternID) -> Option<&Key> {
        self.keys.get(pattern.as_usize())
    }

    /// What a pattern stands for, with its accents, if it has any.
    pub(super) fn accented(&self, key: &Key) -> Option<&str> {
        self.accented.text(key.accented? as usize)
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

/// Which words of spaced scripts the patterns are made of, and in what order, by their hashes. Each of the questions may be
/// answered yes wrongly, and never no.
pub(super) struct MadeOf {
    firsts: Bloom,
    alone: Bloom,
    later: Bloom,
    pairs: Bloom,
}

impl MadeOf {
    fn new(patterns: &Packed) -> Self {
        let (mut firsts, mut alone, mut later, mut pairs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for pattern in patterns.iter() {
            let words = pattern.split(|byte| *byte == SEPARATOR);
            // A clause's end between two words is no word.
            let words = words.filter(|word| !matches!(word, [] | [CLAUSE]));
            let words: Vec<u64> = words.map(hash).collect();
            if let (Some(first), [SEPARATOR, ..]) = (words.first(), pattern) {
                if words.len() == 1 { &mut alone } else { &mut firsts }.push(*first);
            }
            later.extend(words.iter().skip(1));
            pairs.extend(words.iter().zip(words.iter().skip(1)).map(|(first, second)| pair(*first, *second)));
        }
        firsts.extend(&alone);
        let set = |hashes: Vec<u64>| Bloom::of(hashes.into_iter());
        Self { firsts: set(firsts), alone: set(alone), later: set(later), pairs: set(pairs) }
    }

    /// Whether a pattern begins with the word, alone or with others behind it.
    #[inline]
    pub(super) fn begin_with(&self, word: u64) -> bool {
        self.firsts.may_contain(word)
    }

    /// Whether a pattern is the word.
    #[inline]
    pub(super) fn are(&self, word: u64) -> bool {
        self.alone.may_contain(word)
    }

    /// Whether the second word stands behind the first in a pattern.
    #[inline]
    pub(super) fn have_pair(&self, first: u64, second: u64) -> bool {
        self.pairs.may_contain(pair(first, second))
    }

    /// Whether the word stands behind another in a pattern.
    pub(super) fn go_on_with(&self, word: u64) -> bool {
        self.later.may_contain(word)
    }
}

/// Keys of at most so many letters mean another word where an umlaut is written as two letters.
pub(super) const SHORT: usize = 4;

/// The umlauts that are written as two letters, too.
pub(super) fn is_umlaut(c: char) -> bool {
    matches!(
        c,
        'ä' | 'ö'
            | 'ü'
            | 'å'
            | 'æ'
            | 'ø'
            | 'œ'
            | 'Ä'
            | 'Ö'
            | 'Ü'
            | 'Å'
            | 'Æ'
            | 'Ø'
            | 'Œ'
            | '\u{308}'
            | '\u{30A}'
    )
}

/// A phrase that was typed with commas or full stops, without them.
fn unpunctuated(key: &str) -> Option<String> {
    let end = [SEPARATOR, CLAUSE, SEPARATOR].map(char::from).iter().collect::<String>();
    key.contains(&end).then(|| key.replace(&end, " "))
}

/// How the umlauts of a key are kept, which otherwise is folded.
const UMLAUTS: [(&str, &str); 4] =
    [("a\u{308}", "ae"), ("o\u{308}", "oe"), ("u\u{308}", "ue"), ("a\u{30A}", "aa")];

/// The key of a short word with its umlauts kept, given what was typed and what it folds to.
pub(super) fn keep_umlauts(typed: &str, key: String) -> String {
    if key.len() > SHORT || !typed.contains(is_umlaut) {
        return key;
    }
    let mut kept = String::new();
    let typed: String = typed.to_lowercase().nfc().collect();
    for c in typed.trim_matches(|c: char| !c.is_alphanumeric()).chars() {
        kept.push_str(match c {
            'ä' | 'æ' => "a\u{308}",
            'ö' | 'ø' | 'œ' => "o\u{308}",
            'ü' => "u\u{308}",
            'å' => "a\u{30A}",
            other if other.is_ascii_alphanumeric() => {
                kept.push(other);
                continue;
            }
            _ => return key,
        });
    }
    kept
}

/// The key as the text is folded.
fn own(key: &str) -> (Spelling, String) {
    let folded = UMLAUTS.iter().fold(key.to_owned(), |key, (kept, folded)| key.replace(kept, folded));
    let two = UMLAUTS.iter().any(|(_, folded)| key.contains(folded));
    match folded != key {
        true if !is_everyday(&folded) => (Spelling::Own, folded),
        true => (Spelling::Umlaut, folded),
        // Of several words, or with an apostrophe, keys don't keep their umlauts.
        false if two && key.len() <= SHORT && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            (Spelling::TwoLetters, folded)
        }
        false => (Spelling::Own, folded),
    }
}

fn dotted(key: &str) -> Option<String> {
    key.contains('ı').then(|| key.replace('ı', "i"))
}

/// Short words mean something else in the other kana (`イク`, `行く`); from four on they don't, nor beside an ideograph from
/// three on.
fn hiragana(key: &str) -> Option<String> {
    let flip = |c: char| match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    };
    let ideograph = |c: char| matches!(c, '\u{4E00}'..='\u{9FFF}');
    let joined = key.replace(' ', "");
    if mixed(&joined) {
        return Some(fold_phrase(&joined.chars().map(flip).collect::<String>()));
    }
    let katakana = key.chars().all(|c| {
        writing(c) != Some(Writing::Spaced) && writing(c) != Some(Writing::Unspaced)
            || kind(c) == Kind::Mark
            || ideograph(c)
            || c == ' '
    });
    let kana = key.contains(|c| matches!(c, 'ァ'..='ヶ'));
    let least = if key.contains(ideograph) { 3 } else { 4 };
    let long = kana && key.chars().filter(|c| kind(*c) == Kind::Word).count() >= least;
    (katakana && long).then(|| fold_phrase(&key.chars().map(flip).collect::<String>()))
}

/// Whether a key is of both kana, so that it may be all in one of them.
fn mixed(joined: &str) -> bool {
    let both = joined.contains(|c| matches!(c, 'ぁ'..='ゖ')) && joined.contains(|c| matches!(c, 'ァ'..='ヶ'));
    both && joined.chars().filter(|c| kind(*c) == Kind::Word).count() >= SHORT
}

/// Hiragana is put in katakana for emphasis.
fn katakana(key: &str) -> Option<String> {
    let flip = |c: char| match c {
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        _ => c,
    };
    let joined = key.replace(' ', "");
    let key = if mixed(&joined) { joined.as_str() } else { key };
    let long = key.chars().filter(|c| kind(*c) == Kind::Word).count() >= 4;
    (long && key.contains(|c| flip(c) != c)).then(|| fold_phrase(&key.chars().map(flip).collect::<String>()))
}

/// `rn` drawn together is an m, `vv` a w. Where an m inside a short word may be another word (`bum`, `burn`), it isn't.
fn drawn_together(key: &str) -> [Option<String>; 3] {
    let length = key.chars().count();
    let m = key.contains('m') && (key.starts_with('m') || length >= 6);
    let w = key.contains('w') && length >= 3;
    let drawn = |m: bool, w: bool| {
        let drawn = if m { key.replace('m', "rn") } else { key.to_owned() };
        if w { drawn.replace('w', "vv") } else { drawn }
    };
    [(m && w).then(|| drawn(true, true)), m.then(|| drawn(true, false)), w.then(|| drawn(false, true))]
}

/// Hebrew letters at a word's end as inside of it.
fn medial(key: &str) -> Option<String> {
    const FINALS: &str = "ךםןףץ";
    const OTHERS: &str = "כמנפצ";
    let flip =
        |c: char| FINALS.chars().zip(OTHERS.chars()).find(|(from, _)| *from == c).map_or(c, |(_, to)| to);
    key.contains(|c| flip(c) != c).then(|| key.chars().map(flip).collect())
}

/// A Korean key of so many syllables that what hangs on it makes no other word (`자지`, `자지만`).
fn with_particles(key: &str) -> Option<String> {
    const SYLLABLES: usize = 3;
    let korean = key.chars().all(|c| c == ' ' || script(c) == Script::Hangul);
    let syllables = key.chars().filter(|c| matches!(c, '\u{1100}'..='\u{115F}')).count();
    (korean && syllables >= SYLLABLES).then(|| key.to_owned())
}

/// Hamza on yeh is left out by who is in a hurry.
fn without_hamza(key: &str) -> Option<String> {
    key.contains('\u{654}').then(|| key.replace('\u{654}', ""))
}

/// Without its blanks, a long phrase of words that no language makes one of.
fn joined(key: &str) -> Option<String> {
    let words: Vec<usize> = key.split(' ').map(|word| word.chars().count()).collect();
    let letters: usize = words.iter().sum();
    let other = || !is_everyday(&key.replace(' ', ""));
    let others = |c: char| {
        c == ' ' || kind(c) == Kind::Mark || matches!(script(c), Script::Arabic | Script::Devanagari)
    };
    let long = match words.as_slice() {
        [_] => false,
        // Of consonants, so many are no other word.
        [first, second] if letters < 9 => {
            letters >= 7 && *first >= 3 && *second >= 3 && key.chars().all(others)
        }
        [first, second] => {
            (*first >= 4 && *second >= 4) || (letters >= 10 && *first >= 3 && *second >= 3 && other())
        }
        _ => letters >= 9 || (letters >= 8 && other()),
    };
    let spaced = |c: char| c == ' ' || kind(c) == Kind::Mark || writing(c) == Some(Writing::Spaced);
    ((long || vietnamese(key)) && key.chars().all(spaced)).then(|| key.replace(' ', ""))
}

/// Whether it is a phrase of few letters that are words of other languages without their marks (`con đĩ`, `con di`).
pub(super) fn is_short_phrase(key: &str) -> bool {
    const LETTERS: usize = 8;
    let letters = key.chars().filter(|c| kind(*c) == Kind::Word).count();
    key.contains(' ') && letters < LETTERS
}

/// Whether a phrase has marks that no language but Vietnamese has, whose words are one syllable each: none is several.
fn vietnamese(key: &str) -> bool {
    const LETTERS: usize = 5;
    let chars: Vec<char> = key.chars().collect();
    let mark = |c: &char| ('\u{300}'..='\u{36F}').contains(c);
    let twice = chars.windows(2).any(|two| two.iter().all(mark));
    let telling = twice || key.contains(['\u{309}', '\u{31B}', '\u{323}']);
    telling && key.contains(' ') && chars.iter().filter(|c| kind(**c) == Kind::Word).count() >= LETTERS
}

/// Among capitals, a small l is drawn like an I.
fn small_l(key: &str) -> Option<String> {
    let letters = key.bytes().filter(u8::is_ascii_alphabetic).count();
    (key.contains('i') && letters >= SHORT).then(|| key.replace('i', "l"))
}

/// A capital I is drawn like an l. In short words it is what it looks like: `Ian`.
fn capital_first(key: &str) -> Option<String> {
    let rest = key.strip_prefix('l')?;
    let word = rest.chars().take_while(|c| *c != ' ').count();
    (word >= 4).then(|| format!("i{rest}"))
}
