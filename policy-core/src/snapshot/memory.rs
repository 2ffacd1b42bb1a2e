//! Where blocks lie.

use std::ops::Deref;

use memmap2::MmapMut;

/// Bytes that don't change any more.
///
/// An allocator gives back to the system what lies at the end of its heap, so that a list that was replaced would stay in
/// memory for as long as anything lives that was allocated after it. Pages of their own go back at once.
pub(super) enum Memory {
    Pages(MmapMut),
    Heap(Box<[u8]>),
}

impl Memory {
    /// A copy of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        // Where pages are large (64 KiB on some ARM processors), most of one would be empty.
        let empty = bytes.len().next_multiple_of(rustix::param::page_size()) - bytes.len();
        let pages = if empty <= bytes.len() / 4 { MmapMut::map_anon(bytes.len()).ok() } else { None };
        match pages {
            Some(mut pages) => {
                pages.copy_from_slice(bytes);
                Self::Pages(pages)
            }
            None => Self::Heap(bytes.into()),
        }
    }
}

impl Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Pages(pages) => pages,
            Self::Heap(bytes) => bytes,
        }
    }
}
