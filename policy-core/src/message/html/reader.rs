//! From tokens to what a reader sees: which elements are open, what they show and hide, and where one text ends.

use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{Tag, TokenSinkResult};
use html5ever::{LocalName, tendril::StrTendril};

use super::blanks;
use super::boxes::{LONGEST, Row, Stands};
use super::colour::Colour;
use super::elements::{self, Elements};
use super::family::{Family, Kin};
use super::frames::Frames;
use super::open::{Open, OpenElements};
use super::picture::Pictured;
use super::sheet::Sheet;
use super::style::{Display, Float, Items, Looks, Rule};
use super::torn::Torn;
use super::visibility::Visibility;
use super::{Styles, Task, asks_for, run};
use crate::message::decoded::Decoded;
use crate::message::plain::PARAGRAPH;

/// Elements are followed no deeper; what is deeper takes the place of the innermost, as in browsers (beyond 512).
const DEPTH: usize = 1 << 16;

/// Elements inside of which HTML's own rules don't hold.
const FOREIGN: Elements = Elements::named("svg").and(Elements::named("math"));

/// How much of hidden text a preview shows, at most, in bytes.
const PREVIEW: usize = 1024;

/// How much of the text's end may still be looked at: a box of one letter.
pub(super) const KEPT: usize = 4 * (LONGEST + 1);

pub(super) struct Reader {
    task: Task,
    pub(super) sheet: Sheet,
    text: String,
    /// Text of attributes.
    pub(super) aside: String,
    /// The letters of boxes that hold one each, since the last that holds more.
    row: Row,
    /// Readings that stand above or beside letters (`<rt>`).
    readings: String,
    /// The inside of conditional comments, which Outlook shows.
    pub(super) conditional: String,
    /// Documents within this one.
    frames: Frames,
    pictured: Pictured,
    torn: Torn,
    /// There are style blocks.
    pub(super) styled: bool,
    /// Hidden text before all that is seen: mail programs show it under the subject, before a mail is opened.
    preview: String,
    /// The source of the style block that is open.
    style: Option<String>,
    /// The size of all style blocks.
    pub(super) styles_bytes: usize,
    open: OpenElements,
    /// The children of those that are open, and of the page; empty if no selector asks for them.
    families: Vec<Family>,
    /// The element whose inside is no markup.
    pub(super) raw: Option<LocalName>,
    limit: usize,
    /// Something may be hidden by a guess.
    pub(super) guessed: bool,
    /// Something is hidden.
    hidden: bool,
    /// How much of the text was handed over.
    written: usize,
    /// Some of that is to be seen.
    shown_any: bool,
    /// A limit ended a reading before this one.
    was_full: bool,
}

impl Reader {
    /// Hands over what is left: the end of the text, then the rest.
    pub(super) fn finish(mut self, html: &Decoded<'_>, limit: usize, show: &mut dyn FnMut(&str)) -> Self {
        self.shown_any |= has_letters(&self.text);
        // Nobody sends a message to show nothing: its reader will understand the styles less well than we do.
        if self.hidden && !self.shown_any {
            let sheet = std::mem::take(&mut self.sheet);
            let (guessed, full) = (self.guessed, self.full());
            let reader = Self::new(Task::HiddenText, Sheet::default(), limit);
            self = run(html, Self { frames: self.frames.anew(), ..reader }, show);
            (self.sheet, self.guessed, self.was_full) = (sheet, guessed, full);
        }
        self.close_to(0);
        self.picture_ends();
        self.torn_ends();
        self.row_end();
        self.readings_end();
        let preview = std::mem::take(&mut self.preview);
        self.put_aside(&preview);
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
    pub(super) fn show(&mut self, kept: usize, show: &mut dyn FnMut(&str)) {
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

    pub(super) fn new(task: Task, sheet: Sheet, limit: usize) -> Self {
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
            pictured: Pictured::default(),
            torn: Torn::default(),
            styled: false,
            preview: String::new(),
            style: None,
            styles_bytes: 0,
            open: OpenElements::default(),
            raw: None,
            limit,
            guessed: false,
            hidden: false,
            written: 0,
            shown_any: false,
            was_full: false,
        }
    }

    pub(super) fn full(&self) -> bool {
        self.was_full
            || self.written + self.text.len() + self.aside.len() + self.conditional.len() >= self.limit
    }

    pub(super) fn in_foreign(&self) -> bool {
        self.open.last().is_some_and(|open| open.within.meet(FOREIGN))
    }

    /// Whether there was something to be seen.
    fn has_begun(&self) -> bool {
        self.shown_any || has_letters(&self.text)
    }

    fn here(&self) -> Visibility {
        self.open.last().map_or(Visibility::PAGE, |open| open.shown)
    }

    pub(super) fn characters(&mut self, characters: &str) {
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
            let source = self.open.last().is_some_and(|open| elements::never_shown(&open.name));
            if self.task == Task::Guess && !source && self.preview.len() < PREVIEW && !self.has_begun() {
                self.preview.push_str(characters);
            }
            return;
        }
        if self.open.last().is_some_and(|open| open.within.meet(Elements::named("rt"))) {
            self.readings.push_str(characters);
            return;
        }
        if let Some(word) = self.pictured.go_on(characters) {
            self.put_aside(&word);
        }
        if let Some(text) = self.torn.go_on(characters) {
            self.put_aside(&text);
        }
        let raised = self.open.last().is_some_and(|open| &*open.name == "sup");
        if raised
            && self.text.ends_with(char::is_alphabetic)
            && characters.starts_with(|c: char| c.is_ascii_digit())
        {
            // A note's number is no part of the word before it.
            self.text.push(' ');
        }
        self.collapsed(characters);
    }

    /// Adds a text, with one blank for each run of them.
    fn collapsed(&mut self, characters: &str) {
        // What was not taken over yet begins here.
        let mut start = 0;
        while let Some(length) =
            blanks::first_to_collapse(characters.as_bytes().get(start..).unwrap_or_default())
        {
            let at = start + length;
            // Blanks behind a blank add nothing: source code is indented.
            if length > 0 || at == 0 {
                self.text.push_str(characters.get(start..at).unwrap_or_default());
                if !self.text.ends_with([' ', '\n', PARAGRAPH]) {
                    self.text.push(' ');
                }
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

    pub(super) fn comment(&mut self, comment: &str) {
        if self.task != Task::Styles
            && comment.trim_start().starts_with("[if")
            && let Some((_, inside)) = comment.split_once(']')
        {
            let inside = inside.strip_prefix('>').unwrap_or(inside);
            self.conditional.push_str(inside.strip_suffix("<![endif]").unwrap_or(inside));
        }
    }

    pub(super) fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let outer = elements::block(name);
        if let Some(at) = self.open.implied_end(name, outer) {
            self.close_to(at);
        }
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
        let unspaced = match looks.unspaced {
            Some(true) => true,
            Some(false) if matches!(name, "td" | "th") => false,
            _ if table => is_unspaced(attribute),
            _ => self.open.last().is_some_and(|outer| outer.unspaced),
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
            let may_hide = self.styled || attribute("style").is_some();
            if self.task == Task::Guess && !block && self.is_seen(shown) && may_hide {
                self.torn.begin(&self.text, self.open.len());
            }
            let kind = Elements::named(name);
            let within = self.open.last().map_or(kind, |outer| outer.within.and(kind));
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
                    self.pictured.begin(&self.text, value);
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

    fn picture_ends(&mut self) {
        if let Some(word) = self.pictured.end() {
            self.put_aside(&word);
        }
    }

    fn torn_ends(&mut self) {
        if let Some(text) = self.torn.end() {
            self.put_aside(&text);
        }
    }

    fn boundary(&mut self) {
        self.picture_ends();
        self.torn_ends();
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

    pub(super) fn end(&mut self, name: &LocalName) {
        if self.raw.as_ref() == Some(name) {
            self.raw = None;
            if let Some(style) = self.style.take() {
                self.styles_bytes += style.len();
                self.sheet.add(&style);
            }
        }
        if let Some(at) = self.open.innermost(name) {
            self.close_to(at);
        } else if &**name == "br" && self.here().to_be_seen() {
            self.text.push('\n');
        } else if &**name == "p" && !self.here().gone {
            self.boundary();
        }
    }

    fn close_to(&mut self, length: usize) {
        self.families.truncate(length + 1);
        while self.open.len() > length {
            let Some(open) = self.open.pop() else { break };
            self.torn.closed_to(self.open.len());
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

    pub(super) fn row_end(&mut self) {
        if let Some(row) = std::mem::take(&mut self.row).word() {
            self.put_aside(&row);
        }
    }

    fn readings_end(&mut self) {
        let readings = std::mem::take(&mut self.readings);
        self.put_aside(&readings);
    }
}

fn has_letters(text: &str) -> bool {
    text.contains(|c: char| !c.is_whitespace() && c != PARAGRAPH)
}

/// Whether a table's attributes leave no room between its cells.
fn is_unspaced<'t>(attribute: impl Fn(&str) -> Option<&'t StrTendril>) -> bool {
    ["cellspacing", "cellpadding"].into_iter().filter_map(attribute).any(|room| room.trim() == "0")
}
