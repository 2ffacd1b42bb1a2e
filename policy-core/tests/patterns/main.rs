//! What a person types is taken for what it evidently means, or refused with how to write it.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]

mod reading;
mod wildcards;

use policy_core::identity::Identity;
use policy_core::pattern::{Pattern, PatternKind, Understood, compile_regex, glob_matches, understand};
use proptest::prelude::*;

use PatternKind::{Address, Domain, Regex, Words};

fn understood(typed: &str, kind: Option<PatternKind>) -> Understood {
    understand(typed, kind, false).unwrap_or_else(|error| panic!("{typed:?}: {error:?}"))
}

/// The plainest reading of what a key covers, for address and domain patterns.
fn covers(pattern: &Pattern, identity: &Identity) -> bool {
    let domain = identity.domain().key();
    match pattern.kind {
        Domain => domain == pattern.key || domain.starts_with(&format!("{}.", pattern.key)),
        Address => {
            let names = [identity.local(), identity.untagged()].into_iter().flatten();
            let (labels, wanted) = pattern.key.split_once('@').unwrap();
            let matches =
                |name: &str| if pattern.is_glob() { glob_matches(wanted, name) } else { wanted == name };
            labels == domain && names.into_iter().any(matches)
        }
        _ => panic!("not an identity's pattern"),
    }
}

/// The design's table: pattern | matches | must not match.
#[test]
fn patterns_match_what_the_design_says_and_nothing_else() {
    let table: &[(&str, &[&str], &[&str])] = &[
        (
            "mallory@example.org",
            &[
                "mallory@example.org",
                "Mallory@Example.Org",
                "mallory+shop@example.org",
                "\"mallory\"@example.org",
                "\"mal\\lory\"@example.org.",
                "mallory@ｅｘａｍｐｌｅ．org",
            ],
            &[
                "mallory2@example.org",
                "xmallory@example.org",
                "mallory@sub.example.org",
                "mallory@notexample.org",
                "mallory@example.org.evil.net",
                "mal.lory@example.org",
            ],
        ),
        (
            "mallory@straße.example",
            &["mallory@STRAẞE.example", "mallory@xn--strae-oqa.example", "mallory@XN--STRAE-OQA.example"],
            &["mallory@strasse.example"],
        ),
        (
            "mallory+shop@example.org",
            &["Mallory+Shop@example.org"],
            &["mallory@example.org", "mallory+other@example.org", "mallory+shop+2@example.org"],
        ),
        ("john.doe@gmail.com", &["johndoe@googlemail.com", "J.Ohn.Doe+x@gmail.com"], &["johndoe2@gmail.com"]),
        ("news*@example.org", &["news@example.org", "newsletter+x@example.org"], &["xnews@example.org"]),
        (
            "a.*@example.org",
            &["a.b@example.org", "a.@example.org"],
            &["axb@example.org", "a.b@sub.example.org"],
        ),
        (
            "user?@example.org",
            &["user1@example.org", "userä+x@example.org"],
            &["user@example.org", "user12@example.org"],
        ),
        ("user?@ＥＸＡＭＰＬＥ.org", &["user1@example.org"], &["user@example.org"]),
        ("j.d*e@googlemail.com", &["jd.oe@gmail.com", "j.d.e@gmail.com"], &["jxe@gmail.com"]),
        (r"a\*b@example.org", &["a*b@example.org"], &["axb@example.org", r"a\*b@example.org"]),
        ("\"a*b\"@example.org", &["a*b@example.org"], &["axb@example.org"]),
        (r"a\*?@example.org", &["a*b@example.org"], &["axb@example.org", "a*@example.org"]),
        (r"a\\b@example.org", &["\"a\\\\b\"@example.org"], &["ab@example.org"]),
        (r"two\20words@example.org", &["\"two words\"@example.org"], &["two@example.org"]),
        (
            "prvs=4078a1b2c3=mallory@example.org",
            &["mallory@example.org"],
            &["prvs=0000000000=mallory@example.org"],
        ),
        (
            "example.org",
            &[
                "x@example.org",
                "x@a.b.example.org",
                "x@EXAMPLE.org.",
                "x@xn--.example.org",
                "x@a\u{378}.example.org",
            ],
            &[
                "x@notexample.org",
                "x@example.org.evil.net",
                "\"x@example.org\"@evil.net",
                "example.org@evil.net",
            ],
        ),
        ("192.0.2.1", &["x@[192.0.2.1]", "x@192.0.2.1"], &["x@192.0.2.10", "x@1.192.0.2.1"]),
        ("[IPv6:2001:db8::1]", &["x@[IPv6:2001:DB8:0::1]", "x@[2001:db8::1]"], &["x@[IPv6:2001:db8::11]"]),
        ("abcdefghij.onion", &["x@abcdefghij.onion", "x@mail.ABCDEFGHIJ.onion"], &["x@xabcdefghij.onion"]),
    ];
    for (typed, matching, others) in table {
        let pattern = understood(typed, None).pattern;
        for address in *matching {
            assert!(
                covers(&pattern, &Identity::parse_mail(address).unwrap()),
                "{typed} should cover {address}"
            );
        }
        for address in *others {
            assert!(
                !covers(&pattern, &Identity::parse_mail(address).unwrap()),
                "{typed} should not cover {address}"
            );
        }
    }
}

#[test]
fn an_address_is_the_same_on_mail_and_on_chat() {
    let jid = |text| Identity::parse_jid(text).unwrap();
    assert!(covers(&understood("Mallory@example.org", None).pattern, &jid("mallory@example.org/phone")));
    let phone = understood("+4915112345678@gateway.example", None).pattern;
    assert!(covers(&phone, &jid("+4915112345678@gateway.example/x")));
    assert!(!covers(&understood("mallory@example.org", None).pattern, &jid("mallory+x@example.org")));
}

#[test]
fn a_regex_ignores_case_and_knows_unicode() {
    for (expression, text) in
        [(r"straße \d{2}", "STRAẞE ４２"), ("u\u{308}ber", "ÜBER"), ("ΣΊΣΥΦΟΣ", "σίσυφος")]
    {
        let pattern = understood(expression, Some(Regex)).pattern;
        assert!(compile_regex(&pattern.key).unwrap().is_match(text), "{expression}");
    }
}

#[test]
fn xmpp_servers_show_some_domains_under_another_key() {
    for (typed, key) in [
        ("straße.example", Some("example.strasse")),
        ("mallory@straße.example", Some("example.strasse@mallory")),
        ("mal*@a.straße.example", Some("example.strasse.a@mal*")),
        ("münchen.example", None),
        ("example.org", None),
        ("[192.0.2.1]", None),
        ("straße", None),
    ] {
        assert_eq!(understood(typed, None).pattern.xmpp_key().as_deref(), key, "{typed}");
    }
}

#[test]
fn patterns_are_not_shown_when_debugged() {
    assert_eq!(format!("{:?}", understood("mallory@example.lan", None).pattern), "Pattern(Address)");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn an_entry_matches_itself_in_every_spelling(
        local in r"[a-zA-Zäß0-9]([a-zA-Zäß0-9._=-]{0,10}[a-z0-9])?(\+[a-z0-9]{1,3})?",
        domain in r"[a-zäöß]{1,10}(\.[a-zàç]{1,10})?\.(org|example|中国)",
        spelling in 0..6,
    ) {
        let typed = format!("{local}@{domain}");
        let address = understood(&typed, Some(Address)).pattern;
        let whole = understand(&domain, Some(Domain), true).unwrap().pattern;
        let written = match spelling {
            0 => typed,
            // In a domain, ß and ss are two letters (IDNA2008).
            1 => typed.replace('ß', "ẞ").to_uppercase(),
            2 => format!("\"{local}\"@{domain}."),
            3 => format!("{local}@{}", idna::domain_to_ascii(&domain).unwrap().to_uppercase()),
            4 => format!("{local}@{}", domain.replace('.', "。")),
            _ => Identity::parse_mail(&typed).unwrap().to_string(),
        };
        let identity = Identity::parse_mail(&written).unwrap();
        prop_assert!(covers(&address, &identity), "{}", written);
        prop_assert!(covers(&whole, &identity), "{}", written);
        prop_assert_eq!(identity.key(), address.key);
    }

    #[test]
    fn a_stored_value_read_again_gives_the_same_key(typed in r#"([a-z@.*?\\"/<>: ()ßä\[\]1]|mailto:|\.org|@example\.org){0,8}"#) {
        if let Ok(first) = understand(&typed, None, true) {
            let again = understand(&first.pattern.typed, Some(first.pattern.kind), true).map(|again| again.pattern);
            prop_assert_eq!(again.map(|again| again.key), Ok(first.pattern.key));
        }
    }

    #[test]
    fn nothing_typed_panics(typed in ".{0,40}", kind in prop::sample::select(vec![Address, Domain, Words, Regex])) {
        let _ = understand(&typed, Some(kind), false);
        let _ = understand(&typed, None, true);
    }
}
