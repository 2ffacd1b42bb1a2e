//! Where in the shown text a found pattern stands, and whether that is a place to find it.

use std::ops::Range;

use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton, StateID};
use icu_properties::props::Script;

use super::accented::{Accents, around, compare, in_english, in_french, in_german, in_vietnamese};
use super::chars::{Kind, kind, script};
use super::chunk::{DATA, is_data};
use super::fold::fold_char;
use super::particles::are_particles;
use super::plain::{Plain, SEPARATOR};
use super::segment::is_whole;
use super::spellings::{Spelling, Spellings, is_umlaut};

/// The way through the folded stream.
pub(super) struct Cursor<'m> {
    spellings: &'m Spellings,
    state: StateID,
    /// The states in which no key has begun: nothing read, and a separator only.
    idle: [StateID; 2],
    /// The folded byte to be read next.
    next: usize,
}

impl<'m> Cursor<'m> {
    pub(super) fn new(spellings: &'m Spellings) -> Self {
        let start = spellings.start;
        let separated = spellings.nfa.next_state(Anchored::No, start, SEPARATOR);
        Self { spellings, state: start, idle: [start, separated], next: 0 }
    }

    /// Whether no key has begun.
    pub(super) fn is_idle(&self) -> bool {
        self.idle.contains(&self.state)
    }

    /// Gives up what has begun, and goes on reading from there.
    pub(super) fn give_up(&mut self, next: usize) {
        self.state = self.spellings.start;
        self.next = next;
    }

    /// Reads what was folded since.
    pub(super) fn advance(
        &mut self,
        shown: &str,
        plain: &Plain<'_>,
        found: &mut dyn FnMut(u32, Range<usize>),
    ) {
        let nfa = &self.spellings.nfa;
        while let Some(byte) = plain.folded().get(self.next) {
            self.state = nfa.next_state(Anchored::No, self.state, *byte);
            if nfa.is_special(self.state) && nfa.is_match(self.state) {
                self.report(shown, plain, found);
            }
            self.next += 1;
        }
    }

    /// Notes that the first bytes of what is folded are gone.
    pub(super) fn forget(&mut self, gone: usize) {
        self.next = self.next.saturating_sub(gone);
    }

    fn report(&self, shown: &str, plain: &Plain<'_>, found: &mut dyn FnMut(u32, Range<usize>)) {
        let index = self.next;
        let nfa = &self.spellings.nfa;
        for number in 0..nfa.match_len(self.state) {
            let pattern = nfa.match_pattern(self.state, number);
            let start = (index + 1).saturating_sub(nfa.pattern_len(pattern));
            if let Some(key) = self.spellings.key(pattern)
                && let Some(range) = stands_in(shown, plain, start..index + 1)
                && spelled(shown, &range, key.spelling, self.spellings.accented(key))
            {
                found(key.index, range);
            }
        }
    }
}

/// Where in the shown text the folded bytes stand; `None` if they aren't whole words there.
fn stands_in(shown: &str, plain: &Plain<'_>, folded: Range<usize>) -> Option<Range<usize>> {
    let bytes = plain.folded().get(folded.clone())?;
    let opened = bytes.first() == Some(&SEPARATOR);
    let closed = bytes.last() == Some(&SEPARATOR);
    let first = folded.start + usize::from(opened);
    let last = folded.end.checked_sub(1 + usize::from(closed))?;
    let start = plain.origin(first);
    let mut rest = shown.get(plain.origin(last)..)?.chars();
    let source = rest.next()?;
    let end = plain.origin(last) + source.len_utf8();
    // Marks are sorted: the last one folded needn't be the last one written.
    let marks = rest.clone().take_while(|c| closed && kind(*c) == Kind::Mark).map(char::len_utf8);
    let place = start..end + marks.sum::<usize>();
    if !closed && !ends_here(source, bytes, rest) {
        return None;
    }
    let whole = (opened && closed) || is_whole(shown, &place);
    (whole && !in_data(shown, &place)).then_some(place)
}

/// Whether no mark follows that makes the last letter another one: `か` is not in `が`.
fn ends_here(source: char, folded: &[u8], mut rest: std::str::Chars<'_>) -> bool {
    let mut end = String::new();
    fold_char(source, &mut |part| {
        if matches!(kind(part), Kind::Word | Kind::Mark) {
            end.clear();
            end.push(part);
        }
    });
    let marked = rest
        .by_ref()
        .take(8)
        .find(|c| kind(*c) != Kind::Ignorable)
        .is_some_and(|next| kind(next) == Kind::Mark);
    folded.ends_with(end.as_bytes()) && !marked
}

/// Whether the place is inside encoded data (base64, keys), where words are chance.
fn in_data(shown: &str, place: &Range<usize>) -> bool {
    const REACH: usize = 128;
    let bytes = shown.as_bytes();
    let inside = |byte: &&u8| !byte.is_ascii_whitespace();
    let before = bytes.iter().take(place.start).rev().take(REACH).take_while(inside).count();
    let after = bytes.iter().skip(place.end).take(REACH).take_while(inside).count();
    let chunk = bytes.get(place.start.saturating_sub(before)..place.end.saturating_add(after));
    chunk.is_some_and(|chunk| chunk.len() >= DATA && is_data(chunk))
}

/// Whether the text has at this place what the spelling asks for, and the key with its accents, if it has any.
fn spelled(shown: &str, place: &Range<usize>, spelling: Spelling, accented: Option<&str>) -> bool {
    let Some(text) = shown.get(place.clone()) else { return false };
    let accents = accented.map_or(Accents::Same, |accented| compare(text, accented));
    if accents == Accents::Different {
        return false;
    }
    match spelling {
        Spelling::Unaccented => !in_english(shown, place),
        Spelling::Particle => shown.get(place.end..).is_some_and(are_particles),
        Spelling::Vietnamese => in_vietnamese(shown, place),
        Spelling::French => in_french(shown, place) && !in_english(shown, place),
        Spelling::Flat => !in_english(shown, place) && !in_german(shown, place),
        Spelling::Own
        | Spelling::OtherKana
        | Spelling::OtherHan
        | Spelling::Bare
        | Spelling::Partly
        | Spelling::Joined
        | Spelling::Latin => true,
        Spelling::Single => !is_name(text) || in_german(shown, place),
        Spelling::LatinAmong => !is_name(text) && among_others(shown, place),
        Spelling::Sound => !text.split_whitespace().all(|word| word.starts_with(char::is_uppercase)),
        Spelling::SmallL => capitals_but_l(text),
        // Every i is a dotless or a capital one.
        Spelling::CapitalI => !text.contains(['i', 'İ']),
        Spelling::CapitalFirst => {
            text.strip_prefix('I').is_some_and(|rest| rest.starts_with(char::is_lowercase))
        }
        Spelling::Umlaut => text.contains(is_umlaut),
        Spelling::TwoLetters => !text.contains(is_umlaut),
    }
}

/// Whether what stands around Latin letters is in another alphabet, all but a word in seven.
fn among_others(shown: &str, place: &Range<usize>) -> bool {
    const LETTERS: usize = 8;
    let around = around(shown, place);
    let sides = [shown.get(around.start..place.start), shown.get(place.end..around.end)];
    let letters = sides.into_iter().flatten().flat_map(str::chars).filter(|c| c.is_alphabetic());
    let (latin, other): (Vec<char>, Vec<char>) = letters.partition(|c| script(*c) == Script::Latin);
    other.len() >= LETTERS && 7 * latin.len() <= other.len()
}

/// Whether all letters are capitals but for each l.
fn capitals_but_l(text: &str) -> bool {
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    capitals >= 2 && text.contains('l') && text.chars().all(|c| c == 'l' || !c.is_lowercase())
}

/// Whether it is written like a name: a capital, and small letters.
fn is_name(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && text.chars().skip(1).all(char::is_lowercase)
}
