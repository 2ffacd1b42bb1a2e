//! Each step of folding by itself: what it takes for one, and what it must leave apart. Where a row says "in disguise",
//! the step is one of the stronger ones, which look only where a text shows signs of hiding.

#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use policy_core::text::words::{WordsMatcher, phrase_key, scan};

/// Whether the listed word is found in the text.
fn found(listed: &str, text: &str) -> bool {
    let matcher = WordsMatcher::new([phrase_key(listed).unwrap()]).unwrap();
    let mut found = false;
    scan(text, &[&matcher], &mut |_, _, _| found = true);
    found
}

/// Rows of listed word, text in which it is found, text in which it is not (or nothing).
fn step(rows: &[(&str, &str, &str)]) {
    let wrong: Vec<_> = rows
        .iter()
        .filter(|(listed, same, other)| !found(listed, same) || (!other.is_empty() && found(listed, other)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// UAX 15, Normalization Form KC: full-width, ligatures, circled and mathematical letters are their letters.
#[test]
fn compatibility_forms() {
    step(&[
        ("casino", "ｃａｓｉｎｏ tonight", "ｃａｓｉｎｏｓａｕｒ"),
        ("office", "the oﬃce", "the oﬃcer"),
        ("casino", "ⓒⓐⓢⓘⓝⓞ", ""),
        ("casino", "𝓬𝓪𝓼𝓲𝓷𝓸", ""),
        ("カジノ", "ｶｼﾞﾉへ", "ガシノ"),
    ]);
}

/// CaseFolding.txt (Unicode Standard section 5.18): full folding, status C and F.
#[test]
fn case_folding() {
    step(&[
        ("casino", "CASINO", ""),
        ("straße", "STRASSE", "STRASE"),
        ("strasse", "Straße", ""),
        ("κόλος", "ΚΟΛΟΣ", ""),
        ("λόγος", "λόγοσ", "λόγο"),
        ("убью", "УБЬЮ", ""),
    ]);
}

/// Turkish and Azeri (SpecialCasing.txt): I is the capital of ı there and of i elsewhere, so the one letter that may be
/// either counts as both; a written i is no ı.
#[test]
fn turkish_i() {
    step(&[("sıkı", "SIKI", "siki"), ("iptal", "İPTAL", ""), ("iptal", "IPTAL", "")]);
}

/// Default_Ignorable_Code_Point (UAX 44), bidi controls (UAX 9), and the signs that only stretch a line (tatweel).
#[test]
fn invisible_characters() {
    step(&[
        ("casino", "ca\u{200B}si\u{AD}no", ""),
        ("casino", "ca\u{2060}s\u{FE0F}ino", ""),
        ("casino", "\u{2067}casino\u{2069}", ""),
        ("قتل", "قـــتـــل", ""),
    ]);
}

/// UAX 15, canonical equivalence: composed and decomposed, marks in any order (D109).
#[test]
fn canonical_equivalence() {
    step(&[
        ("garçon", "garc\u{327}on", ""),
        ("việt", "vie\u{302}\u{323}t", "vie\u{323}n"),
        ("việt", "vie\u{323}\u{302}t", ""),
    ]);
}

/// Marks that ordinary writing has or leaves out (Lucene's normalizers, see `mark_fate`): found either way. Those that
/// tell words apart are compared.
#[test]
fn marks_that_writing_leaves_out() {
    step(&[
        ("κόλος", "κολος", ""),
        ("ещё", "еще", ""),
        ("قتل", "قَتَلَ", ""),
        ("שלום", "שָׁלוֹם", ""),
        ("ज़हर", "जहर", ""),
        ("schon", "schon", "schön"),
        ("año", "año", "ano"),
        ("かき", "かき", "かぎ"),
    ]);
}

/// DIN 5007-2: ä, ö, ü are ae, oe, ue where a keyboard lacks them; å is aa.
#[test]
fn umlauts_typed_as_two_letters() {
    step(&[
        ("überweisung", "Ueberweisung", "Uberwasser"),
        ("ueberweisung", "Überweisung", ""),
        ("blåbær", "blaabær", ""),
    ]);
}

/// Forms of Arabic letters: presentation forms (NFKC), Persian kaf and yeh in disguise of Arabic ones and back.
#[test]
fn arabic_letter_forms() {
    step(&[("كلب", "ﻛﻠﺐ", ""), ("كلب", "کلب", ""), ("علي", "علی", "")]);
}

/// Hangul: syllables, conjoining and half-width jamo are one (UAX 15; Unicode Standard section 3.12).
#[test]
fn hangul_jamo() {
    step(&[
        ("카지노", "\u{110F}\u{1161}\u{110C}\u{1175}\u{1102}\u{1169}", ""),
        ("카지노", "카지노 추천", "카지노에서"),
    ]);
}

/// UAX 29: words of spaced scripts have bounds; scripts without blanks (section 4.1) have none.
#[test]
fn word_bounds() {
    step(&[
        ("ass", "what an ass!", "first class"),
        ("buy now", "buy\nnow", "buy. Now"),
        ("赌场", "去赌场吧", "赌 马场"),
        ("คาสิโน", "ไปคาสิโนกัน", ""),
        ("カジノ", "カジノで", "オカジノリ"),
        ("l'amour", "l’amour", ""),
        ("can't", "I can't", "I can"),
    ]);
}

/// Regional indicators and squared letters (Unicode Standard section 22.10) are letters; an emoji between letters parts
/// no word (in disguise).
#[test]
fn emoji_and_regional_indicators() {
    step(&[
        ("casino", "🇨🇦🇸🇮🇳🇴", ""),
        ("casino", "🅲🅰🆂🅸🅽🅾", ""),
        ("casino", "c🎰a🎰s🎰i🎰n🎰o", "c 🎰 as in o"),
    ]);
}

/// UTS 39 confusables, in disguise: letters of another script among a word's own. A word that is wholly of one script is
/// what it says.
#[test]
fn confusables() {
    step(&[("casino", "сasinо", "сор"), ("paypal", "pаypаl", ""), ("сор", "сор", "cop")]);
}

/// Letters parted, stretched, or replaced by digits and signs, in disguise.
#[test]
fn parted_stretched_and_drawn_letters() {
    step(&[
        ("casino", "c a s i n o", "as in o"),
        ("casino", "c.a-s_i*n*o", ""),
        ("casino", "caaasiiinooo", ""),
        ("casino", "c4s1n0", "c4 s1 n0 table"),
        ("viagra", "v|agra", ""),
    ]);
}
