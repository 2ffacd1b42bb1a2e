//! The command line's side of the control socket.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use policy_core::addresses::OwnAddress;
use policy_core::chain::{Link, Report};
use policy_core::entry::{Entry, EntryId, Scope};
use policy_core::lists::{
    Actor, Added, Edited, ImportItem, ImportReport, Listed, Lists, ListsError, Member, MemberIdentity,
    NewEntry, Page, Query, Status,
};
use policy_core::pattern::Pattern;
use policy_core::sentence::Sentence;
use policy_core::sign_in::SignInLink;

use super::{Reply, Request, socket};

/// How long a daemon may take to answer a greeting. Commands themselves may take long, such as an import or a check.
pub const GREETED_WITHIN: Duration = Duration::from_secs(10);

/// The lists of a running daemon.
pub struct Client {
    path: PathBuf,
}

impl Client {
    /// The daemon that serves this data folder; `None` when none is running.
    ///
    /// # Errors
    ///
    /// `TimedOut`: there is one, and it doesn't answer. Any other: it can't be reached.
    pub fn connect(data: &Path) -> io::Result<Option<Self>> {
        let path = socket(data);
        match greeted(&path) {
            Ok(()) => Ok(Some(Self { path })),
            Err(error) if absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets the admin's password for the page.
    pub fn set_admin_password(&self, hash: &str) -> Result<(), ListsError> {
        match self.ask(&Request::SetAdminPassword { hash: hash.to_owned() })? {
            Reply::Done => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// Makes a sign-in link for this member.
    pub fn sign_in_link(&self, name: &str) -> Result<SignInLink, ListsError> {
        match self.ask(&Request::SignInLink { name: name.to_owned() })? {
            Reply::SignInLink { url, lasts } => Ok(SignInLink { url, lasts }),
            other => Err(unexpected(other)),
        }
    }

    /// Takes this member's removal back.
    pub fn keep_member(&self, name: &str) -> Result<(), ListsError> {
        match self.ask(&Request::KeepMember { name: name.to_owned() })? {
            Reply::Done => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// All members' mail addresses.
    pub fn addresses(&self) -> Result<Vec<OwnAddress>, ListsError> {
        match self.ask(&Request::Addresses)? {
            Reply::Addresses(addresses) => Ok(addresses),
            other => Err(unexpected(other)),
        }
    }

    /// Mails a code to an address that shall be this member's.
    pub fn claim_address(&self, name: &str, address: &str) -> Result<(), ListsError> {
        match self.ask(&Request::ClaimAddress { name: name.to_owned(), address: address.to_owned() })? {
            Reply::Done => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// Takes the code, as this member got it.
    pub fn confirm_address(&self, name: &str, code: &str) -> Result<OwnAddress, ListsError> {
        match self.ask(&Request::ConfirmAddress { name: name.to_owned(), code: code.to_owned() })? {
            Reply::Address(address) => Ok(address),
            other => Err(unexpected(other)),
        }
    }

    /// Has the daemon check the chain, as far as it can see, and tell the admin what has changed if `tell` says so.
    pub fn check(&self, tell: bool) -> Result<Report, ListsError> {
        match self.ask(if tell { &Request::CheckAndTell } else { &Request::Check })? {
            Reply::Report(report) => Ok(*report),
            other => Err(unexpected(other)),
        }
    }

    /// Has it keep what root saw, to be shown on the page.
    pub fn keep_as_root(&self, links: &[Link]) -> Result<(), ListsError> {
        match self.ask(&Request::KeepAsRoot { links: links.to_vec() })? {
            Reply::Done => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    fn ask(&self, request: &Request) -> Result<Reply, ListsError> {
        self.ask_with(request, &mut std::iter::empty())
    }

    fn ask_with(
        &self,
        request: &Request,
        items: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    ) -> Result<Reply, ListsError> {
        let mut broken = None;
        let reply = exchange(&self.path, request, items, &mut broken);
        if let Some(error) = broken {
            return Err(error);
        }
        let unanswered = match request {
            Request::Import { .. } => "import-no-answer",
            _ => "store-no-answer",
        };
        reply.map_err(|error| ListsError::Store(Sentence::of(unanswered).with("error", error.to_string())))
    }
}

/// Waits for a daemon's answer to a greeting. Connecting can last for ever, too: the kernel takes connections in for a daemon
/// that hangs until no more fit; hence the thread.
fn greeted(path: &Path) -> io::Result<()> {
    let (tell, told) = mpsc::channel();
    let path = path.to_owned();
    thread::Builder::new().spawn(move || {
        let connected = UnixStream::connect(&path).map(|stream| {
            // One that hangs up, or knows no greeting, is there: what is asked of it next says more.
            let _ = send(&stream, &Request::Greeting, &mut std::iter::empty(), &mut None);
            let _ = BufReader::new(&stream).read_until(b'\n', &mut Vec::new());
        });
        let _ = tell.send(connected);
    })?;
    told.recv_timeout(GREETED_WITHIN).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Sends a request and reads the answer.
fn exchange(
    path: &Path,
    request: &Request,
    items: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    broken: &mut Option<ListsError>,
) -> io::Result<Reply> {
    let stream = UnixStream::connect(path)?;
    let sent = send(&stream, request, items, broken);
    let mut line = Vec::new();
    if broken.is_none() {
        // A daemon that refuses in the midst of an import says why, and takes no more of it.
        let answered = BufReader::new(&stream).read_until(b'\n', &mut line);
        if line.is_empty() {
            sent.and(answered)?;
        }
    }
    Ok(serde_json::from_slice(&line)?)
}

/// Writes a request, with what follows it. What ends the items early goes to `broken`.
fn send(
    stream: &UnixStream,
    request: &Request,
    items: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    broken: &mut Option<ListsError>,
) -> io::Result<()> {
    let mut output = BufWriter::new(stream);
    serde_json::to_writer(&mut output, request)?;
    output.write_all(b"\n")?;
    if matches!(request, Request::Import { .. }) {
        for item in items {
            match item {
                Ok(item) => serde_json::to_writer(&mut output, &item)?,
                // Hanging up before the empty line tells the daemon that this isn't all.
                Err(error) => {
                    *broken = Some(error);
                    return Ok(());
                }
            }
            output.write_all(b"\n")?;
        }
        output.write_all(b"\n")?;
    }
    output.flush()
}

/// Nobody serves there; whether the folder can be used at all shows when it is opened.
fn absent(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | ConnectionRefused | NotADirectory)
}

fn unexpected(reply: Reply) -> ListsError {
    match reply {
        Reply::Failed(error) => error,
        _ => ListsError::Store(Sentence::of("store-other-version")),
    }
}

/// The daemon takes whoever asks for the admin.
impl Lists for Client {
    fn add(&self, _: Actor, entries: Vec<NewEntry>) -> Result<Vec<Added>, ListsError> {
        match self.ask(&Request::Add { entries })? {
            Reply::Added(added) => Ok(added),
            other => Err(unexpected(other)),
        }
    }

    fn remove(&self, _: Actor, ids: &[EntryId]) -> Result<Vec<Entry>, ListsError> {
        match self.ask(&Request::Remove { ids: ids.to_vec() })? {
            Reply::Entries(entries) => Ok(entries),
            other => Err(unexpected(other)),
        }
    }

    fn set_enabled(&self, _: Actor, ids: &[EntryId], enabled: bool) -> Result<Vec<Entry>, ListsError> {
        match self.ask(&Request::SetEnabled { ids: ids.to_vec(), enabled })? {
            Reply::Entries(entries) => Ok(entries),
            other => Err(unexpected(other)),
        }
    }

    fn edit(&self, _: Actor, id: EntryId, seen: Option<u64>, new: NewEntry) -> Result<Edited, ListsError> {
        match self.ask(&Request::Edit { id, seen, new: Box::new(new) })? {
            Reply::Edited(edited) => Ok(*edited),
            other => Err(unexpected(other)),
        }
    }

    fn import(
        &self,
        _: Actor,
        scope: Scope,
        replace: bool,
        items: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
    ) -> Result<ImportReport, ListsError> {
        match self.ask_with(&Request::Import { scope, replace }, items)? {
            Reply::Imported(report) => Ok(report),
            other => Err(unexpected(other)),
        }
    }

    fn entries(&self, _: Actor, query: &Query) -> Result<Page, ListsError> {
        match self.ask(&Request::Entries { query: query.clone() })? {
            Reply::Page(page) => Ok(page),
            other => Err(unexpected(other)),
        }
    }

    fn entry(&self, _: Actor, id: EntryId) -> Result<Listed, ListsError> {
        match self.ask(&Request::Entry { id })? {
            Reply::Listed(listed) => Ok(*listed),
            other => Err(unexpected(other)),
        }
    }

    fn find(&self, _: Actor, scope: Scope, pattern: &Pattern) -> Result<Vec<Entry>, ListsError> {
        match self.ask(&Request::Find { scope, pattern: pattern.clone() })? {
            Reply::Entries(entries) => Ok(entries),
            other => Err(unexpected(other)),
        }
    }

    fn members(&self) -> Result<Vec<Member>, ListsError> {
        match self.ask(&Request::Members)? {
            Reply::Members(members) => Ok(members),
            other => Err(unexpected(other)),
        }
    }

    fn add_member(&self, name: &str, identities: &[MemberIdentity]) -> Result<Member, ListsError> {
        match self.ask(&Request::AddMember { name: name.to_owned(), identities: identities.to_vec() })? {
            Reply::Member(member) => Ok(member),
            other => Err(unexpected(other)),
        }
    }

    fn remove_member(&self, name: &str) -> Result<(), ListsError> {
        match self.ask(&Request::RemoveMember { name: name.to_owned() })? {
            Reply::Done => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    fn status(&self) -> Result<Status, ListsError> {
        match self.ask(&Request::Status)? {
            Reply::Status(status) => Ok(*status),
            other => Err(unexpected(other)),
        }
    }
}
