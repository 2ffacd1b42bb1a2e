//! Many short strings in one piece of memory.
//!
//! Ten thousand pieces of their own would lie all over the heap, among what is needed for a moment only while they are
//! made, and would keep all of it in memory.

use std::ops::Range;

/// Strings of bytes, one behind the other.
#[derive(Default)]
pub(crate) struct Packed {
    bytes: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<u32>,
}

impl Packed {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn push(&mut self, string: &[u8]) {
        self.bytes.extend_from_slice(string);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
    }

    /// The string with this number.
    pub(crate) fn get(&self, number: usize) -> Option<&[u8]> {
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start as usize..*self.ends.get(number)? as usize)
    }

    /// The same, of what was pushed as text.
    pub(crate) fn text(&self, number: usize) -> Option<&str> {
        str::from_utf8(self.get(number)?).ok()
    }

    /// The strings with these numbers.
    pub(crate) fn range(&self, numbers: Range<usize>) -> impl DoubleEndedIterator<Item = &[u8]> {
        numbers.map(|number| self.get(number).unwrap_or_default())
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.range(0..self.len())
    }

    /// Gives back what was reserved for more.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<u32>()
    }
}
