//! The person at the keyboard: Ctrl-C (or whoever else asks us to end), and Enter.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::signal::unix::{SignalKind, signal};

use crate::process::wait_for;

/// What a step returns when the demo is to end.
#[derive(Debug)]
pub(super) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// What the person has asked for. Steps check it in between: everything started ends by its handles then.
pub(super) struct Interrupt {
    ended: Arc<AtomicBool>,
    again: Arc<AtomicBool>,
}

impl Interrupt {
    /// Notes SIGINT, SIGTERM and SIGHUP from now on.
    pub(super) fn listen() -> Result<Self> {
        let ended = Arc::<AtomicBool>::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (mut interrupt, mut terminate, mut hang_up) = {
            let _inside = runtime.enter();
            (
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            )
        };
        let flag = Arc::clone(&ended);
        thread::spawn(move || {
            runtime.block_on(async move {
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                        _ = hang_up.recv() => {}
                    }
                    flag.store(true, Ordering::SeqCst);
                }
            });
        });
        Ok(Self { ended, again: Arc::default() })
    }

    /// Notes Enter from now on.
    pub(super) fn listen_for_enter(&self) {
        let flag = Arc::clone(&self.again);
        thread::spawn(move || {
            for _ in std::io::stdin().lock().lines().map_while(std::io::Result::ok) {
                flag.store(true, Ordering::SeqCst);
            }
        });
    }

    /// Whether the demo is to end.
    pub(super) fn ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// Whether Enter was pressed since the last call.
    pub(super) fn again(&self) -> bool {
        self.again.swap(false, Ordering::SeqCst)
    }

    /// Whether the demo is to end now or very soon.
    pub(super) fn ends_within(&self, limit: Duration) -> bool {
        wait_for("the end", limit, || Ok(self.ended().then_some(()))).is_ok()
    }

    /// An error if the demo is to end.
    pub(super) fn check(&self) -> Result<()> {
        if self.ended() {
            bail!(Interrupted);
        }
        Ok(())
    }

    /// An outcome; a failure while the demo is to end is nothing but that: Ctrl-C reaches the servers, too, and
    /// perhaps before us.
    pub(super) fn or<T>(&self, outcome: Result<T>) -> Result<T> {
        match outcome {
            Err(_) if self.ends_within(Duration::from_millis(500)) => bail!(Interrupted),
            outcome => outcome,
        }
    }
}
