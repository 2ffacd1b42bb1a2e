//! Texts kept in memory, for whoever shows them.

use std::collections::HashMap;

use super::plain::PARAGRAPH;
use super::seen::said_in;
use super::texts::Stretch;
use crate::candidate::{Place, Text};

/// The most texts that are kept apart; further ones are joined to the last of their place, so that a million small
/// parts take no more memory than one large one.
const TEXTS: usize = 1024;

/// Texts, stretches joined.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) texts: Vec<Text>,
    /// Where the last text of each place is.
    last: HashMap<Place, usize>,
    /// A text that comes in stretches.
    open: Option<Text>,
}

impl Collected {
    pub(super) fn take(&mut self, stretch: Stretch<'_>) {
        let Stretch { place, shown, overlap, last } = stretch;
        let text = match &mut self.open {
            Some(open) if overlap > 0 => {
                open.shown.push_str(shown.get(overlap..).unwrap_or_default());
                match last {
                    true => self.open.take(),
                    false => None,
                }
            }
            _ if last => Some(Text { place, shown: shown.to_owned() }),
            open => {
                *open = Some(Text { place, shown: shown.to_owned() });
                None
            }
        };
        if let Some(text) = text
            && !(overlap > 0 && self.texts.iter().any(|known| same(known, &text)))
        {
            self.keep(text);
        }
    }

    fn keep(&mut self, text: Text) {
        if self.texts.len() >= TEXTS
            && let Some(last) = self.last.get(&text.place).and_then(|index| self.texts.get_mut(*index))
        {
            last.shown.push(PARAGRAPH);
            last.shown.push_str(&text.shown);
            return;
        }
        self.last.insert(text.place, self.texts.len());
        self.texts.push(text);
    }
}

fn same(one: &Text, other: &Text) -> bool {
    said_in(one.place) == said_in(other.place) && one.shown == other.shown
}
