//! What is asked for is there, and what is there is asked for.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Attribute, Entry};
use policy_core::chain::Link;
use policy_core::sentence::Sentence;
use texts::Texts;

/// What asks for texts: page, program, core, doors.
const ASKING: [&str; 7] =
    ["web/templates", "web/src", "src", "policy-core/src", "texts/src", "xmpp-component/src", "milter/src"];

fn read(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| if path.is_dir() { read(&path) } else { std::fs::read_to_string(path).unwrap() })
        .collect()
}

/// Everything that asks, with nothing between a bracket and what stands in it.
fn asking() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let all: String = ASKING.iter().map(|folder| read(&root.join(folder))).collect();
    let mut joined = String::with_capacity(all.len());
    for line in all.lines().map(str::trim_start) {
        if !joined.ends_with('(') {
            joined.push('\n');
        }
        joined.push_str(line);
    }
    joined
}

/// The texts, and whether each has something to do about it.
fn known() -> BTreeMap<String, bool> {
    let mut known = BTreeMap::new();
    for file in texts::ENGLISH {
        let resource = FluentResource::try_new(file.to_owned()).expect("every line can be read");
        for entry in resource.entries() {
            if let Entry::Message(message) = entry {
                let remedy = message.attributes.iter().any(|Attribute { id, .. }| id.name == "remedy");
                let before = known.insert(message.id.name.to_owned(), remedy);
                assert!(before.is_none(), "{} is there twice", message.id.name);
            }
        }
    }
    known
}

fn named_after<'a>(asking: &'a str, call: &str) -> impl Iterator<Item = &'a str> {
    asking.split(call).skip(1).filter_map(|after| after.split('"').next())
}

#[test]
fn every_text_that_is_asked_for_exists_and_every_text_is_asked_for() {
    let (known, asking) = (known(), asking());
    for id in known.keys() {
        // Or another text holds it.
        let within = [format!("{{ {id} }}"), format!("{{ {id}.remedy }}")];
        let held = texts::ENGLISH.iter().any(|file| within.iter().any(|part| file.contains(part)));
        assert!(held || asking.contains(&format!("\"{id}\"")), "nobody asks for {id}");
    }
    let calls = [
        "say(\"",
        ".with(\"",
        ".count(\"",
        ".counted(\"",
        ".with_all(\"",
        "Sentence::of(\"",
        "because(\"",
        "about(\"",
        "naming(\"",
        "refused(\"",
    ];
    for call in calls {
        for id in named_after(&asking, call) {
            // A sentence fills its gaps by a function of the same name; SMTP is spoken by another.
            let is_gap = call == ".with(\"" && !id.contains('-');
            let is_id = id.starts_with(|char: char| char.is_ascii_lowercase());
            assert!(is_gap || !is_id || known.contains_key(id), "{id} isn't in the English texts");
        }
    }
}

#[test]
fn what_does_not_hold_has_a_remedy_and_what_holds_has_none() {
    let (known, asking) = (known(), asking());
    let mut seen = BTreeSet::new();
    for (call, wanted) in [("Link::good(", false), ("Link::worth_knowing(", true), ("Link::bad(", true)] {
        for after in asking.split(call).skip(1) {
            // Where the sentence is made right there; `Texts::link` looks at all the others.
            let Some((before, _)) = after.split_once("Sentence::of(\"") else { continue };
            let Some(id) =
                named_after(after, "Sentence::of(\"").next().filter(|_| !before.contains(['(', ';', '}']))
            else {
                continue;
            };
            assert_eq!(known.get(id), Some(&wanted), "{call}…{id}");
            seen.insert(id.to_owned());
        }
    }
    assert!(seen.len() > 40, "{seen:?}");
}

#[test]
fn a_command_that_is_copied_from_the_page_holds_no_invisible_characters() {
    let says = Sentence::of("size-unlimited").with("scanned", 16).with("scan", 16 << 20);
    let link = Texts::english().link(&Link::worth_knowing("mail-size", says));
    let remedy = link.remedy.unwrap();
    assert!(remedy.contains("`postconf -e message_size_limit=16777216`"), "{remedy}");
}

/// A gap that is misspelt in a text is shown as it is written there.
#[test]
fn every_gap_of_a_text_is_filled_by_somebody() {
    let asking = asking();
    for file in texts::ENGLISH {
        for gap in file.split("{ $").skip(1).filter_map(|after| after.split([' ', '}']).next()) {
            assert!(asking.contains(&format!("\"{gap}\"")) || gap == "count", "nobody fills {gap}");
        }
    }
}
