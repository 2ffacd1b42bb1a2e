//! Random tokens, for cookies and forms.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// What is kept of a token: who reads our memory or times our comparisons can't make a cookie of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenHash([u8; 32]);

/// What is stored of a token that a link carries.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl TokenHash {
    pub(crate) fn of(token: &str) -> Self {
        Self(digest(token))
    }
}

/// The system has no entropy to give.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers: {0}")]
pub struct NoEntropy(#[from] getrandom::Error);

/// A fresh token of 256 bits, as 64 hexadecimal digits.
pub fn random() -> Result<String, NoEntropy> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
