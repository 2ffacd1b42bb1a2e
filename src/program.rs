//! Other programs: run, and what they printed.

use std::process::Command;

/// A program that can't be run, or that failed; `Display` says which and how it ended.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(String);

/// Runs a program and returns what it printed.
pub fn run<S: AsRef<str>>(words: &[S]) -> Result<String, Failed> {
    let mut all = words.iter().map(AsRef::as_ref);
    let program = all.next().unwrap_or_default();
    let output = Command::new(program)
        .args(all)
        .output()
        .map_err(|error| Failed(format!("can't run {program}: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().last().unwrap_or("it did not say why");
    Err(Failed(format!("{program} failed: {said}")))
}
