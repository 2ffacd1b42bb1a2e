//! A daemon whose data folder was removed while it runs. It goes on judging by the lists that it remembers, and nobody finds its
//! socket any more; it still holds the lock, though.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The number of the process that holds a lock which stood in this folder and was removed: proc_pid_fd(5). Of other accounts'
/// processes only root sees it.
pub fn keeper_of_removed(dir: &Path) -> Option<u32> {
    let mut lock = OsString::from(resolved(dir).join("lock"));
    lock.push(" (deleted)");
    let holds = |process: &Path| {
        let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_link(file.path()).ok()).any(|file| file == *lock)
    };
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter(|process| holds(&process.path()))
        .find_map(|process| process.file_name().to_str()?.parse().ok())
}

/// The path as the kernel names it, of a folder that may be gone.
fn resolved(dir: &Path) -> PathBuf {
    let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let in_parent = || Some(fs::canonicalize(absolute.parent()?).ok()?.join(absolute.file_name()?));
    fs::canonicalize(&absolute).ok().or_else(in_parent).unwrap_or(absolute)
}

#[cfg(test)]
mod tests {
    use super::keeper_of_removed;

    #[test]
    fn who_keeps_the_lists_of_a_removed_folder_is_found() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("data");
        std::fs::create_dir(&dir).unwrap();
        let lock = crate::store::lock(&dir).unwrap();
        assert_eq!(keeper_of_removed(&dir), None);
        std::fs::remove_dir_all(&dir).unwrap();
        assert_eq!(keeper_of_removed(&dir), Some(std::process::id()));
        std::fs::create_dir(&dir).unwrap();
        assert_eq!(keeper_of_removed(&dir), Some(std::process::id()), "another folder of the name");
        drop(lock);
        assert_eq!(keeper_of_removed(&dir), None);
    }
}
