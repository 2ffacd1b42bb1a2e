//! The rules of style blocks: as much of CSS as tells shown text from hidden text.

use std::cell::Cell;
use std::collections::HashMap;

use html5ever::Attribute;

use super::family::{Family, Kin};
use super::generated::Content;
use super::selector::Selector;
use super::style::{Looks, Rule};
use super::syntax::{braces, unescaped, without_comments};

/// The most selectors that are kept of all style blocks.
const SELECTORS: usize = 1 << 16;

/// The most selectors that are kept with none of the names by which others are found: each is compared with every
/// element. And the most that are kept under one name.
const NAMELESS: usize = 32;
const NAMESAKES: usize = 8;

/// The most classes of one element that are looked up.
const CLASSES: usize = 256;

/// How deeply conditional rules are followed: each level is read again.
const NESTED: usize = 2;

/// The rules of all style blocks.
#[derive(Default)]
pub(super) struct Sheet {
    /// Those whose selector is a tag, a class or an id, or a tag with one of these.
    rules: HashMap<String, Rule>,
    /// Those of other selectors, by the end of the selector, and of media queries: whether they are in force is a guess.
    guesses: HashMap<String, Vec<Guess>>,
    /// The same without a name at the selector's end: `[class^="h"]`.
    nameless: Vec<Guess>,
    /// How many elements may still be looked at for selectors.
    steps: Cell<usize>,
    /// The text that rules put before and behind what an element holds, by the same selectors.
    generated: HashMap<String, [Option<Box<[Content]>>; 2]>,
}

impl Sheet {
    /// Takes in a style block.
    pub(super) fn add(&mut self, source: &str) {
        let source = without_comments(source);
        self.blocks(&source, 0, true);
    }

    /// Whether no rule tells how anything looks.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty() && !self.guesses_at_all()
    }

    /// Whether elements are compared with selectors of others than themselves.
    pub(super) fn guesses_at_all(&self) -> bool {
        !(self.guesses.is_empty() && self.nameless.is_empty())
    }

    /// How much may be spent on that: in proportion to the document's size.
    pub(super) fn allow(&self, steps: usize) {
        self.steps.set(steps);
    }

    /// Only the rules that are in force wherever style blocks are.
    pub(super) fn certain(self) -> Self {
        Self { guesses: HashMap::new(), nameless: Vec::new(), ..self }
    }

    /// Whether attributes are asked for that have no meaning of their own.
    pub(super) fn asks_others(&self, known: fn(&str) -> bool) -> bool {
        let generated = self.generated.values().flatten().flatten().flatten();
        let shown = generated.filter_map(|content| match content {
            Content::Attribute(name) => Some(&**name),
            Content::Text(_) => None,
        });
        let guesses = self.guesses.values().flatten().chain(&self.nameless);
        let asked = guesses.filter_map(|guess| guess.selector.as_ref()).flat_map(Selector::attributes);
        asked.chain(shown).any(|name| !known(name))
    }

    /// Reads rules; those of `@media` blocks count for certain only where they speak of every screen.
    fn blocks(&mut self, source: &str, depth: usize, certain: bool) {
        let mut rest = source;
        while let Some((prelude, after)) = rest.split_once('{') {
            let (inside, after) = braces(after);
            rest = after;
            let prelude = prelude.rsplit([';', '}']).next().unwrap_or_default().trim();
            if let Some(rule) = prelude.strip_prefix('@') {
                let rule = rule.to_ascii_lowercase();
                let mut words = rule.split_whitespace();
                let name = words.next().unwrap_or_default();
                let condition: Vec<&str> = words.take(3).collect();
                let always = matches!(condition.as_slice(), ["all" | "screen"] | ["only", "screen"]);
                let counts = match name {
                    "media" => !condition.contains(&"print"),
                    // Not every reader knows them.
                    "supports" | "layer" | "container" | "scope" | "-moz-document" => true,
                    _ => false,
                };
                if counts && depth < NESTED {
                    self.blocks(inside, depth + 1, certain && always && name == "media");
                }
                continue;
            }
            let rule = Rule::parse(inside);
            // An escaped sign of another meaning stays escaped: it ends no name.
            let prelude = unescaped(prelude, |c| c.is_alphanumeric() || matches!(c, '-' | '_'));
            let content = Content::parse(inside);
            for selector in prelude.split(',').map(str::trim) {
                match content.as_slice() {
                    [] => self.rule(selector, &rule, certain),
                    content => self.generates(selector, content),
                }
            }
        }
    }

    fn rule(&mut self, selector: &str, rule: &Rule, certain: bool) {
        if selector.is_empty() || self.rules.len() + self.guesses.len() >= SELECTORS {
            return;
        }
        let simple = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '#');
        let marks = selector.chars().filter(|c| matches!(c, '.' | '#')).count();
        let simple = marks <= 1 && selector.chars().all(simple);
        if certain && simple {
            let kept = self.rules.entry(key(selector)).or_default();
            kept.normal.lay(&rule.normal);
            kept.important.lay(&rule.important);
            return;
        }
        let hides = rule.normal.hides() || rule.important.hides();
        if !hides && !rule.normal.shows() && !rule.important.shows() {
            return;
        }
        let selector_of_others = if simple { None } else { Selector::parse(selector) };
        // What can't be told of an element when it begins hides what ends with its name.
        if !(simple || hides || selector_of_others.is_some()) {
            return;
        }
        let guess = Guess { selector: selector_of_others, rule: *rule };
        match last_mark(selector) {
            Some(end) => {
                let namesakes = self.guesses.entry(key(end)).or_default();
                let room = namesakes.len() < NAMESAKES;
                match namesakes.last_mut() {
                    Some(last) if last.selector.is_none() && guess.selector.is_none() => {
                        last.rule.normal.lay(&rule.normal);
                        last.rule.important.lay(&rule.important);
                    }
                    _ if room => namesakes.push(guess),
                    _ => {}
                }
            }
            None if guess.selector.is_some() && self.nameless.len() < NAMELESS => self.nameless.push(guess),
            None => {}
        }
    }

    /// Takes in what a rule puts before or behind an element's inside (CSS Pseudo-Elements 4 section 4).
    fn generates(&mut self, selector: &str, content: &[Content]) {
        let Some((element, pseudo)) = selector.split_once(':') else { return };
        let place = match pseudo.trim_start_matches(':').to_ascii_lowercase().as_str() {
            "before" => 0,
            "after" => 1,
            _ => return,
        };
        if let Some(mark) = last_mark(element)
            && self.generated.len() < SELECTORS
            && let Some(slot) = self.generated.entry(key(mark)).or_default().get_mut(place)
        {
            *slot = Some(content.into());
        }
    }

    /// The text before and behind what the element holds.
    pub(super) fn generated(&self, tag: &str, attributes: &[Attribute]) -> [Option<Box<str>>; 2] {
        let mut found = [None, None];
        if self.generated.is_empty() {
            return [None, None];
        }
        let attribute = |wanted: &str| {
            attributes
                .iter()
                .find(|own| &*own.name.local == wanted)
                .map(|own| &*own.value)
                .unwrap_or_default()
        };
        let id = Some(attribute("id")).filter(|id| !id.is_empty()).map(|id| format!("#{id}"));
        let classes = attribute("class").split_ascii_whitespace().take(CLASSES);
        for name in [tag.to_owned()].into_iter().chain(classes.map(|class| format!(".{class}"))).chain(id) {
            if let Some(texts) = self.generated.get(&name) {
                for (found, text) in found.iter_mut().zip(texts) {
                    *found = text.as_ref().or(found.take());
                }
            }
        }
        found.map(|contents| {
            let text = |content: &Content| match content {
                Content::Text(text) => text.to_string(),
                Content::Attribute(name) => attribute(name).to_owned(),
            };
            contents.map(|contents| contents.iter().map(text).collect::<String>().into())
        })
    }

    /// What the style blocks and the inline declarations say about an element; the flag tells whether it would be seen
    /// otherwise without a guess. `kin` is the element as selectors see it, if there are any, and `families` are those
    /// around it.
    pub(super) fn looks(
        &self,
        tag: &str,
        attributes: &[Attribute],
        inline: &Rule,
        kin: Option<&Kin>,
        families: &[Family],
    ) -> (Looks, bool) {
        if self.is_empty() {
            let mut looks = inline.normal;
            looks.lay(&inline.important);
            return (looks, false);
        }
        let attribute = |wanted: &str| {
            let own = attributes.iter().find(|own| &*own.name.local == wanted);
            own.map(|own| &*own.value).unwrap_or_default()
        };
        let classes = attribute("class").split_ascii_whitespace().take(CLASSES).map(|class| ('.', class));
        let id = Some(attribute("id")).filter(|id| !id.is_empty()).map(|id| ('#', id));
        let mut matching: Vec<&Rule> = Vec::new();
        let mut guessed: Vec<&Rule> = Vec::new();
        let fits = |guess: &&Guess| {
            let step = || {
                let left = self.steps.get();
                self.steps.set(left.saturating_sub(1));
                left > 0
            };
            guess
                .selector
                .as_ref()
                .is_none_or(|selector| kin.is_some_and(|kin| selector.fits(kin, attributes, families, &step)))
        };
        let mut named = |name: &str| {
            matching.extend(self.rules.get(name));
            if let Some(guesses) = self.guesses.get(name) {
                guessed.extend(guesses.iter().filter(fits).map(|guess| &guess.rule));
            }
        };
        named(tag);
        let mut name = String::new();
        for (mark, value) in classes.chain(id) {
            name.clear();
            name.extend([tag]);
            name.push(mark);
            name.push_str(value);
            named(name.get(tag.len()..).unwrap_or_default());
            named(&name);
        }
        guessed.extend(self.nameless.iter().filter(fits).map(|guess| &guess.rule));
        let laid = |guessed: &[&Rule]| {
            let all = || matching.iter().chain(guessed).copied().chain([inline]);
            let mut looks = Looks::default();
            all().for_each(|rule| looks.lay(&rule.normal));
            all().for_each(|rule| looks.lay(&rule.important));
            looks
        };
        let looks = laid(&guessed);
        let differs = !guessed.is_empty() && laid(&[]).hiding() != looks.hiding();
        (looks, differs)
    }
}

/// A rule of which it is a guess whether it is in force.
struct Guess {
    /// What its selector wants, where that isn't told by the name alone under which it is found.
    selector: Option<Selector>,
    rule: Rule,
}

/// Under which a rule is kept: tags are compared without case, classes and ids with it.
fn key(selector: &str) -> String {
    match selector.find(['.', '#']).and_then(|at| selector.split_at_checked(at)) {
        Some((tag, rest)) => format!("{}{rest}", tag.to_ascii_lowercase()),
        None => selector.to_ascii_lowercase(),
    }
}

/// The last class or id of a selector's last compound, or its tag: `.c` of `div > p.b.c:not(.d)`.
fn last_mark(selector: &str) -> Option<&str> {
    let compound = selector.rsplit([' ', '>', '+', '~']).find(|part| !part.is_empty())?;
    let compound = compound.split([':', '[']).next()?;
    let mark = match compound.rfind(['.', '#']) {
        Some(at) => compound.get(at..)?,
        None => compound,
    };
    let named = mark.trim_start_matches(['.', '#']);
    (!named.is_empty() && named.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')))
        .then_some(mark)
}
