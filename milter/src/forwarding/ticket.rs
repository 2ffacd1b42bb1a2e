//! The one-time header that tells the listener which member a message comes from.
//!
//! Postfix doesn't pass the login on when it delivers, and anybody on the machine can talk to the listener's port. So
//! the milter, which knows the login, writes it down with a message authentication code (HMAC, RFC 2104).

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use policy_core::entry::{Effect, MemberId};
use sha2::Sha256;

/// The header's name.
pub(crate) const HEADER: &str = "Postward-Forwarded";

/// Its name in lower case.
pub(super) const HEADER_LOWER: &str = "postward-forwarded";

/// How long a header counts, in seconds: Postfix keeps a message for five days (`maximal_queue_lifetime`).
pub(super) const LIFETIME: u64 = 5 * 24 * 3600;

/// The file in the data folder. Mail that waits in Postfix's queue is carried out after a restart with the same key.
const KEY_FILE: &str = "forwarding.key";

/// The secret that headers are made with.
pub(super) struct Key([u8; 32]);

/// What a header vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// A member's message to `block@` or `allow@`.
    Order(Effect, MemberId),
    /// An answer of ours: it quotes addresses, and the filter must not judge it for them.
    Answer,
}

/// A header that was found to be genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) errand: Errand,
    pub(super) nonce: String,
    /// When it ends, in seconds since 1970.
    pub(super) until: u64,
}

impl Key {
    /// Reads the key, or makes one from the system's entropy.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(KEY_FILE);
        let mut key = [0; 32];
        match File::open(&path) {
            Ok(mut file) => {
                file.read_exact(&mut key)?;
                fs::set_permissions(&path, Permissions::from_mode(0o600))?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                getrandom::fill(&mut key).map_err(io::Error::other)?;
                write_whole(&path, &key)?;
            }
            Err(error) => return Err(error),
        }
        Ok(Self(key))
    }

    /// The header's value for a message of this digest.
    pub(super) fn sign(&self, errand: Errand, digest: &[u8; 32], now: u64) -> io::Result<String> {
        let nonce = random()?;
        let until = now.saturating_add(LIFETIME);
        let said = said(errand, &nonce, until);
        let mac = self.mac(&said, digest).finalize().into_bytes();
        Ok(format!("{said} mac={}", hex(&mac)))
    }

    /// Whether this is a header of ours for a message of this digest, still in time. Used up it may be.
    pub(super) fn check(&self, value: &str, digest: &[u8; 32], now: u64) -> Option<Ticket> {
        let mut words = value.split_ascii_whitespace();
        let mut word = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=');
        let version = word("version")?;
        let (order, member) = (word("order")?, word("member")?);
        let (nonce, until, mac) = (word("nonce")?, word("until")?, word("mac")?);
        if version != "1" || words.next().is_some() {
            return None;
        }
        let until: u64 = until.parse().ok()?;
        let errand = match order {
            "block" => Errand::Order(Effect::Block, MemberId(member.parse().ok()?)),
            "allow" => Errand::Order(Effect::Allow, MemberId(member.parse().ok()?)),
            "answer" => Errand::Answer,
            _ => return None,
        };
        self.mac(&said(errand, nonce, until), digest).verify_slice(&unhex(mac)?).ok()?;
        (now <= until).then(|| Ticket { errand, nonce: nonce.to_owned(), until })
    }

    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, said: &str, digest: &[u8; 32]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length");
        mac.update(said.as_bytes());
        mac.update(digest);
        mac
    }
}

fn said(errand: Errand, nonce: &str, until: u64) -> String {
    let (order, member) = match errand {
        Errand::Order(Effect::Block, member) => ("block", member.0),
        Errand::Order(Effect::Allow, member) => ("allow", member.0),
        Errand::Answer => ("answer", 0),
    };
    format!("version=1 order={order} member={member} nonce={nonce} until={until}")
}

/// 128 random bits, as hexadecimal digits.
pub(super) fn random() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex(&bytes))
}

/// Writes a private file so that it is there whole or not at all.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(beside, path)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|char| char.to_digit(16)).collect();
    let bytes = digits?;
    let pairs = bytes.chunks_exact(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    if bytes.len() % 2 == 0 { pairs.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: [u8; 32] = [7; 32];
    const ORDER: Errand = Errand::Order(Effect::Block, MemberId(3));

    fn key() -> Key {
        Key([1; 32])
    }

    #[test]
    fn a_header_counts_for_its_message_and_its_time_alone() {
        let value = key().sign(ORDER, &DIGEST, 1000).unwrap();
        assert_eq!(key().check(&value, &DIGEST, 1000).unwrap().errand, ORDER);
        assert!(key().check(&value, &DIGEST, 1000 + LIFETIME).is_some());
        assert!(key().check(&value, &DIGEST, 1001 + LIFETIME).is_none(), "expired");
        assert!(key().check(&value, &[8; 32], 1000).is_none(), "another message");
        assert!(Key([2; 32]).check(&value, &DIGEST, 1000).is_none(), "another key");
    }

    #[test]
    fn nothing_in_a_header_can_be_changed() {
        let value = key().sign(ORDER, &DIGEST, 1000).unwrap();
        for changed in [
            value.replace("member=3", "member=4"),
            value.replace("order=block", "order=allow"),
            value.replace("until=", "until=9"),
            value.replace("nonce=", "nonce=0"),
            value.replace("version=1", "version=2"),
            format!("{value} more"),
            value.split(" mac=").next().unwrap().to_owned(),
            format!("{} mac=", value.split(" mac=").next().unwrap()),
            String::new(),
            "version=1 order=block member=3 nonce= until= mac=é".to_owned(),
        ] {
            assert!(key().check(&changed, &DIGEST, 1000).is_none(), "{changed}");
        }
    }

    #[test]
    fn each_header_is_another() {
        assert_ne!(key().sign(ORDER, &DIGEST, 1).unwrap(), key().sign(ORDER, &DIGEST, 1).unwrap());
    }

    #[test]
    fn the_key_outlives_a_restart_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = Key::open(folder.path()).unwrap();
        assert_eq!(first.0, Key::open(folder.path()).unwrap().0);
        let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
