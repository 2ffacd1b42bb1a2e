//! What selectors of style sheets want of an element, of those around it and of those before it (Selectors 4).

use html5ever::Attribute;

use super::family::{Family, Kin};

/// The most elements that a selector names.
const COMPOUNDS: usize = 8;

/// The most conditions on one of them.
const CONDITIONS: usize = 8;

/// How far up an ancestor is looked for.
const UP: usize = 32;

/// A selector: an element, and what is wanted of others.
pub(super) struct Selector {
    subject: Compound,
    /// The nearest first.
    others: Vec<(Combinator, Compound)>,
}

/// Where the other element stands (section 15).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Combinator {
    Around,
    DirectlyAround,
    Before,
    DirectlyBefore,
}

/// What is wanted of one element (section 3.1).
#[derive(Default)]
struct Compound {
    tag: Option<String>,
    /// Classes and ids, with the sign before them.
    marks: Vec<String>,
    attributes: Vec<AttributeTest>,
    not: Vec<Compound>,
    places: Vec<Nth>,
}

/// Every so many, from a place on (section 14.3).
struct Nth {
    step: i32,
    offset: i32,
    of_type: bool,
}

impl Selector {
    /// Reads a selector; `None` for one that can't be told of an element when it begins, or is longer than any honest one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mut subject, mut rest) = Compound::parse(text.trim())?;
        let mut others = Vec::new();
        while !rest.is_empty() {
            let sign = rest.trim_start();
            let (combinator, after) = match sign.chars().next()? {
                '>' => (Combinator::DirectlyAround, sign.get(1..)?),
                '+' => (Combinator::DirectlyBefore, sign.get(1..)?),
                '~' => (Combinator::Before, sign.get(1..)?),
                _ if sign.len() < rest.len() => (Combinator::Around, sign),
                _ => return None,
            };
            let (compound, after) = Compound::parse(after.trim_start())?;
            others.insert(0, (combinator, std::mem::replace(&mut subject, compound)));
            rest = after;
            if others.len() > COMPOUNDS {
                return None;
            }
        }
        Some(Self { subject, others })
    }

    /// Whether an element is meant. `families` are those of the elements around it, the outermost first; each element
    /// that is looked at costs a `step`, as long as there are any.
    pub(super) fn fits(
        &self,
        element: &Kin,
        attributes: &[Attribute],
        families: &[Family],
        step: &dyn Fn() -> bool,
    ) -> bool {
        if !(step() && self.subject.fits(element, Some(attributes))) {
            return false;
        }
        let (mut around, mut passed) = (families, 0);
        self.others.iter().all(|(combinator, wanted)| match combinator {
            Combinator::DirectlyBefore | Combinator::Before => {
                let siblings = around.last().map(Family::siblings).unwrap_or_default();
                let mut before = siblings.iter().rev().enumerate().skip(passed);
                if *combinator == Combinator::DirectlyBefore {
                    passed += 1;
                    return before.next().is_some_and(|(_, kin)| step() && wanted.fits(kin, None));
                }
                let found = before.find(|(_, kin)| step() && wanted.fits(kin, None));
                passed = found.map_or(passed, |(at, _)| at + 1);
                found.is_some()
            }
            Combinator::DirectlyAround | Combinator::Around => {
                passed = 0;
                let most = if *combinator == Combinator::Around { UP } else { 1 };
                for _ in 0..most {
                    let Some((family, outer)) = around.split_last() else { return false };
                    around = outer;
                    // What is around all that is written is the page.
                    let fits = match family.around() {
                        Some(kin) => wanted.fits(kin, None),
                        None => wanted.is_page(),
                    };
                    if !step() || fits {
                        return fits;
                    }
                }
                false
            }
        })
    }

    /// The attributes that are asked for.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &str> {
        let not = self.subject.not.iter().flat_map(|not| &not.attributes);
        self.subject.attributes.iter().chain(not).map(|test| test.name.as_str())
    }
}

impl Compound {
    /// Reads one, and returns what follows it.
    fn parse(text: &str) -> Option<(Self, &str)> {
        let mut compound = Self::default();
        let mut rest = text;
        let mut conditions = 0;
        while let Some(sign) = rest.chars().next().filter(|c| !c.is_whitespace() && !">+~".contains(*c)) {
            let behind = rest.get(sign.len_utf8()..)?;
            rest = match sign {
                '*' if conditions == 0 => behind,
                '.' | '#' => {
                    let (name, after) = name(behind)?;
                    compound.marks.push(format!("{sign}{name}"));
                    after
                }
                '[' => {
                    let (inside, after) = behind.split_once(']')?;
                    compound.attributes.push(AttributeTest::parse(inside)?);
                    after
                }
                ':' => compound.pseudo_class(behind)?,
                _ if conditions == 0 => {
                    let (name, after) = name(rest)?;
                    compound.tag = Some(name.to_ascii_lowercase());
                    after
                }
                _ => return None,
            };
            conditions += 1;
            if conditions > CONDITIONS {
                return None;
            }
        }
        (conditions > 0).then_some((compound, rest))
    }

    /// Reads a pseudo-class behind its colon, and returns what follows it.
    fn pseudo_class<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (name, after) = name(text)?;
        let (argument, after) = match after.strip_prefix('(') {
            Some(inside) => inside.split_once(')').map(|(argument, after)| (argument.trim(), after))?,
            None => ("", after),
        };
        match name.to_ascii_lowercase().as_str() {
            "not" => {
                let (not, rest) = Self::parse(argument)?;
                if !rest.is_empty() {
                    return None;
                }
                self.not.push(not);
            }
            "first-child" => self.places.push(Nth { step: 0, offset: 1, of_type: false }),
            "first-of-type" => self.places.push(Nth { step: 0, offset: 1, of_type: true }),
            "nth-child" => self.places.push(Nth::parse(argument, false)?),
            "nth-of-type" => self.places.push(Nth::parse(argument, true)?),
            "link" | "any-link" => {}
            _ => return None,
        }
        Some(after)
    }

    fn fits(&self, kin: &Kin, attributes: Option<&[Attribute]>) -> bool {
        self.tag.as_ref().is_none_or(|tag| *kin.name == **tag)
            && self.marks.iter().all(|mark| kin.has(mark))
            && self.places.iter().all(|nth| nth.fits(kin))
            // Of others than the element itself it is taken for granted.
            && attributes.is_none_or(|attributes| self.attributes.iter().all(|test| test.fits(attributes)))
            && !self.not.iter().any(|not| not.fits(kin, attributes))
    }

    /// Whether it is what every page has.
    fn is_page(&self) -> bool {
        let named = self.tag.as_ref().is_none_or(|tag| matches!(tag.as_str(), "html" | "body"));
        named && self.marks.is_empty() && self.attributes.is_empty()
    }
}

impl Nth {
    /// Reads `2n+1`, `odd` or `3` (CSS Syntax 3 section 6).
    fn parse(text: &str, of_type: bool) -> Option<Self> {
        let text: String =
            text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        let (step, offset) = match text.as_str() {
            "odd" => (2, 1),
            "even" => (2, 0),
            _ => match text.split_once('n') {
                Some((step, offset)) => {
                    let step = match step {
                        "" | "+" => 1,
                        "-" => -1,
                        _ => step.parse().ok()?,
                    };
                    (step, if offset.is_empty() { 0 } else { offset.parse().ok()? })
                }
                None => (0, text.parse().ok()?),
            },
        };
        Some(Self { step, offset, of_type })
    }

    fn fits(&self, kin: &Kin) -> bool {
        let place = if self.of_type { kin.place_of_type } else { kin.place };
        let from = i64::from(place) - i64::from(self.offset);
        match i64::from(self.step) {
            0 => from == 0,
            step => from % step == 0 && from / step >= 0,
        }
    }
}

/// The name that a text begins with, and what follows it.
fn name(text: &str) -> Option<(&str, &str)> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let end = text.find(|c| !inside(c)).unwrap_or(text.len());
    text.split_at_checked(end).filter(|(name, _)| !name.is_empty())
}

/// What a selector wants of an attribute (Selectors 4 section 6).
struct AttributeTest {
    name: String,
    /// Without case: it is a guess. `None` if it need only be there.
    value: Option<(char, String)>,
}

impl AttributeTest {
    /// Reads what stands between the brackets: `class^="h"`.
    fn parse(inside: &str) -> Option<Self> {
        let Some((name, value)) = inside.split_once('=') else {
            return Some(Self { name: inside.trim().to_ascii_lowercase(), value: None });
        };
        let name = name.trim_end();
        let how = name.chars().next_back().filter(|c| "~|^$*".contains(*c));
        let name = name.trim_end_matches(['~', '|', '^', '$', '*']).trim().to_ascii_lowercase();
        let value = value.trim();
        let value = value.strip_suffix(" i").or(value.strip_suffix(" s")).unwrap_or(value);
        let value = value.trim().trim_matches(['"', '\'']);
        // An empty part is in nothing.
        (!value.is_empty())
            .then(|| Self { name, value: Some((how.unwrap_or('='), value.to_ascii_lowercase())) })
    }

    fn fits(&self, attributes: &[Attribute]) -> bool {
        let own = attributes.iter().find(|attribute| *attribute.name.local == *self.name);
        let (Some(own), Some((how, value))) = (own, &self.value) else { return own.is_some() };
        let own = own.value.to_ascii_lowercase();
        match how {
            '~' => own.split_ascii_whitespace().any(|word| word == value),
            '|' => own.strip_prefix(value).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
            '^' => own.starts_with(value),
            '$' => own.ends_with(value),
            '*' => own.contains(value),
            _ => own == *value,
        }
    }
}
