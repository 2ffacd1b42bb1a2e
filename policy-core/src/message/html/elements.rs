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
            | "rt"
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

/// Elements whose inside no reader shows.
pub(super) fn never_shown(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "title" | "template" | "iframe" | "noembed" | "noframes" | "datalist" | "rp"
    )
}

/// A set of elements, of those that matter to implied end tags.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Elements(u32);

/// The elements that have a place in [`Elements`].
const MEMBERS: [&str; 26] = [
    "p", "li", "dt", "dd", "option", "td", "th", "tr", "tbody", "thead", "tfoot", "rt", "rp", "ul", "ol",
    "menu", "table", "dl", "select", "datalist", "caption", "button", "object", "template", "html", "ruby",
];

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
        let mut place = 0;
        let mut rest: &[&str] = &MEMBERS;
        while let [member, others @ ..] = rest {
            if same(member.as_bytes(), name.as_bytes()) {
                return Self(1 << place);
            }
            place += 1;
            rest = others;
        }
        Self(0)
    }

    /// The elements of either.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the two have an element in common.
    pub(super) fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    match (a, b) {
        ([], []) => true,
        ([x, a @ ..], [y, b @ ..]) if *x == *y => same(a, b),
        _ => false,
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
