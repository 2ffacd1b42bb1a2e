//! Lists that can be read and not written: the disk is full, or its file system read-only. SQLite wants a write-ahead log and
//! its index beside the database even for reading, and can't make them then.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use policy_core::sentence::Sentence;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rustix::fs::StatVfsMountFlags;

use super::open::{self, FILE, OpenError};

/// With less room than this, SQLite can't begin: the index of the write-ahead log alone takes 32 KiB.
const ROOM_TO_BEGIN: u64 = 1 << 20;

/// Why nothing can be written where the lists are, if so: what SQLite says is but "disk I/O error".
pub(super) fn why(dir: &Path) -> Option<Sentence> {
    let disk = rustix::fs::statvfs(dir).ok()?;
    let room = disk.f_bavail.saturating_mul(disk.f_frsize);
    let id = if disk.f_flag.contains(StatVfsMountFlags::RDONLY) {
        "store-disk-read-only"
    } else if room < ROOM_TO_BEGIN || (disk.f_files > 0 && disk.f_favail == 0) {
        "store-disk-full"
    } else {
        return None;
    };
    Some(Sentence::of(id).with("folder", dir.display().to_string()))
}

/// A connection that needs no file but what is there, and takes no locks: for a folder where nobody can write now. What is
/// committed only in the write-ahead log is read, too.
pub(super) fn reader(dir: &Path) -> Result<Connection, OpenError> {
    let path = dir.join(FILE);
    let database = |error| OpenError::Database { path: path.clone(), error };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let logged = fs::metadata(dir.join(format!("{FILE}-wal"))).is_ok_and(|log| log.len() > 0);
    let connection = if logged {
        // In exclusive mode SQLite keeps the log's index in its own memory (sqlite.org/wal.html, "Use of WAL Without
        // Shared-Memory"); without locks, that needs no right to write.
        let connection = Connection::open_with_flags_and_vfs(&path, flags, c"unix-none").map_err(database)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(database)?;
        connection.pragma_update(None, "locking_mode", "exclusive").map_err(database)?;
        connection
    } else {
        let flags = flags | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(immutable(path.as_os_str()), flags).map_err(database)?
    };
    open::configure(&connection).map_err(database)?;
    open::current_schema(&connection, &path)?;
    Ok(connection)
}

/// The file as a URI (sqlite.org/uri.html), of which SQLite takes it that nobody writes it.
fn immutable(path: &OsStr) -> String {
    let mut uri = "file:".to_owned();
    for &byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri + "?immutable=1"
}
