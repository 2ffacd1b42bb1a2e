//! Letters in boxes of their own: cells of a table, lines, columns, in the order in which style sheets put them.

use unicode_normalization::char::is_combining_mark;

/// A letter and its marks have at most so many characters.
const LETTER: usize = 4;

/// What has a place of its own among its neighbours may hold part of a word, of at most so many characters.
pub(super) const LONGEST: usize = 16;

/// Fewer letters are no word that anybody puts in boxes, but for syllables and ideographs.
const LEAST: usize = 3;

/// Where a box stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Set apart from its neighbours, or below them: only a single letter is read along with others.
    Apart,
    /// Beside the one before it, without a blank.
    Beside,
    /// At a place of its own among its neighbours.
    At(i32),
}

/// Boxes that follow one another and hold a letter each, or part of a word beside other parts.
#[derive(Default)]
pub(super) struct Row {
    /// Where they stand, and where in `text` begins what they hold.
    boxes: Vec<(i32, u32)>,
    text: String,
    /// How many letters there are in the table's line.
    in_line: usize,
    letters: usize,
    placed: bool,
}

impl Row {
    /// Takes a box; `false` if it holds no part of a word.
    pub(super) fn take(&mut self, inside: &str, stands: Stands) -> bool {
        let shown = inside.trim();
        let place = if let Stands::At(place) = stands { Some(place) } else { None };
        if shown.is_empty() && !inside.is_empty() {
            self.push(place.unwrap_or_default(), " ");
            return true;
        }
        let letters = shown.chars().filter(|c| !is_combining_mark(*c)).count();
        let (most, longest) = if stands == Stands::Apart { (1, LETTER) } else { (LONGEST, LONGEST) };
        // What stands beside other parts of a word has no blank in it.
        let parted = stands == Stands::Beside && shown.contains(char::is_whitespace);
        if letters == 0 || letters > most || parted || shown.chars().count() > longest {
            return false;
        }
        self.placed |= place.is_some();
        self.letters += letters;
        self.in_line += 1;
        self.push(place.unwrap_or_default(), shown);
        true
    }

    fn push(&mut self, place: i32, inside: &str) {
        self.boxes.push((place, u32::try_from(self.text.len()).unwrap_or(u32::MAX)));
        self.text.push_str(inside);
    }

    /// Takes a cell that holds nothing.
    pub(super) fn blank(&mut self) {
        if !self.boxes.is_empty() {
            self.push(0, " ");
        }
    }

    /// The place before all others, where what comes later stands first.
    pub(super) fn next_backwards(&self) -> i32 {
        i32::try_from(self.boxes.len()).map_or(i32::MIN, |count| -1 - count)
    }

    /// Whether a line of a table ends that has several cells: the next one isn't read along with it.
    pub(super) fn line_ends(&mut self) -> bool {
        std::mem::take(&mut self.in_line) > 1
    }

    /// What stands in the boxes, in the order in which they are shown.
    pub(super) fn word(self) -> Option<String> {
        if self.boxes.len() < 2 {
            return None;
        }
        let syllables = self.text.chars().all(|c| c >= '\u{900}' || c == ' ');
        if self.letters < LEAST && !(syllables && self.letters + 1 == LEAST) {
            return None;
        }
        if !self.placed {
            return Some(self.text);
        }
        let begins = self.boxes.iter().map(|(_, begin)| *begin as usize);
        let ends = begins.clone().skip(1).chain([self.text.len()]);
        let mut pieces: Vec<(i32, &str)> = self
            .boxes
            .iter()
            .zip(begins.zip(ends))
            .map(|((place, _), (begin, end))| (*place, self.text.get(begin..end).unwrap_or_default()))
            .collect();
        pieces.sort_by_key(|(place, _)| *place);
        Some(pieces.into_iter().map(|(_, inside)| inside).collect())
    }
}
