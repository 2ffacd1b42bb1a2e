//! Our own configuration: a table is put in and taken out, line by line, and every other line stays where it is. A table that
//! merely followed the last setting could part another one from what stands after it as comments, as examples to be used.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, value};

use super::CliError;

/// The file as it is.
pub(super) struct Own {
    path: PathBuf,
    text: String,
    document: DocumentMut,
}

impl Own {
    pub(super) fn read(path: PathBuf) -> Result<Self, CliError> {
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read,
        }
        .map_err(|error| CliError::Failed(format!("can't read {}: {error}", path.display())))?;
        let document = parsed(&path, &text)?;
        Ok(Self { path, text, document })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn has(&self, table: &str) -> bool {
        self.document.contains_key(table)
    }

    /// A setting that is a text.
    pub(super) fn setting(&self, table: &str, name: &str) -> Option<&str> {
        self.document.get(table)?.get(name).and_then(Item::as_str)
    }

    /// The file with this table besides: in place of its commented example, or else at the end.
    pub(super) fn with(&self, table: &str, settings: &[(&str, &str)]) -> String {
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        let header = format!("[{table}]");
        let ours = std::iter::once(header.clone())
            .chain(settings.iter().map(|(name, text)| format!("{name} = {}", value(*text))));
        let Some(start) = lines.iter().position(|line| commented(line) == Some(&header)) else {
            lines.extend((!lines.is_empty()).then(String::new));
            lines.extend(ours);
            return joined(lines);
        };
        let after = lines.split_off(start);
        let is_ours =
            |line: &str| settings.iter().any(|(name, _)| commented(line).is_some_and(|is| sets(is, name)));
        let mut in_example = true;
        let rest = after.into_iter().skip(1).filter(|line| {
            in_example &= commented(line).is_some_and(|line| !line.starts_with('['));
            !in_example || !is_ours(line)
        });
        joined(lines.into_iter().chain(ours).chain(rest))
    }

    /// The file without this table. What has comments above it is the example that became the table, and is one again.
    pub(super) fn without(&self, table: &str) -> Result<String, CliError> {
        let header = format!("[{table}]");
        let mut kept: Vec<String> = Vec::new();
        let (mut inside, mut as_example) = (false, false);
        for line in self.text.lines() {
            let begins = line.trim() == header;
            if begins {
                as_example = kept.last().is_some_and(|above| above.starts_with('#'));
                if !as_example && kept.last().is_some_and(String::is_empty) {
                    kept.pop();
                }
            }
            inside = begins || inside && !line.starts_with('[');
            let is_set = inside && !line.trim().is_empty() && !line.starts_with('#');
            match is_set {
                false => kept.push(line.to_owned()),
                true if as_example => kept.push(format!("#{line}")),
                true => {}
            }
        }
        let text = joined(kept);
        if parsed(&self.path, &text)?.contains_key(table) {
            let message =
                format!("{} names {table} in a way of its own: remove it by hand", self.path.display());
            return Err(CliError::Failed(message));
        }
        Ok(text)
    }
}

fn parsed(path: &Path, text: &str) -> Result<DocumentMut, CliError> {
    text.parse().map_err(|error| CliError::Failed(format!("{} can't be understood: {error}", path.display())))
}

fn joined(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// What a line would say without its `#`.
fn commented(line: &str) -> Option<&str> {
    line.strip_prefix('#').map(str::trim)
}

fn sets(line: &str, name: &str) -> bool {
    line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
}
