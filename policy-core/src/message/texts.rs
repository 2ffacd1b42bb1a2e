//! Handing texts over one at a time: each once, within the limits, and a long one in overlapping stretches, so that no
//! more than a stretch of it is in memory.

use std::hash::{DefaultHasher, Hasher};

use unicode_normalization::char::is_combining_mark;

use super::plain::PARAGRAPH;
use super::seen::Seen;
use super::{Limits, bidi, binary, noise};
use crate::candidate::Place;

/// A text up to this many bytes is handed over whole.
const STRETCH: usize = 256 << 10;

/// Two stretches have at least this much in common: no word or phrase is lost between them.
const OVERLAP: usize = 16 << 10;

/// In a text that is handed over in stretches, longer runs of blanks, marks and invisible characters are shortened, and
/// those of one letter: they could push a phrase's beginning out of reach of its end.
const RUN: u32 = 256;

/// So many bytes are looked at together where no run can become too long.
const BLOCK: usize = 64;

/// Room for a text that comes in pieces, to begin with: most need little more.
const FIRST: usize = 4 << 10;

/// How many times its size a message is gone through for interpretations beside the likeliest, as far as it isn't large.
const ALTERNATIVES: usize = 16;

/// How many times what is beyond that: a large message of many meanings must not occupy a small machine for a minute.
const ALTERNATIVES_BEYOND: usize = 4;

/// Up to so many bytes a message isn't large: few without attachments are larger.
const LARGE: usize = 128 << 10;

/// So much of a message's text, in all its interpretations, is read whatever it is; of what comes after, noise isn't: a large
/// message of it would occupy a small machine for minutes.
const NOISE_TOO: usize = 128 << 10;

/// A text, or a stretch of one that is too long to be handed over whole.
#[derive(Clone, Copy)]
pub struct Stretch<'t> {
    /// Where the text stands.
    pub place: Place,
    /// As a person sees it.
    pub shown: &'t str,
    /// How many bytes at its beginning are the end of the stretch before it.
    pub overlap: usize,
    /// The text ends here.
    pub last: bool,
}

/// Hands over texts, and counts how much is read.
pub(super) struct Texts<'t> {
    take: &'t mut dyn FnMut(Stretch<'_>),
    limit: usize,
    left: usize,
    /// Bytes that may still be gone through for interpretations beside the likeliest.
    spare: usize,
    /// Bytes of text that are still read whatever they are.
    noise_too: usize,
    /// A limit ended the reading.
    pub(super) cut_short: bool,
    seen: Seen,
    /// Where the next text is put together that comes in pieces.
    buffer: String,
}

impl<'t> Texts<'t> {
    /// The texts of a message of `size` bytes go to `take`.
    pub(super) fn new(limits: &Limits, size: usize, take: &'t mut dyn FnMut(Stretch<'_>)) -> Self {
        Self {
            take,
            limit: limits.text_bytes,
            left: limits.text_bytes,
            spare: 0,
            noise_too: NOISE_TOO,
            cut_short: false,
            seen: Seen::default(),
            buffer: String::with_capacity(FIRST),
        }
        .with_more(size)
    }

    /// Another interpretation of the whole message is read, with limits of its own.
    #[must_use]
    pub(super) fn with_more(mut self, size: usize) -> Self {
        self.left = self.limit;
        let beyond = size.saturating_sub(LARGE).saturating_mul(ALTERNATIVES_BEYOND);
        self.spare = size.min(LARGE) * ALTERNATIVES + beyond + (1 << 16);
        self
    }

    /// How much text may still come.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// Whether an interpretation beside the likeliest may still be read that goes through `size` bytes. Within one, each
    /// part asks again, for each goes through its bytes again.
    ///
    /// Half of the text stays for the likeliest ones, so that junk of many meanings can't use it up before them.
    pub(super) fn afford(&mut self, size: usize) -> bool {
        match self.spare.checked_sub(size.saturating_add(64)) {
            Some(left) if self.left > self.limit / 2 => {
                self.spare = left;
                true
            }
            _ => {
                self.cut_short = true;
                false
            }
        }
    }

    /// Adds a text, unless the same stands there already.
    pub(super) fn add(&mut self, place: Place, shown: &str) {
        if shown.len() <= STRETCH {
            return self.whole(place, shown);
        }
        let mut writer = self.writer(place, None);
        writer.push(shown);
        writer.finish();
    }

    /// A text that comes piece by piece. `beside` is the size of what is gone through for it where it is an
    /// interpretation beside the likeliest.
    pub(super) fn writer(&mut self, place: Place, beside: Option<usize>) -> Writer<'_, 't> {
        let hash = self.seen.hasher();
        let buffer = std::mem::take(&mut self.buffer);
        Writer {
            texts: self,
            place,
            beside,
            buffer,
            overlap: 0,
            written: 0,
            streams: false,
            begun: false,
            ended: false,
            overridden: false,
            hash,
            run: Run::default(),
        }
    }

    fn whole(&mut self, place: Place, shown: &str) {
        if let Some(turned) = bidi::as_displayed(shown)
            && self.afford(turned.len())
        {
            self.once(place, &turned);
        }
        self.once(place, shown);
    }

    fn once(&mut self, place: Place, shown: &str) {
        if is_blank(shown) {
            return;
        }
        let end = shown.floor_char_boundary(self.left);
        self.cut_short |= end < shown.len();
        let shown = shown.get(..end).unwrap_or_default();
        if shown.is_empty() || !self.seen.insert(place, shown) {
            return;
        }
        self.left -= shown.len();
        self.give(Stretch { place, shown, overlap: 0, last: true });
    }

    fn give(&mut self, stretch: Stretch<'_>) {
        let (before, fresh) = stretch.shown.split_at_checked(stretch.overlap).unwrap_or((stretch.shown, ""));
        match (binary::writing(before, PARAGRAPH), binary::writing(fresh, PARAGRAPH)) {
            (None, None) => self.give_writing(stretch),
            (before_written, fresh_written) => {
                let mut shown = before_written.unwrap_or_else(|| before.to_owned());
                let overlap = shown.len();
                shown.push_str(fresh_written.as_deref().unwrap_or(fresh));
                self.give_writing(Stretch { shown: &shown, overlap, ..stretch });
            }
        }
    }

    fn give_writing(&mut self, stretch: Stretch<'_>) {
        if let Some(left) = self.noise_too.checked_sub(stretch.shown.len()) {
            self.noise_too = left;
            return (self.take)(stretch);
        }
        let noise_too = std::mem::take(&mut self.noise_too);
        let parts = stretch.shown.split_at_checked(stretch.overlap);
        let (before, fresh) = parts.unwrap_or((stretch.shown, ""));
        let as_it_is = fresh.floor_char_boundary(noise_too);
        let (as_it_is, fresh) = fresh.split_at_checked(as_it_is).unwrap_or((fresh, ""));
        let mut writing = String::with_capacity(stretch.shown.len());
        let mut any = noise::leave_out(before, PARAGRAPH, &mut writing);
        let overlap = writing.len();
        writing.push_str(as_it_is);
        any |= noise::leave_out(fresh, PARAGRAPH, &mut writing);
        self.cut_short |= any;
        (self.take)(if any { Stretch { shown: &writing, overlap, ..stretch } } else { stretch });
    }
}

/// Takes a text in piece by piece.
pub(super) struct Writer<'w, 't> {
    texts: &'w mut Texts<'t>,
    place: Place,
    beside: Option<usize>,
    buffer: String,
    /// How much of the buffer was handed over already.
    overlap: usize,
    /// How much was handed over.
    written: usize,
    /// It is too long to be handed over whole.
    streams: bool,
    /// A stretch was handed over.
    begun: bool,
    /// No more is wanted.
    ended: bool,
    /// The buffer begins where text runs from right to left whatever it is.
    overridden: bool,
    hash: DefaultHasher,
    run: Run,
}

impl Writer<'_, '_> {
    pub(super) fn push(&mut self, text: &str) {
        // Nearly all that comes.
        if !self.streams && !self.ended && self.buffer.len() + text.len() + 4 <= STRETCH {
            return self.buffer.push_str(text);
        }
        let mut rest = text;
        while !rest.is_empty() && !self.ended {
            if self.buffer.len() + 4 > STRETCH {
                self.make_room();
                continue;
            }
            let end = rest.floor_char_boundary(STRETCH - self.buffer.len());
            let (piece, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if self.streams {
                self.run.shorten(piece, &mut self.buffer);
            } else {
                self.buffer.push_str(piece);
            }
            rest = behind;
        }
    }

    pub(super) fn finish(mut self) {
        self.hand_in();
        self.buffer.clear();
        self.texts.buffer = self.buffer;
    }

    fn hand_in(&mut self) {
        if self.ended {
            return;
        }
        if self.begun {
            return self.hand_over(self.buffer.len(), true);
        }
        if let Some(size) = self.beside {
            let known = |text: &str| self.texts.seen.contains(self.place, text);
            if is_blank(&self.buffer) || known(&self.buffer) || !self.texts.afford(size) {
                return;
            }
        }
        self.texts.whole(self.place, &self.buffer);
    }

    fn make_room(&mut self) {
        if !self.streams {
            self.streams = true;
            let whole = std::mem::take(&mut self.buffer);
            self.buffer.reserve(STRETCH);
            self.run.shorten(&whole, &mut self.buffer);
            return;
        }
        if !self.begun
            && let Some(size) = self.beside
            && !self.texts.afford(size)
        {
            self.ended = true;
            return;
        }
        let end = boundary(&self.buffer, self.buffer.len().saturating_sub(OVERLAP), self.buffer.len());
        self.hand_over(end, false);
    }

    fn hand_over(&mut self, end: usize, last: bool) {
        self.begun = true;
        let most = self.overlap.saturating_add(self.texts.left);
        if most < end {
            self.texts.cut_short = true;
            self.ended = true;
        }
        let end = self.buffer.floor_char_boundary(end.min(most));
        let last = last || self.ended;
        let shown = self.buffer.get(..end).unwrap_or_default();
        let fresh = shown.get(self.overlap..).unwrap_or_default();
        self.hash.write(fresh.as_bytes());
        self.written += fresh.len();
        self.texts.left -= fresh.len().min(self.texts.left);
        self.texts.give(Stretch { place: self.place, shown, overlap: self.overlap, last });
        self.turn(end);
        if last && !self.texts.seen.insert_hash(self.place, self.hash.finish()) {
            // Only now it is known that it was there already.
            self.texts.left = self.texts.left.saturating_add(self.written);
        }
        let begin = boundary(&self.buffer, end.saturating_sub(2 * OVERLAP), end.saturating_sub(OVERLAP));
        let gone = self.buffer.get(..begin).unwrap_or_default();
        self.overridden = bidi::is_open(gone, self.overridden);
        self.buffer.drain(..begin);
        self.overlap = end - begin;
    }

    /// Hands the stretch over as displayed, too, where some of it is turned round.
    fn turn(&mut self, end: usize) {
        let shown = self.buffer.get(..end).unwrap_or_default();
        let turned = if self.overridden {
            bidi::as_displayed(&format!("{}{shown}", bidi::OVERRIDE))
        } else {
            bidi::as_displayed(shown)
        };
        if let Some(turned) = turned
            && self.texts.afford(turned.len())
        {
            self.texts.once(self.place, &turned);
        }
    }
}

/// Where to cut between `from` and `to`: best behind the last paragraph, else behind the last blank, so that no word is
/// made of the half of another.
fn boundary(text: &str, from: usize, to: usize) -> usize {
    let (from, to) = (text.floor_char_boundary(from), text.floor_char_boundary(to));
    let within = text.get(from..to).unwrap_or_default();
    let behind = |blank: fn(char) -> bool| {
        within.char_indices().rev().find(|(_, c)| blank(*c)).map(|(at, c)| from + at + c.len_utf8())
    };
    behind(|c| c == PARAGRAPH).or_else(|| behind(char::is_whitespace)).unwrap_or(to)
}

/// A run of characters that say nothing new.
#[derive(Default)]
struct Run {
    last: char,
    length: u32,
}

impl Run {
    /// Appends `text` to `out` without what is too much in a run.
    fn shorten(&mut self, text: &str, out: &mut String) {
        let mut rest = text;
        while let Some((block, behind)) = rest.split_at_checked(rest.floor_char_boundary(BLOCK))
            && !block.is_empty()
        {
            if self.length as usize + BLOCK < RUN as usize {
                // No run can become too long within it.
                self.pass(block);
                out.push_str(block);
            } else {
                self.shorten_block(block, out);
            }
            rest = behind;
        }
    }

    /// Goes over a text of which all is kept: how it ends tells what run goes on behind it.
    fn pass(&mut self, text: &str) {
        let mut signs = text.chars().rev().map(sign);
        let Some(last) = signs.next() else { return };
        let same = signs.by_ref().take_while(|sign| *sign == last).count() as u32;
        let goes_on = self.last == last && text.chars().count() == same as usize + 1;
        self.length = if goes_on { self.length.saturating_add(same + 1) } else { same };
        self.last = last;
    }

    fn shorten_block(&mut self, text: &str, out: &mut String) {
        let mut kept = 0;
        for (at, c) in text.char_indices() {
            let sign = sign(c);
            self.length = if sign == self.last { self.length.saturating_add(1) } else { 0 };
            self.last = sign;
            if self.length >= RUN {
                out.push_str(text.get(kept..at).unwrap_or_default());
                kept = at + c.len_utf8();
            }
        }
        out.push_str(text.get(kept..).unwrap_or_default());
    }
}

/// One for all that fills.
fn sign(c: char) -> char {
    if is_filler(c) { ' ' } else { c }
}

fn is_filler(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_graphic();
    }
    // Letters, and nothing else.
    if matches!(c, '\u{C0}'..='\u{2FF}' | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{590}' | '\u{4E00}'..='\u{9FFF}')
    {
        return false;
    }
    c.is_whitespace() || c.is_control() || super::address::invisible(c) || is_combining_mark(c)
}

fn is_blank(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || c == PARAGRAPH).is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_are_shortened_the_same_in_blocks(
            runs in proptest::collection::vec(
                (prop::sample::select(&[' ', '\n', 'a', 'b', '\u{e9}', '\u{301}', '\u{4e2d}'][..]), 1..700usize),
                1..12,
            ),
        ) {
            let text: String = runs.iter().map(|(c, count)| c.to_string().repeat(*count)).collect();
            let (mut in_blocks, mut at_once) = (String::new(), String::new());
            Run::default().shorten(&text, &mut in_blocks);
            Run::default().shorten_block(&text, &mut at_once);
            prop_assert_eq!(in_blocks, at_once);
        }
    }

    /// The stretches in which a text is handed over that is written in pieces of `size`.
    fn stretches(text: &str, size: usize) -> Vec<(String, usize, bool)> {
        let mut found = Vec::new();
        let mut take =
            |stretch: Stretch<'_>| found.push((stretch.shown.to_owned(), stretch.overlap, stretch.last));
        let mut texts = Texts::new(&Limits::default(), text.len(), &mut take);
        let mut writer = texts.writer(Place::Body, None);
        let mut rest = text;
        while let Some((piece, after)) = rest.split_at_checked(rest.ceil_char_boundary(size.min(rest.len())))
            && !piece.is_empty()
        {
            writer.push(piece);
            rest = after;
        }
        writer.finish();
        found
    }

    fn joined(stretches: &[(String, usize, bool)]) -> String {
        stretches.iter().filter_map(|(shown, overlap, _)| shown.get(*overlap..)).collect()
    }

    #[test]
    fn a_long_text_comes_in_overlapping_stretches_that_make_up_the_whole() {
        for unit in ["some words ", "\u{4e00}\u{4e01}\u{4e02}", "a paragraph\u{2029}"] {
            let text = unit.repeat(1_000_000 / unit.len());
            for size in [1000, 77_777, usize::MAX] {
                let found = stretches(&text, size);
                assert!(found.len() > 3);
                assert!(joined(&found) == text, "{unit} in pieces of {size}");
                assert!(found.iter().all(|(shown, ..)| shown.len() <= STRETCH));
                assert!(found.iter().skip(1).all(|(_, overlap, _)| *overlap >= OVERLAP));
                assert!(
                    found.iter().rev().skip(1).all(|(.., last)| !last) && found.last().is_some_and(|f| f.2)
                );
            }
        }
    }

    #[test]
    fn no_filling_keeps_the_beginning_of_a_word_from_its_end() {
        for filler in ["\u{200b}", " ", "\u{301}", "\u{200b}\u{301} ", "a"] {
            let filler = filler.repeat(STRETCH / filler.len() * 3 / 2);
            let words = "word ".repeat(STRETCH / 5 - 100);
            let found = stretches(&format!("{words}begin{filler}end {words}"), 10_000);
            let held =
                |(shown, ..): &&(String, usize, bool)| shown.contains("begin") && shown.contains("end");
            assert!(found.iter().any(|stretch| held(&stretch)));
        }
    }

    #[test]
    fn noise_takes_little_of_large_text_and_what_is_written_in_it_is_read() {
        let noise = noise::tests::of(&noise::tests::unicode(), 2_000_000);
        let written = "some hidden words ".repeat(1000);
        let text = format!("{noise}{written}{noise}");
        for shown in [&text, &noise.get(..noise.floor_char_boundary(200_000)).unwrap_or_default().to_owned()]
        {
            let (mut read, mut found) = (0, false);
            let mut take = |stretch: Stretch<'_>| {
                read += stretch.shown.len();
                found |= stretch.shown.contains("some hidden words some hidden words");
            };
            let mut texts = Texts::new(&Limits::default(), shown.len(), &mut take);
            texts.add(Place::Body, shown);
            assert!(texts.cut_short);
            assert!(read < NOISE_TOO + 3 * OVERLAP, "{read}");
            assert_eq!(found, shown.len() > 1_000_000);
        }
    }

    #[test]
    fn a_text_that_is_there_already_takes_no_room() {
        let text = "some words ".repeat(100_000);
        let mut count = 0;
        let mut take = |stretch: Stretch<'_>| count += usize::from(stretch.last);
        let limits = Limits { text_bytes: 2_500_000, ..Limits::default() };
        let mut texts = Texts::new(&limits, text.len(), &mut take);
        for _ in 0..5 {
            texts.add(Place::Body, &text);
        }
        texts.add(Place::Body, "another");
        assert!(!texts.cut_short);
        assert_eq!(count, 6);
    }
}
