//! Serving the page with the limits that `axum::serve` lacks: on the time to send a request's head, on the number of
//! connections, on the life of each.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::standing::{Standing, least};
use crate::{Web, router};

/// Connections at the same moment; one more takes the place of another (see [`least`]), so that silent and slow ones lock nobody
/// out. File descriptors are the doors' first.
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
    let mut connections: VecDeque<(AbortHandle, Standing)> = VecDeque::new();
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
        let standing = Standing::default();
        let answering = {
            let (service, standing) = (service.clone(), standing.clone());
            service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(standing.clone());
                service.call(request)
            })
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_headers(64)
            .max_buf_size(64 << 10)
            .serve_connection(TokioIo::new(stream), answering);
        let connection = graceful.watch(connection);
        connections.retain(|(connection, _)| !connection.is_finished());
        if connections.len() >= CONNECTIONS
            && let Some(least) = least(connections.iter().map(|(_, standing)| standing))
            && let Some((ended, _)) = connections.remove(least)
        {
            ended.abort();
        }
        let serving = tokio::spawn(async move {
            // How a connection ended is the browser's business; a log of it would be a log of visits.
            let _ = tokio::time::timeout(CONNECTION_TIME, connection).await;
        });
        connections.push_back((serving.abort_handle(), standing));
    }
    drop(listener);
    let _ = tokio::time::timeout(STOP_TIME, graceful.shutdown()).await;
    Ok(())
}
