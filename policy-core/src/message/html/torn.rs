//! A word as it reads without what stands in its midst in elements of their own: no program follows all that style sheets can
//! do to hide such, and each mail reader follows something else.

use crate::message::plain::PARAGRAPH;

/// How much of what stands around the word is kept, in characters.
const AROUND: usize = 64;

#[derive(Default)]
pub(super) struct Torn {
    /// What stands around, without what stands in the word's midst.
    text: String,
    /// The element in the word's midst: how many are open around it.
    inside: Option<usize>,
    /// There is something in it.
    holds: bool,
    /// The word goes on behind it.
    goes_on: bool,
    /// How much was taken over since.
    behind: usize,
}

impl Torn {
    /// An element begins behind `before`, with `depth` others around it.
    pub(super) fn begin(&mut self, before: &str, depth: usize) {
        if self.inside.is_some() || !before.ends_with(char::is_alphanumeric) {
            return;
        }
        if self.text.is_empty() {
            let begin = before.char_indices().rev().take(AROUND).last().map_or(0, |(at, _)| at);
            let around = before.get(begin..).unwrap_or_default();
            self.text.push_str(around.rsplit(PARAGRAPH).next().unwrap_or_default());
        }
        (self.inside, self.holds) = (Some(depth), false);
    }

    /// Elements ended, so that `depth` are open.
    pub(super) fn closed_to(&mut self, depth: usize) {
        if self.inside.is_some_and(|inside| depth <= inside) {
            self.inside = None;
        }
    }

    /// Text follows; returns what reads otherwise without the elements, if it ends in it.
    pub(super) fn go_on(&mut self, characters: &str) -> Option<String> {
        if self.text.is_empty() {
            return None;
        }
        if self.inside.is_some() {
            // What a blank begins is the next word.
            if !self.holds && characters.starts_with(char::is_whitespace) {
                *self = Self::default();
            } else {
                self.holds |= !characters.is_empty();
            }
            return None;
        }
        if self.holds {
            if !characters.starts_with(char::is_alphanumeric) {
                return self.end();
            }
            (self.holds, self.goes_on) = (false, true);
        }
        let room = AROUND.saturating_sub(self.behind);
        self.text.extend(characters.chars().take(room));
        self.behind += characters.chars().take(room).count();
        if self.behind >= AROUND { self.end() } else { None }
    }

    /// What was kept, if a word goes on behind an element in its midst.
    pub(super) fn end(&mut self) -> Option<String> {
        if self.inside.is_some() && self.goes_on {
            return None;
        }
        let torn = std::mem::take(self);
        torn.goes_on.then_some(torn.text)
    }
}
