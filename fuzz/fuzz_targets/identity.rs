//! Mail addresses, JIDs and domains: normalising twice changes nothing, and both channels agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use policy_core::identity::{Domain, Identity};
use policy_core::message;

fuzz_target!(|text: &str| {
    if let Ok(domain) = Domain::parse(text) {
        assert!(Domain::parse(domain.as_str()).as_ref() == Ok(&domain), "normalising a domain changes it");
        let _ = domain.idna2003_form();
    }
    if let Ok(domain) = Domain::parse_typed(text) {
        // Blanks around what is typed are taken off; in traffic none are left by then.
        assert!(
            Domain::parse(text.trim()).as_ref() == Ok(&domain),
            "typed and in traffic it is another domain"
        );
    }
    if let Ok(identity) = Identity::parse_mail(text) {
        stable(&identity);
    }
    if let Ok(identity) = Identity::parse_jid(text) {
        stable(&identity);
        // As XMPP shows it (XEP-0106): the same identity again, on both channels.
        // What UTS 46 makes a slash of stays in a domain that nobody can have; no JID can hold it.
        if let Some(local) = identity.local().filter(|_| !identity.domain().as_str().contains('/')) {
            let jid = format!("{}@{}", escaped(local), identity.domain());
            let again = Identity::parse_jid(&jid).ok();
            assert!(again.as_ref() == Some(&identity), "a JID in its canonical spelling is another one");
        }
    }
    for identity in message::envelope_identities(text) {
        stable(&identity);
    }
});

/// Reads it again, as a person would write it.
fn stable(identity: &Identity) {
    let shown = identity.to_string();
    let again = match identity.local() {
        Some(_) => Identity::parse_mail(&shown).ok(),
        None => Domain::parse(&shown).ok().map(Identity::from),
    };
    let key = again.as_ref().map(Identity::key);
    assert!(key == Some(identity.key()), "normalising an identity changes it: {shown:?}, {key:?}");
    if let Some(untagged) = identity.untagged() {
        assert!(!untagged.is_empty() && identity.local().is_some_and(|local| local.starts_with(untagged)));
    }
}

/// XEP-0106 section 4.2; the backslash always, so that none begins a sequence.
fn escaped(local: &str) -> String {
    let mut text = String::new();
    for c in local.chars() {
        match c {
            ' ' | '"' | '&' | '\'' | '/' | ':' | '<' | '>' | '@' | '\\' => {
                text.push_str(&format!("\\{:02x}", u32::from(c)));
            }
            _ => text.push(c),
        }
    }
    text
}
