//! Text that is shown backwards by bidirectional overrides (UAX 9 section 2.2), or written upside down.

use std::ops::Range;

use memchr::{memchr2, memmem};

const RIGHT_TO_LEFT: char = '\u{202E}';
/// Turns right-to-left letters round.
const LEFT_TO_RIGHT: char = '\u{202D}';
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
    let to_the_left = overridden(shown, RIGHT_TO_LEFT).map(|run| turned_round(shown, run));
    let right_to_left =
        |c: char| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}');
    let to_the_right = overridden(shown, LEFT_TO_RIGHT)
        .filter(move |run| shown.get(run.clone()).is_some_and(|run| run.contains(right_to_left)))
        .map(|run| turned_round(shown, run));
    to_the_left.chain(to_the_right).chain(upside_down(shown))
}

fn turned_round(shown: &str, run: Range<usize>) -> (String, Range<usize>) {
    (reversed(shown.get(run.clone()).unwrap_or_default().chars()), run)
}

/// The stretches behind this override.
fn overridden(shown: &str, mark: char) -> impl Iterator<Item = Range<usize>> {
    let bytes = mark.len_utf8();
    let marks =
        memmem::find_iter(shown.as_bytes(), mark.encode_utf8(&mut [0; 4]).as_bytes()).collect::<Vec<_>>();
    marks.into_iter().filter_map(move |at| {
        let start = at + bytes;
        let rest = shown.get(start..)?;
        let ends =
            |c: char| matches!(c, POP | RIGHT_TO_LEFT | LEFT_TO_RIGHT | '\u{2069}' | '\n' | '\u{2029}');
        let length = rest
            .char_indices()
            .find(|(index, c)| ends(*c) || *index > LONGEST)
            .map_or(rest.len(), |(end, _)| end);
        (length > 0).then_some(start..start + length)
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
