//! `postward status`: what is in force where.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use policy_core::door::{DoorState, DoorStatus, ModuleStatus};
use policy_core::lists::Status;

use super::CliError;
use super::access::Access;
use crate::config::Flags;

#[derive(Args)]
pub(super) struct StatusArgs {
    /// As a JSON object
    #[arg(long)]
    json: bool,
}

/// Exit status 0: a daemon runs and each of its doors is open, and the database is there; 1: not so.
pub(super) fn run(flags: &Flags, args: &StatusArgs) -> Result<ExitCode, CliError> {
    let status = Access::open(flags)?.lists().status()?;
    let mut output = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut output, &status).map_err(io::Error::from)?;
        writeln!(output)?;
    } else {
        in_words(&mut output, &status)?;
    }
    let well = status.running
        && status.database.is_none()
        && status.doors.iter().all(|door| matches!(door.state, DoorState::Open { .. }));
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn in_words(output: &mut impl Write, status: &Status) -> io::Result<()> {
    let running = if status.running { "running" } else { "not running: nothing is filtered" };
    writeln!(output, "Postward {}, {running}", status.version)?;
    let plural =
        |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    writeln!(
        output,
        "List: revision {}, {} for the household, {} for single members, {}",
        status.revision,
        plural(status.entries, "entry", "entries"),
        status.members_entries,
        plural(status.members, "member", "members"),
    )?;
    if let Some(problem) = &status.database {
        writeln!(output, "Database: {problem}")?;
    }
    for door in &status.doors {
        writeln!(output, "{}", door_in_words(door))?;
        if let Some(module) = &door.module {
            writeln!(output, "{}", module_in_words(module, &status.version))?;
        }
    }
    if let Some(web) = &status.web {
        writeln!(output, "Page: {web}")?;
    }
    writeln!(output, "Public suffixes: {}", status.suffix_list)
}

fn door_in_words(door: &DoorStatus) -> String {
    let name = match door.name.as_str() {
        "mail" => "Mail",
        "chat" => "Chat",
        other => other,
    };
    let state = match &door.state {
        DoorState::Starting => "starting".to_owned(),
        DoorState::Open { address } => format!("open at {address}, revision {} in force", door.revision),
        DoorState::Waiting { address, problem } => format!("not connected to {address}: {problem}"),
    };
    format!(
        "{name}: {state}; {} judged, {} stopped, {} failures since the start",
        door.judged, door.stopped, door.failed
    )
}

fn module_in_words(module: &ModuleStatus, ours: &str) -> String {
    let advice = if module.version == ours {
        String::new()
    } else {
        format!(", which is not of this version: copy mod_postward {ours} to Prosody and reload it")
    };
    let unjudged = match module.unjudged {
        0 => "nothing went unjudged".to_owned(),
        count => format!("{count} stanzas went unjudged, because Postward was absent or too slow"),
    };
    format!("  mod_postward {}{advice}; {unjudged} since it was loaded", module.version)
}
