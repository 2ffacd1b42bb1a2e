//! `postward import` and `export`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::process::ExitCode;

use clap::Args;
use policy_core::entry::Scope;
use policy_core::lists::{Actor, ImportReport, ListsError, Order, Query};
use policy_core::transfer::{Format, Writer, read};

use super::access::{Access, scope};
use super::list::for_each;
use super::{CliError, worded};
use crate::config::Flags;
use crate::store::today;

#[derive(Args)]
pub(super) struct ImportArgs {
    /// The file, or - for standard input
    file: String,
    /// Remove the manual and imported entries of this list that are not in the file
    #[arg(long)]
    replace: bool,
    /// How it is written: lines, csv or json [default: by its name, or by how it begins]
    #[arg(long)]
    format: Option<Format>,
    /// Into this member's list
    #[arg(long = "for", value_name = "MEMBER")]
    member: Option<String>,
}

/// What is read twice: first to know that it is whole.
enum Input {
    File(String),
    Memory(Vec<u8>),
}

impl Input {
    fn of(file: &str) -> io::Result<Self> {
        if file != "-" && File::open(file)?.metadata()?.is_file() {
            return Ok(Self::File(file.to_owned()));
        }
        let mut all = Vec::new();
        match file {
            "-" => io::stdin().lock().read_to_end(&mut all)?,
            pipe => File::open(pipe)?.read_to_end(&mut all)?,
        };
        Ok(Self::Memory(all))
    }

    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(match self {
            Self::File(path) => Box::new(BufReader::new(File::open(path)?)),
            Self::Memory(all) => Box::new(all.as_slice()),
        })
    }
}

pub(super) fn import(flags: &Flags, args: &ImportArgs) -> Result<ExitCode, CliError> {
    let unreadable = |error: io::Error| CliError::Failed(format!("can't read {}: {error}", args.file));
    let input = Input::of(&args.file).map_err(unreadable)?;
    let name = (args.file != "-").then_some(args.file.as_str());
    let format = match args.format {
        Some(format) => format,
        None => Format::guess(name, input.open().map_err(unreadable)?.fill_buf().map_err(unreadable)?),
    };
    let mut lines = 0u64;
    for item in read(input.open().map_err(unreadable)?, format, today()) {
        item.map_err(unchanged)?;
        lines += 1;
    }
    let access = Access::open(flags)?;
    let scope = scope(access.lists(), args.member.as_deref())?;
    let mut items = read(input.open().map_err(unreadable)?, format, today());
    let report = access.lists().import(Actor::Admin, scope, args.replace, &mut items).map_err(unchanged)?;
    let mut output = BufWriter::new(io::stdout().lock());
    say(&mut output, &report)?;
    if let Some(why) = &report.stopped {
        output.flush()?;
        let done = report.added + report.already_there + report.refused_count;
        let why = worded(why);
        return Err(CliError::Failed(format!(
            "{done} of {lines} lines went in, and stay; then it ended: {why}. Import it again, and the rest goes in"
        )));
    }
    if args.replace && report.refused_count > 0 {
        writeln!(
            output,
            "Nothing was removed: the refused lines may mean entries that are there. Mend them or take them out, and \
             import it again."
        )?;
    }
    writeln!(output, "{}", access.where_in_force()?)?;
    output.flush()?;
    // A script that mirrors a list must be able to tell that lines are missing.
    Ok(if report.refused_count > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// A file of which nothing went in.
fn unchanged(error: ListsError) -> CliError {
    match error {
        ListsError::Refused(why) => CliError::Failed(format!("{}; nothing was changed", worded(&why))),
        other => other.into(),
    }
}

fn say(output: &mut impl Write, report: &ImportReport) -> io::Result<()> {
    writeln!(
        output,
        "{} added, {} already there, {} removed, {} refused.",
        report.added, report.already_there, report.removed, report.refused_count
    )?;
    if report.changed > 0 {
        writeln!(output, "  {} of those already there have new settings now", report.changed)?;
    }
    if report.resting > 0 {
        writeln!(
            output,
            "  {} of those already there are switched off or have ended, and stay so",
            report.resting
        )?;
    }
    for refused in &report.refused {
        writeln!(output, "  line {}: {}", refused.line, worded(&refused.reason))?;
    }
    let unlisted = report.refused_count.saturating_sub(report.refused.len() as u64);
    if unlisted > 0 {
        writeln!(output, "  and {unlisted} more")?;
    }
    Ok(())
}

#[derive(Args)]
pub(super) struct ExportArgs {
    /// How to write it: lines, csv or json
    #[arg(long, default_value = "lines")]
    format: Format,
}

pub(super) fn export(flags: &Flags, args: &ExportArgs) -> Result<ExitCode, CliError> {
    let access = Access::open(flags)?;
    let mut writer = Writer::new(BufWriter::new(io::stdout().lock()), args.format, today());
    // What is listed last is imported last, and stays the newest; what changes meanwhile is met again, and not missed.
    let query =
        Query { scope: Some(Scope::Household), order: Order::Oldest, limit: 5_000, ..Query::default() };
    for_each(access.lists(), query, |listed| Ok(writer.entry(&listed.entry)?))?;
    writer.finish()?;
    Ok(ExitCode::SUCCESS)
}
