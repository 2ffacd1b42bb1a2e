//! Where parts were cut out of a text, so that what is found in the rest can be shown where it stands.

use std::ops::Range;

/// The cuts of one text, in their order.
pub(super) struct Cuts {
    /// Where the text begins.
    start: usize,
    /// Where in the rest something was cut out, and how many bytes were up to there.
    cuts: Vec<(u32, u32)>,
}

impl Cuts {
    pub(super) fn new(start: usize) -> Self {
        Self { start, cuts: Vec::new() }
    }

    /// Behind so much of the rest, so many bytes are cut out.
    pub(super) fn push(&mut self, at: usize, bytes: usize) {
        let number = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        let (at, bytes) = (number(at), number(bytes));
        match self.cuts.last_mut() {
            Some((last, all)) if *last == at => *all = all.saturating_add(bytes),
            last => {
                let all = last.map_or(0, |(_, all)| *all).saturating_add(bytes);
                self.cuts.push((at, all));
            }
        }
    }

    /// Whether something was cut out of what was found in the rest.
    pub(super) fn within(&self, found: &Range<usize>) -> bool {
        self.until(found.start + 1) < self.until(found.end)
    }

    /// Where what was found in the rest stands.
    pub(super) fn shown(&self, found: &Range<usize>) -> Range<usize> {
        let bytes = |cuts: usize| {
            cuts.checked_sub(1).and_then(|last| self.cuts.get(last)).map_or(0, |(_, all)| *all as usize)
        };
        let start = self.start + found.start + bytes(self.until(found.start + 1));
        start..self.start + found.end + bytes(self.until(found.end))
    }

    /// How many cuts are before this place.
    fn until(&self, at: usize) -> usize {
        self.cuts.partition_point(|(cut, _)| (*cut as usize) < at)
    }
}
