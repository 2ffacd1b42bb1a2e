//! The two doors as the daemon sees them: open or not, by which revision they judge, and what the module in Prosody says.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
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
            .map(|_| Asked::LetIn)
            .map_err(|error| Sentence::of("socket-closed").with("problem", error.to_string())),
        (_, Some(path)) => unix_socket(Path::new(path)),
        _ => Ok(Asked::LetIn),
    };
    match reached {
        Ok(Asked::LetIn) => Link::good(ID, Sentence::of("socket-open").with("address", address)),
        Ok(Asked::NotAllowed) => {
            Link::worth_knowing(ID, Sentence::of("socket-untried").with("address", address))
        }
        Err(says) => Link::bad(ID, says.with("address", address)),
    }
}

/// What came of asking at our own socket.
enum Asked {
    LetIn,
    /// The socket that systemd handed over needn't let our account in: that says nothing of Postfix.
    NotAllowed,
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

fn unix_socket(path: &Path) -> Result<Asked, Sentence> {
    let Some(metadata) = socket_at(path)? else { return Ok(Asked::NotAllowed) };
    let (mode, group) = (metadata.mode(), metadata.gid());
    let let_in = mode & 0o006 == 0o006
        || mode & 0o060 == 0o060
            && (group == HIDDEN_GROUP || milter::postfix_group().is_none_or(|postfix| postfix == group));
    match UnixStream::connect(path) {
        Err(error) if error.kind() != ErrorKind::PermissionDenied => {
            Err(Sentence::of("socket-silent").with("problem", error.to_string()))
        }
        _ if !let_in => Err(Sentence::of("socket-forbidden")),
        Err(_) => Ok(Asked::NotAllowed),
        Ok(_) => Ok(Asked::LetIn),
    }
}

/// What is known of the socket; nothing where our account may not look.
fn socket_at(path: &Path) -> Result<Option<Metadata>, Sentence> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.file_type().is_socket() => Ok(Some(metadata)),
        Ok(_) => Err(Sentence::of("socket-is-a-file")),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(None),
        Err(error) => Err(Sentence::of("socket-gone").with("problem", error.to_string())),
    }
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
