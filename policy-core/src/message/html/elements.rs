//! What HTML says about elements by name.

/// Elements that readers set apart: no phrase reaches over their edges.
pub(super) fn block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "col"
            | "colgroup"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "frameset"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "optgroup"
            | "option"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "select"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "textarea"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "xmp"
    )
}

/// Elements without an end tag (HTML section 13.1.2).
pub(super) fn void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "image"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements whose inside is shown by those readers that don't know them.
pub(super) fn instead(name: &str) -> bool {
    matches!(name, "audio" | "canvas" | "meter" | "progress" | "video")
}

/// Elements whose inside no reader shows.
pub(super) fn never_shown(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "title"
            | "template"
            | "iframe"
            | "noembed"
            | "noframes"
            | "datalist"
            | "rp"
            // Of SVG (SVG 2 sections 5.7 and 5.8).
            | "desc"
            | "metadata"
    )
}

/// A set of elements, of those that it matters to be inside of.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Elements(u32);

impl Elements {
    const fn of(names: &[&str]) -> Self {
        let mut set = 0;
        let mut rest = names;
        while let [name, others @ ..] = rest {
            set |= Self::named(name).0;
            rest = others;
        }
        Self(set)
    }

    /// The element alone; empty for one without a place.
    pub(super) const fn named(name: &str) -> Self {
        let place = match name.as_bytes() {
            b"p" => 0,
            b"li" => 1,
            b"dt" => 2,
            b"dd" => 3,
            b"option" => 4,
            b"td" => 5,
            b"th" => 6,
            b"tr" => 7,
            b"tbody" => 8,
            b"thead" => 9,
            b"tfoot" => 10,
            b"rt" => 11,
            b"rp" => 12,
            b"ul" => 13,
            b"ol" => 14,
            b"menu" => 15,
            b"table" => 16,
            b"dl" => 17,
            b"select" => 18,
            b"datalist" => 19,
            b"caption" => 20,
            b"button" => 21,
            b"object" => 22,
            b"template" => 23,
            b"html" => 24,
            b"ruby" => 25,
            b"svg" => 26,
            b"math" => 27,
            _ => return Self(0),
        };
        Self(1 << place)
    }

    /// The elements of either.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two have an element in common.
    pub(super) fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The elements that the start of `name` closes, and those through which that doesn't reach.
pub(super) fn implied_end(name: &str, block: bool) -> Option<(Elements, Elements)> {
    macro_rules! set {
        ($($name:literal),*) => {
            const { Elements::of(&[$($name),*]) }
        };
    }
    Some(match name {
        "li" => (set!("li"), set!("ul", "ol", "menu", "table", "td", "th")),
        "dt" | "dd" => (set!("dt", "dd"), set!("dl", "table", "td", "th")),
        "option" | "optgroup" => (set!("option"), set!("select", "datalist")),
        "td" | "th" => (set!("td", "th"), set!("table", "tr")),
        "tr" => (set!("tr"), set!("table")),
        "tbody" | "thead" | "tfoot" => (set!("tbody", "thead", "tfoot", "tr"), set!("table")),
        "rt" | "rp" => (set!("rt", "rp"), set!("ruby")),
        "table" => return None,
        _ if block => {
            (set!("p"), set!("table", "td", "th", "caption", "button", "object", "template", "html"))
        }
        _ => return None,
    })
}
