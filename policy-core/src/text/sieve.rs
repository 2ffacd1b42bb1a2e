//! What can be told of a stretch without looking at its letters one by one: that no key is hidden in it.
//!
//! Nearly all stretches that show signs of hiding hide nothing listed: addresses, codes, product names. So their letters
//! are first read as classes alone. Whatever the ways of hiding, a key's classes stand there in their order, from where a
//! word may begin to where one may end (`hidden`), or words with maskers in them are as long as listed ones and have
//! their letters (`masked`). What isn't ASCII, signs aside, is left to the closer look.

use std::ops::Range;
use std::sync::LazyLock;

use super::bloom::Bloom;
use super::chars::{Kind, kind};
use super::drawn::{drawn, parts_letters, stands_for_letter};
use super::fold::fold_char;
use super::lookalike::class;
use super::masked::{Masked, Outline};
use super::units::{Ambiguous, Reading, Unit, is_quote};

/// Of longer keys the last so many classes are compared.
const LONGEST: usize = 16;

/// So many classes at a key's end are asked for first: nearly all words end otherwise.
const TAIL: usize = 6;
/// The lengths of keys that have fewer, a bit each.
const BELOW_TAIL: u32 = (1 << (TAIL - 1)) - 1;

/// The keys, by the last of their classes.
pub(super) struct Sieve {
    tails: Bloom,
    set: Bloom,
    /// Their hashes in order, and how many letters there must be at least.
    keys: Vec<(u64, u32)>,
    /// The lengths that occur, a bit each: behind that of one class, those of more.
    lengths: u32,
    /// Some are longer than what is compared.
    longer: bool,
    /// Some have classes that aren't ASCII, and aren't among these.
    others: bool,
}

/// Collects keys.
#[derive(Default)]
pub(super) struct SieveBuilder {
    tails: Vec<u64>,
    keys: Vec<(u64, u32)>,
    lengths: u32,
    longer: bool,
    others: bool,
}

impl SieveBuilder {
    /// Takes a key by its letters and their classes, repetitions drawn together.
    pub(super) fn add(&mut self, letters: &[Unit], classes: &[u8]) {
        // Stretches of nothing but ASCII have no others.
        if !classes.is_ascii() {
            self.others = true;
            return;
        }
        let from = classes.len().saturating_sub(LONGEST);
        let window = classes.iter().skip(from).fold(0, |window, class| window << 8 | u128::from(*class));
        self.tails.push(tail(window));
        self.longer |= from > 0;
        let length = if from > 0 { LONGEST + 1 } else { classes.len() };
        self.lengths |= if from > 0 { 0 } else { 1 << length.saturating_sub(1) };
        self.keys.push((hash(window, length), u32::try_from(letters.len()).unwrap_or(u32::MAX)));
    }

    pub(super) fn finish(mut self) -> Sieve {
        self.keys.sort_unstable();
        // Of the same classes, the fewest letters.
        self.keys.dedup_by_key(|(hash, _)| *hash);
        let set = Bloom::of(self.keys.iter().map(|(hash, _)| *hash));
        let tails = Bloom::of(self.tails.into_iter());
        let Self { keys, lengths, longer, others, .. } = self;
        Sieve { tails, set, keys, lengths, longer, others }
    }
}

/// The hash of the last classes of a window.
fn tail(window: u128) -> u64 {
    (window as u64 & (u64::MAX >> (64 - 8 * TAIL))).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn hash(window: u128, length: usize) -> u64 {
    let (high, low) = ((window >> 64) as u64, window as u64);
    let mixed = (low ^ (length as u64) << 57).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29) ^ high;
    let mixed = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ mixed >> 32).wrapping_mul(0x94D0_49BB_1331_11EB)
}

impl Sieve {
    fn has(&self, window: u128, length: usize, letters: u32) -> bool {
        let hash = hash(window, length);
        self.set.may_contain(hash)
            && self
                .keys
                .binary_search_by_key(&hash, |(hash, _)| *hash)
                .ok()
                .and_then(|found| self.keys.get(found))
                .is_some_and(|(_, least)| letters >= *least)
    }

    /// Whether the classes of a key may stand among these letters, from where a word may begin to where one may end.
    pub(super) fn may_hold(&self, units: &[Unit]) -> bool {
        /// Of no class of ASCII.
        const OTHER: u8 = 0xFF;
        let mut runs = Runs::default();
        let mut beside = false;
        for unit in units {
            let class = match u8::try_from(unit.class) {
                Ok(class) if class.is_ascii() => class,
                _ if self.others => return true,
                _ => OTHER,
            };
            // A number may stand beside a word, and so may writing without blanks.
            let bounds = unit.letter.is_ascii_digit() || unit.unspaced();
            if runs.take(class, unit.gap.width() > 0 || bounds || beside, self) {
                return true;
            }
            beside = bounds;
            if !unit.source.is_ascii() {
                // One character may be several letters.
                runs.letters += LONGEST as u32;
            }
        }
        runs.key_ends(self)
    }

    /// In which other ways the stretch can be read, if no key is hidden in it; `None` if a closer look must tell.
    pub(super) fn clear(
        &self,
        shown: &str,
        bounds: Range<usize>,
        reading: Reading,
        masked: &Masked,
    ) -> Option<Ambiguous> {
        if !matches!(reading, Reading::Plain | Reading::Apart) {
            return None;
        }
        let text = shown.get(bounds.clone())?;
        // What stands behind the last word may mask letters of it.
        if !shown.as_bytes().get(bounds.end).is_none_or(u8::is_ascii_whitespace) {
            return None;
        }
        let mut ambiguous = Ambiguous::default();
        let mut runs = Runs::default();
        let mut outline = Outline::default();
        let known = Table(&KNOWN);
        let bytes = text.as_bytes();
        let (mut at, mut gap) = (0, true);
        // What was drawn last, and where it ended.
        let mut drawn_last = (0, None);
        let mut number = false;
        while let Some(&byte) = bytes.get(at) {
            let begin = at;
            let (class, letter) = match known.of(byte) {
                Known::Letter(class) => {
                    at += 1;
                    outline.plain(class, byte.to_ascii_lowercase());
                    if runs.take(class, gap || number, self) {
                        return None;
                    }
                    (gap, number) = (false, false);
                    if !runs.ends {
                        at += runs.go_on(bytes.get(at..)?, known, &mut outline);
                    }
                    continue;
                }
                Known::Figure(class) => {
                    at += 1;
                    (class, char::from(byte))
                }
                Known::Sign => {
                    at += 1;
                    outline.end(masked)?;
                    gap = true;
                    continue;
                }
                Known::Masker => {
                    at += 1;
                    outline.sign(char::from(byte), text.get(at..)?, masked)?;
                    gap = true;
                    continue;
                }
                // Nothing is drawn with it.
                Known::Slash if !matches!(bytes.get(at + 1), Some(b'\\' | b'-')) => {
                    at += 1;
                    outline.end(masked)?;
                    gap = true;
                    continue;
                }
                Known::Slash | Known::Other => {
                    let mut rest = text.get(at..)?.chars();
                    let c = rest.next()?;
                    at += c.len_utf8();
                    if !c.is_ascii() {
                        // It may mask a letter.
                        let masks = c == '…' && rest.as_str().starts_with(char::is_alphanumeric);
                        if masks || !stands_between(c) {
                            return None;
                        }
                        outline.end(masked)?;
                        gap = true;
                        continue;
                    }
                    let rest = rest.as_str();
                    let before = match drawn_last {
                        (end, drawn) if end == begin => drawn,
                        _ => text.get(..begin)?.chars().next_back(),
                    };
                    let place = bounds.start + begin;
                    if let Some((letter, length)) = drawn(c, rest) {
                        // All of it is ASCII.
                        at = begin + length;
                        drawn_last = (at, Some(c));
                        (ascii_class(letter)?, letter)
                    } else if !(parts_letters(c) && reading == Reading::Apart)
                        && stands_for_letter(c, before, rest, shown, place)
                    {
                        if parts_letters(c) {
                            ambiguous.note_sign(place);
                        }
                        (ascii_class(c)?, c)
                    } else {
                        outline.sign(c, rest, masked)?;
                        gap = true;
                        continue;
                    }
                }
            };
            outline.letter(class, letter);
            // A number may stand beside a word.
            let figure = letter.is_ascii_digit();
            if runs.take(class, gap || figure || number, self) {
                return None;
            }
            number = figure;
            gap = false;
        }
        outline.end(masked)?;
        (!runs.key_ends(self)).then_some(ambiguous)
    }
}

/// Runs of letters of one class.
#[derive(Default)]
struct Runs {
    /// The classes of the last ones, the latest the lowest.
    window: u128,
    /// For each of them, whether a word may begin in it; the latest is the lowest.
    begins: u32,
    /// How many letters there were before each of them, in a ring.
    before: [u32; 32],
    count: usize,
    letters: u32,
    /// A word may end within the latest.
    ends: bool,
}

impl Runs {
    /// Takes the next letter; returns whether a key may end before it.
    #[inline(always)]
    fn take(&mut self, class: u8, gap: bool, sieve: &Sieve) -> bool {
        if self.count > 0 && self.window as u8 == class {
            self.begins |= u32::from(gap);
            self.ends |= gap;
            self.letters += 1;
            return false;
        }
        if (gap || self.ends) && self.key_ends(sieve) {
            return true;
        }
        self.push(class, gap);
        self.ends = false;
        false
    }

    /// Takes the letters that go on with a word in which none may end before them, and tells how many there are.
    #[inline]
    fn go_on(&mut self, bytes: &[u8], known: Table<'_>, outline: &mut Outline) -> usize {
        let mut count = 0;
        for byte in bytes {
            let Known::Letter(class) = known.of(*byte) else { break };
            // In small letters.
            outline.plain(class, byte | 0x20);
            if self.window as u8 == class {
                self.letters += 1;
            } else {
                self.push(class, false);
            }
            count += 1;
        }
        count
    }

    #[inline]
    fn push(&mut self, class: u8, begins: bool) {
        self.window = self.window << 8 | u128::from(class);
        self.begins = self.begins << 1 | u32::from(begins);
        if let Some(slot) = self.before.get_mut(self.count % 32) {
            *slot = self.letters;
        }
        self.count += 1;
        self.letters += 1;
    }

    #[inline]
    fn key_ends(&self, sieve: &Sieve) -> bool {
        let tail = sieve.tails.may_contain(tail(self.window));
        let lengths = self.begins & sieve.lengths & if tail { u32::MAX } else { BELOW_TAIL };
        (lengths != 0 || (tail && sieve.longer && self.count > LONGEST)) && self.key_of(lengths, tail, sieve)
    }

    /// Whether a key of one of these lengths, or of more than are compared, ends here.
    #[inline(never)]
    fn key_of(&self, mut lengths: u32, tail: bool, sieve: &Sieve) -> bool {
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize + 1;
            lengths &= lengths - 1;
            let window = self.window & (u128::MAX >> (128 - 8 * length));
            let before = self.count.checked_sub(length).and_then(|run| self.before.get(run % 32));
            if sieve.has(window, length, self.letters - before.copied().unwrap_or_default()) {
                return true;
            }
        }
        tail && sieve.longer && self.count > LONGEST && sieve.has(self.window, LONGEST + 1, self.letters)
    }
}

/// What a byte of a stretch is.
#[derive(Clone, Copy)]
enum Known {
    /// A letter of this class.
    Letter(u8),
    /// A digit of this class.
    Figure(u8),
    /// A sign that does nothing but part letters.
    Sign,
    /// The same, or it masks a letter.
    Masker,
    /// A sign that does nothing but part letters, unless something is drawn with it.
    Slash,
    /// What needs a closer look.
    Other,
}

/// What each byte is.
#[derive(Clone, Copy)]
struct Table<'k>(&'k [Known; 256]);

impl Table<'_> {
    #[inline]
    fn of(self, byte: u8) -> Known {
        self.0.get(usize::from(byte)).copied().unwrap_or(Known::Other)
    }
}

static KNOWN: LazyLock<[Known; 256]> = LazyLock::new(|| {
    let known = |byte: u8| {
        let c = char::from(byte.to_ascii_lowercase());
        match ascii_class(c) {
            Some(class) if c.is_ascii_alphabetic() => Known::Letter(class),
            Some(class) if c.is_ascii_digit() => Known::Figure(class),
            // Neither drawn nor read as a letter, and no masker.
            _ if b" \t\n\r,:;=\"')>]{}`".contains(&byte) => Known::Sign,
            // Neither drawn nor read as a letter.
            _ if b"._-~^%&?*".contains(&byte) => Known::Masker,
            _ if byte == b'/' => Known::Slash,
            _ => Known::Other,
        }
    };
    std::array::from_fn(|byte| u8::try_from(byte).map_or(Known::Other, known))
});

fn ascii_class(letter: char) -> Option<u8> {
    u8::try_from(class(letter)).ok().filter(u8::is_ascii)
}

/// Whether a character that isn't ASCII only parts letters.
fn stands_between(c: char) -> bool {
    match kind(c) {
        Kind::Blank | Kind::Paragraph | Kind::Clause | Kind::Stop => true,
        Kind::Sign if is_quote(c) => true,
        Kind::Sign if matches!(c, '–' | '—' | '…' | '\u{2010}'..='\u{2012}' | '«' | '»') => {
            let mut parts = true;
            fold_char(c, &mut |part| parts &= !matches!(kind(part), Kind::Word | Kind::Mark));
            parts
        }
        _ => false,
    }
}
