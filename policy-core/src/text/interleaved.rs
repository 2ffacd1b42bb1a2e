//! Words of scripts without blanks, and of Hangul, with the same letter or digit between all characters, or each in brackets
//! of its own: `a贷a款`, `殺xしxて`, `【창】【녀】`.
//!
//! What stands so is no sentence: a reader leaves out what is the same everywhere.

use std::ops::Range;

use super::pierced::is_one;

/// What a character of a run has beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Letter(char),
    Digit(char),
    /// It ends one pair of brackets, and opens the next.
    Brackets(char, char),
}

/// What a reader reads of each run, and where it stands.
pub(super) fn interleaved_runs(shown: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    // Kana, ideographs, Hangul and full-width brackets begin with higher bytes than nearly all of a Latin text.
    let highest = |bytes: &[u8]| bytes.iter().fold(0, |highest, byte| (*byte).max(highest));
    let may = shown.as_bytes().chunks(256).any(|bytes| highest(bytes) >= 0xE3);
    let mut rest = if may { shown } else { "" };
    std::iter::from_fn(move || {
        loop {
            let at = rest.find(is_one)?;
            let start = shown.len() - rest.len() + at;
            let (run, end) = run(shown, start);
            // Never back: each character is in one run.
            rest = shown.get(end..).unwrap_or_default();
            if run.is_some() {
                return run;
            }
        }
    })
}

/// The run whose first character begins here, if it is one, and where to go on.
fn run(shown: &str, start: usize) -> (Option<(String, Range<usize>)>, usize) {
    let mut chars = shown.get(start..).unwrap_or_default().chars();
    let Some(first) = chars.next() else { return (None, shown.len()) };
    let mut text = String::from(first);
    let mut end = start + first.len_utf8();
    let mut same = None;
    let mut times = 0;
    while let Some((beside, next, length)) = step(chars.as_str()) {
        if same.is_some_and(|same| same != beside) {
            break;
        }
        same = Some(beside);
        times += 1;
        text.push(next);
        end += length;
        chars = shown.get(end..).unwrap_or_default().chars();
    }
    let before = shown.get(..start).and_then(|before| before.chars().next_back());
    let enough = match same {
        None => false,
        Some(Beside::Digit(_)) => times > 1,
        Some(Beside::Letter(letter)) => times > 1 || before == Some(letter),
        Some(Beside::Brackets(closing, opening)) => {
            before == Some(opening) && shown.get(end..).is_some_and(|rest| rest.starts_with(closing))
        }
    };
    (enough.then_some((text, start..end)), end)
}

/// What stands before the next character, that character, and how many bytes both are.
fn step(rest: &str) -> Option<(Beside, char, usize)> {
    let mut chars = rest.chars();
    let sign = chars.next()?;
    let beside = match sign {
        'a'..='z' | 'A'..='Z' => Beside::Letter(sign),
        '0'..='9' => Beside::Digit(sign),
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
        let runs = |text: &str| interleaved_runs(text).map(|(run, _)| run).collect::<Vec<_>>();
        assert_eq!(runs("a贷a款了"), ["贷款"]);
        assert_eq!(runs("殺xしxてxやxる"), ["殺してやる"]);
        assert_eq!(runs("说（婊）（子）了 [창][녀]"), ["婊子", "창녀"]);
        assert_eq!(runs("快1速1赚1钱"), ["快速赚钱"]);
        for text in ["卡拉OK厅", "买A股", "3月3日", "A股和B股", "（一）月（二）日", "plain", "1年2月3日"]
        {
            assert!(runs(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_long_run_is_gone_through_once() {
        for unit in ["a贷", "贷a款b", "【贷", "】贷【"] {
            assert!(interleaved_runs(&unit.repeat(200_000)).count() <= 1, "{unit}");
        }
    }
}
