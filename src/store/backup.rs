//! A copy of the database that is whole by itself, and putting one in the database's place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use policy_core::snapshot::Delimiters;
use rusqlite::{Connection, backup::Backup};
use rustix::fs::{MemfdFlags, memfd_create};

use super::open::{self, FILE, OpenError};
use super::{DataLock, Store, StoreError, read_only};

/// What a copy is made in before it is encrypted.
const COPY: &str = "copying.sqlite";

/// The folder in which what is to be restored is tried.
const STAGE: &str = "restoring";

/// How the names of databases that were replaced begin.
const REPLACED: &str = "replaced-";

/// How many replaced databases are kept: each is the list of somebody's fear.
const REPLACED_KEPT: usize = 3;

/// What was under way when the backup was made, and must not go on now: a message would be sent a second time, or late; a link
/// that was used would open the account again. A removal that nobody had heard of yet is taken back with its message.
const OF_THEN: &str = "DELETE FROM outgoing; DELETE FROM sign_in_link; \
     UPDATE member SET leaving_asked = NULL WHERE leaving_told IS NULL;";

/// Why a database could not be copied, or put in place. `Display` is a sentence without its end.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is none to copy.
    #[error("there is no list in {0} yet: nothing to back up")]
    Nothing(PathBuf),
    /// Somebody else is at it.
    #[error("another backup is being made: try again when it has ended")]
    Busy,
    /// The database can't be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// SQLite says no.
    #[error("the database can't be copied ({0}): see that the disk isn't full, and try again")]
    Copy(rusqlite::Error),
    /// What is in the backup isn't a whole database of Postward's.
    #[error("what is in the backup can't be used, nothing was changed: {0}")]
    Unusable(String),
    /// The system says no.
    #[error("{doing} failed: {error}. See that the disk isn't full, and try again; nothing was changed")]
    System {
        /// What was being done.
        doing: &'static str,
        /// What the system says.
        error: io::Error,
    },
}

fn system(doing: &'static str) -> impl Fn(io::Error) -> BackupError {
    move |error| BackupError::System { doing, error }
}

/// A copy of the database as it is at this moment, beside a daemon that may be running. It has no name any more: when the file
/// is closed, nothing unencrypted is left.
pub fn copy(dir: &Path) -> Result<File, BackupError> {
    if !open::exists(dir)? {
        return Err(BackupError::Nothing(dir.to_owned()));
    }
    let mut source = open::reader_alone(dir)?;
    if read_only::why(dir).is_some() {
        return copy_in_memory(&mut source);
    }
    let path = dir.join(COPY);
    let making = system("making a copy in the data folder");
    let turn = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(&making)?;
    if turn.try_lock().is_err() {
        return Err(BackupError::Busy);
    }
    // One that was killed left half a copy.
    turn.set_len(0).map_err(&making)?;
    let copied = copy_to(&source, &path).map_err(BackupError::Copy);
    let opened = File::open(&path).map_err(&making);
    let removed = fs::remove_file(&path).map_err(&making);
    copied?;
    let mut copy = opened?;
    removed?;
    copy.seek(SeekFrom::Start(0)).map_err(&making)?;
    Ok(copy)
}

/// For a folder where nothing can be written: the backup may go to another disk.
fn copy_in_memory(source: &mut Connection) -> Result<File, BackupError> {
    let making = system("making a copy in memory");
    let pages = source.serialize("main").map_err(BackupError::Copy)?;
    let memory =
        memfd_create("postward-backup", MemfdFlags::CLOEXEC).map_err(|error| making(error.into()))?;
    let mut copy = File::from(memory);
    copy.write_all(&pages).and_then(|()| copy.seek(SeekFrom::Start(0))).map_err(&making)?;
    Ok(copy)
}

fn copy_to(source: &Connection, path: &Path) -> rusqlite::Result<()> {
    let mut copy = Connection::open(path)?;
    // In one go: a reader of a database with a write-ahead log keeps no writer waiting.
    Backup::new(source, &mut copy)?.step(-1)?;
    // The pages say that a write-ahead log belongs to them; a backup is one file.
    copy.pragma_update(None, "journal_mode", "delete")?;
    copy.close().map_err(|(_, error)| error)
}

/// Puts a database in the place of the one that is there, once it has shown that it can be used: opened, brought up to
/// date, checked and compiled. Whoever is killed in the middle leaves the old one or the new one. Returns where the old one is
/// kept, if there was one. The caller holds the data folder.
pub fn put_in_place(
    dir: &Path,
    _lock: &DataLock,
    content: &mut dyn Read,
    delimiters: Delimiters,
) -> Result<Option<PathBuf>, BackupError> {
    let stage = dir.join(STAGE);
    let clearing = system("clearing the folder of a restore that was broken off");
    match fs::remove_dir_all(&stage) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(clearing(error)),
        _ => {}
    }
    let done = tried(&stage, content, delimiters).and_then(|new| swap(dir, &new));
    let _ = fs::remove_dir_all(&stage);
    done
}

/// Writes the content into a folder of its own, and opens it there as a daemon would.
fn tried(stage: &Path, content: &mut dyn Read, delimiters: Delimiters) -> Result<PathBuf, BackupError> {
    open::prepare_folder(stage)?;
    let path = stage.join(FILE);
    let writing = system("writing the restored database");
    let mut file =
        OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path).map_err(&writing)?;
    io::copy(content, &mut file).map_err(&writing)?;
    file.sync_all().map_err(&writing)?;
    drop(file);
    let unusable = |error: &dyn std::fmt::Display| BackupError::Unusable(error.to_string());
    open::is_ours(stage).map_err(|error| unusable(&error))?;
    // Before it is opened for writing: what SQLite finds damaged isn't to be mended half.
    let faults = open::integrity(stage).map_err(|error| unusable(&error))?;
    if let Some(fault) = faults.first() {
        return Err(unusable(&format!("the database in it is damaged: {fault}")));
    }
    let lock = open::lock(stage)?;
    let opened = Store::open(stage, lock, delimiters).map_err(|error: StoreError| unusable(&error))?;
    drop(opened);
    let alone = open::writer(stage).map_err(|error| unusable(&error))?;
    alone
        .execute_batch(OF_THEN)
        .and_then(|()| alone.pragma_update(None, "journal_mode", "delete"))
        .and_then(|()| alone.close().map_err(|(_, error)| error))
        .map_err(|error| unusable(&error))?;
    Ok(path)
}

fn swap(dir: &Path, new: &Path) -> Result<Option<PathBuf>, BackupError> {
    let path = dir.join(FILE);
    let kept = if open::exists(dir)? { Some(keep_replaced(dir, &path)?) } else { None };
    let replacing = system("putting the restored database in place");
    open::give_to_owner(dir, new).map_err(&replacing)?;
    fs::rename(new, &path).map_err(&replacing)?;
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(&replacing)?;
    Ok(kept)
}

/// Gives the old database a second name. Its write-ahead log is emptied into it first: SQLite would take one that is still
/// there for the new database's.
fn keep_replaced(dir: &Path, path: &Path) -> Result<PathBuf, BackupError> {
    let keeping = system("keeping a copy of the database that is replaced");
    let kept =
        dir.join(format!("{REPLACED}{}.sqlite", jiff::ZonedDateTime::now().strftime("%Y-%m-%dT%H%M%S")));
    let emptied = Connection::open(path).and_then(|old| {
        old.pragma_update(None, "journal_mode", "delete")?;
        old.close().map_err(|(_, error)| error)
    });
    for tail in ["-wal", "-shm"] {
        let beside = dir.join(format!("{FILE}{tail}"));
        if !beside.exists() {
            continue;
        }
        // A damaged database, which SQLite doesn't touch: what is left of it stays together.
        let moved =
            kept.with_file_name(format!("{}{tail}", kept.file_name().unwrap_or_default().to_string_lossy()));
        fs::rename(&beside, moved).map_err(&keeping)?;
    }
    if let Err(error) = emptied {
        eprintln!("postward: the database that is replaced is damaged ({error}); it is kept as it is");
    }
    // Both names are the same file until the new one takes the old name: there is no moment without a database.
    if fs::hard_link(path, &kept).is_err() {
        fs::copy(path, &kept).map_err(&keeping)?;
        open::give_to_owner(dir, &kept).map_err(&keeping)?;
    }
    open::forget_old(dir, REPLACED, REPLACED_KEPT, Some(&kept)).map_err(&keeping)?;
    Ok(kept)
}
