//! Prosody's configuration, which only root is sure to be able to read. It is a program in Lua: what isn't written as the
//! documentation writes it is said to be unclear, not wrong.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use policy_core::chain::Link;
use policy_core::sentence::Sentence;

/// What the configuration is compared with.
pub struct Expected<'a> {
    /// The component's name.
    pub domain: &'a str,
    /// Its secret.
    pub secret: &'a str,
    /// This version, which the module's must be.
    pub version: &'a str,
}

/// Where Debian's Prosody looks for modules that it doesn't bring, besides `plugin_paths`.
const MODULES: &str = "/usr/lib/prosody/modules";

/// Reads Prosody's configuration and the files in `conf.d` beside it.
pub fn check(file: &Path, expected: &Expected<'_>) -> Vec<Link> {
    let lines = match lines(file) {
        Ok(lines) => lines,
        Err(error) => {
            let says = Sentence::of("prosody-unreadable").with("file", file.display().to_string());
            return vec![Link::worth_knowing("prosody-config", says.with("error", error.to_string()))];
        }
    };
    let mut links = vec![component(&lines, expected), module(&lines, expected)];
    links.extend(privacy(&lines, expected));
    links
}

/// The lines that count, without comments and the blanks around them.
fn lines(file: &Path) -> io::Result<Vec<String>> {
    let mut files = vec![file.to_owned()];
    if let Ok(folder) = fs::read_dir(file.with_file_name("conf.d")) {
        let mut more: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
        more.retain(|path| path.to_string_lossy().ends_with(".cfg.lua"));
        more.sort();
        files.extend(more);
    }
    let mut all = Vec::new();
    for file in files {
        for line in fs::read_to_string(file)?.lines() {
            let line = line.split_once("--").map_or(line, |(before, _)| before).trim();
            if !line.is_empty() {
                all.push(line.to_owned());
            }
        }
    }
    Ok(all)
}

/// The lines that belong to our component.
fn block<'l>(lines: &'l [String], domain: &str) -> Option<Vec<&'l str>> {
    let begins = |line: &str| line.starts_with("VirtualHost") || line.starts_with("Component");
    let ours = |line: &&String| line.starts_with("Component") && quoted(line).any(|name| name == domain);
    let from = lines.iter().position(|line| ours(&line))?;
    let inside = lines.iter().skip(from + 1).map(String::as_str).take_while(|line| !begins(line));
    Some(inside.collect())
}

/// The strings in a line, as far as they hold no quotation marks themselves.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split(['"', '\'']).skip(1).step_by(2)
}

fn option<'l>(lines: impl IntoIterator<Item = &'l str>, name: &str) -> Option<&'l str> {
    lines.into_iter().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('=')).map(str::trim)
}

fn component(lines: &[String], expected: &Expected<'_>) -> Link {
    const ID: &str = "prosody-component";
    let Expected { domain, .. } = expected;
    let Some(block) = block(lines, domain) else {
        return Link::bad(ID, Sentence::of("component-missing").with("domain", *domain));
    };
    let secret = option(block, "component_secret").and_then(|value| quoted(value).next());
    match secret {
        None => Link::bad(ID, Sentence::of("component-no-secret").with("domain", *domain)),
        Some(secret) if secret != expected.secret => {
            Link::bad(ID, Sentence::of("component-other-secret").with("domain", *domain))
        }
        Some(_) => Link::good(ID, Sentence::of("component-there").with("domain", *domain)),
    }
}

fn module(lines: &[String], expected: &Expected<'_>) -> Link {
    const ID: &str = "prosody-module";
    let all = || lines.iter().map(String::as_str);
    match option(all(), "postward_component").and_then(|value| quoted(value).next()) {
        Some(named) if named == expected.domain => {}
        Some(named) => {
            let says = Sentence::of("loads-other-component").with("found", named);
            return Link::bad(ID, says.with("domain", expected.domain));
        }
        None => return Link::bad(ID, Sentence::of("loads-no-component").with("domain", expected.domain)),
    }
    if !all().any(|line| quoted(line).any(|name| name == "postward" || name == "postward_everywhere")) {
        return Link::bad(ID, Sentence::of("loads-nothing"));
    }
    let paths = option(all(), "plugin_paths").into_iter().flat_map(quoted).chain([MODULES]);
    let files = paths.map(|path| Path::new(path).join("mod_postward/mod_postward.lua"));
    let Some(text) = files.filter_map(|file| fs::read_to_string(file).ok()).next() else {
        return Link::bad(ID, Sentence::of("loads-no-file").with("folder", MODULES));
    };
    let version = text.lines().find_map(|line| quoted(line.strip_prefix("local version")?).next());
    let says = match version {
        Some(version) if version == expected.version => return Link::good(ID, Sentence::of("loads-module")),
        Some(version) => Sentence::of("loads-other-version").with("found", version),
        None => Sentence::of("loads-unknown-version"),
    };
    Link::bad(ID, says.with("version", expected.version))
}

/// What keeps strangers from learning that the component exists, and lets it come back after a fault.
fn privacy(lines: &[String], expected: &Expected<'_>) -> Option<Link> {
    let block = block(lines, expected.domain)?;
    let global = || lines.iter().map(String::as_str).take_while(|line| !line.starts_with("VirtualHost"));
    let mut missing = Vec::new();
    if option(block.iter().copied(), "disco_hidden") != Some("true") {
        missing.push("disco_hidden = true");
    }
    if !option(block.iter().copied(), "modules_disabled")
        .is_some_and(|value| quoted(value).any(|name| name == "s2s"))
    {
        missing.push("modules_disabled = { \"s2s\" }");
    }
    let conflict = option(block.iter().copied(), "component_conflict_resolve")
        .or_else(|| option(global(), "component_conflict_resolve"));
    if conflict.and_then(|value| quoted(value).next()) != Some("kick_old") {
        missing.push("component_conflict_resolve = \"kick_old\"");
    }
    const ID: &str = "prosody-options";
    if missing.is_empty() {
        return Some(Link::good(ID, Sentence::of("options-there")));
    }
    let says = Sentence::of("options-missing").with("domain", expected.domain);
    Some(Link::worth_knowing(ID, says.with("missing", missing.join(", "))))
}
