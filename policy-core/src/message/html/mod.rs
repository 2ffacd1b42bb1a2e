//! HTML as a reader sees it, from the token stream of a real HTML tokenizer: no tree is built, so that memory stays
//! small whatever comes.

mod boxes;
mod elements;
mod feed;
mod simple;
mod sniff;
mod style;
mod visibility;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::{LocalName, tendril::StrTendril};

use self::boxes::Row;
use self::elements::Elements;
use self::feed::Feeder;
pub(super) use self::sniff::{declared_charset, looks_like};
use self::style::{Colour, Display, Items, Looks, Rule, Sheet};
use self::visibility::Visibility;
use super::decoded::Decoded;
use super::plain::PARAGRAPH;
use super::texts::Texts;
use crate::candidate::Place;

/// Elements are followed no deeper; what is deeper takes the place of the innermost, as in browsers (beyond 512).
const DEPTH: usize = 1 << 16;

/// So many of the innermost elements are looked through by name faster than names are hashed.
const NEAR: usize = 64;

/// Beyond this, webmail drops style blocks (Gmail at 16 KiB).
const STYLES: usize = 16 << 10;

/// Reads HTML as a reader sees it; no text grows beyond what the limits leave. First comes what most readers show, with
/// what stands in attributes and in comments that only some show; then what a reader shows who understands less of the
/// style blocks, where that makes a difference.
pub(super) fn read(html: &Decoded<'_>, place: Place, texts: &mut Texts<'_>) {
    let limit = texts.left().saturating_add(1);
    let styles = Styles::of(html);
    let mut writer = texts.writer(place, None);
    let reader = shown(html, styles.sheet, limit, &mut |piece| writer.push(piece));
    writer.finish();
    texts.cut_short |= reader.full();
    if reader.guessed || styles.dropped {
        let sheet = if styles.dropped { Sheet::default() } else { reader.sheet.certain() };
        let mut writer = texts.writer(place, Some(html.len()));
        run(html, Reader::new(Task::Text, sheet, limit), &mut |piece| writer.push(piece)).finish(
            html,
            limit,
            &mut |piece| writer.push(piece),
        );
        writer.finish();
    }
}

/// What most readers show of `html`, to about `limit` bytes.
pub(super) fn text(html: &str, limit: usize) -> String {
    let html = Decoded::Whole(html.into());
    let mut text = String::new();
    let styles = Styles::of(&html);
    shown(&html, styles.sheet, limit, &mut |piece| text.push_str(piece));
    text
}

/// The text of `html` as if nothing of it were hidden, to about `limit` bytes.
pub(super) fn unstyled(html: &str, limit: usize) -> String {
    let html = Decoded::Whole(html.into());
    let mut text = String::new();
    let reader = Reader::new(Task::HiddenText, Sheet::default(), limit);
    run(&html, reader, &mut |piece| text.push_str(piece))
        .finish(&html, limit, &mut |piece| text.push_str(piece));
    text
}

/// What the style blocks say, wherever they stand.
#[derive(Default)]
struct Styles {
    sheet: Sheet,
    /// Some readers drop them all.
    dropped: bool,
}

impl Styles {
    fn of(html: &Decoded<'_>) -> Self {
        let Some(html) = sniff::styled(html) else { return Self::default() };
        let styles = run(&html, Reader::new(Task::Styles, Sheet::default(), usize::MAX), &mut |_| {});
        Self { sheet: styles.sheet, dropped: styles.styles_bytes > STYLES }
    }
}

fn shown(html: &Decoded<'_>, sheet: Sheet, limit: usize, show: &mut dyn FnMut(&str)) -> Reader {
    run(html, Reader::new(Task::Guess, sheet, limit), show).finish(html, limit, show)
}

/// Runs through the tokens; of the text, all but the end goes to `show` meanwhile.
fn run(html: &Decoded<'_>, reader: Reader, show: &mut dyn FnMut(&str)) -> Reader {
    run_pieces(&mut |take| html.each(take), reader, show)
}

/// Takes a piece, and says whether more is wanted.
type Take<'t> = &'t mut dyn FnMut(&str) -> bool;

/// The same, of HTML that `each` hands over in pieces.
fn run_pieces(each: &mut dyn FnMut(Take<'_>), reader: Reader, show: &mut dyn FnMut(&str)) -> Reader {
    let sink = Sink { reader: RefCell::new(reader), markup: Cell::new(0) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() });
    let mut feeder = Feeder::new(&tokenizer);
    each(&mut |piece| {
        let more = feeder.push(piece);
        tokenizer.sink.reader.borrow_mut().show(KEPT, show);
        more
    });
    feeder.finish();
    tokenizer.sink.reader.into_inner()
}

/// Whether the reader asks for this attribute.
fn asks_for(attribute: &[u8]) -> bool {
    matches!(
        attribute,
        b"alt"
            | b"aria-label"
            | b"background"
            | b"bgcolor"
            | b"class"
            | b"color"
            | b"dir"
            | b"hidden"
            | b"id"
            | b"label"
            | b"media"
            | b"open"
            | b"placeholder"
            | b"style"
            | b"summary"
            | b"text"
            | b"title"
            | b"type"
            | b"value"
    )
}

/// What a run through the tokens is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    /// The style blocks: they count for what stands in front of them, too.
    Styles,
    /// The text.
    Text,
    /// The text without what is hidden only if a guess is right.
    Guess,
    /// The text, hidden or not.
    HiddenText,
}

fn has_letters(text: &str) -> bool {
    text.contains(|c: char| !c.is_whitespace() && c != PARAGRAPH)
}

/// HTML's own blanks (Infra section 4.6).
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// How much of the text's end may still be looked at: a box of one letter.
const KEPT: usize = 4 * (boxes::LONGEST + 1);

struct Reader {
    task: Task,
    sheet: Sheet,
    text: String,
    /// Text of attributes.
    aside: String,
    /// The letters of boxes that hold one each, since the last that holds more.
    row: Row,
    /// Readings that stand above or beside letters (`<rt>`).
    readings: String,
    /// The inside of conditional comments, which Outlook shows.
    conditional: String,
    /// The source of the style block that is open.
    style: Option<String>,
    /// The size of all style blocks.
    styles_bytes: usize,
    open: Vec<Open>,
    /// How many of each name are open but the innermost [`NEAR`]: an end tag that ends nothing must not cost a search
    /// through all.
    deep: HashMap<LocalName, usize>,
    /// The element whose inside is no markup.
    raw: Option<LocalName>,
    limit: usize,
    /// Something may be hidden by a guess.
    guessed: bool,
    /// Something is hidden.
    hidden: bool,
    /// How much of the text was handed over.
    written: usize,
    /// Some of that is to be seen.
    shown_any: bool,
    /// A limit ended a reading before this one.
    was_full: bool,
}

/// An open element.
struct Open {
    name: LocalName,
    kind: Elements,
    /// It and all around it.
    within: Elements,
    block: bool,
    shown: Visibility,
    turned: bool,
    /// How its children stand beside one another.
    items: Items,
    /// Its place among its neighbours, where that isn't the one in the source.
    place: Option<i32>,
    /// What is shown behind what it holds.
    after: Option<Box<str>>,
}

/// The tokenizer hands tokens to this; it only gives shared access, hence the cell.
struct Sink {
    reader: RefCell<Reader>,
    /// How many tags, comments and doctypes there were.
    markup: Cell<usize>,
}

impl Sink {
    fn markup_seen(&self) -> usize {
        self.markup.get()
    }

    fn in_raw(&self) -> bool {
        self.reader.borrow().raw.is_some()
    }

    fn full(&self) -> bool {
        self.reader.borrow().full()
    }

    /// Whether the styles ask for attributes that the reader doesn't.
    fn asks_others(&self) -> bool {
        self.reader.borrow().sheet.asks_others(|name| asks_for(name.as_bytes()))
    }
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if matches!(token, Token::TagToken(_) | Token::CommentToken(_) | Token::DoctypeToken(_)) {
            self.markup.set(self.markup.get() + 1);
        }
        let mut reader = self.reader.borrow_mut();
        match token {
            Token::CharacterTokens(text) => reader.characters(&text),
            Token::CommentToken(text) => reader.comment(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return reader.start(&tag),
            Token::TagToken(tag) => reader.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Reader {
    /// Hands over what is left: the end of the text, then the rest.
    fn finish(mut self, html: &Decoded<'_>, limit: usize, show: &mut dyn FnMut(&str)) -> Self {
        self.shown_any |= has_letters(&self.text);
        // Nobody sends a message to show nothing: its reader will understand the styles less well than we do.
        if self.hidden && !self.shown_any {
            let sheet = std::mem::take(&mut self.sheet);
            let (guessed, full) = (self.guessed, self.full());
            self = run(html, Self::new(Task::HiddenText, Sheet::default(), limit), show);
            (self.sheet, self.guessed, self.was_full) = (sheet, guessed, full);
        }
        self.row_end();
        self.readings_end();
        self.aside_begins();
        self.show(0, show);
        let aside = std::mem::take(&mut self.aside);
        show(&aside);
        let conditional = std::mem::take(&mut self.conditional);
        if !conditional.is_empty() {
            let rest = limit.saturating_sub(self.written);
            let conditional = Decoded::Whole(conditional.into());
            let mut inside =
                run(&conditional, Self::new(Task::Text, Sheet::default(), rest), &mut |piece| show(piece));
            inside.show(0, show);
        }
        self
    }

    /// What stands aside is set apart from the text.
    fn aside_begins(&mut self) {
        if !(self.aside.is_empty() && self.conditional.is_empty()) {
            self.boundary();
        }
    }

    /// Hands the text over, but for its end if it may still be looked at.
    fn show(&mut self, kept: usize, show: &mut dyn FnMut(&str)) {
        let end = self.text.floor_char_boundary(self.text.len().saturating_sub(kept));
        let text = self.text.get(..end).unwrap_or_default();
        if text.is_empty() {
            return;
        }
        self.shown_any = self.shown_any || has_letters(text);
        show(text);
        self.written += end;
        self.text.drain(..end);
    }

    fn new(task: Task, sheet: Sheet, limit: usize) -> Self {
        Self {
            task,
            sheet,
            text: String::new(),
            aside: String::new(),
            row: Row::default(),
            readings: String::new(),
            conditional: String::new(),
            style: None,
            styles_bytes: 0,
            open: Vec::new(),
            deep: HashMap::new(),
            raw: None,
            limit,
            guessed: false,
            hidden: false,
            written: 0,
            shown_any: false,
            was_full: false,
        }
    }

    fn full(&self) -> bool {
        self.was_full
            || self.written + self.text.len() + self.aside.len() + self.conditional.len() >= self.limit
    }

    fn here(&self) -> Visibility {
        self.open.last().map_or(Visibility::PAGE, |open| open.shown)
    }

    fn characters(&mut self, characters: &str) {
        if let Some(style) = &mut self.style {
            style.push_str(characters);
        }
        if self.task == Task::Styles {
            return;
        }
        let here = self.here();
        let probably_hidden = self.task == Task::Guess && here.is_probably_white_on_white();
        if probably_hidden || !here.to_be_seen() {
            self.guessed |= here.to_be_seen();
            self.hidden = true;
            return;
        }
        if self.open.last().is_some_and(|open| open.within.meet(Elements::named("rt"))) {
            self.readings.push_str(characters);
            return;
        }
        let bytes = characters.as_bytes();
        // What was not taken over yet begins here.
        let mut start = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if !is_blank(*byte) {
                continue;
            }
            // Blanks behind a blank add nothing: source code is indented.
            if at == start && at > 0 {
                start = at + 1;
                continue;
            }
            // Most blanks stay what they are.
            let before = bytes.get(start..at).and_then(<[u8]>::last);
            if *byte == b' ' && before.is_some_and(u8::is_ascii_graphic) {
                continue;
            }
            self.text.push_str(characters.get(start..at).unwrap_or_default());
            if !self.text.ends_with([' ', '\n', PARAGRAPH]) {
                self.text.push(' ');
            }
            start = at + 1;
        }
        self.text.push_str(characters.get(start..).unwrap_or_default());
    }

    fn comment(&mut self, comment: &str) {
        if self.task != Task::Styles
            && comment.trim_start().starts_with("[if")
            && let Some((_, inside)) = comment.split_once(']')
        {
            let inside = inside.strip_prefix('>').unwrap_or(inside);
            self.conditional.push_str(inside.strip_suffix("<![endif]").unwrap_or(inside));
        }
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let outer = elements::block(name);
        self.close_implied(name, outer);
        let attribute = |wanted: &str| {
            debug_assert!(asks_for(wanted.as_bytes()), "simple tags lack {wanted}");
            tag.attrs
                .iter()
                .find(|attribute| &*attribute.name.local == wanted)
                .map(|attribute| &attribute.value)
        };
        let looks = self.looks(tag, attribute);
        let shown = self.shown(name, &looks, attribute);
        let place = self.place(&looks);
        let block = match looks.display {
            _ if place.is_some() => true,
            Some(Display::Block) => true,
            Some(Display::Inline) => false,
            _ => outer,
        };
        let generated = self.sheet.generated(name, attribute("id"), attribute("class"));
        if self.task != Task::Styles {
            if name == "br" && shown.to_be_seen() {
                self.text.push('\n');
            } else if block && !shown.gone {
                self.boundary();
            }
            if shown.to_be_seen() {
                self.attributes(name, attribute);
            } else {
                self.hidden = true;
            }
        }
        if !elements::void(name) {
            if self.open.len() >= DEPTH {
                self.close_to(DEPTH - 1);
            }
            let order = attribute("dir").filter(|_| name == "bdo").map(|dir| dir.to_ascii_lowercase());
            let turned = match order.as_deref() {
                _ if looks.turned() => Some('\u{202e}'),
                Some("rtl") => Some('\u{202e}'),
                // It turns right-to-left letters round.
                Some("ltr") => Some('\u{202d}'),
                _ => None,
            };
            if let Some(turned) = turned.filter(|_| self.task != Task::Styles) {
                self.text.push(turned);
            }
            let turned = turned.is_some();
            let [before, after] = generated.map(|text| text.filter(|_| shown.to_be_seen()));
            if let Some(before) = before.filter(|_| self.task != Task::Styles) {
                self.text.push_str(&before);
            }
            let kind = Elements::named(name);
            let within = self.open.last().map_or(kind, |outer| outer.within.and(kind));
            if let Some(far) = self.far() {
                *self.deep.entry(far).or_default() += 1;
            }
            let name = tag.name.clone();
            let items = looks.items.unwrap_or_default();
            self.open.push(Open { name, kind, within, block, shown, turned, items, place, after });
        }
        self.raw_text(&tag.name, attribute("media").map(|media| &**media))
    }

    fn shown<'t>(
        &self,
        name: &str,
        looks: &Looks,
        attribute: impl Fn(&str) -> Option<&'t StrTendril>,
    ) -> Visibility {
        let mut shown = self.here().within(looks);
        match self.task {
            Task::HiddenText => {
                shown = Visibility::PAGE;
                shown.gone = self.here().gone;
            }
            // Many readers put a page into one of their own, and what its outermost elements say is lost.
            _ if matches!(name, "html" | "body") => shown.gone = self.here().gone,
            _ => {
                shown.gone |=
                    attribute("hidden").is_some() || (name == "dialog" && attribute("open").is_none());
            }
        }
        shown.gone |= elements::never_shown(name);
        shown
    }

    /// Tells the tokenizer where markup ends (HTML section 13.2.6.4.7).
    fn raw_text(&mut self, name: &LocalName, media: Option<&str>) -> TokenSinkResult<()> {
        let kind = match &**name {
            "style" => {
                let media = media.unwrap_or_default().trim().to_ascii_lowercase();
                let counts = matches!(media.as_str(), "" | "all" | "screen");
                // What stands in a template is not in force.
                let template = Elements::named("template");
                let counts = counts && !self.open.last().is_some_and(|open| open.within.meet(template));
                self.style = (self.task == Task::Styles && counts).then(String::new);
                Rawtext
            }
            "xmp" | "iframe" | "noembed" | "noframes" => Rawtext,
            "script" => ScriptData,
            "title" | "textarea" => Rcdata,
            "plaintext" => return TokenSinkResult::Plaintext,
            _ => return TokenSinkResult::Continue,
        };
        self.raw = Some(name.clone());
        TokenSinkResult::RawData(kind)
    }

    fn looks<'t>(&mut self, tag: &Tag, attribute: impl Fn(&str) -> Option<&'t StrTendril>) -> Looks {
        let text = |name: &str| attribute(name).map(|value| &**value).unwrap_or_default();
        let mut looks = Looks::default();
        // Presentational attributes count less than any style (HTML section 15.2).
        if let Some(colour) = attribute("bgcolor") {
            looks.background = Some(Colour::parse(colour));
        }
        if attribute("background").is_some() {
            looks.background = Some(Colour::Unknown);
        }
        let foreground = match &*tag.name {
            "font" | "basefont" => attribute("color"),
            "body" => attribute("text"),
            _ => None,
        };
        looks.colour = foreground.map(|colour| Colour::parse(colour));
        let style = text("style");
        if style.is_empty() && self.sheet.is_empty() {
            return looks;
        }
        let inline = Rule::parse(style);
        let (styled, guessed) = self.sheet.looks(&tag.name, text("id"), text("class"), &tag.attrs, &inline);
        self.guessed |= guessed;
        looks.lay(&styled);
        looks
    }

    /// Attributes that a reader shows: where pictures are off, beside the pointer, on buttons.
    fn attributes<'t>(&mut self, name: &str, attribute: impl Fn(&str) -> Option<&'t StrTendril>) {
        for shown in ["alt", "title", "placeholder", "aria-label", "label", "summary"] {
            if let Some(value) = attribute(shown) {
                // A letter's picture is read like a letter.
                if shown == "alt" && value.chars().count() <= 2 {
                    self.text.push_str(value);
                    continue;
                }
                self.put_aside(value);
            }
        }
        if name == "input"
            && !attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
            && let Some(value) = attribute("value")
        {
            self.put_aside(value);
        }
    }

    fn put_aside(&mut self, value: &str) {
        if !value.trim().is_empty() {
            self.aside.push_str(value);
            self.aside.push(PARAGRAPH);
        }
    }

    fn boundary(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(PARAGRAPH) {
            self.boxed(None);
            self.text.push(PARAGRAPH);
        }
    }

    /// The box ends that the end of the text stands in: letters that stand in a box each are a word to a reader.
    fn boxed(&mut self, place: Option<i32>) {
        let back = self.text.char_indices().rev().take(boxes::LONGEST + 1);
        let start = back.take_while(|(_, c)| *c != PARAGRAPH).last().map_or(self.text.len(), |(at, _)| at);
        if !self.row.take(self.text.get(start..).unwrap_or_default(), place) {
            self.row_end();
        }
    }

    /// The place of an element among its neighbours, where style sheets give it another than the source does.
    fn place(&self, looks: &Looks) -> Option<i32> {
        let turned = looks.floats_right == Some(true)
            || self.open.last().is_some_and(|outer| outer.items == Items::Backwards);
        looks.place().or_else(|| turned.then(|| self.row.next_backwards()))
    }

    /// Closes what the start of `name` closes without an end tag (HTML section 13.1.2.4).
    fn close_implied(&mut self, name: &str, block: bool) {
        let Some((closed, fences)) = elements::implied_end(name, block) else { return };
        if self.open.last().is_none_or(|open| !closed.meet(open.within)) {
            return;
        }
        // Deeper than this, layout never puts one.
        let near = self.open.iter().enumerate().rev().take(64);
        let found = near
            .take_while(|(_, open)| !fences.meet(open.kind))
            .filter(|(_, open)| closed.meet(open.kind))
            .last();
        if let Some((at, _)) = found {
            self.close_to(at);
        }
    }

    fn end(&mut self, name: &LocalName) {
        if self.raw.as_ref() == Some(name) {
            self.raw = None;
            if let Some(style) = self.style.take() {
                self.styles_bytes += style.len();
                self.sheet.add(&style);
            }
        }
        if let Some(at) = self.innermost(name) {
            self.close_to(at);
        } else if &**name == "br" && self.here().to_be_seen() {
            self.text.push('\n');
        } else if &**name == "p" && !self.here().gone {
            self.boundary();
        }
    }

    /// The name of the element that has [`NEAR`] minus one others within.
    fn far(&self) -> Option<LocalName> {
        self.open.len().checked_sub(NEAR).and_then(|far| self.open.get(far)).map(|open| open.name.clone())
    }

    /// Where the innermost open element of this name is among those that are open.
    fn innermost(&self, name: &LocalName) -> Option<usize> {
        let same = |open: &Open| open.name == *name;
        let far = self.open.len().saturating_sub(NEAR);
        let near = self.open.get(far..).unwrap_or_default();
        near.iter().rposition(same).map(|at| far + at).or_else(|| {
            let deep = self.deep.get(name).is_some_and(|count| *count > 0);
            if deep { self.open.get(..far).and_then(|deep| deep.iter().rposition(same)) } else { None }
        })
    }

    fn close_to(&mut self, length: usize) {
        while self.open.len() > length {
            let Some(open) = self.open.pop() else { break };
            if let Some(far) = self.far()
                && let Some(count) = self.deep.get_mut(&far)
            {
                *count -= 1;
            }
            if self.task != Task::Styles {
                if let Some(after) = &open.after {
                    self.text.push_str(after);
                }
                if open.turned {
                    self.text.push('\u{202c}');
                }
                if open.block && !open.shown.gone {
                    self.close_box(&open);
                }
                match &*open.name {
                    "tr" if self.row.line_ends() => self.row_end(),
                    "table" => self.row_end(),
                    "ruby" => self.readings_end(),
                    _ => {}
                }
            }
        }
    }

    fn close_box(&mut self, open: &Open) {
        let empty = self.text.is_empty() || self.text.ends_with(PARAGRAPH);
        match open.place {
            _ if empty && matches!(&*open.name, "td" | "th") => self.row.blank(),
            Some(_) if !empty => {
                self.boxed(open.place);
                self.text.push(PARAGRAPH);
            }
            _ => self.boundary(),
        }
    }

    fn row_end(&mut self) {
        if let Some(row) = std::mem::take(&mut self.row).word() {
            self.put_aside(&row);
        }
    }

    fn readings_end(&mut self) {
        let readings = std::mem::take(&mut self.readings);
        self.put_aside(&readings);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What markup is made of, broken off in every way.
    const PIECES: [&str; 46] = [
        "<",
        ">",
        "</",
        "/>",
        "<p>",
        "</p>",
        "<b",
        "<b>",
        "</b>",
        "<!",
        "<!--",
        "-->",
        "--!>",
        "<!-->",
        "<?x ",
        "</>",
        "<style>",
        ".a{display:none}",
        "</style>",
        "<script>",
        "</script",
        "<title>",
        "</title>",
        " class=a",
        " alt='x y'",
        "=\"",
        "'",
        "&amp;",
        "&#97;",
        "&am",
        "&#x",
        "<td>a</td>",
        "<table><tr>",
        "word ",
        "wo",
        "\u{e4}",
        "\r\n",
        "\n",
        "<br>",
        "<!--[if mso]>c<![endif]-->",
        "<A TITLE=x/ href=\"?a=1&b=2\" title=y>",
        "<i hidden/>",
        "</p x>",
        "<img alt=\"x\ty\"/>",
        "<xmp>",
        "</xmp >",
    ];

    fn read_in_pieces_of(html: &str, size: usize) -> String {
        let mut text = String::new();
        let mut each = |take: Take<'_>| {
            let mut rest = html;
            while let Some((piece, after)) =
                rest.split_at_checked(rest.ceil_char_boundary(size.min(rest.len())))
                && !piece.is_empty()
                && take(piece)
            {
                rest = after;
            }
        };
        let mut show = |piece: &str| text.push_str(piece);
        let mut reader =
            run_pieces(&mut each, Reader::new(Task::Guess, Sheet::default(), usize::MAX), &mut show);
        reader.row_end();
        reader.show(0, &mut show);
        format!("{text}|{}|{}", reader.aside, reader.conditional)
    }

    proptest! {
        #[test]
        fn html_that_comes_in_pieces_says_the_same_as_in_one(
            picks in proptest::collection::vec(0..PIECES.len(), 0..80),
            size in 1..50usize,
        ) {
            let html: String = picks.iter().filter_map(|pick| PIECES.get(*pick)).copied().collect();
            prop_assert_eq!(read_in_pieces_of(&html, size), read_in_pieces_of(&html, usize::MAX));
        }
    }

    #[test]
    fn html_larger_than_a_piece_says_the_same_as_in_one() {
        // Lengths that share no factor with a piece's: its edges fall anywhere within the markup.
        let unit = "<p title=\"a title\">some <b>wo</b>rds &amp; <!-- nothing --><a href='x'>more</a> of them</p>\r\n";
        let html = unit.repeat(300_000 / unit.len());
        let whole = Decoded::Whole(html.as_str().into());
        let mut text = String::new();
        let reader = shown(&whole, Sheet::default(), usize::MAX, &mut |piece| text.push_str(piece));
        let one = read_in_pieces_of(&html, usize::MAX);
        let (one, _) = one.split_once('|').unwrap_or_default();
        assert_eq!(text.get(..one.len()), Some(one));
        assert!(!reader.full());
    }
}
