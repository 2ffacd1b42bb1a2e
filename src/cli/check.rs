//! `postward check`: what would happen to message files, without a server.

use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

use clap::Args;
use policy_core::candidate::{Candidate, Recipient};
use policy_core::entry::{Channel, EntryId};
use policy_core::explain::sentence;
use policy_core::identity::Identity;
use policy_core::lists::{Actor, Lists};
use policy_core::message::{self, Limits};
use policy_core::snapshot::{Snapshot, SnapshotHandle};
use policy_core::verdict::{Judgement, Matched, Outcome, Reason, Verdict};
use serde::Serialize;

use super::CliError;
use super::table::printable;
use crate::config::{self, Flags};
use crate::store::{Store, today};

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Message files (as saved from a mail program, .eml), or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// As a JSON array
    #[arg(long)]
    json: bool,
}

/// The verdict on one file.
#[derive(Serialize)]
struct Checked<'a> {
    file: &'a str,
    verdict: Outcome,
    reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<Matched>,
    explanation: String,
    /// An allow entry would have it delivered if its sender were proven, which only a receiving server can find out.
    delivered_if_proven: bool,
    /// It was too large or too deep to be read to its end.
    cut_short: bool,
}

/// Exit status 0: all would be delivered; 1: some would not.
pub(super) fn run(flags: &Flags, args: &CheckArgs) -> Result<ExitCode, CliError> {
    let store = Store::open_beside(&config::data_folder(flags)?)?;
    let snapshot =
        store.as_ref().map_or_else(|| SnapshotHandle::new(Snapshot::empty(0)), Store::snapshot).load();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut all_delivered = true;
    for (index, file) in args.files.iter().enumerate() {
        let raw = read_file(file)?;
        let candidate = candidate(&raw)?;
        let judgement = snapshot.judge(&candidate, today());
        let checked = explain(store.as_ref(), file, &candidate, &judgement);
        all_delivered &= checked.verdict == Outcome::Deliver;
        if args.json {
            output.write_all(if index == 0 { b"[\n" } else { b",\n" })?;
            serde_json::to_writer(&mut output, &checked).map_err(io::Error::from)?;
        } else {
            write_in_words(&mut output, &checked)?;
        }
    }
    if args.json {
        output.write_all(b"\n]\n")?;
    }
    output.flush()?;
    Ok(if all_delivered { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn read_file(file: &str) -> Result<Vec<u8>, CliError> {
    let mut raw = Vec::new();
    let read = if file == "-" {
        io::stdin().lock().read_to_end(&mut raw).map(|_| ())
    } else {
        std::fs::read(file).map(|bytes| raw = bytes)
    };
    read.map_err(|error| CliError::Failed(format!("can't read {file}: {error}")))?;
    Ok(raw)
}

/// The message as it would come in for someone whom the household's entries alone concern.
fn candidate(raw: &[u8]) -> Result<Candidate, CliError> {
    let mut candidate = Candidate::new(Channel::Mail);
    let someone =
        Identity::from_mail("someone", "localhost").map_err(|error| CliError::Failed(error.to_string()))?;
    candidate.recipients.push(Recipient { identity: someone, outgoing: false });
    message::read(raw, &Limits::default()).fill(&mut candidate);
    Ok(candidate)
}

fn explain<'a>(
    store: Option<&Store>,
    file: &'a str,
    candidate: &Candidate,
    judgement: &Judgement,
) -> Checked<'a> {
    let verdict = judgement.verdicts.first().cloned().unwrap_or_else(Verdict::unlisted);
    let entry = verdict
        .decided_by
        .as_ref()
        .and_then(|decision| store?.entry(Actor::Admin, decision.entry).ok())
        .map(|listed| listed.entry);
    Checked {
        file,
        verdict: verdict.outcome,
        reason: verdict.reason,
        entry: verdict.decided_by.as_ref().map(|decision| decision.entry),
        explanation: sentence(&verdict, entry.as_ref()),
        matched: verdict.decided_by.map(|decision| decision.matched),
        delivered_if_proven: judgement.proof_matters,
        cut_short: candidate.cut_short,
    }
}

fn write_in_words(output: &mut impl Write, checked: &Checked<'_>) -> io::Result<()> {
    let verdict = match checked.verdict {
        Outcome::Deliver => "deliver",
        Outcome::Drop => "drop",
        Outcome::Refuse => "refuse",
    };
    writeln!(output, "{}: {verdict}. {}", printable(checked.file), printable(&checked.explanation))?;
    if checked.delivered_if_proven {
        writeln!(
            output,
            "  An allow entry covers its author: it would be delivered if the server can prove the author."
        )?;
    }
    if checked.cut_short {
        writeln!(output, "  It is too large or too deep to be read to its end: judged by what was seen.")?;
    }
    Ok(())
}
