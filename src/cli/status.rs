//! `postward status`: what is in force where.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use policy_core::door::{DoorState, DoorStatus, ModuleStatus, Watch};
use policy_core::lists::Status;
use policy_core::sentence::Sentence;
use serde_json::Value;

use super::access::Access;
use super::{CliError, worded};
use crate::config::Flags;

#[derive(Args)]
pub(super) struct StatusArgs {
    /// As a JSON object
    #[arg(long)]
    json: bool,
}

/// Exit status 0: a daemon runs, each of its doors is open and asked, and the database is there; 1: not so.
pub(super) fn run(flags: &Flags, args: &StatusArgs) -> Result<ExitCode, CliError> {
    let status = Access::open(flags)?.lists().status()?;
    let mut output = io::stdout().lock();
    if args.json {
        let status = json(&status).map_err(io::Error::from)?;
        serde_json::to_writer_pretty(&mut output, &status).map_err(io::Error::from)?;
        writeln!(output)?;
    } else {
        in_words(&mut output, &status)?;
    }
    let well =
        status.running && status.database.is_none() && !status.doors.iter().any(DoorStatus::is_unwatched);
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The status with its problems in words.
fn json(status: &Status) -> serde_json::Result<Value> {
    let mut json = serde_json::to_value(status)?;
    let mut say = |place: &str, problem: &Sentence| {
        if let Some(value) = json.pointer_mut(place) {
            *value = Value::String(worded(problem));
        }
    };
    if let Some(problem) = &status.database {
        say("/database", problem);
    }
    for (number, door) in status.doors.iter().enumerate() {
        if let DoorState::Waiting { problem, .. } = &door.state {
            say(&format!("/doors/{number}/problem"), problem);
        }
    }
    Ok(json)
}

fn in_words(output: &mut impl Write, status: &Status) -> io::Result<()> {
    let running = if status.running { "running" } else { "not running: nothing is filtered" };
    writeln!(output, "Postward {}, {running}", status.version)?;
    let plural =
        |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    writeln!(
        output,
        "List: revision {}, {} for the household, {}",
        status.revision,
        plural(status.entries, "entry", "entries"),
        plural(status.members, "member", "members"),
    )?;
    if let Some(problem) = &status.database {
        writeln!(output, "Database: {}", worded(problem))?;
    }
    for door in &status.doors {
        writeln!(output, "{}", door_in_words(door))?;
        match &door.module {
            Some(module) => writeln!(output, "{}", module_in_words(module, &status.version))?,
            None if door.watch() == Watch::Unheard => {
                writeln!(output, "  {}", worded(&Sentence::of("module-unheard")))?;
            }
            None => {}
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
        DoorState::Waiting { problem, .. } if door.name == "mail" => worded(problem),
        DoorState::Waiting { address, problem } => {
            format!("not connected to {address}: {}", worded(problem))
        }
    };
    let doubt = if door.watch() == Watch::Unasked {
        "; Postfix hasn't asked yet: `postward doctor` says whether it will"
    } else {
        ""
    };
    let stopped = door.stopped.map(|stopped| format!("{stopped} stopped, ")).unwrap_or_default();
    format!(
        "{name}: {state}; {} judged, {stopped}{} failures since the start{doubt}",
        door.judged, door.failed
    )
}

fn module_in_words(module: &ModuleStatus, ours: &str) -> String {
    if module.is_unloaded() {
        return "  mod_postward has been unloaded: chat is not judged".to_owned();
    }
    let advice = if module.version == ours {
        String::new()
    } else {
        format!(", which is not of this version: copy mod_postward {ours} to Prosody and reload it")
    };
    let unjudged = match module.unjudged {
        0 => "nothing went unjudged".to_owned(),
        count => format!("{count} stanzas went unjudged, because Postward was absent or too slow"),
    };
    let elsewhere = if module.unfiltered.is_empty() {
        String::new()
    } else {
        format!("; nothing is judged at {}, where it isn't loaded", module.unfiltered.join(", "))
    };
    format!("  mod_postward {}{advice}; {unjudged} since it was loaded{elsewhere}", module.version)
}

#[cfg(test)]
mod tests {
    use policy_core::door::ModuleStatus;

    use super::module_in_words;

    #[test]
    fn hosts_where_nothing_is_judged_are_named() {
        let mut module = ModuleStatus {
            version: "1".to_owned(),
            unjudged: 0,
            filtered: vec!["one.test".to_owned()],
            unfiltered: Vec::new(),
        };
        let said = "  mod_postward 1; nothing went unjudged since it was loaded";
        assert_eq!(module_in_words(&module, "1"), said);
        module.unfiltered = vec!["rooms.one.test".to_owned(), "two.test".to_owned()];
        let elsewhere = "; nothing is judged at rooms.one.test, two.test, where it isn't loaded";
        assert_eq!(module_in_words(&module, "1"), format!("{said}{elsewhere}"));
    }
}
