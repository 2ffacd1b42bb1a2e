//! `postward doctor`: whether the whole chain holds, from Postfix and Prosody to the lists, and what to do where it doesn't.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use jiff::civil::Date;
use policy_core::chain::{AsRoot, Link, Report, State};
use policy_core::door::DoorState;
use policy_core::lists::Lists;
use policy_core::sentence::Sentence;
use serde::Serialize;
use texts::{LinkInWords, Texts};

use super::CliError;
use crate::chain::{self, postfix, prosody};
use crate::config::{self, Config, Flags};
use crate::control::{Client, GREETED_WITHIN};
use crate::postconf::Postconf;
use crate::store::{self, today};

pub(super) const HELP: &str = "\
Run as root it also reads Postfix's and Prosody's configuration, mends owners and modes of Postward's files, and keeps what it \
saw for the page.

Exit status: 0 all is well, 1 something is worth knowing, 2 something is bad.";

#[derive(Args)]
pub(super) struct DoctorArgs {
    /// As a JSON object
    #[arg(long)]
    json: bool,
    /// Do as the daily check does: tell the admin what has changed since they last heard
    #[arg(long)]
    tell: bool,
    /// Postfix's configuration folder [default: as Postfix was built]
    #[arg(long, value_name = "DIR")]
    postfix: Option<String>,
    /// Prosody's configuration
    #[arg(long, value_name = "FILE", default_value = "/etc/prosody/prosody.cfg.lua")]
    prosody: PathBuf,
}

/// What root saw, in words.
#[derive(Serialize)]
struct AsRootInWords {
    on: Date,
    links: Vec<LinkInWords>,
}

pub(super) fn run(flags: &Flags, args: &DoctorArgs) -> Result<ExitCode, CliError> {
    let report = examine(flags, args)?;
    let texts = Texts::plain();
    let in_words = |links: &[Link]| links.iter().map(|link| texts.link(link)).collect::<Vec<_>>();
    let links = in_words(&report.links);
    let as_root = report
        .as_root
        .as_ref()
        .map(|as_root| AsRootInWords { on: as_root.on, links: in_words(&as_root.links) });
    let mut output = io::stdout().lock();
    if args.json {
        let all = serde_json::json!({ "state": report.state(), "links": links, "as_root": as_root });
        serde_json::to_writer_pretty(&mut output, &all).map_err(io::Error::from)?;
        writeln!(output)?;
    } else {
        show(&mut output, &texts, &links, as_root.as_ref())?;
    }
    Ok(match report.state() {
        State::Good => ExitCode::SUCCESS,
        State::WorthKnowing => ExitCode::from(1),
        State::Bad => ExitCode::from(2),
    })
}

fn examine(flags: &Flags, args: &DoctorArgs) -> Result<Report, CliError> {
    let config = Config::read(flags);
    let data = match &config {
        Ok(config) => Some(config.data.clone()),
        Err(_) => config::data_without_file(flags).ok(),
    };
    let (config, bad) = match config {
        Ok(config) => (Some(config), None),
        Err(error) => (None, Some(chain::configuration(Err(error)))),
    };
    let Some(data) = data else { return Ok(Report { links: bad.into_iter().collect(), as_root: None }) };
    let is_root = rustix::process::geteuid().is_root();
    let secret_file = config.as_ref().and_then(|config| Some(config.xmpp.as_ref()?.secret_file.clone()));
    // Before the daemon looks: root mends what the daemon can't.
    let mended =
        is_root.then(|| chain::files(&data, secret_file.as_deref())).filter(|link| link.state != State::Good);
    let (client, silent) = match Client::connect(&data) {
        Ok(client) => (client, Sentence::of("daemon-absent")),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            (None, Sentence::of("daemon-silent").with("seconds", GREETED_WITHIN.as_secs()))
        }
        Err(error) => return Err(super::access::unreached(&error, &data)),
    };
    let mut report = match &client {
        Some(client) => client.check(args.tell)?,
        None => without_daemon(silent, bad, &data, secret_file.as_deref()),
    };
    if let Some(mended) = mended {
        report.links.retain(|link| link.id != mended.id);
        report.links.push(mended);
    }
    if let Some(config) = config.filter(|_| is_root) {
        let links = as_root(&config, client.as_ref(), args);
        // A database that can't be written is among the links already.
        if let Some(Err(error)) = client.as_ref().map(|client| client.keep_as_root(&links)) {
            let why = Texts::plain().sentence(&error.sentence());
            eprintln!("postward: what root saw can't be kept for the page: {why}");
        }
        report.as_root = Some(AsRoot { on: today(), links });
    }
    Ok(report)
}

/// `silent` says why there is no daemon to ask.
fn without_daemon(silent: Sentence, bad: Option<Link>, data: &Path, secret_file: Option<&Path>) -> Report {
    let mut links = vec![Link::bad("daemon", silent)];
    links.push(bad.unwrap_or_else(|| chain::configuration(Ok(()))));
    links.extend(chain::here(store::integrity(data), data, secret_file));
    Report { links, as_root: None }
}

/// The configuration of the two servers.
fn as_root(config: &Config, client: Option<&Client>, args: &DoctorArgs) -> Vec<Link> {
    // A daemon may have been told another place on its command line.
    let status = client.and_then(|client| client.status().ok());
    let listening = status.iter().flat_map(|status| &status.doors).find_map(|door| match &door.state {
        DoorState::Open { address } if door.name == "mail" => address.parse().ok(),
        _ => None,
    });
    let members = client.and_then(|client| client.members().ok()).unwrap_or_default();
    let forwarding = config.forwarding.as_ref();
    let mut links = Vec::new();
    if config.mail_server.is_some() {
        let expected = postfix::Expected {
            milter: listening.as_ref().unwrap_or(&config.milter),
            failure: config.mail_failure,
            scan_limit: milter::Limits::default().message_bytes as u64,
            members: &members,
            delimiters: config.delimiters,
            ours: forwarding.map_or(&[], |forwarding| forwarding.settings.domains.as_slice()),
        };
        links.extend(postfix::check(&Postconf { folder: args.postfix.as_deref() }, &expected));
    }
    if let Some(xmpp) = &config.xmpp {
        let expected = prosody::Expected {
            domain: &xmpp.domain,
            secret: &xmpp.secret,
            version: env!("CARGO_PKG_VERSION"),
        };
        links.extend(prosody::check(&args.prosody, &expected));
    }
    links
}

fn show(
    output: &mut impl Write,
    texts: &Texts,
    links: &[LinkInWords],
    as_root: Option<&AsRootInWords>,
) -> io::Result<()> {
    for link in links {
        line(output, texts, link)?;
    }
    match as_root {
        Some(as_root) => {
            writeln!(output, "\n{}", texts.with("doctor-as-root", "date", &as_root.on.to_string()))?;
            for link in &as_root.links {
                line(output, texts, link)?;
            }
        }
        None => writeln!(output, "\n{}", texts.say("doctor-not-root"))?,
    }
    let all = || links.iter().chain(as_root.iter().flat_map(|as_root| &as_root.links));
    let count = |state: State| all().filter(|link| link.state == state).count() as u64;
    let sum = match (count(State::Bad), count(State::WorthKnowing)) {
        (0, 0) => Sentence::of("doctor-all-good"),
        (0, known) => Sentence::of("doctor-all-worth-knowing").with("known", known),
        (bad, known) => Sentence::of("doctor-all-bad").with("bad", bad).with("known", known),
    };
    writeln!(output, "\n{}", texts.sentence(&sum))
}

fn line(output: &mut impl Write, texts: &Texts, link: &LinkInWords) -> io::Result<()> {
    let mark = match link.state {
        State::Good => texts.say("doctor-good"),
        State::WorthKnowing => texts.say("doctor-worth-knowing"),
        State::Bad => texts.say("doctor-bad"),
    };
    writeln!(output, "{mark:<4}  {}", link.says)?;
    match &link.remedy {
        Some(remedy) => writeln!(output, "      {}", texts.with("doctor-to-do", "remedy", remedy)),
        None => Ok(()),
    }
}
