//! Words of scripts that are written without blanks.
//!
//! A listed word is found there anywhere, unless a dictionary knows a longer word that it is only a part of: `操` (a
//! curse) in `体操` (gymnastics), `หี` in `หีบ` (a chest). Only the few places where something listed stands are looked
//! up, so this costs ordinary text nothing.

use std::ops::Range;
use std::sync::LazyLock;

use icu_properties::props::Script;
use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use super::chars::{Kind, Writing, kind, script, writing};

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

/// Whether the dictionary cuts words so that what stands at `place` is whole words.
pub(super) fn is_whole(shown: &str, place: &Range<usize>) -> bool {
    if shown.get(place.clone()).is_some_and(is_long) {
        return true;
    }
    let (Some(before), Some(after)) = (shown.get(..place.start), shown.get(place.end..)) else { return true };
    let left: usize =
        before.chars().rev().take(AROUND).take_while(|c| unspaced(*c)).map(char::len_utf8).sum();
    let right: usize = after.chars().take(AROUND).take_while(|c| unspaced(*c)).map(char::len_utf8).sum();
    if left + right == 0 {
        return true;
    }
    // What isn't seen, and blanks that hide a word, would keep the dictionary from reading.
    let seen = |c: &char| !matches!(kind(*c), Kind::Ignorable | Kind::Blank);
    let (Some(lead), Some(word)) = (shown.get(place.start - left..place.start), shown.get(place.clone()))
    else {
        return true;
    };
    let mut context: String = lead.chars().chain(word.chars()).filter(seen).collect();
    let end = context.len();
    let left: usize = lead.chars().filter(seen).map(char::len_utf8).sum();
    context.extend(after.chars().take_while(|c| unspaced(*c)).take(AROUND));
    let mut starts = left == 0;
    let mut ends = right == 0;
    for cut in DICTIONARY.segment_str(&context) {
        starts |= cut == left;
        ends |= cut == end;
    }
    starts && ends
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
