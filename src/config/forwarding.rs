//! The table `[forwarding]`: blocking by forwarding.

use std::net::SocketAddr;

use policy_core::snapshot::Delimiters;
use serde::Deserialize;
use texts::Texts;

use super::{WrongKey, host_port};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ForwardingTable {
    listen: Option<String>,
    #[serde(default)]
    domains: Vec<String>,
    replies: Option<String>,
    unknown_user: Option<String>,
}

impl ForwardingTable {
    /// The domains whose block@ members write to, as they are written there.
    pub(super) fn domains(&self) -> &[String] {
        &self.domains
    }
}

/// How members block by forwarding.
pub struct ForwardingConfig {
    /// The loopback address to which Postfix delivers.
    pub listen: SocketAddr,
    /// Addresses, and the way of the answers.
    pub settings: milter::forwarding::Settings,
}

/// Reads it.
pub(super) fn read(table: ForwardingTable, delimiters: Delimiters) -> Result<ForwardingConfig, WrongKey> {
    let listen = table.listen.as_deref().unwrap_or("127.0.0.1:8892");
    let listen: SocketAddr =
        listen.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback()).ok_or_else(|| {
            ("listen", format!("{listen:?} is no port of this machine: write 127.0.0.1:8892"))
        })?;
    let no_domain =
        || ("domains", "name the domains whose block@ members write to: [\"example.org\"]".to_owned());
    if table.domains.is_empty() {
        return Err(no_domain());
    }
    let domains = table.domains.iter().map(|domain| {
        policy_core::identity::Domain::parse_typed(domain).map_err(|error| {
            ("domains", format!("{domain:?}: {}", Texts::plain().sentence(&error.sentence())))
        })
    });
    let domains = domains.collect::<Result<Vec<_>, _>>()?;
    let replies = table.replies.unwrap_or_else(|| "127.0.0.1:25".to_owned());
    host_port(&replies).map_err(|_| {
        (
            "replies",
            format!("{replies:?} is not where Postfix takes mail: write HOST:PORT, such as 127.0.0.1:25"),
        )
    })?;
    let unknown_user =
        table.unknown_user.unwrap_or_else(|| "User unknown in local recipient table".to_owned());
    if unknown_user.is_empty() || !unknown_user.chars().all(|char| char == ' ' || char.is_ascii_graphic()) {
        return Err((
            "unknown_user",
            "write the end of Postfix's answer, in ASCII and on one line".to_owned(),
        ));
    }
    Ok(ForwardingConfig {
        listen,
        settings: milter::forwarding::Settings { domains, delimiters, replies, unknown_user },
    })
}
