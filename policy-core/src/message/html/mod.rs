//! HTML as a reader sees it, from the token stream of a real HTML tokenizer: no tree is built, so that memory stays
//! small whatever comes.

mod blanks;
mod boxes;
mod colour;
mod elements;
mod family;
mod feed;
mod frames;
mod generated;
mod marks;
mod open;
mod picture;
mod reader;
mod selector;
mod sheet;
mod simple;
mod sniff;
mod style;
mod syntax;
mod torn;
mod visibility;

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use self::feed::Feeder;
pub(super) use self::marks::has_quote;
use self::reader::{KEPT, Reader};
use self::sheet::Sheet;
pub(super) use self::sniff::{declared_charset, looks_like};
use super::decoded::Decoded;
use super::texts::Texts;
use crate::candidate::Place;

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
    // Some readers drop them all.
    let dropped = styles.bytes > STYLES;
    let reader = shown(html, styles, limit, &mut |piece| writer.push(piece));
    writer.finish();
    texts.cut_short |= reader.full();
    if reader.guessed || dropped {
        let sheet = if dropped { Sheet::default() } else { reader.sheet.certain() };
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
    shown(&html, styles, limit, &mut |piece| text.push_str(piece));
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
    bytes: usize,
}

impl Styles {
    fn of(html: &Decoded<'_>) -> Self {
        let Some(html) = sniff::styled(html) else { return Self::default() };
        let styles = run(&html, Reader::new(Task::Styles, Sheet::default(), usize::MAX), &mut |_| {});
        styles.sheet.allow(STEPS * html.len());
        Self { sheet: styles.sheet, bytes: styles.styles_bytes }
    }
}

fn shown(html: &Decoded<'_>, styles: Styles, limit: usize, show: &mut dyn FnMut(&str)) -> Reader {
    let mut reader = Reader::new(Task::Guess, styles.sheet, limit);
    reader.styled = styles.bytes > 0;
    run(html, reader, show).finish(html, limit, show)
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

    fn in_foreign(&self) -> bool {
        self.reader.borrow().in_foreign()
    }

    fn full(&self) -> bool {
        self.reader.borrow().full()
    }

    /// A tag, from the tokenizer or simple enough not to need it.
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        self.markup.set(self.markup.get() + 1);
        let mut reader = self.reader.borrow_mut();
        if tag.kind == TagKind::StartTag {
            return reader.start(tag);
        }
        reader.end(&tag.name);
        TokenSinkResult::Continue
    }

    fn text(&self, text: &str) {
        self.reader.borrow_mut().characters(text);
    }

    fn comment(&self, comment: &str) {
        self.markup.set(self.markup.get() + 1);
        self.reader.borrow_mut().comment(comment);
    }

    /// Whether the styles ask for attributes that the reader doesn't.
    fn asks_others(&self) -> bool {
        self.reader.borrow().sheet.asks_others(|name| asks_for(name.as_bytes(), ""))
    }
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) => self.text(&text),
            Token::CommentToken(text) => self.comment(&text),
            Token::TagToken(tag) => return self.tag(&tag),
            Token::DoctypeToken(_) => self.markup.set(self.markup.get() + 1),
            _ => {}
        }
        TokenSinkResult::Continue
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
        let reader = shown(&whole, Styles::default(), usize::MAX, &mut |piece| text.push_str(piece));
        let one = read_in_pieces_of(&html, usize::MAX);
        let (one, _) = one.split_once('|').unwrap_or_default();
        assert_eq!(text.get(..one.len()), Some(one));
        assert!(!reader.full());
    }
}
