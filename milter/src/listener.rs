//! The socket that Postfix connects to.

use std::fs::{self, Permissions};
use std::future::Future;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use indymilter::{EitherListener, EitherStream};
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::time::{Sleep, sleep};

use crate::Address;

/// How long to wait when a connection can't be accepted: too many open files is over when some session ends.
const PAUSE: Duration = Duration::from_millis(100);

/// A large read buffer: a mail's headers arrive in one read instead of two for each.
const BUFFER: usize = 64 << 10;

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
}

/// A bound socket. A failing accept never ends it.
#[derive(Debug)]
pub struct Listener {
    socket: Option<EitherListener<TcpListener, UnixListener>>,
    address: Address,
    pause: Option<Pin<Box<Sleep>>>,
    closed: Arc<AtomicBool>,
}

/// Listens at `address`. A unix socket gets the permissions `mode` (0660 serves Postfix, to whose group root gives the
/// socket); a socket file that nobody listens at any more is replaced.
pub async fn bind(address: &Address, mode: u32) -> Result<Listener, BindError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse(address.clone()),
        _ => BindError::Io(address.clone(), error),
    };
    let (socket, bound) = match address {
        Address::Inet(host, port) => {
            let socket = TcpListener::bind((host.as_str(), *port)).await.map_err(failed)?;
            let port = socket.local_addr().map_err(failed)?.port();
            (EitherListener::Tcp(socket), Address::Inet(host.clone(), port))
        }
        Address::Unix(path) => {
            remove_stale(path, address).await?;
            let socket = UnixListener::bind(path).map_err(failed)?;
            fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed)?;
            // Only root may give it away; anybody else's socket has the group of its setgid folder. Where neither is
            // so, Postfix says "Permission denied", and the documentation says what to do.
            if let Some(group) = group_of_postfix() {
                let _ = std::os::unix::fs::chown(path, None, Some(group));
            }
            (EitherListener::Unix(socket), address.clone())
        }
    };
    Ok(Listener { socket: Some(socket), address: bound, pause: None, closed: Arc::default() })
}

/// The number of the group that Postfix's processes belong to, where it is installed.
fn group_of_postfix() -> Option<u32> {
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

    /// Set to true, it makes the listener accept nothing more.
    pub(crate) fn closed(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.closed)
    }
}

impl indymilter::Listener for Listener {
    type Io = BufReader<EitherStream<TcpStream, UnixStream>>;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Io>> {
        loop {
            if self.closed.load(Ordering::Relaxed) {
                self.socket = None;
            }
            let Some(socket) = &mut self.socket else {
                return Poll::Pending;
            };
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            match ready!(socket.poll_accept(cx)) {
                Ok(_) if self.closed.load(Ordering::Relaxed) => {}
                Ok(stream) => {
                    if let EitherStream::Tcp(tcp) = &stream {
                        // Without it, replies wait for delayed acknowledgements. A failure only costs time.
                        let _ = tcp.set_nodelay(true);
                    }
                    return Poll::Ready(Ok(BufReader::with_capacity(BUFFER, stream)));
                }
                Err(_) => self.pause = Some(Box::pin(sleep(PAUSE))),
            }
        }
    }
}
