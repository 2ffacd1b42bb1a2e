//! Mailboxes in one file (RFC 4155): mboxo, mboxrd and their kin, message by message, whatever their size.

use std::io::{self, BufRead, Read};

/// How much of a line is looked at a time.
const PIECE: u64 = 64 << 10;

/// Whether this is the line that stands before a message: `From `, the sender, and the date as `ctime` writes it, with
/// or without seconds and a time zone. The date tells it from a sentence that begins with `From`.
pub(super) fn is_from_line(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let Ok(rest) = std::str::from_utf8(rest.get(..rest.len().min(1024)).unwrap_or_default()) else {
        return false;
    };
    let words: Vec<&str> = rest.split_ascii_whitespace().collect();
    // The sender may hold blanks (quoted), or be missing.
    (0..words.len()).any(|at| is_date(words.get(at..).unwrap_or_default()))
}

fn is_date(words: &[&str]) -> bool {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let [weekday, month, day, time, rest @ ..] = words else { return false };
    let year = |word: &&str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    DAYS.contains(&weekday.trim_end_matches(','))
        && MONTHS.contains(month)
        && day.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day))
        && time.len() >= 4
        && time.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
        && time.contains(':')
        && rest.iter().take(3).any(year)
}

/// The envelope sender in a `From ` line, if there is one.
pub(super) fn envelope_sender(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(line.strip_prefix(b"From ")?).into_owned();
    let sender = text.split_ascii_whitespace().next()?;
    sender.contains('@').then(|| sender.to_owned())
}

/// One message of a mailbox.
pub(super) struct Stored {
    /// Which it is, from 1.
    pub(super) index: u64,
    /// Where its `From ` line begins, in bytes.
    pub(super) offset: u64,
    /// Who sent it, by the `From ` line.
    pub(super) envelope: Option<String>,
    /// The message without that line, quoted `>From ` lines as they were.
    pub(super) raw: Vec<u8>,
    /// It was longer than the limit.
    pub(super) cut_short: bool,
}

/// Reads a mailbox from its first `From ` line on.
pub(super) struct Mbox<R> {
    input: R,
    /// Bytes of a message that are kept.
    limit: usize,
    /// The `From ` line of the message that comes next, and where it begins.
    next: Option<(Vec<u8>, u64)>,
    index: u64,
    offset: u64,
}

impl<R: BufRead> Mbox<R> {
    /// A mailbox whose first line, but for empty ones, is a `From ` line.
    pub(super) fn new(mut input: R, limit: usize) -> io::Result<Self> {
        let mut begin = 0;
        loop {
            let mut line = Vec::new();
            let length = input.by_ref().take(PIECE).read_until(b'\n', &mut line)? as u64;
            if length == 0 || !line.trim_ascii().is_empty() {
                return Ok(Self {
                    input,
                    limit,
                    next: Some((line, begin)),
                    index: 0,
                    offset: begin + length,
                });
            }
            begin += length;
        }
    }

    /// The next message; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Stored>> {
        let Some((from_line, offset)) = self.next.take() else { return Ok(None) };
        self.index += 1;
        let mut message = Stored {
            index: self.index,
            offset,
            envelope: envelope_sender(&from_line),
            raw: Vec::new(),
            cut_short: false,
        };
        let mut piece = Vec::new();
        let mut begins_line = true;
        loop {
            piece.clear();
            let begin = self.offset;
            let length = self.input.by_ref().take(PIECE).read_until(b'\n', &mut piece)?;
            if length == 0 {
                return Ok(Some(message));
            }
            self.offset += length as u64;
            // Content-Length isn't believed: a sender can write any number there.
            if begins_line && is_from_line(&piece) {
                self.next = Some((piece, begin));
                return Ok(Some(message));
            }
            let text = if begins_line { unquoted(&piece) } else { &piece };
            let room = self.limit.saturating_sub(message.raw.len());
            message.raw.extend_from_slice(text.get(..text.len().min(room)).unwrap_or_default());
            message.cut_short |= text.len() > room;
            begins_line = piece.last() == Some(&b'\n');
        }
    }
}

/// A line without the `>` that mboxrd puts before `From `, however many are there; mboxo knows the first alone.
fn unquoted(line: &[u8]) -> &[u8] {
    let bare = line.iter().position(|byte| *byte != b'>').and_then(|at| line.get(at..));
    match line.strip_prefix(b">") {
        Some(rest) if bare.is_some_and(|bare| bare.starts_with(b"From ")) => rest,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_lines_are_told_from_sentences() {
        for line in [
            "From mallory@example.org Thu Aug 22 12:36:23 2002\n",
            "From exmh-workers-admin@redhat.com  Thu Aug 22 12:36:23 2002\r\n",
            "From - Mon Jul  4 08:05:01 2022\n",
            "From MAILER-DAEMON Fri Jul  8 12:08 2011\n",
            "From a@b.example Thu Aug 22 12:36:23 EDT 2002\n",
            "From a@b.example Thu Aug 22 12:36:23 2002 +0200\n",
            "From \"m allory\"@b.example Thu Aug 22 12:36:23 2002\n",
            "From uucp!a Thu Aug 22 12:36:23 2002 remote from host\n",
        ] {
            assert!(is_from_line(line.as_bytes()), "{line}");
        }
        for line in [
            "From here on it gets better.\n",
            "From Monday to Thu Aug 22 we are closed\n",
            "From: a@b.example\n",
            ">From a@b.example Thu Aug 22 12:36:23 2002\n",
            "from a@b.example Thu Aug 22 12:36:23 2002\n",
            "From \n",
        ] {
            assert!(!is_from_line(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn quoting_is_undone_once() {
        for (stored, sent) in [
            (">From here", "From here"),
            (">>From here", ">From here"),
            (">>> From here", ">>> From here"),
            ("> quoted", "> quoted"),
            ("From here", "From here"),
        ] {
            assert_eq!(unquoted(stored.as_bytes()), sent.as_bytes(), "{stored}");
        }
    }

    fn read(mailbox: &str, limit: usize) -> Vec<Stored> {
        let mut mbox = Mbox::new(mailbox.as_bytes(), limit).unwrap();
        std::iter::from_fn(|| mbox.next().unwrap()).collect()
    }

    #[test]
    fn a_message_is_where_its_offset_says() {
        for end in ["\n", "\r\n"] {
            let from = format!("From a@b.example Thu Aug 22 12:36:23 2002{end}");
            let one = format!("Subject: one{end}Content-Length: 9999{end}{end}>From here{end}{end}");
            let two = format!("Subject: two{end}{end}From here on{end}");
            let mailbox = format!("{from}{one}{from}{two}{from}");
            let stored = read(&mailbox, 1000);
            let offsets: Vec<usize> = stored.iter().map(|one| usize::try_from(one.offset).unwrap()).collect();
            assert_eq!(offsets, [0, from.len() + one.len(), from.len() * 2 + one.len() + two.len()]);
            assert_eq!(stored[0].raw, one.replace(">From", "From").as_bytes());
            assert_eq!(stored[1].raw, two.as_bytes());
            assert!(stored[2].raw.is_empty());
            assert_eq!(stored[0].envelope.as_deref(), Some("a@b.example"));
        }
    }

    #[test]
    fn of_a_message_beyond_the_limit_the_beginning_is_kept_and_the_next_one_found() {
        let long = "x".repeat(300_000);
        let from = "From a@b.example Thu Aug 22 12:36:23 2002\n";
        let stored = read(&format!("{from}{long}\n{long}\n{from}Subject: two\n\n"), 1000);
        assert_eq!((stored.len(), stored[0].raw.len(), stored[0].cut_short), (2, 1000, true));
        assert_eq!((stored[1].raw.as_slice(), stored[1].cut_short), (b"Subject: two\n\n".as_slice(), false));
    }
}
