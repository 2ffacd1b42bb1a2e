//! Text that is shown backwards by bidirectional overrides (UAX 9 section 2.2).

use std::ops::Range;

const RIGHT_TO_LEFT: char = '\u{202E}';
const POP: char = '\u{202C}';
/// Longer overrides hide no word, they are a whole text.
const LONGEST: usize = 4096;

/// What a reader sees of each stretch after a right-to-left override, and where the stretch is.
pub(super) fn reversed_runs(shown: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    shown.match_indices(RIGHT_TO_LEFT).filter_map(move |(at, sign)| {
        let start = at + sign.len();
        let rest = shown.get(start..)?;
        let ends = |c: char| matches!(c, POP | RIGHT_TO_LEFT | '\u{2069}' | '\n' | '\u{2029}');
        let length = rest
            .char_indices()
            .find(|(index, c)| ends(*c) || *index > LONGEST)
            .map_or(rest.len(), |(end, _)| end);
        let run = rest.get(..length)?;
        // Letters keep the marks that follow them; everything else turns round.
        let mut reversed = String::with_capacity(run.len());
        let mut marks = Vec::new();
        for c in run.chars().rev() {
            marks.push(c);
            if !unicode_normalization::char::is_combining_mark(c) {
                reversed.extend(marks.drain(..).rev());
            }
        }
        (!run.is_empty()).then_some((reversed, start..start + length))
    })
}
