//! As much of CSS as tells shown text from hidden text: inline declarations and the simple selectors of style blocks.
//! What isn't understood hides nothing.

use std::borrow::Cow;
use std::collections::HashMap;

/// The most selectors that are kept of all style blocks.
const SELECTORS: usize = 1 << 16;

/// The most classes of one element that are looked up.
const CLASSES: usize = 256;

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
    /// The reader's own background, of which nothing is said: nearly always white.
    Page,
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

    /// Whether it can't be told from white.
    pub(super) fn is_white(self) -> bool {
        self.same(Self::Rgb(255, 255, 255))
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
        if let Some(arguments) = text.strip_prefix("hsla(").or_else(|| text.strip_prefix("hsl(")) {
            let numbers: Vec<f32> = arguments
                .trim_end_matches(')')
                .split([',', ' ', '/'])
                .filter_map(|part| part.trim_end_matches(['%', 'd', 'e', 'g']).parse().ok())
                .collect();
            return match numbers.as_slice() {
                [_, _, _, alpha, ..] if *alpha < 0.05 => Self::Transparent,
                // Only what has no hue: nobody hides in colours.
                [_, saturation, light, ..] if *saturation <= 2.0 || !(2.0..98.0).contains(light) => {
                    let grey = (light * 2.55) as u8;
                    Self::Rgb(grey, grey, grey)
                }
                _ => Self::Unknown,
            };
        }
        match text.as_str() {
            "transparent" => Self::Transparent,
            "white" | "window" => Self::Rgb(255, 255, 255),
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
            "font-size" => self.tiny_font = size(value).map(|size| size <= UNREADABLE).or(Some(false)),
            "font" => {
                let sizes =
                    value.split_whitespace().filter_map(|word| size(word.split('/').next().unwrap_or(word)));
                // The weight is a number without a unit and never that small.
                self.tiny_font = sizes.reduce(f32::min).map(|size| size <= UNREADABLE).or(self.tiny_font);
            }
            "opacity" | "zoom" => self.transparent = size(value).map(|size| size <= 0.02),
            "filter" | "transform" | "clip" | "clip-path" | "content-visibility"
                if is_nothing_left(name, value) =>
            {
                self.transparent = Some(true);
            }
            "width" | "height" | "max-width" | "max-height" => {
                // A share of one in a hundred was a trick of old layouts.
                let most = if value.ends_with('%') { 0.0 } else { 1.0 };
                let none = size(value).is_some_and(|size| size <= most);
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

    /// Whether it hides anything.
    fn hides(&self) -> bool {
        self.gone() || self.visible == Some(false) || self.tiny_font == Some(true)
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
}

impl Sheet {
    /// Takes in a style block.
    pub(super) fn add(&mut self, source: &str) {
        let source = without_comments(source);
        self.blocks(&source, 0, true);
    }

    /// Only the rules that are in force wherever style blocks are.
    pub(super) fn certain(self) -> Self {
        Self { rules: self.rules, guesses: HashMap::new() }
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
                let media = words.next() == Some("media");
                let condition: Vec<&str> = words.take(3).collect();
                let always = matches!(condition.as_slice(), ["all" | "screen"] | ["only", "screen"]);
                if media && depth == 0 && !condition.contains(&"print") {
                    self.blocks(inside, depth + 1, always);
                }
                continue;
            }
            let rule = Rule::parse(inside);
            // An escaped sign of another meaning stays escaped: it ends no name.
            let prelude = unescaped(prelude, |c| c.is_alphanumeric() || matches!(c, '-' | '_'));
            for selector in prelude.split(',') {
                self.rule(selector.trim(), &rule, certain);
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
            return;
        };
        let kept = kept.entry(key).or_default();
        kept.normal.lay(&rule.normal);
        kept.important.lay(&rule.important);
    }

    /// What the style blocks and the inline declarations say about an element; the flag tells whether a guess is among
    /// it.
    pub(super) fn looks(&self, tag: &str, id: &str, classes: &str, inline: &Rule) -> (Looks, bool) {
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
