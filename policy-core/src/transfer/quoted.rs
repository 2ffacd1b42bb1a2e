//! Tables whose quoted values end where they should (RFC 4180 section 2). A value in quotes may go on over lines, so one mark
//! that is never closed would swallow every entry behind it: such a line is taken out, and the lines behind it are read.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use super::RECORD_BYTES;

/// The lines that were taken out, in their order.
pub(super) type TakenOut = Rc<RefCell<VecDeque<u64>>>;

/// What stands in the place of a line that was taken out, so that lines keep their numbers.
pub(super) const IN_PLACE: &str = "\0";

/// Hands the table on, record by record.
pub(super) struct Records<R> {
    input: R,
    separator: u8,
    /// Lines that were looked at and not handed on.
    ahead: VecDeque<Vec<u8>>,
    /// What is being handed on.
    ready: Vec<u8>,
    at: usize,
    /// The lines that were handed on.
    lines: u64,
    taken_out: TakenOut,
}

/// Where in a record the reading stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    ValueBegins,
    Plain,
    Quoted,
    /// Behind a mark inside of quotes: the value's end, or half of a doubled one.
    Mark,
    /// Behind the end of a quoted value.
    Ended,
    Broken,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R, separator: u8) -> (Self, TakenOut) {
        let taken_out = TakenOut::default();
        let records = Self {
            input,
            separator,
            ahead: VecDeque::new(),
            ready: Vec::new(),
            at: 0,
            lines: 0,
            taken_out: Rc::clone(&taken_out),
        };
        (records, taken_out)
    }

    /// The next line with its end, at most as much of it as a record may hold; the rest follows as a line.
    fn line(&mut self, number: usize) -> io::Result<Option<&[u8]>> {
        if self.ahead.len() <= number {
            let mut line = Vec::new();
            if self.input.by_ref().take(RECORD_BYTES as u64).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            self.ahead.push_back(line);
        }
        Ok(self.ahead.get(number).map(Vec::as_slice))
    }

    fn next_record(&mut self) -> io::Result<()> {
        let (mut state, mut count, mut bytes) = (State::ValueBegins, 0, 0);
        let separator = self.separator;
        let sound = loop {
            let Some(line) = self.line(count)? else { break state != State::Quoted };
            bytes += line.len();
            let ends = line.ends_with(b"\n");
            state = line.iter().fold(state, |state, byte| state.after(*byte, separator));
            count += 1;
            match state {
                State::Quoted if ends && bytes < RECORD_BYTES => {}
                State::Quoted | State::Broken => break false,
                _ => break true,
            }
        };
        self.at = 0;
        self.ready.clear();
        if sound {
            for line in self.ahead.drain(..count) {
                self.lines += u64::from(line.ends_with(b"\n"));
                self.ready.extend(line);
            }
        } else {
            self.lines += 1;
            self.taken_out.borrow_mut().push_back(self.lines);
            self.ready.extend(IN_PLACE.bytes().chain([b'\n']));
            // A line that is longer than a record may be comes in pieces.
            while self.line(0)?.is_some_and(|piece| !piece.ends_with(b"\n")) {
                self.ahead.pop_front();
            }
            self.ahead.pop_front();
        }
        Ok(())
    }
}

impl State {
    fn after(self, byte: u8, separator: u8) -> Self {
        match (self, byte) {
            (Self::Broken, _) => Self::Broken,
            (Self::Quoted, b'"') => Self::Mark,
            (Self::Quoted, _) | (Self::Mark, b'"') => Self::Quoted,
            (_, b'\n') => Self::ValueBegins,
            (_, byte) if byte == separator => Self::ValueBegins,
            (Self::ValueBegins, b'"') => Self::Quoted,
            (Self::Mark | Self::Ended, b' ' | b'\t' | b'\r') => Self::Ended,
            (Self::Mark | Self::Ended, _) => Self::Broken,
            (Self::ValueBegins | Self::Plain, _) => Self::Plain,
        }
    }
}

impl<R: BufRead> Read for Records<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.ready.len() {
            self.next_record()?;
        }
        let mut rest = self.ready.get(self.at..).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.at += read;
        Ok(read)
    }
}
