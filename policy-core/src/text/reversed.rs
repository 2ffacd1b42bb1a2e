//! Text that is shown backwards by bidirectional overrides (UAX 9 section 2.2), or written upside down.

use std::ops::Range;

use memchr::{memchr2, memmem};

const RIGHT_TO_LEFT: char = '\u{202E}';
const RIGHT_TO_LEFT_BYTES: &[u8] = "\u{202E}".as_bytes();
const POP: char = '\u{202C}';
/// Longer overrides hide no word, they are a whole text.
const LONGEST: usize = 4096;
/// Letters turned by half, and what a reader sees who turns the page.
const TURNED: (&str, &str) = ("ɐqɔpǝɟƃɓɥᴉıɾʞlɯuodbɹsʇnʌʍxʎz", "abcdefgghiijklmnopqrstuvwxyz");
/// Of those, the ones that stand for nothing else; in phonetic script, several of them together are rare.
const TELLING: &str = "ɐǝɟƃɥᴉɾʞɯɹʇʌʍʎ";
/// How many of them make a line upside down.
const LEAST: usize = 2;

/// What a reader sees of each stretch after a right-to-left override, and of each line upside down, and where it is.
pub(super) fn reversed_runs(shown: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    overridden(shown).chain(upside_down(shown))
}

fn overridden(shown: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    memmem::find_iter(shown.as_bytes(), RIGHT_TO_LEFT_BYTES).filter_map(move |at| {
        let start = at + RIGHT_TO_LEFT_BYTES.len();
        let rest = shown.get(start..)?;
        let ends = |c: char| matches!(c, POP | RIGHT_TO_LEFT | '\u{2069}' | '\n' | '\u{2029}');
        let length = rest
            .char_indices()
            .find(|(index, c)| ends(*c) || *index > LONGEST)
            .map_or(rest.len(), |(end, _)| end);
        let run = rest.get(..length)?;
        (!run.is_empty()).then(|| (reversed(run.chars()), start..start + length))
    })
}

fn upside_down(shown: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    // The first bytes of what is telling; nearly no text has them.
    let may = memchr2(0xC9, 0xCA, shown.as_bytes()).is_some();
    let lines = if may { shown } else { "" }.split_inclusive(['\n', '\u{2029}']);
    let mut end = 0;
    lines.filter_map(move |line| {
        let start = end;
        end += line.len();
        let telling = line.chars().filter(|c| TELLING.contains(*c)).take(LEAST).count();
        (telling == LEAST && line.len() <= LONGEST).then(|| (reversed(line.chars().map(turned)), start..end))
    })
}

fn turned(c: char) -> char {
    let pair = TURNED.0.chars().zip(TURNED.1.chars()).find(|(from, _)| *from == c);
    pair.map_or(c, |(_, to)| to)
}

/// Backwards; letters keep the marks that follow them.
fn reversed(run: impl DoubleEndedIterator<Item = char>) -> String {
    let mut reversed = String::new();
    let mut marks = Vec::new();
    for c in run.rev() {
        marks.push(c);
        if !unicode_normalization::char::is_combining_mark(c) {
            reversed.extend(marks.drain(..).rev());
        }
    }
    reversed
}
