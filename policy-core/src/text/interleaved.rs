//! Words of scripts without blanks, and of Hangul, with the same letter, digit or mark between all characters, digits among
//! Hangul, or each in brackets of its own: `a贷a款`, `殺xしxて`, `贱。女。人`, `미1친2년`, `【창】【녀】`.
//!
//! What stands so is no sentence: a reader leaves out what is the same everywhere.

use std::ops::Range;

use memchr::memchr2_iter;

use super::cuts::Cuts;
use super::pierced::is_one;

/// What a character of a run has beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Letter(char),
    Digit(char),
    /// One digit here, another there.
    Number,
    /// A mark that ends a clause elsewhere, or parts what is enumerated.
    Mark(char),
    /// It ends one pair of brackets, and opens the next.
    Brackets(char, char),
}

/// Of enumerations, so many characters are no chance.
const TELLING: usize = 3;

/// A run as it is read without what stands between its characters.
pub(super) struct Run {
    pub(super) text: String,
    cuts: Cuts,
    /// How many characters of it tell.
    least: usize,
}

impl Run {
    /// Whether what was found in its text is no chance.
    pub(super) fn tells(&self, found: &Range<usize>) -> bool {
        let characters =
            || self.text.get(found.clone()).map_or(0, |found| found.chars().filter(|c| is_one(*c)).count());
        self.least <= 1 || characters() >= self.least
    }

    /// Where what was found in its text stands.
    pub(super) fn shown(&self, found: &Range<usize>) -> Range<usize> {
        self.cuts.shown(found)
    }
}

/// What a reader reads of each run.
pub(super) fn interleaved_runs(shown: &str) -> impl Iterator<Item = Run> {
    let mut rest = if may_have_one(shown.as_bytes()) { shown } else { "" };
    std::iter::from_fn(move || {
        loop {
            let at = rest.find(is_one)?;
            let start = shown.len() - rest.len() + at;
            let (run, next) = run(shown, start);
            // Never further back than to a run's last character: each is in two runs at most.
            rest = shown.get(next..).unwrap_or_default();
            if run.is_some() {
                return run;
            }
        }
    })
}

/// Whether any character of these scripts may be in a text, as most are in none.
pub(super) fn may_have_one(text: &[u8]) -> bool {
    // Kana, ideographs, Hangul and full-width brackets begin with higher bytes than nearly all of a Latin text.
    let highest = |bytes: &[u8]| bytes.iter().fold(0, |highest, byte| (*byte).max(highest));
    // Thai, Lao, Myanmar and Khmer share their first bytes with Devanagari and Vietnamese letters.
    let begins = |at: usize| match (text.get(at), text.get(at + 1)) {
        (Some(0xE0), Some(second)) => *second >= 0xB8,
        (Some(0xE1), Some(second)) => *second < 0xB4,
        _ => false,
    };
    text.chunks(256).any(|bytes| highest(bytes) >= 0xE3) || memchr2_iter(0xE0, 0xE1, text).any(begins)
}

/// The run whose first character begins here, if it is one, and where to go on.
fn run(shown: &str, start: usize) -> (Option<Run>, usize) {
    let mut chars = shown.get(start..).unwrap_or_default().chars();
    let Some(first) = chars.next() else { return (None, shown.len()) };
    let mut text = String::from(first);
    let mut cuts = Cuts::new(start);
    let mut end = start + first.len_utf8();
    let (mut last, mut broken) = (start, false);
    let mut same = None;
    let mut times = 0;
    while let Some((beside, next, length)) = step(chars.as_str()) {
        same = match (same, beside) {
            (None, _) => Some(beside),
            (Some(same), _) if same == beside => Some(same),
            (Some(Beside::Digit(_) | Beside::Number), Beside::Digit(_)) => Some(Beside::Number),
            _ => {
                broken = true;
                break;
            }
        };
        times += 1;
        cuts.push(text.len(), length - next.len_utf8());
        text.push(next);
        end += length;
        last = end - next.len_utf8();
        chars = shown.get(end..).unwrap_or_default().chars();
    }
    let before = shown.get(..start).and_then(|before| before.chars().next_back());
    let enough = match same {
        None => false,
        Some(Beside::Digit(_) | Beside::Mark(_)) => times > 1,
        // `1年2月3日` is a date, and `ค1ว2ย` a plan of rooms.
        Some(Beside::Number) => {
            let digit = |c: char| c.is_ascii_digit();
            let hangul = matches!(first, '\u{AC00}'..='\u{D7A3}');
            hangul
                && times > 1
                && !before.is_some_and(digit)
                && !shown.get(end..).is_some_and(|rest| rest.starts_with(digit))
        }
        Some(Beside::Letter(letter)) => times > 1 || before == Some(letter),
        Some(Beside::Brackets(closing, opening)) => {
            before == Some(opening) && shown.get(end..).is_some_and(|rest| rest.starts_with(closing))
        }
    };
    // What stood between the first two may be none of it: its last character may begin another one.
    let enumerates = matches!(same, Some(Beside::Number | Beside::Mark(_)));
    let least = if enumerates { TELLING } else { 1 };
    (enough.then_some(Run { text, cuts, least }), if broken { last } else { end })
}

/// What stands before the next character, that character, and how many bytes both are.
fn step(rest: &str) -> Option<(Beside, char, usize)> {
    let mut chars = rest.chars();
    let sign = chars.next()?;
    let beside = match sign {
        'a'..='z' | 'A'..='Z' => Beside::Letter(sign),
        '0'..='9' => Beside::Digit(sign),
        '，' | '。' | '．' | '、' | '：' | '；' | '！' | '？' | '・' | '｡' | '､' => {
            Beside::Mark(sign)
        }
        ')' | ']' | '}' | '）' | '】' | '」' | '』' | '〕' | '］' | '》' | '〉' => {
            Beside::Brackets(sign, chars.next().filter(|opening| opens(*opening, sign))?)
        }
        _ => return None,
    };
    let next = chars.next().filter(|next| is_one(*next))?;
    Some((beside, next, rest.len() - chars.as_str().len()))
}

fn opens(opening: char, closing: char) -> bool {
    const PAIRS: [&str; 11] =
        ["()", "[]", "{}", "（）", "【】", "「」", "『』", "〔〕", "［］", "《》", "〈〉"];
    PAIRS.iter().any(|pair| pair.chars().eq([opening, closing]))
}

#[cfg(test)]
mod tests {
    use super::interleaved_runs;

    #[test]
    fn what_is_the_same_everywhere_is_left_out() {
        let runs = |text: &str| interleaved_runs(text).map(|run| run.text).collect::<Vec<_>>();
        assert_eq!(runs("a贷a款了"), ["贷款"]);
        assert_eq!(runs("殺xしxてxやxる"), ["殺してやる"]);
        assert_eq!(runs("说（婊）（子）了 [창][녀]"), ["婊子", "창녀"]);
        assert_eq!(runs("快1速1赚1钱"), ["快速赚钱"]);
        assert_eq!(runs("这个贱。女。人在"), ["贱女人"]);
        assert_eq!(runs("저 미1친2년 봐"), ["미친년"]);
        assert_eq!(runs("お1殺xしxてxやxる"), ["殺してやる"]);
        assert_eq!(runs("放b贷a款a了"), ["贷款了"]);
        assert_eq!(runs("ค1ว1ย"), ["ควย"]);
        for text in [
            "卡拉OK厅",
            "买A股",
            "3月3日",
            "A股和B股",
            "（一）月（二）日",
            "plain",
            "1年2月3日",
            "2년3월4일",
            "好。我",
            "việt 1ở2",
            "क1ख1ग",
        ] {
            assert!(runs(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_was_found_stands_where_its_characters_do() {
        let text = "快1速1赚1钱";
        let run = interleaved_runs(text).next().unwrap();
        let found = run.text.find("速赚").unwrap();
        assert_eq!(text.get(run.shown(&(found..found + "速赚".len()))), Some("速1赚"));
    }

    #[test]
    fn two_of_what_is_enumerated_are_no_word() {
        let run = interleaved_runs("老、人、男、女").next().unwrap();
        let found = run.text.find("男女").unwrap();
        assert!(!run.tells(&(found..run.text.len())) && run.tells(&(0..run.text.len())));
    }

    #[test]
    fn a_long_run_is_gone_through_once() {
        for unit in ["a贷", "贷a款b", "【贷", "】贷【", "贷a款a了b", "贷，款。", "贷1款2"] {
            let text = unit.repeat(200_000);
            assert!(
                interleaved_runs(&text).map(|run| run.text.len()).sum::<usize>() <= 2 * text.len(),
                "{unit}"
            );
        }
    }
}
