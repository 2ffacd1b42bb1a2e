//! Whether Chinese, Japanese or Thai characters stand as words, or only because one word ends and another begins: 大麻 in 大/麻烦.
//!
//! Of all ways to cut the text around into words of the lexicon, the likeliest with the word in it is compared with the
//! likeliest in which another word reaches over its bounds; how likely a way is, is the product of how often its words are
//! written (unigram model; Manning and Schütze, Foundations of Statistical Natural Language Processing, chapter 6).

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::LazyLock;

use super::han::simplified;

/// So many characters on each side tell the words around.
const AROUND: usize = 8;

/// What a character costs that is no word by itself: -14 times the logarithm of its share of all words, as in the tables.
const UNKNOWN: u32 = 260;
/// Compounds that are hardly ever written tell no more than what they are made of: `免费色`.
const RARE: u32 = 228;
/// So much cheaper must be the way in which the word stands.
const MARGIN: u32 = 11;

/// A language's words and how often each is written.
pub(super) struct Lexicon {
    /// Words and their costs, those of one character first.
    tables: Vec<&'static [u8]>,
    /// What a listed word costs at most, known or not: who lists it has been written it.
    listed: u32,
    /// Longer words that hold a listed one say the same (强奸犯), if that isn't a single character: 体操.
    compounds: bool,
}

pub(super) static CHINESE: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::new(include_bytes!("../../data/chinese-words.bin"), 203, true));
pub(super) static JAPANESE: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::new(include_bytes!("../../data/japanese-words.bin"), 172, false));
pub(super) static THAI: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::new(include_bytes!("../../data/thai-words.bin"), 175, false));

impl Lexicon {
    /// Takes what `scripts/lexicons` made.
    fn new(mut rest: &'static [u8], listed: u32, compounds: bool) -> Self {
        let mut tables = Vec::new();
        while let Some((count, words)) = rest.split_first_chunk() {
            let length = u32::from_le_bytes(*count) as usize * record(tables.len() + 1);
            let Some((table, behind)) = words.split_at_checked(length) else { break };
            tables.push(table);
            rest = behind;
        }
        Self { tables, listed, compounds }
    }

    /// Whether what `word` is stands as words there.
    pub(super) fn stands(&self, before: &str, word: &str, after: &str) -> bool {
        let skipped = before.chars().count().saturating_sub(AROUND);
        let mut text: Vec<u16> = before.chars().skip(skipped).map(letter).collect();
        let start = text.len();
        text.extend(word.chars().map(letter));
        let place = start..text.len();
        text.extend(after.chars().take(AROUND).map(letter));
        let [standing, crossed] = self.cheapest(&text, &place);
        crossed.is_none_or(|crossed| standing.is_some_and(|standing| standing + MARGIN < crossed))
    }

    /// Whether two characters with something between, the last of `left` and the first of `right`, are parts of longer words on
    /// their own sides: both, or, where a clause ends between them, one of them, or neither, if that is as likely as that
    /// they are one word (`不知死,人却都笑了`).
    pub(super) fn are_of_others(&self, left: &str, right: &str, clause: bool) -> bool {
        let [left, right] = [left, right].map(|text| text.chars().map(letter).collect::<Vec<u16>>());
        let is_longer = |word: Option<&[u16]>| word.is_some_and(|word| word.len() > 1);
        let ends = is_longer(self.cut(&left).last().copied());
        let begins = is_longer(self.cut(&right).first().copied());
        if !clause {
            return ends && begins;
        }
        let (Some(last), Some(first)) = (left.last(), right.first()) else { return false };
        let both = self.cost(&[*last, *first]).map_or(self.listed, |cost| cost.min(self.listed));
        let apart = [last, first].into_iter().filter_map(|letter| self.cost(&[*letter])).sum::<u32>();
        ends || begins || both + MARGIN >= apart
    }

    /// The likeliest words of a text.
    fn cut<'t>(&self, text: &'t [u16]) -> Vec<&'t [u16]> {
        // What the cheapest way up to each place costs, and where its last word begins.
        let mut ways = vec![(u32::MAX, 0); text.len() + 1];
        if let Some(first) = ways.first_mut() {
            *first = (0, 0);
        }
        for start in 0..text.len() {
            let before = ways.get(start).map_or(u32::MAX, |(cost, _)| *cost);
            for end in start + 1..=text.len().min(start + self.tables.len()) {
                let cost = text.get(start..end).and_then(|word| self.cost(word));
                let cost = cost.filter(|cost| end == start + 1 || *cost < RARE);
                if let (Some(cost), Some(way)) = (cost, ways.get_mut(end)) {
                    *way = (*way).min((before.saturating_add(cost), start));
                }
            }
        }
        let mut words = Vec::new();
        let mut end = text.len();
        while let Some((_, start)) = ways.get(end).filter(|(_, start)| *start < end) {
            words.extend(text.get(*start..end));
            end = *start;
        }
        words.reverse();
        words
    }

    /// What the cheapest way costs to cut the text so that the place is whole words, and so that another word reaches over one
    /// of its bounds.
    fn cheapest(&self, text: &[u16], place: &Range<usize>) -> [Option<u32>; 2] {
        let mut ways = vec![[None; 2]; text.len() + 1];
        if let Some(first) = ways.first_mut() {
            *first = [Some(0), None];
        }
        let improve =
            |way: &mut Option<u32>, cost: u32| *way = Some(way.map_or(cost, |other| other.min(cost)));
        for start in 0..text.len() {
            let Some([standing, crossed]) = ways.get(start).copied() else { break };
            for end in start + 1..=text.len().min(start + self.tables.len()) {
                let Some(mut cost) = text.get(start..end).and_then(|word| self.cost(word)) else { continue };
                if end > start + 1 && text.get(end).is_some_and(|next| is_mark(*next)) {
                    continue;
                }
                let crosses = if (start..end) == *place {
                    cost = cost.min(self.listed);
                    false
                } else if start <= place.start && place.end <= end {
                    if self.compounds && place.len() > 1 {
                        continue;
                    }
                    true
                } else {
                    [place.start, place.end].iter().any(|bound| start < *bound && *bound < end)
                };
                let Some([apart, across]) = ways.get_mut(end) else { break };
                if let Some(standing) = standing {
                    improve(if crosses { &mut *across } else { apart }, standing + cost);
                }
                if let Some(crossed) = crossed {
                    improve(across, crossed + cost);
                }
            }
        }
        ways.pop().unwrap_or_default()
    }

    /// Whether it is a word.
    pub(super) fn has(&self, word: &str) -> bool {
        let word: Vec<u16> = word.chars().map(letter).collect();
        word.len() > 1 && self.cost(&word).is_some()
    }

    /// What a word costs; `None` if it is none.
    fn cost(&self, word: &[u16]) -> Option<u32> {
        let size = record(word.len());
        let table = self.tables.get(word.len().checked_sub(1)?)?;
        let at = |index: usize| table.get(index * size..).and_then(|rest| rest.get(..size)?.split_last());
        let letters = || word.iter().flat_map(|letter| letter.to_be_bytes());
        let (mut low, mut high) = (0, table.len() / size);
        while low < high {
            let middle = low.midpoint(high);
            let (cost, found) = at(middle)?;
            match found.iter().copied().cmp(letters()) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(u32::from(*cost)),
            }
        }
        (word.len() == 1).then_some(UNKNOWN)
    }
}

/// A character as the tables have it. What is beyond the first plane is rare, and in no word of the lexicon.
fn letter(c: char) -> u16 {
    u16::try_from(u32::from(simplified(c))).unwrap_or_default()
}

/// How many bytes a word of so many characters takes in its table.
fn record(characters: usize) -> usize {
    2 * characters + 1
}

/// Whether it is a Thai vowel or tone that belongs to the character before it: no word begins with one.
fn is_mark(letter: u16) -> bool {
    matches!(letter, 0x0E31 | 0x0E34..=0x0E3A | 0x0E47..=0x0E4E)
}

#[cfg(test)]
mod tests {
    use super::{CHINESE, JAPANESE, Lexicon, THAI};

    fn found(lexicon: &Lexicon, word: &str, text: &str) -> bool {
        let (before, after) = text.split_once(word).unwrap();
        lexicon.stands(before, word, after)
    }

    #[test]
    fn every_length_has_its_words() {
        assert!(
            [&CHINESE, &JAPANESE, &THAI]
                .iter()
                .all(|lexicon| lexicon.tables.iter().all(|table| table.len() > 100))
        );
    }

    #[test]
    fn a_word_stands_where_no_likelier_words_reach_over_its_bounds() {
        for (word, text) in [
            ("大麻", "出售大麻"),
            ("强奸", "强奸犯"),
            ("毒品", "吸食毒品"),
            ("去死", "你去死吧"),
            ("發票", "出售發票"),
            ("傻逼", "一群傻逼玩意"),
            ("操", "我操"),
        ] {
            assert!(found(&CHINESE, word, text), "{word}: {text}");
        }
        for (word, text) in [
            ("大麻", "这下可有大麻烦了"),
            ("性交", "一次性交付全部货物"),
            ("强暴", "台风带来强暴雨天气"),
            ("強暴", "颱風帶來強暴雨天氣"),
            ("操", "体操选手"),
            ("干", "葡萄干"),
        ] {
            assert!(!found(&CHINESE, word, text), "{word}: {text}");
        }
        for (word, text, stands) in [
            ("くそ", "はやくそうしたい", false),
            ("くそ", "くそやろう", true),
            ("はげ", "これはげんきの源", false),
            ("援交", "応援交渉", false),
            ("援交", "援交募集", true),
            ("豚", "養豚場", false),
            ("豚", "この豚", true),
        ] {
            assert_eq!(found(&JAPANESE, word, text), stands, "{word}: {text}");
        }
        for (word, text, stands) in [
            ("กู", "ค้นหาในกูเกิล", false),
            ("กู", "กูรู้ว่ามึงอยู่ไหน", true),
            ("ตอแหล", "ตอแหลมในสวน", false),
            ("ยาบ้า", "ร้านขายยาบ้านใหม่", false),
            ("ยาบ้า", "ขายยาบ้า", true),
        ] {
            assert_eq!(found(&THAI, word, text), stands, "{word}: {text}");
        }
    }
}
