//! HTML as a reader sees it, from the token stream of a real HTML tokenizer: no tree is built, so that memory stays
//! small whatever comes.

mod elements;
mod feed;
mod sniff;
mod style;

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::{LocalName, tendril::StrTendril};

use self::sniff::find_ignoring_case;
pub(super) use self::sniff::{declared_charset, looks_like};
use self::style::{Colour, Display, Looks, Rule, Sheet};
use super::plain::PARAGRAPH;

/// Elements are followed no deeper; browsers stop at 512.
const DEPTH: usize = 256;

/// What a reader sees of `html`: first the text, then what stands in attributes and in comments that only some readers
/// show. At most about `limit` bytes; the flag tells whether there was more.
pub(super) fn shown(html: &str, limit: usize) -> (String, bool) {
    let styled = find_ignoring_case(html.as_bytes(), b"<style");
    let sheet = if styled {
        run(html, Reader::new(Task::Styles, Sheet::default(), usize::MAX)).sheet
    } else {
        Sheet::default()
    };
    let mut reader = run(html, Reader::new(Task::Text, sheet, limit));
    // Nobody sends a message to show nothing: its reader will understand the styles less well than we do.
    if reader.text.trim_matches(|c: char| c.is_whitespace() || c == PARAGRAPH).is_empty() {
        reader = run(html, Reader::new(Task::HiddenText, Sheet::default(), limit));
    }
    let cut = reader.full();
    let Reader { mut text, aside, conditional, .. } = reader;
    let rest = limit.saturating_sub(text.len());
    let conditional = run(&conditional, Reader::new(Task::Text, Sheet::default(), rest)).text;
    for more in [aside, conditional] {
        if !text.is_empty() && !more.is_empty() && !text.ends_with(PARAGRAPH) {
            text.push(PARAGRAPH);
        }
        text.push_str(&more);
    }
    (text, cut)
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
    open: Vec<Open>,
    /// The element whose inside is no markup.
    raw: Option<LocalName>,
    limit: usize,
}

/// An open element.
struct Open {
    name: LocalName,
    block: bool,
    shown: Shown,
    turned: bool,
}

/// How text directly inside an element is shown.
#[derive(Clone, Copy)]
struct Shown {
    gone: bool,
    visible: bool,
    tiny_font: bool,
    colour: Colour,
    background: Colour,
}

impl Shown {
    const PAGE: Self = Self {
        gone: false,
        visible: true,
        tiny_font: false,
        colour: Colour::Unknown,
        background: Colour::Unknown,
    };

    fn to_be_seen(self) -> bool {
        !self.gone && self.visible && !self.tiny_font && !self.colour.same(self.background)
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
    fn new(task: Task, sheet: Sheet, limit: usize) -> Self {
        Self {
            task,
            sheet,
            text: String::new(),
            aside: String::new(),
            conditional: String::new(),
            style: None,
            open: Vec::new(),
            raw: None,
            limit,
        }
    }

    fn full(&self) -> bool {
        self.text.len() + self.aside.len() + self.conditional.len() >= self.limit
    }

    fn here(&self) -> Shown {
        self.open.last().map_or(Shown::PAGE, |open| open.shown)
    }

    fn characters(&mut self, characters: &str) {
        if let Some(style) = &mut self.style {
            style.push_str(characters);
        } else if self.task != Task::Styles && self.here().to_be_seen() {
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
        self.close_implied(name);
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
            _ => elements::block(name),
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
        if !elements::void(name) && self.open.len() < DEPTH {
            let turned = (name == "bdo"
                && attribute("dir").is_some_and(|dir| dir.eq_ignore_ascii_case("rtl")))
                || looks.turned();
            if turned && self.task != Task::Styles {
                self.text.push('\u{202e}');
            }
            self.open.push(Open { name: tag.name.clone(), block, shown, turned });
        }
        self.raw_text(&tag.name, attribute("media").map(|media| &**media))
    }

    fn shown<'t>(
        &self,
        name: &str,
        looks: &Looks,
        attribute: impl Fn(&str) -> Option<&'t StrTendril>,
    ) -> Shown {
        let mut shown = self.here().within(looks);
        match self.task {
            Task::HiddenText => shown = Shown { gone: self.here().gone, ..Shown::PAGE },
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
                let counts = counts && !self.open.iter().any(|open| &*open.name == "template");
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

    fn looks<'t>(&self, tag: &Tag, attribute: impl Fn(&str) -> Option<&'t StrTendril>) -> Looks {
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
        looks.lay(&self.sheet.looks(&tag.name, text("id"), text("class"), &inline));
        looks
    }

    /// Attributes that a reader shows: where pictures are off, beside the pointer, on buttons.
    fn attributes<'t>(&mut self, name: &str, attribute: impl Fn(&str) -> Option<&'t StrTendril>) {
        for shown in ["alt", "title", "placeholder", "aria-label", "label", "summary"] {
            if let Some(value) = attribute(shown) {
                // A letter's picture in the middle of a word.
                if shown == "alt" && value.chars().count() <= 2 && self.text.ends_with(char::is_alphanumeric)
                {
                    self.text.push_str(value);
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
    fn close_implied(&mut self, name: &str) {
        let Some((closed, fences)) = elements::implied_end(name) else { return };
        // Deeper than this, layout never puts one.
        let near = self.open.iter().enumerate().rev().take(64);
        let found = near
            .take_while(|(_, open)| !fences.contains(&&*open.name))
            .filter(|(_, open)| closed.contains(&&*open.name))
            .last();
        if let Some((at, _)) = found {
            self.close_to(at);
        }
    }

    fn end(&mut self, name: &LocalName) {
        if self.raw.as_ref() == Some(name) {
            self.raw = None;
            if let Some(style) = self.style.take() {
                self.sheet.add(&style);
            }
        }
        if let Some(at) = self.open.iter().rposition(|open| open.name == *name) {
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
