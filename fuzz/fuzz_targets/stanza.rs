//! XMPP stanzas: whatever a stranger wrote is read as far as it goes, and what it says is not lost.
#![no_main]

use libfuzzer_sys::fuzz_target;
use policy_core::identity::Identity;

use crate::stanza::Asked;

// The door's own modules: they are no part of its crate's interface. They bring `minidom` along.
#[path = "../../xmpp-component/src/fallback.rs"]
mod fallback;
#[path = "../../xmpp-component/src/links.rs"]
mod links;
#[path = "../../xmpp-component/src/shown.rs"]
mod shown;
#[path = "../../xmpp-component/src/stanza.rs"]
mod stanza;
#[path = "../../xmpp-component/src/typed.rs"]
mod typed;
#[path = "../../xmpp-component/src/xml.rs"]
mod xml;

fuzz_target!(|text: &str| {
    for into_room in [false, true] {
        let read = xml::read(text);
        if let Some(stanza) = &read.stanza {
            stanza::forged_carbon(stanza);
        }
        let broken = read.broken;
        let host = Identity::parse_jid("one.example").ok();
        let occupant = into_room.then_some("mallory@evil.example/phone");
        let asked = Asked { host, occupant, into_room, ..Asked::default() };
        let candidate = stanza::candidate(read, text, &asked);
        assert!(candidate.recipients.len() == 1, "nobody is asked for");
        if broken {
            assert!(candidate.cut_short, "unreadable, and it doesn't say so");
            let raw = candidate.texts.iter().any(|found| found.shown == text);
            assert!(raw || text.trim().is_empty(), "unreadable, and its bytes aren't judged");
        }
        // A body's text is there twice at most, in pieces and in one; an attribute's once. What fallbacks leave of bodies has
        // a limit of its own.
        let bytes: usize = candidate.texts.iter().map(|found| found.shown.len()).sum();
        assert!(bytes <= 16 * text.len() + (1 << 20), "far more text than was written");
    }
});
