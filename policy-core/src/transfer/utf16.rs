//! Files in UTF-16, as some programs of Windows write them, read as UTF-8. They begin with a byte order mark.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use encoding_rs::{Decoder, Encoding, UTF_8};

/// The input as it is, or as UTF-8 if its mark says that it is UTF-16.
pub(super) fn as_utf8<'r>(mut input: Box<dyn BufRead + 'r>) -> Box<dyn BufRead + 'r> {
    // What can't be read is the reader's to say.
    let begin = input.fill_buf().unwrap_or_default();
    match Encoding::for_bom(begin) {
        Some((encoding, _)) if encoding != UTF_8 => {
            let decoder = encoding.new_decoder_with_bom_removal();
            Box::new(BufReader::new(Utf16 { input, decoder, decoded: Cursor::default(), ended: false }))
        }
        _ => input,
    }
}

/// The beginning of a file as text, whatever its encoding.
pub(super) fn begin(bytes: &[u8]) -> Cow<'_, str> {
    UTF_8.decode(bytes).0
}

struct Utf16<'r> {
    input: Box<dyn BufRead + 'r>,
    decoder: Decoder,
    decoded: Cursor<Vec<u8>>,
    ended: bool,
}

impl Read for Utf16<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.decoded.read(into)?;
            if read > 0 || self.ended || into.is_empty() {
                return Ok(read);
            }
            let bytes = self.input.fill_buf()?;
            self.ended = bytes.is_empty();
            let room = self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or_default();
            let mut text = String::with_capacity(room);
            let (_, taken, _) = self.decoder.decode_to_string(bytes, &mut text, self.ended);
            self.input.consume(taken);
            self.decoded = Cursor::new(text.into_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_orders_are_read_and_anything_else_is_left_alone() {
        let text = "mallory@example.org\r\nприве́т 🦊\r\n";
        let bytes = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("\u{feff}{text}").encode_utf16().flat_map(order).collect()
        };
        for file in [bytes(u16::to_le_bytes), bytes(u16::to_be_bytes), text.as_bytes().to_vec()] {
            // A buffer that ends within a character.
            let input = BufReader::with_capacity(3, Cursor::new(file));
            let mut read = String::new();
            as_utf8(Box::new(input)).read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
        let mut broken = Vec::new();
        as_utf8(Box::new(Cursor::new(b"\xff\xfea"))).read_to_end(&mut broken).unwrap();
        assert_eq!(broken, "\u{fffd}".as_bytes());
    }
}
