//! What declarations of CSS say about the showing of an element. What isn't understood hides nothing.

use super::colour::Colour;
use super::syntax::plain_css;

/// Writing of this size or less can't be read, in pixels.
const UNREADABLE: f32 = 2.0;

/// What declarations say about the showing of an element. `None` where they say nothing.
#[derive(Clone, Copy, Default)]
pub(super) struct Looks {
    /// Anything is said.
    pub(super) says: bool,
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
        self.says = true;
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
            "border-collapse" => self.unspaced = (value == "collapse").then_some(true).or(self.unspaced),
            "border-spacing" => self.unspaced = size(value).map(|size| size == 0.0),
            "padding" | "padding-left" | "padding-right" => {
                // Above and below, right and left; or each from the top around.
                let sides = value.split_ascii_whitespace();
                let beside = sides.enumerate().filter(|(side, _)| *side != 2).map(|(_, side)| size(side));
                self.unspaced =
                    Some(beside.skip(usize::from(value.contains(' '))).all(|size| size == Some(0.0)));
            }
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
        if !over.says {
            return;
        }
        self.says = true;
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

    /// Whether it shows what others may have hidden.
    pub(super) fn shows(&self) -> bool {
        self.display.is_some() || self.visible.is_some() || self.tiny_font.is_some()
    }

    /// What of it hides.
    pub(super) fn hiding(&self) -> [bool; 4] {
        let [gone, perhaps_gone] = [self.gone(false), self.perhaps_gone()];
        [gone, perhaps_gone, self.visible == Some(false), self.tiny_font == Some(true)]
    }

    /// Whether it hides anything.
    pub(super) fn hides(&self) -> bool {
        self.hiding().contains(&true)
    }
}

/// Whether the value is another than the one around it.
fn is_its_own(value: &str) -> bool {
    !matches!(value, "inherit" | "unset" | "currentcolor")
}

/// A length's number, its unit left aside: nought is nought in all of them, and a pixel or less can't be read.
fn size(value: &str) -> Option<f32> {
    let inside = value.strip_prefix("calc(").and_then(|rest| rest.strip_suffix(')'));
    match inside.unwrap_or(value).split_once('*') {
        // Of what is reckoned, only that which comes to nothing matters.
        Some((one, other)) if inside.is_some() => Some(length(one.trim())? * length(other.trim())?),
        _ => length(inside.unwrap_or(value).trim()),
    }
}

fn length(value: &str) -> Option<f32> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_reckoned_without_end_do_not_exhaust_the_stack() {
        assert_eq!(size("calc(0 * 1px)"), Some(0.0));
        for part in ["calc(", "calc(0*", "0*", "calc(0*calc("] {
            let parts = 1 << 20;
            size(&format!("{}0{}", part.repeat(parts), ")".repeat(parts)));
        }
    }
}
