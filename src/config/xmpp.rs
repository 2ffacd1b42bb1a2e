//! The table `[xmpp]`, and the flags over it: the component.

use std::fmt;
use std::path::PathBuf;

use policy_core::door::FailureMode;
use policy_core::identity::Identity;
use serde::Deserialize;
use texts::Texts;
use xmpp_component::Sealed;

use super::{ConfigError, Flags, host_port};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct XmppTable {
    server: Option<String>,
    domain: Option<String>,
    secret_file: Option<PathBuf>,
    failure: Option<FailureMode>,
    encrypted_from_strangers: Option<Sealed>,
    #[serde(default)]
    admins: Vec<String>,
}

impl XmppTable {
    /// The component's name, as it is written there.
    pub(super) fn domain(&self) -> Option<&String> {
        self.domain.as_ref()
    }
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
    /// What happens to encrypted messages and files from strangers.
    pub sealed: Sealed,
    /// The accounts that may change the household's list by chat.
    pub admins: Vec<Identity>,
}

impl fmt::Debug for XmppConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XmppConfig").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// Reads it; nothing, where no chat server is named.
pub(super) fn read(
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
    let from_flag = flags.xmpp_secret_file.is_some();
    let at_secret = || at("xmpp.secret_file", "--xmpp-secret-file", from_flag);
    let secret = std::fs::read_to_string(&secret_file).map_err(|error| {
        ConfigError(format!(
            "{}: can't read the component's secret {}: {error}. Its first line is what component_secret says in Prosody",
            at_secret(),
            secret_file.display()
        ))
    })?;
    let secret = secret.lines().next().unwrap_or_default().trim().to_owned();
    if secret.is_empty() {
        return Err(ConfigError(format!(
            "{}: the component's secret {} is empty: its first line is what component_secret says in Prosody",
            at_secret(),
            secret_file.display()
        )));
    }
    let domain = policy_core::identity::Domain::parse(&domain)
        .map_err(|error| {
            ConfigError(format!(
                "{}: {}",
                at("xmpp.domain", "--xmpp-domain", flags.xmpp_domain.is_some()),
                Texts::plain().sentence(&error.sentence())
            ))
        })?
        .to_string();
    let failure = table.failure.unwrap_or_default();
    let sealed = table.encrypted_from_strangers.unwrap_or_default();
    let admins = table.admins.iter().map(|jid| {
        Identity::parse_jid(jid.trim()).ok().filter(|jid| jid.local().is_some()).ok_or_else(|| {
            let key = at("xmpp.admins", "", false);
            ConfigError(format!("{key}: {jid:?} is no account: write it like anna@example.org"))
        })
    });
    let admins = admins.collect::<Result<_, _>>()?;
    Ok(Some(XmppConfig { server, domain, secret_file, secret, failure, sealed, admins }))
}
