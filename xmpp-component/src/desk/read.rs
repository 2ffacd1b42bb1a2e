//! What somebody writes to the desk.

use policy_core::entry::Effect;
use policy_core::pattern::PatternKind;

use super::caller::Whose;

/// What is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish<'t> {
    /// Block or allow; the value may be empty, where something is forwarded or quoted with it.
    Add {
        effect: Effect,
        kind: Option<PatternKind>,
        value: &'t str,
    },
    Remove(&'t str),
    List(&'t str),
    More,
    Try(&'t str),
    Undo,
    Page,
    Help,
    Yes,
    No,
    Number(usize),
    /// Something else.
    Unclear,
}

/// A message, as far as it is understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said<'t> {
    pub(super) wish: Wish<'t>,
    pub(super) whose: Whose,
    /// What stands below the first line.
    pub(super) below: &'t str,
}

/// Reads a message: the first line is a command, `household` before it means everybody's list.
pub(super) fn read(text: &str) -> Said<'_> {
    let text = text.trim();
    let (line, below) = text.split_once('\n').unwrap_or((text, ""));
    let (whose, line) = match first_word(line) {
        (word, rest) if is(word, &["household"]) && !rest.is_empty() => (Whose::Household, rest),
        _ => (Whose::Mine, line.trim()),
    };
    let (word, value) = first_word(line);
    let below = below.trim();
    let alone = value.is_empty() && below.is_empty();
    let wish = if is(word, &["block"]) {
        add(Effect::Block, value)
    } else if is(word, &["allow"]) {
        add(Effect::Allow, value)
    } else if is(word, &["remove", "unblock", "delete"]) {
        Wish::Remove(value)
    } else if is(word, &["list"]) && below.is_empty() {
        Wish::List(value)
    } else if is(word, &["try"]) {
        // All that follows, line by line.
        let from = text.len() - text.split_once(word).map_or(0, |(_, rest)| rest.len());
        Wish::Try(text.get(from..).unwrap_or_default().trim())
    } else if below.is_empty() && is(line, &["yes", "yes please"]) {
        Wish::Yes
    } else if below.is_empty() && is(line, &["no", "no thanks", "cancel"]) {
        Wish::No
    } else if below.is_empty() && is(line, &["page", "my page", "open page", "open my page"]) {
        Wish::Page
    } else if !alone {
        Wish::Unclear
    } else if is(word, &["more"]) {
        Wish::More
    } else if is(word, &["undo"]) {
        Wish::Undo
    } else if is(word, &["help", "?", "hi", "hello"]) {
        Wish::Help
    } else {
        let number = word.trim_end_matches(['.', ')']).parse().ok().filter(|&number| number > 0);
        number.map_or(Wish::Unclear, Wish::Number)
    };
    Said { wish, whose, below }
}

fn add(effect: Effect, value: &str) -> Wish<'_> {
    let (kind, value) = kind_before(value).map_or((None, value), |(kind, rest)| (Some(kind), rest));
    Wish::Add { effect, value, kind }
}

/// `domain example.org`, `words see you`: the kind may stand before the value.
pub(super) fn kind_before(value: &str) -> Option<(PatternKind, &str)> {
    let (word, rest) = first_word(value);
    let kind = match word.trim_end_matches(':').to_ascii_lowercase().as_str() {
        "address" => PatternKind::Address,
        "domain" => PatternKind::Domain,
        "word" | "words" => PatternKind::Words,
        "regex" => PatternKind::Regex,
        _ => return None,
    };
    (!rest.is_empty()).then_some((kind, rest))
}

fn first_word(line: &str) -> (&str, &str) {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word, rest.trim())
}

/// Phones write a capital at the beginning, and people a full stop or a colon behind.
fn is(word: &str, known: &[&str]) -> bool {
    let word = if word == "?" { word } else { word.trim_end_matches([':', '.', '!', ',']) };
    known.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(kind: Option<PatternKind>, value: &str) -> Wish<'_> {
        Wish::Add { effect: Effect::Block, kind, value }
    }

    #[test]
    fn commands_are_understood_however_they_are_typed() {
        for (text, wish) in [
            ("block mallory@example.org", block(None, "mallory@example.org")),
            ("  Block:  mallory@example.org \n", block(None, "mallory@example.org")),
            ("block", block(None, "")),
            ("Block words see you", block(Some(PatternKind::Words), "see you")),
            ("block words", block(None, "words")),
            ("block domain: example.org", block(Some(PatternKind::Domain), "example.org")),
            ("allow a@b.example", Wish::Add { effect: Effect::Allow, kind: None, value: "a@b.example" }),
            ("unblock e-7f3k9", Wish::Remove("e-7f3k9")),
            ("LIST", Wish::List("")),
            ("list mallory", Wish::List("mallory")),
            ("try hello\nthere", Wish::Try("hello\nthere")),
            ("Undo.", Wish::Undo),
            ("yes!", Wish::Yes),
            ("Yes please.", Wish::Yes),
            ("No.", Wish::No),
            ("2", Wish::Number(2)),
            ("2.", Wish::Number(2)),
            ("?", Wish::Help),
            ("more", Wish::More),
            ("page", Wish::Page),
            ("Open my page.", Wish::Page),
        ] {
            assert_eq!(read(text).wish, wish, "{text}");
        }
    }

    #[test]
    fn what_is_no_command_does_nothing() {
        for text in [
            "",
            "blocked mallory@example.org",
            "please block mallory@example.org",
            "undo that please",
            "yes, but",
            "0",
            "-1",
            "99999999999999999999999",
            "> block mallory@example.org",
            "undo\nblock",
            "page please",
            "open my page\nblock",
            "household",
            "\u{202e}block a@b.example",
        ] {
            assert_eq!(read(text).wish, Wish::Unclear, "{text}");
        }
    }

    #[test]
    fn the_household_is_named_and_what_stands_below_is_kept() {
        let said = read("Household block mallory@example.org");
        assert_eq!((said.whose, said.wish), (Whose::Household, block(None, "mallory@example.org")));
        let said = read("block\n> hi\n> there");
        assert_eq!((said.wish, said.below), (block(None, ""), "> hi\n> there"));
        assert_eq!(read("household try x\ny").wish, Wish::Try("x\ny"));
    }
}
