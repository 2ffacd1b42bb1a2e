//! `postward connect` and `disconnect`: the change to Postfix's and Prosody's configuration, shown before it is made.
//!
//! What was there before is remembered beside Postward's own configuration, where only root writes: `disconnect` puts it back.

mod own;
mod plan;
mod postfix;
mod prosody;
mod record;

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use self::plan::Plan;
use self::record::Record;
use super::CliError;
use crate::config::Flags;

#[derive(Args)]
pub(super) struct ConnectArgs {
    #[command(subcommand)]
    server: Server,
    /// Make the change without asking
    #[arg(long, global = true)]
    yes: bool,
}

#[derive(Subcommand)]
enum Server {
    /// Postfix asks Postward about each mail
    Postfix(postfix::PostfixArgs),
    /// Prosody asks Postward about each stanza
    Prosody(prosody::ProsodyArgs),
}

pub(super) fn connect(flags: &Flags, args: &ConnectArgs) -> Result<ExitCode, CliError> {
    let folder = folder(flags)?;
    let mut record = Record::read(&folder)?;
    let plan = match &args.server {
        Server::Postfix(server) => postfix::connect(flags, server, &mut record)?,
        Server::Prosody(server) => prosody::connect(flags, server)?,
    };
    carry_out(&plan, args.yes, || record.write(&folder))
}

pub(super) fn disconnect(flags: &Flags, args: &ConnectArgs) -> Result<ExitCode, CliError> {
    let folder = folder(flags)?;
    let mut record = Record::read(&folder)?;
    let plan = match &args.server {
        Server::Postfix(server) => postfix::disconnect(flags, server, &mut record)?,
        Server::Prosody(server) => prosody::disconnect(flags, server)?,
    };
    carry_out(&plan, args.yes, || record.write(&folder))
}

/// The folder of Postward's own configuration.
fn folder(flags: &Flags) -> Result<PathBuf, CliError> {
    let file = crate::config::file(flags);
    let absolute = std::path::absolute(&file)
        .map_err(|error| CliError::Failed(format!("{}: {error}", file.display())))?;
    absolute.parent().map(PathBuf::from).ok_or_else(|| {
        CliError::Failed(format!("{} is in no folder: name a file with --config", file.display()))
    })
}

/// Shows the plan, asks, remembers what was there, and makes the change. Exit status 1: the answer was no.
fn carry_out(
    plan: &Plan,
    yes: bool,
    remember: impl FnOnce() -> Result<(), CliError>,
) -> Result<ExitCode, CliError> {
    let mut output = io::stdout().lock();
    write!(output, "{plan}")?;
    if plan.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    if !yes && !asked(&mut output)? {
        writeln!(output, "Nothing was changed.")?;
        return Ok(ExitCode::from(1));
    }
    // Before the change: if it stops half way, disconnect still knows what was there.
    remember()?;
    plan.make(&mut output)?;
    Ok(ExitCode::SUCCESS)
}

fn asked(output: &mut impl Write) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() {
        return Err(CliError::Failed(
            "this is what would be done; to do it, say --yes, or run the command on a terminal".to_owned(),
        ));
    }
    write!(output, "Make this change? [y/N] ")?;
    output.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
