//! The two doors as the daemon sees them: open or not, by which revision they judge, and what the module in Prosody says.

use std::fs::{self, Metadata};
use std::io;
use std::net::TcpStream;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::Path;

use policy_core::chain::Link;
use policy_core::door::{DoorState, DoorStatus, ModuleStatus};
use policy_core::sentence::Sentence;

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
            Link::good("chat-component", Sentence::of("chat-connected").with("address", address.as_str()))
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
        DoorState::Waiting { problem, .. } => {
            Link::bad(id, Sentence::of("chat-unwatched").with("problem", problem.clone()))
        }
        _ => Link::bad(id, Sentence::of("door-starting")),
    }
}

/// Whether somebody who connects where Postfix does is let in.
fn milter_socket(address: &str) -> Link {
    const ID: &str = "mail-socket";
    let reached = match (address.strip_prefix("inet:"), address.strip_prefix("unix:")) {
        (Some(tcp), _) => TcpStream::connect(tcp)
            .map(drop)
            .map_err(|error| Sentence::of("socket-closed").with("problem", error.to_string())),
        (_, Some(path)) => unix_socket(Path::new(path)),
        _ => Ok(()),
    };
    match reached {
        Ok(()) => Link::good(ID, Sentence::of("socket-open").with("address", address)),
        Err(says) => Link::bad(ID, says.with("address", address)),
    }
}

/// The door, which its listener takes for open: closed where its socket isn't at its path any more.
pub(super) fn as_found(door: DoorStatus) -> DoorStatus {
    let DoorState::Open { address } = &door.state else { return door };
    let Some(Err(says)) = address.strip_prefix("unix:").map(|path| socket_at(Path::new(path))) else {
        return door;
    };
    let state =
        DoorState::Waiting { address: address.clone(), problem: says.with("address", address.as_str()) };
    DoorStatus { state, ..door }
}

fn unix_socket(path: &Path) -> Result<(), Sentence> {
    let metadata = socket_at(path)?;
    UnixStream::connect(path).map_err(problem(Sentence::of("socket-silent")))?;
    let (mode, group) = (metadata.mode(), metadata.gid());
    let let_in = mode & 0o006 == 0o006
        || mode & 0o060 == 0o060
            && (group == HIDDEN_GROUP || milter::postfix_group().is_none_or(|postfix| postfix == group));
    if let_in { Ok(()) } else { Err(Sentence::of("socket-forbidden")) }
}

fn socket_at(path: &Path) -> Result<Metadata, Sentence> {
    let metadata = fs::metadata(path).map_err(problem(Sentence::of("socket-gone")))?;
    if metadata.file_type().is_socket() { Ok(metadata) } else { Err(Sentence::of("socket-is-a-file")) }
}

fn problem(says: Sentence) -> impl FnOnce(io::Error) -> Sentence {
    |error| says.with("problem", error.to_string())
}

fn revision(id: &str, name: &str, door: &DoorStatus, stored: u64) -> Link {
    let filled = |says: Sentence| says.with("door", name).with("stored", stored);
    if door.revision == stored {
        return Link::good(id, filled(Sentence::of("list-in-force")));
    }
    Link::bad(id, filled(Sentence::of("list-behind")).with("revision", door.revision))
}

fn failures(id: &str, name: &str, door: &DoorStatus) -> Option<Link> {
    (door.failed > 0).then(|| {
        Link::worth_knowing(id, Sentence::of("judging-failed").with("door", name).with("count", door.failed))
    })
}

fn module(module: Option<&ModuleStatus>, ours: &str) -> Link {
    const ID: &str = "chat-module";
    let Some(module) = module.filter(|module| !module.is_unloaded()) else {
        return Link::bad(ID, Sentence::of("module-unheard"));
    };
    if module.version != ours {
        let says = Sentence::of("module-other-version").with("found", module.version.as_str());
        return Link::bad(ID, says.with("version", ours));
    }
    match module.unjudged {
        0 => Link::good(ID, Sentence::of("module-loaded").with("version", ours)),
        count => {
            let says = Sentence::of("module-unjudged").with("version", ours);
            Link::worth_knowing(ID, says.with("count", count))
        }
    }
}

/// Hosts of Prosody's that the module isn't loaded on, where it has said.
fn hosts(module: &ModuleStatus) -> Option<Link> {
    const ID: &str = "chat-hosts";
    if module.unfiltered.is_empty() {
        let says = Sentence::of("hosts-judged").with("hosts", module.filtered.join(", "));
        return (!module.filtered.is_empty()).then(|| Link::good(ID, says));
    }
    let says = Sentence::of("hosts-unjudged").with("hosts", module.unfiltered.join(", "));
    Some(Link::worth_knowing(ID, says))
}
