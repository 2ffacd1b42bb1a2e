//! The resolver that proof of senders asks: the system's, or one that the configuration names.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::tls::default_provider;
use hickory_resolver::system_conf::read_system_conf;
use mail_auth::MessageAuthenticator;
use rustls::{ClientConfig, RootCertStore};

const SYSTEM_CONFIG: &str = "/etc/resolv.conf";

/// How many answers are kept; a household asks for the domains on its allow entries, again and again.
const CACHED: u64 = 512;

/// An answer's time to live is believed up to this: what was proven once must not be for weeks.
const LONGEST: Duration = Duration::from_secs(3600);

/// That something doesn't exist is believed for a shorter time: keys are published late at times.
const LONGEST_ABSENCE: Duration = Duration::from_secs(300);

/// How long an answer is waited for. The library asks again meanwhile, up to twice, and takes the answer to whichever question
/// comes first: by networks that take more than a second there and back, an answer is never early.
const PATIENCE: Duration = Duration::from_secs(3);

/// So many servers are asked at once, all that resolv.conf(5) may name: the first ones may be gone.
const SERVERS: usize = 3;

/// DNS, with a bounded cache. Made at the first question: most households never ask one.
pub(crate) struct Dns {
    configured: Option<SocketAddr>,
    made: Mutex<Option<(Option<SystemTime>, Arc<MessageAuthenticator>)>>,
}

impl Dns {
    /// The system's resolver, unless one is configured.
    pub(crate) fn new(configured: Option<SocketAddr>) -> Self {
        Self { configured, made: Mutex::new(None) }
    }

    /// What asks. The system's configuration is read again when it has changed, as networks of homes do.
    pub(crate) fn resolver(&self) -> Result<Arc<MessageAuthenticator>, NetError> {
        let changed = match self.configured {
            Some(_) => None,
            None => fs::metadata(SYSTEM_CONFIG).and_then(|metadata| metadata.modified()).ok(),
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, resolver)) = made.as_ref()
            && *of == changed
        {
            return Ok(Arc::clone(resolver));
        }
        let resolver = Arc::new(MessageAuthenticator(build(self.configured)?));
        *made = Some((changed, Arc::clone(&resolver)));
        Ok(resolver)
    }
}

/// Whether DNS answers at all: asks for what everybody asks for, the root's name servers.
///
/// # Errors
///
/// A few words on what is wrong.
pub async fn dns_answers(configured: Option<SocketAddr>) -> Result<(), String> {
    let resolver = build(configured).map_err(|error| error.to_string())?;
    match resolver.ns_lookup(".").await {
        Ok(_) => Ok(()),
        // A server that knows nothing has answered.
        Err(error) if error.is_no_records_found() => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn build(configured: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let (config, mut options) = match configured {
        Some(address) => (only(address), ResolverOpts::default()),
        // resolv.conf(5): without a name server in it, the one on this machine is asked.
        None => read_system_conf()
            .unwrap_or_else(|_| (only((Ipv4Addr::LOCALHOST, 53).into()), ResolverOpts::default())),
    };
    options.timeout = PATIENCE;
    options.attempts = 0;
    options.num_concurrent_reqs = SERVERS;
    options.cache_size = CACHED;
    options.positive_max_ttl = Some(LONGEST);
    options.negative_max_ttl = Some(LONGEST_ABSENCE);
    options.use_hosts_file = ResolveHosts::Never;
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .with_tls_config(no_tls()?)
        .build()
}

fn only(address: SocketAddr) -> ResolverConfig {
    let ip: IpAddr = address.ip();
    let mut server = NameServerConfig::udp_and_tcp(ip);
    for connection in &mut server.connections {
        connection.port = address.port();
    }
    ResolverConfig::from_parts(None, Vec::new(), vec![server])
}

/// Nothing is asked over TLS; the default would read the system's certificates and fail where there are none.
fn no_tls() -> Result<ClientConfig, NetError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}
