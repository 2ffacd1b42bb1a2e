//! What the machine gives: room on the disk, and the time.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use policy_core::chain::Link;
use policy_core::sentence::Sentence;

/// Less room than this, and the next change to the lists may fail.
const ALMOST_NONE: u64 = 32 << 20;

/// With less than this, logs and mail fill the rest in days.
const LITTLE: u64 = 256 << 20;

/// This program was made later than this: 2026-01-01, in seconds since 1970.
const WRITTEN: u64 = 1_767_225_600;

/// The lists were written so much later than it is now: the clock went back.
const BACK: Duration = Duration::from_secs(3600);

/// Where systemd-timesyncd says that it has set the clock (systemd-timesyncd.service(8)).
const TIMESYNC: &str = "/run/systemd/timesync";

/// Room where the lists are.
pub(super) fn disk(data: &Path) -> Link {
    const ID: &str = "disk";
    let statistics = match rustix::fs::statvfs(data) {
        Ok(statistics) => statistics,
        Err(error) => {
            return Link::worth_knowing(ID, Sentence::of("disk-unseen").with("error", error.to_string()));
        }
    };
    let lists: u64 = ["postward.sqlite", "postward.sqlite-wal"]
        .iter()
        .filter_map(|name| Some(fs::metadata(data.join(name)).ok()?.len()))
        .sum();
    // Some file systems don't count their files.
    let files = (statistics.f_files > 0).then_some(statistics.f_favail);
    room(ID, statistics.f_bavail.saturating_mul(statistics.f_frsize), files, lists)
}

fn room(id: &str, bytes: u64, files: Option<u64>, lists: u64) -> Link {
    let free = megabytes(bytes);
    if files == Some(0) {
        return Link::bad(id, Sentence::of("disk-no-files"));
    }
    if bytes < ALMOST_NONE {
        return Link::bad(id, Sentence::of("disk-full").with("free", free));
    }
    // An upgrade copies the lists first.
    if bytes < LITTLE.max(lists.saturating_mul(2)) {
        return Link::worth_knowing(id, Sentence::of("disk-almost-full").with("free", free));
    }
    Link::good(id, Sentence::of("disk-room").with("free", free))
}

fn megabytes(bytes: u64) -> String {
    match bytes >> 20 {
        large @ 10_240.. => format!("{} GB", large >> 10),
        small => format!("{small} MB"),
    }
}

/// The clock: end dates of entries go by it, and so do tokens.
pub(super) fn clock(data: &Path) -> Link {
    let written = fs::metadata(data.join("postward.sqlite")).and_then(|metadata| metadata.modified()).ok();
    let timesync = Path::new(TIMESYNC);
    let synchronized = timesync.is_dir().then(|| timesync.join("synchronized").exists());
    time("clock", SystemTime::now(), written, synchronized)
}

fn time(id: &str, now: SystemTime, lists: Option<SystemTime>, synchronized: Option<bool>) -> Link {
    if now < UNIX_EPOCH + Duration::from_secs(WRITTEN) {
        return Link::bad(id, Sentence::of("clock-behind"));
    }
    if lists.is_some_and(|lists| lists > now + BACK) {
        return Link::bad(id, Sentence::of("clock-went-back"));
    }
    if synchronized == Some(false) {
        return Link::worth_knowing(id, Sentence::of("clock-unset"));
    }
    Link::good(id, Sentence::of("clock-plausible"))
}

#[cfg(test)]
mod tests {
    use policy_core::chain::State::{Bad, Good, WorthKnowing};

    use super::*;

    #[test]
    fn little_room_is_said_before_there_is_none() {
        const GIB: u64 = 1 << 30;
        for (bytes, files, lists, state) in [
            (4 * GIB, Some(1000), 1 << 20, Good),
            (4 * GIB, None, 1 << 20, Good),
            (4 * GIB, Some(0), 1 << 20, Bad),
            (200 << 20, Some(1000), 1 << 20, WorthKnowing),
            (300 << 20, Some(1000), 200 << 20, WorthKnowing),
            (31 << 20, Some(1000), 1 << 20, Bad),
        ] {
            assert_eq!(room("disk", bytes, files, lists).state, state, "{bytes} {files:?} {lists}");
        }
    }

    #[test]
    fn a_clock_that_is_behind_or_went_back_is_said() {
        let now = UNIX_EPOCH + Duration::from_secs(WRITTEN) + 100 * BACK;
        let hours = |count| Some(now + BACK * count);
        for (at, lists, synchronized, state) in [
            (now, hours(0), Some(true), Good),
            (now, hours(1), None, Good),
            (now, None, None, Good),
            (now, hours(0), Some(false), WorthKnowing),
            (now, hours(2), Some(true), Bad),
            (UNIX_EPOCH, None, None, Bad),
        ] {
            assert_eq!(time("clock", at, lists, synchronized).state, state);
        }
    }
}
