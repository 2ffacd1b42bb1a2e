//! `postward check`: what would happen to stored messages, without a server.
//!
//! Arguments lead to files ([`find`]), files to messages ([`messages`], [`mbox`]), which all cores judge side by side
//! ([`judge`], [`order`]); what is said about them comes in the order in which they were found ([`report`]).

mod find;
mod judge;
mod mbox;
mod messages;
mod order;
mod report;
mod tried;

use std::io::{self, BufWriter, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use policy_core::candidate::{Delivery, Recipient};
use policy_core::identity::Identity;
use policy_core::lists::Lists as _;
use policy_core::snapshot::Snapshot;

use self::find::Source;
use self::judge::Judge;
use self::messages::{Messages, Unread};
use self::report::{Report, Style};
use super::{CliError, worded};
use crate::config::{self, Flags};
use crate::control::Client;
use crate::store::{Store, today};

/// So many bytes are judged before a bar would be seen.
const SOON_OVER: u64 = 4 << 20;

/// What `--help` says behind the options.
pub(super) const HELP: &str = "\
Folders are searched with all that is in them. Of folders and mailboxes only what would not be delivered is listed, \
and a summary. KIND is address, domain, words or regex; without it Postward tells which it is, as `block` does. \
Nothing is stored: tried entries go with the command.

Exit status: 0 all would be delivered, 1 some would not, 2 wrong use, or something could not be read (the rest was \
judged all the same).";

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Message files (.eml), folders of them, Maildirs, mbox files, or - for standard input
    #[arg(required = true, value_name = "FILE|DIR")]
    what: Vec<PathBuf>,
    /// Try this as well, as if it were on the household's list; may be given several times
    #[arg(long = "entry", value_name = "KIND:VALUE")]
    entries: Vec<String>,
    /// Try the entries given with --entry alone, without the list
    #[arg(long, requires = "entries")]
    only_entries: bool,
    /// With --entry: yes, all of a public suffix such as co.uk or github.io
    #[arg(long, requires = "entries")]
    whole_suffix: bool,
    /// List every message, also what would be delivered
    #[arg(long)]
    all: bool,
    /// As a JSON array, every message in it
    #[arg(long)]
    json: bool,
}

pub(super) fn run(flags: &Flags, args: &CheckArgs) -> Result<ExitCode, CliError> {
    let (store, day) = if args.only_entries {
        (None, today())
    } else {
        let lists = config::Lists::read(flags)?;
        (Store::open_beside(&lists.data, lists.delimiters)?, day_of_daemon(&lists.data))
    };
    let tried = tried::read(args, store.as_ref())?;
    let judge = Judge { snapshot: snapshot(store.as_ref(), &tried)?, today: day, recipient: someone()? };

    // As much of a message as the mail door looks at.
    let limit = milter::Limits::default().message_bytes;
    let found: Vec<_> = args.what.iter().flat_map(|argument| find::find(argument)).collect();
    let progress = progress(&found);
    let mut messages = Messages::new(found.into_iter(), limit, progress.clone());
    let style = Style { json: args.json, all: args.all };
    let bar = progress.clone();
    let mut report = Report::new(BufWriter::new(io::stdout()), style, store.as_ref(), &tried, progress);
    order::in_order(
        &mut messages,
        |unread: Unread| judge.judge(unread.read(limit, &bar)),
        |result| report.take(result),
    )?;
    let (all_read, stopped) = report.end(messages.many)?;
    Ok(match (all_read, stopped) {
        (false, _) => ExitCode::from(2),
        (true, true) => ExitCode::from(1),
        (true, false) => ExitCode::SUCCESS,
    })
}

/// The day by which mail is judged at this moment: the daemon may have another time zone than whoever types.
fn day_of_daemon(data: &Path) -> Date {
    let status = Client::connect(data).ok().flatten().and_then(|daemon| daemon.status().ok());
    status.map_or_else(today, |status| status.today)
}

fn snapshot(store: Option<&Store>, tried: &[policy_core::entry::Entry]) -> Result<Snapshot, CliError> {
    let list = store.map(|store| store.snapshot().load());
    tried::compile(list.as_deref().unwrap_or(&Snapshot::empty(0)), tried)
}

/// A bar on standard error, moved by what is read; none where that is no terminal, or it is soon over.
fn progress(found: &[Result<Source, String>]) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let sizes =
        found.iter().flatten().filter_map(|source| source.path.metadata().ok()).map(|file| file.len());
    let bytes: u64 = sizes.sum();
    if bytes < SOON_OVER {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(bytes);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent} %, {eta} left: {msg}") {
        bar.set_style(style);
    }
    bar
}

/// To whom the messages go: nobody owns that address, so that the household's entries judge and no member's.
fn someone() -> Result<Recipient, CliError> {
    let identity = Identity::from_mail("someone", "localhost")
        .map_err(|error| CliError::Failed(worded(&error.sentence())))?;
    Ok(Recipient { identity, delivery: Delivery::ToAddress })
}
