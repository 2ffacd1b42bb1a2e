//! Which files the arguments name: themselves, those of folders, those of Maildirs.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// A file that may hold messages.
pub(super) struct Source {
    /// Where it is; `-` for standard input.
    pub(super) path: PathBuf,
    /// How it was found.
    pub(super) origin: Origin,
}

/// How a file was found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The person named it: it is judged, whatever it looks like.
    Named,
    /// In a folder, which may hold other files too.
    Folder,
    /// In a Maildir: one message each.
    Maildir,
}

/// What an argument leads to, in the order of names; `Err` is a sentence on what can't be gone into.
pub(super) fn find(argument: &Path) -> Vec<Result<Source, String>> {
    if argument.as_os_str() == "-" || !argument.is_dir() {
        return vec![Ok(Source { path: argument.to_owned(), origin: Origin::Named })];
    }
    let mut found = Vec::new();
    let mut folder = Folder::default();
    let walk = WalkDir::new(argument).follow_links(true).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|entry| !is_maildirs_tmp(entry)) {
        match entry {
            Err(error) => found.push(Err(in_words(&error))),
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => {
                if let Some(origin) = folder.origin_of(entry.path()) {
                    found.push(Ok(Source { path: entry.into_path(), origin }));
                }
            }
        }
    }
    found
}

fn in_words(error: &walkdir::Error) -> String {
    let path = error.path().unwrap_or(Path::new("")).display();
    match (error.loop_ancestor(), error.io_error()) {
        (Some(ancestor), _) => format!("{path} leads back to {}: not followed", ancestor.display()),
        (None, Some(error)) => format!("can't read {path}: {error}"),
        (None, None) => format!("can't read {path}"),
    }
}

/// Messages that are still being delivered aren't there yet.
fn is_maildirs_tmp(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name() == "tmp" && entry.path().parent().is_some_and(is_maildir)
}

/// Whether a folder is a Maildir: `cur` and `new`; `tmp` may have been lost in a copy.
fn is_maildir(folder: &Path) -> bool {
    folder.join("cur").is_dir() && folder.join("new").is_dir()
}

/// The folder of the file before: files come folder by folder, and a folder of 100,000 is looked at once.
#[derive(Default)]
struct Folder {
    path: PathBuf,
    /// How its files are found; `None` if they are a mail server's notes.
    origin: Option<Origin>,
}

impl Folder {
    fn origin_of(&mut self, file: &Path) -> Option<Origin> {
        let parent = file.parent().unwrap_or(Path::new(""));
        if parent != self.path || self.path.as_os_str().is_empty() {
            let holds_messages = parent.file_name().is_some_and(|name| name == "cur" || name == "new");
            self.origin = if holds_messages && parent.parent().is_some_and(is_maildir) {
                Some(Origin::Maildir)
            } else if is_maildir(parent) {
                None
            } else {
                Some(Origin::Folder)
            };
            parent.clone_into(&mut self.path);
        }
        // `.DS_Store`, `.mh_sequences`: notes of programs. In a Maildir, names are the mail server's to choose.
        let hidden = file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        self.origin.filter(|origin| *origin == Origin::Maildir || !hidden)
    }
}
