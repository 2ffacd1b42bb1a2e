//! `postward import` and `export`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Cursor, Read, Write};
use std::process::ExitCode;

use clap::Args;
use policy_core::entry::Scope;
use policy_core::lists::{Actor, Query};
use policy_core::transfer::{Format, Writer, read};

use super::access::{Access, scope};
use super::list::for_each;
use super::{CliError, worded};
use crate::config::Flags;

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

pub(super) fn import(flags: &Flags, args: &ImportArgs) -> Result<ExitCode, CliError> {
    let unreadable = |error: &io::Error| CliError::Failed(format!("can't read {}: {error}", args.file));
    let mut input: Box<dyn BufRead> = if args.file == "-" {
        // Whoever types or pipes slowly must not keep others from changing the list meanwhile.
        let mut all = Vec::new();
        io::stdin().lock().read_to_end(&mut all).map_err(|error| unreadable(&error))?;
        Box::new(Cursor::new(all))
    } else {
        Box::new(BufReader::new(File::open(&args.file).map_err(|error| unreadable(&error))?))
    };
    let begin = input.fill_buf().map_err(|error| unreadable(&error))?;
    let name = (args.file != "-").then_some(args.file.as_str());
    let format = args.format.unwrap_or_else(|| Format::guess(name, begin));
    let access = Access::open(flags)?;
    let scope = scope(access.lists(), args.member.as_deref())?;
    let report = access.lists().import(Actor::Admin, scope, args.replace, &mut read(input, format))?;
    let mut output = BufWriter::new(io::stdout().lock());
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
    writeln!(output, "{}", access.where_in_force()?)?;
    output.flush()?;
    // A script that mirrors a list must be able to tell that lines are missing.
    Ok(if report.refused_count > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

#[derive(Args)]
pub(super) struct ExportArgs {
    /// How to write it: lines, csv or json
    #[arg(long, default_value = "lines")]
    format: Format,
}

pub(super) fn export(flags: &Flags, args: &ExportArgs) -> Result<ExitCode, CliError> {
    let access = Access::open(flags)?;
    let mut writer = Writer::new(BufWriter::new(io::stdout().lock()), args.format);
    let query = Query { scope: Some(Scope::Household), limit: 5_000, ..Query::default() };
    for_each(access.lists(), query, |listed| Ok(writer.entry(&listed.entry)?))?;
    writer.finish()?;
    Ok(ExitCode::SUCCESS)
}
