//! What is said about each message, and about all of them at the end.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use indicatif::ProgressBar;
use policy_core::entry::{Entry, EntryId};
use policy_core::explain;
use policy_core::lists::{Actor, Lists};
use policy_core::pattern::PatternKind;
use policy_core::verdict::{Matched, Outcome, Reason};
use serde::Serialize;
use texts::Texts;

use super::judge::{Judged, Result};
use super::messages::Spot;
use crate::cli::table::printable;
use crate::store::Store;

/// How results are shown.
pub(super) struct Style {
    /// As a JSON array, every message in it.
    pub(super) json: bool,
    /// Also what would be delivered.
    pub(super) all: bool,
}

/// Writes results as they come.
pub(super) struct Report<'a, W> {
    output: W,
    style: Style,
    store: Option<&'a Store>,
    tried: &'a [Entry],
    progress: ProgressBar,
    texts: Texts,
    /// Entries of the list that decided.
    listed: HashMap<EntryId, Option<Entry>>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    messages: u64,
    stopped: u64,
    left_out: u64,
    troubles: u64,
    by_entry: BTreeMap<EntryId, u64>,
}

/// One message as JSON.
#[derive(Serialize)]
struct Row<'a> {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    verdict: Outcome,
    reason: Reason,
    /// Of the entry that decided; not of one that is only tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<&'a Matched>,
    explanation: &'a str,
    /// An allow entry would have it delivered if its sender were proven, which only a receiving server can find out.
    delivered_if_proven: bool,
    /// It was too large or too deep to be read to its end.
    cut_short: bool,
}

/// The deciding entry's pattern.
#[derive(Serialize)]
struct Shown<'a> {
    kind: PatternKind,
    value: &'a str,
}

impl<'a, W: Write> Report<'a, W> {
    pub(super) fn new(
        output: W,
        style: Style,
        store: Option<&'a Store>,
        tried: &'a [Entry],
        progress: ProgressBar,
    ) -> Self {
        Self {
            output,
            style,
            store,
            tried,
            progress,
            texts: Texts::plain(),
            listed: HashMap::new(),
            counts: Counts::default(),
        }
    }

    /// Takes the next result.
    pub(super) fn take(&mut self, result: Result) -> io::Result<()> {
        match result {
            Result::LeftOut => self.counts.left_out += 1,
            Result::Trouble(sentence) => {
                self.counts.troubles += 1;
                self.progress.suspend(|| eprintln!("postward: {}", printable(&sentence)));
            }
            Result::Judged(judged) => self.judged(&judged)?,
        }
        if self.counts.messages.is_multiple_of(64) {
            let Counts { messages, stopped, .. } = self.counts;
            self.progress.set_message(format!("{messages} messages, {stopped} of them not delivered"));
        }
        Ok(())
    }

    fn judged(&mut self, judged: &Judged) -> io::Result<()> {
        let stopped = judged.verdict.outcome != Outcome::Deliver;
        self.counts.messages += 1;
        self.counts.stopped += u64::from(stopped);
        let decided_by = judged.verdict.decided_by.as_ref().map(|decision| decision.entry);
        if let Some(id) = decided_by {
            *self.counts.by_entry.entry(id).or_default() += 1;
        }
        if !(stopped || self.style.all || self.style.json || judged.spot.named || judged.proof_matters) {
            return Ok(());
        }
        let tried = decided_by.and_then(|id| self.tried.iter().find(|entry| entry.id == id));
        let listed = if tried.is_some() { None } else { decided_by.and_then(|id| self.listed(id)) };
        let explanation = match tried {
            Some(entry) => explain::sentence_if_listed(&judged.verdict, entry),
            None => explain::sentence(&judged.verdict, listed.as_ref()),
        };
        let Self { output, progress, style, counts, texts, .. } = self;
        let explanation = texts.sentence(&explanation);
        progress.suspend(|| {
            if !style.json {
                return write_in_words(output, texts, judged, &explanation);
            }
            output.write_all(if counts.messages == 1 { b"[\n" } else { b",\n" })?;
            let pattern = tried.or(listed.as_ref()).map(|entry| &entry.pattern);
            let row = Row {
                file: judged.spot.path.to_string_lossy().into_owned(),
                index: judged.spot.in_mailbox.map(|(index, _)| index),
                offset: judged.spot.in_mailbox.map(|(_, offset)| offset),
                from: judged.from.as_deref(),
                subject: judged.subject.as_deref(),
                verdict: judged.verdict.outcome,
                reason: judged.verdict.reason,
                entry: decided_by.filter(|_| tried.is_none()),
                pattern: pattern.map(|pattern| Shown { kind: pattern.kind, value: &pattern.typed }),
                matched: judged.verdict.decided_by.as_ref().map(|decision| &decision.matched),
                explanation: &explanation,
                delivered_if_proven: judged.proof_matters,
                cut_short: judged.cut_short,
            };
            serde_json::to_writer(output, &row).map_err(io::Error::from)
        })
    }

    /// An entry of the list, asked for once.
    fn listed(&mut self, id: EntryId) -> Option<Entry> {
        let store = self.store;
        let ask = || store?.entry(Actor::Admin, id).ok().map(|listed| listed.entry);
        self.listed.entry(id).or_insert_with(ask).clone()
    }

    /// Ends the output; `many` says that there were folders or mailboxes, which are summed up. Returns whether all was
    /// read, and whether something would be stopped.
    pub(super) fn end(mut self, many: bool) -> io::Result<(bool, bool)> {
        self.progress.finish_and_clear();
        if self.style.json {
            let end: &[u8] = if self.counts.messages == 0 { b"[]\n" } else { b"\n]\n" };
            self.output.write_all(end)?;
            if self.counts.left_out > 0 {
                eprintln!("postward: {}", self.left_out());
            }
        } else if many {
            self.sum_up()?;
        }
        self.output.flush()?;
        Ok((self.counts.troubles == 0, self.counts.stopped > 0))
    }

    /// A person names a file to have it judged whatever it looks like.
    fn left_out(&self) -> String {
        let files = counted(self.counts.left_out, "file is", "files are");
        format!("{files} empty or no message, and left out. To have one judged all the same, name it.")
    }

    fn sum_up(&mut self) -> io::Result<()> {
        let Counts { messages, stopped, left_out, troubles, .. } = self.counts;
        let percent = if messages == 0 { 0.0 } else { stopped as f64 * 100.0 / messages as f64 };
        writeln!(
            self.output,
            "{}, {stopped} of them would not be delivered ({percent:.2} %).",
            counted(messages, "message", "messages")
        )?;
        let mut by_entry: Vec<(EntryId, u64)> =
            std::mem::take(&mut self.counts.by_entry).into_iter().collect();
        // What was tried and stops nothing is an answer as well.
        by_entry.extend(self.tried.iter().map(|entry| (entry.id, 0)));
        by_entry.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
        let mut seen = std::collections::HashSet::new();
        by_entry.retain(|(id, _)| seen.insert(*id));
        for (id, count) in by_entry {
            let tried = self.tried.iter().find(|entry| entry.id == id).cloned();
            let whose = if tried.is_some() { "not on the list".to_owned() } else { id.to_string() };
            let what = tried.or_else(|| self.listed(id)).map_or_else(
                || "an entry that is gone".to_owned(),
                |entry| printable(&self.texts.sentence(&explain::pattern(&entry.pattern))),
            );
            writeln!(self.output, "{count:>8}  {what} ({whose})")?;
        }
        if left_out > 0 {
            writeln!(self.output, "{}", self.left_out())?;
        }
        if troubles > 0 {
            writeln!(self.output, "{} could not be read: see above.", counted(troubles, "file", "files"))?;
        }
        Ok(())
    }
}

fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

fn write_in_words(
    output: &mut impl Write,
    texts: &Texts,
    judged: &Judged,
    explanation: &str,
) -> io::Result<()> {
    let verdict = match judged.verdict.outcome {
        Outcome::Deliver => "deliver",
        Outcome::Drop => "drop",
        Outcome::Refuse => "refuse",
    };
    let Spot { path, in_mailbox, named } = &judged.spot;
    let number = in_mailbox.map(|(index, _)| format!(", message {index}")).unwrap_or_default();
    let path = printable(&path.to_string_lossy());
    writeln!(output, "{path}{number}: {verdict}. {}", printable(explanation))?;
    if !named {
        // A file's name or a number says little about which message it is.
        let from = judged.from.as_deref().unwrap_or("an author that can't be read");
        let subject = judged.subject.as_deref().unwrap_or("");
        writeln!(output, "  From {}: {}", printable(from), printable(subject))?;
    }
    for remark in explain::remarks(judged.proof_matters, judged.cut_short) {
        writeln!(output, "  {}", texts.sentence(&remark))?;
    }
    if judged.empty {
        writeln!(output, "  There is nothing in it.")?;
    }
    Ok(())
}
