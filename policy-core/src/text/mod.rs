//! Text as a person reads it: folding, and finding listed words in it.

mod chars;
mod cursor;
mod fold;
mod hidden;
mod lookalike;
mod plain;
mod reversed;
mod segment;
mod signs;
mod spellings;
mod units;
mod verify;
pub mod words;
