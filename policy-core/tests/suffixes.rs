//! Which domains have one owner, by the Public Suffix List.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly, their helpers too")]

use std::fs;
use std::path::Path;

use policy_core::identity::Domain;
use policy_core::suffix::{SYSTEM_PATH, SuffixList, SuffixListError};

fn domain(text: &str) -> Domain {
    Domain::parse(text).unwrap()
}

#[test]
fn the_built_in_list_is_sound_and_says_its_date() {
    let list = SuffixList::embedded();
    assert!(list.is_suffix(&domain("co.uk")));
    assert_eq!(list.describe(), "the copy built into Postward, of 2023-02-09");
}

#[test]
fn suffixes_are_told_from_domains_with_an_owner() {
    let list = SuffixList::embedded();
    for suffix in [
        "com",
        "xyz",
        "co.uk",
        "github.io",
        "onion",
        "中国",
        "公司.cn",
        "ck",
        "foo.ck",
        "kawasaki.jp",
        "a.kawasaki.jp",
        "compute.amazonaws.com",
    ] {
        assert!(list.is_suffix(&domain(suffix)), "{suffix}");
        assert_eq!(list.registrable(&domain(suffix)), None, "{suffix}");
    }
    for owned in [
        "example.org",
        "mallory.github.io",
        "www.ck",
        "city.kawasaki.jp",
        "localhost",
        "lan",
        "[192.0.2.1]",
        "amazonaws.com",
        "example.lan",
    ] {
        assert!(!list.is_suffix(&domain(owned)), "{owned}");
    }
}

#[test]
fn the_registrable_domain_is_the_suffix_and_one_label_more() {
    let list = SuffixList::embedded();
    for (name, registrable) in [
        ("a.b.example.co.uk", Some("example.co.uk")),
        ("example.org", Some("example.org")),
        ("x.mallory.github.io", Some("mallory.github.io")),
        ("a.b.city.kawasaki.jp", Some("city.kawasaki.jp")),
        ("a.食狮.中国", Some("xn--85x722f.xn--fiqs8s")),
        ("mail.abcdefghij.onion", Some("abcdefghij.onion")),
        ("nas.home.lan", Some("home.lan")),
        ("localhost", None),
        ("[192.0.2.1]", None),
    ] {
        let found = list.registrable(&domain(name));
        assert_eq!(found.as_ref().map(Domain::as_str), registrable, "{name}");
    }
}

#[test]
fn endings_are_known_from_the_list_or_kept_for_private_use() {
    let list = SuffixList::embedded();
    for known in ["a.com", "a.lan", "localhost", "x.ck", "a.home.arpa", "[192.0.2.1].org"] {
        assert!(list.knows_ending_of(&domain(known)), "{known}");
    }
    for unknown in ["file.txt", "a.nosuchtld"] {
        assert!(!list.knows_ending_of(&domain(unknown)), "{unknown}");
    }
}

#[test]
fn debians_list_is_preferred_and_described_by_its_date() {
    let list = SuffixList::load(Path::new(SYSTEM_PATH)).expect("Debian's package publicsuffix is installed");
    let date = list.date().unwrap().to_string();
    assert_eq!(list.describe(), format!("{SYSTEM_PATH}, of {date}"));
    assert_eq!(SuffixList::system_or_embedded().describe(), list.describe());
}

#[test]
fn a_list_says_its_own_date_and_a_bad_one_says_what_to_do() {
    let folder = std::env::temp_dir().join(format!("postward-suffixes-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("list.dat");

    fs::write(&path, "// VERSION: 2024-11-22_08-31-25_UTC\n// ===BEGIN ICANN DOMAINS===\norg\n").unwrap();
    let list = SuffixList::load(&path).unwrap();
    assert_eq!(list.describe(), format!("{}, of 2024-11-22", path.display()));

    fs::write(&path, "<html>404</html>").unwrap();
    let error = SuffixList::load(&path).err().unwrap();
    assert!(matches!(error, SuffixListError::Malformed { .. }), "{error}");
    assert!(error.to_string().contains("install Debian's package publicsuffix anew"), "{error}");

    fs::remove_dir_all(&folder).unwrap();
    let error = SuffixList::load(&path).err().unwrap();
    assert!(matches!(error, SuffixListError::Unreadable { .. }), "{error}");
}
