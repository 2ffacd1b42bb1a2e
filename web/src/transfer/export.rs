//! The actor's own list as a file, in the three formats that importing reads, notes included.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use policy_core::lists::{Actor, Lists, Order, Query};
use policy_core::transfer::{Format, Writer};
use serde::Deserialize;
use tokio::sync::mpsc::{Sender, channel};

use crate::App;
use crate::forms::Posted;
use crate::stream::body_of;

/// Entries that are read at once.
const STRETCH: u32 = 1_000;

/// Bytes that are sent at once.
const PIECE: usize = 32 << 10;

/// The button that was pressed: a format's name.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    format: String,
}

pub(crate) async fn export(State(app): State<Arc<App>>, posted: Posted<Wanted>) -> Response {
    let format = posted.form.format.parse().unwrap_or(Format::Lines);
    let (content_type, disposition) = match format {
        Format::Lines => ("text/plain; charset=utf-8", "attachment; filename=\"postward.txt\""),
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"postward.csv\""),
        Format::Json => ("application/json", "attachment; filename=\"postward.json\""),
    };
    let (pieces, received) = channel(4);
    let today = app.today();
    let (actor, lists) = (posted.session.actor, Arc::clone(&app.web.lists));
    tokio::task::spawn_blocking(move || {
        if let Err(error) = write(lists.as_ref(), actor, format, today, Pieces(pieces.clone())) {
            let _ = pieces.blocking_send(Err(error));
        }
    });
    ([(CONTENT_TYPE, content_type), (CONTENT_DISPOSITION, disposition)], body_of(received)).into_response()
}

fn write(lists: &dyn Lists, actor: Actor, format: Format, today: Date, output: Pieces) -> io::Result<()> {
    let mut writer = Writer::new(BufWriter::with_capacity(PIECE, output), format, today);
    let mut query = Query {
        scope: Some(actor.own_scope()),
        // So that an import keeps it, and what changes meanwhile is met again, and not missed.
        order: Order::Oldest,
        limit: STRETCH,
        ..Query::default()
    };
    loop {
        let page = lists.entries(actor, &query).map_err(|_| io::Error::other("the list broke off"))?;
        for listed in &page.entries {
            writer.entry(&listed.entry)?;
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return writer.finish(),
        }
    }
}

/// Where what is written becomes pieces of the answer; a browser that is gone ends the writing.
struct Pieces(Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
