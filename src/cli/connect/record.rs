//! What `connect` found, so that `disconnect` can put it back.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::CliError;

/// A setting of Postfix's before and after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Changed {
    /// As it stood in main.cf; `None` where Postfix's default counted.
    pub(super) before: Option<String>,
    /// As it was written.
    pub(super) after: String,
}

/// All that is remembered.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Record {
    /// Postfix's settings by name.
    #[serde(default)]
    pub(super) postfix: BTreeMap<String, Changed>,
}

fn path(folder: &Path) -> PathBuf {
    folder.join("connected.json")
}

impl Record {
    pub(super) fn read(folder: &Path) -> Result<Self, CliError> {
        let path = path(folder);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                CliError::Failed(format!(
                    "{}: {error}. It tells disconnect what was there before: mend it, or delete it",
                    path.display()
                ))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(CliError::Failed(format!("can't read {}: {error}", path.display()))),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), CliError> {
        let path = path(folder);
        let written = || -> io::Result<()> {
            if self.postfix.is_empty() {
                return match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                    _ => Ok(()),
                };
            }
            fs::create_dir_all(folder)?;
            let fresh = path.with_extension("json.new");
            fs::write(&fresh, serde_json::to_vec_pretty(self)?)?;
            fs::set_permissions(&fresh, fs::Permissions::from_mode(0o644))?;
            fs::rename(&fresh, &path)
        };
        written().map_err(|error| {
            CliError::Failed(format!("can't write {}: {error}; nothing was changed", path.display()))
        })
    }
}
