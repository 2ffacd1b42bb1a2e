//! What a part is taken for, from all its Content-Type fields (RFC 2045 section 5) and its file name.

use super::header::Header;
use super::parameters::Value;

/// The most boundaries that are tried; readers take the first or the last.
const BOUNDARIES: usize = 4;

/// The most charsets of one part.
const CHARSETS: usize = 4;

/// The most kinds that a part is taken for.
const KINDS: usize = 8;

/// What a part is taken for.
#[derive(Clone)]
pub(super) struct Kind {
    /// How it is read.
    pub(super) form: Form,
    /// The boundaries that its header names.
    pub(super) boundaries: Vec<String>,
    /// The charsets that its header names.
    pub(super) charsets: Vec<String>,
    /// The blank at the end of a flowed line goes (RFC 3676 section 4.2).
    pub(super) delsp: bool,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Parts, of this subtype.
    Multipart(String),
    /// A message.
    Message,
    /// Text, of this subtype.
    Text(String),
    /// A message that is signed in one piece (S/MIME).
    Signed,
    /// What Outlook makes of a message (TNEF).
    Outlook,
    /// Nothing that is read.
    Other,
}

impl Kind {
    /// Plain text of which nothing else is known.
    pub(super) fn plain() -> Self {
        Self {
            form: Form::Text("plain".to_owned()),
            boundaries: Vec::new(),
            charsets: Vec::new(),
            delsp: false,
        }
    }

    fn new(value: &Value, names: &[String]) -> Self {
        let form = match value.word.split_once('/') {
            Some(("multipart", subtype)) => Form::Multipart(subtype.trim().to_owned()),
            Some((
                "message",
                "delivery-status" | "global-delivery-status" | "disposition-notification" | "feedback-report",
            )) => Form::Text("plain".to_owned()),
            Some(("message", _)) | Some(("text", "rfc822-headers" | "rfc822")) => Form::Message,
            Some(("application" | "text", "rtf" | "x-rtf")) => Form::Text("rtf".to_owned()),
            Some(("text", subtype)) => Form::Text(subtype.trim().to_owned()),
            Some(("application", "text" | "x-text" | "plain")) | Some(("plain", "text")) => {
                Form::Text("plain".to_owned())
            }
            Some(("application", "pkcs7-mime" | "x-pkcs7-mime")) => Form::Signed,
            Some(("application", "ms-tnef" | "vnd.ms-tnef")) => Form::Outlook,
            Some(("application", "xhtml+xml")) => Form::Text("html".to_owned()),
            Some(("image", "svg+xml" | "svg")) => Form::Text("svg".to_owned()),
            Some(("application", "xml")) => Form::Text("xml".to_owned()),
            Some(("application", subtype)) if subtype.ends_with("+xml") => Form::Text("xml".to_owned()),
            Some(("application", "json")) => Form::Text("plain".to_owned()),
            Some(("application", "ics" | "icalendar" | "calendar" | "vcard")) => {
                Form::Text("calendar".to_owned())
            }
            // Without a type that can be understood a part is plain text (RFC 2045 section 5.2).
            None => Form::Text("plain".to_owned()),
            Some(("", _)) => Form::Text("plain".to_owned()),
            // A person opens a file by its name.
            Some(_) => names.iter().find_map(|name| form_by_name(name)).unwrap_or(Form::Other),
        };
        let mut boundaries = value.all("boundary");
        boundaries.extend(value.shown("boundary"));
        let mut seen = std::collections::HashSet::new();
        boundaries.retain(|boundary| seen.insert(boundary.clone()));
        first_and_last(&mut boundaries, BOUNDARIES);
        let mut charsets = value.all("charset");
        first_and_last(&mut charsets, CHARSETS);
        Self {
            form,
            boundaries,
            charsets,
            delsp: value.all("delsp").iter().any(|delsp| delsp.eq_ignore_ascii_case("yes")),
        }
    }
}

/// What a part may be taken for, the likeliest first. In a digest it is a message unless it says otherwise
/// (RFC 2046 section 5.1.5).
pub(super) fn kinds(header: &Header<'_>, in_digest: bool) -> Vec<Kind> {
    let values: Vec<Value> = header.values("content-type").iter().map(|value| Value::parse(value)).collect();
    if values.is_empty() {
        return vec![Kind {
            form: if in_digest { Form::Message } else { Kind::plain().form },
            ..Kind::plain()
        }];
    }
    let mut names: Vec<String> = values.iter().flat_map(|value| value.shown("name")).collect();
    for value in header.values("content-disposition") {
        names.extend(Value::parse(&value).shown("filename"));
    }
    let mut kinds: Vec<Kind> = Vec::new();
    for value in &values {
        let kind = Kind::new(value, &names);
        let same = |known: &&mut Kind| known.form == kind.form && known.boundaries == kind.boundaries;
        if let Some(known) = kinds.iter_mut().find(same) {
            known.charsets.extend(kind.charsets);
            first_and_last(&mut known.charsets, CHARSETS);
            known.delsp |= kind.delsp;
        } else {
            // Readers take the first or the last.
            if kinds.len() >= KINDS {
                kinds.pop();
            }
            kinds.push(kind);
        }
    }
    kinds
}

/// Leaves the first ones and the last.
fn first_and_last(values: &mut Vec<String>, most: usize) {
    if let Some(last) = values.len().checked_sub(1).filter(|last| *last >= most) {
        values.drain(most - 1..last);
    }
}

/// What a file of this name is.
pub(super) fn form_by_name(name: &str) -> Option<Form> {
    let extension = name.trim_end().rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match extension.as_str() {
        "txt" | "text" | "md" | "csv" | "tsv" | "log" | "json" => Form::Text("plain".to_owned()),
        "svg" => Form::Text("svg".to_owned()),
        "xml" => Form::Text("xml".to_owned()),
        "htm" | "html" | "xhtml" | "shtml" => Form::Text("html".to_owned()),
        "ics" | "vcs" | "vcf" => Form::Text("calendar".to_owned()),
        "rtf" => Form::Text("rtf".to_owned()),
        "eml" | "mht" | "mhtml" => Form::Message,
        "p7m" => Form::Signed,
        "dat" if name.eq_ignore_ascii_case("winmail.dat") => Form::Outlook,
        _ => return None,
    })
}

/// Whether text of this subtype is markup of which nobody sees the source.
pub(super) fn is_html(subtype: &str) -> bool {
    matches!(subtype, "html" | "x-amp-html" | "watch-html" | "svg" | "enriched" | "richtext")
}

/// Whether text of this subtype is markup of which some readers show the source.
pub(super) fn is_xml(subtype: &str) -> bool {
    matches!(subtype, "xml")
}

/// Whether text of this subtype is markup of mail's own (RFC 1896, RFC 1341 section 7.1.3).
pub(super) fn is_enriched(subtype: &str) -> bool {
    matches!(subtype, "enriched" | "richtext")
}

/// Whether text of this subtype is Rich Text Format.
pub(super) fn is_rich(subtype: &str) -> bool {
    subtype == "rtf"
}

/// Whether text of this subtype is an appointment or a contact card.
pub(super) fn is_calendar(subtype: &str) -> bool {
    matches!(subtype, "calendar" | "x-vcalendar" | "vcard" | "x-vcard" | "directory")
}
