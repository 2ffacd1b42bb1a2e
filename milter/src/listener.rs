//! The socket that Postfix connects to.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::os::fd::AsRawFd;
use std::os::unix;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use listenfd::ListenFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::time::sleep;

use crate::Address;

/// How long to wait when a connection can't be accepted: too many open files is over when some session ends.
const PAUSE: Duration = Duration::from_millis(100);

/// The address can't be listened at.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program, or another Postward, listens there.
    #[error("{0} is already in use: end the program that listens there, or choose another address")]
    InUse(Address),
    /// A file that is no socket stands where the socket would be.
    #[error("{0} is taken by a file that isn't a socket: move it away, or choose another path")]
    NotASocket(Address),
    /// The socket's folder isn't there.
    #[error(
        "can't listen at {0}: there is no folder {folder}. Make it, for whoever runs postward: `install -d -g postfix -m 2750 \
         {folder}`; or choose another path",
        folder = .1.display()
    )]
    NoFolder(Address, PathBuf),
    /// The system refused.
    #[error("can't listen at {0}: {1}. Choose another address with --milter or `listen` under [mail]")]
    Io(Address, io::Error),
    /// Systemd handed no socket over.
    #[error(
        "systemd has handed no socket named milter over: start postward.socket, in which FileDescriptorName=milter says \
         so, or name another address"
    )]
    NotHandedOver,
    /// Systemd handed a socket over, and nobody would answer there.
    #[error(
        "systemd has handed a socket named milter over, but mail is to be taken at {0}: write systemd in its place"
    )]
    HandedOver(Address),
}

/// A bound socket.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    address: Address,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A bound socket that takes connections in.
pub(crate) enum Acceptor {
    Tcp(AsyncFd<net::TcpListener>),
    Unix(AsyncFd<unix::net::UnixListener>),
}

/// A connection. Only what can be read wakes it: a unix socket that is watched for room, too, wakes whoever writes to it
/// each time the peer has read.
pub(crate) enum Stream {
    Tcp(AsyncFd<net::TcpStream>),
    Unix(AsyncFd<unix::net::UnixStream>),
}

/// Listens at `address`. A unix socket gets the permissions `mode` (0660 serves Postfix, to whose group root gives the
/// socket); a socket file that nobody listens at any more is replaced. One that systemd holds is taken as it is.
pub async fn bind(address: &Address, mode: u32) -> Result<Listener, BindError> {
    let handed_over = handed_over().map_err(|error| BindError::Io(Address::Systemd, error))?;
    match (handed_over, address) {
        (Some(listener), Address::Systemd) => return Ok(listener),
        (Some(_), _) => return Err(BindError::HandedOver(address.clone())),
        (None, _) => {}
    }
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse(address.clone()),
        _ => BindError::Io(address.clone(), error),
    };
    let (socket, bound) = match address {
        Address::Inet(host, port) => {
            let socket = TcpListener::bind((host.as_str(), *port)).await.map_err(failed)?;
            let port = socket.local_addr().map_err(failed)?.port();
            (Socket::Tcp(socket), Address::Inet(host.clone(), port))
        }
        Address::Unix(path) => {
            remove_stale(path, address).await?;
            let socket = UnixListener::bind(path).map_err(|error| match path.parent() {
                Some(folder) if !folder.exists() => BindError::NoFolder(address.clone(), folder.to_owned()),
                _ => failed(error),
            })?;
            fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed)?;
            // Only root may give it away; anybody else's socket has the group of its setgid folder. Where neither is
            // so, Postfix says "Permission denied", and the documentation says what to do.
            if let Some(group) = postfix_group() {
                let _ = std::os::unix::fs::chown(path, None, Some(group));
            }
            (Socket::Unix(socket), address.clone())
        }
        Address::Systemd => return Err(BindError::NotHandedOver),
    };
    Ok(Listener { socket, address: bound })
}

/// The socket that systemd has handed over under the name `milter` (sd_listen_fds(3)), if it has.
fn handed_over() -> io::Result<Option<Listener>> {
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let Some(position) = names.split(':').position(|name| name == "milter") else { return Ok(None) };
    let mut sockets = ListenFd::from_env();
    if let Ok(Some(socket)) = sockets.take_unix_listener(position) {
        socket.set_nonblocking(true)?;
        let path = socket.local_addr()?.as_pathname().map(Path::to_owned).unwrap_or_default();
        return Ok(Some(Listener {
            socket: Socket::Unix(UnixListener::from_std(socket)?),
            address: Address::Unix(path),
        }));
    }
    let Some(socket) = sockets.take_tcp_listener(position)? else { return Ok(None) };
    socket.set_nonblocking(true)?;
    let bound = socket.local_addr()?;
    let address = Address::Inet(bound.ip().to_string(), bound.port());
    Ok(Some(Listener { socket: Socket::Tcp(TcpListener::from_std(socket)?), address }))
}

/// The number of the group that Postfix's processes belong to, where it is installed.
pub fn postfix_group() -> Option<u32> {
    let groups = fs::read_to_string("/etc/group").ok()?;
    let line = groups.lines().find_map(|line| line.strip_prefix("postfix:"))?;
    line.split(':').nth(1)?.parse().ok()
}

async fn remove_stale(path: &Path, address: &Address) -> Result<(), BindError> {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !metadata.file_type().is_socket() {
        return Err(BindError::NotASocket(address.clone()));
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(|error| BindError::Io(address.clone(), error))
        }
        Err(error) => Err(BindError::Io(address.clone(), error)),
        Ok(_) => Err(BindError::InUse(address.clone())),
    }
}

impl Listener {
    /// The address that it really listens at: with the port that the system chose.
    pub fn local_address(&self) -> &Address {
        &self.address
    }

    /// Takes connections in from now on, woken by the runtime that this is called in.
    pub(crate) fn accepting(self) -> io::Result<Acceptor> {
        Ok(match self.socket {
            Socket::Tcp(socket) => Acceptor::Tcp(watched(socket.into_std()?, Interest::READABLE)?),
            Socket::Unix(socket) => Acceptor::Unix(watched(socket.into_std()?, Interest::READABLE)?),
        })
    }
}

impl Acceptor {
    /// The next connection. Where the system gives none (too many open files, say), waits and tries again.
    pub(crate) async fn accept(&self) -> Stream {
        loop {
            let accepted = match self {
                Self::Tcp(socket) => {
                    let accepted = socket.async_io(Interest::READABLE, net::TcpListener::accept).await;
                    accepted.and_then(|(stream, _)| Stream::tcp(stream))
                }
                Self::Unix(socket) => {
                    let accepted = socket.async_io(Interest::READABLE, unix::net::UnixListener::accept).await;
                    accepted.and_then(|(stream, _)| Stream::unix(stream))
                }
            };
            match accepted {
                Ok(stream) => return stream,
                Err(_) => sleep(PAUSE).await,
            }
        }
    }
}

impl Stream {
    /// A connection that was taken in over TCP.
    fn tcp(stream: net::TcpStream) -> io::Result<Self> {
        // Without it, replies wait for delayed acknowledgements. A failure only costs time.
        let _ = stream.set_nodelay(true);
        stream.set_nonblocking(true)?;
        watched(stream, Interest::READABLE).map(Self::Tcp)
    }

    /// One that was taken in at a unix socket.
    pub(crate) fn unix(stream: unix::net::UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        watched(stream, Interest::READABLE).map(Self::Unix)
    }

    /// Reads what there is, and tells how many bytes: 0 when the peer has closed. Returns at the first that comes.
    pub(crate) fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(stream) => poll_read(stream, cx, buffer),
            Self::Unix(stream) => poll_read(stream, cx, buffer),
        }
    }

    /// Writes as much as goes.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.get_ref().write(bytes),
            Self::Unix(stream) => stream.get_ref().write(bytes),
        }
    }

    /// Waits until something can be written.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => writable(stream.get_ref().try_clone()?).await,
            Self::Unix(stream) => writable(stream.get_ref().try_clone()?).await,
        }
    }
}

fn poll_read<S: AsRawFd>(
    stream: &AsyncFd<S>,
    cx: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<io::Result<usize>>
where
    for<'s> &'s S: Read,
{
    loop {
        let mut ready = ready!(stream.poll_read_ready(cx))?;
        match ready.get_inner().read(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => ready.clear_ready(),
            // There was no more: what comes later wakes us again (epoll(7)).
            Ok(length) if (1..buffer.len()).contains(&length) => {
                ready.clear_ready();
                return Poll::Ready(Ok(length));
            }
            other => return Poll::Ready(other),
        }
    }
}

/// Has the runtime that this is called in wake whoever waits for the socket.
#[expect(
    deprecated,
    reason = "its successor is unsafe, for what changes its descriptor: a socket never does"
)]
fn watched<S: AsRawFd>(socket: S, interest: Interest) -> io::Result<AsyncFd<S>> {
    AsyncFd::with_interest(socket, interest)
}

async fn writable(socket: impl AsRawFd) -> io::Result<()> {
    let socket = watched(socket, Interest::WRITABLE)?;
    socket.writable().await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise each mail waits some 40 ms for a delayed acknowledgement (RFC 1122 section 4.2.3.2).
    #[tokio::test]
    async fn replies_over_tcp_do_not_wait_for_acknowledgements() -> Result<(), Box<dyn std::error::Error>> {
        let listener = bind(&Address::Inet("127.0.0.1".to_owned(), 0), 0o660).await?;
        let Address::Inet(host, port) = listener.local_address().clone() else { return Err("no TCP".into()) };
        let _peer = net::TcpStream::connect((host.as_str(), port))?;
        let Stream::Tcp(accepted) = listener.accepting()?.accept().await else { return Err("no TCP".into()) };
        assert!(accepted.get_ref().nodelay()?);
        Ok(())
    }

    /// Otherwise each reply on a unix socket wakes us when Postfix has read it: five times a mail.
    #[tokio::test]
    async fn a_connection_is_watched_for_what_can_be_read_alone() -> Result<(), Box<dyn std::error::Error>> {
        const EPOLLIN: u32 = 1;
        const EPOLLOUT: u32 = 4;
        let (ours, _peer) = unix::net::UnixStream::pair()?;
        let watched = format!("tfd:{:>9} ", ours.as_raw_fd());
        let _stream = Stream::unix(ours)?;
        // proc_pid_fdinfo(5): what each epoll watches.
        let mut events = Vec::new();
        for info in fs::read_dir("/proc/self/fdinfo")? {
            let info = fs::read_to_string(info?.path()).unwrap_or_default();
            for line in info.lines().filter(|line| line.starts_with(&watched)) {
                let hexadecimal = line.split_whitespace().nth(3).ok_or("no events")?;
                events.push(u32::from_str_radix(hexadecimal, 16)?);
            }
        }
        assert!(!events.is_empty() && events.iter().all(|events| events & (EPOLLIN | EPOLLOUT) == EPOLLIN));
        Ok(())
    }
}
