//! The daemon's side of the control socket.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use policy_core::addresses::Addresses;
use policy_core::chain::Chain as _;
use policy_core::lists::{Actor, ImportItem, Lists, ListsError};
use policy_core::sentence::Sentence;
use policy_core::sign_in::{Household, SignInLink, SignInLinks};
use tokio::net::UnixListener;
use tokio::sync::Semaphore;

use super::{Reply, Request, socket};
use crate::chain::Checker;
use crate::store::Store;

/// How long a line may be: a request with many entries is an import.
const LINE_BYTES: u64 = 1 << 20;

/// How many commands are served at once.
const CONNECTIONS: usize = 16;

/// How long a command may be silent in the middle of a request.
const SILENCE: Duration = Duration::from_secs(30);

/// The control socket can't be made.
#[derive(Debug, thiserror::Error)]
#[error(
    "can't listen on {path}: {error}. Mend the data folder's owner and mode, or choose another with --data DIR"
)]
pub struct ControlError {
    path: PathBuf,
    error: io::Error,
}

/// Makes the socket; the caller holds the data folder's lock, so a socket that is there is a dead daemon's.
fn bind(data: &Path) -> Result<UnixListener, ControlError> {
    let path = socket(data);
    let failed = |error| ControlError { path: path.clone(), error };
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    // Made inside a 0700 folder, so nobody gets in between its making and its mode.
    let listener = UnixListener::bind(&path).map_err(failed)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(listener)
}

/// Serves commands until the returned future is dropped.
pub fn serve(
    data: &Path,
    store: Arc<Store>,
    checker: Arc<Checker>,
) -> Result<impl Future<Output = ()> + use<>, ControlError> {
    let listener = bind(data)?;
    Ok(async move {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let ours = stream
                .peer_cred()
                .is_ok_and(|peer| peer.uid() == 0 || peer.uid() == rustix::process::geteuid().as_raw());
            if !ours {
                continue;
            }
            let (store, checker) = (Arc::clone(&store), Arc::clone(&checker));
            tokio::task::spawn_blocking(move || {
                // A command that goes away or talks nonsense harms nobody but itself.
                let _ = stream.into_std().and_then(|stream| answer(&stream, &store, &checker));
                drop(place);
            });
        }
    })
}

fn answer(stream: &UnixStream, store: &Store, checker: &Checker) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    let mut input = BufReader::with_capacity(64 << 10, stream);
    let Some(line) = read_line(&mut input)? else { return Ok(()) };
    let reply = match serde_json::from_slice(&line) {
        Ok(request) => carry_out(request, &mut input, store, checker).unwrap_or_else(Reply::Failed),
        Err(_) => Reply::Failed(ListsError::Store(Sentence::of("store-other-version"))),
    };
    let mut output = BufWriter::new(stream);
    serde_json::to_writer(&mut output, &reply)?;
    output.write_all(b"\n")?;
    output.flush()
}

fn read_line(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    input.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line)?;
    if line.pop() == Some(b'\n') { Ok(Some(line)) } else { Ok(None) }
}

fn carry_out(
    request: Request,
    input: &mut impl BufRead,
    store: &Store,
    checker: &Checker,
) -> Result<Reply, ListsError> {
    Ok(match request {
        Request::Add { entries } => Reply::Added(store.add(Actor::Admin, entries)?),
        Request::Remove { ids } => Reply::Entries(store.remove(Actor::Admin, &ids)?),
        Request::SetEnabled { ids, enabled } => {
            Reply::Entries(store.set_enabled(Actor::Admin, &ids, enabled)?)
        }
        Request::Edit { id, seen, new } => {
            Reply::Edited(Box::new(store.edit(Actor::Admin, id, seen, *new)?))
        }
        Request::Import { scope, replace } => {
            let mut items = std::iter::from_fn(|| next_item(input));
            Reply::Imported(store.import(Actor::Admin, scope, replace, &mut items)?)
        }
        Request::Entries { query } => Reply::Page(store.entries(Actor::Admin, &query)?),
        Request::Entry { id } => Reply::Listed(Box::new(store.entry(Actor::Admin, id)?)),
        Request::Find { scope, pattern } => Reply::Entries(store.find(Actor::Admin, scope, &pattern)?),
        Request::Members => Reply::Members(store.members()?),
        Request::AddMember { name, identities } => Reply::Member(store.add_member(&name, &identities)?),
        Request::RemoveMember { name } => {
            store.remove_member(&name)?;
            Reply::Done
        }
        Request::SignInLink { name } => {
            let member = store.member_called(&name)?;
            let SignInLink { url, lasts } = store.sign_in_link(Actor::Admin, member)?;
            Reply::SignInLink { url, lasts }
        }
        Request::Addresses => Reply::Addresses(store.addresses()?),
        Request::ClaimAddress { name, address } => {
            store.claim_address(Actor::Admin, store.member_called(&name)?, &address)?;
            Reply::Done
        }
        Request::ConfirmAddress { name, code } => {
            let member = store.member_called(&name)?;
            Reply::Address(store.confirm_address(Actor::Admin, member, &code)?)
        }
        Request::KeepMember { name } => {
            store.keep_member(&name)?;
            Reply::Done
        }
        Request::Greeting => Reply::Done,
        Request::Status => Reply::Status(Box::new(checker.status()?)),
        Request::SetAdminPassword { hash } => {
            store.set_admin_password(&hash)?;
            Reply::Done
        }
        Request::CheckAndTell => Reply::Report(Box::new(checker.check_and_tell())),
        Request::Check => Reply::Report(Box::new(checker.check())),
        Request::KeepAsRoot { links } => {
            checker.keep_as_root(links)?;
            Reply::Done
        }
    })
}

/// The next item of an import; an empty line ends it. A command that hangs up before that gets nothing removed.
fn next_item(input: &mut impl BufRead) -> Option<Result<ImportItem, ListsError>> {
    match read_line(input) {
        Ok(Some(line)) if line.is_empty() => None,
        Ok(Some(line)) => Some(serde_json::from_slice(&line).map_err(|error| {
            ListsError::Store(Sentence::of("store-fault").with("error", error.to_string()))
        })),
        Ok(None) | Err(_) => Some(Err(ListsError::Store(Sentence::of("import-broke-off")))),
    }
}
