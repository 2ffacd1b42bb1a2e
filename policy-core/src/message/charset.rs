//! Bytes to text: the charset that a part declares, the aliases seen in the wild, and every other plausible reading
//! where the declared one doesn't fit.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use encoding_rs::{Encoding, WINDOWS_1252};

use super::legacy;

/// As much of a text tells what charset it is in.
const SAMPLE: usize = 64 << 10;

/// Every plausible reading of `bytes`, the likeliest first; never empty. `labels` are the charsets that somebody
/// declared, in the order of their authority.
pub(super) fn readings(bytes: &[u8], labels: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    each_reading(bytes, labels, &mut |text| {
        found.push(text);
        true
    });
    found
}

/// Hands over every plausible reading, one at a time, as long as `take` wants more: of a large body no more than one
/// is in memory.
pub(super) fn each_reading(bytes: &[u8], labels: &[&str], take: &mut dyn FnMut(String) -> bool) {
    let mut seen = HashSet::new();
    let hasher = RandomState::new();
    let mut add = |text: String| !seen.insert(hasher.hash_one(&text)) || take(text);
    declared_and_guessed(bytes, labels, &mut add);
}

/// `None` where no more is wanted.
fn declared_and_guessed(bytes: &[u8], labels: &[&str], add: &mut dyn FnMut(String) -> bool) -> Option<()> {
    let mut add = |text: String| add(text).then_some(());
    let mut fits = false;
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        add(encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default()).0.into_owned())?;
        fits = true;
    }
    for label in labels {
        if let Some((text, clean)) = decode(bytes, label) {
            fits |= clean;
            add(text)?;
        }
    }
    if is_plain(bytes) {
        return add(String::from_utf8_lossy(bytes).into_owned());
    }
    // Japanese and Korean mail often goes without a label; the escapes are proof enough (RFC 1468, RFC 1557).
    if memchr::memmem::find(bytes, b"\x1b$)C").is_some() {
        add(legacy::iso_2022_kr(bytes))?;
    } else if memchr::memmem::find(bytes, b"\x1b$").is_some() {
        add(encoding_rs::ISO_2022_JP.decode_without_bom_handling(bytes).0.into_owned())?;
    }
    match std::str::from_utf8(bytes) {
        // Text in another charset is hardly ever valid UTF-8 by accident (RFC 3629 section 1).
        Ok(text) => {
            add(text.to_owned())?;
            if let Some(encoding) = utf_16_without_bom(bytes) {
                add(encoding.decode_without_bom_handling(bytes).0.into_owned())?;
            }
        }
        Err(_) if fits => {}
        Err(_) => guesses(bytes, &mut add)?,
    }
    Some(())
}

/// The likeliest reading of `bytes` alone.
pub(super) fn best(bytes: &[u8], labels: &[&str]) -> String {
    readings(bytes, labels).into_iter().next().unwrap_or_default()
}

/// Whether every reading but a stateful 7-bit charset's gives the same text.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.is_ascii() && memchr::memchr3(0x1b, 0x0e, 0, bytes).is_none()
}

/// Decodes by one label; `None` for a label that says nothing. The flag tells whether it decoded without an error.
fn decode(bytes: &[u8], label: &str) -> Option<(String, bool)> {
    let label = canonical(label);
    match label.as_str() {
        "utf-7" | "unicode-1-1-utf-7" | "utf-7-imap" | "csunicode11utf7" => {
            return Some((legacy::utf_7(bytes), true));
        }
        "hz-gb-2312" | "hz" => return Some((legacy::hz(bytes), true)),
        "iso-2022-kr" | "csiso2022kr" => return Some((legacy::iso_2022_kr(bytes), true)),
        "utf-32" | "utf-32le" | "utf-32be" | "ucs-4" => {
            return Some((legacy::utf_32(bytes, label != "utf-32le"), true));
        }
        _ => {}
    }
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    let (text, _, broken) = encoding.decode(bytes);
    // Control characters of C1 are what a wrong single-byte label leaves behind.
    let odd = text.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c));
    Some((text.into_owned(), !broken && !odd))
}

/// A charset label as `encoding_rs` knows it: without quotes and language, vendors' spellings undone. Empty for the
/// labels that declare nothing.
fn canonical(label: &str) -> String {
    // RFC 2231 sections 4 and 5 put a language behind a `*` and, in parameters, a charset of the value in front.
    let label = label.trim_matches(['"', '\'', ' ']).split('*').next().unwrap_or_default();
    let label = label.rsplit('\'').next().unwrap_or_default();
    let label: String = label
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '<' | '>'))
        .chars()
        .map(|c| if matches!(c, '_' | ' ') { '-' } else { c.to_ascii_lowercase() })
        .collect();
    // Nobody writes pure ASCII and labels it: what has high bytes under this label is mislabelled.
    if matches!(
        label.as_str(),
        "us-ascii" | "ascii" | "ansi-x3.4-1968" | "unknown-8bit" | "x-unknown" | "default"
    ) {
        return String::new();
    }
    let digits: String = label.chars().filter(char::is_ascii_digit).collect();
    let stem: String = label.trim_start_matches("x-").chars().filter(char::is_ascii_alphabetic).collect();
    match (stem.as_str(), digits.as_str()) {
        ("cp" | "win" | "windows" | "ms" | "ibm" | "codepage" | "microsoftcp", number)
            if !number.is_empty() =>
        {
            match number {
                "932" => "shift_jis".to_owned(),
                "936" => "gbk".to_owned(),
                "949" => "euc-kr".to_owned(),
                "950" => "big5".to_owned(),
                "866" => "ibm866".to_owned(),
                "874" => "windows-874".to_owned(),
                "819" => "windows-1252".to_owned(),
                "10000" => "macintosh".to_owned(),
                "10007" => "x-mac-cyrillic".to_owned(),
                "20866" => "koi8-r".to_owned(),
                "21866" => "koi8-u".to_owned(),
                "50220" | "50221" | "50222" => "iso-2022-jp".to_owned(),
                "51932" => "euc-jp".to_owned(),
                "51949" => "euc-kr".to_owned(),
                "52936" => "hz-gb-2312".to_owned(),
                "54936" => "gb18030".to_owned(),
                "65000" => "utf-7".to_owned(),
                "65001" => "utf-8".to_owned(),
                "1200" => "utf-16le".to_owned(),
                "1201" => "utf-16be".to_owned(),
                _ => match number.strip_prefix("2859") {
                    Some(part) => format!("iso-8859-{part}"),
                    None => format!("windows-{number}"),
                },
            }
        }
        ("utf" | "unicodeutf", "8") => "utf-8".to_owned(),
        ("utf", "7") => "utf-7".to_owned(),
        ("utf" | "ucs" | "unicode", "16" | "2" | "") if !stem.is_empty() => "utf-16le".to_owned(),
        ("isolatin" | "latin" | "l", number) if !number.is_empty() => format!("latin{number}"),
        ("iso", number) if number.len() > 4 => match number.strip_prefix("8859") {
            Some(part) => format!("iso-8859-{part}"),
            None => label,
        },
        ("", number) => match number.strip_prefix("8859") {
            Some(part) => format!("iso-8859-{part}"),
            None => label,
        },
        ("sjis" | "shiftjis" | "mskanji", _) => "shift_jis".to_owned(),
        ("eucjp", _) => "euc-jp".to_owned(),
        ("euckr" | "ksc", _) => "euc-kr".to_owned(),
        ("gb" | "euccn" | "gbeuc", _) => "gb18030".to_owned(),
        ("koir", "8") => "koi8-r".to_owned(),
        ("koiu", "8") => "koi8-u".to_owned(),
        ("bighkscs" | "big", "5") => "big5".to_owned(),
        ("tis", _) => "windows-874".to_owned(),
        _ => label,
    }
}

/// The readings of bytes that nobody labelled rightly.
fn guesses(bytes: &[u8], add: &mut impl FnMut(String) -> Option<()>) -> Option<()> {
    let (text, wrong, right) = patched_utf_8(bytes);
    add(text)?;
    if right > wrong {
        return Some(());
    }
    for encoding in [
        encoding_rs::GB18030,
        encoding_rs::BIG5,
        encoding_rs::SHIFT_JIS,
        encoding_rs::EUC_JP,
        encoding_rs::EUC_KR,
    ] {
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            add(text.into_owned())?;
        }
    }
    let sample = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default();
    for encoding in [
        WINDOWS_1252,
        encoding_rs::WINDOWS_1250,
        encoding_rs::WINDOWS_1251,
        encoding_rs::KOI8_U,
        encoding_rs::IBM866,
        encoding_rs::WINDOWS_1253,
        encoding_rs::WINDOWS_1254,
        encoding_rs::WINDOWS_1255,
        encoding_rs::WINDOWS_1256,
        encoding_rs::WINDOWS_874,
    ] {
        if plausible(&encoding.decode_without_bom_handling(sample).0) {
            add(encoding.decode_without_bom_handling(bytes).0.into_owned())?;
        }
    }
    if let Some(encoding) = utf_16_without_bom(bytes) {
        add(encoding.decode_without_bom_handling(bytes).0.into_owned())?;
    }
    Some(())
}

/// Whether a single-byte reading looks like writing: nearly all of its high bytes are letters.
fn plausible(text: &str) -> bool {
    let (mut letters, mut others) = (0usize, 0usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        if c.is_alphabetic() { letters += 1 } else { others += 1 }
    }
    letters >= others.saturating_mul(2)
}

/// UTF-8 in which what isn't valid is read as windows-1252, and how many sequences were invalid and valid.
fn patched_utf_8(bytes: &[u8]) -> (String, usize, usize) {
    let mut text = String::with_capacity(bytes.len());
    let (mut wrong, mut right) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            wrong += 1;
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    (text, wrong, right)
}

/// Western text in UTF-16 has a NUL in every other place.
fn utf_16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..bytes.len().min(512))?;
    let nul = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (nul(0), nul(1));
    let half = sample.len() / 2;
    match (even * 2 > half, odd * 2 > half) {
        (true, false) => Some(encoding_rs::UTF_16BE),
        (false, true) => Some(encoding_rs::UTF_16LE),
        _ => None,
    }
}

/// A header field's bytes as text in which addresses are looked for: UTF-8 (RFC 6532), and never an error.
pub(super) fn header_text(bytes: &[u8]) -> String {
    patched_utf_8(bytes).0
}
