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
/// A key has at most so many spellings.
const SPELLINGS: usize = 32;
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

/// The key with one of its characters written as each of those that sound like it.
pub(super) fn sounding_alike(key: &str) -> Vec<String> {
    let count = key.chars().count();
    let chinese = key.chars().all(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'));
    if !chinese || !(SHORTEST..=LONGEST).contains(&count) {
        return Vec::new();
    }
    let places = key.char_indices().filter(|(_, c)| !PERSONS.contains(*c));
    places
        .flat_map(|(at, c)| {
            let others =
                others(c, count >= LONG).filter(move |other| *other != c).take(MOST.min(SPELLINGS / count));
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
    use super::sounding_alike;

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
}
