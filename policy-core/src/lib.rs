//! What Postward decides, and nothing about how messages arrive or where lists are stored.
//!
//! A door (the mail milter, the XMPP component) makes a [`Candidate`](candidate::Candidate) of each message and
//! asks the [`Snapshot`](snapshot::Snapshot) in force for a [`Verdict`](verdict::Verdict) per recipient. Doors,
//! web page and command line change the lists through the [`Lists`](lists::Lists) trait.
//!
//! This crate knows no protocol, no SQL, no async runtime and no clock: the day is handed in.

pub mod account;
pub mod addresses;
pub mod candidate;
pub mod chain;
pub mod client_blocks;
pub mod counting;
pub mod door;
pub mod entry;
pub mod explain;
pub mod identity;
pub mod lists;
pub mod logins;
pub mod meant;
pub mod message;
pub mod named;
pub mod ours;
mod packed;
pub mod pattern;
pub mod persons;
pub mod probe;
pub mod reports;
pub mod sentence;
pub mod sign_in;
pub mod snapshot;
pub mod suffix;
pub mod text;
pub mod transfer;
pub mod trial;
pub mod undo;
pub mod verdict;
