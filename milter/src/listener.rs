//! The socket that Postfix connects to.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use listenfd::ListenFd;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
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
    /// The system refused.
    #[error("can't listen at {0}: {1}")]
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

/// A connection.
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
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
            let socket = UnixListener::bind(path).map_err(failed)?;
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

    /// The same listener, woken by the runtime that this is called in.
    pub(crate) fn moved_here(self) -> io::Result<Self> {
        let socket = match self.socket {
            Socket::Tcp(socket) => Socket::Tcp(TcpListener::from_std(socket.into_std()?)?),
            Socket::Unix(socket) => Socket::Unix(UnixListener::from_std(socket.into_std()?)?),
        };
        Ok(Self { socket, ..self })
    }

    /// The next connection. Where the system gives none (too many open files, say), waits and tries again.
    pub(crate) async fn accept(&mut self) -> Stream {
        loop {
            let accepted = match &self.socket {
                Socket::Tcp(socket) => socket.accept().await.map(|(stream, _)| Stream::Tcp(stream)),
                Socket::Unix(socket) => socket.accept().await.map(|(stream, _)| Stream::Unix(stream)),
            };
            match accepted {
                Ok(stream) => {
                    if let Stream::Tcp(tcp) = &stream {
                        // Without it, replies wait for delayed acknowledgements. A failure only costs time.
                        let _ = tcp.set_nodelay(true);
                    }
                    return stream;
                }
                Err(_) => sleep(PAUSE).await,
            }
        }
    }
}

impl Stream {
    /// Reads what there is: 0 bytes when the peer has closed. Returns at the first that comes.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }

    /// Waits until something can be written.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.writable().await,
            Self::Unix(stream) => stream.writable().await,
        }
    }

    /// Writes as much as goes.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_write(bytes),
            Self::Unix(stream) => stream.try_write(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise each mail waits some 40 ms for a delayed acknowledgement (RFC 1122 section 4.2.3.2).
    #[tokio::test]
    async fn replies_over_tcp_do_not_wait_for_acknowledgements() -> Result<(), Box<dyn std::error::Error>> {
        let mut listener = bind(&Address::Inet("127.0.0.1".to_owned(), 0), 0o660).await?;
        let Address::Inet(host, port) = listener.local_address().clone() else { return Err("no TCP".into()) };
        let _peer = TcpStream::connect((host.as_str(), port)).await?;
        let Stream::Tcp(accepted) = listener.accept().await else { return Err("no TCP".into()) };
        assert!(accepted.nodelay()?);
        Ok(())
    }
}
