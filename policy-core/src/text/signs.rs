//! Signs of hiding: where the stronger foldings are allowed to look at all.
//!
//! Ordinary text must cost little and can't be hit by foldings that it never sees. So this takes each chunk between
//! blanks that has what ordinary words don't, and hands out the stretches around such chunks.

use std::ops::Range;

use icu_properties::props::Script;

use super::chunk::{Chunk, PlainChunk};

/// A stretch is at most about this many bytes; longer ones come in overlapping parts.
const STRETCH: usize = 4096;
/// How many chunks are remembered: no phrase of more words is looked for in hiding.
const RECENT: usize = 9;
/// In a ring of this size: a power of two, for each word goes through it.
const RING: usize = 16;

/// An accent is no ordinary one for so many chunks after an English word.
const ENGLISH: u32 = 8;

/// Hands out the stretches of a text that show signs of hiding.
pub(super) struct Stretches {
    /// Where the last chunks began, in a ring.
    recent: [usize; RING],
    /// How many there were.
    seen: usize,
    /// How many chunks belong to a stretch on each side, where what is around decides.
    around: usize,
    /// How many do, where a chunk speaks for itself: the other words of a phrase.
    phrase: usize,
    open: Option<Open>,
    previous: Seen,
    /// How many chunks ago an English function word stood.
    english: u32,
}

struct Open {
    range: Range<usize>,
    /// How many chunks more belong to it.
    more: usize,
    /// Where the first chunk of its second half begins.
    half: Option<usize>,
}

impl Open {
    fn new(range: Range<usize>, more: usize) -> Self {
        Self { range, more, half: None }
    }

    /// Goes on until the end of the chunk.
    fn extend(&mut self, chunk: &Chunk) {
        if self.half.is_none() && chunk.at.start >= self.range.start + STRETCH / 2 {
            self.half = Some(chunk.at.start);
        }
        self.range.end = chunk.at.end;
    }
}

/// What is kept of the chunk before.
#[derive(Default)]
struct Seen {
    letters: u32,
    digits: u32,
    script: Option<Script>,
}

impl Seen {
    fn of(chunk: &Chunk) -> Self {
        Self { letters: chunk.letters, digits: chunk.digits, script: chunk.script }
    }
}

impl Stretches {
    /// `words` is the number of words of the longest phrase that is looked for.
    pub(super) fn new(words: usize) -> Self {
        let (around, phrase) = (words.clamp(2, RECENT - 1), words.saturating_sub(1).min(RECENT - 1));
        Self {
            recent: [0; RING],
            seen: 0,
            around,
            phrase,
            open: None,
            previous: Seen::default(),
            english: u32::MAX,
        }
    }

    /// Where the chunk began that was `count` before the one at `start`, which `seen` others precede.
    fn chunks_back(&self, seen: usize, count: usize, start: usize) -> usize {
        let back = count.min(seen).min(RECENT - 1);
        if back == 0 {
            return start;
        }
        self.recent.get((seen - back) % RING).copied().unwrap_or(start)
    }

    /// Whether an ordinary word follows ordinary words.
    fn goes_on(&self, chunk: &Chunk) -> bool {
        let plain =
            chunk.word.is_some() && chunk.letters > 1 && !(chunk.accents || chunk.broken || chunk.hiding);
        plain && chunk.script == self.previous.script
    }

    fn remember(&mut self, start: usize) {
        if let Some(slot) = self.recent.get_mut(self.seen % RING) {
            *slot = start;
        }
        self.seen += 1;
    }

    /// Takes the next chunk of the text, if all that comes of it is that it is remembered.
    #[inline(always)]
    pub(super) fn pass(&mut self, chunk: &PlainChunk) -> bool {
        let spelled = chunk.letters + chunk.digits == 1 && self.previous.letters + self.previous.digits == 1;
        let strange =
            matches!((chunk.script, self.previous.script), (Some(this), Some(that)) if this != that);
        // No branch: it would be guessed wrongly at every other word.
        let english = self.english.saturating_add(1) & u32::from(chunk.english).wrapping_sub(1);
        if self.open.is_some() || spelled || strange || (chunk.accents && english < ENGLISH) {
            return false;
        }
        self.english = english;
        if chunk.letters + chunk.digits == 0 {
            return true;
        }
        self.previous = Seen { letters: chunk.letters, digits: chunk.digits, script: chunk.script };
        self.remember(chunk.start);
        true
    }

    /// Takes the next chunk of the text; hands out a stretch that ends with it.
    pub(super) fn note(&mut self, chunk: &Chunk) -> Option<Range<usize>> {
        self.english = if chunk.english { 0 } else { self.english.saturating_add(1) };
        if self.open.is_none() && self.goes_on(chunk) {
            self.previous = Seen::of(chunk);
            self.remember(chunk.at.start);
            return None;
        }
        let mut hiding = chunk.hiding || chunk.broken || (chunk.accents && self.english < ENGLISH);
        let mut need = match chunk {
            // The language around tells whether the accent or the doubled letter is an ordinary one.
            Chunk { hiding: true, bare: Some(_), .. } => RECENT - 1,
            _ if chunk.accents || chunk.broken || chunk.slip => self.around,
            _ => self.phrase,
        };
        let start = chunk.at.start;
        let seen = self.seen;
        if chunk.letters + chunk.digits > 0 {
            let previous = std::mem::replace(&mut self.previous, Seen::of(chunk));
            let spelled = chunk.letters + chunk.digits == 1 && previous.letters + previous.digits == 1;
            let lettered = chunk.letters + previous.letters > 0 || self.open.is_some();
            let strange = matches!((chunk.script, previous.script), (Some(this), Some(that)) if this != that);
            if (spelled && lettered) || strange {
                hiding = true;
                need = self.around;
            }
            self.remember(start);
        }
        let Some(open) = &mut self.open else {
            if hiding {
                let begin = self.chunks_back(seen, need, start);
                self.open = Some(Open::new(begin..chunk.at.end, need));
            }
            return None;
        };
        open.extend(chunk);
        if hiding {
            open.more = open.more.max(need);
        } else if chunk.letters + chunk.digits > 0 {
            open.more = open.more.saturating_sub(1);
        }
        let full = open.range.len() > STRETCH;
        if (open.more > 0 || hiding) && !full {
            return None;
        }
        let done = self.open.take()?;
        if done.more > 0 {
            // Any number of chunks without letters may stand between two with some: they must not be read again and again.
            let begin = self.chunks_back(seen, need, start).max(done.half.unwrap_or(0));
            self.open = Some(Open::new(begin..chunk.at.end, done.more));
        }
        Some(done.range)
    }

    /// The stretch that the text ends in.
    pub(super) fn finish(&mut self) -> Option<Range<usize>> {
        self.open.take().map(|open| open.range)
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunk::Chunks;
    use super::{STRETCH, Stretches};

    #[test]
    fn no_text_is_handed_out_again_and_again() {
        let data = "PCEtLSBCdWxsc2V5ZSBjb2RlIC0tPg0NCjxodG1sPg0NCjxoZWFkPg0NCiAg\n";
        for filler in [data, "--- ", "\u{2022} ", "v i a g r a ", "c4sino "] {
            let text = "b1g ".to_owned() + &filler.repeat(200_000 / filler.len());
            let mut stretches = Stretches::new(2);
            let mut found: Vec<_> = Chunks::new(&text).filter_map(|chunk| stretches.note(&chunk)).collect();
            found.extend(stretches.finish());
            let handed_out: usize = found.iter().map(ExactSizeIterator::len).sum();
            assert!(handed_out <= 3 * text.len(), "{filler}: {handed_out} of {}", text.len());
            assert!(found.iter().all(|range| range.len() < 2 * STRETCH && text.get(range.clone()).is_some()));
        }
    }
}
