//! As much of CSS as tells shown text from hidden text: inline declarations and the simple selectors of style blocks.
//! What isn't understood hides nothing.

use std::borrow::Cow;
use std::collections::HashMap;

use html5ever::Attribute;

use super::colour::Colour;

/// The most selectors that are kept of all style blocks.
const SELECTORS: usize = 1 << 16;

/// The most selectors by attributes that are kept: each is compared with every element.
const ATTRIBUTES: usize = 32;

/// The most classes of one element that are looked up.
const CLASSES: usize = 256;

/// How deeply conditional rules are followed: each level is read again.
const NESTED: usize = 2;

/// The most strings and attributes that one rule generates.
const CONTENTS: usize = 32;

/// Writing of this size or less can't be read, in pixels.
const UNREADABLE: f32 = 2.0;

/// What declarations say about the showing of an element. `None` where they say nothing.
#[derive(Clone, Copy, Default)]
pub(super) struct Looks {
    /// `display`, as far as it matters.
    pub(super) display: Option<Display>,
    /// `visibility: visible`.
    pub(super) visible: Option<bool>,
    /// A font size that nobody can read.
    pub(super) tiny_font: Option<bool>,
    /// Fully transparent (`opacity`), which children can't undo.
    transparent: Option<bool>,
    /// Scaled to nothing; without effect where there is no box (CSS Transforms 1 section 3).
    shrunk: Option<bool>,
    /// Width, height, and the most of both: whether nothing is left.
    no_extent: [Option<bool>; 4],
    /// What leaves its box is cut off.
    clipped: Option<bool>,
    /// Moved off the screen by a margin.
    away: Option<bool>,
    /// The same by what counts for a box only (`text-indent`).
    indented: Option<bool>,
    /// The same by what counts only where `position` says so.
    moved: Option<bool>,
    /// Cut to nothing by `clip`, which counts there as well.
    cut: Option<bool>,
    position: Option<Position>,
    /// Hidden from some readers: from Outlook, or off the screen unless somebody scrolls.
    from_some: Option<bool>,
    /// The text's colour.
    pub(super) colour: Option<Colour>,
    /// What the letters are filled with instead.
    pub(super) fill: Option<Colour>,
    /// The colour behind the text; `Some(Unknown)` for a picture without one.
    pub(super) background: Option<Colour>,
    /// There is a picture before that colour.
    pub(super) pictured: Option<bool>,
    /// The characters run in one direction whatever they are.
    pub(super) overridden: Option<bool>,
    /// `direction`.
    pub(super) right_to_left: Option<bool>,
    /// How its children stand beside one another.
    pub(super) items: Option<Items>,
    /// It stands at a side of its line.
    pub(super) floats: Option<Float>,
    /// Nothing parts it, or the cells in it, from what is beside it.
    pub(super) unspaced: Option<bool>,
    /// Its place among a flexible box's items, or a grid's.
    /// Nought is what all have.
    order: i8,
}

/// How the children of a box stand beside one another.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Items {
    #[default]
    AsWritten,
    /// In one line, without a blank.
    Beside,
    /// The same, and the last comes first.
    Backwards,
}

/// At which side of its line a box stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Float {
    Not,
    Left,
    /// Before what follows.
    Right,
}

/// Whether a box stands where the text around it would have it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Static,
    Relative,
    /// Out of the text's flow, in a box of its own.
    Absolute,
}

/// How an element's box stands among the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Display {
    None,
    Inline,
    /// A box of its own in the line.
    InlineBlock,
    Block,
    /// A cell of a table.
    Cell,
}

/// Declarations, and those marked `!important` apart from them (CSS Cascade 4 section 6.1).
#[derive(Clone, Copy, Default)]
pub(super) struct Rule {
    /// Ordinary declarations.
    pub(super) normal: Looks,
    /// Declarations that win over inline ones.
    pub(super) important: Looks,
}

impl Rule {
    /// Reads the inside of a style attribute or of a rule's braces.
    pub(super) fn parse(declarations: &str) -> Self {
        let mut rule = Self::default();
        for declaration in plain_css(declarations).split(';') {
            let Some((name, value)) = declaration.split_once(':') else { continue };
            let value = value.trim().to_ascii_lowercase();
            match value.strip_suffix("important").map(|rest| rest.trim_end().trim_end_matches('!')) {
                Some(value) => rule.important.declare(name.trim(), value.trim()),
                None => rule.normal.declare(name.trim(), &value),
            }
        }
        rule
    }
}

impl Looks {
    fn declare(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "display" => {
                self.display = match value {
                    // What stands in a column isn't shown (CSS 2 section 17.2).
                    "none" | "table-column" | "table-column-group" => Some(Display::None),
                    "inline" | "contents" => Some(Display::Inline),
                    "table-cell" => Some(Display::Cell),
                    _ if value.starts_with("inline") => Some(Display::InlineBlock),
                    "block" | "flex" | "grid" | "table" | "table-row" | "list-item" | "flow-root" => {
                        Some(Display::Block)
                    }
                    _ => self.display,
                };
                if value.ends_with("flex") {
                    self.items = self.items.or(Some(Items::Beside));
                }
            }
            "visibility" => self.visible = Some(!matches!(value, "hidden" | "collapse")),
            "font-size" => self.tiny_font = size(value).map(|size| size <= UNREADABLE).or(Some(false)),
            "font" => {
                let sizes =
                    value.split_whitespace().filter_map(|word| size(word.split('/').next().unwrap_or(word)));
                // The weight is a number without a unit and never that small.
                self.tiny_font = sizes.reduce(f32::min).map(|size| size <= UNREADABLE).or(self.tiny_font);
            }
            "opacity" | "zoom" => self.transparent = size(value).map(|size| size <= 0.02),
            "filter" | "clip-path" if is_nothing_left(&name, value) => self.transparent = Some(true),
            "transform" | "content-visibility" if is_nothing_left(&name, value) => self.shrunk = Some(true),
            "clip" => self.cut = Some(is_nothing_left(&name, value)),
            "border-collapse" => self.unspaced = Some(value == "collapse"),
            "border-spacing" | "padding" => self.unspaced = size(value).map(|size| size == 0.0),
            "position" => {
                self.position = Some(match value {
                    "absolute" | "fixed" => Position::Absolute,
                    "relative" | "sticky" => Position::Relative,
                    _ => Position::Static,
                });
            }
            "mso-hide" => self.from_some = Some(value == "all"),
            "width" | "height" | "max-width" | "max-height" => {
                // A share of one in a hundred was a trick of old layouts.
                let most = if value.ends_with('%') { 0.0 } else { 1.0 };
                let none = size(value).is_some_and(|size| size <= most);
                let [width, height, most_width, most_height] = &mut self.no_extent;
                let extent = match name.as_str() {
                    "width" => width,
                    "height" => height,
                    "max-width" => most_width,
                    _ => most_height,
                };
                *extent = Some(none);
            }
            "overflow" | "overflow-x" | "overflow-y" => {
                self.clipped = Some(matches!(value, "hidden" | "clip" | "scroll" | "auto"));
            }
            "left" | "right" | "top" | "bottom" => {
                let size = size(value).unwrap_or_default();
                if size <= -900.0 && name != "bottom" {
                    self.moved = Some(true);
                } else if size.abs() >= 900.0 || (size <= -16.0 && value.ends_with('%')) {
                    self.from_some = Some(true);
                }
            }
            "margin-left" if size(value).is_some_and(|size| size <= -900.0) => self.away = Some(true),
            "text-indent" | "margin-top" if size(value).is_some_and(|size| size <= -900.0) => {
                self.indented = Some(true);
            }
            "color" => self.colour = is_its_own(value).then_some(Colour::parse(value)),
            "-webkit-text-fill-color" => self.fill = is_its_own(value).then_some(Colour::parse(value)),
            "background-color" => self.background = Some(Colour::parse(value)),
            "background" | "background-image" => {
                let pictured = value.contains('(') && !value.starts_with("rgb") && !value.starts_with("hsl");
                let colour = Colour::of_background(value);
                if colour != Colour::Unknown || (pictured && self.background.is_none()) {
                    self.background = Some(colour);
                }
                self.pictured = Some(pictured);
            }
            "flex-direction" | "flex-flow" => {
                self.items = Some(match value {
                    _ if value.contains("-reverse") => Items::Backwards,
                    _ if value.contains("column") => Items::AsWritten,
                    _ => Items::Beside,
                });
            }
            "float" => {
                self.floats = Some(match value {
                    "left" | "inline-start" => Float::Left,
                    "right" | "inline-end" => Float::Right,
                    _ => Float::Not,
                });
            }
            "order" | "grid-column" | "grid-column-start" => {
                self.order =
                    value.split(['/', ' ']).next().and_then(|number| number.parse().ok()).unwrap_or_default();
            }
            "direction" => self.right_to_left = Some(value == "rtl"),
            "unicode-bidi" => self.overridden = Some(value.ends_with("override")),
            _ => {}
        }
    }

    /// Lays `over` on top.
    pub(super) fn lay(&mut self, over: &Self) {
        self.display = over.display.or(self.display);
        self.visible = over.visible.or(self.visible);
        self.tiny_font = over.tiny_font.or(self.tiny_font);
        self.transparent = over.transparent.or(self.transparent);
        self.shrunk = over.shrunk.or(self.shrunk);
        for (own, over) in self.no_extent.iter_mut().zip(over.no_extent) {
            *own = over.or(*own);
        }
        self.clipped = over.clipped.or(self.clipped);
        self.away = over.away.or(self.away);
        self.indented = over.indented.or(self.indented);
        self.moved = over.moved.or(self.moved);
        self.cut = over.cut.or(self.cut);
        self.position = over.position.or(self.position);
        self.from_some = over.from_some.or(self.from_some);
        self.colour = over.colour.or(self.colour);
        self.fill = over.fill.or(self.fill);
        self.background = over.background.or(self.background);
        self.pictured = over.pictured.or(self.pictured);
        self.overridden = over.overridden.or(self.overridden);
        self.right_to_left = over.right_to_left.or(self.right_to_left);
        self.items = over.items.or(self.items);
        self.floats = over.floats.or(self.floats);
        self.unspaced = over.unspaced.or(self.unspaced);
        self.order = if over.order == 0 { self.order } else { over.order };
    }

    /// Its place among its neighbours, where it is given one.
    pub(super) fn place(&self) -> Option<i32> {
        (self.order != 0).then(|| i32::from(self.order))
    }

    /// Whether the element and all inside it are gone, whatever its children say. What is `inline` has no box that could
    /// be too small, unless something gives it one.
    pub(super) fn gone(&self, inline: bool) -> bool {
        let yes = |flag: Option<bool>| flag == Some(true);
        let out = self.position == Some(Position::Absolute);
        let boxed = !inline || out || self.floats.is_some_and(|float| float != Float::Not);
        self.display == Some(Display::None)
            || yes(self.transparent)
            || yes(self.away)
            || (boxed && (yes(self.shrunk) || yes(self.indented) || self.is_clipped_away()))
            || (yes(self.moved) && (out || self.position == Some(Position::Relative)))
            || (yes(self.cut) && out)
    }

    /// Whether somebody meant it to be gone, though not every reader or no reader does that.
    pub(super) fn perhaps_gone(&self) -> bool {
        let signs = [self.shrunk, self.indented, self.moved, self.cut, self.from_some];
        signs.contains(&Some(true)) || self.is_clipped_away()
    }

    fn is_clipped_away(&self) -> bool {
        self.no_extent.contains(&Some(true)) && self.clipped == Some(true)
    }

    /// Whether it hides anything.
    fn hides(&self) -> bool {
        self.gone(false) || self.perhaps_gone() || self.visible == Some(false) || self.tiny_font == Some(true)
    }
}

/// Whether the value is another than the one around it.
fn is_its_own(value: &str) -> bool {
    !matches!(value, "inherit" | "unset" | "currentcolor")
}

/// A length's number, its unit left aside: nought is nought in all of them, and a pixel or less can't be read.
fn size(value: &str) -> Option<f32> {
    if let Some(inside) = value.strip_prefix("calc(").and_then(|rest| rest.strip_suffix(')')) {
        // Of what is reckoned, only that which comes to nothing matters.
        return match inside.split_once('*') {
            Some((one, other)) => Some(size(one.trim())? * size(other.trim())?),
            None => size(inside.trim()),
        };
    }
    let end = value.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+')).unwrap_or(value.len());
    let (number, unit) = value.split_at_checked(end)?;
    let number: f32 = number.parse().ok()?;
    match unit.trim() {
        "em" | "rem" | "ex" | "ch" | "vw" | "vh" => Some(number * 16.0),
        "%" => Some(number * 0.16),
        "" | "px" | "pt" | "pc" | "in" | "cm" | "mm" | "q" => Some(number),
        // No length: readers leave the declaration aside.
        _ => None,
    }
}

/// A declaration without comments, and with escapes undone (CSS Syntax 3 sections 4.3.2 and 4.3.7).
fn plain_css(source: &str) -> Cow<'_, str> {
    if !source.contains("/*") && !source.contains('\\') {
        return source.into();
    }
    Cow::Owned(unescaped(&without_comments(source), |_| true).into_owned())
}

/// Escapes undone where they stand for a character that is `wanted`.
fn unescaped(source: &str, wanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !source.contains('\\') {
        return source.into();
    }
    let mut plain = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        let mut code = 0;
        let mut digits = 0;
        while digits < 6
            && let Some(digit) = chars.peek().and_then(|c| c.to_digit(16))
        {
            code = code * 16 + digit;
            digits += 1;
            chars.next();
        }
        let meant = if digits == 0 {
            let Some(escaped) = chars.next() else { break };
            escaped
        } else {
            chars.next_if(char::is_ascii_whitespace);
            char::from_u32(code).unwrap_or('\u{FFFD}')
        };
        if !wanted(meant) {
            plain.push('\\');
        }
        plain.push(meant);
    }
    plain.into()
}

/// Whether a function leaves nothing to be seen: `opacity(0)`, `scale(0)`, `rect(0,0,0,0)`, `inset(50%)`.
fn is_nothing_left(name: &str, value: &str) -> bool {
    let Some((function, arguments)) = value.split_once('(') else { return value == "hidden" };
    let mut numbers = arguments.split([',', ' ', ')']).filter(|part| !part.is_empty()).map_while(size);
    match (name, function.trim()) {
        ("filter", "opacity") => numbers.next().is_some_and(|share| share <= 0.02),
        ("transform", "scale" | "scalex" | "scaley" | "scale3d") => numbers.any(|share| share.abs() <= 0.02),
        ("transform", "translate" | "translatex" | "translatey") => numbers.any(|way| way <= -900.0),
        ("clip", "rect") => numbers.all(|edge| edge <= 1.0),
        ("clip-path", "inset") => {
            numbers.next().is_some_and(|edge| edge >= 50.0 * 0.16 && arguments.contains('%'))
        }
        ("clip-path", "polygon") => numbers.all(|place| place == 0.0),
        ("clip-path", "circle") => numbers.next().is_some_and(|radius| radius <= 0.0),
        _ => false,
    }
}

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

/// What a selector wants of an attribute (Selectors 4 section 6).
struct AttributeTest {
    name: String,
    /// Without case: it is a guess. `None` if it need only be there.
    value: Option<(char, String)>,
}

impl AttributeTest {
    /// Reads the last attribute selector of a selector that ends with one: `div > [class^="h"]`.
    fn parse(selector: &str) -> Option<Self> {
        let inside = selector.strip_suffix(']')?.rsplit_once('[')?.1;
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

/// Part of what a rule generates (CSS Generated Content 3 section 1.2).
#[derive(Clone)]
enum Content {
    Text(Box<str>),
    /// The value of this attribute.
    Attribute(Box<str>),
}

impl Content {
    /// What declarations generate; nothing if there are no letters in it.
    fn parse(declarations: &str) -> Vec<Self> {
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

/// What stands before the closing brace that fits, and what follows it.
fn braces(text: &str) -> (&str, &str) {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                let (inside, after) = text.split_at_checked(at).unwrap_or((text, ""));
                return (inside, after.strip_prefix('}').unwrap_or(after));
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    (text, "")
}

/// Comments gone, and the `<!--` and `-->` that old writers put around the whole (CSS Syntax 3 section 5.3).
fn without_comments(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.replace("<!--", "").replace("-->", "")
}
