//! Words of scripts without blanks and of Hangul that a reader reads over what stands in them: brackets around a part
//! (`代开【发票】`), a line's end among katakana (`カジ⏎ノ`), a small vowel or a dash that draws the one before it out (`クソォ女`, `殺してーやる`);
//! and blanks behind an Arabic letter that is drawn out to the next one (`جـ نـ ده`).

use std::ops::Range;

use icu_properties::props::Script;

use super::chars::{Writing, script, writing};
use super::cuts::Cuts;
use super::interleaved::may_have_one;
use super::pierced::is_one;

/// So many characters on each side are read.
const REACH: usize = 24;
/// Two characters stand on both sides by chance often enough.
const TELLING: usize = 3;

/// A letter that is drawn out to the next one, and a blank.
const DRAWN: &str = "\u{640} ";

/// The text around what is read over, without it.
pub(super) struct Run {
    pub(super) text: String,
    cuts: Cuts,
}

impl Run {
    /// Whether what was found in its text is no chance, and was not found without cutting anything out.
    pub(super) fn tells(&self, found: &Range<usize>) -> bool {
        let characters = |text: &str| text.chars().filter(|c| is_one(*c) || is_arabic(*c)).count();
        self.cuts.within(found) && self.text.get(found.clone()).map_or(0, characters) >= TELLING
    }

    /// Where what was found in its text stands.
    pub(super) fn shown(&self, found: &Range<usize>) -> Range<usize> {
        self.cuts.shown(found)
    }
}

/// What a reader reads around each place where something is read over.
pub(super) fn bridged_runs(shown: &str) -> impl Iterator<Item = Run> {
    let bytes = shown.as_bytes();
    // Most texts have no such byte, and the search for one costs less than to prepare that for several.
    let lead = || DRAWN.as_bytes().first().and_then(|lead| memchr::memchr(*lead, bytes));
    let drawn = || lead().is_some() && memchr::memmem::find(bytes, DRAWN.as_bytes()).is_some();
    let mut next = if may_have_one(bytes) || drawn() { 0 } else { shown.len() };
    std::iter::from_fn(move || {
        let at = next_bridge(shown, next)?;
        let before = shown.get(next..at).unwrap_or_default();
        let start: usize =
            before.chars().rev().take(REACH).take_while(|c| *c != '\n').map(char::len_utf8).sum();
        let (run, end) = run(shown, at - start, at);
        // Each character is in two runs at most.
        next = end;
        Some(run)
    })
}

/// Where the next bridge stands.
fn next_bridge(shown: &str, from: usize) -> Option<usize> {
    let mut before = '\0';
    shown.get(from..)?.char_indices().find_map(|(offset, c)| {
        let last = std::mem::replace(&mut before, c);
        let at = from + offset;
        bridges(last, c, shown.get(at + c.len_utf8()..)?).then_some(at)
    })
}

/// Reads on from `start` until nothing is bridged any more for so many characters, and tells where to go on.
fn run(shown: &str, start: usize, first: usize) -> (Run, usize) {
    let mut text = String::new();
    let mut cuts = Cuts::new(start);
    let (mut before, mut left) = ('\0', REACH);
    // Behind an opening bracket another one may close.
    let mut end = start;
    for (offset, c) in shown.get(start..).unwrap_or_default().char_indices() {
        let at = start + offset;
        let rest = shown.get(at + c.len_utf8()..).unwrap_or_default();
        end = at + c.len_utf8();
        if bridges(before, c, rest) {
            cuts.push(text.len(), c.len_utf8());
            left = REACH;
        } else {
            if at > first {
                left -= 1;
            }
            text.push(c);
            if left == 0 || (c == '\n' && at > first) {
                break;
            }
            before = c;
        }
    }
    (Run { text, cuts }, end)
}

/// Whether a reader reads over this character between two others, given the last that isn't read over.
fn bridges(before: char, c: char, rest: &str) -> bool {
    match c {
        '【' | '】' | '（' | '）' | '(' | ')' | '［' | '］' | '[' | ']' | '〔' | '〕' => {
            is_one(before) && rest.starts_with(is_one)
        }
        ' ' => before == '\u{640}' && rest.starts_with(is_arabic),
        '\n' => is_katakana(before) && rest.starts_with(is_katakana),
        'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ' | 'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' => {
            vowel(before).is_some_and(|vowel| vowel == hiragana(c)) && rest.starts_with(is_one)
        }
        // Among katakana it is of the word: `コーヒー`.
        'ー' | '〜' | '～' => match before {
            'ぁ'..='ゖ' => rest.starts_with(is_one),
            'ァ'..='ヶ' => rest.starts_with(|c| matches!(c, '\u{4E00}'..='\u{9FFF}')),
            _ => false,
        },
        _ => false,
    }
}

fn is_arabic(c: char) -> bool {
    script(c) == Script::Arabic && c.is_alphabetic()
}

fn is_katakana(c: char) -> bool {
    writing(c) == Some(Writing::Katakana) || c == 'ー'
}

/// The small vowel that draws a syllable out.
fn vowel(syllable: char) -> Option<char> {
    const ROWS: [(&str, char); 5] = [
        ("かがさざただなはばぱまやらわゃ", 'ぁ'),
        ("きぎしじちぢにひびぴみり", 'ぃ'),
        ("くぐすずつづぬふぶぷむゆるゅ", 'ぅ'),
        ("けげせぜてでねへべぺめれ", 'ぇ'),
        ("こごそぞとどのほぼぽもよろをょ", 'ぉ'),
    ];
    let syllable = hiragana(syllable);
    ROWS.into_iter().find(|(row, _)| row.contains(syllable)).map(|(_, vowel)| vowel)
}

fn hiragana(kana: char) -> char {
    match kana {
        'ァ'..='ヶ' => char::from_u32(u32::from(kana) - 0x60).unwrap_or(kana),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::bridged_runs;

    #[test]
    fn a_reader_reads_over_what_stands_in_a_word() {
        let runs = |text: &str| bridged_runs(text).map(|run| run.text).collect::<Vec<_>>();
        assert_eq!(runs("请找代开【发票】吧"), ["请找代开发票吧"]);
        assert_eq!(runs("あのクソォ女め"), ["あのクソ女め"]);
        assert_eq!(runs("古い\n出会い系サ\nイトへ"), ["出会い系サイトへ"]);
        for text in ["plain (text)", "ファン", "東京\n大阪", "（笑）", "3(三)"] {
            assert!(runs(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_was_found_stands_where_its_characters_do() {
        let text = "请找代开【发票】吧";
        let run = bridged_runs(text).next().unwrap();
        let found = run.text.find("代开发票").unwrap();
        let found = found..found + "代开发票".len();
        assert!(run.tells(&found) && text.get(run.shown(&found)) == Some("代开【发票"));
        let part = run.text.find("代开").unwrap();
        assert!(!run.tells(&(part..part + "代开".len())), "nothing is cut out of it");
    }

    #[test]
    fn a_long_text_is_gone_through_twice_at_most() {
        for unit in ["贷(款)", "【贷", "ねぇ", "カ\nジ", "贷款贷款贷款贷款(贷"] {
            let text = unit.repeat(100_000);
            assert!(bridged_runs(&text).map(|run| run.text.len()).sum::<usize>() <= 2 * text.len(), "{unit}");
        }
    }
}
