//! What systemd is told of the daemon (sd_notify(3)). Without systemd, nothing is said to anybody.

use std::future::Future;
use std::sync::Arc;

use policy_core::lists::Lists;
use sd_notify::NotifyState;

/// Every door listens.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is being read again; [`ready`] says that this is over. `Type=notify-reload` wants the time, too.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// No door listens any more; what is in flight is finished.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Tells systemd's watchdog, if it is on, that the lists answer: a daemon that hangs is ended and started anew. Twice in the
/// time it allows, as sd_watchdog_enabled(3) advises.
pub async fn watchdog(lists: Arc<dyn Lists>, stop: impl Future<Output = ()>) {
    let Some(allowed) = sd_notify::watchdog_enabled() else { return };
    tokio::pin!(stop);
    let mut every = tokio::time::interval(allowed / 2);
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = every.tick() => {}
        }
        let lists = Arc::clone(&lists);
        // An error is an answer too: without its database the daemon still judges, and a restart could not.
        let answered = tokio::task::spawn_blocking(move || lists.members()).await;
        if answered.is_ok() {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

/// A service manager that doesn't listen is no reason to stop filtering.
fn tell(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
