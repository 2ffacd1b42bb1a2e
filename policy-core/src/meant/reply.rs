//! Whether a message is an answer to another one rather than forwards it. Whoever wrote that other one chose where the
//! answer goes (Reply-To), and most of what is quoted in it.

use super::field::{introduces, is_quoted};
use super::words::{ANSWER, FORWARD};
use crate::message::Forwarded;

/// Whether it looks like an answer. `names_another`: it has In-Reply-To or References, which some mail programs also write
/// when they forward.
pub fn looks_like_reply(forwarded: &Forwarded, names_another: bool) -> bool {
    if !forwarded.attached.is_empty() || forwarded.resent {
        return false;
    }
    // What the mail program put before the subject stands before everything that anybody else put there.
    let subject = forwarded.subject.trim().to_lowercase();
    let prefix = subject.split_once([':', '\u{ff1a}']).map(|(prefix, _)| prefix);
    // `Re[2]:`, `Re (2):`
    let counting = |char: char| char.is_ascii_digit() || char.is_whitespace() || "[]()".contains(char);
    let prefix = prefix.unwrap_or_default().trim_end_matches(counting);
    if FORWARD.contains(&prefix) {
        return false;
    }
    if ANSWER.contains(&prefix) {
        return true;
    }
    let mut lines = forwarded.texts.iter().flatten();
    names_another && !lines.any(|line| !is_quoted(line) && introduces(line))
}
