//! What Prosody makes of JIDs before it shows them to us still matches the entry that was typed.
//!
//! Every letter of Unicode's first two planes -> Prosody's own nodeprep and nameprep (RFC 6122; the library of the
//! installed server, run by its Lua) -> our JID reader, compared with the same letter typed into an entry.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "tests may fail loudly, their helpers too")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use policy_core::identity::{Domain, Identity};

const PREPARE: &str = r#"
package.cpath = "/usr/lib/prosody/?.so;" .. package.cpath
local prepare = require "util.encodings".stringprep
for line in io.lines() do
  print((prepare.nodeprep(line) or "") .. "\t" .. (prepare.nameprep(line) or ""))
end
"#;

/// What Prosody shows for each name: as a local part and as a domain's label, empty where it refuses.
fn prepared(names: &[String]) -> Vec<(String, String)> {
    let mut lua = Command::new("lua5.4")
        .args(["-e", PREPARE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("lua5.4 comes with Debian's prosody; scripts/setup installs it");
    let mut input = lua.stdin.take().unwrap();
    let lines = names.join("\n") + "\n";
    let writer = thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = lua.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "Prosody's util.encodings can't be used");
    let shown = String::from_utf8(output.stdout).unwrap();
    shown
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .collect()
}

/// Letters that stringprep's old tables (Unicode 3.2) treat otherwise than Unicode does today: the Mongolian todo soft
/// hyphen, and ideographs whose compatibility mapping was corrected since.
const CHANGED_SINCE: [char; 6] =
    ['\u{1806}', '\u{2f868}', '\u{2f874}', '\u{2f91f}', '\u{2f95f}', '\u{2f9bf}'];

#[test]
fn an_entry_matches_what_prosody_shows_of_the_same_name() {
    let letters: Vec<char> = ('\u{80}'..'\u{2fa20}').filter(|char| !CHANGED_SINCE.contains(char)).collect();
    let names: Vec<String> = letters.iter().map(|char| format!("a{char}a")).collect();
    let shown = prepared(&names);
    assert_eq!(shown.len(), names.len());
    let (mut locals, mut domains) = (0, 0);
    for (name, (local, label)) in names.iter().zip(&shown) {
        if !local.is_empty() {
            let typed = Identity::from_mail(&format!("\"{name}\""), "example.org").unwrap();
            let jid = Identity::parse_jid(&format!("{local}@example.org")).unwrap();
            assert_eq!(typed.local(), jid.local(), "{name:?} is shown as {local:?}");
            locals += 1;
        }
        if let Ok(typed) = Domain::parse_typed(&format!("{name}.example"))
            && !label.is_empty()
        {
            let jid = Domain::parse(&format!("{label}.example")).unwrap();
            assert!(typed == jid || typed.idna2003_form() == Some(jid), "{name:?} is shown as {label:?}");
            domains += 1;
        }
    }
    assert!(
        locals > 100_000 && domains > 100_000,
        "only {locals} local parts and {domains} domains were compared"
    );
}
