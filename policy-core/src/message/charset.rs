//! Bytes to text: the charset that a part declares, the aliases seen in the wild, and every other plausible reading
//! where the declared one doesn't fit.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::decoded::{Decoded, How, LARGE, utf8_pieces};
use super::{code_page, legacy, mojibake};

/// As much of a text tells what charset it is in.
const SAMPLE: usize = 64 << 10;

/// Every plausible reading of `bytes`, the likeliest first; never empty. `labels` are the charsets that somebody
/// declared, in the order of their authority.
pub(super) fn readings(bytes: &[u8], labels: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    each_reading(bytes, labels, &mut |text| {
        found.push(text.whole().into_owned());
        true
    });
    found
}

/// Hands over every plausible reading, one at a time, as long as `take` wants more: of a large body no more than one
/// is in memory.
pub(super) fn each_reading<'a>(bytes: &'a [u8], labels: &[&str], take: &mut dyn FnMut(&Decoded<'a>) -> bool) {
    // Most mail is ASCII under a label that agrees.
    if is_plain(bytes) && labels.iter().all(|label| agrees_on_ascii(label)) {
        take(&lossy(bytes));
        return;
    }
    let mut told = Told::default();
    declared_and_guessed(bytes, labels, &mut |text| told.once(text, take));
}

/// The readings that were handed over.
#[derive(Default)]
struct Told<'a> {
    /// The first, to be compared with, which costs next to nothing, unlike a hash of each; of a large body none.
    kept: Vec<Decoded<'a>>,
    kept_bytes: usize,
    /// Of the others.
    hashes: HashSet<u64>,
    hasher: RandomState,
}

impl<'a> Told<'a> {
    /// Hands over what is new; returns whether more is wanted.
    fn once(&mut self, text: Decoded<'a>, take: &mut dyn FnMut(&Decoded<'a>) -> bool) -> bool {
        let same = |one: &Decoded<'_>| matches!((one, &text), (Decoded::Whole(one), Decoded::Whole(text)) if one == text);
        if self.kept.iter().any(same) {
            return true;
        }
        if self.hashes.is_empty() && self.kept_bytes + text.len() <= LARGE {
            let more = take(&text);
            self.kept_bytes += text.len();
            self.kept.push(text);
            return more;
        }
        !self.hashes.insert(self.hash(&text)) || take(&text)
    }

    fn hash(&self, text: &Decoded<'_>) -> u64 {
        let mut hash = self.hasher.build_hasher();
        text.each(&mut |piece| {
            hash.write(piece.as_bytes());
            true
        });
        hash.finish()
    }
}

fn agrees_on_ascii(label: &str) -> bool {
    let label = canonical(label);
    Encoding::for_label_no_replacement(label.as_bytes())
        .map_or(label.is_empty(), Encoding::is_ascii_compatible)
}

fn lossy(bytes: &[u8]) -> Decoded<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded::Whole(text.into()),
        Err(_) => Decoded::new(bytes, How::As(encoding_rs::UTF_8)).0,
    }
}

/// `None` where no more is wanted.
fn declared_and_guessed<'a>(
    bytes: &'a [u8],
    labels: &[&str],
    add: &mut dyn FnMut(Decoded<'a>) -> bool,
) -> Option<()> {
    let mut add = |text: Decoded<'a>| add(text).then_some(());
    let mut fits = false;
    let mut escaped = false;
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        add(Decoded::new(bytes.get(length..).unwrap_or_default(), How::As(encoding)).0)?;
        fits = true;
        // Who labels a text UTF-8 and begins it with UTF-16's mark is shown by the label in some readers.
        if encoding != UTF_8 && !labels.is_empty() {
            add(Decoded::new(bytes, How::As(UTF_8)).0)?;
        }
    }
    for label in labels {
        if let Some((text, clean)) = decode(bytes, label) {
            fits |= clean;
            escaped |= clean && canonical(label).starts_with("iso-2022") && bytes.is_ascii();
            add(text)?;
        }
    }
    if is_plain(bytes) {
        return add(lossy(bytes));
    }
    // Japanese and Korean mail often goes without a label; the escapes are proof enough (RFC 1468, RFC 1557).
    if memchr::memmem::find(bytes, b"\x1b$)C").is_some() {
        add(Decoded::Whole(legacy::iso_2022_kr(bytes).into()))?;
    } else if memchr::memmem::find(bytes, b"\x1b$").is_some() {
        add(Decoded::new(bytes, How::As(encoding_rs::ISO_2022_JP)).0)?;
    }
    match std::str::from_utf8(bytes) {
        // Nobody is shown characters in two bytes of ASCII as those where the label says what they are.
        Ok(_) if escaped => {}
        // Text in another charset is hardly ever valid UTF-8 by accident (RFC 3629 section 1).
        Ok(text) => {
            add(Decoded::Whole(text.into()))?;
            if let Some(meant) = mojibake::undone(text) {
                add(Decoded::Whole(meant.into()))?;
            }
            if let Some(encoding) = utf_16_without_bom(bytes) {
                add(Decoded::new(bytes, How::As(encoding)).0)?;
            }
        }
        Err(_) if fits => {}
        Err(_) => guesses(bytes, &mut add)?,
    }
    Some(())
}

/// The likeliest reading of `bytes` alone.
pub(super) fn best(bytes: &[u8], labels: &[&str]) -> String {
    let mut best = String::new();
    each_reading(bytes, labels, &mut |text| {
        best = text.whole().into_owned();
        false
    });
    best
}

/// Whether every reading but a stateful 7-bit charset's gives the same text.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.is_ascii() && memchr::memchr3(0x1b, 0x0e, 0, bytes).is_none()
}

/// Decodes by one label; `None` for a label that says nothing. The flag tells whether it decoded without an error.
fn decode<'a>(bytes: &'a [u8], label: &str) -> Option<(Decoded<'a>, bool)> {
    let label = canonical(label);
    let legacy = match label.as_str() {
        "utf-7" | "unicode-1-1-utf-7" | "utf-7-imap" | "csunicode11utf7" => Some(legacy::utf_7(bytes)),
        "hz-gb-2312" | "hz" => Some(legacy::hz(bytes)),
        "iso-2022-kr" | "csiso2022kr" => Some(legacy::iso_2022_kr(bytes)),
        "johab" | "windows-1361" => Some(legacy::johab(bytes)),
        "utf-32" | "utf-32le" | "utf-32be" | "ucs-4" => Some(legacy::utf_32(bytes, label != "utf-32le")),
        _ => label.strip_prefix("windows-").and_then(|page| code_page::decode(bytes, page)),
    };
    if let Some(text) = legacy {
        return Some((Decoded::Whole(text.into()), true));
    }
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    let (text, broken) = Decoded::new(bytes, How::Marked(encoding));
    let mut odd = false;
    text.each(&mut |piece| {
        odd |= has_c1(piece);
        !odd
    });
    Some((text, !broken && !odd))
}

/// Control characters of C1 are what a wrong single-byte label leaves behind.
fn has_c1(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xc2, bytes).any(|at| matches!(bytes.get(at + 1), Some(0x80..=0x9f)))
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
        ("utfbe" | "utfle", "16" | "32") => format!("utf-{digits}{}", stem.trim_start_matches("utf")),
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
        ("macroman", "") => "macintosh".to_owned(),
        ("maccyrillic" | "macukrainian", "") => "x-mac-cyrillic".to_owned(),
        // The later ones begin with the first (RFC 1554, RFC 2237).
        ("isojp" | "isojpext", number) if number.starts_with("2022") => "iso-2022-jp".to_owned(),
        // The numbers that Windows gives them.
        ("macarabic" | "macfarsi", _) => "windows-10004".to_owned(),
        ("macgreek", _) => "windows-10006".to_owned(),
        ("macromanian" | "macromania", _) => "windows-10010".to_owned(),
        ("macce" | "maccentraleurope" | "maccenteuro" | "maclatin", _) => "windows-10029".to_owned(),
        ("maciceland" | "macicelandic", _) => "windows-10079".to_owned(),
        ("macturkish", _) => "windows-10081".to_owned(),
        ("maccroatian", _) => "windows-10082".to_owned(),
        ("hproman" | "roman", "8") | ("r", "8") => "windows-1051".to_owned(),
        _ => label,
    }
}

/// The readings of bytes that nobody labelled rightly.
fn guesses<'a>(bytes: &'a [u8], add: &mut impl FnMut(Decoded<'a>) -> Option<()>) -> Option<()> {
    add(Decoded::new(bytes, How::Patched).0)?;
    let (wrong, right) = validity(bytes);
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
        if let Some(text) = Decoded::if_valid(bytes, encoding) {
            add(text)?;
        }
    }
    let high = high_bytes(bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default());
    for (encoding, letters) in SINGLE_BYTE.iter().zip(LETTERS.iter()) {
        if plausible(&high, *letters) {
            add(Decoded::new(bytes, How::As(encoding)).0)?;
        }
    }
    if let Some(encoding) = utf_16_without_bom(bytes) {
        add(Decoded::new(bytes, How::As(encoding)).0)?;
    }
    Some(())
}

/// The single-byte charsets of unlabelled mail.
static SINGLE_BYTE: [&Encoding; 10] = [
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
];

/// Which of the high bytes are letters in each of them, a bit a byte.
static LETTERS: LazyLock<[u128; SINGLE_BYTE.len()]> = LazyLock::new(|| {
    let is_letter = |encoding: &'static Encoding, byte: u8| {
        encoding.decode_without_bom_handling(&[byte]).0.chars().all(char::is_alphabetic)
    };
    SINGLE_BYTE.map(|encoding| {
        let letters = (0x80..=0xff).filter(|byte| is_letter(encoding, *byte));
        letters.fold(0, |set, byte| set | 1 << (byte - 0x80))
    })
});

/// How often each byte from 0x80 on stands in `bytes`.
fn high_bytes(bytes: &[u8]) -> [usize; 128] {
    let mut counts = [0; 128];
    for byte in bytes {
        if let Some(count) = byte.checked_sub(0x80).and_then(|high| counts.get_mut(usize::from(high))) {
            *count += 1;
        }
    }
    counts
}

/// Whether a single-byte reading looks like writing: nearly all of its high bytes are letters. By counting, as decoding
/// junk in ten charsets to find that it is junk took most of the time of hostile mail.
fn plausible(high: &[usize; 128], letters: u128) -> bool {
    let (mut right, mut wrong) = (0usize, 0usize);
    for (place, count) in high.iter().enumerate() {
        if letters >> place & 1 == 1 { right += count } else { wrong += count }
    }
    right >= wrong.saturating_mul(2)
}

/// How many sequences are invalid UTF-8, and how many characters outside ASCII are valid.
fn validity(bytes: &[u8]) -> (usize, usize) {
    utf8_pieces(bytes).fold((0, 0), |(wrong, right), (valid, invalid)| {
        let more = valid.bytes().filter(|byte| *byte >= 0xc0).count();
        (wrong + usize::from(!invalid.is_empty()), right + more)
    })
}

/// The character of a byte in windows-1252.
pub(super) fn western(byte: u8) -> char {
    static HIGH: LazyLock<[char; 128]> = LazyLock::new(|| {
        let decoded = |byte: u8| WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next();
        std::array::from_fn(|place| u8::try_from(place + 0x80).ok().and_then(decoded).unwrap_or_default())
    });
    byte.checked_sub(0x80).and_then(|place| HIGH.get(usize::from(place)).copied()).unwrap_or(char::from(byte))
}

/// Text of an alphabet in UTF-16 has a small byte in every other place, and its blanks have a NUL there.
fn utf_16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..bytes.len().min(512))?;
    memchr::memchr(0, sample)?;
    let small = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b < 0x10).count();
    let (even, odd) = (small(0), small(1));
    let half = sample.len() / 2;
    match (even * 2 > half, odd * 2 > half) {
        (true, false) => Some(encoding_rs::UTF_16BE),
        (false, true) => Some(encoding_rs::UTF_16LE),
        // Line ends and tabs are small in both halves.
        (true, true) => {
            let nuls = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
            match nuls(0).cmp(&nuls(1)) {
                Ordering::Greater => Some(encoding_rs::UTF_16BE),
                Ordering::Less => Some(encoding_rs::UTF_16LE),
                Ordering::Equal => None,
            }
        }
        (false, false) => None,
    }
}

/// A header field's bytes as text in which addresses are looked for: UTF-8 (RFC 6532), and never an error.
pub(super) fn header_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => Decoded::new(bytes, How::Patched).0.into_string(),
    }
}
