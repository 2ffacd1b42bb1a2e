//! Owners and modes: nobody else on the machine may read the lists. What is wrong is mended, and said.
//!
//! Root may be asked to mend a folder that belongs to the daemon's account: everything goes by file descriptors that were
//! opened without following links, so that nobody can lead root to a file of somebody else's.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use policy_core::chain::Link;
use policy_core::sentence::Sentence;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fchmod, fchown, fstat, openat, statat};
use rustix::process::{Gid, Uid, geteuid};

const ID: &str = "files";

/// What group and others may do.
const OTHERS: u32 = 0o077;

/// What was found.
#[derive(Debug, Default)]
struct Found {
    mended: Vec<String>,
    wrong: Vec<String>,
}

/// Looks at the data folder and what is in it, and at the file with the component's secret.
pub(super) fn check(data: &Path, secret: Option<&Path>) -> Link {
    let mut found = Found::default();
    if let Err(error) = folder(data, &mut found) {
        let says = Sentence::of("files-unseen").with("folder", data.display().to_string());
        return Link::bad(ID, says.with("error", error.to_string()));
    }
    if let Some(secret) = secret {
        secret_file(secret, &mut found);
    }
    let Found { mended, wrong } = found;
    if !wrong.is_empty() {
        return Link::bad(ID, Sentence::of("files-wrong").with("files", wrong.join(", ")));
    }
    if !mended.is_empty() {
        return Link::worth_knowing(ID, Sentence::of("files-mended").with("files", mended.join(", ")));
    }
    Link::good(ID, Sentence::of("files-closed"))
}

fn folder(data: &Path, found: &mut Found) -> io::Result<()> {
    let opened = openat(CWD, data, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let stat = fstat(&opened)?;
    let name = data.display().to_string();
    // Root's own check takes the folder's owner for the right one: it is the daemon's.
    if !geteuid().is_root() && Uid::from_raw(stat.st_uid) != geteuid() {
        found.wrong.push(name);
        return Ok(());
    }
    if is_open(&stat) {
        mend(fchmod(&opened, Mode::from(0o700)), name, found);
    }
    for entry in std::fs::read_dir(data)? {
        let name = entry?.file_name();
        let shown = name.to_string_lossy().into_owned();
        let Ok(seen) = statat(&opened, &name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        let kind = FileType::from_raw_mode(seen.st_mode);
        // Sockets can't be opened: the folder protects them.
        if !matches!(kind, FileType::RegularFile | FileType::Directory) {
            continue;
        }
        // Closing a file takes all of this process's locks on it away (fcntl(2)), SQLite's too: then another program that
        // looks into the database would take the write-ahead log with it. So nothing is opened that needs no mending.
        if seen.st_uid == stat.st_uid && !is_open(&seen) {
            continue;
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match openat(&opened, &name, flags, Mode::empty()) {
            Ok(file) => one(&file, &stat, shown, found)?,
            Err(_) if seen.st_uid != stat.st_uid => found.wrong.push(shown),
            // Gone meanwhile, as SQLite's helpers are at times.
            Err(_) => {}
        }
    }
    Ok(())
}

/// Mends one file or folder inside the data folder, whose owner should be the folder's.
fn one(file: &impl AsFd, folder: &Stat, name: String, found: &mut Found) -> io::Result<()> {
    let stat = fstat(file)?;
    let directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
    if stat.st_uid != folder.st_uid {
        // A second name for a file may be somebody's trick to be given it.
        let ours = directory || stat.st_nlink == 1;
        if !geteuid().is_root() || !ours {
            found.wrong.push(name);
            return Ok(());
        }
        let (owner, group) = (Uid::from_raw(folder.st_uid), Gid::from_raw(folder.st_gid));
        mend(fchown(file, Some(owner), Some(group)), name.clone(), found);
    }
    if is_open(&stat) {
        mend(fchmod(file, Mode::from(if directory { 0o700 } else { 0o600 })), name, found);
    }
    Ok(())
}

/// The secret is root's file and the daemon's group may read it; nobody else.
fn secret_file(path: &Path, found: &mut Found) {
    let opened = File::open(path).and_then(|file| Ok((fstat(&file)?, file)));
    // One that can't be read is the configuration's matter.
    let Ok((stat, file)) = opened else { return };
    if stat.st_mode & 0o007 != 0 {
        mend(fchmod(&file, Mode::from(stat.st_mode & 0o770)), path.display().to_string(), found);
    }
}

fn is_open(stat: &Stat) -> bool {
    stat.st_mode & OTHERS != 0
}

fn mend(done: rustix::io::Result<()>, name: String, found: &mut Found) {
    let list = if done.is_ok() { &mut found.mended } else { &mut found.wrong };
    if !list.contains(&name) {
        list.push(name);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use policy_core::chain::State;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_others_could_read_is_closed_and_said_and_links_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
        let (lists, outside, secret) =
            (data.join("postward.sqlite"), folder.path().join("outside"), folder.path().join("secret"));
        for file in [&lists, &outside, &secret] {
            fs::write(file, "x").unwrap();
            fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
        }
        assert_eq!(check(&data, Some(&secret)).state, State::Good);

        symlink(&outside, data.join("link")).unwrap();
        for path in [&data, &lists, &outside] {
            fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
        }
        fs::set_permissions(&secret, Permissions::from_mode(0o644)).unwrap();
        let link = check(&data, Some(&secret));
        assert_eq!(link.state, State::WorthKnowing, "{link:?}");
        let said = texts::Texts::plain().link(&link).says;
        assert!(said.contains("postward.sqlite") && said.contains("secret"), "{said}");
        assert_eq!((mode(&data), mode(&lists), mode(&secret)), (0o700, 0o600, 0o640));
        assert_eq!(mode(&outside), 0o755, "a link leads nowhere");
        assert_eq!(check(&data, Some(&secret)).state, State::Good, "it is said once");
    }
}
