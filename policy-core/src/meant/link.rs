//! Whether a message may have been made by a link in somebody's mail rather than by a person who forwards it.

use crate::message::Forwarded;

/// Mail programs, as they call themselves, to which a link can say HTML: Thunderbird by `html-part`, Roundcube in a `body` with a
/// `<` in it (`process_compose_params`), the iPhone's and iPad's Mail in any `body`, as people report.
const TAKE_HTML: [&str; 4] = ["thunderbird", "roundcube", "iphone mail", "ipad mail"];

/// Whether a link may say all of it: a `mailto:` URI names recipient, subject and text (RFC 6068), and pressing "Unsubscribe"
/// sends what it names without a look at it (`List-Unsubscribe`, RFC 2369). It can't attach a message, nor write the HTML that
/// mail programs put around one, but for some. `program`: how the mail program calls itself.
pub fn may_be_a_links(forwarded: &Forwarded, program: &str) -> bool {
    let program = program.to_lowercase();
    let escapes = !TAKE_HTML.iter().any(|name| program.contains(name));
    forwarded.attached.is_empty() && !forwarded.resent && !(forwarded.quotes && escapes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::forwarded;

    #[test]
    fn text_may_be_a_links_and_what_is_attached_redirected_or_quoted_in_html_is_not() {
        let html = "Content-Type: text/html\r\n\r\n<blockquote type=cite>From: m@x.example</blockquote>";
        let attached = "Content-Type: message/rfc822\r\n\r\nFrom: m@x.example\r\n\r\nhi";
        let thunderbird = "Mozilla Thunderbird";
        for (raw, program, may) in [
            ("Subject: Fwd: x\r\n\r\nFrom: m@x.example", "", true),
            ("\r\n<blockquote type=cite>From: m@x.example</blockquote>", "", true),
            (html, "", false),
            (html, "Apple Mail (2.3774.600.62)", false),
            (html, thunderbird, true),
            (html, "Roundcube Webmail/1.6.5", true),
            (html, "iPhone Mail (20A362)", true),
            (attached, thunderbird, false),
            ("Resent-From: a@home.example\r\nFrom: m@x.example\r\n\r\nhi", thunderbird, false),
        ] {
            assert_eq!(may_be_a_links(&forwarded(raw.as_bytes()), program), may, "{raw}");
        }
    }
}
