//! The messages in what was found, one after the other: what a file holds is told by its beginning.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Cursor, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use indicatif::ProgressBar;

use super::find::{Origin, Source};
use super::mbox::{Mbox, is_from_line};

/// How much of a file is looked at to tell what it is.
const HEAD: u64 = 4 << 10;

type Input = Box<dyn Read + Send>;

/// Where a message is.
#[derive(Clone)]
pub(super) struct Spot {
    /// The file.
    pub(super) path: Arc<Path>,
    /// Its number, from 1, and the byte where it begins, in a file of many.
    pub(super) in_mailbox: Option<(u64, u64)>,
    /// The person named this very message: they hear of it in any case.
    pub(super) named: bool,
}

/// A message as it is stored.
pub(super) struct Message {
    pub(super) spot: Spot,
    /// The envelope sender, where a mailbox keeps it.
    pub(super) envelope: Option<String>,
    pub(super) raw: Vec<u8>,
    /// It was longer than the limit.
    pub(super) cut_short: bool,
}

/// What comes next.
pub(super) enum Next {
    /// A message.
    Message(Message),
    /// A file in a folder that holds no message.
    LeftOut,
    /// Something that can't be read, in a sentence.
    Trouble(String),
}

/// What comes next, not read yet: that is for whoever judges it, so that files are read side by side.
pub(super) enum Unread {
    File { path: Arc<Path>, origin: Origin, opened: Option<Input> },
    Known(Next),
}

/// Goes through everything that was found; of a mailbox, no more than one message is in memory.
pub(super) struct Messages<I> {
    found: I,
    mailbox: Option<(Arc<Path>, Mbox<BufReader<Input>>)>,
    /// Bytes of one message that are kept.
    limit: usize,
    progress: ProgressBar,
    /// There was a folder or a mailbox.
    pub(super) many: bool,
}

impl<I: Iterator<Item = Result<Source, String>>> Messages<I> {
    pub(super) fn new(found: I, limit: usize, progress: ProgressBar) -> Self {
        Self { found, mailbox: None, limit, progress, many: false }
    }

    fn open(&mut self, source: Source) -> Unread {
        let path: Arc<Path> = source.path.into();
        self.many |= source.origin != Origin::Named;
        if source.origin == Origin::Maildir {
            return Unread::File { path, origin: source.origin, opened: None };
        }
        match self.look(&path, source.origin) {
            Ok(unread) => unread,
            Err(error) => Unread::Known(trouble(&path, &error)),
        }
    }

    fn look(&mut self, path: &Arc<Path>, origin: Origin) -> io::Result<Unread> {
        let mut input = open(path, &self.progress)?;
        let mut head = Vec::new();
        input.by_ref().take(HEAD).read_to_end(&mut head)?;
        let is_mailbox =
            head.trim_ascii_start().split(|byte| *byte == b'\n').next().is_some_and(is_from_line);
        let is_message = || {
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("eml"))
                || looks_like_message(&head)
        };
        if !is_mailbox && origin == Origin::Folder && !is_message() && !is_compressed(&head) {
            return Ok(Unread::Known(Next::LeftOut));
        }
        let input: Input = Box::new(Cursor::new(head).chain(input));
        if is_mailbox {
            self.many = true;
            self.mailbox = Some((Arc::clone(path), Mbox::new(BufReader::new(input), self.limit)?));
            return Ok(self.stored().unwrap_or(Unread::Known(Next::LeftOut)));
        }
        Ok(Unread::File { path: Arc::clone(path), origin, opened: Some(input) })
    }

    /// The next message of the mailbox that is open.
    fn stored(&mut self) -> Option<Unread> {
        let (path, mailbox) = self.mailbox.as_mut()?;
        let next = match mailbox.next() {
            Ok(Some(stored)) => {
                let in_mailbox = Some((stored.index, stored.offset));
                let spot = Spot { path: Arc::clone(path), in_mailbox, named: false };
                let (envelope, raw, cut_short) = (stored.envelope, stored.raw, stored.cut_short);
                return Some(Unread::Known(Next::Message(Message { spot, envelope, raw, cut_short })));
            }
            Ok(None) => None,
            Err(error) => Some(Unread::Known(trouble(path, &error))),
        };
        self.mailbox = None;
        next
    }
}

impl<I: Iterator<Item = Result<Source, String>>> Iterator for Messages<I> {
    type Item = Unread;

    fn next(&mut self) -> Option<Unread> {
        if let Some(stored) = self.stored() {
            return Some(stored);
        }
        Some(match self.found.next()? {
            Ok(source) => self.open(source),
            Err(trouble) => Unread::Known(Next::Trouble(trouble)),
        })
    }
}

impl Unread {
    /// Reads at most `limit` bytes of the message.
    pub(super) fn read(self, limit: usize, progress: &ProgressBar) -> Next {
        let (path, origin, opened) = match self {
            Self::Known(next) => return next,
            Self::File { path, origin, opened } => (path, origin, opened),
        };
        let mut raw = Vec::new();
        let read = opened.map_or_else(|| open(&path, progress), Ok).and_then(|input| {
            input.take(u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1)).read_to_end(&mut raw)
        });
        if let Err(error) = read {
            return trouble(&path, &error);
        }
        if is_compressed(&raw) {
            let advice = io::Error::other("it is compressed: unpack it first");
            return trouble(&path, &advice);
        }
        let named = origin == Origin::Named;
        if raw.is_empty() && !named {
            return Next::LeftOut;
        }
        let cut_short = raw.len() > limit;
        raw.truncate(limit);
        Next::Message(Message {
            spot: Spot { path, in_mailbox: None, named },
            envelope: None,
            raw,
            cut_short,
        })
    }
}

fn trouble(path: &Path, error: &io::Error) -> Next {
    Next::Trouble(format!("can't read {}: {error}", path.display()))
}

/// Opens a file, never waiting: a pipe without a writer would hold us for ever.
fn open(path: &Path, progress: &ProgressBar) -> io::Result<Input> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file: File = OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?;
    if !file.metadata()?.is_file() {
        let advice = "it is a pipe or a device, not a file; if a message comes out of it, give it as standard input (-)";
        return Err(io::Error::other(advice));
    }
    Ok(Box::new(progress.wrap_read(file)))
}

/// Whether a file in a folder is a message: it begins with header fields (RFC 5322 section 2.2), one of which messages
/// have. Lists, programs and notes may have colons in their lines, too.
fn looks_like_message(head: &[u8]) -> bool {
    const KNOWN: [&str; 13] = [
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "received",
        "return-path",
        "message-id",
        "delivered-to",
        "mime-version",
        "content-type",
        "reply-to",
        "sender",
    ];
    /// What servers and filters add in front.
    const FAMILIES: [&str; 6] = ["x-", "arc-", "dkim-", "list-", "authentication-", "received-"];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    // Some programs quote the line that stood before the message in a mailbox.
    let head = match head.strip_prefix(b">").filter(|head| head.starts_with(b"From ")) {
        Some(head) => head.splitn(2, |byte| *byte == b'\n').nth(1).unwrap_or_default(),
        None => head,
    };
    for line in head.split(|byte| *byte == b'\n') {
        if line.trim_ascii().is_empty() {
            return false;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii_end();
        let is_name = name.len() < line.len()
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
        if !is_name {
            return false;
        }
        let begins =
            |prefix: &[u8]| name.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
        if KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
            || FAMILIES.iter().any(|family| begins(family.as_bytes()))
        {
            return true;
        }
    }
    false
}

/// What mail servers and people pack messages with: gzip, bzip2, xz, Zstandard, Dovecot's LZ4.
fn is_compressed(head: &[u8]) -> bool {
    let magic: [&[u8]; 5] = [b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"Dovecot-LZ4"];
    magic.iter().any(|magic| head.starts_with(magic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_messages_are_recognised() {
        for message in [
            "From: a@b.example\n\nhi",
            "\r\nX-A: 1\r\n\tfolded\r\nReceived: from x\r\n",
            "Return-Path: <>\nX-B: 2",
            "\u{feff}Subject : obsolete\n\n",
            ">From a@b.example Mon Jan  1 00:00:00 2024\nSubject: x\n\n",
            "X-A: b\nX-B: c\n",
            "dkim-signature: a=b\n\tc",
        ] {
            assert!(looks_like_message(message.as_bytes()), "{message}");
        }
        for other in
            ["{\"id\": \"1\", \"from\": 2}", "Note: x\n\nFrom: a@b.example", "hello", "", "A: 1\nB: 2\n"]
        {
            assert!(!looks_like_message(other.as_bytes()), "{other}");
        }
    }
}
