//! What a typed pattern is taken for, and what is refused.

use policy_core::pattern::PatternKind::{self, Address, AddressSha256, Domain, Regex, Words};
use policy_core::pattern::{PatternError, Remark, understand};
use policy_core::text::words::phrase_key;
use texts::Texts;

use super::understood;

fn in_words(remark: &Remark) -> String {
    Texts::plain().sentence(&remark.sentence())
}

fn refused(typed: &str, kind: Option<PatternKind>) -> String {
    let error = understand(typed, kind, false).err().unwrap_or_else(|| panic!("{typed:?} was taken"));
    Texts::plain().sentence(&error.sentence())
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
