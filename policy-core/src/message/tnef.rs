//! What Outlook makes of a message where it believes its reader to have Outlook, too: `winmail.dat` ([MS-OXTNEF]).

use super::{charset, rich};

/// What such a file begins with.
const SIGNATURE: [u8; 4] = 0x223e_9f78_u32.to_le_bytes();

/// What is found in it.
pub(super) enum Found<'t> {
    /// Text as it is shown.
    Text(String),
    /// The source of HTML.
    Html(&'t [u8]),
    /// The name of a file.
    Name(String),
    /// A file under the name that was found last.
    File(&'t [u8]),
}

/// Hands over what a person reads in it.
pub(super) fn read<'t>(tnef: &'t [u8], take: &mut dyn FnMut(Found<'t>)) {
    let Some(rest) = tnef.strip_prefix(&SIGNATURE) else { return };
    let mut bytes = Bytes(rest.get(2..).unwrap_or_default());
    let mut label = "windows-1252".to_owned();
    while let Some(attribute) = Attribute::read(&mut bytes) {
        let data = attribute.data;
        match attribute.tag {
            // Section 2.1.3.3: the code page, the subject, the text, a file's name and content.
            0x0006_9007 => label = format!("cp{}", Bytes(data).number().unwrap_or_default()),
            0x0001_8004 | 0x0002_800c => take(Found::Text(text(data, &label))),
            0x0001_8010 => take(Found::Name(text(data, &label))),
            0x0006_800f => take(Found::File(data)),
            0x0006_9003 | 0x0006_9005 => properties(data, &label, take),
            _ => {}
        }
    }
}

/// An attribute of the message or of a file in it (section 2.1.3.2).
struct Attribute<'t> {
    tag: u32,
    data: &'t [u8],
}

impl<'t> Attribute<'t> {
    fn read(bytes: &mut Bytes<'t>) -> Option<Self> {
        let _level = bytes.take(1)?;
        let tag = bytes.number()?;
        let length = bytes.number()?;
        // What was cut off is read as far as it goes.
        let data = bytes.take_most(length);
        let _checksum = bytes.take_most(2);
        Some(Self { tag, data })
    }
}

/// Goes through a list of MAPI properties (section 2.1.3.4).
fn properties<'t>(list: &'t [u8], label: &str, take: &mut dyn FnMut(Found<'t>)) {
    let mut bytes = Bytes(list);
    let Some(count) = bytes.number() else { return };
    for _ in 0..count {
        let Some(()) = property(&mut bytes, label, take) else { return };
    }
}

/// Reads one property; `None` at the list's end, or where it can't be understood.
fn property<'t>(bytes: &mut Bytes<'t>, label: &str, take: &mut dyn FnMut(Found<'t>)) -> Option<()> {
    const STRING: u16 = 0x1e;
    const UNICODE: u16 = 0x1f;
    const BINARY: u16 = 0x102;
    const OBJECT: u16 = 0x0d;
    const MULTIPLE: u16 = 0x1000;
    let kind = bytes.short()?;
    let id = bytes.short()?;
    if id >= 0x8000 {
        // It has a name of its own.
        bytes.take(16)?;
        if bytes.number()? == 1 {
            let length = bytes.number()?;
            bytes.padded(length)?;
        } else {
            bytes.number()?;
        }
    }
    let fixed = match kind & !MULTIPLE {
        STRING | UNICODE | BINARY | OBJECT => None,
        5 | 6 | 7 | 0x14 | 0x40 => Some(8),
        0x48 => Some(16),
        _ => Some(4),
    };
    let several = kind & MULTIPLE != 0 || fixed.is_none();
    let count = if several { bytes.number()? } else { 1 };
    for _ in 0..count {
        let length = match fixed {
            Some(length) => length,
            None => bytes.number()?,
        };
        let value = bytes.padded(length)?;
        let shown = || match kind & !MULTIPLE {
            UNICODE => charset::best(value, &["utf-16le"]),
            _ => charset::best(value, &[label]),
        };
        match id {
            // Subject and text.
            0x37 | 0x1000 if kind != BINARY => take(Found::Text(without_end(shown()))),
            0x1009 => take(Found::Text(rich::shown(&decompressed(value)))),
            0x1013 => take(Found::Html(value)),
            // A file's names.
            0x3704 | 0x3707 => take(Found::Name(without_end(shown()))),
            _ => {}
        }
    }
    Some(())
}

fn text(data: &[u8], label: &str) -> String {
    without_end(charset::best(data, &[label]))
}

/// Strings end with a NUL.
fn without_end(mut text: String) -> String {
    text.truncate(text.trim_end_matches('\0').len());
    text
}

/// Numbers are little-endian.
struct Bytes<'t>(&'t [u8]);

impl<'t> Bytes<'t> {
    fn take(&mut self, length: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// So many, or as many as there are.
    fn take_most(&mut self, length: u32) -> &'t [u8] {
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(self.0.len());
        self.take(length).unwrap_or_default()
    }

    /// So many, and what fills them up to a multiple of four.
    fn padded(&mut self, length: u32) -> Option<&'t [u8]> {
        let taken = self.take(usize::try_from(length).ok()?)?;
        self.take_most(length.wrapping_neg() % 4);
        Some(taken)
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}

/// What a compressed text can refer to from its beginning ([MS-OXRTFCP] section 2.1.2.1).
const KNOWN: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
                       \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\
                       \\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Undoes the compression of Rich Text ([MS-OXRTFCP] section 3.1.3). It grows by no more than nine times.
fn decompressed(compressed: &[u8]) -> Vec<u8> {
    const WINDOW: usize = 4096;
    let mut bytes = Bytes(compressed);
    let Some([_, _, kind, _]) = bytes.take(16).map(|head| head.as_chunks::<4>().0) else { return Vec::new() };
    match kind {
        b"LZFu" => {}
        b"MELA" => return bytes.0.to_vec(),
        _ => return Vec::new(),
    }
    let mut out = KNOWN.to_vec();
    while let Some([flags]) = bytes.take(1) {
        for bit in 0..8 {
            if flags >> bit & 1 == 0 {
                let Some(literal) = bytes.take(1) else { break };
                out.extend_from_slice(literal);
                continue;
            }
            let Some(&[high, low]) = bytes.take(2) else { break };
            let place = usize::from(high) << 4 | usize::from(low >> 4);
            // How far back it is in the window.
            let back = (out.len() % WINDOW + WINDOW - place) % WINDOW;
            if back == 0 {
                return out.split_off(KNOWN.len());
            }
            for _ in 0..usize::from(low & 15) + 2 {
                let known = out.len().checked_sub(back).and_then(|at| out.get(at)).copied();
                out.push(known.unwrap_or(b' '));
            }
        }
    }
    out.split_off(KNOWN.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of [MS-OXRTFCP] section 4.1.1.
    #[test]
    fn compressed_rich_text_is_what_its_specification_says() {
        assert_eq!(KNOWN.len(), 207);
        let compressed =
            b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125\x42\x32\x0a\xf3 hel\x09\0\
                           \x20bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        let rtf = decompressed(compressed);
        assert_eq!(String::from_utf8_lossy(&rtf), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert_eq!(rich::shown(&rtf).trim(), "hello world");
    }

    fn attribute(tag: u32, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap_or_default();
        [&[1], &tag.to_le_bytes()[..], &length.to_le_bytes(), data, &[0, 0]].concat()
    }

    fn found(tnef: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        read(tnef, &mut |one| {
            found.push(match one {
                Found::Text(text) => text,
                Found::Html(html) => format!("html {}", String::from_utf8_lossy(html)),
                Found::Name(name) => format!("name {name}"),
                Found::File(file) => format!("file {}", String::from_utf8_lossy(file)),
            });
        });
        found
    }

    #[test]
    fn subject_text_and_files_are_found_in_their_code_page() {
        let tnef = [
            &SIGNATURE[..],
            &[1, 0],
            &attribute(0x0006_9007, &1250u32.to_le_bytes()),
            &attribute(0x0001_8004, b"gr\xfc\xdfe\0"),
            &attribute(0x0002_800c, b"k\xf3\xb3ko\0"),
            &attribute(0x0001_8010, b"a.txt\0"),
            &attribute(0x0006_800f, b"inside"),
            &[1, 2],
        ]
        .concat();
        assert_eq!(found(&tnef), ["grüße", "kółko", "name a.txt", "file inside"]);
    }

    #[test]
    fn properties_are_found_behind_others_of_every_kind() {
        let utf_16: Vec<u8> = "später\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u32::try_from(utf_16.len()).unwrap_or_default().to_le_bytes();
        let list = [
            &6u32.to_le_bytes()[..],
            &[3, 0, 1, 0, 9, 9, 9, 9],
            &[0x40, 0, 2, 0, 8, 8, 8, 8, 8, 8, 8, 8],
            &[3, 0x10, 3, 0, 2, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
            // One with a name of its own.
            &[0x1e, 0, 1, 0x80],
            &[7; 16],
            &[1, 0, 0, 0, 2, 0, 0, 0, b'n', 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, b'v', 0, 0, 0],
            &[0x1f, 0, 0, 0x10, 1, 0, 0, 0],
            &length,
            &utf_16,
            &[0, 0][..utf_16.len() % 4],
            &[2, 1, 0x13, 0x10, 1, 0, 0, 0, 3, 0, 0, 0, b'<', b'p', b'>'],
        ]
        .concat();
        let tnef = [&SIGNATURE[..], &[1, 0], &attribute(0x0006_9003, &list)].concat();
        assert_eq!(found(&tnef), ["später", "html <p>"]);
    }
}
