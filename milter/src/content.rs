//! A message's bytes as they come in.

use memmap2::MmapMut;

/// A message beyond this is large.
const LARGE: usize = 128 << 10;

/// Room that a message begins with: most have no more, and header fields don't make it grow again and again.
const FIRST: usize = 8 << 10;

/// Header and body in one piece.
///
/// A large one has memory of its own from the system, with room for the largest: it takes what is filled of it, and goes
/// back when the message ends. Vectors that grow would be copied again and again, and leave holes of every size behind.
#[derive(Default)]
pub(crate) struct Content {
    small: Vec<u8>,
    large: Option<MmapMut>,
    /// Bytes of the large one that are filled.
    filled: usize,
}

impl Content {
    /// Adds bytes; there will be no more than `most` in all.
    pub(crate) fn append(&mut self, bytes: &[u8], most: usize) {
        if self.large.is_none() && self.small.len() + bytes.len() > LARGE {
            // Where the system has none, the vector grows.
            self.large = MmapMut::map_anon(most).ok();
            let small = std::mem::take(&mut self.small);
            self.fill(&small);
        }
        self.fill(bytes);
    }

    fn fill(&mut self, bytes: &[u8]) {
        let room = self.large.as_mut().and_then(|large| large.get_mut(self.filled..));
        match room.and_then(|room| room.get_mut(..bytes.len())) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.filled += bytes.len();
            }
            None => {
                if self.small.is_empty() {
                    self.small.reserve(FIRST);
                }
                self.small.extend_from_slice(bytes);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.as_ref().len()
    }
}

impl AsRef<[u8]> for Content {
    fn as_ref(&self) -> &[u8] {
        match &self.large {
            Some(large) => large.get(..self.filled).unwrap_or_default(),
            None => &self.small,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_comes_back_whole() {
        for step in [1, 1000, LARGE - 1, LARGE, LARGE + 1, 3 * LARGE + 5] {
            let all: Vec<u8> = (0..500_000_u32).map(|number| number.to_le_bytes()[0]).collect();
            let mut content = Content::default();
            for (number, piece) in all.chunks(step).enumerate() {
                assert_eq!(content.len(), number * step);
                content.append(piece, all.len());
            }
            assert!(content.as_ref() == all, "{step}");
        }
    }
}
