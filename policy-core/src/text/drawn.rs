//! Signs that are used as letters: alone, several for one letter, or between all letters of a word.

use super::chars::{Kind, kind};

/// A letter drawn with several signs, and of how many characters it is made.
pub(super) fn drawn(c: char, rest: &str) -> Option<(char, usize)> {
    const DRAWN: &[(&str, char)] = &[
        ("|\\/|", 'm'),
        ("/\\/\\", 'm'),
        ("\\/\\/", 'w'),
        ("|\\|", 'n'),
        ("|_|", 'u'),
        ("\\/", 'v'),
        ("/\\", 'a'),
        ("|<", 'k'),
        ("|{", 'k'),
        ("|_", 'l'),
        ("|3", 'b'),
        ("|)", 'd'),
        ("()", 'o'),
        ("[]", 'o'),
        ("|-|", 'h'),
        ("/-/", 'h'),
    ];
    let seconds: &[u8] = match c {
        '|' => b"\\_<{3)-",
        '/' => b"\\-",
        '\\' => b"/",
        '(' => b")",
        '[' => b"]",
        _ => return None,
    };
    if !rest.as_bytes().first().is_some_and(|second| seconds.contains(second)) {
        return None;
    }
    DRAWN.iter().find_map(|(signs, letter)| {
        let mut left = signs.chars();
        let behind = (left.next() == Some(c)).then(|| rest.strip_prefix(left.as_str())).flatten()?;
        // `put()` is a function, `list[]` a parameter.
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '$' | '@' | '€');
        let empty = matches!(c, '(' | '[') && !behind.starts_with(goes_on);
        (!empty).then_some((*letter, signs.len()))
    })
}

/// Signs that are letters, or stand between all letters of a word.
pub(super) fn parts_letters(c: char) -> bool {
    matches!(c, '|' | '!' | '#' | '+' | '×')
}

/// Whether what parts the letters of this text is one such sign everywhere. Formulas have others, too: `s=hi+t`.
pub(super) fn parted_alike(text: &str) -> bool {
    let mut signs =
        text.chars().filter(|c| !matches!(kind(*c), Kind::Word | Kind::Mark | Kind::Blank | Kind::Ignorable));
    signs.next().is_some_and(|first| parts_letters(first) && signs.all(|sign| sign == first))
}

/// Whether every letter of a text stands alone, whatever parts it from the next: `s_l u|t`.
pub(super) fn spelled_out(text: &str) -> bool {
    const LETTERS: usize = 4;
    let kinds = || text.chars().map(kind).filter(|kind| !matches!(kind, Kind::Ignorable | Kind::Mark));
    let touching = kinds().zip(kinds().skip(1)).any(|pair| pair == (Kind::Word, Kind::Word));
    !touching && kinds().filter(|kind| *kind == Kind::Word).count() >= LETTERS
}

/// A plus sign behind fewer letters isn't their last one: `C+`, `TV+`.
pub(super) const LETTERS_BEFORE_PLUS: usize = 5;

/// Whether a sign is used as a letter here, and not as what it is.
pub(super) fn stands_for_letter(c: char, before: Option<char>, rest: &str, shown: &str, at: usize) -> bool {
    let next = rest.chars().next();
    let letter = |c: Option<char>| {
        c.is_some_and(|c| {
            c.is_alphanumeric()
                || matches!(c, '$' | '@' | '€' | '!' | '|' | '+' | '⭕' | '💲' | '©' | '®' | '✝' | '♓')
        })
    };
    // Behind another sign, a bracket opens: `$(read`.
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '@' | '$' if is_spelled(shown, at, rest) => c == '$' || !in_address(shown, at),
        // Not in an address.
        '@' => (letter(before) || letter(next)) && !in_address(shown, at),
        // `mÃ¥` is no May, but mÃ¥ in another charset.
        '§' | '£' | '¥' | '¢' if matches!(before, Some('Ã' | 'Â')) => false,
        '$' | '€' | '§' | '£' | '¥' | '¢' => letter(before) || letter(next),
        // `w#ore`; at the beginning it makes a hashtag.
        '#' => letter(before) && letter(next),
        '⭕' | '💲' => letter(before) || letter(next),
        '✝' | '♓' => letter(before) || letter(beyond(rest)),
        // Trade marks have them behind a word.
        '©' | '®' | '❌' => {
            (letter(before) || before.is_none_or(char::is_whitespace)) && letter(beyond(rest))
        }
        // `no!!!1` calls out.
        '!' => {
            let called = rest.trim_start_matches(['!', '1']).starts_with(char::is_alphanumeric);
            called && letter(next) && (letter(before) || before.is_none_or(char::is_whitespace))
        }
        // `v|i|a`: it stands between all letters, and for none.
        '+' if next.is_none_or(|c| c.is_whitespace() || matches!(c, '.' | ',' | '!' | '?')) => {
            let word = shown.get(..at).unwrap_or_default().chars().rev();
            let letter = |c: &char| c.is_alphanumeric() || matches!(c, '|' | '!' | '$' | '@' | '€');
            word.take(LETTERS_BEFORE_PLUS).filter(letter).count() == LETTERS_BEFORE_PLUS
        }
        // At a word's edge it is an l, if nothing else here stands in a column: `|oser`, `ana|`.
        '|' if at_edge(before, next) => alone_in_word(shown, at),
        '|' | '+' | '×' => {
            let rows = [before, next, rest.chars().nth(1)].contains(&Some(c))
                || twice_before(shown, at, c)
                || alone(shown, at, rest);
            letter(before) && letter(next) && !rows
        }
        '(' => inside(before) && inside(next) && !until_blank(rest).contains(')'),
        '<' => inside(before) && inside(next) && !until_blank(rest).contains('>'),
        _ => false,
    }
}

/// Whether the sign is one of several that stand alone, all parted by the same: `$.c.a.m`, `m.@.t`.
fn is_spelled(shown: &str, at: usize, rest: &str) -> bool {
    fn parted(mut chars: impl Iterator<Item = char>) -> bool {
        let parting = chars.next().filter(|c| matches!(c, '.' | '-' | '_' | '*' | '·'));
        parting.is_some() && chars.next().is_some_and(char::is_alphanumeric) && chars.next() == parting
    }
    parted(rest.chars()) || parted(shown.get(..at).unwrap_or_default().chars().rev())
}

/// What stands behind the sign that has an emoji shown as such.
fn beyond(rest: &str) -> Option<char> {
    rest.trim_start_matches('\u{FE0F}').chars().next()
}

fn twice_before(shown: &str, at: usize, sign: char) -> bool {
    shown.get(..at).is_some_and(|text| text.chars().nth_back(1) == Some(sign))
}

/// Whether but one letter stands on each side: `u|p`.
fn alone(shown: &str, at: usize, rest: &str) -> bool {
    let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    blank(shown.get(..at).and_then(|text| text.chars().nth_back(1))) && blank(rest.chars().nth(1))
}

/// Whether a blank is on one side, and a letter on the other.
fn at_edge(before: Option<char>, next: Option<char>) -> bool {
    let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let letter =
        |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '$' | '@' | '!' | '€'));
    (blank(before) && letter(next)) || (letter(before) && next.is_none_or(ends_word))
}

/// Whether it ends a word, or the clause that it stands in.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | ',' | ';')
}

/// Whether the sign at this place is the only one of its kind between two blanks, with at least two letters beside it.
fn alone_in_word(shown: &str, at: usize) -> bool {
    const REACH: usize = 32;
    let (before, rest) = shown.split_at_checked(at).unwrap_or_default();
    let letters = |c: &char| c.is_alphanumeric() || matches!(c, '$' | '@' | '!' | '|' | '€');
    let left = before.chars().rev().take(REACH).take_while(|c| !c.is_whitespace());
    let right = || rest.chars().take(REACH).take_while(|c| letters(c) || !ends_word(*c));
    let word = || left.clone().chain(right());
    word().all(|c| letters(&c)) && word().filter(|c| *c == '|').count() == 1 && word().count() > 2
}

fn until_blank(rest: &str) -> &str {
    let end = rest.char_indices().take(64).find(|(_, c)| c.is_whitespace()).map_or(64, |(index, _)| index);
    rest.get(..end).unwrap_or(rest)
}

/// Whether the `@` at this place joins a mailbox and a domain.
fn in_address(shown: &str, at: usize) -> bool {
    let rest = until_blank(shown.get(at + 1..).unwrap_or_default());
    // No domain begins with a full stop: `m.a.t.@.r.`.
    !rest.starts_with('.') && rest.trim_end_matches(|c: char| !c.is_alphanumeric()).contains('.')
}
