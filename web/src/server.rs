//! Serving the page with the limits that `axum::serve` lacks: on the time to send a request's head, on the number of
//! connections, on the life of each.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::{Web, router};

/// Connections at the same moment; one more takes the place of the oldest, so that silent ones lock nobody out. Those that haven't
/// asked anything yet have half of the places: more of them end none that is being used. File descriptors are the doors' first.
const CONNECTIONS: usize = 64;

/// A request's head must be there within this time.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// A connection is closed after this time, whatever it does: nobody holds one by reading slowly.
const CONNECTION_TIME: Duration = Duration::from_secs(300);

/// At the stop, answers under way get this long.
const STOP_TIME: Duration = Duration::from_secs(2);

/// How long accepting rests after an error such as "too many open files", which a busy loop would only prolong.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves the page until `shutdown` is there, then lets answers under way finish for up to 2 s. Answers, besides to
/// the configured names, to the listening address.
pub async fn serve(
    listener: TcpListener,
    mut web: Web,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    web.settings.names.push(listener.local_addr()?.ip().to_string());
    let service = TowerToHyperService::new(router(web));
    let mut connections: VecDeque<(AbortHandle, Arc<AtomicBool>)> = VecDeque::new();
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let has_asked = Arc::new(AtomicBool::new(false));
        let (service, heard) = (service.clone(), Arc::clone(&has_asked));
        let service = service_fn(move |request| {
            heard.store(true, Ordering::Relaxed);
            service.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_headers(64)
            .max_buf_size(64 << 10)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        connections.retain(|(connection, _)| !connection.is_finished());
        if connections.len() >= CONNECTIONS {
            let used = |(_, has_asked): &(_, Arc<AtomicBool>)| has_asked.load(Ordering::Relaxed);
            let silent = connections.iter().filter(|connection| !used(connection)).count();
            let to_go =
                connections.iter().position(|connection| used(connection) == (silent <= CONNECTIONS / 2));
            if let Some((connection, _)) = to_go.and_then(|place| connections.remove(place)) {
                connection.abort();
            }
        }
        let serving = tokio::spawn(async move {
            // How a connection ended is the browser's business; a log of it would be a log of visits.
            let _ = tokio::time::timeout(CONNECTION_TIME, connection).await;
        });
        connections.push_back((serving.abort_handle(), has_asked));
    }
    drop(listener);
    let _ = tokio::time::timeout(STOP_TIME, graceful.shutdown()).await;
    Ok(())
}
