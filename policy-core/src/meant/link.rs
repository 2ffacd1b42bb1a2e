//! Whether a message may have been made by a link in somebody's mail rather than by a person who forwards it.

use crate::message::Forwarded;

/// Whether a link may say all of it: a `mailto:` URI names recipient, subject and text (RFC 6068), and pressing "Unsubscribe"
/// sends what it names without a look at it (`List-Unsubscribe`, RFC 2369). It can't attach a message, nor write the HTML that
/// mail programs put around one.
pub fn may_be_a_links(forwarded: &Forwarded) -> bool {
    forwarded.attached.is_empty() && !forwarded.resent && !forwarded.quotes
}
