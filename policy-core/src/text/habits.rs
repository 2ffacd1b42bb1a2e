//! Other ordinary spellings of one language each: what its writers leave out, put in, or shorten.

use icu_properties::props::Script;

use super::chars::{Kind, kind, script};
use super::everyday::is_everyday;

/// Of so many syllables, a Korean word or phrase is no other one with its blanks elsewhere.
const SYLLABLES: usize = 4;
/// Of so many letters, a text message's phrase is told by its other words.
const TEXTED: usize = 8;
/// Of so many letters, a phrase is no other one without its accents.
const UNACCENTED: usize = 10;
/// Of so many letters, a phrase of several words is no other one with a blank less.
const JOINED: usize = 8;
/// Of so many letters, a Cyrillic word without a breve is looked up among the words that people write.
const BREVE: usize = 4;

/// A Korean key with its blanks left out, or one put in: habits differ (`토토 사이트`).
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
    let spellings: Vec<String> = parted.chain([joined.clone()]).filter(|spelling| spelling != key).collect();
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
    let letters = key.chars().filter(|c| kind(*c) == Kind::Word).count();
    let words: Vec<&str> = key.split(' ').collect();
    if words.len() < 3 || letters < JOINED {
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
    use crate::text::plain::fold_phrase;

    #[test]
    fn what_writers_of_a_language_do() {
        let key = fold_phrase("다이어트 약");
        let joined = fold_phrase("다이어트약");
        assert!(spaced_otherwise(&key).contains(&joined));
        assert!(spaced_otherwise(&fold_phrase("토토사이트")).contains(&fold_phrase("토토 사이트")));
        assert!(spaced_otherwise(&fold_phrase("창녀")).is_empty());
        assert_eq!(with_parted_prefixes(&fold_phrase("بی‌شرف")), Some(fold_phrase("بی شرف")));
        assert_eq!(texted("i will find you"), Some("i will find u".to_owned()));
        assert!(without_a_blank("jag ser dig nu").contains(&"jagser dig nu".to_owned()));
        assert_eq!(texted("you"), None);
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
