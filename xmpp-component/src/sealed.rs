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

/// OMEMO (XEP-0384, today's and the one before), OpenPGP (XEP-0373, XEP-0027), encrypted files (XEP-0448).
const ENCRYPTED: [(&str, &str); 5] = [
    ("encrypted", "eu.siacs.conversations.axolotl"),
    ("encrypted", "urn:xmpp:omemo:2"),
    ("openpgp", "urn:xmpp:openpgp:0"),
    ("x", "jabber:x:encrypted"),
    ("encrypted", "urn:xmpp:esfs:0"),
];

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
    message.children().any(|child| ENCRYPTED.contains(&(child.name(), child.ns().as_str())))
}

/// Whether the stanza is encrypted for its recipient's eyes alone, or brings a file. Its depth is bounded by whoever
/// read it.
pub(crate) fn is_sealed(stanza: &Element) -> bool {
    let namespace = stanza.ns();
    ENCRYPTED.contains(&(stanza.name(), namespace.as_str()))
        || FILES.iter().any(|file| namespace.starts_with(file))
        // The links that clients make of encrypted files (XEP-0454), and OTR.
        || stanza.name() == "body" && ["aesgcm://", "?OTR"].iter().any(|mark| stanza.text().contains(mark))
        || stanza.children().any(is_sealed)
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
        assert!(!sealed("<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:omemo:2'/><body>x</body>"));
    }
}
