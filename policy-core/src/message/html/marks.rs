//! What mail programs write around a message that they forward or answer, in HTML's attributes: nobody's text gets in there,
//! as a mail program escapes it.

/// Classes and ids, by how they begin: Gmail and K-9, Outlook on the web and on phones, Yahoo, Proton, Zoho, Roundcube; but
/// for Gmail's, which are from knowledge, each is so in mail of public archives. Yahoo and Roundcube put something before
/// those of a message within the message (`ydp…`, `v1…`).
const NAMES: [&str; 8] = [
    "gmail_quote",
    "gmail_attr",
    "divrplyfwdmsg",
    "mail-editor-reference-message",
    "yahoo_quoted",
    "protonmail_quote",
    "zmail_extra",
    "forwardbody",
];

/// How the style of Outlook's line above a forwarded message begins.
const OUTLOOK: &str = "border:none;border-top:solid";

/// Whether there is a mail program's mark around a message that it forwards or answers.
pub(in crate::message) fn has_quote(html: &str) -> bool {
    any_attribute(html, |name, value| {
        let value = value.to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "class" | "id" => {
                value.split_ascii_whitespace().any(|word| NAMES.iter().any(|name| word.starts_with(name)))
            }
            // Apple Mail, Evolution, Fastmail: `<blockquote type="cite">`
            "type" => value == "cite",
            "style" => value.replace(' ', "").starts_with(OUTLOOK),
            _ => false,
        }
    })
}

/// Whether any tag has such an attribute, by name and value (HTML section 13.2.5).
fn any_attribute(html: &str, such: impl Fn(&str, &str) -> bool) -> bool {
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        rest = tag;
        if !tag.starts_with(|char: char| char.is_ascii_alphabetic()) {
            continue;
        }
        (_, rest) = cut(rest, |char| char.is_ascii_whitespace() || matches!(char, '/' | '>'));
        loop {
            rest = rest.trim_start_matches(|char: char| char.is_ascii_whitespace() || char == '/');
            if rest.is_empty() || rest.starts_with('>') {
                break;
            }
            let (name, behind) =
                cut(rest, |char| char.is_ascii_whitespace() || matches!(char, '/' | '>' | '='));
            let Some(assigned) = behind.trim_ascii_start().strip_prefix('=').map(str::trim_ascii_start)
            else {
                rest = behind;
                continue;
            };
            let quote = assigned.chars().next().filter(|char| matches!(char, '"' | '\''));
            let value;
            (value, rest) = match quote {
                Some(quote) => {
                    assigned.get(1..).and_then(|rest| rest.split_once(quote)).unwrap_or((assigned, ""))
                }
                None => cut(assigned, |char| char.is_ascii_whitespace() || char == '>'),
            };
            if such(name, value) {
                return true;
            }
        }
    }
    false
}

fn cut(text: &str, at: impl Fn(char) -> bool) -> (&str, &str) {
    text.find(at).and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mail_programs_write_around_a_message_is_known_and_no_text_is() {
        for html in [
            "<div class=\"gmail_quote gmail_quote_container\">",
            "<p>hi<br/><DIV CLASS='protonmail_quote'>",
            "<div id=divRplyFwdMsg dir=\"ltr\">",
            "<blockquote type = \"cite\" class=\"\">",
            "<div><div style='border:none; border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'>",
            "<a =x = y><div hidden id=\"yahoo_quoted_123\">",
        ] {
            assert!(has_quote(html), "{html}");
        }
        for html in [
            "",
            "gmail_quote",
            "&lt;div class=\"gmail_quote\"&gt;",
            "< div class=\"gmail_quote\">",
            "<a href=\"https://x.example/ class=gmail_quote\">",
            "<a href='x class=\"gmail_quote\"'>",
            "<div class=\"gmail_signature\">",
            "<p class=\"my_gmail_quote\">",
            "<p class=\"gmail",
            "<div class=x>class=gmail_quote</div><div ä=ö",
        ] {
            assert!(!has_quote(html), "{html}");
        }
    }
}
