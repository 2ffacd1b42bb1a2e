//! Text as a person reads it: folding, and finding listed words in it.

mod chars;
mod fold;
mod hidden;
mod lookalike;
mod plain;
mod segment;
mod signs;
mod units;
mod verify;
pub mod words;
