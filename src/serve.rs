//! `postward serve`: opens the lists, then the doors and the page, and closes them in order.

use std::fs::File;
use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use milter::forwarding::{ForwardListener, Forwarding};
use policy_core::chain::State;
use policy_core::door::{Door, FailureMode};
use policy_core::lists::Lists;
use policy_core::lists::ListsError;
use policy_core::probe::Probes;
use texts::Texts;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::chain::{self, Checker};
use crate::config::{Config, ConfigError, Flags, WebConfig};
use crate::control::{self, ControlError};
use crate::sender::Sender;
use crate::service;
use crate::store::{self, Live, OpenError, Store, StoreError, today};

/// The mode of the milter's unix socket: its group is Postfix's.
const MILTER_SOCKET_MODE: u32 = 0o660;

/// How often hit counts are written: seldom, because storage cards wear.
const HITS_WRITTEN_EVERY: Duration = Duration::from_secs(600);

/// What is open before the doors are, and some to spare.
const FILES_TO_BEGIN: usize = 16;

/// At the end, what is in flight gets this long: 5 s in all, with what comes after.
const STOP_TIME: Duration = Duration::from_secs(4);

/// Why Postward can't run. `Display` is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder can't be used.
    #[error(transparent)]
    Folder(#[from] OpenError),
    /// The lists can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The control socket can't be made.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The milter can't listen.
    #[error(transparent)]
    Milter(#[from] milter::BindError),
    /// The listener for forwarded messages can't listen.
    #[error(transparent)]
    ForwardListener(#[from] milter::forwarding::ListenError),
    /// The files that it needs can't be used.
    #[error(transparent)]
    Forwarding(#[from] milter::forwarding::OpenError),
    /// The page can't listen.
    #[error("the page can't listen on {host}:{port}: {error}. Choose another address with --web HOST:PORT")]
    Web {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// What the system says.
        error: io::Error,
    },
    /// It may have too few files open at a time.
    #[error(
        "too few files may be open at a time ({0}): Postward and its doors need 4096. Set LimitNOFILE=4096 under [Service] in \
         its systemd unit, or run `ulimit -n 4096` before `postward serve`"
    )]
    Files(io::Error),
    /// The system refuses something basic.
    #[error("the system refuses a thread, a signal handler or the terminal: {0}")]
    System(#[from] io::Error),
    /// The first password can't be made.
    #[error("can't make a password for the page: {0}")]
    Password(String),
}

/// Runs until SIGTERM or SIGINT. Where the mail door ends before, so does Postward, with 1, to be started again.
pub fn run(flags: &Flags) -> Result<ExitCode, ServeError> {
    let config = Config::read(flags)?;
    enough_files()?;
    store::prepare_folder(&config.data)?;
    // A command that was called a moment before has the lists for itself; another daemon keeps them.
    let lock =
        store::lock_in_turn(&config.data, || matches!(control::Client::connect(&config.data), Ok(None)))?;
    let store = Arc::new(Store::open(&config.data, lock, config.delimiters)?);
    store.serves(config.own_domains.clone());
    if let Some(why) = store.read_only() {
        eprintln!("postward: {}", Texts::plain().sentence(why));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(serve(config, flags.clone(), Arc::clone(&store)));
    // Whatever still runs in the background is not worth waiting for: changes are whole or not at all.
    runtime.shutdown_timeout(Duration::from_millis(500));
    if let Err(error) = store.write_hits() {
        let why = Texts::plain().sentence(&error.sentence());
        eprintln!("postward: the hit counts of the last minutes are lost: {why}");
    }
    outcome
}

/// Whether as many files can be opened as it takes to begin: the runtime and its signals panic where they lack one.
fn enough_files() -> Result<(), ServeError> {
    let opened: io::Result<Vec<File>> = (0..FILES_TO_BEGIN).map(|_| File::open("/")).collect();
    let too_few = |error: &io::Error| {
        let code = error.raw_os_error().map(rustix::io::Errno::from_raw_os_error);
        matches!(code, Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE))
    };
    match opened {
        Err(error) if too_few(&error) => Err(ServeError::Files(error)),
        // That the root folder isn't for us to read says nothing about how many.
        _ => Ok(()),
    }
}

async fn serve(config: Config, flags: Flags, store: Arc<Store>) -> Result<ExitCode, ServeError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;

    let probes = Arc::<Probes>::default();
    let own_address = own_address(&config);
    let milter_listener = milter::bind(&config.milter, MILTER_SOCKET_MODE).await?;
    let (forwarding, forward_listener) = match config.forwarding {
        Some(forwarding) => {
            let listener = ForwardListener::bind(forwarding.listen).await?;
            let lists = Arc::clone(&store) as Arc<dyn Lists>;
            let forwarding = Forwarding::open(forwarding.settings, &config.data, lists, Arc::clone(&probes))?;
            (Some(Arc::new(forwarding)), Some(listener))
        }
        None => (None, None),
    };
    let web_listener = listen_web(&config.web).await?;
    let web_address = web_listener.local_addr()?;
    let mail = door("mail", &store, config.mail_failure, &probes);
    let chat = config.xmpp.as_ref().map(|xmpp| door("chat", &store, xmpp.failure, &probes));
    let (messenger, outbox) = match &config.xmpp {
        Some(xmpp) => Some(xmpp_component::messenger(&xmpp.domain)).unzip(),
        None => (None, None),
    };
    let out = messenger.clone().zip(chat.clone());
    let checker = Arc::new(Checker {
        store: Arc::clone(&store),
        flags: flags.clone(),
        data: config.data.clone(),
        secret_file: config.xmpp.as_ref().map(|xmpp| xmpp.secret_file.clone()),
        resolver: config.resolver,
        mail: chain::Mail {
            server: config.mail_server.clone(),
            own_address,
            scan_limit: milter::Limits::default().message_bytes as u64,
            probes: Arc::clone(&probes),
        },
        chat: messenger.zip(chat.as_ref()).map(|(messenger, door)| chain::Chat {
            messenger,
            door: Arc::clone(door),
            probes: Arc::clone(&probes),
        }),
        tell: config.tell.clone(),
        at_start: Mutex::default(),
        unsaved: chain::daily::Unsaved::default(),
        broken: AtomicBool::new(false),
        runtime: Handle::current(),
        turn: Mutex::default(),
    });
    let sender = Arc::new(Sender::new(Arc::clone(&store), config.mail_server.clone(), out));
    let files = checker.files();
    if files.state != State::Good {
        eprintln!("postward: {}", Texts::plain().link(&files).says);
        *checker.at_start.lock().unwrap_or_else(PoisonError::into_inner) = Some(files);
    }
    let control = match control::serve(&config.data, Arc::clone(&store), Arc::clone(&checker)) {
        // No socket can be made on a read-only file system; the doors need none.
        Err(error) if store.read_only().is_some() => {
            eprintln!("postward: commands can't ask this daemon: {error}");
            None
        }
        control => Some(control?),
    };

    let doors = std::iter::once(&mail).chain(&chat).map(Arc::clone).collect();
    let url = format!("http://{web_address}/");
    store.go_live(Live { doors, web: url.clone() });
    store.page_is_at(config.web.url.as_deref().unwrap_or(&url));
    say_password(&store, &config.data)?;

    let (stop, stopped) = watch::channel(false);
    let until_stop = || {
        let mut stopped = stopped.clone();
        async move {
            let _ = stopped.wait_for(|&stop| stop).await;
        }
    };
    let mut line = format!("postward: ready: mail at {}, page at {url}", milter_listener.local_address());
    let mut tasks = JoinSet::new();
    let mail_stop = until_stop();
    let mail_settings = milter::Settings {
        trusted_clients: config.trusted_clients,
        resolver: config.resolver,
        forwarding: forwarding.clone(),
        ..milter::Settings::default()
    };
    let mail_door = Arc::clone(&mail);
    let (mail_ended, mut mail_end) = oneshot::channel();
    tasks.spawn(async move {
        let _ = mail_ended.send(milter::run(milter_listener, mail_door, mail_settings, mail_stop).await);
    });
    if let (Some(forwarding), Some(listener)) = (forwarding, forward_listener) {
        line.push_str(&format!(", forwarded messages at {}", listener.local_address()?));
        tasks.spawn(milter::forwarding::run(listener, forwarding, until_stop()));
    }
    let web = page(&config.web, config.mail_server.is_some(), &store, &checker);
    let web_stop = until_stop();
    tasks.spawn(async move {
        if let Err(error) = web::serve(web_listener, web, web_stop).await {
            eprintln!("postward: the page has ended: {error}");
        }
    });
    if let (Some(xmpp), Some(chat), Some(outbox)) = (config.xmpp, &chat, outbox) {
        line.push_str(&format!(", chat as {} through {}", xmpp.domain, xmpp.server));
        let settings = xmpp_component::Settings {
            address: xmpp.server,
            domain: xmpp.domain,
            secret: xmpp_component::Secret::new(xmpp.secret),
            secret_file: xmpp.secret_file,
            sealed: xmpp.sealed,
        };
        let lists = Arc::clone(&store) as Arc<dyn Lists>;
        let client_blocks = Arc::clone(&store) as Arc<dyn policy_core::client_blocks::ClientBlocks>;
        let reports = Arc::clone(&store) as Arc<dyn policy_core::reports::Reports>;
        let mut desk = xmpp_component::Desk::new(lists, store.snapshot(), today, xmpp.admins)
            .with_client_blocks(client_blocks)
            .with_reports(reports, config.tell.identities());
        if config.mail_server.is_none() {
            desk = desk.without_mail();
        }
        // Without it a link would lead to loopback, on whichever device it is opened.
        if config.web.url.is_some() {
            desk = desk.with_page_links(Arc::clone(&store) as Arc<dyn policy_core::sign_in::SignInLinks>);
        }
        tasks.spawn(xmpp_component::run(settings, Arc::clone(chat), Arc::new(desk), outbox, until_stop()));
    }
    tasks.spawn(sender.run(until_stop()));
    tasks.spawn(write_hits(Arc::clone(&store), until_stop()));
    tasks.spawn(chain::daily::run(Arc::clone(&checker), until_stop()));
    tasks.spawn(service::watchdog(Arc::clone(&store) as Arc<dyn Lists>, until_stop()));
    let control = control.map(tokio::spawn);
    println!("{line}");
    io::stdout().flush()?;
    service::ready();
    // Without a thread for it, the daily check finds what there is to find.
    let _ = store.look_through_soon();

    let outcome = loop {
        tokio::select! {
            _ = terminate.recv() => break ExitCode::SUCCESS,
            _ = interrupt.recv() => break ExitCode::SUCCESS,
            end = &mut mail_end => {
                let why = match end {
                    Ok(Err(error)) => error.to_string(),
                    _ => "a fault of Postward's: please report it".to_owned(),
                };
                eprintln!("postward: the mail door has ended, and Postward with it, to be started again: {why}");
                break ExitCode::FAILURE;
            }
            _ = hang_up.recv() => {
                service::reloading();
                reload(&flags, &mail, chat.as_deref());
                service::ready();
            }
        }
    };
    service::stopping();
    let _ = stop.send(true);
    if let Some(control) = control {
        control.abort();
    }
    let _ = tokio::time::timeout(STOP_TIME, async { while tasks.join_next().await.is_some() {} }).await;
    let _ = std::fs::remove_file(control::socket(&config.data));
    Ok(outcome)
}

fn door(name: &'static str, store: &Store, failure: FailureMode, probes: &Arc<Probes>) -> Arc<Door> {
    let door = Door::new(name, store.snapshot(), today, store.hits(), failure);
    Arc::new(door.with_probes(Arc::clone(probes)))
}

/// An address whose mail comes to our own listener.
fn own_address(config: &Config) -> Option<String> {
    let domains = &config.forwarding.as_ref()?.settings.domains;
    domains.first().map(|domain| format!("block@{domain}"))
}

async fn listen_web(web: &WebConfig) -> Result<TcpListener, ServeError> {
    TcpListener::bind((web.host.as_str(), web.port)).await.map_err(|error| ServeError::Web {
        host: web.host.clone(),
        port: web.port,
        error,
    })
}

fn page(config: &WebConfig, mails: bool, store: &Arc<Store>, checker: &Arc<Checker>) -> web::Web {
    web::Web {
        lists: Arc::clone(store) as Arc<dyn Lists>,
        persons: Arc::clone(store) as Arc<dyn policy_core::persons::Persons>,
        counting: Arc::clone(store) as Arc<dyn policy_core::counting::Counting>,
        reports: Arc::clone(store) as Arc<dyn policy_core::reports::Reports>,
        chain: Arc::clone(checker) as Arc<dyn policy_core::chain::Chain>,
        texts: Texts::english(),
        snapshot: store.snapshot(),
        accounts: Arc::clone(store) as Arc<dyn policy_core::sign_in::Accounts>,
        today: Box::new(today),
        settings: web::Settings {
            names: config.names.clone(),
            https: config.https,
            mails,
            ..web::Settings::default()
        },
    }
}

/// At the first start, makes the page's password and shows it: on a terminal only, because anything else (the journal,
/// a log file) would keep it.
fn say_password(store: &Store, data: &Path) -> Result<(), ServeError> {
    let failed = |error: &dyn std::fmt::Display| ServeError::Password(error.to_string());
    let unread = |error: ListsError| failed(&Texts::plain().sentence(&error.sentence()));
    if store.admin_password().map_err(unread)?.is_some() {
        return Ok(());
    }
    if !io::stdout().is_terminal() {
        eprintln!(
            "postward: the page has no password yet: `postward password --data {}` makes one",
            data.display()
        );
        return Ok(());
    }
    let password = web::random_password().map_err(|error| failed(&error))?;
    let hash = web::hash_password(&password).map_err(|error| failed(&error))?;
    store.set_admin_password(&hash).map_err(unread)?;
    println!("postward: the password for the page is: {password}");
    println!("postward: it is shown this once; change it after signing in");
    Ok(())
}

async fn write_hits(store: Arc<Store>, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mut every = tokio::time::interval(HITS_WRITTEN_EVERY);
    every.tick().await;
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = every.tick() => {}
        }
        let store = Arc::clone(&store);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || store.write_hits()).await {
            let why = Texts::plain().sentence(&error.sentence());
            eprintln!("postward: the hit counts can't be written: {why}");
        }
    }
}

/// SIGHUP: reads the configuration again. Failure modes change at once, addresses and names at the next start; a bad
/// configuration changes nothing.
fn reload(flags: &Flags, mail: &Door, chat: Option<&Door>) {
    match Config::read(flags) {
        Ok(config) => {
            mail.set_failure_mode(config.mail_failure);
            if let (Some(chat), Some(xmpp)) = (chat, config.xmpp) {
                chat.set_failure_mode(xmpp.failure);
            }
            eprintln!(
                "postward: the configuration was read again; failure modes count now, whatever else has changed from the next start"
            );
        }
        Err(error) => eprintln!("postward: the configuration is bad, the old one stays in force: {error}"),
    }
}
