//! Words of Hindi: as they are spelled otherwise, and in Latin letters, as chats have them.

use super::chars::{Kind, kind};

const VIRAMA: char = '\u{94D}';
const ANUSVARA: char = '\u{902}';
/// Of fewer consonants, a word with a short vowel for a long one is another word.
const CONSONANTS: usize = 3;
/// So many variants of a key, vowel by vowel.
const VOWELS: usize = 6;

/// Consonants and what is typed for them.
const LATIN: &[(&str, &str)] = &[
    ("क", "k"),
    ("ख", "kh"),
    ("ग", "g"),
    ("घ", "gh"),
    ("ङ", "n"),
    ("च", "ch"),
    ("छ", "chh"),
    ("ज", "j"),
    ("झ", "jh"),
    ("ञ", "n"),
    ("ट", "t"),
    ("ठ", "th"),
    ("ड", "d"),
    ("ढ", "dh"),
    ("ण", "n"),
    ("त", "t"),
    ("थ", "th"),
    ("द", "d"),
    ("ध", "dh"),
    ("न", "n"),
    ("प", "p"),
    ("फ", "ph"),
    ("ब", "b"),
    ("भ", "bh"),
    ("म", "m"),
    ("य", "y"),
    ("र", "r"),
    ("ल", "l"),
    ("ळ", "l"),
    ("व", "v"),
    ("श", "sh"),
    ("ष", "sh"),
    ("स", "s"),
    ("ह", "h"),
];
/// Vowels by themselves, behind a consonant, and what is typed for them: short, and to tell that they are long.
const TYPED: [(char, char, &str, &str); 11] = [
    ('अ', '\0', "a", "a"),
    ('आ', 'ा', "a", "aa"),
    ('इ', 'ि', "i", "i"),
    ('ई', 'ी', "i", "ee"),
    ('उ', 'ु', "u", "u"),
    ('ऊ', 'ू', "u", "oo"),
    ('ए', 'े', "e", "e"),
    ('ऐ', 'ै', "ai", "ai"),
    ('ओ', 'ो', "o", "o"),
    ('औ', 'ौ', "au", "au"),
    ('ऑ', 'ॉ', "o", "o"),
];

/// How long vowels are typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Long {
    Single,
    /// Only a, and not a word's last one: `jaan se maar dunga`.
    InnerA,
    Double,
}

/// Words of one letter with its vowel, and names of Latin letters, which initials are spelled with.
const ONE_LETTER: &str = "का की के को है हो हैं में मै मैं ने से सा सी तो भी ही जो जी वो ये तू दो दे दी ले ली लो लू लूं ला पी पा खा \
    जा या थी था थे ना नी न व कि आ ए ओ औ मां मा हूं हू कू क्यो यू वी टी डी बी सी जे इ ई एफ वह गो बू धी री रे हे जै पै चू रो सो बा दा मी";

/// Whether a folded letter with its vowel is a word by itself.
pub(super) fn is_word(letter: &str) -> bool {
    ONE_LETTER.split_ascii_whitespace().any(|word| word == letter)
}

/// A key in Latin letters, word by word.
pub(super) fn in_latin(key: &str) -> Vec<String> {
    let styles = [Long::Single, Long::InnerA, Long::Double];
    let typed = |long| {
        let words: Option<Vec<String>> = key.split(' ').map(|word| word_in_latin(word, long)).collect();
        words.map(|words| words.join(" "))
    };
    let mut found: Vec<String> = styles.into_iter().filter_map(typed).collect();
    found.dedup();
    found
}

fn word_in_latin(word: &str, long: Long) -> Option<String> {
    // What is typed, and whether it is a vowel that nothing is written for.
    let mut sounds: Vec<(&str, bool)> = Vec::new();
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let last = |rest: std::iter::Peekable<std::str::Chars<'_>>| rest.clone().next().is_none();
        if let Some((_, _, short, double)) = TYPED.iter().find(|(alone, sign, ..)| *alone == c || *sign == c)
        {
            let doubled = match long {
                Long::Single => false,
                Long::InnerA => *double == "aa" && !last(chars.clone()),
                Long::Double => true,
            };
            sounds.push((if doubled { *double } else { *short }, false));
        } else if c == ANUSVARA {
            sounds.push((if next.is_some_and(|next| "पफबभम".contains(next)) { "m" } else { "n" }, false));
        } else {
            let mut buffer = [0; 4];
            let typed = LATIN.iter().find(|(letter, _)| *letter == c.encode_utf8(&mut buffer))?.1;
            sounds.push((typed, false));
            match next {
                Some(VIRAMA) => {
                    chars.next();
                }
                Some(next) if kind(next) == Kind::Mark && next != ANUSVARA => {}
                _ => sounds.push(("a", true)),
            }
        }
    }
    // It isn't spoken at a word's end, nor between two consonants that have vowels beside them.
    let vowel =
        |at: usize| sounds.get(at).is_some_and(|(typed, _)| typed.starts_with(['a', 'e', 'i', 'o', 'u']));
    let silent = |at: usize| {
        let end = at + 1 == sounds.len() && at > 2;
        let inside = at > 2 && vowel(at - 2) && !vowel(at + 1) && vowel(at + 2) && at + 2 < sounds.len();
        end || inside
    };
    let spoken = sounds.iter().enumerate().filter(|(at, (_, unwritten))| !(*unwritten && silent(*at)));
    Some(spoken.map(|(_, (typed, _))| *typed).collect())
}

/// A Hindi key with other signs for the same sounds: a nasal before a consonant (`तुरन्त`, `तुरंत`), and in long words a
/// short vowel for a long one or the other way round.
pub(super) fn other_spellings(key: &str) -> Vec<String> {
    if !key.contains(|c| matches!(c, '\u{900}'..='\u{97F}')) {
        return Vec::new();
    }
    let mut found = vec![with_nasals(key, |own| own), with_nasals(key, |_| 'न'), with_anusvaras(key)];
    let consonants = key.chars().filter(|c| matches!(c, 'क'..='ह')).count();
    if consonants >= CONSONANTS {
        let vowels = key.char_indices().filter_map(|(at, c)| Some((at, c, other_length(c)?)));
        found.extend(vowels.take(VOWELS).map(|(at, vowel, other)| {
            let (before, behind) = (key.get(..at), key.get(at + vowel.len_utf8()..));
            [before.unwrap_or_default(), other, behind.unwrap_or_default()].concat()
        }));
    }
    found.retain(|spelling| spelling != key);
    found.sort_unstable();
    found.dedup();
    found
}

fn other_length(vowel: char) -> Option<&'static str> {
    Some(match vowel {
        'ि' => "ी",
        'ी' => "ि",
        'ु' => "ू",
        'ू' => "ु",
        // Of English words.
        'ॉ' => "ा",
        _ => return None,
    })
}

/// The nasal of a consonant's own row.
fn nasal(consonant: char) -> Option<char> {
    Some(match consonant {
        'क'..='घ' => 'ङ',
        'च'..='झ' => 'ञ',
        'ट'..='ढ' => 'ण',
        'त'..='ध' => 'न',
        'प'..='भ' => 'म',
        _ => return None,
    })
}

/// Each anusvara before a consonant as a nasal.
fn with_nasals(key: &str, written: impl Fn(char) -> char) -> String {
    let next = key.chars().skip(1).map(Some).chain([None]);
    let mut spelling = String::with_capacity(2 * key.len());
    for (c, next) in key.chars().zip(next) {
        match next.and_then(nasal) {
            Some(own) if c == ANUSVARA => spelling.extend([written(own), VIRAMA]),
            _ => spelling.push(c),
        }
    }
    spelling
}

/// Each nasal before a consonant of its row as an anusvara.
fn with_anusvaras(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    let mut spelling = String::with_capacity(key.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        match chars.get(at + 1..at + 3) {
            Some([VIRAMA, consonant]) if nasal(*consonant) == Some(*c) => {
                spelling.push(ANUSVARA);
                at += 2;
            }
            _ => {
                spelling.push(*c);
                at += 1;
            }
        }
    }
    spelling
}

#[cfg(test)]
mod tests {
    use super::super::plain::fold_phrase;
    use super::{in_latin, other_spellings};

    #[test]
    fn hindi_in_latin_letters() {
        let typed = |key: &str, latin: &str| in_latin(&fold_phrase(key)).contains(&latin.to_owned());
        assert!(typed("कुतिया", "kutiya") && typed("हरामजादी", "haramjadi"));
        assert!(typed("जान से मार दूंगा", "jaan se maar dunga") && typed("तुरंत", "turant"));
        assert!(in_latin("casino").is_empty());
    }

    #[test]
    fn hindi_in_other_spellings() {
        let spelled =
            |key: &str, other: &str| other_spellings(&fold_phrase(key)).contains(&fold_phrase(other));
        assert!(spelled("तुरंत", "तुरन्त") && spelled("तुरन्त", "तुरंत") && spelled("रंडी", "रण्डी"));
        assert!(spelled("कुतिया", "कुतीया"));
        assert!(!spelled("दिन", "दीन"), "another word");
        assert!(other_spellings("casino").is_empty());
    }
}
