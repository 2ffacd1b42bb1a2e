//! HTML as a reader sees it, from the token stream of a real HTML tokenizer: no tree is built, so that memory stays
//! small whatever comes.

mod boxes;
mod colour;
mod elements;
mod family;
mod feed;
mod frames;
mod generated;
mod selector;
mod sheet;
mod simple;
mod sniff;
mod style;
mod syntax;
mod visibility;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::{LocalName, tendril::StrTendril};

use self::boxes::{LONGEST, Row, Stands};
use self::colour::Colour;
use self::elements::Elements;
use self::family::{Family, Kin};
use self::feed::Feeder;
use self::frames::Frames;
use self::sheet::Sheet;
pub(super) use self::sniff::{declared_charset, looks_like};
use self::style::{Display, Float, Items, Looks, Rule};
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

/// So many elements a byte are looked at for what style sheets say of one beside another.
const STEPS: usize = 2;

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
        styles.sheet.allow(STEPS * html.len());
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

/// Whether the reader asks for this attribute, if it has this value.
fn asks_for(attribute: &[u8], value: &str) -> bool {
    if matches!(attribute, b"src" | b"data") {
        return frames::is_document(value);
    }
    matches!(
        attribute,
        b"alt"
            | b"aria-label"
            | b"background"
            | b"bgcolor"
            | b"cellpadding"
            | b"cellspacing"
            | b"class"
            | b"color"
            | b"dir"
            | b"hidden"
            | b"id"
            | b"label"
            | b"media"
            | b"open"
            | b"placeholder"
            | b"srcdoc"
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

/// Whether a table's attributes leave no room between its cells.
fn is_unspaced<'t>(attribute: impl Fn(&str) -> Option<&'t StrTendril>) -> bool {
    ["cellspacing", "cellpadding"].into_iter().filter_map(attribute).any(|room| room.trim() == "0")
}

/// HTML's own blanks (Infra section 4.6).
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// How much of the text's end may still be looked at: a box of one letter.
const KEPT: usize = 4 * (LONGEST + 1);

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
    /// Documents within this one.
    frames: Frames,
    /// The word that a picture's text stands in, where pictures aren't shown, and whether there is more of it than that.
    pictured: Option<(String, bool)>,
    /// The source of the style block that is open.
    style: Option<String>,
    /// The size of all style blocks.
    styles_bytes: usize,
    open: Vec<Open>,
    /// The children of those that are open, and of the page; empty if no selector asks for them.
    families: Vec<Family>,
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
    /// How it stands among its own neighbours.
    stands: Stands,
    /// Nothing parts the cells of the table that it is in.
    unspaced: bool,
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
        self.reader.borrow().sheet.asks_others(|name| asks_for(name.as_bytes(), ""))
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
            let reader = Self::new(Task::HiddenText, Sheet::default(), limit);
            self = run(html, Self { frames: self.frames.anew(), ..reader }, show);
            (self.sheet, self.guessed, self.was_full) = (sheet, guessed, full);
        }
        self.picture_ends();
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
        for frame in self.frames.take() {
            let frame = Decoded::Whole(frame.into());
            let rest = limit.saturating_sub(self.written);
            let reader = Self::new(self.task, Styles::of(&frame).sheet, rest);
            show(PARAGRAPH.encode_utf8(&mut [0; 4]));
            let read = run(&frame, Self { frames: self.frames.within(), ..reader }, show);
            self.guessed |= read.finish(&frame, rest, show).guessed;
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
        let page = sheet.guesses_at_all().then(Family::default);
        Self {
            task,
            sheet,
            families: page.into_iter().collect(),
            text: String::new(),
            aside: String::new(),
            row: Row::default(),
            readings: String::new(),
            conditional: String::new(),
            frames: Frames::default(),
            pictured: None,
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
        if !self.is_seen(here) {
            self.guessed |= here.to_be_seen();
            self.hidden = true;
            return;
        }
        if self.open.last().is_some_and(|open| open.within.meet(Elements::named("rt"))) {
            self.readings.push_str(characters);
            return;
        }
        self.behind_picture(characters);
        let raised = self.open.last().is_some_and(|open| &*open.name == "sup");
        if raised
            && self.text.ends_with(char::is_alphabetic)
            && characters.starts_with(|c: char| c.is_ascii_digit())
        {
            // A note's number is no part of the word before it.
            self.text.push(' ');
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

    /// Whether this run takes what is shown so for seen.
    fn is_seen(&self, shown: Visibility) -> bool {
        shown.to_be_seen() && !(self.task == Task::Guess && shown.is_in_doubt())
    }

    /// Whether this run takes it for gone: it leaves no room between what stands around it.
    fn is_gone(&self, shown: Visibility) -> bool {
        shown.gone || (self.task == Task::Guess && shown.perhaps_gone)
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
            debug_assert!(asks_for(wanted.as_bytes(), "data:text/"), "simple tags lack {wanted}");
            tag.attrs
                .iter()
                .find(|attribute| &*attribute.name.local == wanted)
                .map(|attribute| &attribute.value)
        };
        let kin = self.families.last_mut().map(|family| {
            let own = |name| attribute(name).cloned().unwrap_or_default();
            family.next(&tag.name, own("id"), own("class"))
        });
        let looks = self.looks(tag, kin.as_ref(), attribute);
        let inline = match looks.display {
            Some(display) => display == Display::Inline,
            None => !outer,
        };
        let outer_items = self.open.last().map(|outer| outer.items).unwrap_or_default();
        let shown = self.shown(name, &looks, inline && outer_items == Items::AsWritten);
        let table = name == "table";
        let unspaced = looks.unspaced == Some(true)
            || if table {
                is_unspaced(attribute)
            } else {
                self.open.last().is_some_and(|outer| outer.unspaced)
            };
        let stands = self.stands(name, &looks, unspaced);
        let block = match looks.display {
            _ if matches!(stands, Stands::At(_)) => true,
            Some(Display::Block | Display::Cell) => true,
            Some(Display::Inline | Display::InlineBlock) => false,
            _ => outer,
        };
        let generated = self.sheet.generated(name, &tag.attrs);
        if self.task != Task::Styles {
            if name == "br" && self.is_seen(shown) {
                self.picture_ends();
                self.text.push('\n');
            } else if block && !self.is_gone(shown) {
                self.boundary();
            }
            if !self.is_seen(shown) {
                self.hidden = true;
            } else if !tag.attrs.is_empty() {
                self.attributes(name, attribute);
            }
            // What stands inside a frame's tags isn't shown, the frame is.
            if name == "iframe" && self.is_seen(self.here().within(&looks, inline)) {
                self.documents(name, attribute);
            }
        }
        if let (Some(kin), Some(family)) = (&kin, self.families.last_mut()) {
            family.join(kin.clone());
        }
        if !elements::void(name) {
            if self.open.len() >= DEPTH {
                self.close_to(DEPTH - 1);
            }
            self.families.extend(kin.map(Family::of));
            let turned = (looks.overridden == Some(true) && self.task != Task::Styles)
                .then_some(if shown.right_to_left { '\u{202e}' } else { '\u{202d}' });
            self.text.extend(turned);
            let turned = turned.is_some();
            let [before, after] = generated.map(|text| text.filter(|_| self.is_seen(shown)));
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
            let open = Open { name, kind, within, block, shown, turned, items, stands, unspaced, after };
            self.open.push(open);
        }
        self.raw_text(&tag.name, attribute("media").map(|media| &**media))
    }

    fn shown(&self, name: &str, looks: &Looks, inline: bool) -> Visibility {
        let here = self.here();
        let shown = match self.task {
            Task::HiddenText => Visibility::PAGE.with_gone(here.gone, false),
            _ => here.within(looks, inline),
        };
        if elements::never_shown(name) {
            return shown.with_gone(true, true);
        }
        // Many readers put a page into one of their own, and what its outermost elements say is lost.
        if matches!(name, "html" | "body") {
            return shown.with_gone(here.gone, here.perhaps_gone);
        }
        if self.task != Task::HiddenText && elements::instead(name) {
            return shown.with_gone(shown.gone, true);
        }
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

    fn looks<'t>(
        &mut self,
        tag: &Tag,
        kin: Option<&Kin>,
        attribute: impl Fn(&str) -> Option<&'t StrTendril>,
    ) -> Looks {
        let text = |name: &str| attribute(name).map(|value| &**value).unwrap_or_default();
        let mut looks = Looks::default();
        let [turns, hides] = [&*tag.name == "bdo", &*tag.name == "dialog"];
        if tag.attrs.is_empty() && self.sheet.is_empty() && !turns && !hides {
            return looks;
        }
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
        if let Some(dir) = attribute("dir") {
            looks.right_to_left = Some(dir.eq_ignore_ascii_case("rtl"));
        }
        looks.overridden = turns.then_some(true);
        // Any style that says how it is displayed wins over these (HTML section 15.3.1).
        if attribute("hidden").is_some() || (hides && attribute("open").is_none()) {
            looks.display = Some(Display::None);
        }
        looks.says = (looks.background.is_some() || looks.colour.is_some() || looks.display.is_some())
            || (looks.right_to_left.is_some() || turns);
        let style = text("style");
        if style.is_empty() && self.sheet.is_empty() {
            return looks;
        }
        let inline = Rule::parse(style);
        let (styled, guessed) = self.sheet.looks(&tag.name, &tag.attrs, &inline, kin, &self.families);
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
                if shown == "alt" {
                    self.picture(value);
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
        self.documents(name, attribute);
    }

    /// Documents in attributes.
    fn documents<'t>(&mut self, name: &str, attribute: impl Fn(&str) -> Option<&'t StrTendril>) {
        if name == "iframe"
            && let Some(document) = attribute("srcdoc")
        {
            self.frames.add(document);
        }
        for uri in ["src", "data"].into_iter().filter_map(attribute) {
            self.frames.add_uri(uri);
        }
    }

    fn put_aside(&mut self, value: &str) {
        if !value.trim().is_empty() {
            self.aside.push_str(value);
            self.aside.push(PARAGRAPH);
        }
    }

    /// A picture's text continues the word that stands before it.
    fn picture(&mut self, text: &str) {
        let before = || {
            let letters = self.text.chars().rev().take(LONGEST + 1).take_while(|c| c.is_alphanumeric());
            // What is longer is no word.
            let length = letters.clone().map(char::len_utf8).sum();
            let begin = self.text.len().checked_sub(length).filter(|_| letters.count() <= LONGEST);
            begin.and_then(|begin| self.text.get(begin..)).unwrap_or_default().to_owned()
        };
        let mut word = self.pictured.take().map_or_else(before, |(word, _)| word);
        let more = !word.is_empty();
        word.push_str(text);
        self.pictured = Some((word, more));
    }

    /// Text behind a picture: as far as its first blank it continues the word that the picture's text is in.
    fn behind_picture(&mut self, characters: &str) {
        let Some((word, more)) = &mut self.pictured else { return };
        let end = characters.find(|c: char| !c.is_alphanumeric());
        let behind = characters.get(..end.unwrap_or(characters.len())).unwrap_or_default();
        *more |= !behind.is_empty();
        word.push_str(behind);
        if end.is_some() {
            self.picture_ends();
        }
    }

    fn picture_ends(&mut self) {
        if let Some((word, true)) = self.pictured.take() {
            self.put_aside(&word);
        }
    }

    fn boundary(&mut self) {
        if self.pictured.is_some() {
            self.picture_ends();
        }
        if !self.text.is_empty() && !self.text.ends_with(PARAGRAPH) {
            self.boxed(Stands::Apart);
            self.text.push(PARAGRAPH);
        }
    }

    /// The box ends that the end of the text stands in: letters that stand in a box each are a word to a reader.
    fn boxed(&mut self, stands: Stands) {
        let back = self.text.char_indices().rev().take_while(|(_, c)| *c != PARAGRAPH).take(LONGEST + 1);
        let (mut start, mut length) = (self.text.len(), 0);
        for (at, _) in back {
            (start, length) = (at, length + 1);
        }
        if length > LONGEST || !self.row.take(self.text.get(start..).unwrap_or_default(), stands) {
            self.row_end();
        }
    }

    /// How an element stands among its neighbours: style sheets may give it another place than the source does.
    fn stands(&self, name: &str, looks: &Looks, unspaced: bool) -> Stands {
        let items = self.open.last().map(|outer| outer.items).unwrap_or_default();
        let turned = looks.floats == Some(Float::Right) || items == Items::Backwards;
        let beside = items == Items::Beside
            || looks.floats == Some(Float::Left)
            || looks.display == Some(Display::Cell)
            || (unspaced && matches!(name, "td" | "th"));
        match looks.place().or_else(|| turned.then(|| self.row.next_backwards())) {
            Some(place) => Stands::At(place),
            None if beside => Stands::Beside,
            None => Stands::Apart,
        }
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
        self.families.truncate(length + 1);
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
                if open.block && !self.is_gone(open.shown) {
                    self.close_box(&open);
                }
                let lines = open.items != Items::AsWritten || &*open.name == "tr";
                match &*open.name {
                    _ if lines && self.row.line_ends() => self.row_end(),
                    "table" => self.row_end(),
                    "ruby" => self.readings_end(),
                    _ => {}
                }
            }
        }
    }

    fn close_box(&mut self, open: &Open) {
        let empty = self.text.is_empty() || self.text.ends_with(PARAGRAPH);
        match open.stands {
            _ if empty && matches!(&*open.name, "td" | "th") => self.row.blank(),
            stands if stands != Stands::Apart && !empty => {
                self.boxed(stands);
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
