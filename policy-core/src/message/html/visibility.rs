//! Whether text is to be seen, by what the elements around it look like.

use super::colour::Colour;
use super::style::Looks;

/// How text directly inside an element is shown.
#[derive(Clone, Copy)]
pub(super) struct Visibility {
    pub(super) gone: bool,
    visible: bool,
    tiny_font: bool,
    colour: Colour,
    background: Colour,
}

impl Visibility {
    /// A page of which nothing is said.
    pub(super) const PAGE: Self = Self {
        gone: false,
        visible: true,
        tiny_font: false,
        colour: Colour::Unknown,
        background: Colour::Page,
    };

    /// Whether a reader sees it.
    pub(super) fn to_be_seen(self) -> bool {
        !self.gone
            && self.visible
            && !self.tiny_font
            && self.colour != Colour::Transparent
            && !self.colour.same(self.background)
    }

    /// White on a page of which nothing is said.
    pub(super) fn is_probably_white_on_white(self) -> bool {
        self.background == Colour::Page && self.colour.is_white()
    }

    /// How the text of an element in it that looks like this is shown.
    pub(super) fn within(self, looks: &Looks) -> Self {
        Self {
            gone: self.gone || looks.gone(),
            visible: looks.visible.unwrap_or(self.visible),
            tiny_font: looks.tiny_font.unwrap_or(self.tiny_font),
            colour: looks.colour.unwrap_or(self.colour),
            background: match looks.background {
                None | Some(Colour::Transparent) => self.background,
                Some(colour) => colour,
            },
        }
    }
}
