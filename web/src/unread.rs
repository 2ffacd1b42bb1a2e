//! What is left of a request when its answer is ready. A browser reads an answer when it has sent everything; closing the
//! connection before that shows it an error of its own, not what was wrong.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use futures_util::StreamExt;
use hyper::body::{Frame, SizeHint};

/// How much is read past, in bytes. Whoever sends more sees the connection end.
const MOST: usize = 256 << 20;

/// And for how long.
const TIME: Duration = Duration::from_secs(60);

/// A request's body, of which whoever reads it may drop the rest.
#[derive(Clone)]
pub(crate) struct Unread(Arc<Mutex<Body>>);

impl Unread {
    /// The same request, and what will be left of it.
    pub(crate) fn of(request: Request) -> (Request, Self) {
        let (head, body) = request.into_parts();
        let unread = Self(Arc::new(Mutex::new(body)));
        (Request::from_parts(head, Body::new(unread.clone())), unread)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Body) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads past what is left.
    pub(crate) async fn skip(self) {
        let mut rest = self.with(std::mem::take).into_data_stream();
        let read = async {
            let mut bytes = 0;
            while let Some(Ok(piece)) = rest.next().await {
                bytes += piece.len();
                if bytes > MOST {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(TIME, read).await;
    }
}

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| Pin::new(body).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}
