//! The configuration file as text: where in it something stands, and what is wrong with its form.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml_edit::Document;

use super::ConfigError;

/// A file that was read.
pub(super) struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError(format!(
                "can't read the configuration {}: {error}. Check the path given with --config",
                path.display()
            ))
        })?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// What the file says; an unknown setting, a wrong type and whatever isn't TOML are errors with their line.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        toml::from_str(&self.text).map_err(|error| {
            let line = error.span().map_or(1, |span| self.line(span.start));
            ConfigError(format!("{}:{line}: {}", self.path.display(), in_words(error.message())))
        })
    }

    /// `FILE:LINE: KEY`, where the line is the key's, or that of the table it would stand in.
    pub(super) fn at(&self, key: &str) -> String {
        format!("{}:{}: {key}", self.path.display(), self.line(self.offset(key)))
    }

    fn offset(&self, key: &str) -> usize {
        let Ok(document) = Document::parse(self.text.as_str()) else { return 0 };
        let mut item = document.as_item();
        let mut offset = 0;
        for word in key.split('.') {
            let Some(inner) = item.get(word) else { break };
            item = inner;
            offset = item.span().map_or(offset, |span| span.start);
        }
        offset
    }

    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
    }
}

/// The parser's words, with what to do about it.
fn in_words(message: &str) -> String {
    let message = message.replace('\n', ", ");
    let plain = |text: &str| text.replace('`', "\"");
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let (field, known) = rest.split_once(", expected ").unwrap_or((rest, "none"));
        let known = known.strip_prefix("one of ").unwrap_or(known);
        return format!(
            "{} is no setting here. Those that are: {}. Correct it, or take the line out",
            plain(field),
            plain(known)
        );
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        let (found, wanted) = rest.split_once(", expected ").unwrap_or((rest, "something else"));
        return format!(
            "this is {}, and should be {}. postward.toml(5) shows how to write it",
            plain(found),
            plain(wanted)
        );
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let (found, known) = rest.split_once(", expected ").unwrap_or((rest, "something else"));
        return format!("{} is not possible here: write {}", plain(found), plain(known));
    }
    message
}
