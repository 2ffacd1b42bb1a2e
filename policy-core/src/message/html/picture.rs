//! The word that a picture's text stands in, where pictures aren't shown.

use super::boxes::LONGEST;

#[derive(Default)]
pub(super) struct Pictured {
    word: Option<String>,
    /// There is more of it than the picture's text.
    more: bool,
}

impl Pictured {
    /// A picture's text continues the word at the end of what stands before it.
    pub(super) fn begin(&mut self, before: &str, text: &str) {
        let last = || {
            let letters = before.chars().rev().take(LONGEST + 1).take_while(|c| c.is_alphanumeric());
            // What is longer is no word.
            let length = letters.clone().map(char::len_utf8).sum();
            let begin = before.len().checked_sub(length).filter(|_| letters.count() <= LONGEST);
            begin.and_then(|begin| before.get(begin..)).unwrap_or_default().to_owned()
        };
        let mut word = self.word.take().unwrap_or_else(last);
        self.more = !word.is_empty();
        word.push_str(text);
        self.word = Some(word);
    }

    /// Text behind a picture: as far as its first blank it continues the word. The word, if it ends in it.
    pub(super) fn go_on(&mut self, characters: &str) -> Option<String> {
        let word = self.word.as_mut()?;
        let end = characters.find(|c: char| !c.is_alphanumeric());
        let behind = characters.get(..end.unwrap_or(characters.len())).unwrap_or_default();
        self.more |= !behind.is_empty();
        word.push_str(behind);
        end.and_then(|_| self.end())
    }

    /// The word, if there is more of it than the picture's text.
    pub(super) fn end(&mut self) -> Option<String> {
        self.word.take().filter(|_| self.more)
    }
}
