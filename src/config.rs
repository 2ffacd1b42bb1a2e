//! The configuration: one optional TOML file, flags over it, and a default for everything.

mod admin;
mod contradictions;
mod forwarding;
mod source;
mod web;
mod xmpp;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use milter::{TrustedClient, TrustedClientError};
use policy_core::door::FailureMode;
use policy_core::identity::Domain;
use policy_core::snapshot::Delimiters;
use serde::Deserialize;

use self::admin::AdminTable;
use self::contradictions::Place;
pub use self::forwarding::ForwardingConfig;
use self::forwarding::ForwardingTable;
use self::source::Source;
pub use self::web::WebConfig;
use self::web::WebTable;
pub use self::xmpp::XmppConfig;
use self::xmpp::XmppTable;
use crate::chain::Tell;

/// Where the configuration of an installed system is.
const SYSTEM_FILE: &str = "/etc/postward/postward.toml";

/// Where an installed system keeps its lists.
const SYSTEM_DATA: &str = "/var/lib/postward";

/// What `server` under `[mail]` says where there is no Postfix.
const NO_SERVER: &str = "none";

/// The file as it is written. Unknown keys are errors, with their line.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    #[serde(default)]
    mail: MailTable,
    #[serde(default)]
    web: WebTable,
    xmpp: Option<XmppTable>,
    forwarding: Option<ForwardingTable>,
    #[serde(default)]
    admin: AdminTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MailTable {
    listen: Option<String>,
    server: Option<String>,
    failure: Option<FailureMode>,
    recipient_delimiter: Option<String>,
    resolver: Option<String>,
    #[serde(default)]
    trusted_clients: Vec<String>,
}

/// What the command line says, which counts more than the file.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--data`
    pub data: Option<PathBuf>,
    /// `--milter`
    pub milter: Option<String>,
    /// `--web`
    pub web: Option<String>,
    /// `--xmpp`
    pub xmpp: Option<String>,
    /// `--xmpp-domain`
    pub xmpp_domain: Option<String>,
    /// `--xmpp-secret-file`
    pub xmpp_secret_file: Option<PathBuf>,
}

/// The configuration, validated.
pub struct Config {
    /// The folder of the lists and of the control socket.
    pub data: PathBuf,
    /// Where the milter listens.
    pub milter: milter::Address,
    /// `HOST:PORT` where Postfix takes mail, for probes and notices; none if there is no Postfix.
    pub mail_server: Option<String>,
    /// What the mail door does when Postward fails.
    pub mail_failure: FailureMode,
    /// What parts sub-addresses at our own domains.
    pub delimiters: Delimiters,
    /// Names of this server's own: the component's, and those of the addresses for forwarding.
    pub own_domains: Vec<Domain>,
    /// The DNS server to ask when an allow entry needs proof of a mail's sender; the system's if there is none.
    pub resolver: Option<SocketAddr>,
    /// Clients whose mail isn't judged.
    pub trusted_clients: Vec<TrustedClient>,
    /// The page.
    pub web: WebConfig,
    /// The component, when one is configured.
    pub xmpp: Option<XmppConfig>,
    /// Blocking by forwarding, when it is configured.
    pub forwarding: Option<ForwardingConfig>,
    /// Who hears when something turns bad.
    pub tell: Tell,
}

/// What is wrong with the configuration, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads the file, lays the flags over it and checks everything that can be checked without opening anything.
    pub fn read(flags: &Flags) -> Result<Self, ConfigError> {
        let (file, source) = read_file(flags.config.as_deref())?;
        // A message says where the value came from: the file's line and key, or the flag.
        let at = |key: &str, flag: &str, from_flag: bool| match (&source, from_flag) {
            (Some(source), false) => source.at(key),
            _ if flag.is_empty() => key.to_owned(),
            _ => flag.to_owned(),
        };
        let bad = |key: &str, error: &str| Err(ConfigError(format!("{}: {error}", at(key, "", false))));

        let own_domains = own_domains(&file, flags);
        let milter = flags.milter.clone().or(file.mail.listen);
        let milter: milter::Address = milter.as_deref().unwrap_or("inet:127.0.0.1:8891").parse().map_err(
            |error: milter::AddressError| {
                ConfigError(format!("{}: {error}", at("mail.listen", "--milter", flags.milter.is_some())))
            },
        )?;

        let web = web::read(file.web, flags, &at)?;
        let xmpp = xmpp::read(file.xmpp, flags, &at)?;
        if let Some(wrong) = file.data.as_deref().filter(|_| flags.data.is_none()).and_then(unusable_folder) {
            return bad("data", &wrong);
        }
        if let (milter::Address::Unix(path), None) = (&milter, &flags.milter)
            && let Some(folder) = path.parent().filter(|folder| !folder.is_dir())
        {
            let error = format!("there is no folder {}: make it, or choose another place", folder.display());
            return bad("mail.listen", &error);
        }
        let data = flags.data.clone().or(file.data).map_or_else(default_data, Ok)?;
        let delimiters = delimiters(file.mail.recipient_delimiter.as_deref()).map_err(|error| {
            ConfigError(format!("{}: {error}", at("mail.recipient_delimiter", "", false)))
        })?;
        let resolver = file
            .mail
            .resolver
            .as_deref()
            .map(resolver)
            .transpose()
            .map_err(|error| ConfigError(format!("{}: {error}", at("mail.resolver", "", false))))?;
        let trusted = file.mail.trusted_clients.iter().map(|client| client.parse());
        let trusted_clients = trusted.collect::<Result<_, _>>().map_err(|error: TrustedClientError| {
            ConfigError(format!("{}: {error}", at("mail.trusted_clients", "", false)))
        })?;
        let tell = admin::read(file.admin).map_err(|(key, error)| {
            ConfigError(format!("{}: {error}", at(&format!("admin.{key}"), "", false)))
        })?;
        let mail_server = mail_server(file.mail.server)
            .map_err(|error| ConfigError(format!("{}: {error}", at("mail.server", "", false))))?;
        let mail_failure = file.mail.failure.unwrap_or_default();
        let forwarding = file.forwarding.map(|table| forwarding::read(table, delimiters)).transpose();
        let forwarding = forwarding.map_err(|(key, error)| {
            ConfigError(format!("{}: {error}", at(&format!("forwarding.{key}"), "", false)))
        })?;
        if tell.jids.iter().any(|_| xmpp.is_none()) {
            return bad(
                "admin.jid",
                "without the table [xmpp] nobody can be told by chat: add it, or take this out",
            );
        }
        if mail_server.is_none() && !tell.mail.is_empty() {
            return bad(
                "admin.mail",
                "mail.server is \"none\", so nobody can be told by mail: name it, or take this out",
            );
        }
        if mail_server.is_none() && forwarding.is_some() {
            return bad(
                "forwarding",
                "mail.server is \"none\", and forwarding needs Postfix: name it, or take this out",
            );
        }

        let mut places = Vec::new();
        let mut place = |key: &'static str, at: String, listens: bool, address: Option<(String, u16)>| {
            places.extend(address.map(|address| Place { at, key, listens, address }));
        };
        if let milter::Address::Inet(host, port) = &milter {
            let from_flag = flags.milter.is_some();
            place("mail.listen", at("mail.listen", "--milter", from_flag), true, Some((host.clone(), *port)));
        }
        let from_flag = flags.web.is_some();
        place("web.listen", at("web.listen", "--web", from_flag), true, Some((web.host.clone(), web.port)));
        if let Some(forwarding) = &forwarding {
            let listen = (forwarding.listen.ip().to_string(), forwarding.listen.port());
            place("forwarding.listen", at("forwarding.listen", "", false), true, Some(listen));
            let replies = host_port(&forwarding.settings.replies).ok();
            place("forwarding.replies", at("forwarding.replies", "", false), false, replies);
        }
        let server = mail_server.as_deref().and_then(|server| host_port(server).ok());
        place("mail.server", at("mail.server", "", false), false, server);
        if let Some(xmpp) = &xmpp {
            let from_flag = flags.xmpp.is_some();
            place("xmpp.server", at("xmpp.server", "--xmpp", from_flag), false, host_port(&xmpp.server).ok());
        }
        if let Some(wrong) = contradictions::among(&places) {
            return Err(ConfigError(wrong));
        }
        Ok(Self {
            data,
            milter,
            mail_server,
            mail_failure,
            delimiters,
            own_domains,
            resolver,
            trusted_clients,
            web,
            xmpp,
            forwarding,
            tell,
        })
    }
}

/// What commands need that work on the lists alone.
pub struct Lists {
    /// The folder of the lists and of the control socket.
    pub data: PathBuf,
    /// What parts sub-addresses at our own domains.
    pub delimiters: Delimiters,
    /// Names of this server's own.
    pub own_domains: Vec<Domain>,
    /// Whether there is a server that takes mail to members.
    pub mails: bool,
}

impl Lists {
    /// Reads as little of the configuration as that.
    pub fn read(flags: &Flags) -> Result<Self, ConfigError> {
        let (file, source) = read_file(flags.config.as_deref())?;
        let delimiters = delimiters(file.mail.recipient_delimiter.as_deref()).map_err(|error| {
            let at = source.map(|source| source.at("mail.recipient_delimiter")).unwrap_or_default();
            ConfigError(format!("{at}: {error}"))
        })?;
        let own_domains = own_domains(&file, flags);
        let data = flags.data.clone().or(file.data).map_or_else(default_data, Ok)?;
        let mails = file.mail.server.as_deref() != Some(NO_SERVER);
        Ok(Self { data, delimiters, own_domains, mails })
    }
}

/// Names of this server's own that it tells; those that it should tell otherwise are the daemon's to complain about.
fn own_domains(file: &File, flags: &Flags) -> Vec<Domain> {
    let component = flags.xmpp_domain.as_ref().or(file.xmpp.as_ref().and_then(XmppTable::domain));
    let forwarding = file.forwarding.as_ref().map(ForwardingTable::domains).unwrap_or_default();
    component.into_iter().chain(forwarding).filter_map(|domain| Domain::parse_typed(domain).ok()).collect()
}

/// Why the lists can't be in this folder, and what to do.
fn unusable_folder(path: &Path) -> Option<String> {
    if !path.is_absolute() {
        return Some(format!("{} is no whole path: begin it with /", path.display()));
    }
    (path.exists() && !path.is_dir())
        .then(|| format!("{} is a file: name a folder; Postward makes it if it isn't there", path.display()))
}

/// Reads what Postfix calls so: each character parts a sub-address.
fn delimiters(text: Option<&str>) -> Result<Delimiters, String> {
    match text {
        None | Some("" | "+") => Ok(Delimiters::Plus),
        Some("-" | "+-" | "-+") => Ok(Delimiters::PlusAndHyphen),
        Some(other) => Err(format!(
            "{other:?} is not understood: write \"+\", or \"+-\" if a hyphen parts sub-addresses too, as \
             recipient_delimiter in Postfix says"
        )),
    }
}

/// Reads where Postfix takes mail.
fn mail_server(text: Option<String>) -> Result<Option<String>, String> {
    match text.as_deref() {
        None => Ok(Some("127.0.0.1:25".to_owned())),
        Some(NO_SERVER) => Ok(None),
        Some(place) => match host_port(place) {
            Ok(_) => Ok(text),
            Err(_) => Err(format!(
                "{place:?} is not where Postfix takes mail: write HOST:PORT, such as 127.0.0.1:25, or \"none\" if there is no \
                 Postfix"
            )),
        },
    }
}

/// Reads `IP:PORT`, or an IP address alone for port 53.
fn resolver(text: &str) -> Result<SocketAddr, String> {
    let alone = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    alone.or_else(|_| text.parse()).map_err(|_| {
        format!(
            "{text:?} is no DNS server: write its IP address, such as \"127.0.0.1\", with a port if it isn't 53, \
             such as \"127.0.0.1:5353\" or \"[::1]:5353\""
        )
    })
}

/// The configuration file that counts, whether or not it is there.
pub fn file(flags: &Flags) -> PathBuf {
    flags.config.clone().unwrap_or_else(|| PathBuf::from(SYSTEM_FILE))
}

fn read_file(given: Option<&Path>) -> Result<(File, Option<Source>), ConfigError> {
    let path = match given {
        Some(path) => path,
        None if Path::new(SYSTEM_FILE).exists() => Path::new(SYSTEM_FILE),
        None => return Ok((File::default(), None)),
    };
    let source = Source::read(path)?;
    Ok((source.parse()?, Some(source)))
}

/// The key that is wrong, and what is wrong with it.
type WrongKey = (&'static str, String);

/// Splits `HOST:PORT`; an IPv6 address stands in brackets.
fn host_port(text: &str) -> Result<(String, u16), String> {
    let bad = || format!("{text} is not HOST:PORT, such as 127.0.0.1:8025 or [::1]:8025");
    let (host, port) = text.rsplit_once(':').ok_or_else(bad)?;
    let port = port.parse().map_err(|_| bad())?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if host.is_empty() || (bare.is_none() && host.contains(':')) {
        return Err(bad());
    }
    if let Some(bare) = bare
        && bare.parse::<IpAddr>().is_err()
    {
        return Err(bad());
    }
    Ok((bare.unwrap_or(host).to_owned(), port))
}

/// Where the lists are if the file, which can't be read, doesn't say otherwise.
pub fn data_without_file(flags: &Flags) -> Result<PathBuf, ConfigError> {
    flags.data.clone().map_or_else(default_data, Ok)
}

fn default_data() -> Result<PathBuf, ConfigError> {
    if let Some(given) = std::env::var_os("STATE_DIRECTORY").filter(|dir| !dir.is_empty()) {
        return Ok(PathBuf::from(given));
    }
    if Path::new(SYSTEM_DATA).is_dir() {
        return Ok(PathBuf::from(SYSTEM_DATA));
    }
    let base = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    base.map(|base| base.join("postward"))
        .ok_or_else(|| ConfigError("no data folder is known: give one with --data DIR".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unless_told_otherwise_everything_listens_on_loopback() {
        let folder = tempfile::TempDir::new().unwrap();
        let config = folder.path().join("postward.toml");
        std::fs::write(&config, "").unwrap();
        let flags = Flags { config: Some(config), data: Some(folder.path().to_owned()), ..Flags::default() };
        let config = Config::read(&flags).unwrap();
        assert_eq!((config.web.host.as_str(), config.web.port), ("127.0.0.1", 8025));
        assert!(matches!(config.milter, milter::Address::Inet(host, _) if host == "127.0.0.1"));
    }

    #[test]
    fn addresses_are_understood_or_refused() {
        assert_eq!(host_port("127.0.0.1:8025"), Ok(("127.0.0.1".to_owned(), 8025)));
        assert_eq!(host_port("[::1]:0"), Ok(("::1".to_owned(), 0)));
        assert_eq!(host_port("localhost:80"), Ok(("localhost".to_owned(), 80)));
        assert_eq!(resolver("192.0.2.1"), Ok("192.0.2.1:53".parse().unwrap()));
        assert_eq!(resolver("[::1]:5353"), Ok("[::1]:5353".parse().unwrap()));
        for bad in ["", "localhost", "127.0.0.1:", "[::1]", "tls://1.1.1.1"] {
            assert!(resolver(bad).unwrap_err().contains("127.0.0.1:5353"), "{bad}");
        }
        for bad in ["", "8025", "::1:80", ":80", "host:", "host:99999", "[::1", "[nonsense]:1"] {
            assert!(host_port(bad).is_err(), "{bad}");
        }
    }
}
