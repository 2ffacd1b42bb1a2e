//! Bytes to packets: a length of four bytes, a command of one, and its payload.

use super::{Command, Malformed};

/// Bytes that are read at a time: more than the headers of most mails, so that they arrive in one read.
pub const BUFFER: usize = 16 << 10;

/// The longest command but for those below: Postfix's own longest line is 2 KiB (`line_length_limit`).
pub const LONGEST: usize = 8 << 10;

/// The longest header field, and the longest piece of a body. Postfix's are 100 KiB (`header_size_limit`) and 64 KiB.
pub const LONGEST_CONTENT: usize = 1 << 20;

/// The length and the command.
const HEAD: usize = 5;

/// What has come in and was not yet taken. A body is passed on as it comes, all else when it is complete.
#[derive(Default)]
pub struct Packets {
    buffer: Vec<u8>,
    /// So much at the buffer's beginning has been taken.
    taken: usize,
    /// So much of a body's packet is still to come.
    body: usize,
}

impl Packets {
    /// Takes in what has come.
    pub fn append(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        match self.long() {
            // The room that was found for it, at once.
            Some(length) => self.buffer.reserve_exact(length.saturating_sub(self.buffer.len())),
            None => self.buffer.shrink_to(2 * BUFFER),
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Gives the buffer back, if nothing is in it: while a peer is silent, it takes no memory.
    pub fn rest(&mut self) {
        if self.taken == self.buffer.len() {
            self.buffer = Vec::new();
            self.taken = 0;
        }
    }

    /// The length of a packet that has begun and is longer than what is read at a time, if there is one: room for it must
    /// be found.
    pub fn long(&self) -> Option<usize> {
        self.awaited().filter(|length| *length > BUFFER)
    }

    /// The whole length of a packet that has begun and must be kept until it is complete.
    fn awaited(&self) -> Option<usize> {
        if self.body > 0 {
            return None;
        }
        let (length, command) = self.head()?;
        (command != b'B').then_some(length.saturating_add(HEAD))
    }

    /// The length of the payload and the command, if they have come.
    fn head(&self) -> Option<(usize, u8)> {
        let head: &[u8; HEAD] = self.buffer.get(self.taken..)?.first_chunk()?;
        let &[a, b, c, d, command] = head;
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        // One of nought has no room for the command, and is as wrong as one that is too long.
        Some((length.checked_sub(1).unwrap_or(usize::MAX), command))
    }

    /// Takes the next command, if one is complete; of a body what is there.
    pub fn take_next(&mut self) -> Result<Option<Command<'_>>, Malformed> {
        if self.body == 0 {
            let Some((length, command)) = self.head() else { return Ok(None) };
            let longest = if matches!(command, b'B' | b'E' | b'L') { LONGEST_CONTENT } else { LONGEST };
            if length > longest {
                return Err(Malformed);
            }
            if command != b'B' {
                let begin = self.taken + HEAD;
                let Some(payload) = self.buffer.get(begin..begin + length) else { return Ok(None) };
                self.taken = begin + length;
                return Command::parse(command, payload).map(Some);
            }
            self.taken += HEAD;
            self.body = length;
            if length == 0 {
                return Ok(Some(Command::Body { piece: &[], last: true }));
            }
        }
        let rest = self.buffer.get(self.taken..).unwrap_or_default();
        let piece = rest.get(..self.body).unwrap_or(rest);
        if piece.is_empty() {
            return Ok(None);
        }
        self.taken += piece.len();
        self.body -= piece.len();
        Ok(Some(Command::Body { piece, last: self.body == 0 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(command: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len() + 1).unwrap();
        [&length.to_be_bytes(), [command].as_slice(), payload].concat()
    }

    /// What is taken when the bytes come in pieces of this size.
    fn taken(bytes: &[u8], size: usize) -> Result<Vec<String>, Malformed> {
        let (mut packets, mut all) = (Packets::default(), Vec::new());
        let mut body = Vec::new();
        for piece in bytes.chunks(size) {
            packets.append(piece);
            while let Some(command) = packets.take_next()? {
                match command {
                    Command::Body { piece, last } => {
                        body.extend_from_slice(piece);
                        if last {
                            all.push(format!("body of {}", body.len()));
                            body.clear();
                        }
                    }
                    other => all.push(format!("{other:?}")),
                }
            }
            packets.rest();
        }
        Ok(all)
    }

    #[test]
    fn commands_are_the_same_wherever_the_bytes_are_cut() {
        let long = [b"X-Long\0 ".as_slice(), &b"x".repeat(100_000), b"\0"].concat();
        let bytes = [
            packet(b'M', b"<a@b.example>\0SIZE=3\0"),
            packet(b'L', &long),
            packet(b'B', &b"y".repeat(65_535)),
            packet(b'B', b""),
            packet(b'E', b""),
        ]
        .concat();
        let whole = taken(&bytes, bytes.len()).unwrap();
        assert_eq!(whole.len(), 5);
        for size in [1, 2, 5, 7, 1000, 65_536] {
            assert_eq!(taken(&bytes, size), Ok(whole.clone()), "{size}");
        }
    }

    #[test]
    fn lengths_are_refused_before_anything_is_kept() {
        for bytes in [
            packet(b'M', &vec![0; LONGEST + 1]),
            packet(b'L', &vec![0; LONGEST_CONTENT + 1]),
            b"\xff\xff\xff\xffB".to_vec(),
            vec![0; 64],
        ] {
            assert_eq!(taken(bytes.get(..5.min(bytes.len())).unwrap(), 5), Err(Malformed));
        }
    }

    #[test]
    fn a_silent_peer_takes_no_buffer() {
        let mut packets = Packets::default();
        packets.append(&packet(b'N', b""));
        assert_eq!(packets.take_next(), Ok(Some(Command::EndOfHeaders)));
        packets.rest();
        assert_eq!(packets.buffer.capacity(), 0);
    }
}
