//! One reading of bytes as text: whole where that costs little, else decoded piece by piece each time it is read.

use std::borrow::Cow;

use encoding_rs::{CoderResult, DecoderResult, Encoding};

/// Pieces are about so long.
const PIECE: usize = 64 << 10;

/// What takes more bytes than this isn't decoded as a whole.
pub(super) const LARGE: usize = 128 << 10;

/// Bytes read as text.
pub(super) enum Decoded<'a> {
    /// All of it.
    Whole(Cow<'a, str>),
    /// To be decoded whenever it is read.
    Coded { bytes: &'a [u8], how: How },
}

/// How bytes are decoded.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// By this charset; a byte order mark wins over it.
    Marked(&'static Encoding),
    /// By this charset, come what may.
    As(&'static Encoding),
    /// As UTF-8, and what isn't as windows-1252.
    Patched,
}

impl<'a> Decoded<'a> {
    /// Decodes, and tells whether anything was invalid.
    pub(super) fn new(bytes: &'a [u8], how: How) -> (Self, bool) {
        if bytes.len() > LARGE
            && let How::As(encoding) | How::Marked(encoding) = how
            && !is_text_as_it_is(bytes, encoding)
        {
            let mut broken = false;
            pieces(bytes, how, &mut |_, malformed| {
                broken |= malformed;
                true
            });
            return (Self::Coded { bytes, how }, broken);
        }
        match how {
            How::Marked(encoding) => {
                let (text, _, broken) = encoding.decode(bytes);
                (Self::Whole(text), broken)
            }
            How::As(encoding) => {
                let (text, broken) = encoding.decode_without_bom_handling(bytes);
                (Self::Whole(text), broken)
            }
            How::Patched if bytes.len() > LARGE => (Self::Coded { bytes, how }, true),
            How::Patched => {
                let mut text = String::with_capacity(bytes.len());
                pieces(bytes, how, &mut |piece, _| {
                    text.push_str(piece);
                    true
                });
                (Self::Whole(text.into()), true)
            }
        }
    }

    /// Decodes what is valid to its end.
    pub(super) fn if_valid(bytes: &'a [u8], encoding: &'static Encoding) -> Option<Self> {
        if bytes.len() <= LARGE {
            return encoding.decode_without_bom_handling_and_without_replacement(bytes).map(Self::Whole);
        }
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut piece = String::with_capacity(PIECE);
        let mut rest = bytes;
        loop {
            let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut piece, true);
            rest = rest.get(read..).unwrap_or_default();
            piece.clear();
            match result {
                DecoderResult::InputEmpty => return Some(Self::Coded { bytes, how: How::As(encoding) }),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => return None,
            }
        }
    }

    /// The same, borrowed.
    pub(super) fn again(&self) -> Decoded<'_> {
        match self {
            Self::Whole(text) => Decoded::Whole(Cow::Borrowed(text)),
            Self::Coded { bytes, how } => Decoded::Coded { bytes, how: *how },
        }
    }

    /// About how many bytes it is.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Whole(text) => text.len(),
            Self::Coded { bytes, .. } => bytes.len(),
        }
    }

    /// Hands the text over in pieces, from its beginning, as long as `take` wants more.
    pub(super) fn each(&self, take: &mut dyn FnMut(&str) -> bool) {
        match self {
            Self::Whole(text) => {
                let mut rest: &str = text;
                while let Some((piece, after)) = rest.split_at_checked(rest.floor_char_boundary(PIECE))
                    && !piece.is_empty()
                    && take(piece)
                {
                    rest = after;
                }
            }
            Self::Coded { bytes, how } => pieces(bytes, *how, &mut |piece, _| take(piece)),
        }
    }

    /// The whole text.
    pub(super) fn whole(&self) -> Cow<'_, str> {
        match self {
            Self::Whole(text) => Cow::Borrowed(text),
            Self::Coded { bytes, .. } => {
                let mut whole = String::with_capacity(bytes.len());
                self.each(&mut |piece| {
                    whole.push_str(piece);
                    true
                });
                Cow::Owned(whole)
            }
        }
    }

    /// The same, as a string of its own.
    pub(super) fn into_string(self) -> String {
        match self {
            Self::Whole(text) => text.into_owned(),
            coded => coded.whole().into_owned(),
        }
    }
}

/// Whether decoding gives the same bytes, and needs no memory.
fn is_text_as_it_is(bytes: &[u8], encoding: &'static Encoding) -> bool {
    (encoding == encoding_rs::UTF_8 && std::str::from_utf8(bytes).is_ok())
        || (encoding.is_ascii_compatible() && bytes.is_ascii() && encoding != encoding_rs::ISO_2022_JP)
}

/// Decodes piece by piece; the flag tells whether the piece holds a replacement for something invalid.
fn pieces(bytes: &[u8], how: How, take: &mut dyn FnMut(&str, bool) -> bool) {
    let mut decoder = match how {
        How::Marked(encoding) => encoding.new_decoder(),
        How::As(encoding) => encoding.new_decoder_without_bom_handling(),
        How::Patched => return patched(bytes, take),
    };
    let mut piece = String::with_capacity(PIECE);
    let mut rest = bytes;
    loop {
        let (result, read, broken) = decoder.decode_to_string(rest, &mut piece, true);
        rest = rest.get(read..).unwrap_or_default();
        if !take(&piece, broken) || result == CoderResult::InputEmpty {
            return;
        }
        piece.clear();
    }
}

/// The same as [`utf8_chunks`](<[u8]>::utf8_chunks), which goes byte by byte where this takes ASCII many bytes at a time.
pub(super) fn utf8_pieces(bytes: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (valid, length) = match std::str::from_utf8(rest) {
            Ok("") => return None,
            Ok(text) => (text.len(), 0),
            Err(error) => {
                let valid = error.valid_up_to();
                (valid, error.error_len().unwrap_or(rest.len() - valid))
            }
        };
        let (text, behind) = rest.split_at_checked(valid)?;
        let (invalid, after) = behind.split_at_checked(length)?;
        rest = after;
        Some((std::str::from_utf8(text).ok()?, invalid))
    })
}

fn patched(bytes: &[u8], take: &mut dyn FnMut(&str, bool) -> bool) {
    let mut piece = String::with_capacity(PIECE.min(bytes.len()));
    for (mut valid, invalid) in utf8_pieces(bytes) {
        loop {
            let (first, after) = valid.split_at_checked(valid.floor_char_boundary(PIECE)).unwrap_or_default();
            piece.push_str(first);
            valid = after;
            if valid.is_empty() {
                piece.extend(invalid.iter().map(|byte| super::charset::western(*byte)));
            }
            if piece.len() >= PIECE {
                if !take(&piece, true) {
                    return;
                }
                piece.clear();
            }
            if valid.is_empty() {
                break;
            }
        }
    }
    take(&piece, true);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Decoded, How, LARGE, PIECE, utf8_pieces};

    #[test]
    fn no_piece_is_much_longer_than_others() {
        for unit in [&b"\x80"[..], b"a\x80", b"\xe2\x82", "\u{20ac}".as_bytes(), b"ab"] {
            let bytes = unit.repeat(2 * LARGE);
            let (text, _) = Decoded::new(&bytes, How::Patched);
            let (mut longest, mut all) = (0, 0);
            text.each(&mut |piece| {
                longest = longest.max(piece.len());
                all += piece.len();
                true
            });
            assert!(longest <= 2 * PIECE, "{longest}");
            assert_eq!(all, text.whole().len());
        }
    }

    const PIECES: [&[u8]; 7] =
        [b"ab", "\u{e9}".as_bytes(), "\u{20ac}".as_bytes(), b"\xff", b"\xe2", b"\xe2\x82", b"\xf0\x9f"];

    proptest! {
        #[test]
        fn utf8_is_cut_where_the_standard_library_cuts_it(
            pieces in proptest::collection::vec(prop::sample::select(&PIECES[..]),
                0..12,
            ),
        ) {
            let bytes = pieces.concat();
            let own: Vec<_> = utf8_pieces(&bytes).collect();
            let library: Vec<_> = bytes.utf8_chunks().map(|chunk| (chunk.valid(), chunk.invalid())).collect();
            prop_assert_eq!(own, library);
        }
    }
}
