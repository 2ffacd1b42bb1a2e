//! Cutting a multipart's body at its boundary lines (RFC 2046 section 5.1.1).

use memchr::memmem::Finder;

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
    let mut delimiters = Delimiters::new(body, boundary);
    let mut begin = Some(0);
    let mut outside = true;
    std::iter::from_fn(move || {
        loop {
            let from = begin?;
            let next = delimiters.by_ref().find(|found| found.exact || strictness == Strictness::Prefix);
            let was_outside = outside;
            let piece = match next {
                Some(found) => {
                    begin = Some(found.end);
                    outside = found.closing;
                    let piece = body.get(from..found.begin).unwrap_or_default();
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

/// How a boundary may be taken in `body`.
#[derive(Default)]
pub(super) struct Ways {
    /// There are parts if it has to stand alone on its line.
    pub(super) exact: bool,
    /// There are others, or more of them, if more may follow it.
    pub(super) prefix: bool,
}

/// In which ways `boundary` cuts `body`.
pub(super) fn ways(body: &[u8], boundary: &[u8]) -> Ways {
    let mut ways = Ways::default();
    for found in Delimiters::new(body, boundary) {
        ways.exact |= found.exact && !found.closing;
        ways.prefix |= !found.exact;
        if ways.exact && ways.prefix {
            break;
        }
    }
    ways
}

/// Cuts at every line that begins with two hyphens, whatever the boundaries are: how a message is read that nests
/// deeper than it is followed.
pub(super) fn cut_anywhere(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    cut(body, b"", Strictness::Prefix).map(|piece| match piece {
        Piece::Around(piece) | Piece::Part(piece) => piece,
    })
}

/// The boundary that a body uses whose header names none: its first line that begins with two hyphens and goes on, without the
/// two that end the last part.
pub(super) fn guess(body: &[u8]) -> Option<String> {
    Delimiters::new(body, b"").find_map(|found| {
        let line = body.get(found.begin..found.end)?.trim_ascii_end();
        let boundary = line.get(2..)?;
        let boundary = boundary.strip_suffix(b"--").unwrap_or(boundary);
        (!boundary.trim_ascii().is_empty()).then(|| String::from_utf8_lossy(boundary).into_owned())
    })
}

/// A line that begins with two hyphens and the boundary.
struct Delimiter {
    begin: usize,
    end: usize,
    /// Two hyphens behind the boundary end the multipart.
    closing: bool,
    /// Nothing else is on the line.
    exact: bool,
}

/// Finds boundary lines.
struct Delimiters<'a> {
    body: &'a [u8],
    finder: Finder<'static>,
    at: usize,
}

impl<'a> Delimiters<'a> {
    fn new(body: &'a [u8], boundary: &[u8]) -> Self {
        let finder = Finder::new(&[b"--", boundary].concat()).into_owned();
        Self { body, finder, at: 0 }
    }
}

impl Iterator for Delimiters<'_> {
    type Item = Delimiter;

    fn next(&mut self) -> Option<Delimiter> {
        loop {
            let begin = self.at + self.finder.find(self.body.get(self.at..)?)?;
            let behind = begin + self.finder.needle().len();
            let rest = self.body.get(behind..)?;
            let end = memchr::memchr(b'\n', rest).map_or(self.body.len(), |length| behind + length + 1);
            // No other can begin on this line.
            self.at = end;
            if begin > 0 && self.body.get(begin - 1) != Some(&b'\n') {
                continue;
            }
            let rest = self.body.get(behind..end)?;
            let closed = rest.strip_prefix(b"--");
            let exact = closed.unwrap_or(rest).trim_ascii().is_empty();
            return Some(Delimiter { begin, end, closing: closed.is_some(), exact });
        }
    }
}
