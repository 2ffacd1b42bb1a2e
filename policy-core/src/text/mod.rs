//! Text as a person reads it: folding, and finding listed words in it.
//!
//! All text goes through the plain folding (`fold`, `plain`): compatibility forms, case, invisible characters and
//! spellings that every reader takes for one are undone, and keys are found as whole words (`spellings`, `cursor`).
//! Only where a chunk shows signs of hiding (`signs`), and what can pass for what (`lookalike`) may be something listed
//! (`sieve`), its letters are read once more (`units`), candidates are proposed (`hidden`, `masked`, `slips`), and each must be
//! explained by ways in which words are hidden (`verify`, `accents`): a false positive costs a friend's message and is
//! the worse error.

mod accented;
mod accents;
mod ascii;
mod believe;
mod bloom;
mod bridged;
mod by_hash;
mod chars;
mod chunk;
mod compound;
mod cursor;
mod cuts;
mod devanagari;
mod drawn;
mod dropped;
mod everyday;
mod fold;
mod gaps;
mod habits;
mod han;
mod heard;
mod hidden;
mod homophones;
mod interleaved;
mod lexicon;
mod listed;
mod lookalike;
mod masked;
mod particles;
mod pierced;
mod plain;
mod respaced;
mod reversed;
mod segment;
mod sieve;
mod signs;
mod slips;
mod spellings;
mod staccato;
mod tagged;
mod torn;
mod transliterated;
mod typed;
mod units;
mod unmarked;
mod verify;
pub mod words;
mod wrapped;

pub use self::lookalike::appearance;
