//! HTML as a reader sees it, from the token stream of a real HTML tokenizer: no tree is built, so that memory stays
//! small whatever comes.

mod elements;
mod feed;
mod sniff;
mod style;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::{LocalName, local_name, tendril::StrTendril};

use self::elements::Elements;
use self::sniff::find_ignoring_case;
pub(super) use self::sniff::{declared_charset, looks_like};
use self::style::{Colour, Display, Looks, Rule, Sheet};
use super::plain::PARAGRAPH;

/// Elements are followed no deeper; what is deeper takes the place of the innermost, as in browsers (beyond 512).
const DEPTH: usize = 1 << 16;

/// Beyond this, webmail drops style blocks (Gmail at 16 KiB).
const STYLES: usize = 16 << 10;

/// HTML as a reader sees it: first the text, then what stands in attributes and in comments that only some readers show.
#[derive(Default)]
pub(super) struct Shown {
    /// What most readers show.
    pub(super) text: String,
    /// What a reader shows who understands less of the style blocks, where that makes a difference.
    pub(super) otherwise: Option<String>,
    /// There was more than the limit.
    pub(super) cut_short: bool,
}

/// Reads `html`; each text ends at about `limit` bytes.
pub(super) fn shown(html: &str, limit: usize) -> Shown {
    let mut sheet = Sheet::default();
    let mut dropped = false;
    if find_ignoring_case(html.as_bytes(), b"<style") {
        let styles = run(html, Reader::new(Task::Styles, sheet, usize::MAX));
        (sheet, dropped) = (styles.sheet, styles.styles_bytes > STYLES);
    }
    let mut reader = run(html, Reader::new(Task::Guess, sheet, limit));
    let cut_short = reader.full();
    let otherwise = (reader.guessed || dropped).then(|| {
        let sheet = std::mem::take(&mut reader.sheet);
        let sheet = if dropped { Sheet::default() } else { sheet.certain() };
        run(html, Reader::new(Task::Text, sheet, limit)).finished(html, limit)
    });
    let text = reader.finished(html, limit);
    let otherwise = otherwise.filter(|otherwise| *otherwise != text);
    Shown { text, otherwise, cut_short }
}

fn run(html: &str, reader: Reader) -> Reader {
    let sink = Sink { reader: RefCell::new(reader), markup: Cell::new(0) };
    let tokenizer = Tokenizer::new(sink, Default::default());
    feed::run(html, &tokenizer);
    tokenizer.sink.reader.into_inner()
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

struct Reader {
    task: Task,
    sheet: Sheet,
    text: String,
    /// Text of attributes.
    aside: String,
    /// The inside of conditional comments, which Outlook shows.
    conditional: String,
    /// The source of the style block that is open.
    style: Option<String>,
    /// The size of all style blocks.
    styles_bytes: usize,
    open: Vec<Open>,
    /// How many of each name are open: an end tag that ends nothing must not cost a search.
    names: HashMap<LocalName, usize>,
    /// The element whose inside is no markup.
    raw: Option<LocalName>,
    limit: usize,
    /// Something may be hidden by a guess.
    guessed: bool,
}

/// An open element.
struct Open {
    name: LocalName,
    kind: Elements,
    block: bool,
    shown: Visibility,
    turned: bool,
}

/// How text directly inside an element is shown.
#[derive(Clone, Copy)]
struct Visibility {
    gone: bool,
    visible: bool,
    tiny_font: bool,
    colour: Colour,
    background: Colour,
}

impl Visibility {
    const PAGE: Self = Self {
        gone: false,
        visible: true,
        tiny_font: false,
        colour: Colour::Unknown,
        background: Colour::Page,
    };

    fn to_be_seen(self) -> bool {
        !self.gone
            && self.visible
            && !self.tiny_font
            && self.colour != Colour::Transparent
            && !self.colour.same(self.background)
    }

    /// White on a page of which nothing is said.
    fn is_probably_white_on_white(self) -> bool {
        self.background == Colour::Page && self.colour.is_white()
    }

    fn within(self, looks: &Looks) -> Self {
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
    /// What was read of `html`: the text first, then the rest.
    fn finished(mut self, html: &str, limit: usize) -> String {
        // Nobody sends a message to show nothing: its reader will understand the styles less well than we do.
        if self.text.trim_matches(|c: char| c.is_whitespace() || c == PARAGRAPH).is_empty() {
            self = run(html, Self::new(Task::HiddenText, Sheet::default(), limit));
        }
        let Self { mut text, aside, conditional, .. } = self;
        let rest = limit.saturating_sub(text.len());
        let conditional = run(&conditional, Self::new(Task::Text, Sheet::default(), rest)).text;
        for more in [aside, conditional] {
            if !text.is_empty() && !more.is_empty() && !text.ends_with(PARAGRAPH) {
                text.push(PARAGRAPH);
            }
            text.push_str(&more);
        }
        text
    }

    fn new(task: Task, sheet: Sheet, limit: usize) -> Self {
        Self {
            task,
            sheet,
            text: String::new(),
            aside: String::new(),
            conditional: String::new(),
            style: None,
            styles_bytes: 0,
            open: Vec::new(),
            names: HashMap::new(),
            raw: None,
            limit,
            guessed: false,
        }
    }

    fn full(&self) -> bool {
        self.text.len() + self.aside.len() + self.conditional.len() >= self.limit
    }

    fn here(&self) -> Visibility {
        self.open.last().map_or(Visibility::PAGE, |open| open.shown)
    }

    fn characters(&mut self, characters: &str) {
        if let Some(style) = &mut self.style {
            style.push_str(characters);
        } else if self.task != Task::Styles && self.here().to_be_seen() {
            if self.task == Task::Guess && self.here().is_probably_white_on_white() {
                self.guessed = true;
                return;
            }
            let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
            for (index, run) in characters.split(blank).enumerate() {
                if index > 0 && !self.text.ends_with([' ', '\n', PARAGRAPH]) {
                    self.text.push(' ');
                }
                self.text.push_str(run);
            }
        }
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
            tag.attrs
                .iter()
                .find(|attribute| &*attribute.name.local == wanted)
                .map(|attribute| &attribute.value)
        };
        let looks = self.looks(tag, attribute);
        let shown = self.shown(name, &looks, attribute);
        let block = match looks.display {
            Some(Display::Block) => true,
            Some(Display::Inline) => false,
            _ => outer,
        };
        if self.task != Task::Styles {
            if name == "br" && shown.to_be_seen() {
                self.text.push('\n');
            } else if block && !shown.gone {
                self.boundary();
            }
            if shown.to_be_seen() {
                self.attributes(name, attribute);
            }
        }
        if !elements::void(name) {
            if self.open.len() >= DEPTH {
                self.close_to(DEPTH - 1);
            }
            let turned = (name == "bdo"
                && attribute("dir").is_some_and(|dir| dir.eq_ignore_ascii_case("rtl")))
                || looks.turned();
            if turned && self.task != Task::Styles {
                self.text.push('\u{202e}');
            }
            let kind = Elements::named(name);
            *self.names.entry(tag.name.clone()).or_default() += 1;
            self.open.push(Open { name: tag.name.clone(), kind, block, shown, turned });
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
            Task::HiddenText => shown = Visibility { gone: self.here().gone, ..Visibility::PAGE },
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
                let counts =
                    counts && self.names.get(&local_name!("template")).is_none_or(|count| *count == 0);
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
        let inline = Rule::parse(text("style"));
        let (styled, guessed) = self.sheet.looks(&tag.name, text("id"), text("class"), &inline);
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
            self.text.push(PARAGRAPH);
        }
    }

    /// Closes what the start of `name` closes without an end tag (HTML section 13.1.2.4).
    fn close_implied(&mut self, name: &str, block: bool) {
        let Some((closed, fences)) = elements::implied_end(name, block) else { return };
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
        if self.names.get(name).is_some_and(|count| *count > 0)
            && let Some(at) = self.open.iter().rposition(|open| open.name == *name)
        {
            self.close_to(at);
        } else if &**name == "br" && self.here().to_be_seen() {
            self.text.push('\n');
        } else if &**name == "p" && !self.here().gone {
            self.boundary();
        }
    }

    fn close_to(&mut self, length: usize) {
        while self.open.len() > length {
            let Some(open) = self.open.pop() else { break };
            if let Some(count) = self.names.get_mut(&open.name) {
                *count -= 1;
            }
            if self.task != Task::Styles {
                if open.turned {
                    self.text.push('\u{202c}');
                }
                if open.block && !open.shown.gone {
                    self.boundary();
                }
            }
        }
    }
}
