//! Whether a message may have been made by a link in somebody's mail rather than by a person who forwards it.

use crate::message::Forwarded;

/// Whether a link may say all of it: a `mailto:` URI names recipient, subject and text (RFC 6068), and pressing "Unsubscribe"
/// sends what it names without a look at it (`List-Unsubscribe`, RFC 2369). It can't attach a message, nor write the HTML that
/// mail programs put around one; but to Thunderbird it can (`html-part`). `user_agent`: how the mail program calls itself.
pub fn may_be_a_links(forwarded: &Forwarded, user_agent: &str) -> bool {
    let escapes = !user_agent.to_lowercase().contains("thunderbird");
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
        for (raw, user_agent, may) in [
            ("Subject: Fwd: x\r\n\r\nFrom: m@x.example", "", true),
            ("\r\n<blockquote type=cite>From: m@x.example</blockquote>", "", true),
            (html, "", false),
            (html, thunderbird, true),
            (attached, thunderbird, false),
            ("Resent-From: a@home.example\r\nFrom: m@x.example\r\n\r\nhi", thunderbird, false),
        ] {
            assert_eq!(may_be_a_links(&forwarded(raw.as_bytes()), user_agent), may, "{raw}");
        }
    }
}
