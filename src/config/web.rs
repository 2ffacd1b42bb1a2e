//! The table `[web]`: the page.

use serde::Deserialize;

use super::{ConfigError, Flags, host_port};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebTable {
    listen: Option<String>,
    url: Option<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    https: bool,
}

/// Where the page is and by which names it is known.
pub struct WebConfig {
    /// The host to listen on, a name or an IP address.
    pub host: String,
    /// The port; 0 means any.
    pub port: u16,
    /// Host names under which it is reached, besides loopback's.
    pub names: Vec<String>,
    /// Where browsers find it, if that is not where it listens; ends in a slash.
    pub url: Option<String>,
    /// Whether browsers reach it by https.
    pub https: bool,
}

/// Reads it.
pub(super) fn read(
    table: WebTable,
    flags: &Flags,
    at: &dyn Fn(&str, &str, bool) -> String,
) -> Result<WebConfig, ConfigError> {
    let listen = flags.web.clone().or(table.listen);
    let (host, port) = host_port(listen.as_deref().unwrap_or("127.0.0.1:8025")).map_err(|error| {
        ConfigError(format!("{}: {error}", at("web.listen", "--web", flags.web.is_some())))
    })?;
    let url = table.url.as_deref().map(page_url).transpose();
    let url = url.map_err(|error| ConfigError(format!("{}: {error}", at("web.url", "", false))))?;
    let (mut names, mut https) = (table.names, table.https);
    if let Some((url, name)) = &url {
        names.push(name.clone());
        https |= url.starts_with("https:");
    }
    Ok(WebConfig { host, port, names, url: url.map(|(url, _)| url), https })
}

/// Reads where browsers find the page: the URL with a slash at its end, and its host.
fn page_url(text: &str) -> Result<(String, String), String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if name.is_empty() || text.contains(['?', '#', ' ', '@']) {
        return Err(format!(
            "{text:?} is not where browsers find the page: write it like \"https://example.org/postward/\""
        ));
    }
    Ok((format!("{}/", text.trim_end_matches('/')), name.to_owned()))
}
