//! The configuration: one optional TOML file, flags over it, and a default for everything.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use policy_core::door::FailureMode;
use serde::Deserialize;

/// Where the configuration of an installed system is.
const SYSTEM_FILE: &str = "/etc/postward/postward.toml";

/// Where an installed system keeps its lists.
const SYSTEM_DATA: &str = "/var/lib/postward";

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
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MailTable {
    listen: Option<String>,
    failure: Option<FailureMode>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebTable {
    listen: Option<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    https: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct XmppTable {
    server: Option<String>,
    domain: Option<String>,
    secret_file: Option<PathBuf>,
    failure: Option<FailureMode>,
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
    /// What the mail door does when Postward fails.
    pub mail_failure: FailureMode,
    /// The page.
    pub web: WebConfig,
    /// The component, when one is configured.
    pub xmpp: Option<XmppConfig>,
}

/// Where the page is and by which names it is known.
pub struct WebConfig {
    /// The host to listen on, a name or an IP address.
    pub host: String,
    /// The port; 0 means any.
    pub port: u16,
    /// Host names under which it is reached, besides loopback's.
    pub names: Vec<String>,
    /// Whether browsers reach it by https.
    pub https: bool,
}

/// How the component reaches Prosody.
pub struct XmppConfig {
    /// `HOST:PORT` of Prosody's component listener.
    pub server: String,
    /// The component's domain.
    pub domain: String,
    /// The file whose first line is the shared secret.
    pub secret_file: PathBuf,
    /// The secret.
    pub secret: String,
    /// What the chat door does when Postward fails.
    pub failure: FailureMode,
}

impl fmt::Debug for XmppConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XmppConfig").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// What is wrong with the configuration, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads the file, lays the flags over it and checks everything that can be checked without opening anything.
    pub fn read(flags: &Flags) -> Result<Self, ConfigError> {
        let (file, path) = read_file(flags.config.as_deref())?;
        // A message says where the value came from: the file's key or the flag.
        let at = |key: &str, flag: &str, from_flag: bool| match (&path, from_flag) {
            (Some(path), false) => format!("{}: {key}", path.display()),
            _ => flag.to_owned(),
        };

        let milter = flags.milter.clone().or(file.mail.listen);
        let milter = milter.as_deref().unwrap_or("inet:127.0.0.1:8891").parse().map_err(|error| {
            ConfigError(format!("{}: {error}", at("mail.listen", "--milter", flags.milter.is_some())))
        })?;

        let listen = flags.web.clone().or(file.web.listen);
        let (host, port) = host_port(listen.as_deref().unwrap_or("127.0.0.1:8025")).map_err(|error| {
            ConfigError(format!("{}: {error}", at("web.listen", "--web", flags.web.is_some())))
        })?;
        let web = WebConfig { host, port, names: file.web.names, https: file.web.https };

        let xmpp = read_xmpp(file.xmpp, flags, &at)?;
        let data = flags.data.clone().or(file.data).map_or_else(default_data, Ok)?;
        Ok(Self { data, milter, mail_failure: file.mail.failure.unwrap_or_default(), web, xmpp })
    }
}

/// The data folder alone, for commands that need nothing else.
pub fn data_folder(flags: &Flags) -> Result<PathBuf, ConfigError> {
    if let Some(data) = &flags.data {
        return Ok(data.clone());
    }
    let (file, _) = read_file(flags.config.as_deref())?;
    file.data.map_or_else(default_data, Ok)
}

fn read_file(given: Option<&Path>) -> Result<(File, Option<PathBuf>), ConfigError> {
    let path = match given {
        Some(path) => path.to_owned(),
        None if Path::new(SYSTEM_FILE).exists() => PathBuf::from(SYSTEM_FILE),
        None => return Ok((File::default(), None)),
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        ConfigError(format!(
            "can't read the configuration {}: {error}. Check the path given with --config",
            path.display()
        ))
    })?;
    let file = toml::from_str(&text).map_err(|error| {
        let line = error
            .span()
            .map_or(1, |span| text.bytes().take(span.start).filter(|&byte| byte == b'\n').count() + 1);
        ConfigError(format!("{}:{line}: {}", path.display(), error.message().replace('\n', ", ")))
    })?;
    Ok((file, Some(path)))
}

fn read_xmpp(
    table: Option<XmppTable>,
    flags: &Flags,
    at: &dyn Fn(&str, &str, bool) -> String,
) -> Result<Option<XmppConfig>, ConfigError> {
    let table = table.unwrap_or_default();
    let server = flags.xmpp.clone().or(table.server);
    let domain = flags.xmpp_domain.clone().or(table.domain);
    let secret_file = flags.xmpp_secret_file.clone().or(table.secret_file);
    let missing = |key: &str, flag: &str| ConfigError(format!("the chat server needs {key} too: add {flag}"));
    let (server, domain, secret_file) = match (server, domain, secret_file) {
        (None, None, None) => return Ok(None),
        (None, _, _) => {
            return Err(missing("its address", "--xmpp HOST:PORT, or xmpp.server in the configuration"));
        }
        (_, None, _) => {
            return Err(missing(
                "the component's name",
                "--xmpp-domain NAME, or xmpp.domain in the configuration",
            ));
        }
        (_, _, None) => {
            return Err(missing(
                "a secret",
                "--xmpp-secret-file FILE, or xmpp.secret_file in the configuration",
            ));
        }
        (Some(server), Some(domain), Some(secret_file)) => (server, domain, secret_file),
    };
    host_port(&server).map_err(|error| {
        ConfigError(format!("{}: {error}", at("xmpp.server", "--xmpp", flags.xmpp.is_some())))
    })?;
    let secret = std::fs::read_to_string(&secret_file).map_err(|error| {
        ConfigError(format!(
            "can't read the component's secret {}: {error}. Its first line is what component_secret says in Prosody",
            secret_file.display()
        ))
    })?;
    let secret = secret.lines().next().unwrap_or_default().trim().to_owned();
    if secret.is_empty() {
        return Err(ConfigError(format!(
            "the component's secret {} is empty: its first line is what component_secret says in Prosody",
            secret_file.display()
        )));
    }
    let domain = policy_core::identity::Domain::parse(&domain)
        .map_err(|error| {
            ConfigError(format!(
                "{}: {error}",
                at("xmpp.domain", "--xmpp-domain", flags.xmpp_domain.is_some())
            ))
        })?
        .to_string();
    Ok(Some(XmppConfig { server, domain, secret_file, secret, failure: table.failure.unwrap_or_default() }))
}

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
    fn addresses_are_understood_or_refused() {
        assert_eq!(host_port("127.0.0.1:8025"), Ok(("127.0.0.1".to_owned(), 8025)));
        assert_eq!(host_port("[::1]:0"), Ok(("::1".to_owned(), 0)));
        assert_eq!(host_port("localhost:80"), Ok(("localhost".to_owned(), 80)));
        for bad in ["", "8025", "::1:80", ":80", "host:", "host:99999", "[::1", "[nonsense]:1"] {
            assert!(host_port(bad).is_err(), "{bad}");
        }
    }
}
