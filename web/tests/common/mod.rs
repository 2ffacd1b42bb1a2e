//! A page that is really served, over a stand-in for the store: lists in memory. The real store's tests stand at the
//! workspace's root.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::unimplemented)]

pub mod browsing;
pub mod client;
pub mod lists;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use jiff::civil::date;
use policy_core::chain::{AsRoot, Chain, Link, Report};
use policy_core::snapshot::{Snapshot, SnapshotHandle};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use web::{Accounts, Settings, Web, hash_password, serve};

use lists::InMemory;

pub const PASSWORD: &str = "kpwq-hdzr-majb-vuty-negs";

/// The sign-in secret, in memory.
struct OneAccount(Mutex<String>);

impl Accounts for OneAccount {
    fn password_hash(&self) -> Result<Option<String>, String> {
        Ok(Some(self.0.lock().unwrap().clone()))
    }

    fn set_password_hash(&self, hash: &str) -> Result<(), String> {
        hash.clone_into(&mut self.0.lock().unwrap());
        Ok(())
    }
}

/// A chain with a link in each state.
struct OneBadLink;

impl Chain for OneBadLink {
    fn check(&self) -> Report {
        let links = vec![
            Link::good("daemon", "Postward is running."),
            Link::bad("mail-asked", "Postfix doesn't ask <b>anybody</b>.", "Run `postward connect postfix`."),
        ];
        Report { links, as_root: self.as_root() }
    }

    fn as_root(&self) -> Option<AsRoot> {
        let link = Link::worth_knowing(
            "postfix-size",
            "Postfix takes mails of any size.",
            "Set message_size_limit.",
        );
        Some(AsRoot { on: date(2026, 11, 20), links: vec![link] })
    }
}

/// A page being served on a port of its own. Dropped, it stops.
pub struct Served {
    pub address: SocketAddr,
    pub lists: Arc<InMemory>,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
}

impl Served {
    pub fn start() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let lists = Arc::new(InMemory::default());
        let page = Web {
            lists: lists.clone(),
            persons: lists.clone(),
            counting: lists.clone(),
            chain: Arc::new(OneBadLink),
            snapshot: SnapshotHandle::new(Snapshot::empty(1)),
            accounts: Arc::new(OneAccount(Mutex::new(hash_password(PASSWORD).unwrap()))),
            today: Box::new(|| date(2026, 11, 23)),
            settings,
        };
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(serve(listener, page, async {
            let _ = stopped.await;
        }));
        Self { address, lists, stop: Some(stop), runtime: Some(runtime) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(std::time::Duration::from_secs(3));
        }
    }
}
