//! The folded stream of ordinary text: words in one spelling, one separator between them.
//!
//! Folding must not depend on where a piece of it ends, so the stream carries its state from one piece to the next.

use unicode_normalization::char::canonical_combining_class;

use super::accented::{ACCENT, is_accent};
use super::chars::{Kind, MarkFate, Writing, kind, mark_fate, simple, stays, writing};
use super::fold::fold_char;

/// Stands between words that a phrase may span.
pub(super) const SEPARATOR: u8 = b' ';
/// Stands between two separators where a clause or a sentence ends: only a phrase typed with such an end reaches over.
pub(super) const CLAUSE: u8 = b',';
/// Stands between two separators where a paragraph ends, and no phrase reaches over. No character folds to it.
const PARAGRAPH: u8 = 1;
/// More marks on one letter than this are noise: UAX 15's Stream-Safe Text Format allows 30, no orthography needs 4.
const MARKS: usize = 8;

/// What stood since the last letter.
#[derive(Clone, Copy, Default)]
struct Gap {
    blank: bool,
    clause: bool,
    sign: bool,
    underscore: bool,
    stop: bool,
    paragraph: bool,
    /// How many marks there are that may end a clause, and how many of them are full stops.
    marks: u8,
    points: u8,
}

impl Gap {
    /// Whether what ends a clause elsewhere is an ellipsis.
    fn trails_off(self) -> bool {
        self.points >= 3 && self.points == self.marks
    }

    fn is_none(self) -> bool {
        !(self.blank || self.clause || self.sign || self.underscore || self.stop || self.paragraph)
    }
}

/// From where on folded bytes and shown bytes go together.
#[derive(Clone, Copy)]
struct Origin {
    folded: usize,
    shown: usize,
}

/// Folds text bit by bit.
pub(super) struct Plain<'t> {
    shown: &'t str,
    /// Where in `shown` to go on.
    next: usize,
    /// The folded bytes that are kept.
    folded: Vec<u8>,
    /// Where the folded bytes come from, in order: from this folded byte on, byte by byte, from this one of `shown`.
    origins: Vec<Origin>,
    gap: Gap,
    last: Option<char>,
    writing: Writing,
    marks: Vec<(u8, char, u32)>,
    /// Where the current word begins in `folded`.
    word: usize,
    /// Whether accents stay what they are, as in a key.
    accents_stay: bool,
}

impl<'t> Plain<'t> {
    pub(super) fn new(shown: &'t str) -> Self {
        Self {
            shown,
            next: 0,
            folded: Vec::new(),
            origins: Vec::new(),
            gap: Gap { sign: true, ..Gap::default() },
            last: None,
            writing: Writing::Spaced,
            marks: Vec::new(),
            word: 0,
            accents_stay: false,
        }
    }

    /// Folds on until `until`, which is where a character begins.
    pub(super) fn fill(&mut self, until: usize) {
        while self.next < until {
            let at = self.next;
            let Some(&byte) = self.shown.as_bytes().get(at) else { return };
            if byte.is_ascii() {
                self.next += 1;
                self.ascii(byte, at);
            } else {
                let Some(c) = self.shown.get(at..).and_then(|rest| rest.chars().next()) else { return };
                self.next += c.len_utf8();
                self.other(c, at);
            }
        }
    }

    /// Goes over ordinary words of a spaced script up to `until` without folding them. What is folded next is parted
    /// from what was folded before.
    #[inline]
    pub(super) fn pass_over(&mut self, until: usize) {
        self.flush_marks();
        self.next = until;
        self.gap.sign = true;
        self.writing = Writing::Spaced;
    }

    /// Ends the last word.
    pub(super) fn finish(&mut self) {
        self.flush_marks();
        self.folded.push(SEPARATOR);
    }

    /// The folded bytes since the last [`Plain::forget`], what was kept by it first.
    pub(super) fn folded(&self) -> &[u8] {
        &self.folded
    }

    /// Where the character of a folded byte begins in the shown text.
    pub(super) fn origin(&self, index: usize) -> usize {
        let after = self.origins.partition_point(|origin| origin.folded <= index);
        let Some(origin) = after.checked_sub(1).and_then(|last| self.origins.get(last)) else {
            return self.shown.len();
        };
        self.shown.floor_char_boundary(origin.shown + (index - origin.folded))
    }

    /// Drops all folded bytes but the last `keep`, and tells how many.
    pub(super) fn forget(&mut self, keep: usize) -> usize {
        let gone = self.folded.len().saturating_sub(keep.max(ELISION));
        self.folded.drain(..gone);
        self.word = self.word.saturating_sub(gone);
        // The one that the first byte kept belongs to begins before it.
        let passed = self.origins.partition_point(|origin| origin.folded <= gone).saturating_sub(1);
        self.origins.drain(..passed);
        for origin in &mut self.origins {
            let cut = gone.saturating_sub(origin.folded);
            origin.folded = origin.folded.saturating_sub(gone);
            origin.shown += cut;
        }
        gone
    }

    fn ascii(&mut self, byte: u8, at: usize) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' if self.inside_spaced() => self.latin_run(at),
            b'a'..=b'z' | b'A'..=b'Z' => self.latin_word(at),
            b'0'..=b'9' => self.word_char(byte as char, at),
            b' ' | b'\n' | b'\r' | b'\t' => self.gap.blank = true,
            b'.' | b',' if self.gap.is_none() && self.between_digits() => self.word_char(byte as char, at),
            b'\'' => self.apostrophe(at),
            b'.' => {
                self.note(Kind::Clause);
                self.gap.points = self.gap.points.saturating_add(1);
            }
            b'_' => self.gap.underscore = true,
            _ => self.note(kind(byte as char)),
        }
    }

    /// Takes the ASCII letters from `at` on, with which a word begins or goes on behind other letters, in one piece.
    fn latin_word(&mut self, at: usize) {
        self.flush_marks();
        self.separate(Writing::Spaced, at);
        self.gap = Gap::default();
        self.writing = Writing::Spaced;
        self.latin_run(at);
    }

    /// Takes the ASCII letters from `at` on, which go on with a word, in one piece.
    fn latin_run(&mut self, at: usize) {
        let rest = self.shown.as_bytes().get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let Some(run) = rest.get(..length) else { return };
        self.origin_at(at);
        let start = self.folded.len();
        self.folded.extend_from_slice(run);
        if let Some(added) = self.folded.get_mut(start..) {
            added.make_ascii_lowercase();
        }
        self.last = self.folded.last().map(|byte| *byte as char);
        self.next = at + length;
    }

    fn other(&mut self, c: char, at: usize) {
        if is_ideograph(c) && self.writing == Writing::Unspaced && self.gap.is_none() && self.last.is_some() {
            return self.ideographs(at);
        }
        if let Some(letter) = simple(c) {
            if self.inside_spaced() && writing(letter) == Some(Writing::Spaced) {
                self.last = Some(letter);
                return self.push(letter, at);
            }
            return self.word_char(letter, at);
        }
        match kind(c) {
            Kind::Word | Kind::Sign if matches!(c, '’' | '‘' | '′' | '´' | '＇' | '\u{2BC}') => {
                self.apostrophe(at);
            }
            Kind::Sign if stays(c) => self.gap.sign = true,
            Kind::Word | Kind::Mark | Kind::Sign => {
                let mut parts = [None; 24];
                let mut slots = parts.iter_mut();
                fold_char(c, &mut |part| {
                    if let Some(slot) = slots.next() {
                        *slot = Some(part);
                    }
                });
                for part in parts.into_iter().flatten() {
                    match kind(part) {
                        Kind::Word => self.word_char(part, at),
                        Kind::Mark => self.mark(part, at),
                        other => self.note(other),
                    }
                }
            }
            other => {
                self.note(other);
                if c == '…' {
                    (self.gap.marks, self.gap.points) =
                        (self.gap.marks.saturating_add(2), self.gap.points.saturating_add(3));
                }
            }
        }
    }

    /// Takes the ideographs from `at` on, which fold to themselves, in one piece.
    fn ideographs(&mut self, at: usize) {
        self.flush_marks();
        let rest = self.shown.get(at..).unwrap_or_default();
        let run = rest.split(|c| !is_ideograph(c)).next().unwrap_or_default();
        self.origin_at(at);
        self.folded.extend_from_slice(run.as_bytes());
        self.last = run.chars().next_back();
        self.next = at + run.len();
    }

    fn note(&mut self, kind: Kind) {
        match kind {
            Kind::Blank => self.gap.blank = true,
            Kind::Paragraph => self.gap.paragraph = true,
            Kind::Stop => self.gap.stop = true,
            Kind::Clause => {
                self.gap.clause = true;
                self.gap.marks = self.gap.marks.saturating_add(1);
            }
            Kind::Sign => self.gap.sign = true,
            Kind::Word | Kind::Mark | Kind::Ignorable => {}
        }
    }

    /// Whether the last character was a bare letter of a spaced script, so that an ASCII letter simply goes on.
    fn inside_spaced(&self) -> bool {
        self.gap.is_none() && self.writing == Writing::Spaced && self.last.is_some() && self.marks.is_empty()
    }

    fn word_char(&mut self, c: char, at: usize) {
        self.flush_marks();
        let writing = writing(c).unwrap_or(self.writing);
        self.separate(writing, at);
        self.gap = Gap::default();
        self.writing = writing;
        self.last = Some(c);
        self.push(c, at);
    }

    /// Puts what the gap before a letter of this writing amounts to into the stream.
    fn separate(&mut self, writing: Writing, at: usize) {
        let Gap { blank, clause, sign, underscore, stop, paragraph, .. } = self.gap;
        // Behind an ellipsis a sentence goes on with a small letter. A key keeps its marks.
        let capital =
            || self.shown.get(at..).and_then(|rest| rest.chars().next()).is_some_and(char::is_uppercase);
        let ends = clause && blank && (self.accents_stay || !self.gap.trails_off() || capital());
        let unspaced =
            writing == Writing::Unspaced && self.writing == Writing::Unspaced && self.last.is_some();
        if paragraph {
            self.folded.extend_from_slice(&[SEPARATOR, PARAGRAPH, SEPARATOR]);
        } else if stop || ends {
            self.folded.extend_from_slice(&[SEPARATOR, CLAUSE, SEPARATOR]);
        } else if unspaced && (clause || sign) {
            // Not a blank: that would be read as nothing if the key were folded again.
            self.push_byte(b'-', at);
        } else if clause || sign || (blank && !unspaced) {
            self.folded.push(SEPARATOR);
        } else if blank {
            // Lines of scripts without blanks are broken anywhere.
            return;
        } else if underscore && self.last.is_some() {
            // UAX 29 WB13a, WB13b: `user_name` is one word.
            return self.push_byte(b'_', at);
        } else if writing != self.writing {
            self.folded.push(SEPARATOR);
        } else {
            return;
        }
        self.word = self.folded.len();
    }

    fn mark(&mut self, mark: char, at: usize) {
        let Some(base) = self.last.filter(|_| self.gap.is_none()) else { return };
        match mark_fate(base, mark) {
            MarkFate::Drop => {}
            MarkFate::Letter(letter) if kind(letter) == Kind::Word => self.push(letter, at),
            MarkFate::Letter(other) => self.pend(other, at),
            MarkFate::Keep => self.pend(mark, at),
        }
    }

    fn pend(&mut self, mark: char, at: usize) {
        if self.marks.len() < MARKS {
            self.marks.push((canonical_combining_class(mark), mark, u32::try_from(at).unwrap_or(u32::MAX)));
        }
    }

    /// Puts the marks of the last letter into the stream, in canonical order (UAX 15, D109).
    #[inline]
    fn flush_marks(&mut self) {
        if self.marks.is_empty() {
            return;
        }
        self.sort_marks();
    }

    fn sort_marks(&mut self) {
        let mut marks = std::mem::take(&mut self.marks);
        marks.sort_by_key(|(class, _, _)| *class);
        for (_, mark, at) in marks.drain(..) {
            let alike = !self.accents_stay && is_accent(self.last, mark);
            self.push(if alike { ACCENT } else { mark }, at as usize);
        }
        self.marks = marks;
    }

    /// UAX 29 WB11, WB12: `3.14` and `1,000` are one.
    fn between_digits(&self) -> bool {
        self.last.is_some_and(|last| last.is_ascii_digit())
            && self.shown.as_bytes().get(self.next).is_some_and(u8::is_ascii_digit)
    }

    /// UAX 29 WB6, WB7: `don't` is one word. Not so a possessive (`Mallory's`) and an elided article (`l'amour`):
    /// there a reader sees the word itself.
    fn apostrophe(&mut self, at: usize) {
        let mut ahead = self.shown.get(self.next..).unwrap_or_default().chars();
        let (next, after) = (ahead.next(), ahead.next());
        let possessive = next.is_some_and(folds_to_s) && !after.is_some_and(char::is_alphanumeric);
        let joins = self.last.is_some_and(char::is_alphabetic)
            && self.gap.is_none()
            && self.writing == Writing::Spaced
            && next.is_some_and(|c| c.is_alphabetic() && writing(c) == Some(Writing::Spaced))
            && !possessive
            && !ELIDED.contains(&self.folded.get(self.word..).unwrap_or_default());
        if joins {
            self.flush_marks();
            self.push('\'', at);
        } else {
            self.gap.sign = true;
        }
    }

    fn push(&mut self, c: char, at: usize) {
        if c.is_ascii() {
            return self.push_byte(c as u8, at);
        }
        let mut buffer = [0; 4];
        let folded = c.encode_utf8(&mut buffer).as_bytes();
        let source = self.shown.as_bytes().get(at).map_or(1, |lead| lead.leading_ones().max(1) as usize);
        let (paired, longer) = folded.split_at_checked(source).unwrap_or((folded, &[]));
        self.origin_at(at);
        self.folded.extend_from_slice(paired);
        for byte in longer {
            self.push_byte(*byte, at);
        }
    }

    fn push_byte(&mut self, byte: u8, at: usize) {
        self.origin_at(at);
        self.folded.push(byte);
    }

    /// Notes that the next folded byte comes from `at`.
    fn origin_at(&mut self, at: usize) {
        let folded = self.folded.len();
        if self.origins.last().is_none_or(|last| last.shown + (folded - last.folded) != at) {
            self.origins.push(Origin { folded, shown: at });
        }
    }
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}')
}

fn folds_to_s(c: char) -> bool {
    let mut folded = None;
    fold_char(c, &mut |part| folded = Some(part));
    folded == Some('s')
}

/// French, Italian and Catalan articles and pronouns before a vowel.
const ELIDED: &[&[u8]] = &[
    b"l", b"d", b"j", b"n", b"s", b"t", b"m", b"c", b"qu", b"un", b"dell", b"nell", b"dall", b"sull", b"all",
    b"quell", b"quest", b"lorsqu", b"puisqu", b"jusqu", b"quoiqu",
];
/// Long enough to recognise each of them across a window's end.
const ELISION: usize = 8;

/// The folded form of a whole text, one separator between words, none around: what keys are. The ends of clauses
/// inside it are kept, else a phrase wouldn't match the very text that it was copied from.
pub(super) fn fold_phrase(typed: &str) -> String {
    let mut plain = Plain { accents_stay: true, ..Plain::new(typed) };
    plain.fill(typed.len());
    plain.finish();
    let folded = plain.folded().iter().map(|byte| if *byte == PARAGRAPH { SEPARATOR } else { *byte });
    let folded = String::from_utf8(folded.collect()).unwrap_or_default();
    let joined = folded.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    joined.trim_matches([SEPARATOR as char, CLAUSE as char]).to_owned()
}
