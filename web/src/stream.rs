//! Answers that are written while they are sent.

use std::error::Error;

use axum::body::{Body, Bytes};
use futures_util::stream::unfold;
use tokio::sync::mpsc::Receiver;

/// A body of what comes out of a channel; an error breaks the answer off, so that nobody takes a part for the whole.
pub(crate) fn body_of<E>(received: Receiver<Result<Bytes, E>>) -> Body
where
    E: Error + Send + Sync + 'static,
{
    Body::from_stream(unfold(received, async |mut received| {
        let piece = received.recv().await?;
        Some((piece, received))
    }))
}
