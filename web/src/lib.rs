//! The settings page: sign-in, the list, blocking, removing, trying out. Server-rendered, without JavaScript, without
//! anything from elsewhere, at home on loopback, behind a proxy under any path, and as an onion service.
//!
//! Every link is relative and all pages stand on one level, so the page needs to know nothing of the path it is
//! served under. No address, word or search ever stands in a URL.

mod account;
mod addresses;
mod answers;
mod attach;
mod block;
mod carried;
mod chain;
mod chrome;
mod counts;
mod draft;
mod edit;
mod forms;
mod guard;
mod in_force;
mod kept;
mod list;
mod members;
mod password;
mod persons;
mod preview;
mod reporting;
mod reports;
mod server;
mod session;
mod sign_in;
mod standing;
mod stream;
mod token;
mod transfer;
mod try_it;
mod unread;
mod welcome;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use jiff::civil::Date;
use policy_core::chain::Chain;
use policy_core::counting::Counting;
use policy_core::lists::{Lists, ListsError};
use policy_core::persons::Persons;
use policy_core::reports::Reports;
use policy_core::sentence::Sentence;
use policy_core::sign_in::Accounts;
use policy_core::snapshot::SnapshotHandle;
use texts::Texts;
use tokio::sync::{Mutex, Semaphore};

pub use password::{PasswordError, hash_password, random_password, verify};
pub use server::serve;
pub use token::{digest as token_digest, random as random_token};

/// What the page needs from the rest of Postward.
pub struct Web {
    /// The lists that it shows and changes.
    pub lists: Arc<dyn Lists>,
    /// Who has several addresses.
    pub persons: Arc<dyn Persons>,
    /// Whether it is counted which entries decide.
    pub counting: Arc<dyn Counting>,
    /// Whom members have reported, and what they share of it.
    pub reports: Arc<dyn Reports>,
    /// Checks everything between the servers and the lists.
    pub chain: Arc<dyn Chain>,
    /// What it says, in the language in which it says it.
    pub texts: Texts,
    /// By what "try it" judges.
    pub snapshot: SnapshotHandle,
    /// Who may sign in.
    pub accounts: Arc<dyn Accounts>,
    /// The household's calendar day.
    pub today: Box<dyn Fn() -> Date + Send + Sync>,
    /// What the configuration says.
    pub settings: Settings,
}

/// What the configuration says about the page.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Host names that the page answers to, besides loopback's and the listening address: its public name, its onion
    /// address. Without ports.
    pub names: Vec<String>,
    /// Whether the public URL is https: cookies are marked `Secure` then.
    pub https: bool,
    /// Where "leave quickly" goes.
    pub neutral: String,
    /// Whether codes and notices can be mailed to members.
    pub mails: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            https: false,
            neutral: "https://www.wikipedia.org/".to_owned(),
            mails: true,
        }
    }
}

/// The page's state, shared by all requests.
struct App {
    web: Web,
    sessions: session::Sessions,
    gate: sign_in::Gate,
    /// One upload at a time is received: each may take 10 MB.
    trying: Semaphore,
    imports: transfer::Jobs,
    /// One address at a time is given to a person: each adds to what the one before has left.
    attaching: Mutex<()>,
}

impl App {
    /// Asks the lists on a thread where waiting for the store hinders nobody.
    async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&dyn Lists) -> Result<T, ListsError> + Send + 'static,
    ) -> Result<T, ListsError> {
        let app = Arc::clone(self);
        tokio::task::spawn_blocking(move || question(app.web.lists.as_ref()))
            .await
            .unwrap_or_else(|_| Err(ListsError::Store(Sentence::of("store-inside"))))
    }

    /// The same of who may sign in.
    async fn accounts<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&dyn Accounts) -> Result<T, ListsError> + Send + 'static,
    ) -> Result<T, ListsError> {
        let app = Arc::clone(self);
        tokio::task::spawn_blocking(move || question(app.web.accounts.as_ref()))
            .await
            .unwrap_or_else(|_| Err(ListsError::Store(Sentence::of("store-inside"))))
    }

    fn today(&self) -> Date {
        (self.web.today)()
    }
}

/// Every minute, for as long as the page is there: what sessions need no longer.
fn sweep(app: &Arc<App>) {
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            let Some(app) = app.upgrade() else { break };
            app.sessions.sweep();
        }
    });
}

/// Bytes of an ordinary form; "try it" takes more.
const FORM_BYTES: usize = 64 << 10;

/// The page as a service. Its answers carry all safety headers; time limits and the number of connections are
/// [`serve`]'s. Inside a runtime: sessions are swept in the background.
pub fn router(web: Web) -> Router {
    let app = Arc::new(App {
        web,
        sessions: session::Sessions::default(),
        gate: sign_in::Gate::default(),
        trying: Semaphore::new(1),
        imports: transfer::Jobs::default(),
        attaching: Mutex::default(),
    });
    sweep(&app);
    Router::new()
        .route("/", get(block::front))
        .route("/block", post(block::block))
        .route("/list", get(list::blocked).post(list::search_blocked))
        .route("/allowed", get(list::allowed).post(list::search_allowed))
        .route("/allow", post(block::allow))
        .route("/draft", get(kept::show))
        .route("/edit", get(edit::form).post(edit::edit))
        .route("/remove", post(list::act::remove))
        .route("/switch", post(list::act::switch))
        .route("/chosen", post(list::act::chosen))
        .route("/undo", post(list::act::undo))
        .route("/persons", get(persons::form).post(persons::save))
        .route("/block-person", post(persons::block))
        .route("/unblock-person", post(persons::unblock))
        .route("/remove-person", post(persons::remove))
        .route("/counts", get(counts::form).post(counts::change))
        .route(
            "/import",
            get(transfer::form).post(transfer::look).layer(DefaultBodyLimit::max(transfer::MOST_BYTES)),
        )
        .route("/import-answer", post(transfer::answer))
        .route("/export", post(transfer::export))
        .route("/try", get(try_it::form).post(try_it::judge).layer(DefaultBodyLimit::max(try_it::MOST_BYTES)))
        .route("/chain", get(chain::form).post(chain::check))
        .route("/account", get(account::form).post(account::change_password))
        .route("/prove", post(account::prove))
        .route("/end-others", post(account::end_others))
        .route("/reporting", get(reporting::form).post(reporting::change))
        .route("/reports", get(reports::form).post(reports::decide))
        .route("/addresses", get(addresses::form).post(addresses::change))
        .route("/members", get(members::members).post(members::change))
        .route("/welcome", get(welcome::button).post(welcome::arrive))
        .route("/new-password", get(welcome::form).post(welcome::choose))
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/leave", get(sign_in::leave))
        .route("/style.css", get(chrome::style))
        .route("/icon.svg", get(chrome::icon))
        .fallback(chrome::no_such_page)
        .method_not_allowed_fallback(chrome::no_such_page)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(from_fn_with_state(Arc::clone(&app), answers::fetched))
        .layer(from_fn_with_state(Arc::clone(&app), guard::guard))
        .with_state(app)
}
