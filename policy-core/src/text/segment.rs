//! Words of scripts that are written without blanks.
//!
//! A listed word is found there anywhere, unless a dictionary knows a longer word that it is only a part of: `操` (a
//! curse) in `体操` (gymnastics), `หี` in `หีบ` (a chest). Only the few places where something listed stands are looked
//! up, so this costs ordinary text nothing. For Chinese `lexicon` is asked instead, and for Japanese and
//! Thai, too: it knows how often words are written.

use std::ops::Range;
use std::sync::LazyLock;

use icu_properties::props::Script;
use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use super::chars::{Kind, Writing, kind, script, writing};
use super::lexicon;

/// ICU's dictionaries for Chinese and Japanese, Thai, Lao, Khmer, Burmese (UAX 29 section 4.1.1 leaves those scripts to
/// dictionaries).
static DICTIONARY: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));

/// How many characters on each side are enough to tell the words around a place.
const AROUND: usize = 16;

/// So many ideographs are no part of one longer word, nor are so many characters with one among them, or so many Thai ones,
/// marks aside: there the dictionary cuts too late or too early (`たら殺してやる`).
const IDEOGRAPHS: usize = 4;
const JAPANESE: usize = 5;
const THAI: usize = 7;
/// Of so many characters, a Japanese word that people write may stand where the dictionary cuts it: `くたばれとしか`.
const KNOWN: usize = 4;

/// Whether the dictionary cuts words so that what stands at `place` is whole words.
pub(super) fn is_whole(shown: &str, place: &Range<usize>) -> bool {
    if shown.get(place.clone()).is_some_and(is_long) {
        return true;
    }
    let (Some(before), Some(after)) = (shown.get(..place.start), shown.get(place.end..)) else { return true };
    let (lead, trail) = (lead(before), trail(before, after));
    if lead.is_empty() && trail.is_empty() {
        return true;
    }
    // What isn't seen, and blanks that hide a word, would keep the dictionary from reading.
    let seen = |c: &char| !matches!(kind(*c), Kind::Ignorable | Kind::Blank);
    let Some(word) = shown.get(place.clone()) else { return true };
    let mut context: String = lead.chars().filter(seen).collect();
    let left = context.len();
    context.extend(word.chars().filter(seen));
    let end = context.len();
    context.push_str(&trail);
    let parts = asian(&context, left..end);
    if let Some([before, word, after]) = parts
        && !is_japanese(shown, place)
    {
        return lexicon::CHINESE.stands(before, word, after);
    }
    let mut starts = left == 0;
    let mut ends = trail.is_empty();
    for cut in DICTIONARY.segment_str(&context) {
        starts |= cut == left;
        ends |= cut == end;
    }
    let known =
        || parts.is_some_and(|[_, word, _]| word.chars().count() >= KNOWN && lexicon::JAPANESE.has(word));
    let whole = starts && ends || known();
    if !whole {
        return false;
    }
    let (before, rest) = context.split_at_checked(left).unwrap_or_default();
    match parts {
        Some([before, word, after]) => {
            !ends_sentence(before, word) && lexicon::JAPANESE.stands(before, word, after)
        }
        None if rest.starts_with(is_thai) => {
            let (word, after) = rest.split_at_checked(end - left).unwrap_or_default();
            lexicon::THAI.stands(before, word, after)
        }
        None => true,
    }
}

/// What stands before, at and behind a place, as far as it is ideographs and kana; `None` if the place isn't.
fn asian(context: &str, place: Range<usize>) -> Option<[&str; 3]> {
    let other = |c: char| !is_kana(c) && script(c) != Script::Han;
    let (before, word, after) =
        (context.get(..place.start)?, context.get(place.clone())?, context.get(place.end..)?);
    let before = before.rsplit(other).next()?;
    let after = after.split(other).next()?;
    (!word.contains(other)).then_some([before, word, after])
}

/// Whether kana are in a place or near it.
fn is_japanese(shown: &str, place: &Range<usize>) -> bool {
    const NEAR: usize = 64;
    let (before, rest) = shown.split_at_checked(place.start).unwrap_or_default();
    before.chars().rev().take(NEAR).chain(rest.chars().take(place.len() + NEAR)).any(is_kana)
}

fn is_thai(c: char) -> bool {
    script(c) == Script::Thai
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30FF}')
}

/// Whether it is the particles し and ね behind a predicate (楽しいしね), and not what sounds like 死ね.
fn ends_sentence(before: &str, word: &str) -> bool {
    word == "しね" && before.ends_with(['い', 'す', 'た', 'だ', 'る', 'む'])
}

/// What stands before a place without a blank between. Long lines are wrapped in the midst of words, so it goes on in the line
/// above if that is one.
fn lead(before: &str) -> String {
    let ends = |text: &str| {
        let run = text.chars().rev().take(AROUND).take_while(|c| unspaced(*c));
        text.len() - run.map(char::len_utf8).sum::<usize>()
    };
    let (above, here) = before.split_at(ends(before));
    let above = above.trim_end_matches([' ', '>']);
    let above = above.strip_suffix("\r\n").or_else(|| above.strip_suffix('\n')).unwrap_or_default();
    match fills_line(above) {
        true => [above.split_at(ends(above)).1, here].concat(),
        false => here.to_owned(),
    }
}

/// Whether the line that a text ends with is so long that it may have been wrapped there.
fn fills_line(text: &str) -> bool {
    text.chars().rev().take(AROUND).filter(|c| *c != '\n').count() == AROUND
}

/// What stands behind it, likewise.
fn trail(before: &str, after: &str) -> String {
    let run = |text: &str| {
        text.chars().take(AROUND).take_while(|c| unspaced(*c)).map(char::len_utf8).sum::<usize>()
    };
    let (here, rest) = after.split_at(run(after));
    let below = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'));
    match below.filter(|_| fills_line(before)).map(|below| below.trim_start_matches([' ', '>'])) {
        Some(below) => format!("{here}{}", below.get(..run(below)).unwrap_or_default()),
        None => here.to_owned(),
    }
}

/// Whether two characters that stand apart belong to longer words on their own sides: `出口/交通` isn't 口交. Where a clause ends
/// between them, one that does is enough: `赌,博士`. Of ideographs alone `lexicon` knows more words.
pub(super) fn are_of_others(left: &str, right: &str, clause: bool) -> bool {
    if [left, right].iter().all(|text| text.chars().all(|c| script(c) == Script::Han)) {
        return lexicon::CHINESE.are_of_others(left, right, clause);
    }
    let last = DICTIONARY.segment_str(left).filter(|cut| *cut < left.len()).last();
    let first = DICTIONARY.segment_str(right).find(|cut| *cut > 0);
    let is_longer = |word: Option<&str>| word.is_some_and(|word| word.chars().count() > 1);
    let left = is_longer(last.and_then(|cut| left.get(cut..)));
    let right = is_longer(first.and_then(|cut| right.get(..cut)));
    if clause { left || right } else { left && right }
}

/// Whether it is too long to be part of one longer word.
fn is_long(word: &str) -> bool {
    let letters = || word.chars().filter(|c| kind(*c) == Kind::Word);
    let of = |wanted: Script| letters().filter(|c| script(*c) == wanted).count();
    match of(Script::Han) {
        IDEOGRAPHS.. => true,
        1.. => letters().count() >= JAPANESE,
        0 => of(Script::Thai) >= THAI,
    }
}

fn unspaced(c: char) -> bool {
    match kind(c) {
        Kind::Word => writing(c).is_none_or(|writing| writing == Writing::Unspaced),
        Kind::Mark => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_a_line_end_cuts_is_read_as_one() {
        let whole = |text: &str, word: &str| {
            let at = text.find(word).unwrap_or_default();
            is_whole(text, &(at..at + word.len()))
        };
        let long = "我们公司长期从事与世界各国之间的各类商品和服务的";
        for line_end in ["\n", "\r\n", "\n> ", "\r\n>> "] {
            assert!(!whole(&format!("{long}进出{line_end}口交易"), "口交"), "{line_end:?}");
            assert!(!whole(&format!("{long}与进出口交{line_end}易有关"), "口交"), "{line_end:?}");
            assert!(whole(&format!("{long}{line_end}口交"), "口交"), "{line_end:?}");
        }
        let signs = "我们公司从事商品，服务的";
        assert!(!whole(&format!("{signs}进出\n口交易"), "口交"), "a long line with a sign in it");
        // Lines of a list.
        assert!(whole("进出\n口交\n", "口交"));
    }
}
