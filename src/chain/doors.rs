//! The two doors as the daemon sees them: open or not, by which revision they judge, and what the module in Prosody says.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::Path;

use policy_core::chain::Link;
use policy_core::door::{DoorState, DoorStatus, ModuleStatus};

/// The group of files whose owner a sandbox doesn't show (user_namespaces(7)).
const HIDDEN_GROUP: u32 = 65_534;

/// The door that Postfix comes through.
pub(super) fn mail(door: &DoorStatus, stored: u64) -> Vec<Link> {
    let mut links = vec![match &door.state {
        DoorState::Open { address } => milter_socket(address),
        state => not_open("mail-socket", state),
    }];
    links.push(revision("mail-list", "mail", door, stored));
    links.extend(failures("mail-failures", "mail", door));
    links
}

/// The door that Prosody comes through. `ours` is this version.
pub(super) fn chat(door: &DoorStatus, stored: u64, ours: &str) -> Vec<Link> {
    let open = matches!(door.state, DoorState::Open { .. });
    let mut links = vec![match &door.state {
        DoorState::Open { address } => {
            Link::good("chat-component", format!("Postward is connected to Prosody at {address}."))
        }
        state => not_open("chat-component", state),
    }];
    if open {
        links.push(module(door.module.as_ref(), ours));
        links.extend(door.module.as_ref().and_then(hosts));
    }
    links.push(revision("chat-list", "chat", door, stored));
    links.extend(failures("chat-failures", "chat", door));
    links
}

fn not_open(id: &str, state: &DoorState) -> Link {
    match state {
        DoorState::Waiting { problem, .. } => Link::bad(
            id,
            format!("Chat is not watched: {problem}."),
            "Do as it says; Postward tries again by itself every few seconds.",
        ),
        _ => Link::bad(
            id,
            "The door is not open yet: Postward is starting.",
            "Look again in a minute; if it stays so, see `journalctl -u postward`.",
        ),
    }
}

/// Whether somebody who connects where Postfix does is let in.
fn milter_socket(address: &str) -> Link {
    const ID: &str = "mail-socket";
    let reached = match (address.strip_prefix("inet:"), address.strip_prefix("unix:")) {
        (Some(tcp), _) => TcpStream::connect(tcp).map(drop).map_err(|error| error.to_string()),
        (_, Some(path)) => unix_socket(Path::new(path)),
        _ => Ok(()),
    };
    match reached {
        Ok(()) => Link::good(ID, format!("Postfix can ask at {address}.")),
        Err(problem) => Link::bad(
            ID,
            format!("Nobody can ask at {address}: {problem}. Mail is not judged."),
            "Run `systemctl restart postward.socket postward`, or restart Postward in whatever way it is started.",
        ),
    }
}

fn unix_socket(path: &Path) -> Result<(), String> {
    let metadata = fs::metadata(path).map_err(|error| format!("the socket is gone ({error})"))?;
    if !metadata.file_type().is_socket() {
        return Err("there is a file that isn't a socket".to_owned());
    }
    UnixStream::connect(path).map_err(|error| format!("nobody listens at the socket ({error})"))?;
    let (mode, group) = (metadata.mode(), metadata.gid());
    let let_in = mode & 0o006 == 0o006
        || mode & 0o060 == 0o060
            && (group == HIDDEN_GROUP || milter::postfix_group().is_none_or(|postfix| postfix == group));
    if let_in {
        Ok(())
    } else {
        Err("its owner or mode keeps Postfix out; it needs group postfix and mode 0660".to_owned())
    }
}

fn revision(id: &str, name: &str, door: &DoorStatus, stored: u64) -> Link {
    if door.revision == stored {
        return Link::good(
            id,
            format!("The list in force on {name} is the one that is stored (revision {stored})."),
        );
    }
    Link::bad(
        id,
        format!("On {name} revision {} of the list is in force, and {stored} is stored.", door.revision),
        "Restart Postward: `systemctl restart postward`. Then please report this fault.",
    )
}

fn failures(id: &str, name: &str, door: &DoorStatus) -> Option<Link> {
    (door.failed > 0).then(|| {
        Link::worth_knowing(
            id,
            format!(
                "Since the start, judging {name} failed {} times by a fault of Postward's own; the failure mode decided.",
                door.failed
            ),
            "Please report it, with what `journalctl -u postward` says: it holds nothing of the messages.",
        )
    })
}

fn module(module: Option<&ModuleStatus>, ours: &str) -> Link {
    const ID: &str = "chat-module";
    let Some(module) = module else {
        return Link::bad(
            ID,
            "mod_postward has not been heard from: it isn't loaded in Prosody, and chat is not judged.",
            "Run `postward connect prosody` as root, or add \"postward\" to modules_enabled; then restart Prosody.",
        );
    };
    if module.version != ours {
        return Link::bad(
            ID,
            format!("mod_postward in Prosody is version {}, and Postward is {ours}.", module.version),
            format!("Copy mod_postward {ours} to where Prosody's modules are, and restart Prosody."),
        );
    }
    match module.unjudged {
        0 => Link::good(ID, format!("mod_postward {ours} is loaded in Prosody, as it should be.")),
        count => Link::worth_knowing(
            ID,
            format!(
                "mod_postward {ours} is loaded in Prosody. Since then {count} stanzas went unjudged, because Postward was \
                 absent or too slow."
            ),
            "Nothing, if Postward or Prosody was restarted. If the number grows, the machine is too busy.",
        ),
    }
}

/// Hosts of Prosody's that the module isn't loaded on, where it has said.
fn hosts(module: &ModuleStatus) -> Option<Link> {
    const ID: &str = "chat-hosts";
    if module.unfiltered.is_empty() {
        return (!module.filtered.is_empty())
            .then(|| Link::good(ID, format!("Chat is judged at {}.", module.filtered.join(", "))));
    }
    Some(Link::worth_knowing(
        ID,
        format!("Chat at {} is not judged: mod_postward isn't loaded there.", module.unfiltered.join(", ")),
        "If people use these hosts, add \"postward\" to their modules_enabled, or load postward_everywhere on Postward's \
         Component, and restart Prosody.",
    ))
}
