//! Passwords: made, hashed, verified.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// The fewest characters of a password that a person chooses.
pub(crate) const FEWEST_CHARACTERS: usize = 12;

/// A password could not be made or hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    NoEntropy(#[from] getrandom::Error),
    /// Hashing failed, for want of memory for instance.
    #[error("the password could not be hashed: {0}")]
    Hashing(argon2::password_hash::Error),
}

/// Letters that can't be mistaken for one another or for a digit.
const LETTERS: &[u8; 24] = b"abcdefghijkmnpqrstuvwxyz";

/// A password from the system's entropy: five groups of four letters, 91 bits, such as `kpwq-hdzr-majb-vuty-negs`.
pub fn random_password() -> Result<String, PasswordError> {
    let mut password = String::with_capacity(24);
    let mut letters = 0;
    while letters < 20 {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes)?;
        // 240 is the largest multiple of 24 in a byte: what lies above would make some letters likelier.
        for byte in bytes.into_iter().filter(|&byte| byte < 240).take(20 - letters) {
            if letters > 0 && letters % 4 == 0 {
                password.push('-');
            }
            password.push(char::from(LETTERS.get(usize::from(byte % 24)).copied().unwrap_or(b'a')));
            letters += 1;
        }
    }
    Ok(password)
}

/// The argon2id PHC string of a password, with a random salt. Takes about 19 MiB and a noticeable time: not for an
/// async thread.
pub fn hash_password(password: &str) -> Result<String, PasswordError> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(PasswordError::Hashing)?;
    Ok(hash.to_string())
}

/// Whether the password is the one behind this PHC string. Takes as long as [`hash_password`].
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_password_is_twenty_letters_in_five_groups_and_never_the_same() {
        let password = random_password().unwrap();
        assert_eq!(password.split('-').map(str::len).collect::<Vec<_>>(), [4; 5]);
        assert!(password.bytes().all(|byte| byte == b'-' || LETTERS.contains(&byte)));
        assert_ne!(password, random_password().unwrap());
    }

    #[test]
    fn only_the_right_password_is_verified() {
        let hash = hash_password("a long enough one").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("a long enough one", &hash));
        assert!(!verify("another", &hash));
        assert!(!verify("a long enough one", "not a hash"));
    }
}
