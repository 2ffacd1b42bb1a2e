//! Searching everything that Postward writes for what has passed through it.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aho_corasick::AhoCorasick;
use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use testbed::daemon::Postward;

/// The daemon and the commands with a temporary folder of their own, told to log all that there is.
pub(crate) fn talkative(folder: &Path) -> Result<Postward> {
    let program = folder.join("postward");
    let text = format!(
        "#!/bin/sh\nexport TMPDIR='{}' RUST_LOG=trace RUST_BACKTRACE=full\nexec '{}' \"$@\"\n",
        folder.join("tmp").display(),
        env!("CARGO_BIN_EXE_postward")
    );
    fs::create_dir(folder.join("tmp"))?;
    fs::write(&program, text)?;
    fs::set_permissions(&program, Permissions::from_mode(0o755))?;
    Postward::new(program)
}

/// Every file below this folder, with its name: a name can tell, too.
pub(crate) fn files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let (kind, path) = entry.map(|entry| (entry.file_type(), entry.path()))?;
        let kind = kind?;
        if kind.is_dir() {
            files(&path, into)?;
        } else if kind.is_file() {
            let mut bytes = path.to_string_lossy().into_owned().into_bytes();
            bytes.extend(fs::read(&path)?);
            into.push((path.display().to_string(), bytes));
        }
    }
    Ok(())
}

/// Which of these tokens are among the bytes, and in which form.
pub(crate) fn held(bytes: &[u8], tokens: &[&str]) -> BTreeSet<String> {
    let forms = || tokens.iter().flat_map(|token| forms(token).into_iter().map(move |form| (*token, form)));
    let search = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(forms().map(|(_, (_, bytes))| bytes))
        .unwrap();
    let names: Vec<String> = forms().map(|(token, (name, _))| format!("{token} ({name})")).collect();
    search
        .find_overlapping_iter(bytes)
        .filter_map(|hit| names.get(hit.pattern().as_usize()).cloned())
        .collect()
}

/// Plain, backwards by letters and by labels, in hexadecimal, UTF-16 and base64 at each of its three offsets.
fn forms(token: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = vec![
        ("plain", token.as_bytes().to_vec()),
        ("backwards", token.bytes().rev().collect()),
        ("labels backwards", token.rsplit('.').collect::<Vec<_>>().join(".").into_bytes()),
        ("hexadecimal", token.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()),
        ("UTF-16", token.bytes().flat_map(|byte| [byte, 0]).take(token.len() * 2 - 1).collect()),
    ];
    for skipped in 0..3 {
        // Whole groups of three bytes alone: the others' letters depend on what stands beside them.
        let groups = token.as_bytes().get(skipped..).unwrap_or_default().chunks_exact(3);
        forms.push((
            "base64",
            STANDARD_NO_PAD.encode(groups.flatten().copied().collect::<Vec<u8>>()).into_bytes(),
        ));
    }
    forms
}
