//! Cutting a multipart's body at its boundary lines (RFC 2046 section 5.1.1).

/// What stands between the boundary lines of a multipart.
#[derive(Clone, Copy)]
pub(super) enum Piece<'a> {
    /// Before the first boundary line or behind the closing one: text that some readers show.
    Around(&'a [u8]),
    /// A part, header and body.
    Part(&'a [u8]),
}

/// How strictly a boundary line is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// The boundary alone, blanks may follow (RFC 2046).
    Exact,
    /// Any line that begins with the boundary, as some readers take it.
    Prefix,
}

/// Cuts `body` piece by piece; a missing closing line is no obstacle.
pub(super) fn cut<'a>(
    body: &'a [u8],
    boundary: &[u8],
    strictness: Strictness,
) -> impl Iterator<Item = Piece<'a>> {
    let mut lines = Lines::new(body);
    let mut begin = Some(0);
    let mut outside = true;
    std::iter::from_fn(move || {
        loop {
            let from = begin?;
            let next = lines.by_ref().find_map(|line| {
                Some((delimiter(line.content, boundary, strictness)?, line.begin, line.end))
            });
            let was_outside = outside;
            let piece = match next {
                Some((delimiter, end, after)) => {
                    begin = Some(after);
                    outside = delimiter == Delimiter::Close;
                    let piece = body.get(from..end).unwrap_or_default();
                    // The line end before the boundary belongs to it.
                    let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
                    piece.strip_suffix(b"\r").unwrap_or(piece)
                }
                None => {
                    begin = None;
                    body.get(from..).unwrap_or_default()
                }
            };
            if !was_outside {
                return Some(Piece::Part(piece));
            }
            if !piece.trim_ascii().is_empty() {
                return Some(Piece::Around(piece));
            }
        }
    })
}

/// Cuts at every line that begins with two hyphens, whatever the boundaries are: how a message is read that nests
/// deeper than it is followed.
pub(super) fn cut_anywhere(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    cut(body, b"", Strictness::Prefix).map(|piece| match piece {
        Piece::Around(piece) | Piece::Part(piece) => piece,
    })
}

/// The boundary that a body uses whose header names none: its first line that begins with two hyphens.
pub(super) fn guess(body: &[u8]) -> Option<String> {
    let line = Lines::new(body).find(|line| line.content.starts_with(b"--") && line.content.len() > 4)?;
    Some(String::from_utf8_lossy(line.content.get(2..)?.trim_ascii_end()).into_owned())
}

#[derive(PartialEq, Eq)]
enum Delimiter {
    Part,
    Close,
}

fn delimiter(line: &[u8], boundary: &[u8], strictness: Strictness) -> Option<Delimiter> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    let closing = rest.strip_prefix(b"--");
    let alone = |rest: &[u8]| rest.trim_ascii().is_empty();
    match (closing, strictness) {
        (Some(rest), Strictness::Exact) if alone(rest) => Some(Delimiter::Close),
        (None, Strictness::Exact) if alone(rest) => Some(Delimiter::Part),
        (_, Strictness::Exact) => None,
        (Some(_), Strictness::Prefix) => Some(Delimiter::Close),
        (None, Strictness::Prefix) => Some(Delimiter::Part),
    }
}

struct Line<'a> {
    content: &'a [u8],
    begin: usize,
    end: usize,
}

struct Lines<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(body: &'a [u8]) -> Self {
        Self { body, at: 0 }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.body.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let begin = self.at;
        self.at += length;
        Some(Line { content: rest.get(..length)?.trim_ascii_end(), begin, end: self.at })
    }
}
