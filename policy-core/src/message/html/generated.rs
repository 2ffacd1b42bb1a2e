//! Text that style sheets put before and behind what an element holds.

use super::syntax::unescaped;

/// The most strings and attributes that one rule generates.
const CONTENTS: usize = 32;

/// Part of what a rule generates (CSS Generated Content 3 section 1.2).
#[derive(Clone)]
pub(super) enum Content {
    Text(Box<str>),
    /// The value of this attribute.
    Attribute(Box<str>),
}

impl Content {
    /// What declarations generate; nothing if there are no letters in it.
    pub(super) fn parse(declarations: &str) -> Vec<Self> {
        let mut contents = Vec::new();
        if !declarations.contains("content") {
            return contents;
        }
        let value = declarations.split(';').rev().find_map(|declaration| {
            let (name, value) = declaration.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content").then(|| value.trim())
        });
        let mut rest = value.unwrap_or_default();
        while let Some(c) = rest.chars().next().filter(|_| contents.len() < CONTENTS) {
            let attribute = rest.strip_prefix("attr(").and_then(|inside| inside.split_once(')'));
            let behind = rest.get(c.len_utf8()..).unwrap_or_default();
            rest = match attribute {
                Some((name, after)) => {
                    contents.push(Self::Attribute(name.trim().to_ascii_lowercase().into()));
                    after
                }
                None if matches!(c, '"' | '\'') => {
                    let (inside, after) = behind.split_once(c).unwrap_or((behind, ""));
                    contents.push(Self::Text(unescaped(inside, |_| true).into()));
                    after
                }
                None => behind,
            };
        }
        let says = contents.iter().any(|content| match content {
            Self::Text(text) => text.contains(char::is_alphanumeric),
            Self::Attribute(_) => true,
        });
        if says { contents } else { Vec::new() }
    }
}
