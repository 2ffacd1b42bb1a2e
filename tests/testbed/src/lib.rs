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
