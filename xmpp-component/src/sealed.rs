//! Messages that nobody but their recipient can read, and files: words can't see into either.

use minidom::Element;

/// What happens to encrypted messages and files from strangers: who is not on the member's roster, has not been sent
/// their presence, and has no allow entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sealed {
    /// They arrive, judged by their sender and by what can be read of them.
    #[default]
    Deliver,
    /// They don't.
    Drop,
}

/// OMEMO (XEP-0384, any version), OpenPGP (XEP-0373, XEP-0027), encrypted files (XEP-0448): elements, and what
/// their namespaces begin with.
const ENCRYPTED: [(&str, &str); 5] = [
    ("encrypted", "eu.siacs.conversations.axolotl"),
    ("encrypted", "urn:xmpp:omemo:"),
    ("openpgp", "urn:xmpp:openpgp:"),
    ("x", "jabber:x:encrypted"),
    ("encrypted", "urn:xmpp:esfs:"),
];

/// What stands in bodies that nobody else can read: OTR (XEP-0364) and OpenPGP in armour (RFC 9580 section 6.2).
const MARKS: [&str; 2] = ["?OTR", "-----BEGIN PGP MESSAGE"];

/// Links to encrypted files (XEP-0454), in any case (RFC 3986 section 3.1).
const LINK: &str = "aesgcm://";

/// Files and offers of files: XEP-0066, XEP-0385, XEP-0447, XEP-0234 (any version), XEP-0096, XEP-0231.
const FILES: [&str; 7] = [
    "jabber:x:oob",
    "jabber:iq:oob",
    "urn:xmpp:sims:",
    "urn:xmpp:sfs:",
    "urn:xmpp:jingle:apps:file-transfer:",
    "http://jabber.org/protocol/si/profile/file-transfer",
    "urn:xmpp:bob",
];

/// Whether a message is encrypted, for all that can be told from outside.
pub(crate) fn is_encrypted(message: &Element) -> bool {
    message.children().any(is_encryption)
}

fn is_encryption(element: &Element) -> bool {
    let namespace = element.ns();
    ENCRYPTED.iter().any(|(name, begins)| element.name() == *name && namespace.starts_with(begins))
}

/// Whether the stanza is encrypted for its recipient's eyes alone, or brings a file. Its depth is bounded by whoever
/// read it.
pub(crate) fn is_sealed(stanza: &Element) -> bool {
    let namespace = stanza.ns();
    is_encryption(stanza)
        // Whatever says so of itself (XEP-0380).
        || stanza.is("encryption", "urn:xmpp:eme:0")
        || FILES.iter().any(|file| namespace.starts_with(file))
        || stanza.name() == "body" && is_unreadable(&stanza.text())
        || stanza.name() == "subject" && has_link(&stanza.text())
        || stanza.attr("href").is_some_and(has_link)
        || stanza.children().any(is_sealed)
}

fn is_unreadable(body: &str) -> bool {
    MARKS.iter().any(|mark| body.contains(mark)) || has_link(body)
}

fn has_link(text: &str) -> bool {
    text.to_ascii_lowercase().contains(LINK)
}

#[cfg(test)]
mod tests {
    use super::is_sealed;
    use crate::xml::read;

    #[test]
    fn encrypted_messages_and_files_are_told_from_others() {
        let sealed = |content: &str| {
            is_sealed(&read(&format!("<message xmlns='jabber:client'>{content}</message>")).stanza.unwrap())
        };
        assert!(sealed("<encrypted xmlns='eu.siacs.conversations.axolotl'/><body>fallback</body>"));
        assert!(sealed("<body>aesgcm://files.test/x#00</body>"));
        assert!(sealed("<x xmlns='jabber:x:oob'><url>https://files.test/x.jpg</url></x>"));
        assert!(sealed(
            "<reference xmlns='urn:xmpp:reference:0'><media-sharing xmlns='urn:xmpp:sims:1'/></reference>"
        ));
        assert!(!sealed("<body>hello, is the OTR train late?</body><request xmlns='urn:xmpp:receipts'/>"));
        assert!(!sealed("<body>como estas?otra cosa</body>"));
        assert!(!sealed("<body>begin the message with -----</body>"));
    }

    #[test]
    fn a_link_to_an_encrypted_file_is_told_in_a_subject_and_in_formatted_text() {
        let sealed = |content: &str| {
            is_sealed(&read(&format!("<message xmlns='jabber:client'>{content}</message>")).stanza.unwrap())
        };
        let formatted = |link: &str| {
            format!(
                "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>\
                 <p><a href='{link}'>x</a></p></body></html>"
            )
        };
        assert!(sealed("<subject>Aesgcm://files.test/x#00</subject>"));
        assert!(sealed(&formatted("aesgcm://files.test/x#00")));
        assert!(!sealed("<subject>an aesgcm link</subject>") && !sealed(&formatted("https://files.test/x")));
    }

    #[test]
    fn whatever_is_or_says_it_is_encrypted_is_told_in_any_version_and_case() {
        let sealed = |content: &str| {
            is_sealed(&read(&format!("<message xmlns='jabber:client'>{content}</message>")).stanza.unwrap())
        };
        for version in ["urn:xmpp:omemo:1", "urn:xmpp:omemo:2", "urn:xmpp:omemo:0"] {
            assert!(sealed(&format!("<encrypted xmlns='{version}'/>")), "{version}");
        }
        assert!(sealed("<body>AESGCM://files.test/x#00</body>"));
        assert!(sealed("<body>-----BEGIN PGP MESSAGE-----\n\nhQ==</body>"));
        assert!(sealed("<encryption xmlns='urn:xmpp:eme:0' namespace='urn:example:own'/><body>x</body>"));
    }
}
