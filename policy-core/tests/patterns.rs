//! What a person types is taken for what it evidently means, or refused with how to write it.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]

use policy_core::identity::Identity;
use policy_core::pattern::{
    Pattern, PatternError, PatternKind, Remark, Understood, compile_regex, glob_matches, understand,
};
use policy_core::text::words::phrase_key;
use proptest::prelude::*;
use texts::Texts;

use PatternKind::{Address, AddressSha256, Domain, Regex, Words};

fn understood(typed: &str, kind: Option<PatternKind>) -> Understood {
    understand(typed, kind, false).unwrap_or_else(|error| panic!("{typed:?}: {error:?}"))
}

fn in_words(remark: &Remark) -> String {
    Texts::plain().sentence(&remark.sentence())
}

fn refused(typed: &str, kind: Option<PatternKind>) -> String {
    let error = understand(typed, kind, false).err().unwrap_or_else(|| panic!("{typed:?} was taken"));
    Texts::plain().sentence(&error.sentence())
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
fn kinds_are_guessed_as_a_person_would() {
    for (typed, kind, key, remark) in [
        ("mallory@example.lan", Address, "lan.example@mallory", None),
        ("user@localhost", Address, "localhost@user", None),
        ("example.lan", Domain, "lan.example", None),
        ("example.org.", Domain, "org.example", None),
        ("Example。ORG", Domain, "org.example", None),
        ("@example.org", Domain, "org.example", Some("the domain example.org and all its subdomains")),
        ("*@example.org", Domain, "org.example", Some("the domain example.org and all its subdomains")),
        ("*@*.example.org", Domain, "org.example", Some("the domain example.org and all its subdomains")),
        ("*.example.org", Domain, "org.example", Some("the domain example.org and all its subdomains")),
        (".example.org", Domain, "org.example", Some("the domain example.org and all its subdomains")),
        (
            "http://example.org/path",
            Domain,
            "org.example",
            Some("the domain example.org and all its subdomains"),
        ),
        (
            "HTTPS://u:p@example.org:8/x",
            Domain,
            "org.example",
            Some("the domain example.org and all its subdomains"),
        ),
        ("example.org/path", Domain, "org.example", Some("the domain example.org and all its subdomains")),
        ("example.org:25", Domain, "org.example", Some("the domain example.org and all its subdomains")),
        ("xmpp:example.org", Domain, "org.example", Some("the domain example.org and all its subdomains")),
        (
            "mailto:mallory@example.lan?subject=x",
            Address,
            "lan.example@mallory",
            Some("the address mallory@example.lan"),
        ),
        (
            "<mailto:mallory@example.lan>",
            Address,
            "lan.example@mallory",
            Some("the address mallory@example.lan"),
        ),
        (
            "<http://example.org/>",
            Domain,
            "org.example",
            Some("the domain example.org and all its subdomains"),
        ),
        ("viagra, cialis", Words, "viagra, cialis", None),
        ("mailto:mal%6Cory%40x@example.lan", Address, "", None),
        (
            "xmpp:mallory@example.lan/r?message",
            Address,
            "lan.example@mallory",
            Some("the address mallory@example.lan"),
        ),
        (
            "xmpp://me@home.lan/mallory@example.lan",
            Address,
            "lan.example@mallory",
            Some("the address mallory@example.lan"),
        ),
        (
            "mallory@example.lan/phone",
            Address,
            "lan.example@mallory",
            Some("the address mallory@example.lan"),
        ),
        ("<mallory@example.lan>", Address, "lan.example@mallory", Some("the address mallory@example.lan")),
        (
            "Mallory M. <mallory@example.lan>",
            Address,
            "lan.example@mallory",
            Some("the address mallory@example.lan"),
        ),
        (
            "\"M, @x\" <mallory@example.lan>",
            Address,
            "lan.example@mallory",
            Some("the address mallory@example.lan"),
        ),
        (
            "mallory@example.lan (Mallory)",
            Address,
            "lan.example@mallory",
            Some("the address mallory@example.lan"),
        ),
        ("\"mallory@example.lan\"", Address, "lan.example@mallory", Some("the address mallory@example.lan")),
        ("mallory@example.lan,", Address, "lan.example@mallory", Some("the address mallory@example.lan")),
        (
            "\u{202a}mallory@example.lan\u{202c}",
            Address,
            "lan.example@mallory",
            Some("the address mallory@example.lan"),
        ),
        ("mallory＠example.lan", Address, "lan.example@mallory", None),
        ("<news*@example.lan>", Address, "lan.example@news*", Some("the address news*@example.lan")),
        ("\"mal lory\"@example.lan", Address, "lan.example@mal lory", None),
        ("viagra", Words, "viagra", None),
        ("buy now", Words, "buy now", None),
        ("you win. now", Words, "you win. now", None),
        ("3.14", Words, "3.14", None),
        ("e.g.", Words, "e.g.", None),
        ("and/or", Words, "and/or", None),
        ("meet @shop now", Words, "meet @shop now", None),
        ("@mallory", Words, "@mallory", None),
        (
            "p@ssword",
            Words,
            "p@ssword",
            Some("words, as “ssword” is no known domain; for an address there, choose the kind address"),
        ),
    ] {
        if key.is_empty() {
            assert_eq!(refused(typed, None), "not an address: there is more than one @ in it");
            continue;
        }
        let understood = understood(typed, None);
        // How words are folded is the text module's business.
        let key = if kind == Words { phrase_key(typed).unwrap() } else { key.to_owned() };
        assert_eq!((understood.pattern.kind, understood.pattern.key), (kind, key), "{typed}");
        assert_eq!(understood.pattern.typed, typed.trim(), "{typed}");
        let taken = understood.remarks.iter().find_map(|remark| match remark {
            Remark::TakenAs { .. } | Remark::NotAnAddress { .. } => {
                in_words(remark).strip_prefix("taken as ").map(str::to_owned)
            }
            _ => None,
        });
        assert_eq!(taken.as_deref(), remark, "{typed}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_how_to_write_it() {
    for (typed, kind, message) in [
        ("  ", None, "nothing to match: write an address, a domain or words"),
        (
            "mallory@*.example.org",
            None,
            "not an address: in what follows the @, “*” can't stand in a domain: write the domain alone, it covers all \
             its subdomains (example.org covers mail.example.org)",
        ),
        (
            "exam*le.org",
            None,
            "not a domain: “*” can't stand in a domain: write the domain alone, it covers all its subdomains \
             (example.org covers mail.example.org)",
        ),
        (
            "mallory@",
            None,
            "not an address: there is no domain after the @: write it like mallory@example.org",
        ),
        (
            "a@example.org, b@example.org",
            None,
            "not an address: there are several addresses in it: add one entry for each",
        ),
        (
            "mailto:a@b.org,c@d.org",
            None,
            "not an address: there are several addresses in it: add one entry for each",
        ),
        (
            "A <a@b.org>, B <c@d.org>",
            None,
            "not an address: there are several addresses in it: add one entry for each",
        ),
        (
            "from mallory@example.org please",
            None,
            "not an address: there is more in it than an address: write the address alone, or choose the kind words",
        ),
        (
            "mal lory@example.org",
            Some(Address),
            "not an address: a blank can stand before the @ only in quotes: write \"mal lory\"@example.org",
        ),
        (
            "mal,lory@example.org",
            None,
            "not an address: “,” can stand before the @ only in quotes: write \"mal,lory\"@example.org",
        ),
        (
            r"mal\lory@example.org",
            None,
            "not an address: “\\” stands only before * or ? that are no wildcards: write \\\\ for it",
        ),
        (
            "\"mallory@example.org",
            None,
            "not an address: a quotation mark is not closed: write \"two words\"@example.org",
        ),
        ("\"\"@example.org", None, "not an address: the name before the @ is empty"),
        (
            "@example.org",
            Some(Address),
            "not an address: there is no name before the @; for everyone at example.org, use the domain example.org",
        ),
        ("example.org", Some(Address), "not an address: there is no @ in it"),
        (
            "mallory@example.org",
            Some(Domain),
            "not a domain: this is an address: choose the kind address, or write only what follows the @ (example.org)",
        ),
        (
            "two words",
            Some(Domain),
            "not a domain: “ ” can't stand in a domain: a domain looks like example.org",
        ),
        (
            "co.uk",
            None,
            "co.uk is a public suffix: unrelated people have domains under it, and all of them would be matched. If you \
             mean that, confirm it (the box on the page, --whole-suffix on the command line, \"confirmed\": true in a \
             file)",
        ),
        (
            "ab12",
            Some(AddressSha256),
            "hashed addresses can't be added by hand: such entries come with subscribed lists, which don't exist yet",
        ),
        (
            "a(bc",
            Some(Regex),
            "the regular expression can't be used: at character 2 (“(bc”): this ( has no )",
        ),
        (
            "äö[z-a]",
            Some(Regex),
            "the regular expression can't be used: at character 4 (“z-a]”): a range goes from the \
             lower to the higher sign, like a-z",
        ),
        (
            "(?=x)",
            Some(Regex),
            "the regular expression can't be used: at character 1 (“(?=x)”): looking ahead or back, \
             (?= and the like, can't be used",
        ),
        (
            "x*",
            Some(Regex),
            "the regular expression can't be used: it matches every text, even an empty one; write + \
             instead of *, or drop a | at its end",
        ),
        (
            "\\pL{1000}{1000}",
            Some(Regex),
            "the regular expression can't be used: it grows too large; use smaller numbers \
             in {...}, and [a-z] rather than \\w where that is enough",
        ),
        (
            "eﬀort",
            Some(Regex),
            "the regular expression can't be used: at character 2: “ﬀ” is compared as “ff”, so write \
             that (with \\ before signs that have a meaning)",
        ),
    ] {
        assert_eq!(refused(typed, kind), message, "{typed}");
    }
    assert!(refused(&format!("{}@example.org", "a".repeat(257)), None).contains("longer than 256"));
    assert!(refused(&"a".repeat(2_001), Some(Regex)).contains("longer than 2000"));
    assert!(refused(&"(".repeat(1_000), Some(Regex)).contains("character"));
}

#[test]
fn an_error_in_a_regex_points_at_the_character() {
    let Err(PatternError::Regex { at, .. }) = understand("äöü(", Some(Regex), false) else { panic!() };
    assert_eq!(at, Some(3));
}

#[test]
fn a_public_suffix_is_taken_only_when_confirmed() {
    for suffix in
        ["co.uk", "github.io", "*.xyz", ".xyz", "*@*.github.io", "kawasaki.jp", ".onion", "http://co.uk/"]
    {
        assert!(matches!(understand(suffix, None, false), Err(PatternError::WholeSuffix { .. })), "{suffix}");
        assert_eq!(understand(suffix, None, true).unwrap().pattern.kind, Domain, "{suffix}");
    }
    assert!(matches!(understand("xyz", Some(Domain), false), Err(PatternError::WholeSuffix { .. })));
    for owned in ["mallory.github.io", "localhost", "lan", "nosuchname"] {
        assert_eq!(understood(owned, Some(Domain)).pattern.kind, Domain, "{owned}");
    }
}

#[test]
fn remarks_say_what_to_know_before_saving() {
    for (typed, kind, remarks) in [
        (
            "mallory@mail.example.co.uk",
            None,
            &["to cover every address there, use the domain example.co.uk"][..],
        ),
        ("mallory@gmail.com", None, &[]),
        ("mallory@localhost", None, &[]),
        (
            "mallory+x@gmail.com",
            None,
            &[
                "this matches the address with this tag only; to match it with any tag or none, use mallory@gmail.com",
            ],
        ),
        ("/win(ner)?/i", Some(Regex), &["taken as the expression win(ner)?, without the slashes around it"]),
        ("/a/b/", Some(Regex), &[]),
        ("mallory@[192.0.2.1]", None, &[]),
        (
            "googlemail.com",
            None,
            &["gmail.com is used by very many people: everyone there would be affected"],
        ),
        (
            "*@gmail.com",
            Some(Address),
            &["gmail.com is used by very many people: everyone there would be affected"],
        ),
        ("www.example.org", None, &["to cover every address there, use the domain example.org"]),
        (
            "file.txt",
            None,
            &[
                "no domain that is known ends like file.txt: check the spelling, or choose the kind words if you meant \
               the text",
            ],
        ),
        ("ok", None, &["“ok” is very short: it may stand in messages that you want"]),
        ("会议", None, &[]),
        (
            ".",
            Some(Regex),
            &["the expression matches ordinary sentences, such as “Thanks, see you on Monday!”"],
        ),
        (r"\bwin \d+ million\b", Some(Regex), &[]),
    ] {
        let shown: Vec<String> = understood(typed, kind).remarks.iter().map(in_words).collect();
        assert_eq!(shown, remarks, "{typed}");
    }
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

#[test]
fn wildcards_cover_the_whole_name() {
    for (glob, name, matches) in [
        ("*", "", true),
        ("a*", "a", true),
        ("*a", "ba", true),
        ("*a", "ab", false),
        ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "aXcYb", false),
        ("*aab", "aaaab", true),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("?", "ß", true),
        (r"\*", "*", true),
        (r"\*", "x", false),
        (r"*\*", "x*", true),
        (r"\\*", r"\x", true),
        ("", "", true),
        ("", "a", false),
    ] {
        assert_eq!(glob_matches(glob, name), matches, "{glob} {name}");
    }
}

#[test]
fn a_hostile_name_does_not_make_wildcards_slow() {
    // Backtracking over every star would not end in the age of the universe.
    let glob = "a*".repeat(100) + "b";
    assert!(!glob_matches(&glob, &"a".repeat(20_000)));
}

/// The textbook's recursion, exponential and plainly right.
fn naive_glob(glob: &[char], name: &[char]) -> bool {
    match (glob, name) {
        ([], []) => true,
        (['*', rest @ ..], _) => naive_glob(rest, name) || (!name.is_empty() && naive_glob(glob, &name[1..])),
        (['\\', wanted, rest @ ..], [found, others @ ..]) => wanted == found && naive_glob(rest, others),
        (['?', rest @ ..], [_, others @ ..]) => naive_glob(rest, others),
        ([wanted, rest @ ..], [found, others @ ..]) => wanted == found && naive_glob(rest, others),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_glob_matcher_equals_the_textbook(glob in r"([ab?*]|\\[*?]){0,8}", name in "[ab*]{0,8}") {
        let (pattern, text): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
        prop_assert_eq!(glob_matches(&glob, &name), naive_glob(&pattern, &text));
    }

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
