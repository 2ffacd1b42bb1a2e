//! One normalisation for entries and traffic: what is the same person stays the same, however it is written.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "tests may fail loudly, their helpers too")]

use policy_core::identity::{Domain, DomainError, Identity};
use proptest::prelude::*;
use texts::Texts;

fn mail(text: &str) -> Identity {
    Identity::parse_mail(text).unwrap_or_else(|error| panic!("{text:?}: {error:?}"))
}

fn jid(text: &str) -> Identity {
    Identity::parse_jid(text).unwrap_or_else(|error| panic!("{text:?}: {error:?}"))
}

#[test]
fn spellings_of_one_domain_are_one_domain() {
    let spellings: &[(&str, &[&str])] = &[
        (
            "example.org",
            &[
                "Example.ORG",
                "example.org.",
                "example.org..",
                "ｅｘａｍｐｌｅ．ｏｒｇ",
                "example。org",
                "example｡org",
                "exam\u{ad}ple.org",
                "exam\u{200b}ple.org",
                "exam\u{202e}ple.org",
                "exam\u{200d}ple.org",
                " example . org ",
                "exam\r\n ple.org",
                "example..org",
                ".example.org",
            ],
        ),
        (
            "xn--strae-oqa.example",
            &["straße.example", "STRAẞE.example", "XN--STRAE-OQA.EXAMPLE", "xn--StraE-OQA.example."],
        ),
        ("xn--mnchen-3ya.example", &["münchen.example", "mu\u{308}nchen.example", "MÜNCHEN.EXAMPLE"]),
        ("xn--fiqs8s", &["中国", "XN--FIQS8S"]),
        ("_dmarc.example.org", &["_DMARC.Example.org"]),
        ("-odd-.example.org", &["-Odd-.example.org"]),
        ("xn--zckzah.onion", &["テスト.onion"]),
        (
            "[192.0.2.1]",
            &[
                "192.0.2.1",
                "[192.0.2.1]",
                "192.000.002.001",
                "１９２.0.2.1",
                "::ffff:192.0.2.1",
                "192.0.2.1.",
                "[IPv6:::ffff:192.0.2.1]",
                "[ipv6:::FFFF:C000:0201]",
                "[0xC0.0x0.0x2.0x1]",
                "[0300.0.02.01]",
                "[0xc0000201]",
                "[3221225985]",
                "[192.0.513]",
                "[192.513]",
            ],
        ),
        (
            "[IPv6:2001:db8::1]",
            &["[IPv6:2001:DB8:0:0::1]", "[2001:db8::1]", "2001:db8:0::1", "[ipv6:2001:db8::1]"],
        ),
        ("gmail.com", &["googlemail.com", "GoogleMail.com."]),
        ("xn--i-7iq.example", &["i❤.example", "I❤️。EXAMPLE.", "XN--I-7IQ.example"]),
        (
            "expyuzz4wqqyqhjn.onion",
            &["ExpyuZZ4wqqyqhjn.ONION.", "expyuzz4wqqyqhjn．onion", "expyuzz4wqqyqhjn。on\u{ad}ion"],
        ),
        ("my_host.example.org", &["My_Host.example.org", "my＿host.example.org"]),
    ];
    for (normal, spellings) in spellings {
        for spelling in spellings.iter().chain([normal]) {
            assert_eq!(Domain::parse(spelling).unwrap().as_str(), *normal, "{spelling:?}");
        }
    }
}

#[test]
fn what_idna_refuses_still_gets_a_form_and_hides_no_label_beside_it() {
    for hostile in [
        "xn--\u{80}.Straße.example",
        "XN--A.straße.example",
        "xn--.straße.example",
        "a\u{378}.straße.example",
        "\u{301}a.straße.example",
        "אa.straße.example",
        "a b\u{0}<>%.straße.example",
        "[x].straße.example",
    ] {
        let domain = Domain::parse(hostile).unwrap();
        assert!(domain.key().starts_with("example.xn--strae-oqa."), "{hostile:?}: {}", domain.as_str());
    }
    assert_eq!(Domain::parse(""), Err(DomainError::Empty));
    assert_eq!(Domain::parse(" . "), Err(DomainError::Empty));
}

#[test]
fn an_endless_domain_is_compared_by_its_right_end() {
    let endless = "a.".repeat(1 << 20) + "evil.example";
    let domain = Domain::parse(&endless).unwrap();
    assert!(domain.key().starts_with("example.evil.a."));
    assert!(domain.as_str().len() <= 1024);
    assert!(Domain::parse(&"ß".repeat(1 << 20)).is_ok());
    for padding in [" ", ".", "\u{ad}", "。\u{200b}", "\r\n ", "]"] {
        let padded = format!("x.straße.{0}example{0}", padding.repeat(2_000));
        assert_eq!(Domain::parse(&padded).unwrap().key(), "example.xn--strae-oqa.x", "{padding:?}");
    }
}

#[test]
fn keys_have_the_labels_from_the_right() {
    assert_eq!(Domain::parse("a.b.example.org").unwrap().key(), "org.example.b.a");
    assert_eq!(Domain::parse("[192.0.2.1]").unwrap().key(), "[192.0.2.1]");
    assert_eq!(mail("Mallory+x@b.Example.org").key().to_owned(), "org.example.b@mallory+x");
}

#[test]
fn spellings_of_one_address_are_one_identity() {
    for spelling in [
        "mallory@example.org",
        "MALLORY@EXAMPLE.ORG.",
        "\"mallory\"@example.org",
        "\"mal\\lory\"@example.org",
        "\"mal\"lory@example.org",
        " <mallory@example.org> ",
        "@relay.example,@b.example:mallory@example.org",
        "ｍａｌｌｏｒｙ@example.org",
        "mal\u{200b}lory@example.org",
        "mal lory@example.org",
        "mallory＠example.org",
    ] {
        let identity = mail(spelling);
        assert_eq!(identity.to_string(), "mallory@example.org", "{spelling:?}");
        assert_eq!(identity, jid("Mallory@example.org/phone"), "{spelling:?}");
    }
    assert_eq!(mail("STRASSE@example.org"), mail("straße@example.org"));
    assert_eq!(mail("σίσυφος@example.org"), mail("ΣΊΣΥΦΟΣ@example.org"));
}

#[test]
fn sub_addresses_are_cut_but_never_to_nothing() {
    for (address, untagged) in [
        ("mallory+shop@example.org", Some("mallory")),
        ("mallory+a+b@example.org", Some("mallory")),
        ("mallory+@example.org", Some("mallory")),
        ("+shop@example.org", None),
        ("mallory-shop@example.org", None),
        ("mallory@example.org", None),
    ] {
        assert_eq!(mail(address).untagged(), untagged, "{address}");
    }
}

#[test]
fn gmail_ignores_dots_and_has_two_names() {
    for spelling in ["J.o.h.n.Doe@googlemail.com", "johndoe@gmail.com", "\"john.doe\"@GMAIL.com"] {
        assert_eq!(mail(spelling).to_string(), "johndoe@gmail.com");
    }
    let tagged = mail("john.doe+a.b@gmail.com");
    assert_eq!((tagged.local(), tagged.untagged()), (Some("johndoe+a.b"), Some("johndoe")));
    assert_eq!(jid("john.doe@gmail.com"), mail("johndoe@gmail.com"));
    assert_ne!(mail("john.doe@example.org"), mail("johndoe@example.org"));
}

#[test]
fn jids_are_compared_whole_and_without_resource() {
    assert_eq!(jid("+4915112345678@gateway.example/x@y/z").local(), Some("+4915112345678"));
    assert_eq!(jid("mallory+x@example.org").untagged(), None);
    assert_eq!(jid("example.org/resource").local(), None);
    assert_eq!(jid(r"d\27artagnan@example.org").local(), Some("d'artagnan"));
    assert_eq!(jid(r"treville\5c40musketeers@example.org").local(), Some(r"treville\40musketeers"));
    assert_eq!(jid(r"two\20words@example.org"), mail("\"two words\"@example.org"));
    assert_eq!(
        jid(r"user\40mail.example@gateway.example").to_string(),
        "\"user@mail.example\"@gateway.example"
    );
    assert_eq!(jid(r"odd\2@example.org").local(), Some(r"odd\2"));
}

#[test]
fn an_address_without_a_name_is_its_domain() {
    for text in ["@example.org", "\"\"@example.org"] {
        assert_eq!((mail(text).local(), mail(text).domain().as_str()), (None, "example.org"));
    }
    assert!(Identity::parse_mail("example.org").is_err());
    assert!(Identity::parse_mail("mallory@").is_err());
}

#[test]
fn envelope_wrappings_show_whom_they_wrap() {
    for (envelope, wrapped) in [
        ("prvs=4078a1b2c3=mallory@example.org", &["mallory@example.org"][..]),
        ("PRVS=4078A1B2C3=Mallory@example.org", &["mallory@example.org"]),
        ("prvs=mallory=4078a1b2c3@example.org", &["mallory@example.org"]),
        ("prvs=mallory/4078a1b2c3@example.org", &["mallory@example.org"]),
        ("btv1==123456789ab==mallory@example.org", &["mallory@example.org"]),
        ("msprvs1=17480abcdef=mallory@example.org", &["mallory@example.org"]),
        ("SRS0=HHH=TT=example.org=mallory@forward.example", &["mallory@example.org"]),
        ("srs0+HHH=TT=example.org=mal=lory@forward.example", &["mal=lory@example.org"]),
        (
            "SRS1=HHH=forward.example==HHH=TT=example.org=mallory@second.example",
            &["srs0=hhh=tt=example.org=mallory@forward.example", "mallory@example.org"],
        ),
        (
            "SRS0=HHH=TT=example.org=prvs=4078a1b2c3=mallory@forward.example",
            &["prvs=4078a1b2c3=mallory@example.org", "mallory@example.org"],
        ),
        ("\"prvs=4078a1b2c3=mallory\"@example.org", &["mallory@example.org"]),
        ("prvs=@example.org", &[]),
        ("SRS0=HHH=TT==@example.org", &[]),
        ("SRS1=x@example.org", &[]),
        ("mallory=example.org@list.example", &[]),
    ] {
        let (local, domain) = envelope.rsplit_once('@').unwrap();
        let identities = Identity::unwrapped(local, domain);
        let shown: Vec<String> = identities.iter().skip(1).map(ToString::to_string).collect();
        assert_eq!(identities.first(), Some(&mail(envelope)));
        assert_eq!(shown, wrapped, "{envelope}");
    }
}

#[test]
fn a_route_written_into_the_local_part_is_not_whose_address_it_is() {
    // Design, "What matches what": a domain doesn't match inside a local part.
    for address in [
        "mallory%example.org@gateway.example",
        "example.org!mallory@gateway.example",
        "mallory=example.org@gateway.example",
        "\"mallory@example.org\"@gateway.example",
    ] {
        let (local, domain) = address.rsplit_once('@').unwrap();
        let identities = Identity::unwrapped(local, domain);
        assert_eq!(identities.len(), 1, "{address}");
        assert_eq!(identities[0].domain().as_str(), "gateway.example", "{address}");
    }
}

#[test]
fn what_looks_like_numbers_but_is_no_address_stays_a_name() {
    for name in [
        "256.256.256.256",
        "1.2.3.4.5",
        "0x.example",
        "1.2.3.0x100",
        "4294967296",
        "09.example",
        "123.example",
        "3.14",
        "2130706433",
    ] {
        assert!(!Domain::parse(name).unwrap().is_ip(), "{name}");
    }
}

#[test]
fn the_other_separators_of_srs_wrap_the_same_address() {
    for envelope in [
        "SRS0-HHH=TT=example.org=mallory@forward.example",
        "SRS0+HHH=TT=example.org=mallory@forward.example",
        "SRS1=HHH=forward.example=+HHH=TT=example.org=mallory@second.example",
        "SRS1-HHH=forward.example=-HHH=TT=example.org=mallory@second.example",
        "sRs0=hhh=tt=EXAMPLE.org=Mallory@forward.example",
    ] {
        let (local, domain) = envelope.rsplit_once('@').unwrap();
        let identities = Identity::unwrapped(local, domain);
        assert_eq!(identities.last(), Some(&mail("mallory@example.org")), "{envelope}");
    }
}

#[test]
fn nested_wrappings_end() {
    let deep = "SRS0=H=T=a.example=".repeat(10_000) + "x";
    assert!(Identity::unwrapped(&deep, "example.org").len() <= 5);
}

#[test]
fn typed_domains_are_refused_with_what_is_wrong() {
    for (typed, message) in [
        ("", "there is no domain: a domain looks like example.org"),
        ("exa mple.org", "“ ” can't stand in a domain: a domain looks like example.org"),
        ("example.org/x", "“/” can't stand in a domain: a domain looks like example.org"),
        (
            "exam*le.org",
            "“*” can't stand in a domain: write the domain alone, it covers all its subdomains (example.org covers \
             mail.example.org)",
        ),
        ("example..org", "something is missing between two dots: a domain looks like example.org"),
        (
            "xn--a.example",
            "“xn--a” is not a valid international name: write it as a web browser shows it, or its xn-- form",
        ),
        (
            "[example.org]",
            "there is no IP address in the brackets: write it like [192.0.2.1] or [IPv6:2001:db8::1]",
        ),
        (
            "[192.0.2.256]",
            "there is no IP address in the brackets: write it like [192.0.2.1] or [IPv6:2001:db8::1]",
        ),
    ] {
        let error = Domain::parse_typed(typed).unwrap_err();
        assert_eq!(Texts::plain().sentence(&error.sentence()), message, "{typed:?}");
    }
    assert_eq!(Domain::parse_typed(&format!("{}.org", "a".repeat(64))), Err(DomainError::TooLong));
    assert_eq!(Domain::parse_typed(&"abcdefghi.".repeat(26)), Err(DomainError::TooLong));
    assert_eq!(Domain::parse_typed("Straße.Example.").unwrap().as_str(), "xn--strae-oqa.example");
}

#[test]
fn idna2003_shows_four_letters_otherwise() {
    for (domain, shown) in [
        ("straße.example", Some("strasse.example")),
        ("βόλος.example", Some("xn--nxasmq6b.example")),
        ("نامه\u{200c}ای.example", Some("نامهای.example")),
        ("münchen.example", None),
        ("example.org", None),
    ] {
        let shown = shown.map(|shown| Domain::parse(shown).unwrap().as_str().to_owned());
        let form = Domain::parse(domain).unwrap().idna2003_form();
        assert_eq!(form.map(|form| form.as_str().to_owned()), shown, "{domain}");
    }
}

#[test]
fn shared_providers_are_listed_in_the_form_that_is_compared() {
    let mut seen = std::collections::HashSet::new();
    let lines = include_str!("../data/shared-providers.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let domain = Domain::parse_typed(line).unwrap();
        assert_eq!(domain.as_str(), line);
        assert!(domain.is_shared_provider() && seen.insert(line), "{line}");
    }
    assert!(!Domain::parse("example.org").unwrap().is_shared_provider());
}

#[test]
fn identities_are_not_shown_when_debugged() {
    let identity = mail("mallory@example.org");
    assert_eq!(format!("{identity:?} {:?}", identity.domain()), "Identity(..) Domain(..)");
}

/// Letters that have given folding trouble somewhere, and whatever else there is.
fn text() -> impl Strategy<Value = String> {
    let awkward = prop::sample::select(
        "aZ.@+\"\\ \t=[]:/*?-_ßẞİıſKΣςϐ\u{345}ﬁㅤ\u{ad}\u{200d}\u{200c}\u{301}\u{1e9e}①⒈….。．｡＠［］xn--1אبक्ﷺ"
            .chars()
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(prop_oneof![awkward, any::<char>()], 0..24).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn normalising_a_domain_twice_changes_nothing(text in text()) {
        if let Ok(domain) = Domain::parse(&text) {
            prop_assert_eq!(Domain::parse(domain.as_str()).map(|again| again.to_string()), Ok(domain.to_string()));
        }
    }

    #[test]
    fn normalising_an_address_twice_changes_nothing(local in text(), domain in text()) {
        if let Ok(identity) = Identity::from_mail(&local, &domain) {
            let again = match identity.local() {
                Some(_) => mail(&identity.to_string()),
                None => mail(&format!("@{identity}")),
            };
            prop_assert_eq!(again.key(), identity.key());
            prop_assert_eq!(again.untagged(), identity.untagged());
        }
    }

    #[test]
    fn case_never_matters(local in "[a-zäöüéñß]{1,12}", domain in "[a-zäöü]{1,12}\\.[a-z]{2,6}") {
        let written = format!("{local}@{domain}");
        prop_assert_eq!(mail(&written.to_uppercase()), mail(&written));
    }

    #[test]
    fn a_domain_that_may_be_typed_reads_the_same_in_traffic(text in text()) {
        if let Ok(domain) = Domain::parse_typed(&text) {
            prop_assert_eq!(Domain::parse(&text).map(|traffic| traffic.to_string()), Ok(domain.to_string()));
        }
    }

    #[test]
    fn nothing_in_an_envelope_panics(local in text(), domain in text(), scheme in "(SRS0=|SRS1=|prvs=|btv1==)?") {
        Identity::unwrapped(&format!("{scheme}{local}"), &domain);
    }
}
