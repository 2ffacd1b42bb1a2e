//! The memory that blocks lie in.
//!
//! Several blocks of one writing lie together in memory of their own from the system, which goes back whole as soon as the
//! last of them is gone. From the C library's heap nothing would go back of a list that was replaced: the new one lies
//! behind it. A single block, which an edit writes, lies on the heap; and few lie together, because one that is left keeps
//! the others' memory.

use std::sync::Arc;

use memmap2::MmapMut;

/// So many bytes of blocks lie together.
const TOGETHER: usize = 64 << 10;

enum Slab {
    Mapped(MmapMut),
    Heap(Box<[u8]>),
}

/// Some bytes of a slab. Cloning shares them.
#[derive(Clone)]
pub(super) struct Piece {
    slab: Arc<Slab>,
    start: u32,
    length: u32,
}

impl Piece {
    pub(super) fn bytes(&self) -> &[u8] {
        let all: &[u8] = match &*self.slab {
            Slab::Mapped(bytes) => bytes,
            Slab::Heap(bytes) => bytes,
        };
        let start = self.start as usize;
        all.get(start..start + self.length as usize).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether the two are the same memory.
    #[cfg(test)]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.slab, &other.slab) && self.start == other.start
    }
}

/// Collects what is to lie together.
#[derive(Default)]
pub(super) struct SlabWriter {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl SlabWriter {
    /// Adds a piece, written by `write`.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// Whether there is enough.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= TOGETHER
    }

    /// The pieces that were added; then begins anew.
    pub(super) fn finish(&mut self) -> Vec<Piece> {
        let slab = self.is_full().then(|| self.mapped()).flatten().map(Arc::new);
        let mut start = 0;
        let pieces = self.ends.iter().map(|&end| {
            let (slab, at) = match &slab {
                Some(slab) => (Arc::clone(slab), start),
                None => (Arc::new(Slab::Heap(self.bytes.get(start..end).unwrap_or_default().into())), 0),
            };
            let length = end - start;
            start = end;
            // A slab has no more bytes than a few blocks.
            Piece { slab, start: at as u32, length: length as u32 }
        });
        let pieces = pieces.collect();
        self.bytes.clear();
        self.ends.clear();
        pieces
    }

    /// All of it in memory of its own; `None` where the system has none.
    fn mapped(&self) -> Option<Slab> {
        let mut memory = MmapMut::map_anon(self.bytes.len()).ok()?;
        memory.get_mut(..self.bytes.len())?.copy_from_slice(&self.bytes);
        Some(Slab::Mapped(memory))
    }
}

#[cfg(test)]
mod tests {
    use super::{SlabWriter, TOGETHER};

    #[test]
    fn pieces_are_what_was_added_whether_few_or_many() {
        for count in [1, 3, 40] {
            let all: Vec<Vec<u8>> = (0..count).map(|number| vec![number as u8; 3 * TOGETHER / 40]).collect();
            let mut writer = SlabWriter::default();
            for _ in 0..2 {
                all.iter().for_each(|piece| writer.add(|bytes| bytes.extend_from_slice(piece)));
                assert_eq!(writer.is_full(), count == 40);
                let pieces = writer.finish();
                assert!(pieces.iter().map(super::Piece::bytes).eq(all.iter().map(Vec::as_slice)));
            }
        }
    }
}
