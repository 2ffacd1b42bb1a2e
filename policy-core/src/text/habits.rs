//! Other ordinary spellings of one language each: what its writers leave out, put in, or shorten.

use icu_properties::props::Script;

use super::chars::{Kind, kind, script};
use super::everyday::is_everyday;
use super::plain::fold_phrase;

/// Of so many syllables, a Korean word or phrase is no other one with its blanks elsewhere.
const SYLLABLES: usize = 4;
/// Of so many, wherever they are, and however many.
const LONG: usize = 5;
const LONGEST: usize = 8;
/// Of so many letters, a text message's phrase is told by its other words.
const TEXTED: usize = 8;
/// Of so many letters, a phrase is no other one without its accents.
const UNACCENTED: usize = 9;
/// Of so many letters, a phrase of several words is no other one with a blank less.
const JOINED: usize = 8;
/// Of so many letters, a Cyrillic word without a breve is looked up among the words that people write.
const BREVE: usize = 4;

/// A Korean key with its blanks left out, or one put in, or two in a long one: habits differ (`토토 사이트`).
pub(super) fn spaced_otherwise(key: &str) -> Vec<String> {
    let joined: String = key.chars().filter(|c| *c != ' ').collect();
    let korean = joined.chars().all(|c| kind(c) == Kind::Word && script(c) == Script::Hangul);
    // Syllables begin with a consonant each.
    let begins: Vec<usize> = joined
        .char_indices()
        .filter(|(_, c)| matches!(c, '\u{1100}'..='\u{115F}'))
        .map(|(at, _)| at)
        .collect();
    if !korean || begins.len() < SYLLABLES {
        return Vec::new();
    }
    let cuts = begins.iter().skip(2).take(begins.len().saturating_sub(3));
    let parted =
        cuts.filter_map(|at| joined.split_at_checked(*at)).map(|(first, last)| format!("{first} {last}"));
    // Of more syllables, all the ways to put in two would be many.
    let wider = if (LONG..=LONGEST).contains(&begins.len()) { begins.as_slice() } else { &[] };
    let twice = wider.iter().skip(1).enumerate().flat_map(|(number, first)| {
        let rest = wider.iter().skip(number + 2).filter_map(|second| {
            let (before, inner, behind) =
                (joined.get(..*first)?, joined.get(*first..*second)?, joined.get(*second..)?);
            Some(format!("{before} {inner} {behind}"))
        });
        let (before, behind) = joined.split_at_checked(*first).unwrap_or_default();
        rest.chain([format!("{before} {behind}")])
    });
    let mut spellings: Vec<String> =
        parted.chain(twice).chain([joined.clone()]).filter(|spelling| spelling != key).collect();
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// A Persian key with blanks behind the prefixes that are parted from the word by nothing that is seen.
pub(super) fn with_parted_prefixes(key: &str) -> Option<String> {
    const PREFIXES: [&str; 3] = ["نمي", "مي", "بي"];
    const REST: usize = 3;
    let parted = |word: &str| {
        let rest = |prefix: &&str| {
            let rest = word.strip_prefix(*prefix)?;
            (rest.chars().count() >= REST).then(|| format!("{prefix} {rest}"))
        };
        PREFIXES.iter().find_map(rest).unwrap_or_else(|| word.to_owned())
    };
    let words: Vec<String> = key.split(' ').map(parted).collect();
    let spelling = words.join(" ");
    (spelling != key).then_some(spelling)
}

/// An English phrase as it is texted: `i see u`.
pub(super) fn texted(key: &str) -> Option<String> {
    let short = |word| match word {
        "you" => "u",
        "your" => "ur",
        "yourself" => "urself",
        "are" => "r",
        other => other,
    };
    let words: Vec<&str> = key.split(' ').map(short).collect();
    let spelling = words.join(" ");
    let letters = key.chars().filter(|c| *c != ' ').count();
    (spelling != key && words.len() > 1 && letters >= TEXTED).then_some(spelling)
}

/// Of so many letters, a Thai word is no other one without its tone marks.
const TONES: usize = 6;

/// A Thai key without its tone marks, and without one of them: who is in a hurry leaves them out.
pub(super) fn without_tones(key: &str) -> Vec<String> {
    const MOST: usize = 4;
    // The four tone marks, and the one of a letter that isn't spoken.
    let tone = |c: char| matches!(c, '\u{E48}'..='\u{E4C}');
    let letters = key.chars().filter(|c| script(*c) == Script::Thai && kind(*c) == Kind::Word).count();
    if letters < TONES {
        return Vec::new();
    }
    let without =
        |at: usize, mark: &str| [key.get(..at), key.get(at + mark.len()..)].into_iter().flatten().collect();
    let each = key.match_indices(tone).map(|(at, mark)| without(at, mark));
    let mut spellings: Vec<String> =
        each.chain([key.replace(tone, "")]).filter(|spelling| spelling != key).take(MOST + 1).collect();
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// Of so many characters, a Japanese key is no other one in the spellings of the net.
const NET: usize = 4;

/// A Japanese threat as it is written where filters are known: other characters for death and murder.
pub(super) fn as_on_the_net(key: &str) -> Vec<String> {
    const OTHERS: [(char, &str); 3] = [('死', "氏"), ('死', "タヒ"), ('殺', "頃")];
    let kana = |c: char| matches!(c, '\u{3040}'..='\u{30FF}');
    if key.chars().filter(|c| *c != ' ').count() < NET || !key.contains(kana) {
        return Vec::new();
    }
    let written = |(character, other): (char, &str)| {
        key.contains(character).then(|| fold_phrase(&key.replace(character, other)))
    };
    OTHERS.into_iter().filter_map(written).collect()
}

/// A Cyrillic word without its breves, where that is no word that people write (`хвоида`).
pub(super) fn without_breve(key: &str) -> Option<String> {
    let bare = key.replace('\u{306}', "").replace("і\u{308}", "і");
    let cyrillic = key.contains(|c| script(c) == Script::Cyrillic);
    let long = bare.chars().filter(|c| *c != ' ').count() >= BREVE;
    (cyrillic && bare != key && long && !bare.split(' ').all(is_everyday)).then_some(bare)
}

/// A Latin phrase without its accents, its umlauts as bare letters, and without the accent of one of its words.
pub(super) fn phrase_without_accents(key: &str) -> Vec<String> {
    let letters = key.chars().filter(|c| kind(*c) == Kind::Word).count();
    if !key.contains(' ') || letters < UNACCENTED {
        return Vec::new();
    }
    let bare: String = key.chars().filter(|c| !('\u{300}'..='\u{36F}').contains(c)).collect();
    let flat = ["ae", "oe", "ue", "aa"].iter().zip(["a", "o", "u", "a"]);
    let flat = flat.fold(bare.clone(), |flat, (two, one)| flat.replace(two, one));
    let last = key.strip_suffix(|c| ('\u{300}'..='\u{36F}').contains(&c)).map(str::to_owned);
    let mut spellings: Vec<String> =
        [bare, flat].into_iter().chain(last).filter(|spelling| spelling != key).collect();
    spellings.dedup();
    spellings
}

/// A phrase of several words without one of its blanks, where that makes no word that people write.
pub(super) fn without_a_blank(key: &str) -> Vec<String> {
    let letters = || key.chars().filter(|c| kind(*c) == Kind::Word).count();
    let words: Vec<&str> = key.split(' ').collect();
    if words.len() < 3 || letters() < JOINED {
        return Vec::new();
    }
    let spaced = words.iter().all(|word| word.chars().all(|c| c.is_alphabetic() || kind(c) == Kind::Mark));
    let joined = |at: usize| {
        let (before, behind) = words.split_at_checked(at + 1)?;
        let word = words.get(at..at + 2)?.concat();
        let spelling = [&before.join(" "), behind.join(" ").as_str()].concat();
        (spaced && !is_everyday(&word)).then_some(spelling)
    };
    (0..words.len() - 1).filter_map(joined).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_writers_of_a_language_do() {
        let key = fold_phrase("다이어트 약");
        let joined = fold_phrase("다이어트약");
        assert!(spaced_otherwise(&key).contains(&joined));
        assert!(spaced_otherwise(&fold_phrase("토토사이트")).contains(&fold_phrase("토토 사이트")));
        assert!(spaced_otherwise(&fold_phrase("창녀")).is_empty());
        assert!(spaced_otherwise(&fold_phrase("걸레같은년")).contains(&fold_phrase("걸레 같은 년")));
        assert_eq!(with_parted_prefixes(&fold_phrase("بی‌شرف")), Some(fold_phrase("بی شرف")));
        assert_eq!(texted("i will find you"), Some("i will find u".to_owned()));
        assert!(without_a_blank("jag ser dig nu").contains(&"jagser dig nu".to_owned()));
        assert_eq!(texted("you"), None);
        assert!(without_tones(&fold_phrase("บาคาร่าออนไลน์")).contains(&fold_phrase("บาคาร่าออนไลน")));
        assert!(without_tones(&fold_phrase("ไม่")).is_empty());
        assert!(
            as_on_the_net("殺してやる").contains(&"頃してやる".to_owned())
                && as_on_the_net("死ね").is_empty()
        );
        assert_eq!(without_breve(&fold_phrase("хвойда")), Some(fold_phrase("хвоида")));
        assert!(
            phrase_without_accents(&fold_phrase("figyellek téged")).contains(&"figyellek teged".to_owned())
        );
        assert!(
            phrase_without_accents(&fold_phrase("ingen tror på dig"))
                .contains(&"ingen tror pa dig".to_owned())
        );
    }
}
