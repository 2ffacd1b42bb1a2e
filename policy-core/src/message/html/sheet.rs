//! The rules of style blocks: as much of CSS as tells shown text from hidden text.

use std::collections::HashMap;

use html5ever::Attribute;

use super::generated::Content;
use super::selector::AttributeTest;
use super::style::{Looks, Rule};
use super::syntax::{braces, unescaped, without_comments};

/// The most selectors that are kept of all style blocks.
const SELECTORS: usize = 1 << 16;

/// The most selectors by attributes that are kept: each is compared with every element.
const ATTRIBUTES: usize = 32;

/// The most classes of one element that are looked up.
const CLASSES: usize = 256;

/// How deeply conditional rules are followed: each level is read again.
const NESTED: usize = 2;

/// The rules of all style blocks.
#[derive(Default)]
pub(super) struct Sheet {
    /// Those whose selector is a tag, a class or an id, or a tag with one of these.
    rules: HashMap<String, Rule>,
    /// Those that hide, by the end of a selector that is more than that, or in a media query: whether they are in force
    /// is a guess.
    guesses: HashMap<String, Rule>,
    /// Those that hide, by an attribute alone: `[class^="h"]`. A guess as well.
    by_attribute: Vec<ByAttribute>,
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
        self.rules.is_empty() && self.guesses.is_empty() && self.by_attribute.is_empty()
    }

    /// Only the rules that are in force wherever style blocks are.
    pub(super) fn certain(self) -> Self {
        Self { guesses: HashMap::new(), by_attribute: Vec::new(), ..self }
    }

    /// Whether attributes are asked for that have no meaning of their own.
    pub(super) fn asks_others(&self, known: fn(&str) -> bool) -> bool {
        let generated = self.generated.values().flatten().flatten().flatten();
        let shown = generated.filter_map(|content| match content {
            Content::Attribute(name) => Some(&**name),
            Content::Text(_) => None,
        });
        self.by_attribute.iter().map(|rule| &*rule.test.name).chain(shown).any(|name| !known(name))
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
        let (kept, key) = if certain && marks <= 1 && selector.chars().all(simple) {
            (&mut self.rules, key(selector))
        } else if (rule.normal.hides() || rule.important.hides())
            && let Some(end) = last_mark(selector)
        {
            (&mut self.guesses, key(end))
        } else {
            if (rule.normal.hides() || rule.important.hides())
                && self.by_attribute.len() < ATTRIBUTES
                && let Some(test) = AttributeTest::parse(selector)
            {
                self.by_attribute.push(ByAttribute { test, rule: *rule });
            }
            return;
        };
        let kept = kept.entry(key).or_default();
        kept.normal.lay(&rule.normal);
        kept.important.lay(&rule.important);
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

    /// What the style blocks and the inline declarations say about an element; the flag tells whether a guess is among
    /// it.
    pub(super) fn looks(
        &self,
        tag: &str,
        id: &str,
        classes: &str,
        attributes: &[Attribute],
        inline: &Rule,
    ) -> (Looks, bool) {
        if self.is_empty() {
            let mut looks = inline.normal;
            looks.lay(&inline.important);
            return (looks, false);
        }
        let mut matching: Vec<&Rule> = Vec::new();
        let mut certain = 0;
        let mut name = String::new();
        for rules in [&self.rules, &self.guesses] {
            certain = if std::ptr::eq(rules, &self.guesses) { matching.len() } else { certain };
            if rules.is_empty() {
                continue;
            }
            matching.extend(rules.get(tag));
            let classes = classes.split_ascii_whitespace().take(CLASSES).map(|class| ('.', class));
            let id = Some(id).filter(|id| !id.is_empty()).map(|id| ('#', id));
            for (mark, value) in classes.chain(id) {
                name.clear();
                name.extend([tag]);
                name.push(mark);
                name.push_str(value);
                matching.extend(rules.get(name.get(tag.len()..).unwrap_or_default()));
                matching.extend(rules.get(&name));
            }
        }
        let by_attribute = self.by_attribute.iter().filter(|rule| rule.test.fits(attributes));
        matching.extend(by_attribute.map(|rule| &rule.rule));
        let guessed = matching.len() > certain;
        matching.push(inline);
        let mut looks = Looks::default();
        for rule in &matching {
            looks.lay(&rule.normal);
        }
        for rule in &matching {
            looks.lay(&rule.important);
        }
        (looks, guessed)
    }
}

/// A rule that is in force for what has an attribute.
struct ByAttribute {
    test: AttributeTest,
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
