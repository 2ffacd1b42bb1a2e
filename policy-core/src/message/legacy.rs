//! The charsets of mail that the web gave up, and with it `encoding_rs`.

use encoding_rs::{EUC_KR, GBK};

/// UTF-7 (RFC 2152). Stretches that aren't valid modified base64 are kept as they are.
pub(super) fn utf_7(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(plus) = memchr::memchr(b'+', rest) {
        let (before, after) = rest.split_at_checked(plus).unwrap_or((rest, b""));
        text.push_str(&String::from_utf8_lossy(before));
        let after = after.get(1..).unwrap_or_default();
        let length = after.iter().take_while(|b| sextet(**b).is_some()).count();
        let (shifted, following) = after.split_at_checked(length).unwrap_or((after, b""));
        if shifted.is_empty() {
            text.push('+');
            rest = following.strip_prefix(b"-").unwrap_or(following);
            continue;
        }
        text.push_str(&String::from_utf16_lossy(&units(shifted)));
        rest = following.strip_prefix(b"-").unwrap_or(following);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// The UTF-16 units of a run of modified base64; bits left over are padding.
fn units(shifted: &[u8]) -> Vec<u16> {
    let (mut held, mut bits, mut units) = (0u32, 0, Vec::new());
    for value in shifted.iter().filter_map(|b| sextet(*b)) {
        held = (held << 6 | value) & 0x3f_ffff;
        bits += 6;
        if bits >= 16 {
            bits -= 16;
            units.push((held >> bits & 0xffff) as u16);
        }
    }
    units
}

/// HZ (RFC 1843): `~{` and `~}` switch between ASCII and GB 2312 with the high bits off.
pub(super) fn hz(bytes: &[u8]) -> String {
    let mut gb = Vec::with_capacity(bytes.len());
    let mut shifted = false;
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match (byte, rest.peek()) {
            (b'~', Some(b'{')) if !shifted => {
                shifted = true;
                rest.next();
            }
            (b'~', Some(b'}')) if shifted => {
                shifted = false;
                rest.next();
            }
            (b'~', Some(b'~')) if !shifted => {
                gb.push(b'~');
                rest.next();
            }
            (b'~', Some(b'\n')) if !shifted => {
                rest.next();
            }
            // A line end always returns to ASCII.
            (b'\n', _) => {
                shifted = false;
                gb.push(b'\n');
            }
            (0x21..=0x7e, _) if shifted => gb.push(byte | 0x80),
            _ => gb.push(byte),
        }
    }
    GBK.decode_without_bom_handling(&gb).0.into_owned()
}

/// ISO-2022-KR (RFC 1557): SO and SI switch to KS C 5601 with the high bits off and back.
pub(super) fn iso_2022_kr(bytes: &[u8]) -> String {
    let mut korean = Vec::with_capacity(bytes.len());
    let mut shifted = false;
    let mut rest = bytes;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            0x0e => shifted = true,
            0x0f => shifted = false,
            0x1b if after.starts_with(b"$)C") => rest = after.get(3..).unwrap_or_default(),
            b'\n' => {
                shifted = false;
                korean.push(b'\n');
            }
            0x21..=0x7e if shifted => korean.push(byte | 0x80),
            _ => korean.push(*byte),
        }
    }
    EUC_KR.decode_without_bom_handling(&korean).0.into_owned()
}

/// Johab (KS X 1001 annex 3): two bytes are a syllable, five bits each of its parts. What isn't Hangul is left out.
pub(super) fn johab(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(&first) = rest.next() {
        if first < 0x80 {
            text.push(char::from(first));
            continue;
        }
        let code = u32::from(first) << 8 | rest.next().copied().map_or(0, u32::from);
        text.push(johab_syllable(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Five bits each say which consonant begins a syllable, which vowel is in it and which consonant ends it.
fn johab_syllable(code: u32) -> Option<char> {
    let initial = (code >> 10 & 31).checked_sub(2).filter(|initial| *initial < 19)?;
    let medial = match code >> 5 & 31 {
        vowel @ 3..=7 => vowel - 3,
        vowel @ 10..=15 => vowel - 5,
        vowel @ 18..=23 => vowel - 7,
        vowel @ 26..=29 => vowel - 9,
        _ => return None,
    };
    let last = match code & 31 {
        last @ 1..=17 => last - 1,
        last @ 19..=29 => last - 2,
        _ => return None,
    };
    char::from_u32(0xAC00 + (initial * 21 + medial) * 28 + last)
}

/// UTF-32 of either byte order; a byte order mark wins over `big_endian`.
pub(super) fn utf_32(bytes: &[u8], big_endian: bool) -> String {
    let big_endian = match bytes {
        [0xff, 0xfe, 0, 0, ..] => false,
        [0, 0, 0xfe, 0xff, ..] => true,
        _ => big_endian,
    };
    let (quads, _) = bytes.as_chunks::<4>();
    quads
        .iter()
        .map(|quad| if big_endian { u32::from_be_bytes(*quad) } else { u32::from_le_bytes(*quad) })
        .map(|value| char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|c| *c != '\u{feff}')
        .collect()
}
