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
const STAY: &str = concat!(
    "丑了仇仿佛俊修借僵克冢冬凌出刮制千升卜卷只合吊同向呆周咽哄喂噪回困夫奸姜娘它家局巨布席幸庵弦彩御志念恤愈戚才扎托扣折抵拐",
    "挨挽捆搜旋昆暗曲朱杆杯松板栗核梁棱欲沈沾泛注漓玩璇症矩硷私秋糊系累群胄背胡致舍芸苔蒙蔑表谷酸雕面",
);

/// A character's simplified form.
pub(super) fn simplified(c: char) -> char {
    other(&OTHER.simplified, c).unwrap_or(c)
}

fn other(forms: &[(char, char)], c: char) -> Option<char> {
    let found = forms.binary_search_by_key(&c, |(from, _)| *from).ok()?;
    forms.get(found).map(|(_, to)| *to)
}

/// The key in simplified and in traditional characters, where that differs; in the last those stay that may.
pub(super) fn other_forms(key: &str) -> [Option<String>; 3] {
    if !key.contains(|c| matches!(c, '\u{3400}'..='\u{9FFF}')) {
        return [None, None, None];
    }
    let written = |forms: &[(char, char)], stay: &str| {
        let written: String =
            key.chars().map(|c| other(forms, c).filter(|_| !stay.contains(c)).unwrap_or(c)).collect();
        (written != key).then_some(written)
    };
    let traditional = written(&OTHER.traditional, "");
    let staying = written(&OTHER.traditional, STAY).filter(|form| Some(form) != traditional.as_ref());
    [written(&OTHER.simplified, ""), traditional, staying]
}

/// A key of several characters that have another form, each of them alone in it: `代开發票`.
pub(super) fn partly_other(key: &str) -> Vec<String> {
    const CHARACTERS: usize = 3;
    const MOST: usize = 8;
    let others = other_forms(key);
    let Some(other) = others.iter().flatten().next_back().filter(|_| key.chars().count() >= CHARACTERS)
    else {
        return Vec::new();
    };
    let differing: Vec<(usize, char)> = key
        .char_indices()
        .zip(other.chars())
        .filter(|((_, c), other)| c != other)
        .map(|((at, _), other)| (at, other))
        .collect();
    if !(2..=MOST).contains(&differing.len()) {
        return Vec::new();
    }
    let alone = |(at, other): (usize, char)| {
        let (before, rest) = key.split_at_checked(at)?;
        let behind = rest.strip_prefix(|_| true)?;
        Some([before, other.encode_utf8(&mut [0; 4]), behind].concat())
    };
    differing.into_iter().filter_map(alone).collect()
}

#[cfg(test)]
mod tests {
    use super::{other_forms, partly_other};

    #[test]
    fn a_word_in_the_other_characters() {
        assert_eq!(other_forms("贷款"), [None, Some("貸款".to_owned()), None]);
        assert_eq!(other_forms("賭場"), [Some("赌场".to_owned()), None, None]);
        assert!(other_forms("无抵押贷款").contains(&Some("無抵押貸款".to_owned())));
        assert!(other_forms("要杀了你").contains(&Some("要殺了你".to_owned())));
        assert!(partly_other("代开发票").contains(&"代开發票".to_owned()) && partly_other("贷款").is_empty());
        assert_eq!(other_forms("casino"), [None, None, None]);
    }
}
