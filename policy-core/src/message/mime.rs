//! The walk through a message's parts (RFC 2045, 2046): every part that a person may read, in every interpretation
//! that a mail reader may take.

use std::collections::HashSet;

use super::header::Header;
use super::kind::{Form, Kind, is_calendar, is_html, kinds};
use super::multipart::{self, Strictness};
use super::parameters::Value;
use super::plain::{self, PARAGRAPH};
use super::transfer::{self, Encoding};
use super::{Limits, bidi, calendar, charset, encoded_word, html, sender};
use crate::candidate::{Place, Text};

/// How many times its size a message is walked through for interpretations beside the likeliest.
const ALTERNATIVES: usize = 16;

/// Where in a message a part stands.
#[derive(Clone, Copy)]
struct Position {
    depth: usize,
    /// Inside an attached message.
    attached: bool,
    /// Inside a `multipart/digest`, where parts are messages unless they say otherwise.
    digest: bool,
}

/// Collects texts while it walks.
pub(super) struct Walk<'l> {
    limits: &'l Limits,
    text_left: usize,
    parts_left: usize,
    /// Bytes that may still be gone through for interpretations beside the likeliest.
    spare: usize,
    /// What was collected.
    pub(super) texts: Vec<Text>,
    /// A limit ended the reading.
    pub(super) cut_short: bool,
    seen: HashSet<(Place, u64)>,
}

impl<'l> Walk<'l> {
    /// A walk through a message of `size` bytes.
    pub(super) fn new(limits: &'l Limits, size: usize) -> Self {
        Self {
            limits,
            text_left: limits.text_bytes,
            parts_left: limits.parts,
            spare: size.saturating_mul(ALTERNATIVES).saturating_add(1 << 16),
            texts: Vec::new(),
            cut_short: false,
            seen: HashSet::new(),
        }
    }

    /// Reads the whole message; `header` is its own.
    pub(super) fn message(&mut self, header: &Header<'_>) {
        self.part(header, Position { depth: 0, attached: false, digest: false });
    }

    /// Adds a text, unless the same stands there already.
    pub(super) fn add(&mut self, place: Place, shown: String) {
        if let Some(turned) = bidi::as_displayed(&shown)
            && self.afford(turned.len())
        {
            self.add_once(place, turned);
        }
        self.add_once(place, shown);
    }

    fn add_once(&mut self, place: Place, shown: String) {
        if shown.trim_matches(|c: char| c.is_whitespace() || c == PARAGRAPH).is_empty() {
            return;
        }
        let mut shown = shown;
        if shown.len() > self.text_left {
            let end = shown.floor_char_boundary(self.text_left);
            shown.truncate(end);
            self.cut_short = true;
        }
        if shown.is_empty() || !self.seen.insert((said_in(place), hash(&shown))) {
            return;
        }
        self.text_left -= shown.len();
        self.texts.push(Text { place, shown });
    }

    /// Whether an interpretation beside the likeliest may still be read that goes through `size` bytes.
    ///
    /// Half of the text stays for the likeliest ones, so that junk of many meanings can't use it up before them.
    fn afford(&mut self, size: usize) -> bool {
        match self.spare.checked_sub(size.saturating_add(64)) {
            Some(left) if self.text_left > self.limits.text_bytes / 2 => {
                self.spare = left;
                true
            }
            _ => {
                self.cut_short = true;
                false
            }
        }
    }

    fn part(&mut self, header: &Header<'_>, position: Position) {
        if self.parts_left == 0 || position.depth > self.limits.depth {
            self.cut_short = true;
            return self.unread(header.body, position);
        }
        self.parts_left -= 1;
        self.cut_short |= header.cut_short;
        self.names(header);
        let mut bodies = vec![header.body];
        bodies.extend(header.early_body);
        let encodings = header.values("content-transfer-encoding");
        for (index, body) in bodies.into_iter().enumerate() {
            for (way_index, way) in transfer::interpretations(&encodings, body).into_iter().enumerate() {
                for (kind_index, kind) in kinds(header, position.digest).into_iter().enumerate() {
                    if index + way_index + kind_index == 0 || self.afford(body.len()) {
                        self.content(&kind, body, way, position);
                    }
                }
            }
        }
    }

    /// What was too deep or too much: its raw bytes.
    fn unread(&mut self, raw: &[u8], position: Position) {
        self.add(position.place(), plain::shown(&charset::best(raw, &[]), false));
    }

    /// File names and descriptions.
    fn names(&mut self, header: &Header<'_>) {
        for (field, parameter) in [("content-disposition", "filename"), ("content-type", "name")] {
            for value in header.values(field) {
                for name in Value::parse(&value).shown(parameter) {
                    self.add(Place::AttachmentName, name);
                }
            }
        }
        for field in header.all("content-description") {
            for reading in encoded_word::readings(&field.unfolded(), &[]) {
                self.add(Place::AttachmentName, reading);
            }
        }
    }

    fn content(&mut self, kind: &Kind, body: &[u8], way: Encoding, position: Position) {
        match &kind.form {
            Form::Multipart(subtype) => self.multipart(kind, subtype, body, way, position),
            Form::Message => {
                // Like a multipart, a message isn't to be encoded as a whole (RFC 2046 section 5.2.1).
                if way != Encoding::Identity
                    && !Header::split(body, true).fields.is_empty()
                    && self.afford(body.len())
                {
                    self.attached(body, position);
                }
                let decoded = transfer::decode(way, body);
                self.attached(&decoded, position);
            }
            Form::Text(subtype) => self.text(kind, subtype, body, way, position),
            Form::Other => {}
        }
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
        let mut boundaries = kind.boundaries.clone();
        if boundaries.is_empty() {
            boundaries.extend(multipart::guess(body));
        }
        let mut read = false;
        for (index, boundary) in boundaries.iter().enumerate() {
            let mut exact = None;
            for strictness in [Strictness::Exact, Strictness::Prefix] {
                let likeliest = index == 0 && strictness == Strictness::Exact;
                if !likeliest && !self.afford(body.len()) {
                    continue;
                }
                let (cut, more) =
                    multipart::cut(body, boundary.trim_end().as_bytes(), strictness, self.limits.parts);
                self.cut_short |= more;
                // The same lines are boundaries either way.
                if exact.replace(cut.parts.len()) == Some(cut.parts.len()) {
                    continue;
                }
                read |= !cut.parts.is_empty();
                self.parts(&cut, subtype, position);
            }
        }
        if !read {
            self.text(kind, "plain", body, Encoding::Identity, position);
        }
    }

    fn parts(&mut self, cut: &multipart::Cut<'_>, subtype: &str, position: Position) {
        let headers: Vec<Header<'_>> = cut.parts.iter().map(|part| Header::split(part, false)).collect();
        let report = subtype == "report" && headers.iter().any(is_delivery_status);
        if cut.parts.is_empty() {
            return;
        }
        for around in &cut.around {
            self.text(&Kind::plain(), "plain", around, Encoding::Identity, position);
        }
        for header in &headers {
            // The returned original is somebody's own mail (RFC 3464 section 2, RFC 6533 section 6).
            if report && is_returned_original(header) {
                continue;
            }
            self.part(
                header,
                Position { depth: position.depth + 1, digest: subtype == "digest", ..position },
            );
        }
    }

    /// A message inside the message.
    fn attached(&mut self, raw: &[u8], position: Position) {
        let position = Position { depth: position.depth + 1, attached: true, digest: false };
        let header = Header::split(raw, true);
        for field in header.all("subject") {
            for reading in encoded_word::readings(&field.unfolded(), &[]) {
                self.add(Place::AttachedMessage, reading);
            }
        }
        for name in sender::read(&header, &[]).names {
            self.add(Place::AttachedMessage, name);
        }
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
        let mut labels: Vec<&str> = kind.charsets.iter().map(String::as_str).collect();
        let own = is_html(subtype).then(|| html::declared_charset(bytes)).flatten();
        labels.extend(own.as_deref());
        let mut likeliest = true;
        charset::each_reading(bytes, &labels, &mut |reading| {
            let wanted = std::mem::take(&mut likeliest) || self.afford(reading.len());
            if wanted {
                self.reading(kind, subtype, &reading, position);
            }
            wanted
        });
        for file in transfer::uuencoded(bytes) {
            self.add(Place::AttachmentName, charset::best(file.name, &[]));
            if looks_like_text(&file.content) {
                self.add(position.place(), plain::shown(&charset::best(&file.content, &[]), false));
            }
        }
    }

    fn reading(&mut self, kind: &Kind, subtype: &str, reading: &str, position: Position) {
        let place = position.place();
        if is_calendar(subtype) {
            let shown = calendar::shown(reading);
            return self.add(if position.attached { place } else { Place::Calendar }, shown);
        }
        if !is_html(subtype) {
            self.add(place, plain::shown(reading, kind.delsp));
        }
        // Some readers look at the content, whatever its label says.
        if is_html(subtype) || html::looks_like(reading) {
            let (shown, cut) = html::shown(reading, self.text_left.saturating_add(1));
            self.cut_short |= cut;
            self.add(if position.attached { place } else { Place::Html }, shown);
        }
    }
}

impl Position {
    fn place(self) -> Place {
        if self.attached { Place::AttachedMessage } else { Place::Body }
    }
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

fn looks_like_text(bytes: &[u8]) -> bool {
    let sample = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let odd = sample.iter().filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31)).count();
    odd * 50 <= sample.len()
}

/// Where a text counts as the same: most HTML says what the plain text beside it says.
fn said_in(place: Place) -> Place {
    if place == Place::Html { Place::Body } else { place }
}

fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
