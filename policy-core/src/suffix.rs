//! Public suffixes: the domains under which anyone can have a domain of their own (publicsuffix.org).

mod rules;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fs, io};

use jiff::civil::{Date, date};
use publicsuffix::Psl;

use self::rules::Rules;
use crate::identity::Domain;

/// Where Debian keeps the list (package `publicsuffix`).
pub const SYSTEM_PATH: &str = "/usr/share/publicsuffix/public_suffix_list.dat";

const EMBEDDED: &str = include_str!("../data/public_suffix_list.dat");
/// The embedded copy's date; `data/README.md` says where it comes from.
const EMBEDDED_DATE: Date = date(2023, 2, 9);

static IN_USE: OnceLock<SuffixList> = OnceLock::new();

/// A Public Suffix List, its private section included: at `github.io`, too, everyone can have a name.
pub struct SuffixList {
    list: Rules,
    date: Option<Date>,
    origin: Origin,
}

enum Origin {
    File(PathBuf),
    Embedded,
}

/// Why a suffix list can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SuffixListError {
    /// The file can't be read.
    #[error("the public suffix list {path} can't be read: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file is no suffix list.
    #[error(
        "{path} is not a public suffix list ({error}): install Debian's package publicsuffix anew, or fetch the \
         list from https://publicsuffix.org/list/public_suffix_list.dat"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: publicsuffix::Error,
    },
}

impl SuffixList {
    /// Reads a list from a file.
    pub fn load(path: &Path) -> Result<Self, SuffixListError> {
        let unreadable = |error| SuffixListError::Unreadable { path: path.to_owned(), error };
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let list =
            text.parse().map_err(|error| SuffixListError::Malformed { path: path.to_owned(), error })?;
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).map_err(unreadable)?;
        Ok(Self {
            list,
            date: stated_date(&text).or_else(|| day_of(modified)),
            origin: Origin::File(path.to_owned()),
        })
    }

    /// The copy that is built in.
    pub fn embedded() -> Self {
        // The copy is part of the program and a test reads it; an empty list would only mean fewer questions.
        let list = EMBEDDED.parse().unwrap_or_default();
        Self { list, date: Some(EMBEDDED_DATE), origin: Origin::Embedded }
    }

    /// Debian's list where it is installed and sound, the built-in copy otherwise.
    pub fn system_or_embedded() -> Self {
        Self::load(Path::new(SYSTEM_PATH)).unwrap_or_else(|_| Self::embedded())
    }

    /// Makes this the list that [`SuffixList::in_use`] gives, for the whole process. Only the first call counts, and only
    /// before the first use; returns whether it did.
    pub fn install(self) -> bool {
        IN_USE.set(self).is_ok()
    }

    /// The process's list: what was [installed](SuffixList::install), else the built-in copy. Reads no file.
    pub fn in_use() -> &'static Self {
        IN_USE.get_or_init(Self::embedded)
    }

    /// The day the list was made, if known.
    pub fn date(&self) -> Option<Date> {
        self.date
    }

    /// Which list this is and of what date, for people.
    pub fn describe(&self) -> String {
        let of = self.date.map_or_else(|| "unknown date".to_owned(), |date| date.to_string());
        match &self.origin {
            Origin::File(path) => format!("{}, of {of}", path.display()),
            Origin::Embedded => format!("the copy built into Postward, of {of}"),
        }
    }

    /// Whether unrelated people own the domains directly below this one: it is on the list, or all that is below it is
    /// (`*.ck` makes `ck` no one's own either).
    pub fn is_suffix(&self, domain: &Domain) -> bool {
        !domain.is_ip() && self.covers(domain.as_str())
    }

    fn covers(&self, name: &str) -> bool {
        let is_listed = |name: &str| {
            self.list
                .suffix(name.as_bytes())
                .is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == name.as_bytes())
        };
        // `_` begins no registered name, so only a wildcard rule can cover it.
        is_listed(name) || is_listed(&format!("_.{name}"))
    }

    /// Whether the list knows the domain's last label, or the label is set aside for private use.
    pub fn knows_ending_of(&self, domain: &Domain) -> bool {
        /// RFC 6761, RFC 6762, RFC 8375, and what ICANN and others keep free for networks of one's own.
        const PRIVATE: [&str; 13] = [
            "arpa",
            "corp",
            "example",
            "home",
            "i2p",
            "internal",
            "invalid",
            "lan",
            "local",
            "localdomain",
            "localhost",
            "onion",
            "test",
        ];
        let ending = domain.as_str().rsplit('.').next().unwrap_or_default();
        PRIVATE.contains(&ending) || self.covers(ending)
    }

    /// The domain that its owner registered: the public suffix and one label more. `None` for suffixes themselves, single
    /// labels and IP addresses.
    pub fn registrable(&self, domain: &Domain) -> Option<Domain> {
        if domain.is_ip() || self.is_suffix(domain) {
            return None;
        }
        let registrable = self.list.domain(domain.as_str().as_bytes())?;
        let labels = std::str::from_utf8(registrable.as_bytes()).ok()?;
        labels.contains('.').then(|| Domain::parse(labels).ok()).flatten()
    }
}

/// Lists since 2024 say in a comment when they were made: `// VERSION: 2024-11-22_08-31-25_UTC`.
fn stated_date(text: &str) -> Option<Date> {
    let version = text.lines().take(20).find_map(|line| line.strip_prefix("// VERSION: "))?;
    version.get(..10)?.parse().ok()
}

fn day_of(time: std::time::SystemTime) -> Option<Date> {
    let timestamp = jiff::Timestamp::try_from(time).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(timestamp).date())
}
