//! Opening the database: folder and file modes, migrations, and what is said when it can't be used.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};
use texts::Texts;

use super::read_only;

/// The schema, step by step. Append only: a database remembers how many of them it has had.
const MIGRATIONS: [&str; 10] = [
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_members_entries.sql"),
    include_str!("../../migrations/0003_list_pages.sql"),
    include_str!("../../migrations/0004_members_page.sql"),
    include_str!("../../migrations/0005_client_blocks.sql"),
    include_str!("../../migrations/0006_addresses.sql"),
    include_str!("../../migrations/0007_reports.sql"),
    include_str!("../../migrations/0008_list_groups.sql"),
    include_str!("../../migrations/0009_chat_accounts.sql"),
    include_str!("../../migrations/0010_unproven.sql"),
];

/// The database's name in the data folder.
pub(super) const FILE: &str = "postward.sqlite";

/// What to do about a damaged database.
pub(super) const DAMAGED: &str = ": the database is damaged; stop Postward, and bring the lists back with `postward restore \
     BACKUP` or by renaming a kept copy in the data folder (replaced-… or before-schema-…)";

/// How the names of copies begin that are made before the schema changes.
const BEFORE: &str = "before-schema-";

/// How many of them are kept.
const BEFORE_KEPT: usize = 2;

/// Why the lists can't be opened. `Display` says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder can't be made or used.
    #[error(
        "can't use the data folder {path}: {error}. Choose another with --data DIR, or mend its owner and mode"
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Another process holds the lists.
    #[error(
        "another postward uses the data folder {0}: stop it first, or choose another folder with --data DIR"
    )]
    InUse(PathBuf),
    /// Written by a newer version.
    #[error(
        "{path} was written by a newer Postward (schema {found}; this version knows {known}). \
         Install that version, or use another folder with --data DIR"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this version knows.
        known: i64,
    },
    /// Written by an older version, where nothing can be written now.
    #[error(
        "{0} is from an older Postward and must be brought up to date first, which takes room on the disk: make room"
    )]
    Older(PathBuf),
    /// There was one, and it is gone: an empty list instead would let everything through.
    #[error(
        "the database {0} is gone or empty, though there was one. Bring the lists back with `postward restore BACKUP` or by \
         renaming a kept copy in that folder (replaced-… or before-schema-…); to begin with an empty list, remove the \
         file `lock` there"
    )]
    Gone(PathBuf),
    /// There was none yet.
    #[error("there is no database {0} yet")]
    NotYet(PathBuf),
    /// SQLite says no.
    #[error("can't use the database {path}: {error}{}", remedy(.path, .error))]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        error: rusqlite::Error,
    },
}

fn remedy(path: &Path, error: &rusqlite::Error) -> String {
    if is_damage(error) {
        return DAMAGED.to_owned();
    }
    let why = path.parent().and_then(read_only::why);
    why.map(|why| format!(": {}", Texts::plain().sentence(&why))).unwrap_or_default()
}

/// Whether the system says that nothing can be written there; what is there may still be read.
fn unwritable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::QuotaExceeded
    )
}

/// Whether SQLite found that the file isn't what it wrote.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// The right to write the lists; held as long as it lives.
pub struct DataLock {
    _file: File,
}

/// Makes the data folder if need be, private to its owner.
pub fn prepare_folder(dir: &Path) -> Result<(), OpenError> {
    let folder = |error| OpenError::Folder { path: dir.to_owned(), error };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(folder)?;
    let metadata = fs::metadata(dir).map_err(folder)?;
    if metadata.mode() & 0o077 != 0 && metadata.uid() == rustix::process::geteuid().as_raw() {
        // The list is a map of someone's fear: nobody else on the machine may read it.
        match fs::set_permissions(dir, fs::Permissions::from_mode(0o700)) {
            Err(error) if !unwritable(&error) => return Err(folder(error)),
            _ => {}
        }
    }
    Ok(())
}

/// What root makes in somebody else's data folder is that account's, or its daemon could not start any more.
pub(super) fn give_to_owner(dir: &Path, path: &Path) -> io::Result<()> {
    let (folder, file) = (fs::metadata(dir)?, fs::metadata(path)?);
    if rustix::process::geteuid().is_root() && folder.uid() != file.uid() {
        std::os::unix::fs::chown(path, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(())
}

/// Takes the data folder for this process.
pub fn lock(dir: &Path) -> Result<DataLock, OpenError> {
    let folder = |error| OpenError::Folder { path: dir.to_owned(), error };
    let path = dir.join("lock");
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = match opened.and_then(|file| give_to_owner(dir, &path).map(|()| file)) {
        // It is to be had without writing.
        Err(error) if unwritable(&error) => File::open(&path).or_else(|_| File::open(dir)),
        done => done,
    }
    .map_err(folder)?;
    match file.try_lock() {
        Ok(()) => Ok(DataLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(folder(error)),
    }
}

/// How long a process waits for its turn.
const TURN: Duration = Duration::from_secs(10);

/// Takes the data folder once the command that has it is done; `waits` says whether that is still worth waiting for.
pub fn lock_in_turn(dir: &Path, waits: impl Fn() -> bool) -> Result<DataLock, OpenError> {
    let until = Instant::now() + TURN;
    loop {
        match lock(dir) {
            Err(OpenError::InUse(_)) if Instant::now() < until && waits() => {
                std::thread::sleep(Duration::from_millis(50));
            }
            done => return done,
        }
    }
}

/// Opens the database for writing and brings its schema up to date; the caller holds the folder's lock.
pub(super) fn writer(dir: &Path) -> Result<Connection, OpenError> {
    let path = dir.join(FILE);
    let database = |error| OpenError::Database { path: path.clone(), error };
    let had_one = had_one(dir);
    if had_one && fs::metadata(&path).map_or(true, |file| file.len() == 0) {
        return Err(OpenError::Gone(path));
    }
    // SQLite gives its WAL and shared-memory files the database's own mode.
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .and_then(|file| file.set_permissions(fs::Permissions::from_mode(0o600)))
        .and_then(|()| give_to_owner(dir, &path))
        .map_err(|error| OpenError::Folder { path: path.clone(), error })?;
    let mut connection = Connection::open(&path).map_err(database)?;
    configure(&connection).map_err(database)?;
    let found = known_schema(&connection, &path)?;
    let known = MIGRATIONS.len() as i64;
    connection.pragma_update(None, "journal_mode", "wal").map_err(database)?;
    connection.pragma_update(None, "synchronous", "full").map_err(database)?;
    if found < known {
        if found > 0 {
            let copy = dir.join(format!("{BEFORE}{known:04}.sqlite"));
            // VACUUM INTO refuses to overwrite: the copy of an attempt that failed is of no use any more.
            let _ = fs::remove_file(&copy);
            connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).map_err(database)?;
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o600))
                .and_then(|()| give_to_owner(dir, &copy))
                .map_err(|error| OpenError::Folder { path: copy.clone(), error })?;
        }
        // A table that is made anew must not take along what refers to it (sqlite.org/lang_altertable.html, 8).
        connection.pragma_update(None, "foreign_keys", false).map_err(database)?;
        let transaction = connection.transaction().map_err(database)?;
        for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or_default()) {
            transaction.execute_batch(step).map_err(database)?;
        }
        transaction.pragma_update(None, "user_version", known).map_err(database)?;
        transaction.commit().map_err(database)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(database)?;
        forget_old(dir, BEFORE, BEFORE_KEPT, None)
            .map_err(|error| OpenError::Folder { path: dir.to_owned(), error })?;
    }
    if !had_one {
        // A full disk is no reason not to start: the next start writes it.
        let _ = fs::write(dir.join("lock"), "There is a database.\n");
    }
    Ok(connection)
}

/// Removes copies whose names begin so, but for the last ones in the order of their names, and for the one that was made just
/// now: by a clock that went back, it isn't the last.
pub(super) fn forget_old(dir: &Path, prefix: &str, kept: usize, new: Option<&Path>) -> io::Result<()> {
    let mut copies: Vec<PathBuf> = fs::read_dir(dir)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?
        .into_iter()
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(prefix) && name.ends_with(".sqlite") && Some(path.as_path()) != new
        })
        .collect();
    copies.sort_unstable();
    for copy in copies.iter().rev().skip(kept.saturating_sub(usize::from(new.is_some()))) {
        fs::remove_file(copy)?;
    }
    Ok(())
}

/// Whether what is in this folder is a database of Postward's: SQLite takes an empty file for an empty database.
pub(super) fn is_ours(dir: &Path) -> Result<(), OpenError> {
    let connection = reader(dir)?;
    connection
        .query_row("SELECT value FROM revision", [], |_| Ok(()))
        .map_err(|error| OpenError::Database { path: dir.join(FILE), error })
}

/// Whether there is a database in this folder.
pub(super) fn exists(dir: &Path) -> Result<bool, OpenError> {
    let path = dir.join(FILE);
    path.try_exists().map_err(|error| OpenError::Folder { path: dir.to_owned(), error })
}

/// Opens another connection to a database that [`writer`] has prepared, for reading only.
pub(super) fn reader(dir: &Path) -> Result<Connection, OpenError> {
    let path = dir.join(FILE);
    let database = |error| OpenError::Database { path: path.clone(), error };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(database)?;
    configure(&connection).map_err(database)?;
    known_schema(&connection, &path)?;
    Ok(connection)
}

/// The same for a process that keeps no other connection, also where nothing can be written: the first error counts where that
/// isn't why, or doesn't help. A process that writes would lose its locks on the file by it
/// (sqlite.org/howtocorrupt.html, 2.2).
pub(super) fn reader_alone(dir: &Path) -> Result<Connection, OpenError> {
    reader(dir).or_else(|error| match read_only::why(dir) {
        Some(_) => read_only::reader(dir).map_err(|_| error),
        None => Err(error),
    })
}

/// Which schema the database has, unless it is one that this version doesn't know.
pub(super) fn known_schema(connection: &Connection, path: &Path) -> Result<i64, OpenError> {
    let known = MIGRATIONS.len() as i64;
    match connection.pragma_query_value(None, "user_version", |row| row.get(0)) {
        Ok(found) if found > known => Err(OpenError::Newer { path: path.to_owned(), found, known }),
        Ok(found) => Ok(found),
        Err(error) => Err(OpenError::Database { path: path.to_owned(), error }),
    }
}

/// The same where it can't be brought up to date.
pub(super) fn current_schema(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let found = known_schema(connection, path)?;
    if found < MIGRATIONS.len() as i64 { Err(OpenError::Older(path.to_owned())) } else { Ok(()) }
}

/// The lock isn't empty any more once there was a database.
fn had_one(dir: &Path) -> bool {
    fs::metadata(dir.join("lock")).is_ok_and(|lock| lock.len() > 0)
}

/// What is damaged in the database, by SQLite's own check of every page, index and reference; nothing, if it is whole. Reads
/// beside a daemon that may be running.
pub fn integrity(dir: &Path) -> Result<Vec<String>, OpenError> {
    let path = dir.join(FILE);
    if fs::metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Err(if had_one(dir) { OpenError::Gone(path) } else { OpenError::NotYet(path) });
    }
    faults(&reader_alone(dir)?, dir, Look::Thorough)
}

/// How the database is looked through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Every page: some 0.8 s for a million entries.
    Quick,
    /// Whether indexes and references agree, too: ten times as long.
    Thorough,
}

pub(super) fn faults(connection: &Connection, dir: &Path, look: Look) -> Result<Vec<String>, OpenError> {
    let database = |error| OpenError::Database { path: dir.join(FILE), error };
    // In KiB: what a look once a day would read into memory stays there. Why that fails, the check itself says better.
    let _ = connection.pragma_update(None, "cache_size", -256);
    let mut faults = Vec::new();
    // A fault is named by tables and pages, never by what is in them.
    let check = if look == Look::Quick { "quick_check" } else { "integrity_check" };
    let checked = connection.pragma(None, check, 3, |row| {
        faults.push(row.get::<_, String>(0)?);
        Ok(())
    });
    match checked {
        Ok(()) => faults.retain(|fault| fault != "ok"),
        // Some damage ends the check itself.
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            faults.push(error.to_string());
        }
        Err(error) => return Err(database(error)),
    }
    if faults.is_empty() && look == Look::Thorough {
        let orphan = |row: &rusqlite::Row<'_>| {
            faults.push(format!("a row of {} belongs to nothing", row.get::<_, String>(0)?));
            Ok(())
        };
        connection.pragma_query(None, "foreign_key_check", orphan).map_err(database)?;
    }
    Ok(faults)
}

pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Removed entries must not linger in free pages of the file.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    // SQLite's own lower() knows ASCII only.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("lowered", 1, flags, |context| {
        Ok(context.get_raw(0).as_str()?.to_lowercase())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

    use super::*;

    #[test]
    fn an_upgrade_hides_persons_from_who_came_without_proof_before_it_and_loses_none() {
        let folder = tempfile::TempDir::new().unwrap();
        let old = Connection::open(folder.path().join(FILE)).unwrap();
        for step in &MIGRATIONS[..9] {
            old.execute_batch(step).unwrap();
        }
        old.execute_batch(
            "PRAGMA user_version = 9;
             INSERT INTO member (id, name, created) VALUES (1, 'alice', 0), (2, 'bob', 0);
             INSERT INTO scope (id, member_id) VALUES (1, 1), (2, 2);
             INSERT INTO sign_in (member_id, password, old_password) VALUES (1, 'b', 'a'), (2, 'a', NULL);
             INSERT INTO person (id, scope_id, name) VALUES (7, 1, 'Ex'), (8, 2, 'Ex'), (9, 0, 'Ex');
             INSERT INTO person_identity VALUES (7, 0, 'a@x', 'a@x'), (8, 0, 'a@x', 'a@x'), (9, 0, 'a@x', 'a@x');
             INSERT INTO entry (id, scope_id, kind, typed, norm_key, norm_version, effect, channels, action, note, source,
                                added_by, created, enabled, change_seq, hidden)
             SELECT 1, 1, 1, 'hers', 'hers', 1, 0, 0, 0, '', 0, 0, 0, 1, 1, 1 UNION ALL
             SELECT 2, 1, 1, 'since', 'since', 1, 1, 0, 0, '', 0, 0, 0, 1, 2, 0 UNION ALL
             SELECT 3, 2, 1, 'his', 'his', 1, 1, 0, 0, '', 0, 0, 0, 1, 3, 0;",
        )
        .unwrap();
        drop(old);
        let database = writer(folder.path()).unwrap();
        let numbers = |sql: &str| -> Vec<(i64, i64)> {
            let mut statement = database.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        assert_eq!(numbers("SELECT id, hidden FROM person ORDER BY id"), [(7, 1), (8, 0), (9, 0)]);
        assert_eq!(
            numbers("SELECT person_id, kind FROM person_identity ORDER BY 1"),
            [(7, 0), (8, 0), (9, 0)]
        );
        assert_eq!(numbers("SELECT id, added_by FROM entry ORDER BY id"), [(1, 0), (2, 2), (3, 0)]);
        // What refers to what is as it was.
        database.execute("DELETE FROM person WHERE id = 8", []).unwrap();
        assert_eq!(numbers("SELECT person_id, kind FROM person_identity ORDER BY 1"), [(7, 0), (9, 0)]);
        assert!(database.execute("UPDATE entry SET added_by = 3 WHERE id = 1", []).is_err());
        assert!(faults(&database, folder.path(), Look::Thorough).unwrap().is_empty());
    }
}
