//! Wildcards in the local part of an address entry: `*` is any number of characters, `?` is one.
//!
//! In a key's local part `\` takes the meaning from a following `*`, `?` or `\`, but only if there is a `*` or `?` in
//! it at all: then it is a glob, else it is the plain local part.

use std::str::Chars;

enum Token {
    Any,
    One,
    Literal(char),
}

fn next_token(glob: &mut Chars<'_>) -> Option<Token> {
    Some(match glob.next()? {
        '*' => Token::Any,
        '?' => Token::One,
        '\\' => Token::Literal(glob.next().unwrap_or('\\')),
        char => Token::Literal(char),
    })
}

/// Whether the local part of a key is to be read as a glob.
pub(super) fn is_glob(key_local: &str) -> bool {
    key_local.contains(['*', '?'])
}

/// Whether one of a glob's wildcards means more than itself.
pub(super) fn has_wildcard(glob: &str) -> bool {
    let mut rest = glob.chars();
    std::iter::from_fn(|| next_token(&mut rest)).any(|token| !matches!(token, Token::Literal(_)))
}

/// Takes wildcards' meaning from a text that is to be put into a glob.
pub(super) fn escaped(literal: char, glob: &mut String) {
    if matches!(literal, '*' | '?' | '\\') {
        glob.push('\\');
    }
    glob.push(literal);
}

/// Whether a glob, as a key has it, covers the whole of a normalised local part. Ask for the local part as it is and
/// without its tag. Time is bounded by the two lengths multiplied, memory by nothing but their own; an entry's glob is
/// at most [`LONGEST_LOCAL`](super::LONGEST_LOCAL) characters.
pub fn glob_matches(glob_local: &str, local: &str) -> bool {
    let (mut glob, mut text) = (glob_local.chars(), local.chars());
    // Where to go on if the last `*` takes one character more. Earlier ones never need to: they took the least.
    let mut retry: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let fits = match next_token(&mut glob) {
            Some(Token::Any) => {
                retry = Some((glob.clone(), text.clone()));
                true
            }
            Some(Token::One) => text.next().is_some(),
            Some(Token::Literal(wanted)) => text.next() == Some(wanted),
            None if text.as_str().is_empty() => return true,
            None => false,
        };
        if fits {
            continue;
        }
        let Some((behind, from)) = &mut retry else { return false };
        if from.next().is_none() {
            return false;
        }
        (glob, text) = (behind.clone(), from.clone());
    }
}
