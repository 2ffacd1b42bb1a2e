//! Text as a person reads it: folding, and finding listed words in it.

pub mod words;
