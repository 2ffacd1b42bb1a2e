//! The walk through a message's parts (RFC 2045, 2046): every part that a person may read, in every interpretation
//! that a mail reader may take.

use std::borrow::Cow;

use super::decoded::Decoded;
use super::header::{Field, Header};
use super::kind::{Form, Kind, form_by_name, is_calendar, is_enriched, is_html, is_rich, is_xml, kinds};
use super::multipart::{self, Piece, Strictness};
use super::otherwise::otherwise;
use super::parameters::Value;
use super::plain::{self, Lines};
use super::texts::Texts;
use super::transfer::{self, Encoding};
use super::{
    Limits, calendar, charset, encoded_word, enriched, enveloped, html, looks_like_text, rich, sender, tnef,
};
use crate::candidate::Place;

/// How many interpretations of a text are read in any case, so that ambiguous parts in front can't use up those of a
/// part behind them.
const ALWAYS: usize = 4;

/// Of plain text from this length on, only what another charset reads otherwise is read again.
const LONG: usize = 4 << 10;

/// Two readings of a longer one aren't held in memory to be compared.
const TOO_LONG: usize = 512 << 10;

/// Where in a message a part stands.
#[derive(Clone, Copy)]
struct Position {
    depth: usize,
    /// Inside an attached message.
    attached: bool,
    /// Inside a `multipart/digest`, where parts are messages unless they say otherwise.
    digest: bool,
    /// Every part around it is read in its likeliest interpretation.
    likeliest: bool,
}

/// Walks through a message and hands over its texts.
pub(super) struct Walk<'w, 't> {
    limits: &'w Limits,
    parts_left: usize,
    texts: &'w mut Texts<'t>,
}

impl<'w, 't> Walk<'w, 't> {
    /// A walk through a message.
    pub(super) fn new(limits: &'w Limits, texts: &'w mut Texts<'t>) -> Self {
        Self { limits, parts_left: limits.parts, texts }
    }

    /// Reads the whole message; `header` is its own.
    pub(super) fn message(&mut self, header: &Header<'_>) {
        self.part(header, Position { depth: 0, attached: false, digest: false, likeliest: true });
    }

    fn add(&mut self, place: Place, shown: &str) {
        self.texts.add(place, shown);
    }

    fn afford(&mut self, size: usize) -> bool {
        self.texts.afford(size)
    }

    fn part(&mut self, header: &Header<'_>, position: Position) {
        self.names(header);
        if self.parts_left == 0 || position.depth > self.limits.depth {
            self.texts.cut_short = true;
            return self.flat(header, position);
        }
        self.parts_left -= 1;
        let mut bodies = vec![header.body];
        bodies.extend(header.early_body);
        let encodings = header.values("content-transfer-encoding");
        let kinds = kinds(header, position.digest);
        let mut texts = 0;
        for (index, body) in bodies.into_iter().enumerate() {
            for (way_index, way) in transfer::interpretations(&encodings, body).into_iter().enumerate() {
                for (kind_index, kind) in kinds.iter().enumerate() {
                    let likeliest = index + way_index + kind_index == 0;
                    texts += usize::from(matches!(kind.form, Form::Text(_)));
                    let always = position.likeliest && texts <= ALWAYS && matches!(kind.form, Form::Text(_));
                    let likeliest = position.likeliest && likeliest;
                    if likeliest || always || self.afford(body.len()) {
                        self.content(kind, body, way, Position { likeliest, ..position });
                    }
                }
            }
        }
    }

    /// What is too deep or too much to be followed: one pass, every piece between lines that may be boundaries in its
    /// likeliest interpretation.
    fn flat(&mut self, header: &Header<'_>, position: Position) {
        if !self.flat_piece(header, position) {
            for piece in multipart::cut_anywhere(header.body) {
                let header = Header::split(piece, false);
                if header.is_empty() || !self.flat_piece(&header, position) {
                    self.text(&Kind::plain(), "plain", piece, Encoding::Identity, position);
                }
            }
        }
    }

    /// Reads a part that is text, or a message of text; returns whether it is.
    fn flat_piece(&mut self, header: &Header<'_>, position: Position) -> bool {
        let kinds = kinds(header, position.digest);
        match kinds.first() {
            Some(kind @ Kind { form: Form::Text(subtype), .. }) => {
                let encodings = header.values("content-transfer-encoding");
                let body = if header.body.is_empty() { header.early_body } else { None };
                let body = body.unwrap_or(header.body);
                for way in transfer::interpretations(&encodings, body).into_iter().take(2) {
                    self.text(kind, subtype, body, way, position);
                }
                true
            }
            Some(Kind { form: Form::Message, .. }) => {
                let mut inside = Header::split(header.body, true);
                // However deep, it takes no more than one pass.
                while !inside.body.is_empty()
                    && self::kinds(&inside, false).first().is_some_and(|kind| kind.form == Form::Message)
                {
                    inside = Header::split(inside.body, true);
                }
                for field in inside.all("subject").flat_map(Field::stretches) {
                    for reading in encoded_word::readings(&field.unfolded(), &[]) {
                        self.add(Place::AttachedMessage, &reading);
                    }
                }
                let position = Position { attached: true, ..position };
                match self::kinds(&inside, false).first() {
                    Some(Kind { form: Form::Text(_), .. }) => self.flat_piece(&inside, position),
                    _ => {
                        for piece in multipart::cut_anywhere(inside.body) {
                            let header = Header::split(piece, false);
                            match self::kinds(&header, false).first() {
                                Some(Kind { form: Form::Text(_), .. }) if !header.is_empty() => {
                                    self.flat_piece(&header, position);
                                }
                                _ => self.text(&Kind::plain(), "plain", piece, Encoding::Identity, position),
                            }
                        }
                        true
                    }
                }
            }
            _ => false,
        }
    }

    /// File names and descriptions.
    fn names(&mut self, header: &Header<'_>) {
        for (field, parameter) in [("content-disposition", "filename"), ("content-type", "name")] {
            let mut cut_short = header.is_cut(field);
            for value in header.values(field) {
                let value = Value::parse(&value);
                for name in value.shown(parameter) {
                    self.add(Place::AttachmentName, &name);
                    if let Some(parted) = parted(&name) {
                        self.add(Place::AttachmentName, &parted);
                    }
                    // Some programs percent-encode names without saying so (RFC 2231 wants an asterisk).
                    if name.contains('%') {
                        let mut decoded = Vec::with_capacity(name.len());
                        transfer::escapes(name.as_bytes(), b'%', &mut decoded);
                        self.add(Place::AttachmentName, &charset::best(&decoded, &[]));
                    }
                }
                self.as_written(value.further.as_bytes());
                cut_short |= value.cut_short;
            }
            // Bytes that no charset was named for.
            for stretch in header.all(field).flat_map(Field::stretches) {
                let raw = stretch.unfolded();
                if std::str::from_utf8(&raw).is_err()
                    && let Some(at) = memchr::memmem::rfind(&raw.to_ascii_lowercase(), b"name")
                    && let Some(name) = raw.get(at + "name".len()..)
                {
                    for reading in encoded_word::readings(name, &[]) {
                        self.add(Place::AttachmentName, &reading);
                    }
                }
            }
            if cut_short {
                header
                    .all(field)
                    .flat_map(Field::stretches)
                    .for_each(|stretch| self.as_written(&stretch.unfolded()));
            }
        }
        for field in header.all("content-description").flat_map(Field::stretches) {
            for reading in encoded_word::readings(&field.unfolded(), &[]) {
                self.add(Place::AttachmentName, &reading);
            }
        }
    }

    /// Parameters that weren't told apart: a name that hides behind any number of others is matched all the same.
    fn as_written(&mut self, field: &[u8]) {
        if field.is_empty() {
            return;
        }
        self.texts.cut_short = true;
        for reading in encoded_word::readings(field, &[]) {
            self.add(Place::AttachmentName, &reading);
        }
        if memchr::memchr(b'%', field).is_some() {
            let mut decoded = Vec::with_capacity(field.len());
            transfer::escapes(field, b'%', &mut decoded);
            self.add(Place::AttachmentName, &charset::best(&decoded, &[]));
        }
    }

    fn content(&mut self, kind: &Kind, body: &[u8], way: Encoding, position: Position) {
        match &kind.form {
            Form::Multipart(subtype) => self.multipart(kind, subtype, body, way, position),
            Form::Message => {
                // Like a multipart, a message isn't to be encoded as a whole (RFC 2046 section 5.2.1).
                if way != Encoding::Identity
                    && !Header::split(body, true).is_empty()
                    && self.afford(body.len())
                {
                    self.attached(body, position);
                }
                let decoded = transfer::decode(way, body);
                self.attached(&decoded, position);
            }
            Form::Text(subtype) => self.text(kind, subtype, body, way, position),
            Form::Signed => {
                let message = enveloped::signed_content(&transfer::decode(way, body));
                if !message.is_empty() {
                    let position = Position { depth: position.depth + 1, ..position };
                    self.part(&Header::split(&message, false), position);
                }
            }
            Form::Outlook => self.outlook(&transfer::decode(way, body), position),
            Form::Other => {}
        }
    }

    fn outlook(&mut self, tnef: &[u8], position: Position) {
        let position = Position { depth: position.depth + 1, ..position };
        let mut name = String::new();
        tnef::read(tnef, &mut |found| match found {
            tnef::Found::Text(text) => self.add(position.place(), &plain::shown(&text)),
            tnef::Found::Html(html) => self.decoded(&Kind::plain(), "html", html, position),
            tnef::Found::Name(found) => {
                self.add(Place::AttachmentName, &found);
                name = found;
            }
            tnef::Found::File(file) => {
                if let Some(form) = form_by_name(&name)
                    && position.depth <= self.limits.depth
                {
                    self.content(&Kind { form, ..Kind::plain() }, file, Encoding::Identity, position);
                }
            }
        });
    }

    fn multipart(&mut self, kind: &Kind, subtype: &str, body: &[u8], way: Encoding, position: Position) {
        // A multipart must not be encoded as a whole (RFC 2045 section 6.4); some readers decode it all the same.
        if way != Encoding::Identity && self.afford(body.len()) {
            let decoded = transfer::decode(way, body);
            self.cut(kind, subtype, &decoded, position);
            if way == Encoding::Base64 && memchr::memmem::find(body, b"--").is_none() {
                return;
            }
        }
        self.cut(kind, subtype, body, position);
    }

    fn cut(&mut self, kind: &Kind, subtype: &str, body: &[u8], position: Position) {
        let mut read = false;
        for (index, boundary) in kind.boundaries.iter().enumerate() {
            let likeliest = index == 0;
            if likeliest || self.afford(body.len()) {
                let position = Position { likeliest: position.likeliest && likeliest, ..position };
                read |= self.cut_at(boundary, subtype, body, position);
            }
        }
        if read {
            return;
        }
        // Where no boundary is named, or none that is there, some readers look for one; others show all of it as text.
        if let Some(boundary) = multipart::guess(body) {
            read = self.cut_at(&boundary, subtype, body, position);
        }
        if !read || self.afford(body.len()) {
            self.text(kind, "plain", body, Encoding::Identity, position);
        }
    }

    /// Reads the parts between these boundaries; returns whether there are any.
    fn cut_at(&mut self, boundary: &str, subtype: &str, body: &[u8], position: Position) -> bool {
        let boundary = boundary.trim_end().as_bytes();
        let ways = multipart::ways(body, boundary);
        if ways.exact {
            self.parts(body, boundary, Strictness::Exact, subtype, position);
        }
        // Otherwise the same lines are boundaries either way.
        if ways.prefix && (!ways.exact || self.afford(body.len())) {
            let position = Position { likeliest: position.likeliest && !ways.exact, ..position };
            self.parts(body, boundary, Strictness::Prefix, subtype, position);
        }
        ways.exact || ways.prefix
    }

    fn parts(
        &mut self,
        body: &[u8],
        boundary: &[u8],
        strictness: Strictness,
        subtype: &str,
        position: Position,
    ) {
        let pieces = || multipart::cut(body, boundary, strictness);
        let header = |piece| match piece {
            Piece::Part(part) => Some(Header::split(part, false)),
            Piece::Around(_) => None,
        };
        // The returned original is somebody's own mail: the third part of what is a delivery report as a whole (RFC 3464
        // section 2, RFC 6522 section 3, RFC 6533 section 6). Whatever else calls itself so is read like any other part.
        let report = subtype == "report"
            && position.depth == 0
            && !position.attached
            && pieces().filter_map(header).nth(1).is_some_and(|header| is_delivery_status(&header));
        let mut number = 0;
        for piece in pieces() {
            match piece {
                // Readers overlook what stands before the parts and behind them (RFC 2046 section 5.1.1).
                Piece::Around(_) => {}
                Piece::Part(part) => {
                    let header = Header::split(part, false);
                    number += 1;
                    if !(report && number == 3 && is_returned_original(&header)) {
                        let (depth, digest) = (position.depth + 1, subtype == "digest");
                        self.part(&header, Position { depth, digest, ..position });
                    }
                }
            }
        }
    }

    /// A message inside the message.
    fn attached(&mut self, raw: &[u8], position: Position) {
        let position = Position { depth: position.depth + 1, attached: true, digest: false, ..position };
        let header = Header::split(raw, true);
        for field in header.all("subject").flat_map(Field::stretches) {
            for reading in encoded_word::readings(&field.unfolded(), &[]) {
                self.add(Place::AttachedMessage, &reading);
            }
        }
        sender::names(&header, &[], &mut |name| self.add(Place::AttachedMessage, &name));
        self.part(&header, position);
    }

    fn text(&mut self, kind: &Kind, subtype: &str, body: &[u8], way: Encoding, position: Position) {
        let mut end = body.len();
        if way == Encoding::Base64 {
            end = transfer::base64_end(body);
            if end < body.len() {
                // Most readers stop at the padding; others skip what isn't base64.
                let decoded = transfer::base64(body.get(..end).unwrap_or_default());
                self.decoded(kind, subtype, &decoded, position);
                let footer = body.get(end..).unwrap_or_default();
                self.decoded(&Kind::plain(), "plain", footer, position);
            }
        }
        if end == body.len() || self.afford(body.len()) {
            let decoded = transfer::decode(way, body);
            self.decoded(kind, subtype, &decoded, position);
        }
    }

    fn decoded(&mut self, kind: &Kind, subtype: &str, bytes: &[u8], position: Position) {
        if is_rich(subtype) && bytes.trim_ascii_start().starts_with(b"{\\rtf") {
            return self.add(position.place(), &rich::shown(bytes));
        }
        // Lines are folded by bytes, in the middle of a character, too (RFC 5545 section 3.1).
        let unfolded = is_calendar(subtype).then(|| calendar::unfolded(bytes));
        let bytes = unfolded.as_deref().unwrap_or(bytes);
        let mut labels: Vec<&str> = kind.charsets.iter().map(String::as_str).collect();
        let own = is_html(subtype).then(|| html::declared_charset(bytes)).flatten();
        labels.extend(own.as_deref());
        let mut likeliest = None;
        let mut any = false;
        charset::each_reading(bytes, &labels, &mut |reading| {
            if !std::mem::replace(&mut any, true) {
                self.reading(kind, subtype, reading, position);
                likeliest = is_plain(subtype, reading).filter(|text| text.len() > LONG).map(Cow::into_owned);
                return true;
            }
            let other = likeliest.as_deref().and_then(|known| Some((known, is_plain(subtype, reading)?)));
            let again = other.as_ref().map(|(known, other)| Decoded::Whole(otherwise(known, other)));
            let reading = again.as_ref().unwrap_or(reading);
            let wanted = self.afford(reading.len());
            if wanted {
                self.reading(kind, subtype, reading, position);
            }
            wanted
        });
        transfer::uuencoded(bytes, &mut |name, content| {
            self.add(Place::AttachmentName, &charset::best(name, &[]));
            if looks_like_text(content) {
                self.add(position.place(), &plain::shown(&charset::best(content, &[])));
            }
        });
    }

    fn reading(&mut self, kind: &Kind, subtype: &str, reading: &Decoded<'_>, position: Position) {
        let place = position.place();
        if is_calendar(subtype) {
            let shown = calendar::shown(&reading.whole());
            return self.add(if position.attached { place } else { Place::Calendar }, &shown);
        }
        if !is_html(subtype) {
            let mut writer = self.texts.writer(place, None);
            let mut lines = Lines::new(kind.delsp);
            reading.each(&mut |piece| {
                lines.push(piece, &mut |shown| writer.push(shown));
                true
            });
            lines.finish(&mut |shown| writer.push(shown));
            writer.finish();
        }
        if is_enriched(subtype) {
            let markup = enriched::as_html(&reading.whole());
            return html::read(&Decoded::Whole(markup.into()), place, self.texts);
        }
        // Some readers look at the content, whatever its label says.
        if is_html(subtype) || is_xml(subtype) || html::looks_like(reading) {
            html::read(reading, if position.attached { place } else { Place::Html }, self.texts);
        }
    }
}

impl Position {
    fn place(self) -> Place {
        if self.attached { Place::AttachedMessage } else { Place::Body }
    }
}

/// The reading as a whole, if it is text without markup, and not too long for that.
fn is_plain<'r>(subtype: &str, reading: &'r Decoded<'_>) -> Option<Cow<'r, str>> {
    let marked = is_html(subtype) || is_xml(subtype) || is_enriched(subtype) || is_calendar(subtype);
    (!marked && reading.len() <= TOO_LONG && !html::looks_like(reading)).then(|| reading.whole())
}

/// A file's name with blanks where it has underscores for them, or a capital behind a small letter; `None` where it has
/// neither.
fn parted(name: &str) -> Option<String> {
    let mut parted = String::with_capacity(name.len());
    let mut before = ' ';
    for c in name.chars() {
        if before.is_lowercase() && c.is_uppercase() {
            parted.push(' ');
        }
        parted.push(if c == '_' { ' ' } else { c });
        before = c;
    }
    (parted != name).then_some(parted)
}

fn content_type(header: &Header<'_>) -> String {
    header.values("content-type").first().map(|value| Value::parse(value).word).unwrap_or_default()
}

fn is_delivery_status(header: &Header<'_>) -> bool {
    matches!(content_type(header).as_str(), "message/delivery-status" | "message/global-delivery-status")
}

fn is_returned_original(header: &Header<'_>) -> bool {
    matches!(
        content_type(header).as_str(),
        "message/rfc822" | "text/rfc822-headers" | "message/global" | "message/global-headers"
    )
}
