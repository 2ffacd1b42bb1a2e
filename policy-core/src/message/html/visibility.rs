//! Whether text is to be seen, by what the elements around it look like.

use super::colour::Colour;
use super::style::Looks;

/// How text directly inside an element is shown.
#[derive(Clone, Copy)]
pub(super) struct Visibility {
    pub(super) gone: bool,
    /// Some readers don't show it, or some styles are understood by a few only.
    pub(super) perhaps_gone: bool,
    visible: bool,
    tiny_font: bool,
    colour: Colour,
    /// What the letters are filled with, where that isn't their colour.
    fill: Option<Colour>,
    background: Colour,
    /// There is a picture before the background, where pictures are shown.
    pictured: bool,
    pub(super) right_to_left: bool,
    /// Made of all these once: it is asked for with each text.
    seen: Seen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Yes,
    Perhaps,
    No,
}

impl Visibility {
    /// A page of which nothing is said.
    pub(super) const PAGE: Self = Self {
        gone: false,
        perhaps_gone: false,
        visible: true,
        tiny_font: false,
        colour: Colour::Unknown,
        fill: None,
        background: Colour::Page,
        pictured: false,
        right_to_left: false,
        seen: Seen::Yes,
    };

    /// Whether a reader sees it, or may see it.
    pub(super) fn to_be_seen(self) -> bool {
        self.seen != Seen::No
    }

    /// Whether readers differ on it, or it is so pale that it may be overlooked: white on a page of which nothing is
    /// said is most often not seen.
    pub(super) fn is_in_doubt(self) -> bool {
        self.seen == Seen::Perhaps
    }

    /// The same where everything is gone, whatever is said of it, or where it isn't.
    pub(super) fn with_gone(self, gone: bool, perhaps_gone: bool) -> Self {
        Self { gone, perhaps_gone, ..self }.told()
    }

    fn told(self) -> Self {
        let colour = self.fill.unwrap_or(self.colour);
        let hidden = self.gone
            || !self.visible
            || self.tiny_font
            || colour == Colour::Transparent
            || (!self.pictured && colour.same(self.background));
        let seen = match hidden {
            true => Seen::No,
            false if self.perhaps_gone || colour.close(self.background) => Seen::Perhaps,
            false => Seen::Yes,
        };
        Self { seen, ..self }
    }

    /// How the text of an element in it that looks like this is shown; `inline` where the element has no box of its own.
    pub(super) fn within(self, looks: &Looks, inline: bool) -> Self {
        if !looks.says {
            return self;
        }
        let background = looks.background.filter(|colour| *colour != Colour::Transparent);
        Self {
            gone: self.gone || looks.gone(inline),
            perhaps_gone: self.perhaps_gone || looks.perhaps_gone(),
            visible: looks.visible.unwrap_or(self.visible),
            tiny_font: looks.tiny_font.unwrap_or(self.tiny_font),
            colour: looks.colour.unwrap_or(self.colour),
            fill: looks.fill.or(self.fill),
            background: background.unwrap_or(self.background),
            pictured: looks.pictured.unwrap_or(self.pictured && background.is_none()),
            right_to_left: looks.right_to_left.unwrap_or(self.right_to_left),
            seen: Seen::Yes,
        }
        .told()
    }
}
