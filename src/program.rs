//! Other programs: run, and what they printed.

use std::io::Write;
use std::process::{Command, Stdio};

/// A program that can't be run, or that failed; `Display` says which and how it ended.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(String);

/// Runs a program and returns what it printed.
pub fn run<S: AsRef<str>>(words: &[S]) -> Result<String, Failed> {
    run_with(words, "")
}

/// Runs a program with this to read, which must be less than a pipe takes (64 KiB, pipe(7)).
pub fn run_with<S: AsRef<str>>(words: &[S], input: &str) -> Result<String, Failed> {
    let mut all = words.iter().map(AsRef::as_ref);
    let program = all.next().unwrap_or_default();
    let mut command = Command::new(program);
    command.args(all).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ended = command.spawn().and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            // One that doesn't read it has closed it.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output()
    });
    let output = ended.map_err(|error| Failed(format!("can't run {program}: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().last().unwrap_or("it did not say why");
    Err(Failed(format!("{program} failed: {said}")))
}
