//! What the documents say is true: examples of matching, commands, scripts, links.
//!
//! ```text
//! docs/matching.md, its tables    --> postward check --only-entries --entry ... --> stopped or not
//! README, CONTRIBUTING, docs/*.md --> postward COMMAND ... --help --> the command line is understood
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document with its path from the root.
fn documents() -> Vec<(String, String)> {
    let mut names: Vec<String> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned).into_iter().collect();
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    names.sort();
    names
        .into_iter()
        .map(|name| (name.clone(), std::fs::read_to_string(root().join(name)).unwrap()))
        .collect()
}

/// A message that has this in it, and nothing else that an example could mean.
fn message(part: &str) -> String {
    let (field, value) = part.split_once(": ").unwrap();
    let from = "From: friend@friends.example\n";
    let mime = |kind: &str| {
        format!("MIME-Version: 1.0\nContent-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n")
    };
    match field {
        "Text" => format!("{from}Subject: hello\n{}\n{value}\n", mime("text/plain")),
        "HTML" => format!("{from}Subject: hello\n{}\n{value}\n", mime("text/html")),
        "From" => format!("{part}\nSubject: hello\n\nlunch?\n"),
        "Subject" => format!("{from}{part}\n\nlunch?\n"),
        "Sender" | "Reply-To" | "To" => format!("{from}{part}\nSubject: hello\n\nlunch?\n"),
        _ => panic!("no such field: {part}"),
    }
}

/// The examples: entry, what is in the message, whether it is stopped.
fn examples(text: &str) -> Vec<(String, String, bool)> {
    let mut within = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line == "| entry | in the message | stopped |" {
            within = true;
            continue;
        }
        within &= line.starts_with('|');
        if !within || line.starts_with("|---") {
            continue;
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [entry, part, stopped] = cells[..] else { panic!("not three cells: {line}") };
        let plain = |cell: &str| {
            let cell = cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
            cell.unwrap_or_else(|| panic!("not in backticks: {line}")).to_owned()
        };
        let stopped = match stopped {
            "yes" => true,
            "no" => false,
            _ => panic!("neither yes nor no: {line}"),
        };
        found.push((plain(entry), plain(part), stopped));
    }
    found
}

#[test]
fn every_example_of_matching_is_true() -> Result<()> {
    let postward = common::postward()?;
    let folder = postward.folder().join("examples");
    std::fs::create_dir_all(&folder)?;
    let mut by_entry: BTreeMap<String, Vec<(PathBuf, String, bool)>> = BTreeMap::new();
    let examples = examples(&std::fs::read_to_string(root().join("docs/matching.md"))?);
    assert!(examples.len() > 40, "the tables of docs/matching.md aren't found");
    for (number, (entry, part, stopped)) in examples.into_iter().enumerate() {
        let file = folder.join(format!("{number}.eml"));
        std::fs::write(&file, message(&part))?;
        by_entry.entry(entry).or_default().push((file, part, stopped));
    }
    let mut wrong = Vec::new();
    for (entry, messages) in &by_entry {
        let options = ["check", "--json", "--only-entries", "--entry", entry].map(OsString::from);
        let files = messages.iter().map(|(file, ..)| file.clone().into_os_string());
        let output = postward.run(options.into_iter().chain(files))?;
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{entry}: {}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(rows.len(), messages.len(), "{entry}");
        for (file, part, stopped) in messages {
            let row = rows.iter().find(|row| row["file"].as_str() == file.to_str()).expect("a row a file");
            let expected = if *stopped { "drop" } else { "deliver" };
            if row["verdict"] != expected {
                wrong.push(format!("{entry} | {part}: {} instead of {expected}", row["verdict"]));
            }
        }
    }
    assert!(wrong.is_empty(), "docs/matching.md is wrong:\n{}", wrong.join("\n"));
    Ok(())
}

/// The lines of every block of shell commands.
fn shell_lines(text: &str) -> Vec<&str> {
    let mut within = false;
    let mut found = Vec::new();
    for line in text.lines() {
        match line.trim() {
            "```sh" => within = true,
            "```" => within = false,
            line if within => found.push(line),
            _ => {}
        }
    }
    found
}

/// A shell line's commands, each as its words; quotes are undone, a comment is left out.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let (mut word, mut quote) = (None::<String>, None::<char>);
    for char in line.chars().chain([' ']) {
        match quote {
            Some(end) if char == end => quote = None,
            Some(_) => word.get_or_insert_default().push(char),
            None if char == '#' && word.is_none() => break,
            None if char == '"' || char == '\'' => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            None if char.is_whitespace() || "&;|".contains(char) => {
                all.last_mut().unwrap().extend(word.take());
                if !char.is_whitespace() {
                    all.push(Vec::new());
                }
            }
            None => word.get_or_insert_default().push(char),
        }
    }
    assert!(quote.is_none(), "a quote isn't closed: {line}");
    all.retain(|words| !words.is_empty());
    all
}

#[test]
fn every_command_in_a_shell_block_is_understood() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, text) in documents() {
        for line in shell_lines(&text) {
            for mut words in commands(line).into_iter().filter(|words| words[0] == "postward") {
                seen += 1;
                // Everything before it is parsed, nothing is done.
                let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
                words.insert(end, "--help".to_owned());
                let mut command = Command::new(env!("CARGO_BIN_EXE_postward"));
                let output = command.args(&words[1..]).output().unwrap();
                if !output.status.success() {
                    wrong.push(format!("{name}: {line}\n{}", String::from_utf8_lossy(&output.stderr)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not understood:\n{}", wrong.join("\n"));
    assert!(seen > 15, "the shell blocks aren't found: {seen}");
}

#[test]
fn every_script_that_is_named_can_be_run() {
    let mut seen = 0;
    for (name, text) in documents() {
        let words = text.split(|char: char| !char.is_ascii_alphanumeric() && !"/-_.".contains(char));
        for word in words.filter(|word| word.starts_with("scripts/") && word.len() > "scripts/".len()) {
            let script = root().join(word.trim_end_matches('.'));
            let mode = std::fs::metadata(&script)
                .unwrap_or_else(|_| panic!("{name} names {word}, which doesn't exist"))
                .permissions()
                .mode();
            assert!(mode & 0o111 != 0, "{name} names {word}, which can't be run");
            seen += 1;
        }
    }
    assert!(seen > 10, "the scripts aren't found: {seen}");
}

/// Where the links of a document lead.
fn links(text: &str) -> Vec<&str> {
    let targets = |start: &'static str, end: char| {
        text.split(start).skip(1).filter_map(move |rest| rest.split_once(end)).map(|(target, _)| target)
    };
    targets("](", ')').chain(targets("<img src=\"", '"')).collect()
}

/// A heading's anchor, as GitHub and Forgejo make it.
fn anchor(heading: &str) -> String {
    let kept = |char: &char| char.is_alphanumeric() || " -_".contains(*char);
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(kept)
        .collect::<String>()
        .replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    let mut seen = 0;
    for (name, text) in documents() {
        for target in links(&text).into_iter().filter(|target| !target.contains(':')) {
            let (path, part) = target.split_once('#').unwrap_or((target, ""));
            let document = root().join(&name);
            let file = if path.is_empty() { document } else { document.parent().unwrap().join(path) };
            assert!(file.exists(), "{name} links to {target}, which doesn't exist");
            if !part.is_empty() {
                let there = std::fs::read_to_string(&file).unwrap();
                let mut headings = there.lines().filter(|line| line.starts_with('#'));
                assert!(headings.any(|line| anchor(line) == part), "{name}: no heading for {target}");
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "the links aren't found: {seen}");
}

/// What `file.rs::test` in backticks names.
fn named_tests(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::")).filter(|(file, name)| {
        file.ends_with(".rs") && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
    })
}

#[test]
fn every_test_that_is_named_as_a_proof_exists() {
    let mut seen = 0;
    for (document, text) in documents() {
        for (file, name) in named_tests(&text) {
            let source = std::fs::read_to_string(root().join(file))
                .unwrap_or_else(|_| panic!("{document} names {file}, which doesn't exist"));
            let before = source.split_once(&format!("fn {name}(")).map(|(before, _)| before);
            let attributes = before.and_then(|before| before.rsplit("\n\n").next()).unwrap_or_default();
            assert!(
                attributes.contains("#[test]") || attributes.contains("#[tokio::test"),
                "{document} names {file}::{name}, which is no test"
            );
            seen += 1;
        }
    }
    assert!(seen > 30, "the tables of docs/privacy.md aren't found: {seen}");
}

#[test]
fn the_readme_leads_to_every_document() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let links = links(&readme);
    for (name, _) in documents() {
        let linked = links.iter().any(|link| link.split('#').next() == Some(name.as_str()));
        assert!(linked || name == "README.md", "README.md doesn't link to {name}");
    }
}
