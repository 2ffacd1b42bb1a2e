//! A database of each earlier schema is brought up to date, and everything that was on its lists is in force.
//!
//! ```text
//! tests/fixtures/schemas/NNNN.sqlite (scripts/schema-fixture) --> postward: migrates --> check, list
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use testbed::daemon::Postward;

fn names(folder: &str) -> Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(root)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    all.sort();
    Ok(all)
}

/// Whether the household's list keeps a mail with this sender and text away.
fn stopped(postward: &Postward, from: &str, text: &str) -> Result<bool> {
    let file = postward.folder().join("mail.eml");
    std::fs::write(&file, format!("From: {from}\r\nSubject: hello\r\n\r\n{text}\r\n"))?;
    Ok(postward.run(["check", &file.to_string_lossy()])?.status.code() == Some(1))
}

#[test]
fn after_an_upgrade_everything_is_in_force() -> Result<()> {
    let newest = names("migrations")?.len();
    for (number, fixture) in names("tests/fixtures/schemas")?.iter().enumerate() {
        let postward = common::postward()?;
        std::fs::create_dir(postward.data())?;
        std::fs::copy(fixture, postward.data().join("postward.sqlite"))?;
        let listed: serde_json::Value = serde_json::from_str(&postward.ok(["list", "--json"])?)?;
        let listed: BTreeSet<&str> =
            listed.as_array().unwrap().iter().filter_map(|entry| entry["value"].as_str()).collect();
        for value in ["Mallory@Example.net", "evil.example", "Buy Now", "switched-off.example"] {
            assert!(listed.contains(value), "{}: {listed:?}", fixture.display());
        }
        for (from, text, expected) in [
            ("mallory+tag@example.net", "hi", true),
            ("someone@sub.evil.example", "hi", true),
            ("someone@example.com", "B u y   n o w!", true),
            ("someone@switched-off.example", "hi", false),
            ("someone@past.example", "hi", false),
            ("someone@example.com", "hi", false),
        ] {
            assert_eq!(stopped(&postward, from, text)?, expected, "{}: {from}", fixture.display());
        }
        assert!(postward.ok(["member", "list"])?.contains("anna@example.org"), "{}", fixture.display());
        let copy = postward.data().join(format!("before-schema-{newest:04}.sqlite"));
        assert_eq!(copy.exists(), number + 1 < newest, "{}", copy.display());
        if copy.exists() {
            assert_eq!(std::fs::metadata(&copy)?.permissions().mode() & 0o777, 0o600);
        }
    }
    Ok(())
}

#[test]
fn two_copies_from_before_upgrades_are_kept() -> Result<()> {
    let postward = common::postward()?;
    std::fs::create_dir(postward.data())?;
    let first = names("tests/fixtures/schemas")?.remove(0);
    std::fs::copy(first, postward.data().join("postward.sqlite"))?;
    for old in ["before-schema-0000.sqlite", "before-schema-0001.sqlite"] {
        std::fs::write(postward.data().join(old), "")?;
    }
    postward.ok(["list"])?;
    assert!(!postward.data().join("before-schema-0000.sqlite").exists());
    assert!(postward.data().join("before-schema-0001.sqlite").exists());
    Ok(())
}
