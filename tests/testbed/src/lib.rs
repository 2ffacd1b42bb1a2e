//! Real servers for tests and for the demo: each lives in a temporary folder, listens on loopback only, says when it is
//! ready, keeps its log to itself unless the test fails, and ends with its handle.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

pub mod browser;
pub mod daemon;
pub mod demo;
pub mod dkim;
pub mod dns;
pub mod mail;
pub mod postfix;
pub mod process;
pub mod prosody;
pub mod xmpp;

/// How long tests wait for what must happen. A shared machine may stand still for longer than any server's start takes,
/// and a test that succeeds never waits this long.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);
