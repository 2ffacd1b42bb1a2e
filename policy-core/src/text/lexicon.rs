//! Whether Chinese or Japanese characters stand as words, or only because one word ends and another begins: 大麻 in 大/麻烦.
//!
//! Of all ways to cut the text around into words of the lexicon, the likeliest with the word in it is compared with the
//! likeliest in which another word reaches over its bounds; how likely a way is, is the product of how often its words are
//! written (unigram model; Manning and Schütze, Foundations of Statistical Natural Language Processing, chapter 6).

use std::ops::Range;
use std::sync::LazyLock;

use super::han::simplified;

/// The lexicon's longest word.
const LONGEST: usize = 4;
/// So many characters on each side tell the words around.
const AROUND: usize = 8;

/// What a character costs that is no word by itself.
const UNKNOWN: u32 = 260;
/// So much cheaper must be the way in which the word stands.
const MARGIN: u32 = 7;

/// A language's words and how often each is written.
pub(super) struct Lexicon {
    /// Words and their costs, those of one character first.
    tables: [&'static [u8]; LONGEST],
    /// What a listed word costs at most, known or not: who lists it has been written it.
    listed: u32,
}

pub(super) static CHINESE: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::new(include_bytes!("../../data/chinese-words.bin"), 203));
pub(super) static JAPANESE: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::new(include_bytes!("../../data/japanese-words.bin"), 172));

impl Lexicon {
    /// Takes what `scripts/lexicons` made.
    fn new(mut rest: &'static [u8], listed: u32) -> Self {
        let tables = [3, 5, 7, 9].map(|record| {
            let split = rest.split_first_chunk().and_then(|(count, words)| {
                words.split_at_checked(u32::from_le_bytes(*count) as usize * record)
            });
            let (table, behind) = split.unwrap_or_default();
            rest = behind;
            table
        });
        Self { tables, listed }
    }

    /// Whether what `word` is stands as words there.
    pub(super) fn stands(&self, before: &str, word: &str, after: &str) -> bool {
        // What is beyond the first plane is rare, and no word of the lexicon.
        let letter = |c: char| u16::try_from(u32::from(simplified(c))).unwrap_or_default();
        let skipped = before.chars().count().saturating_sub(AROUND);
        let mut text: Vec<u16> = before.chars().skip(skipped).map(letter).collect();
        let start = text.len();
        text.extend(word.chars().map(letter));
        let place = start..text.len();
        text.extend(after.chars().take(AROUND).map(letter));
        let [standing, crossed] = self.cheapest(&text, &place);
        crossed.is_none_or(|crossed| standing.is_some_and(|standing| standing + MARGIN < crossed))
    }

    /// What the cheapest way costs to cut the text so that the place is whole words, and so that another word reaches over one of
    /// its bounds.
    fn cheapest(&self, text: &[u16], place: &Range<usize>) -> [Option<u32>; 2] {
        let mut ways = vec![[None; 2]; text.len() + 1];
        if let Some(first) = ways.first_mut() {
            *first = [Some(0), None];
        }
        let improve =
            |way: &mut Option<u32>, cost: u32| *way = Some(way.map_or(cost, |other| other.min(cost)));
        for start in 0..text.len() {
            let Some([standing, crossed]) = ways.get(start).copied() else { break };
            for end in start + 1..=text.len().min(start + LONGEST) {
                let Some(mut cost) = text.get(start..end).and_then(|word| self.cost(word)) else { continue };
                let holds = start <= place.start && place.end <= end;
                let crosses = match holds {
                    true if (start..end) == *place => {
                        cost = cost.min(self.listed);
                        false
                    }
                    // A longer word that begins or ends with the listed one says the same (强奸犯), but for one of a single
                    // character: 体操.
                    true if place.len() > 1 => continue,
                    true => true,
                    false => [place.start, place.end].iter().any(|bound| start < *bound && *bound < end),
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

    /// What a word costs; `None` if it is none.
    fn cost(&self, word: &[u16]) -> Option<u32> {
        let mut bytes = [0; 2 * LONGEST];
        let (twos, _) = bytes.as_chunks_mut();
        twos.iter_mut().zip(word).for_each(|(two, letter)| *two = letter.to_be_bytes());
        let word_bytes = bytes.get(..2 * word.len())?;
        let table = self.tables.get(word.len().checked_sub(1)?)?;
        let found = match word.len() {
            1 => find::<3>(table, word_bytes),
            2 => find::<5>(table, word_bytes),
            3 => find::<7>(table, word_bytes),
            _ => find::<9>(table, word_bytes),
        };
        found.or((word.len() == 1).then_some(UNKNOWN))
    }
}

fn find<const RECORD: usize>(table: &[u8], word: &[u8]) -> Option<u32> {
    let (records, _) = table.as_chunks::<RECORD>();
    let found =
        records.binary_search_by(|record| record.split_last().map(|(_, letters)| letters).cmp(&Some(word)));
    let (cost, _) = records.get(found.ok()?)?.split_last()?;
    Some(u32::from(*cost))
}

#[cfg(test)]
mod tests {
    use super::{CHINESE, JAPANESE, Lexicon};

    fn found(lexicon: &Lexicon, word: &str, text: &str) -> bool {
        let (before, after) = text.split_once(word).unwrap();
        lexicon.stands(before, word, after)
    }

    #[test]
    fn every_length_has_its_words() {
        assert!(
            [&CHINESE, &JAPANESE]
                .iter()
                .all(|lexicon| lexicon.tables.iter().all(|table| table.len() > 5_000))
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
    }
}
