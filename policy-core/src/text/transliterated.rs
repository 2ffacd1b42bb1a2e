//! Cyrillic, Greek, Georgian and Hindi words in Latin letters, as who lacks a keyboard types them.

use super::devanagari;
use super::everyday::people_write;

/// Shorter ones are words of other languages too often.
const LETTERS: usize = 5;
/// Of so many letters, and so many words, a phrase is none whatever its words are.
const PHRASE: usize = 10;
const WORDS: usize = 3;

/// Pairs of letters and what is typed for them, one table a habit. What a table lacks is taken from the first of its script.
const CYRILLIC: [&[(&str, &str)]; 15] = [
    // BGN/PCGN and GOST 7.79 system B, as passports and newspapers have it.
    &[
        ("а", "a"),
        ("б", "b"),
        ("в", "v"),
        ("г", "g"),
        ("ґ", "g"),
        ("д", "d"),
        ("е", "e"),
        ("є", "ie"),
        ("ж", "zh"),
        ("з", "z"),
        ("и\u{306}", "y"),
        ("и", "i"),
        ("і\u{308}", "i"),
        ("і", "i"),
        ("ј", "j"),
        ("к", "k"),
        ("л", "l"),
        ("љ", "lj"),
        ("м", "m"),
        ("н", "n"),
        ("њ", "nj"),
        ("о", "o"),
        ("п", "p"),
        ("р", "r"),
        ("с", "s"),
        ("т", "t"),
        ("ћ", "c"),
        ("ђ", "dj"),
        ("у\u{306}", "u"),
        ("у", "u"),
        ("ф", "f"),
        ("х", "kh"),
        ("ц", "ts"),
        ("ч", "ch"),
        ("џ", "dz"),
        ("ш", "sh"),
        ("щ", "shch"),
        ("ъ", ""),
        ("ы", "y"),
        ("ь", ""),
        ("э", "e"),
        ("ю", "yu"),
        ("я", "ya"),
    ],
    // As it is typed in chats.
    &[("и\u{306}", "j"), ("х", "h"), ("ц", "c"), ("щ", "sch"), ("ю", "ju"), ("я", "ja")],
    &[("и\u{306}", "i"), ("х", "h"), ("щ", "sh"), ("ы", "i"), ("ю", "iu"), ("я", "ia")],
    // Ukrainian (resolution 55 of 2010), Bulgarian (the law of 2009).
    &[("г", "h"), ("и\u{306}", "i"), ("и", "y"), ("ю", "iu"), ("я", "ia"), ("і\u{308}", "i")],
    &[("х", "h"), ("щ", "sht"), ("ъ", "a"), ("ия", "ia")],
    // The same as the first, by sound.
    &[("є", "ye"), ("і\u{308}", "yi"), ("и", "y"), ("г", "h"), ("ё", "yo")],
    &[("и\u{306}", "j"), ("є", "je"), ("ё", "jo"), ("ю", "ju"), ("я", "ja"), ("и", "y"), ("г", "h")],
    // The soft sign, as BGN/PCGN has it.
    &[("ь", "'")],
    // As it is typed in chats: by the shape of letters, with digits, and as Bulgarians do.
    &[("и\u{306}", "y"), ("х", "h"), ("ц", "c"), ("ю", "u"), ("я", "a")],
    &[("х", "x"), ("ц", "c"), ("ж", "j")],
    &[("и\u{306}", "y"), ("ы", "i"), ("х", "h"), ("ц", "c")],
    &[("и\u{306}", "i"), ("х", "h")],
    &[("и\u{306}", "y"), ("ш", "6"), ("ч", "4"), ("х", "h"), ("ц", "c"), ("ю", "u"), ("я", "ya")],
    &[("ъ", "u"), ("х", "h"), ("ц", "c"), ("ж", "j"), ("щ", "sht")],
    &[("ъ", "y"), ("х", "h"), ("ц", "c"), ("ж", "j"), ("ч", "4"), ("ш", "6"), ("щ", "6t"), ("я", "q")],
];
/// Russian with a ё, by BGN/PCGN, as passports had it, and as it is typed in chats.
const YO: [&[(&str, &str)]; 3] =
    [&[("ё", "yo")], &[("ё", "io"), ("ю", "iu"), ("я", "ia")], &[("ё", "yo"), ("х", "h"), ("щ", "sch")]];
/// A key says е for both, and no word has more than one.
const WITH_YO: usize = 4;
/// ISO 9 and Serbian, whose marks are left out as well.
const SERBIAN: &[(&str, &str)] = &[
    ("ж", "z\u{30C}"),
    ("ч", "c\u{30C}"),
    ("ш", "s\u{30C}"),
    ("х", "h"),
    ("ц", "c"),
    ("ћ", "c\u{301}"),
    ("ђ", "đ"),
    ("џ", "dz\u{30C}"),
    ("щ", "s\u{302}"),
    ("ю", "u\u{302}"),
    ("я", "a\u{302}"),
    ("и\u{306}", "j"),
];
/// ISO 843 (ELOT 743) first, then what is typed by sound and by shape.
const GREEK: [&[(&str, &str)]; 5] = [
    &[
        ("ου", "ou"),
        ("αυ", "av"),
        ("ευ", "ev"),
        ("γγ", "ng"),
        ("α", "a"),
        ("β", "v"),
        ("γ", "g"),
        ("δ", "d"),
        ("ε", "e"),
        ("ζ", "z"),
        ("η", "i"),
        ("θ", "th"),
        ("ι", "i"),
        ("κ", "k"),
        ("λ", "l"),
        ("μ", "m"),
        ("ν", "n"),
        ("ξ", "x"),
        ("ο", "o"),
        ("π", "p"),
        ("ρ", "r"),
        ("σ", "s"),
        ("τ", "t"),
        ("υ", "y"),
        ("φ", "f"),
        ("χ", "ch"),
        ("ψ", "ps"),
        ("ω", "o"),
    ],
    &[("ου", "u"), ("ξ", "ks"), ("χ", "h"), ("υ", "i"), ("μπ", "b"), ("ντ", "d"), ("γκ", "g")],
    &[("η", "h"), ("ω", "w"), ("χ", "x"), ("υ", "u"), ("β", "b"), ("ξ", "ks")],
    &[("η", "h"), ("ω", "w"), ("χ", "x"), ("υ", "u"), ("θ", "8"), ("ξ", "3"), ("ψ", "4")],
    &[("η", "h"), ("ω", "w"), ("χ", "x"), ("υ", "u"), ("θ", "8"), ("β", "b"), ("ξ", "3"), ("ψ", "4")],
];
/// The national system of 2002.
const GEORGIAN: &[(&str, &str)] = &[
    ("ა", "a"),
    ("ბ", "b"),
    ("გ", "g"),
    ("დ", "d"),
    ("ე", "e"),
    ("ვ", "v"),
    ("ზ", "z"),
    ("თ", "t"),
    ("ი", "i"),
    ("კ", "k"),
    ("ლ", "l"),
    ("მ", "m"),
    ("ნ", "n"),
    ("ო", "o"),
    ("პ", "p"),
    ("ჟ", "zh"),
    ("რ", "r"),
    ("ს", "s"),
    ("ტ", "t"),
    ("უ", "u"),
    ("ფ", "p"),
    ("ქ", "k"),
    ("ღ", "gh"),
    ("ყ", "q"),
    ("შ", "sh"),
    ("ჩ", "ch"),
    ("ც", "ts"),
    ("ძ", "dz"),
    ("წ", "ts"),
    ("ჭ", "ch"),
    ("ხ", "kh"),
    ("ჯ", "j"),
    ("ჰ", "h"),
];

/// The folded key in Latin letters, and whether that makes no word that people write.
pub(super) fn in_latin(key: &str) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    let Some(first) = key.chars().next() else { return found };
    let mut add = |key: &str, table: &[(&str, &str)], standard: &[(&str, &str)]| {
        let Some(latin) = replaced(key, table, standard) else { return };
        let plain: String = latin.chars().filter(|c| !('\u{300}'..='\u{36F}').contains(c)).collect();
        for latin in [latin, plain.replace('đ', "dj")] {
            push(&mut found, latin);
        }
    };
    match first {
        '\u{400}'..='\u{52F}' => {
            for table in CYRILLIC.into_iter().chain([SERBIAN]) {
                add(key, table, CYRILLIC[0]);
            }
            for (at, letter) in key.match_indices('е').take(WITH_YO) {
                let with_yo = [key.get(..at), Some("ё"), key.get(at + letter.len()..)];
                let with_yo: String = with_yo.into_iter().flatten().collect();
                for table in YO {
                    add(&with_yo, table, CYRILLIC[0]);
                }
            }
        }
        'α'..='ω' => GREEK.into_iter().for_each(|table| add(key, table, GREEK[0])),
        '\u{900}'..='\u{97F}' => devanagari::in_latin(key).into_iter().for_each(|latin| {
            push(&mut found, latin);
        }),
        'ა'..='ჰ' => add(key, GEORGIAN, &[]),
        _ => {}
    }
    found
}

fn push(found: &mut Vec<(String, bool)>, latin: String) {
    let letters = latin.bytes().filter(|byte| *byte != b' ').count();
    if letters >= LETTERS && !found.iter().any(|(other, _)| *other == latin) {
        let tells = tells(&latin);
        found.push((latin, tells));
    }
}

/// Whether the Latin letters are no word, or no words side by side, that people write.
fn tells(latin: &str) -> bool {
    let letters = latin.bytes().filter(|byte| *byte != b' ').count();
    let long = letters >= PHRASE && latin.split(' ').count() >= WORDS;
    long || !latin.split(' ').all(people_write)
}

/// The key with its letters replaced; `None` if one is in neither table.
fn replaced(key: &str, table: &[(&str, &str)], standard: &[(&str, &str)]) -> Option<String> {
    let mut latin = String::with_capacity(key.len());
    let mut rest = key;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(' ') {
            latin.push(' ');
            rest = after;
            continue;
        }
        let fits = |(letters, _): &&(&str, &str)| rest.starts_with(letters);
        let of = |pairs: &[(&str, &str)]| {
            let pair = pairs.iter().filter(fits).max_by_key(|(letters, _)| letters.len())?;
            Some((pair.0.len(), pair.1.to_owned()))
        };
        let (length, typed) = match (of(table), of(standard)) {
            (Some(own), Some(other)) if other.0 > own.0 => other,
            (Some(own), _) => own,
            (None, other) => other?,
        };
        latin.push_str(&typed);
        rest = rest.get(length..)?;
    }
    Some(latin)
}
