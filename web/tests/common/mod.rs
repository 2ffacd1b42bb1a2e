//! A page that is really served, over a stand-in for the store: lists in memory. The real store's tests stand at the
//! workspace's root.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::unimplemented)]

pub mod browsing;
pub mod client;
pub mod lists;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use jiff::civil::{Date, date};
use policy_core::addresses::{AddressState, Addresses, OwnAddress, ShareRequest};
use policy_core::chain::{AsRoot, Chain, Link, Report};
use policy_core::entry::{Channels, MemberId};
use policy_core::identity::Identity;
use policy_core::lists::{Actor, ListsError};
use policy_core::pattern::understand;
use policy_core::reports::{Reason, Report as ReportMade, Reported, Reports, Sharing};
use policy_core::sentence::Sentence;
use policy_core::sign_in::{
    Account, Accounts, Household, Leaving, News, Proofs, Proven, Secrets, SignInLink, SignInLinks,
};
use policy_core::snapshot::{Snapshot, SnapshotHandle};
use texts::Texts;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use web::{Settings, Web, hash_password, serve};

use lists::InMemory;

pub const PASSWORD: &str = "kpwq-hdzr-majb-vuty-negs";

/// The admin's secret and, once somebody came by the link, one member's: in memory.
struct TwoAccounts {
    admin: Mutex<String>,
    member: Mutex<Secrets>,
    link: Mutex<Option<String>>,
    member_is_gone: Arc<AtomicBool>,
}

pub const MEMBER: MemberId = MemberId(1);
pub const KEY: &str = "the-key-of-the-link";

fn not_here<T>() -> Result<T, ListsError> {
    Err(ListsError::Refused(Sentence::of("store-inside")))
}

impl SignInLinks for TwoAccounts {
    fn sign_in_link(&self, _: Actor, _: MemberId) -> Result<SignInLink, ListsError> {
        let url = format!("https://example.org/postward/welcome?key={}", "0".repeat(64));
        Ok(SignInLink { url, lasts: std::time::Duration::from_secs(3 * 24 * 3600) })
    }
}

impl Addresses for TwoAccounts {
    fn addresses(&self) -> Result<Vec<OwnAddress>, ListsError> {
        let address =
            |address: &str, state| OwnAddress { member: MEMBER, address: address.to_owned(), state };
        Ok(vec![
            address("alice@example.org", AddressState::Theirs),
            address("a-rather-long-name-of-alice@subdomain.example.org", AddressState::WaitsForCode),
            address("family@example.org", AddressState::WaitsForOwners),
        ])
    }

    fn share_requests(&self, _: MemberId) -> Result<Vec<ShareRequest>, ListsError> {
        let (name, address) = ("<b>bob</b>".to_owned(), "alice@example.org".to_owned());
        Ok(vec![ShareRequest { asker: MemberId(2), name, address }])
    }

    fn claim_address(&self, _: Actor, _: MemberId, _: &str) -> Result<(), ListsError> {
        not_here()
    }

    fn confirm_address(&self, _: Actor, _: MemberId, _: &str) -> Result<OwnAddress, ListsError> {
        not_here()
    }

    fn share_address(&self, _: Actor, _: MemberId, _: &str, _: bool) -> Result<(), ListsError> {
        not_here()
    }

    fn give_up_address(&self, _: Actor, _: &str) -> Result<(), ListsError> {
        not_here()
    }
}

impl Household for TwoAccounts {
    fn members_leaving(&self) -> Result<Vec<(MemberId, Leaving)>, ListsError> {
        Ok(Vec::new())
    }

    fn keep_member(&self, _: &str) -> Result<(), ListsError> {
        not_here()
    }
}

impl Accounts for TwoAccounts {
    fn account_named(&self, name: &str) -> Result<Option<Account>, ListsError> {
        match name {
            "" => self.account(Actor::Admin),
            "alice" => self.account(Actor::Member(MEMBER)),
            _ => Ok(None),
        }
    }

    fn account(&self, actor: Actor) -> Result<Option<Account>, ListsError> {
        if actor != Actor::Admin && self.member_is_gone.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let (name, password) = match actor {
            Actor::Admin => ("", Some(self.admin.lock().unwrap().clone())),
            _ => ("alice", self.member.lock().unwrap().password.clone()),
        };
        Ok(Some(Account {
            actor,
            name: name.to_owned(),
            password,
            made: false,
            last_sign_in: None,
            leaves: None,
            by_account: false,
        }))
    }

    fn members_sign_in(&self) -> Result<bool, ListsError> {
        Ok(self.member.lock().unwrap().password.is_some())
    }

    fn signed_in(&self, _: Actor) -> Result<Option<Date>, ListsError> {
        Ok(None)
    }

    fn set_password(&self, actor: Actor, hash: &str) -> Result<(), ListsError> {
        match actor {
            Actor::Admin => hash.clone_into(&mut self.admin.lock().unwrap()),
            _ => self.member.lock().unwrap().password = Some(hash.to_owned()),
        }
        Ok(())
    }

    fn use_link(&self, key: &str) -> Result<Option<Account>, ListsError> {
        let used = self.link.lock().unwrap().take_if(|link| link == key);
        used.map_or(Ok(None), |_| self.account(Actor::Member(MEMBER)))
    }

    fn proofs(&self, _: MemberId) -> Result<Proofs, ListsError> {
        Ok(Proofs { current: self.member.lock().unwrap().clone(), earlier: Secrets::default() })
    }

    fn begin_anew(&self, _: MemberId, secrets: &Secrets, _: Proven) -> Result<(), ListsError> {
        secrets.clone_into(&mut self.member.lock().unwrap());
        Ok(())
    }

    fn unhide(&self, _: MemberId) -> Result<(), ListsError> {
        not_here()
    }

    fn news(&self, _: MemberId) -> Result<Vec<News>, ListsError> {
        Ok(Vec::new())
    }
}

/// One who was reported, with words that are hostile to a page.
#[derive(Default)]
struct OneReport {
    sharing: Mutex<Sharing>,
    is_decided: Mutex<bool>,
}

impl Reports for OneReport {
    fn sharing(&self, _: MemberId) -> Result<Sharing, ListsError> {
        Ok(*self.sharing.lock().unwrap())
    }

    fn share(&self, _: Actor, sharing: Sharing) -> Result<(), ListsError> {
        *self.sharing.lock().unwrap() = sharing;
        Ok(())
    }

    fn report(&self, _: MemberId, _: &Identity, _: &ReportMade) -> Result<(), ListsError> {
        not_here()
    }

    fn reported(&self) -> Result<Vec<Reported>, ListsError> {
        let reported = Reported {
            pattern: understand("a-rather-long-name-of-mallory@chat.evil.example", None, true)
                .unwrap()
                .pattern,
            channels: Channels::All,
            reasons: vec![Reason::Abuse, Reason::Spam],
            members: 2,
            words: vec!["<script>alert(1)</script> \u{202e}again and again".to_owned()],
            last: date(2026, 11, 20),
        };
        Ok(if *self.is_decided.lock().unwrap() { Vec::new() } else { vec![reported] })
    }

    fn decided(&self, _: &str) -> Result<(), ListsError> {
        *self.is_decided.lock().unwrap() = true;
        Ok(())
    }
}

/// A chain with a link in each state.
#[derive(Default)]
struct OneBadLink {
    checked: AtomicBool,
}

impl Chain for OneBadLink {
    fn check(&self) -> Report {
        self.checked.store(true, Ordering::Relaxed);
        let links = vec![
            Link::good("daemon", Sentence::of("daemon-runs").with("version", "0.1.0")),
            Link::bad("mail-asked", Sentence::of("mail-unasked").with("server", "<b>anybody</b>")),
        ];
        Report { links, as_root: self.as_root() }
    }

    fn as_root(&self) -> Option<AsRoot> {
        let says = Sentence::of("size-unlimited").with("scanned", 16).with("scan", 16 << 20);
        let link = Link::worth_knowing("postfix-size", says);
        Some(AsRoot { on: date(2026, 11, 20), links: vec![link] })
    }

    fn was_broken(&self) -> bool {
        self.checked.load(Ordering::Relaxed)
    }
}

/// A page being served on a port of its own. Dropped, it stops.
pub struct Served {
    pub address: SocketAddr,
    pub lists: Arc<InMemory>,
    pub member_is_gone: Arc<AtomicBool>,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
}

impl Served {
    pub fn start() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        Self::saying(Texts::english(), settings)
    }

    /// With other texts.
    pub fn saying(texts: Texts, settings: Settings) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let lists = Arc::new(InMemory::default());
        let member_is_gone = Arc::new(AtomicBool::new(false));
        let page = Web {
            lists: lists.clone(),
            persons: lists.clone(),
            counting: lists.clone(),
            reports: Arc::new(OneReport::default()),
            chain: Arc::new(OneBadLink::default()),
            texts,
            snapshot: SnapshotHandle::new(Snapshot::empty(1)),
            accounts: Arc::new(TwoAccounts {
                admin: Mutex::new(hash_password(PASSWORD).unwrap()),
                member: Mutex::default(),
                link: Mutex::new(Some(KEY.to_owned())),
                member_is_gone: Arc::clone(&member_is_gone),
            }),
            today: Box::new(|| date(2026, 11, 23)),
            settings,
        };
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(serve(listener, page, async {
            let _ = stopped.await;
        }));
        Self { address, lists, member_is_gone, stop: Some(stop), runtime: Some(runtime) }
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
