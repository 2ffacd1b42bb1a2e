//! A message's bytes as they come in.

use std::collections::VecDeque;

/// Bytes of a piece. All are alike, so that what one message gives back, the next can use: vectors that grow would leave
/// holes of every size behind.
const PIECE: usize = 64 << 10;

/// Header and body in pieces.
#[derive(Default)]
pub(crate) struct Content {
    full: VecDeque<Vec<u8>>,
    last: Vec<u8>,
    length: usize,
}

impl Content {
    pub(crate) fn append(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len();
        while !bytes.is_empty() {
            if self.last.len() >= PIECE {
                self.full.push_back(std::mem::take(&mut self.last));
            }
            let room = PIECE - self.last.len();
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            if !self.full.is_empty() {
                self.last.reserve_exact(room);
            }
            self.last.extend_from_slice(now);
            bytes = later;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// All of it in one piece. Each of the others is freed once it has been copied.
    pub(crate) fn joined(self) -> Vec<u8> {
        let Self { full, last, length } = self;
        if full.is_empty() {
            return last;
        }
        let mut all = Vec::with_capacity(length);
        for piece in full.into_iter().chain([last]) {
            all.extend_from_slice(&piece);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_comes_back_whole() {
        for step in [1, 1000, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5] {
            let all: Vec<u8> = (0..300_000_u32).map(|number| number.to_le_bytes()[0]).collect();
            let mut content = Content::default();
            all.chunks(step).for_each(|piece| content.append(piece));
            assert_eq!(content.len(), all.len());
            assert!(content.joined() == all, "{step}");
        }
    }
}
