//! Text as a person reads it: folding, and finding listed words in it.

mod chars;
mod fold;
mod plain;
pub mod words;
