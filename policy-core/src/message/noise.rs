//! Bytes that are no writing, read as text all the same: an attachment in a charset that it isn't in. Such text costs twenty
//! times what others do, as next to nothing in it can be passed over as an ordinary word.

/// So many bytes of text are judged by themselves: writing in the midst of noise is read.
const BLOCK: usize = 4 << 10;

/// A block of noise draws on more characters outside ASCII than masked writing in any alphabet does. Counted by remainder
/// in [`SLOTS`], where some fall together.
const CHARACTERS: u32 = 48;
const SLOTS: u32 = 127;

/// Copies `text` to `out` without its blocks of noise, each of which leaves `gap`. True: there were such.
pub(super) fn leave_out(text: &str, gap: char, out: &mut String) -> bool {
    let (mut rest, mut found) = (text, false);
    while let Some((block, behind)) = rest.split_at_checked(rest.floor_char_boundary(BLOCK))
        && !block.is_empty()
    {
        if is_noise(block) {
            found = true;
            out.push(gap);
        } else {
            out.push_str(block);
        }
        rest = behind;
    }
    found
}

/// Whether a third of the characters are of another kind than their neighbour. In writing of any script that happens at the
/// edges of words and numbers at most; between ASCII characters it isn't counted, as tables and programs are full of it.
fn is_noise(block: &str) -> bool {
    if block.is_ascii() {
        return false;
    }
    let foreign = block.chars().filter(|c| !c.is_ascii());
    let slots = foreign.fold(0u128, |slots, c| slots | 1 << (u32::from(c) % SLOTS));
    if slots.count_ones() < CHARACTERS {
        return false;
    }
    is_mixed(block.chars())
}

/// The same, however many characters it draws on.
pub(super) fn is_mixed(block: impl Iterator<Item = char>) -> bool {
    let (mut characters, mut changes) = (0usize, 0usize);
    let (mut before, mut last) = ((Kind::Blank, true), (Kind::Blank, true));
    for c in block {
        let Some(kind) = kind(c) else { continue };
        characters += 1;
        let capital = before.0 == Kind::Blank && last.0 == Kind::Upper && kind == Kind::Lower;
        let blank = last.0 == Kind::Blank || kind == Kind::Blank;
        let same = kind == last.0 || blank || capital || (last.1 && c.is_ascii());
        changes += usize::from(!same);
        (before, last) = (last, (kind, c.is_ascii()));
    }
    changes * 3 > characters
}

/// What stands together in writing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Lower,
    Upper,
    /// Han, kana and what is written among them.
    EastAsian,
    Hangul,
    /// Letters without case, by the region of Unicode.
    Letter(u32),
    Other(u32),
}

/// `None` for what belongs to the character before it.
fn kind(c: char) -> Option<Kind> {
    let region = u32::from(c) >> 12;
    Some(match c {
        'a'..='z' => Kind::Lower,
        'A'..='Z' => Kind::Upper,
        '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => return None,
        '\u{ac00}'..='\u{d7a3}' => Kind::Hangul,
        '\u{3000}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}' => Kind::EastAsian,
        _ if c.is_whitespace() => Kind::Blank,
        _ if unicode_normalization::char::is_combining_mark(c) => return None,
        _ if c.is_lowercase() => Kind::Lower,
        _ if c.is_uppercase() => Kind::Upper,
        _ if c.is_alphabetic() => Kind::Letter(region),
        _ => Kind::Other(region),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::{BLOCK, is_noise};

    /// Characters of these, drawn at random, `bytes` long.
    pub(in crate::message) fn of(characters: &[char], bytes: usize) -> String {
        let mut state = 1u64;
        let mut text = String::new();
        while text.len() < bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let drawn = usize::try_from(state >> 33).unwrap_or_default();
            text.extend(characters.get(drawn % characters.len()));
        }
        text
    }

    /// What UTF-16 makes of any bytes.
    pub(in crate::message) fn unicode() -> Vec<char> {
        ('\u{80}'..'\u{ffff}').collect()
    }

    #[test]
    fn bytes_in_the_wrong_charset_are_noise() {
        let bytes: Vec<u8> = (0x80..=0xff).chain([b' '; 20]).collect();
        for encoding in [
            encoding_rs::WINDOWS_1252,
            encoding_rs::WINDOWS_1250,
            encoding_rs::WINDOWS_1251,
            encoding_rs::KOI8_U,
            encoding_rs::WINDOWS_1253,
            encoding_rs::IBM866,
        ] {
            let characters: Vec<char> = encoding.decode_without_bom_handling(&bytes).0.chars().collect();
            assert!(is_noise(&of(&characters, BLOCK)), "{}", encoding.name());
        }
        assert!(is_noise(&of(&unicode(), BLOCK)));
        assert!(is_noise(&of(&('\u{a1}'..'\u{250}').collect::<Vec<_>>(), BLOCK)));
    }

    #[test]
    fn writing_is_none_in_any_script() {
        for text in [
            "Das Übel größerer Mühen: „Ärger\u{201c} – ÖPNV, 12,50\u{a0}€; Straße 7; Müller; ",
            "Ngô Bảo Châu, Võ Tá Hân, Đỗ Ỷ Lan; Trần Thị Ngọc Ánh; Lê Ô Ýờ; 3 giờ, 5.000₫; ",
            "Привет, Маша! Как дела? Приезжай 12 мая в 10:30; цена — 500 ₽, №5. Ёлка, ЖЭК, МГУ. ",
            "张三,13912345678,北京,2024-01-02\n李四,13812345679,上海,2024-11-12\n李明(工程师)说:“好!”、《书》; ",
            "東京へ行きます。PCとスマホで「カフェ」を検索、2024年11月28日(木)に3人で。ﾊﾟｽﾜｰﾄﾞ! ",
            "2024년 11월 28일, 서울에서 5명이 3개를 샀다. 안녕하세요! PC방, KTX 표 12,000원. ",
            "नमस्ते, आप कैसे हैं? १२ मई; ज़रूर। किताब और क़लम — ",
            "السلام عليكم، كيف حالك؟ ١٢ مايو؛ عُمَر وَلَد — السعر 500 ﷼. ",
            "สวัสดีครับ ราคา 1,200 บาท ที่นี่ 3 คน น้ำตก; ",
            "😀 Prima! 👍🏽 🎉 ❤\u{fe0f} Bis später 👨\u{200d}👩\u{200d}👧 ☀\u{fe0f} 🚀 → ✓ « oui » ",
            "с\u{430}s\u{456}n\u{3bf} vi\u{430}gr\u{430} fr\u{435}\u{435} b\u{3bf}nus ",
            "c•a•s•i•n•o ★ f·r·e·e ★ b\u{2014}o\u{2014}n\u{2014}u\u{2014}s ",
        ] {
            assert!(!is_noise(&text.repeat(BLOCK / text.len() + 1)), "{text}");
        }
        // With characters enough.
        let table: String =
            ('\u{4e00}'..'\u{4f00}').map(|c| format!("{c}{c}{c},1391234,{c}{c}市,2024-01-02\n")).collect();
        assert!(!is_noise(&table));
    }
}
