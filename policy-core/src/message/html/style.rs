//! As much of CSS as tells shown text from hidden text: inline declarations and the simple selectors of style blocks.
//! What isn't understood hides nothing.

use std::collections::HashMap;

/// The most selectors that are kept of all style blocks.
const SELECTORS: usize = 4096;

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
    pub(super) transparent: Option<bool>,
    /// Width, height, and the most of both: whether nothing is left.
    pub(super) no_extent: [Option<bool>; 4],
    /// What leaves its box is cut off.
    pub(super) clipped: Option<bool>,
    /// Moved off the screen.
    pub(super) away: Option<bool>,
    /// The text's colour.
    pub(super) colour: Option<Colour>,
    /// The colour behind the text; `Some(Unknown)` for a picture.
    pub(super) background: Option<Colour>,
    /// The characters run from right to left whatever they are.
    pub(super) reversed: Option<bool>,
    right_to_left: Option<bool>,
}

/// How an element's box stands among the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Display {
    None,
    Inline,
    Block,
}

/// A colour, as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Unknown,
    Transparent,
    Rgb(u8, u8, u8),
}

impl Colour {
    /// Whether nobody can tell the two apart.
    pub(super) fn same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Rgb(r, g, b), Self::Rgb(r2, g2, b2)) => {
                r.abs_diff(r2) <= 8 && g.abs_diff(g2) <= 8 && b.abs_diff(b2) <= 8
            }
            _ => false,
        }
    }

    /// Reads a colour as CSS or an HTML attribute writes it.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim().to_ascii_lowercase();
        if let Some(digits) = text.strip_prefix('#') {
            return Self::hex(digits);
        }
        if let Some(arguments) = text.strip_prefix("rgba(").or_else(|| text.strip_prefix("rgb(")) {
            let numbers: Vec<f32> = arguments
                .trim_end_matches(')')
                .split([',', ' ', '/'])
                .filter(|part| !part.is_empty())
                .filter_map(|part| match part.strip_suffix('%') {
                    Some(part) => part.parse::<f32>().ok().map(|share| share * 2.55),
                    None => part.parse().ok(),
                })
                .collect();
            return match numbers.as_slice() {
                [_, _, _, alpha, ..] if *alpha < 0.05 => Self::Transparent,
                [r, g, b, ..] => Self::Rgb(*r as u8, *g as u8, *b as u8),
                _ => Self::Unknown,
            };
        }
        match text.as_str() {
            "transparent" => Self::Transparent,
            "white" => Self::Rgb(255, 255, 255),
            "black" => Self::Rgb(0, 0, 0),
            "red" => Self::Rgb(255, 0, 0),
            "green" => Self::Rgb(0, 128, 0),
            "lime" => Self::Rgb(0, 255, 0),
            "blue" => Self::Rgb(0, 0, 255),
            "yellow" => Self::Rgb(255, 255, 0),
            "aqua" | "cyan" => Self::Rgb(0, 255, 255),
            "fuchsia" | "magenta" => Self::Rgb(255, 0, 255),
            "gray" | "grey" => Self::Rgb(128, 128, 128),
            "silver" => Self::Rgb(192, 192, 192),
            "lightgray" | "lightgrey" => Self::Rgb(211, 211, 211),
            "whitesmoke" => Self::Rgb(245, 245, 245),
            "snow" => Self::Rgb(255, 250, 250),
            "ivory" => Self::Rgb(255, 255, 240),
            "navy" => Self::Rgb(0, 0, 128),
            "maroon" => Self::Rgb(128, 0, 0),
            "purple" => Self::Rgb(128, 0, 128),
            "olive" => Self::Rgb(128, 128, 0),
            "teal" => Self::Rgb(0, 128, 128),
            "orange" => Self::Rgb(255, 165, 0),
            // The attribute's form leaves the sign out.
            _ if matches!(text.len(), 3 | 6) => Self::hex(&text),
            _ => Self::Unknown,
        }
    }

    fn hex(digits: &str) -> Self {
        let Some(values) = digits.chars().map(|c| c.to_digit(16)).collect::<Option<Vec<u32>>>() else {
            return Self::Unknown;
        };
        match values.as_slice() {
            [_, _, _, 0] | [_, _, _, _, _, _, 0, 0] => Self::Transparent,
            [r, g, b] | [r, g, b, _] => Self::Rgb((r * 17) as u8, (g * 17) as u8, (b * 17) as u8),
            [r, r2, g, g2, b, b2, ..] => {
                Self::Rgb((r * 16 + r2) as u8, (g * 16 + g2) as u8, (b * 16 + b2) as u8)
            }
            _ => Self::Unknown,
        }
    }
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
        for declaration in declarations.split(';') {
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
        match name.to_ascii_lowercase().as_str() {
            "display" => {
                self.display = match value {
                    "none" => Some(Display::None),
                    "inline" | "inline-block" | "inline-flex" | "contents" => Some(Display::Inline),
                    "block" | "flex" | "grid" | "table" | "table-cell" | "table-row" | "list-item" => {
                        Some(Display::Block)
                    }
                    _ => self.display,
                }
            }
            "visibility" => self.visible = Some(!matches!(value, "hidden" | "collapse")),
            "font-size" => self.tiny_font = size(value).map(|size| size <= 1.0).or(Some(false)),
            "font" => {
                let sizes =
                    value.split_whitespace().filter_map(|word| size(word.split('/').next().unwrap_or(word)));
                // The weight is a number without a unit and never that small.
                self.tiny_font = sizes.reduce(f32::min).map(|size| size <= 1.0).or(self.tiny_font);
            }
            "opacity" => self.transparent = size(value).map(|size| size <= 0.02),
            "width" | "height" | "max-width" | "max-height" => {
                let none = size(value).is_some_and(|size| size <= 0.0);
                let [width, height, most_width, most_height] = &mut self.no_extent;
                let extent = match name.to_ascii_lowercase().as_str() {
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
            "left" | "right" | "top" | "text-indent" | "margin-left" | "margin-top"
                if size(value).is_some_and(|size| size <= -900.0) =>
            {
                self.away = Some(true);
            }
            "color" => self.colour = Some(Colour::parse(value)),
            "background-color" => self.background = Some(Colour::parse(value)),
            "background" | "background-image" => {
                self.background = match Colour::parse(value) {
                    Colour::Unknown if name.ends_with("image") && value == "none" => self.background,
                    colour => Some(colour),
                }
            }
            "direction" => self.right_to_left = Some(value == "rtl"),
            "unicode-bidi" => self.reversed = Some(value.ends_with("override")),
            _ => {}
        }
    }

    /// Lays `over` on top.
    pub(super) fn lay(&mut self, over: &Self) {
        self.display = over.display.or(self.display);
        self.visible = over.visible.or(self.visible);
        self.tiny_font = over.tiny_font.or(self.tiny_font);
        self.transparent = over.transparent.or(self.transparent);
        for (own, over) in self.no_extent.iter_mut().zip(over.no_extent) {
            *own = over.or(*own);
        }
        self.clipped = over.clipped.or(self.clipped);
        self.away = over.away.or(self.away);
        self.colour = over.colour.or(self.colour);
        self.background = over.background.or(self.background);
        self.reversed = over.reversed.or(self.reversed);
        self.right_to_left = over.right_to_left.or(self.right_to_left);
    }

    /// Whether the element and all inside it are gone, whatever its children say.
    pub(super) fn gone(&self) -> bool {
        let yes = |flag: Option<bool>| flag == Some(true);
        self.display == Some(Display::None)
            || yes(self.transparent)
            || yes(self.away)
            || (self.no_extent.into_iter().any(yes) && yes(self.clipped))
    }

    /// Whether its characters are shown from right to left.
    pub(super) fn turned(&self) -> bool {
        self.reversed == Some(true) && self.right_to_left == Some(true)
    }
}

/// A length's number, its unit left aside: nought is nought in all of them, and a pixel or less can't be read.
fn size(value: &str) -> Option<f32> {
    let end = value.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+')).unwrap_or(value.len());
    let (number, unit) = value.split_at_checked(end)?;
    let number: f32 = number.parse().ok()?;
    match unit.trim() {
        "em" | "rem" | "ex" | "ch" | "vw" | "vh" => Some(number * 16.0),
        "%" => Some(number * 0.16),
        _ => Some(number),
    }
}

/// The rules of all style blocks whose selector is a tag, a class or an id, or a tag with one of these.
#[derive(Default)]
pub(super) struct Sheet {
    rules: HashMap<String, Rule>,
}

impl Sheet {
    /// Takes in a style block.
    pub(super) fn add(&mut self, source: &str) {
        let source = without_comments(source);
        self.blocks(&source, 0);
    }

    /// Reads rules; `@media` blocks only where they speak of every screen.
    fn blocks(&mut self, source: &str, depth: usize) {
        let mut rest = source;
        while let Some((prelude, after)) = rest.split_once('{') {
            let (inside, after) = braces(after);
            rest = after;
            let prelude = prelude.rsplit([';', '}']).next().unwrap_or_default().trim();
            if let Some(rule) = prelude.strip_prefix('@') {
                let rule = rule.to_ascii_lowercase();
                let always = matches!(
                    rule.split_whitespace().collect::<Vec<_>>().as_slice(),
                    ["media", "all" | "screen"] | ["media", "only", "screen"]
                );
                if always && depth == 0 {
                    self.blocks(inside, depth + 1);
                }
                continue;
            }
            let rule = Rule::parse(inside);
            for selector in prelude.split(',') {
                self.rule(selector.trim(), &rule);
            }
        }
    }

    fn rule(&mut self, selector: &str, rule: &Rule) {
        let simple = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '#');
        let marks = selector.chars().filter(|c| matches!(c, '.' | '#')).count();
        if selector.is_empty() || !selector.chars().all(simple) || marks > 1 || self.rules.len() >= SELECTORS
        {
            return;
        }
        // Tags are compared without case, classes and ids with it.
        let key = match selector.find(['.', '#']).and_then(|at| selector.split_at_checked(at)) {
            Some((tag, rest)) => format!("{}{rest}", tag.to_ascii_lowercase()),
            None => selector.to_ascii_lowercase(),
        };
        let kept = self.rules.entry(key).or_default();
        kept.normal.lay(&rule.normal);
        kept.important.lay(&rule.important);
    }

    /// What the style blocks and the inline declarations say about an element.
    pub(super) fn looks(&self, tag: &str, id: &str, classes: &str, inline: &Rule) -> Looks {
        let mut matching: Vec<&Rule> = Vec::new();
        if !self.rules.is_empty() {
            matching.extend(self.rules.get(tag));
            // Nobody gives an element more classes.
            for class in classes.split_ascii_whitespace().take(32) {
                matching.extend(self.rules.get(&format!(".{class}")));
                matching.extend(self.rules.get(&format!("{tag}.{class}")));
            }
            if !id.is_empty() {
                matching.extend(self.rules.get(&format!("#{id}")));
                matching.extend(self.rules.get(&format!("{tag}#{id}")));
            }
        }
        matching.push(inline);
        let mut looks = Looks::default();
        for rule in &matching {
            looks.lay(&rule.normal);
        }
        for rule in &matching {
            looks.lay(&rule.important);
        }
        looks
    }
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
