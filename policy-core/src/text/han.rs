//! Traditional and simplified Chinese characters: one word has two spellings.

use std::sync::LazyLock;

/// A traditional and a simplified form a line; of several traditional ones, the usual one first.
const FORMS: &str = include_str!("../../data/han-forms.txt");

/// What each form is in the other way of writing, in order.
struct Forms {
    simplified: Vec<(char, char)>,
    traditional: Vec<(char, char)>,
}

static OTHER: LazyLock<Forms> = LazyLock::new(|| {
    let pairs = || {
        FORMS.lines().filter_map(|line| {
            let mut forms = line.chars();
            forms.next().zip(forms.next())
        })
    };
    let in_order = |mut forms: Vec<(char, char)>| {
        // The usual one comes first, and stays.
        forms.sort_by_key(|(from, _)| *from);
        forms.dedup_by_key(|(from, _)| *from);
        forms
    };
    Forms {
        simplified: in_order(pairs().collect()),
        traditional: in_order(pairs().map(|(traditional, simplified)| (simplified, traditional)).collect()),
    }
});

/// Simplified characters that are traditional ones, too, and mean themselves there more often than what else they stand for
/// (OpenCC's STCharacters: itself first).
const STAY: &str = "丑了借克冬凌刮制卜卷只合同向周回困姜家布志才扎折曲朱松板欲注秋群胡致蒙表面升奸";

/// The key in simplified and in traditional characters, where that differs; in the last those stay that may.
pub(super) fn other_forms(key: &str) -> [Option<String>; 3] {
    if !key.contains(|c| matches!(c, '\u{3400}'..='\u{9FFF}')) {
        return [None, None, None];
    }
    let written = |forms: &[(char, char)], stay: &str| {
        let other = |c: char| {
            let found = forms.binary_search_by_key(&c, |(from, _)| *from).ok().filter(|_| !stay.contains(c));
            found.and_then(|found| forms.get(found)).map_or(c, |(_, to)| *to)
        };
        let written: String = key.chars().map(other).collect();
        (written != key).then_some(written)
    };
    let traditional = written(&OTHER.traditional, "");
    let staying = written(&OTHER.traditional, STAY).filter(|form| Some(form) != traditional.as_ref());
    [written(&OTHER.simplified, ""), traditional, staying]
}

#[cfg(test)]
mod tests {
    use super::other_forms;

    #[test]
    fn a_word_in_the_other_characters() {
        assert_eq!(other_forms("贷款"), [None, Some("貸款".to_owned()), None]);
        assert_eq!(other_forms("賭場"), [Some("赌场".to_owned()), None, None]);
        assert!(other_forms("要杀了你").contains(&Some("要殺了你".to_owned())));
        assert_eq!(other_forms("casino"), [None, None, None]);
    }
}
