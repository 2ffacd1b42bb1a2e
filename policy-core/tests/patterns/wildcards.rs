//! `*` and `?` in the name of an address.

use policy_core::pattern::glob_matches;
use proptest::prelude::*;

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
}
