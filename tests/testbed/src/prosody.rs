//! A real Prosody of our own.

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::process::{Process, accepts, free_loopback};

/// The ports that every server listens on, at a loopback address of its own: clients, servers, components.
const C2S: u16 = 5222;
const S2S: u16 = 5269;
const COMPONENT: u16 = 5347;

/// What a server is to be like.
#[derive(Clone, Debug, Default)]
pub struct Options {
    hosts: Vec<String>,
    rooms: Option<String>,
    modules: Vec<String>,
    plugin_paths: Vec<PathBuf>,
    component: Option<(String, String)>,
    neighbour: Option<(String, String)>,
    reachable: bool,
    lines: Vec<String>,
}

impl Options {
    /// A server for these domains, to be chosen under `.test`. Any account exists there, with any password.
    pub fn new(hosts: &[&str]) -> Self {
        Self { hosts: hosts.iter().map(|&host| host.to_owned()).collect(), ..Self::default() }
    }

    /// Chat rooms (XEP-0045) at this domain.
    #[must_use]
    pub fn rooms(mut self, domain: &str) -> Self {
        self.rooms = Some(domain.to_owned());
        self
    }

    /// One more module, on every host and on the rooms.
    #[must_use]
    pub fn module(mut self, name: &str) -> Self {
        self.modules.push(name.to_owned());
        self
    }

    /// A folder with modules that Prosody doesn't bring.
    #[must_use]
    pub fn plugin_path(mut self, folder: &Path) -> Self {
        self.plugin_paths.push(folder.to_owned());
        self
    }

    /// An external component (XEP-0114) at this domain.
    #[must_use]
    pub fn component(mut self, domain: &str, secret: &str) -> Self {
        self.component = Some((domain.to_owned(), secret.to_owned()));
        self
    }

    /// Another external component, of somebody else's.
    #[must_use]
    pub fn neighbour(mut self, domain: &str, secret: &str) -> Self {
        self.neighbour = Some((domain.to_owned(), secret.to_owned()));
        self
    }

    /// The component can be reached from other servers: the admin forgot to forbid it.
    #[must_use]
    pub fn reachable_component(mut self) -> Self {
        self.reachable = true;
        self
    }

    /// A line for the global part of the configuration.
    #[must_use]
    pub fn line(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }

    /// With `mod_postward` from this checkout, on every host, asking the component at `domain`.
    #[must_use]
    pub fn postward(self, domain: &str, secret: &str) -> Self {
        let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xmpp-component/prosody");
        self.module("postward")
            .plugin_path(&modules)
            .component(domain, secret)
            .line(&format!("postward_component = \"{domain}\""))
    }

    fn domains(&self) -> impl Iterator<Item = &str> {
        let component = self.component.as_ref().map(|(domain, _)| domain);
        self.hosts.iter().chain(self.rooms.as_ref()).chain(component).map(String::as_str)
    }
}

/// A running Prosody in a temporary folder; ends when dropped.
pub struct Prosody {
    process: Process,
    address: Ipv4Addr,
    ports: Vec<u16>,
    folder: TempDir,
}

impl Prosody {
    /// One server on its own.
    pub fn start(options: &Options) -> Result<Self> {
        let [server] = Self::start_all([options])?;
        Ok(server)
    }

    /// Several servers that find each other by name and talk server to server (dialback, no TLS).
    pub fn start_all<const N: usize>(all: [&Options; N]) -> Result<[Self; N]> {
        let mut addresses = Vec::new();
        let mut names = String::new();
        for options in all {
            let address = free_loopback(&[C2S, S2S, COMPONENT])?;
            for domain in options.domains() {
                writeln!(names, "{address} {domain}")?;
            }
            addresses.push(address);
        }
        let mut servers = Vec::new();
        for (options, address) in all.into_iter().zip(addresses) {
            servers.push(Self::start_one(options, address, &names)?);
        }
        servers.try_into().map_err(|_| anyhow::anyhow!("as many servers as options"))
    }

    fn start_one(options: &Options, address: Ipv4Addr, names: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("prosody-").tempdir()?;
        let path = folder.path();
        fs::write(path.join("hosts"), names)?;
        fs::create_dir(path.join("certificates"))?;
        let config = path.join("prosody.cfg.lua");
        fs::write(&config, configuration(options, address, path)?)?;
        // Prosody doesn't run as root. Its modules must be readable for whom it runs as, wherever the checkout is.
        for source in &options.plugin_paths {
            copy_modules(source, &path.join("modules"))?;
        }
        if let Some((user, group)) = unprivileged()? {
            give_to(path, user, group)?;
        }
        let mut ports = vec![C2S, S2S];
        if options.component.is_some() {
            ports.push(COMPONENT);
        }
        Ok(Self { process: run(path, address, &ports)?, address, ports, folder })
    }

    /// Ends it by this signal, `TERM` or `KILL`; its data stay.
    pub fn stop(&mut self, signal: &str) -> Result<()> {
        self.process.signal(signal)?;
        self.process.wait(crate::PATIENCE).map(drop)
    }

    /// Starts it again after [`Prosody::stop`], the same server at the same address. Its log begins anew.
    pub fn start_again(&mut self) -> Result<()> {
        self.process = run(self.folder.path(), self.address, &self.ports)?;
        Ok(())
    }

    /// Where it listens.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Where clients connect.
    pub fn c2s(&self) -> (Ipv4Addr, u16) {
        (self.address, C2S)
    }

    /// Where components connect, as `HOST:PORT`.
    pub fn component_address(&self) -> String {
        format!("{}:{COMPONENT}", self.address)
    }

    /// The same.
    pub fn components(&self) -> (Ipv4Addr, u16) {
        (self.address, COMPONENT)
    }

    /// Its folder, with configuration and data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.process.output()
    }

    /// Says something on its administration console, `["module", "reload", "disco"]`, and returns what that answers.
    /// Needs the module `admin_shell`.
    pub fn console(&self, words: &[&str]) -> Result<String> {
        let config = self.folder.path().join("prosody.cfg.lua");
        let output =
            Command::new("prosodyctl").arg("--config").arg(config).arg("shell").args(words).output()?;
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        anyhow::ensure!(output.status.success(), "{answer}{}", String::from_utf8_lossy(&output.stderr));
        Ok(answer)
    }

    /// Its process, for signals.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// Starts the program in a folder that is prepared, and waits until it listens.
fn run(folder: &Path, address: Ipv4Addr, ports: &[u16]) -> Result<Process> {
    let mut command = match unprivileged()? {
        Some((user, group)) => {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", &user.to_string(), "--regid", &group.to_string()])
                .args(["--clear-groups", "prosody"]);
            command
        }
        None => Command::new("prosody"),
    };
    command.arg("-F").arg("--config").arg(folder.join("prosody.cfg.lua")).current_dir(folder);
    let mut process = Process::start("prosody", command, &folder.join("output"))?;
    process.wait_ready(crate::PATIENCE, || {
        Ok(ports.iter().all(|&port| accepts(address.into(), port)).then_some(()))
    })?;
    Ok(process)
}

fn configuration(options: &Options, address: Ipv4Addr, folder: &Path) -> Result<String> {
    let folder = folder.display();
    let list = |names: &[String]| names.iter().map(|name| format!("\"{name}\"; ")).collect::<String>();
    let modules = list(&options.modules);
    let mut text = format!(
        r#"
data_path = "{folder}/data"
pidfile = "{folder}/prosody.pid"
admin_socket = "{folder}/admin.sock"
certificates = "{folder}/certificates"
plugin_paths = {{ "{folder}/modules" }}
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
interfaces = {{ "{address}" }}
local_interfaces = {{ "{address}" }}
component_interfaces = {{ "{address}" }}
http_ports = {{ }}
https_ports = {{ }}
c2s_direct_tls_ports = {{ }}
s2s_direct_tls_ports = {{ }}
unbound = {{ resolvconf = false, hoststxt = "{folder}/hosts" }}
use_ipv6 = false
modules_enabled = {{ "roster"; "saslauth"; "dialback"; "disco"; "ping"; "carbons"; "pep"; "blocklist"; {modules} }}
modules_disabled = {{ "tls"; "s2s_auth_certs"; "offline" }}
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
s2s_require_encryption = false
s2s_secure_auth = false
authentication = "insecure"
insecure_open_authentication = "Yes please, I know what I'm doing!"
component_conflict_resolve = "kick_old"
"#
    );
    for line in &options.lines {
        writeln!(text, "{line}")?;
    }
    for host in &options.hosts {
        writeln!(text, "VirtualHost \"{host}\"")?;
    }
    if let Some(rooms) = &options.rooms {
        writeln!(text, "Component \"{rooms}\" \"muc\"\nmodules_enabled = {{ {modules} }}")?;
        writeln!(text, "muc_room_locking = false\nrestrict_room_creation = false")?;
    }
    if let Some((domain, secret)) = &options.neighbour {
        writeln!(text, "Component \"{domain}\"\ncomponent_secret = \"{secret}\"")?;
    }
    if let Some((domain, secret)) = &options.component {
        writeln!(text, "Component \"{domain}\"\ncomponent_secret = \"{secret}\"")?;
        writeln!(text, "disco_hidden = true")?;
        if !options.reachable {
            writeln!(text, "modules_disabled = {{ \"s2s\" }}")?;
        }
    }
    Ok(text)
}

/// The user to run as instead of root: Debian's `prosody`. `None` for whoever isn't root already.
fn unprivileged() -> Result<Option<(u32, u32)>> {
    let id = |arguments: &[&str]| -> Result<u32> {
        let output = Command::new("id").args(arguments).output()?;
        String::from_utf8(output.stdout)?.trim().parse().context("no user prosody: run scripts/setup")
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((id(&["-u", "prosody"])?, id(&["-g", "prosody"])?)))
}

fn copy_modules(source: &Path, target: &Path) -> Result<()> {
    fs::create_dir_all(target)?;
    for entry in fs::read_dir(source).with_context(|| format!("can't read {}", source.display()))? {
        let entry = entry?;
        if entry.path().is_dir() {
            copy_modules(&entry.path(), &target.join(entry.file_name()))?;
        } else if entry.path().extension().is_some_and(|extension| extension == "lua") {
            let copy = target.join(entry.file_name());
            fs::copy(entry.path(), &copy)?;
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o644))?;
        }
    }
    Ok(())
}

fn give_to(path: &Path, user: u32, group: u32) -> Result<()> {
    chown(path, Some(user), Some(group))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give_to(&entry?.path(), user, group)?;
        }
    }
    Ok(())
}
