//! A change to other programs' configuration: first shown, then made.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, chown};
use std::path::PathBuf;

use super::CliError;
use crate::program::run;

/// The steps, and what a person should know besides.
#[derive(Debug, Default)]
pub(super) struct Plan {
    steps: Vec<Step>,
    left: Vec<String>,
    notes: Vec<String>,
}

#[derive(Debug)]
enum Step {
    /// Runs a program; it must succeed.
    Run(Vec<String>),
    /// Writes a file anew.
    Write(File),
    /// Removes a file.
    Remove(PathBuf),
}

/// A file to be written.
#[derive(Debug)]
pub(super) struct File {
    /// Where.
    pub(super) path: PathBuf,
    /// What is in it.
    pub(super) content: String,
    /// What of the content isn't shown.
    pub(super) secret: Option<String>,
    /// Its permissions.
    pub(super) mode: u32,
    /// Its group, if that isn't the writer's.
    pub(super) group: Option<u32>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// A sentence for the person who reads the plan.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// What is wanted and not done, and how a person does it.
    pub(super) fn leave(&mut self, what: impl Into<String>) {
        self.left.push(what.into());
    }

    /// A command, as it would be typed.
    pub(super) fn run<S: Into<String>>(&mut self, words: impl IntoIterator<Item = S>) {
        self.steps.push(Step::Run(words.into_iter().map(Into::into).collect()));
    }

    /// A file, whole.
    pub(super) fn write(&mut self, file: File) {
        self.steps.push(Step::Write(file));
    }

    /// A file to be removed.
    pub(super) fn remove(&mut self, path: PathBuf) {
        self.steps.push(Step::Remove(path));
    }

    /// Makes the change, step by step; the first that fails ends it and is named.
    pub(super) fn make(&self, output: &mut impl Write) -> Result<(), CliError> {
        for step in &self.steps {
            step.make()?;
        }
        writeln!(output, "Done.")?;
        Ok(())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() && self.left.is_empty() {
            writeln!(f, "Nothing needs to be changed.")?;
        }
        for step in &self.steps {
            match step {
                Step::Run(words) => {
                    writeln!(
                        f,
                        "run    {}",
                        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
                    )?;
                }
                Step::Write(file) => {
                    writeln!(f, "write  {}:", file.path.display())?;
                    let shown = match &file.secret {
                        Some(secret) => file.content.replace(secret.as_str(), "(a fresh secret)"),
                        None => file.content.clone(),
                    };
                    for line in shown.lines() {
                        writeln!(f, "       | {line}")?;
                    }
                }
                Step::Remove(path) => writeln!(f, "remove {}", path.display())?,
            }
        }
        for left in &self.left {
            writeln!(f, "left   {left}")?;
        }
        for note in &self.notes {
            writeln!(f, "note   {note}")?;
        }
        Ok(())
    }
}

/// A word as a shell would need it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "_-./:=@+,".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

impl Step {
    fn make(&self) -> Result<(), CliError> {
        match self {
            Self::Run(words) => Ok(run(words).map(drop)?),
            Self::Write(file) => write(file)
                .map_err(|error| CliError::Failed(format!("can't write {}: {error}", file.path.display()))),
            Self::Remove(path) => match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(CliError::Failed(format!("can't remove {}: {error}", path.display())))
                }
                _ => Ok(()),
            },
        }
    }
}

/// Writes a file beside its place and moves it there, so that nobody reads half of it; it has its mode from the first byte.
fn write(file: &File) -> io::Result<()> {
    let fresh = file.path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut made = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&fresh)?;
    made.write_all(file.content.as_bytes())?;
    if let Some(group) = file.group {
        chown(&fresh, None, Some(group))?;
    }
    made.set_permissions(fs::Permissions::from_mode(file.mode))?;
    made.sync_all()?;
    fs::rename(&fresh, &file.path)
}
