//! Chinese words with one character for another of the same sound (`澳门睹场` for 澳门赌场), as who types by sound, or
//! knows that filters read characters, writes them.

use std::sync::LazyLock;

/// Of fewer characters, too few are left to tell.
const SHORTEST: usize = 3;
/// Of so many, a word is told by the others, however frequent the character is.
const LONG: usize = 4;
/// No word has more.
const LONGEST: usize = 12;
/// So many characters of one sound are known to most readers.
const MOST: usize = 8;
/// A key has at most so many spellings, and all keys of a list together: 10,000 then cost no more memory, and time at each edit,
/// than as many English phrases do.
const SPELLINGS: usize = 32;
const SPELLINGS_OF_ALL: usize = 1 << 15;
/// They tell who is meant.
const PERSONS: &str = "他她它";

/// Characters of one sound a line, the most frequent first; a blank parts the frequent ones from the others.
const SOUNDS: &str = include_str!("../../data/homophones.txt");

/// The characters and where the line of each begins, in order.
static LINES: LazyLock<Vec<(char, u32)>> = LazyLock::new(|| {
    let mut begin = 0;
    let mut lines = Vec::new();
    for line in SOUNDS.split_inclusive('\n') {
        lines.extend(line.trim_end().chars().filter(|c| *c != ' ').map(|c| (c, begin)));
        begin += u32::try_from(line.len()).unwrap_or_default();
    }
    lines.sort_unstable();
    lines
});

/// How many spellings each of so many keys has at most.
pub(super) fn spellings_each<'k>(keys: impl Iterator<Item = &'k str>) -> usize {
    let keys = keys.filter(|key| characters(key).is_some()).count();
    SPELLINGS_OF_ALL.checked_div(keys).map_or(SPELLINGS, |each| each.min(SPELLINGS))
}

/// How many characters a key has that may be written so.
fn characters(key: &str) -> Option<usize> {
    let chinese = key.chars().all(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'));
    Some(key.chars().count()).filter(|count| chinese && (SHORTEST..=LONGEST).contains(count))
}

/// The key with one of its characters written as each of those that sound like it, as many as it may have.
pub(super) fn sounding_alike(key: &str, spellings: usize) -> Vec<String> {
    let Some(count) = characters(key) else { return Vec::new() };
    let places = key.char_indices().filter(|(_, c)| !PERSONS.contains(*c));
    places
        .flat_map(|(at, c)| {
            let others =
                others(c, count >= LONG).filter(move |other| *other != c).take(MOST.min(spellings / count));
            others.filter_map(move |other| {
                let (before, behind) = (key.get(..at)?, key.get(at + c.len_utf8()..)?);
                Some([before, other.encode_utf8(&mut [0; 4]), behind].concat())
            })
        })
        .collect()
}

/// The characters that sound like one, itself among them; if not `all`, those that are frequent aren't.
fn others(character: char, all: bool) -> impl Iterator<Item = char> {
    let found = LINES.binary_search_by_key(&character, |(other, _)| *other).ok();
    let begin = found.and_then(|found| LINES.get(found)).map(|(_, begin)| *begin as usize);
    let line = begin.and_then(|begin| SOUNDS.get(begin..)?.lines().next()).unwrap_or_default();
    let rare = line.split_once(' ').map_or("", |(_, rare)| rare);
    if all { line } else { rare }.chars().filter(|c| *c != ' ')
}

#[cfg(test)]
mod tests {
    use super::{SPELLINGS, spellings_each};

    fn sounding_alike(key: &str) -> Vec<String> {
        super::sounding_alike(key, SPELLINGS)
    }

    #[test]
    fn a_character_of_the_same_sound_in_a_long_word() {
        let written = |key: &str, other: &str| sounding_alike(key).contains(&other.to_owned());
        assert!(written("澳门赌场", "澳门睹场") && written("无抵押贷款", "无抵压贷款"));
        assert!(written("高利贷", "高利袋"));
        assert!(!written("贱女人", "见女人"), "of three, a frequent one makes ordinary text");
        assert!(
            sounding_alike("赌场").is_empty()
                && sounding_alike("杀了她").iter().all(|other| !other.contains('他'))
        );
    }

    #[test]
    fn a_long_list_has_fewer_spellings_of_each() {
        let each = |keys: usize| spellings_each(std::iter::repeat_n("澳门赌场", keys));
        assert_eq!((each(0), each(1), each(1_000)), (SPELLINGS, SPELLINGS, SPELLINGS));
        assert!(super::sounding_alike("澳门赌场", each(5_000)).contains(&"澳门堵场".to_owned()));
        assert!([5_000, 10_000, 1_000_000].iter().all(|keys| keys * each(*keys) < 50_000));
    }
}
