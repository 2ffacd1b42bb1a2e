//! Prosody: one file in `conf.d`, with a component and a fresh secret, and the table `[xmpp]` in our own configuration.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use clap::Args;
use policy_core::identity::Domain;

use super::CliError;
use super::own::Own;
use super::plan::{File, Plan};
use crate::cli::worded;
use crate::config::{self, Flags};

/// What Debian's configuration ends with.
const INCLUDE: &str = "Include \"conf.d/*.cfg.lua\"";

/// Where Prosody listens for components, unless it was told otherwise.
const SERVER: &str = "127.0.0.1:5347";

/// The table of our own configuration.
const TABLE: &str = "xmpp";

#[derive(Args)]
pub(super) struct ProsodyArgs {
    /// Prosody's configuration
    #[arg(long, value_name = "FILE", default_value = "/etc/prosody/prosody.cfg.lua")]
    prosody: PathBuf,
    /// The component's name, for Prosody and Postward alone [default: postward. before the first VirtualHost's name]
    #[arg(long, value_name = "NAME")]
    domain: Option<String>,
}

pub(super) fn connect(flags: &Flags, args: &ProsodyArgs) -> Result<Plan, CliError> {
    let (snippet, ours) = (snippet(&args.prosody), Own::read(config::file(flags))?);
    let mut plan = Plan::default();
    match (snippet.exists(), ours.has(TABLE)) {
        (true, true) => return Ok(plan),
        (false, false) => {}
        (true, false) => return Err(half(&snippet, ours.path())),
        (false, true) => return Err(half(ours.path(), &snippet)),
    }
    let written = lines_of(&args.prosody)?;
    if !written.iter().any(|line| line == INCLUDE) {
        return Err(CliError::Failed(format!(
            "{} doesn't end with {INCLUDE}, as Debian's does: add that line, or write the lines of docs/prosody.md yourself",
            args.prosody.display()
        )));
    }
    let domain = match &args.domain {
        Some(domain) => domain.clone(),
        None => format!("postward.{}", first_host(&args.prosody, written)?),
    };
    let domain = Domain::parse(&domain)
        .map_err(|error| CliError::Failed(format!("{domain}: {}", worded(&error.sentence()))))?
        .to_string();
    let secret = web::random_password().map_err(|error| CliError::Failed(error.to_string()))?;
    let secret_file = ours.path().with_file_name("xmpp-secret");
    let named = secret_file.display().to_string();
    let settings = [("server", SERVER), ("domain", domain.as_str()), ("secret_file", named.as_str())];
    let content = ours.with(TABLE, &settings);

    let daemon = config::Lists::read(flags)?.data;
    plan.write(File {
        path: secret_file,
        content: format!("{secret}\n"),
        secret: Some(secret.clone()),
        mode: 0o640,
        group: group(&daemon),
    });
    plan.write(File { path: ours.path().to_owned(), content, secret: None, mode: 0o644, group: None });
    plan.write(File {
        path: snippet,
        content: component(&domain, &secret),
        secret: Some(secret),
        mode: 0o640,
        group: group(&args.prosody),
    });
    restart(&mut plan);
    Ok(plan)
}

pub(super) fn disconnect(flags: &Flags, args: &ProsodyArgs) -> Result<Plan, CliError> {
    let (snippet, ours) = (snippet(&args.prosody), Own::read(config::file(flags))?);
    let mut plan = Plan::default();
    if snippet.exists() {
        plan.remove(snippet);
    }
    let secret_file = ours.path().with_file_name("xmpp-secret");
    if ours.setting(TABLE, "secret_file").is_some_and(|named| Path::new(named) == secret_file) {
        let content = ours.without(TABLE)?;
        plan.write(File { path: ours.path().to_owned(), content, secret: None, mode: 0o644, group: None });
        plan.remove(secret_file);
    }
    if !plan.is_empty() {
        restart(&mut plan);
    }
    Ok(plan)
}

fn half(there: &Path, missing: &Path) -> CliError {
    CliError::Failed(format!(
        "{} connects Prosody already, but {} doesn't: somebody did it by hand, so nothing was touched",
        there.display(),
        missing.display()
    ))
}

fn snippet(prosody: &Path) -> PathBuf {
    prosody.with_file_name("conf.d").join("postward.cfg.lua")
}

/// The lines that count, without the blanks around them.
fn lines_of(path: &Path) -> Result<Vec<String>, CliError> {
    let text = fs::read_to_string(path).map_err(|error| {
        CliError::Failed(format!("can't read Prosody's configuration {}: {error}", path.display()))
    })?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"));
    Ok(lines.map(str::to_owned).collect())
}

/// The first host that isn't localhost, here or in `conf.d`.
fn first_host(prosody: &Path, mut lines: Vec<String>) -> Result<String, CliError> {
    let folder = prosody.with_file_name("conf.d");
    let unreadable = |error: io::Error| CliError::Failed(format!("can't read {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        files.push(entry.map_err(unreadable)?.path());
    }
    files.sort();
    for file in files.iter().filter(|file| file.to_string_lossy().ends_with(".cfg.lua")) {
        lines.extend(lines_of(file)?);
    }
    let hosts = lines.iter().filter_map(|line| line.strip_prefix("VirtualHost")?.split(['"', '\'']).nth(1));
    hosts.filter(|&host| host != "localhost").map(str::to_owned).next().ok_or_else(|| {
        CliError::Failed(format!(
            "{} has no VirtualHost but localhost: name the component with --domain, such as --domain postward.example.org",
            prosody.display()
        ))
    })
}

fn component(domain: &str, secret: &str) -> String {
    format!(
        "-- Written by `postward connect prosody`; `postward disconnect prosody` removes it.\n\
         postward_component = \"{domain}\"\n\n\
         Component \"{domain}\"\n\
         \tcomponent_secret = \"{secret}\"\n\
         \tcomponent_conflict_resolve = \"kick_old\"\n\
         \tdisco_hidden = true\n\
         \tmodules_enabled = {{ \"postward_everywhere\" }}\n\
         \tmodules_disabled = {{ \"s2s\" }}\n"
    )
}

fn group(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|metadata| metadata.gid())
}

/// Prosody makes a new component at its start only, and we read our configuration at ours.
fn restart(plan: &mut Plan) {
    if Path::new("/run/systemd/system").is_dir() {
        plan.run(["systemctl", "try-restart", "prosody.service", "postward.service"]);
    } else {
        plan.note("Restart Prosody and Postward: until then, nothing changes.");
    }
}
