//! Which characters can pass for which (UTS 39 section 4, and digits and signs that stand for letters).
//!
//! A class is coarse on purpose: it only proposes candidates. Whether a letter may really pass for another one is
//! decided where text and key are compared letter by letter.

use std::sync::LazyLock;

use unicode_security::skeleton;

use super::fold::fold_char;

/// Letters, digits and signs of one class; the first names it.
const CLASSES: &[&str] = &[
    "a4@αач",
    "bg689вбβьq",
    // с looks like c and sounds like s.
    "c(<¢сϲs5$§z2ѕ©💲",
    "dδдð",
    "e3€еєэзε",
    "fƒғ",
    "h#нћһ♓",
    "il1!|£іιї",
    "jј",
    "kкκ",
    "mм",
    "nηпийπ",
    "o0оοσ⭕",
    "pрρþ",
    "rгя®",
    "t7+тτ✝",
    "uvυνμц",
    "wшщω",
    "xх×χ❌",
    "yуүγ¥",
];

/// Alphabets of "fancy text": letters of other scripts, small capitals and turned letters that are used for Latin ones,
/// as far as UTS 39 doesn't list them. Each begins at its first letter, in the order of the second string.
const FANCY: &[(&str, &str)] = &[
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz"),
    ("ɐɑɒɓɔɕɖɗɘəɛɜɟɠɡɣɥɦɨɩɫɬɭɯɱɲɳɵɹɻɽʂʃʇʈʉʊʋʌʍʎʐʑʞ", "aaabocddeeeejggyhhiilllwmnnorrrssttuuvvwyzzk"),
    ("ǝ", "e"),
    ("ƀƃƈƌđƒǥħƙƚłƞŋøɵƥŧƫƭʉƴƶȼȿɇɉɍɏⱥⱦⱡ", "bbcddfghktlnnooptttuyzcsejryatl"),
    ("ꝁᵽⱳȥꝑꞓꟿ", "kpwzpcm"),
    ("₳฿₵₡₫₣₲₭₥₦₱₽₴₮₩ɎɆȺȻ", "abccdfgkmnppstwyeac"),
    ("ɾʝʄʅʆʑƛƣƨɋⱨⱬ", "rjfllzaqsqhz"),
    ("ⴆԃҽϝԋϙყҡҝҩҳӿӈᏀլ", "bdefhqykkqxxhgl"),
    ("ค๒๔ђเןɭ๓ภ๏קรยשฬאץ", "abdhijlmnopsuvwxy"),
    ("ᗩᗷᑕᗪᗴᖴᕼᒍᒪᗰᑎᑭᑫᖇᔕᑌᐯᗯ᙭ᘔ", "abcdefhjlmnpqrsuvwxz"),
    ("ᎪᏴᏟᎠᎬᎻᏆᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ", "abcdehijklmprstvwz"),
    ("卂乃匚乇千卄丨几ㄖ卩尺丂ㄒㄩ山乂ㄚ乙爪ㄥ", "abcefhinoprstuwxyzml"),
    ("ﾌҜᎶ", "jkg"),
    ("Ᵽ₱Ɽ₴ɎӾⱫⱧⱠ", "pprsyxzhl"),
    ("ǟɮƈʄɢɦʝӄʟʍռօքզʀֆȶաӼʏʐ", "abcfghjklmnopqrstwxyz"),
    ("ąցʄɠɧıʝƙƖɱŋơ℘ཞʂɬų۷ῳყʑ", "abfghijklmnoprstuvwyz"),
    ("ςєŦﻮђкקợгՇאץ", "cefghkporstxy"),
    ("∂", "d"),
];

/// In the order of the fancy letters.
static FANCY_LETTERS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let mut letters: Vec<(char, char)> =
        FANCY.iter().flat_map(|(fancy, latin)| fancy.chars().zip(latin.chars())).collect();
    letters.sort_by_key(|(fancy, _)| *fancy);
    // Where two alphabets have it, the later one counts.
    letters.reverse();
    letters.dedup_by_key(|(fancy, _)| *fancy);
    letters.reverse();
    letters
});

/// The classes of alphabets and kana, looked up once.
static KNOWN: LazyLock<Vec<char>> =
    LazyLock::new(|| (0..0x3100).map(|code| char::from_u32(code).map_or('\0', find_class)).collect());

/// How a name looks on a screen, whatever its case: names that can't be told apart have the same (UTS 39 section 4).
pub fn appearance(name: &str) -> String {
    skeleton(&name.to_lowercase()).collect()
}

/// The class of a folded letter: two characters that can pass for one another have the same.
pub(super) fn class(letter: char) -> char {
    KNOWN.get(letter as usize).copied().unwrap_or_else(|| find_class(letter))
}

fn find_class(letter: char) -> char {
    if let Some(class) = known_class(letter) {
        return class;
    }
    if letter.is_ascii() {
        return letter;
    }
    match letter {
        // A Hangul consonant at a syllable's end is written like the one at its beginning.
        '\u{11A8}'..='\u{11C2}' => {
            let initial = initial_consonant(letter);
            return if initial == letter { letter } else { find_class(initial) };
        }
        // Hiragana and katakana are two hands for one syllable.
        'ァ'..='ヶ' => return char::from_u32(u32::from(letter) - 0x60).unwrap_or(letter),
        _ => {}
    }
    if let Some(latin) = fancy(letter) {
        return known_class(latin).unwrap_or(latin);
    }
    if matches!(letter, '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}') {
        return letter;
    }
    let mut buffer = [0; 4];
    let mut prototype = None;
    for part in skeleton(letter.encode_utf8(&mut buffer)) {
        fold_char(part, &mut |folded| {
            if prototype.is_none() && folded.is_alphanumeric() {
                prototype = Some(folded);
            }
        });
    }
    prototype.map_or(letter, |prototype| known_class(prototype).unwrap_or(prototype))
}

/// The Latin letter that a fancy one is used for.
pub(super) fn fancy(letter: char) -> Option<char> {
    let found = FANCY_LETTERS.binary_search_by_key(&letter, |(fancy, _)| *fancy).ok()?;
    FANCY_LETTERS.get(found).map(|(_, latin)| *latin)
}

/// Whether a Latin letter is used for another one, and belongs to no orthography that is written in mail: letters of
/// phonetic and medieval script and turned ones, whose shapes UTS 39 compares.
pub(super) fn is_odd_latin(letter: char) -> bool {
    // Latin Extended-B, IPA, Phonetic Extensions, Latin Extended-C, -D and -E.
    matches!(letter, '\u{180}'..='\u{2AF}' | '\u{1D00}'..='\u{1DBF}' | '\u{2C60}'..='\u{2C7F}'
        | '\u{A720}'..='\u{A7FF}' | '\u{AB30}'..='\u{AB6F}')
        || fancy(letter).is_some()
}

/// Whether it is a letter in another style than that of ordinary text: mathematical, circled, boxed, raised. There is none
/// with an accent.
pub(super) fn is_styled(shown: char) -> bool {
    matches!(shown, '\u{2B0}'..='\u{2B8}' | '\u{1D2C}'..='\u{1D6A}' | 'ⁱ' | 'ⁿ' | '\u{2090}'..='\u{209C}'
        | '⒜'..='ⓩ' | '\u{1D400}'..='\u{1D7CB}' | '\u{1F110}'..='\u{1F189}' | '\u{1F1E6}'..='\u{1F1FF}')
}

/// The class of a letter by its shape in the text, where folding makes a letter of another shape of it: the Greek lunate
/// sigma, Cherokee small letters, which fold to their capitals, and odd Latin capitals.
pub(super) fn class_as_shown(shown: char) -> Option<char> {
    match shown {
        'ϲ' | 'Ϲ' => Some('c'),
        // Half-width katakana that is drawn like a j.
        'ﾌ' => Some('j'),
        '\u{AB70}'..='\u{ABBF}' | '\u{180}'..='\u{24F}' | '\u{A720}'..='\u{A7FF}'
            if fancy(shown).is_none() && shown.is_alphabetic() =>
        {
            let mut buffer = [0; 4];
            let alike = skeleton(shown.encode_utf8(&mut buffer)).next()?;
            alike.is_ascii_alphabetic().then(|| class(alike.to_ascii_lowercase()))
        }
        _ => None,
    }
}

/// The class of a Greek letter by the shape of its capital, where the small one looks like another Latin letter.
pub(super) fn capital_class(letter: char) -> char {
    class(match letter {
        'ζ' => 'z',
        'η' => 'h',
        'μ' => 'm',
        'ν' => 'n',
        'υ' => 'y',
        other => other,
    })
}

fn known_class(letter: char) -> Option<char> {
    static NAMES: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        let name = |class: &str| class.chars().next().unwrap_or_default();
        let members = |class: &'static str| class.chars().map(move |member| (member, name(class)));
        let mut names: Vec<_> = CLASSES.iter().flat_map(|class| members(class)).collect();
        names.sort_unstable();
        names
    });
    let found = NAMES.binary_search_by_key(&letter, |(member, _)| *member).ok()?;
    NAMES.get(found).map(|(_, name)| *name)
}

fn initial_consonant(last: char) -> char {
    // Hangul Jamo, U+11A8.. against U+1100..; clusters keep their own class.
    const FINALS: &str = "ᆨᆩᆫᆮᆯᆷᆸᆺᆻᆼᆽᆾᆿᇀᇁᇂ";
    const INITIALS: &str = "ᄀᄁᄂᄃᄅᄆᄇᄉᄊᄋᄌᄎᄏᄐᄑᄒ";
    FINALS.chars().zip(INITIALS.chars()).find_map(|(from, to)| (from == last).then_some(to)).unwrap_or(last)
}
