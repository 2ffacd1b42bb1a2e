//! The command line. Exit status: 0 done, 1 the answer is no, 2 wrong use or failure.

mod access;
mod backup;
mod check;
mod connect;
mod doctor;
mod entries;
mod list;
mod manual;
mod member;
mod password;
mod status;
mod table;
mod transfer;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use policy_core::lists::ListsError;
use policy_core::sentence::Sentence;
use texts::Texts;

use crate::config::{ConfigError, Flags};
use crate::postconf;
use crate::program;
use crate::serve;
use crate::store::StoreError;

/// Stops unwanted mail and XMPP messages before they arrive.
#[derive(Parser)]
#[command(name = "postward", version, propagate_version = true, after_help = AFTER_HELP)]
struct Cli {
    /// The configuration file [default: /etc/postward/postward.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder that holds the lists [default: /var/lib/postward, if it is there; else ~/.local/share/postward]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Exit status: 0 done, 1 the answer is no, 2 wrong use or failure.";

#[derive(Subcommand)]
enum Command {
    /// Run the mail door, the chat door and the settings page
    Serve(ServeArgs),
    /// Block addresses, domains or words
    #[command(after_help = ENTRY_HELP)]
    Block(entries::EntryArgs),
    /// Allow addresses, domains or words that something else blocks
    #[command(after_help = ENTRY_HELP, mut_arg("action", |arg| arg.hide(true)))]
    Allow(entries::EntryArgs),
    /// Remove entries from the list
    Remove(entries::NamedArgs),
    /// Show the list
    List(list::ListArgs),
    /// Switch entries off without removing them
    Pause(entries::NamedArgs),
    /// Switch entries on again
    Resume(entries::NamedArgs),
    /// The people who live here
    #[command(subcommand)]
    Member(member::MemberCommand),
    /// Add what a file lists
    Import(transfer::ImportArgs),
    /// Write the household's list
    Export(transfer::ExportArgs),
    /// Write an encrypted copy of everything that is on the lists, while the daemon runs or not
    #[command(after_help = backup::HELP)]
    Backup(backup::BackupArgs),
    /// Put what a backup holds in the place of the lists; the daemon must be stopped
    Restore(backup::RestoreArgs),
    /// Say what would happen to stored messages: files, folders, Maildirs, mailboxes
    #[command(after_help = check::HELP)]
    Check(check::CheckArgs),
    /// Say whether everything works, and by which revision of the list
    Status(status::StatusArgs),
    /// Check the whole chain, from Postfix and Prosody to the lists, and say what to do where it doesn't hold
    #[command(after_help = doctor::HELP)]
    Doctor(doctor::DoctorArgs),
    /// Connect Postfix or Prosody: shows the change to its configuration, and makes it
    Connect(connect::ConnectArgs),
    /// Undo what connect did
    Disconnect(connect::ConnectArgs),
    /// Make a new password for the settings page
    Password,
    /// Write the manual pages and the shells' completions into a folder: for whoever makes a package
    #[command(hide = true)]
    Manual(manual::ManualArgs),
}

const ENTRY_HELP: &str = "\
A VALUE is an address (mallory@example.org; * and ? before the @ are wildcards), a domain (example.org covers its \
subdomains too) or words (\"buy now\", found as whole words, in any case and spelling). Without --kind, or the \
kind before it (words:casino), Postward tells which it is, and says so. A VALUE that begins with a dash goes after --.";

#[derive(Args)]
struct ServeArgs {
    /// Where Postfix finds the milter: inet:HOST:PORT or unix:PATH [default: inet:127.0.0.1:8891]
    #[arg(long, value_name = "ADDRESS")]
    milter: Option<String>,
    /// Where the settings page listens [default: 127.0.0.1:8025]
    #[arg(long, value_name = "HOST:PORT")]
    web: Option<String>,
    /// Where Prosody listens for components
    #[arg(long, value_name = "HOST:PORT")]
    xmpp: Option<String>,
    /// The component's name in Prosody's configuration
    #[arg(long, value_name = "NAME")]
    xmpp_domain: Option<String>,
    /// The file whose first line is the component_secret of Prosody's configuration
    #[arg(long, value_name = "FILE")]
    xmpp_secret_file: Option<PathBuf>,
}

/// Why a command was not carried out. `Display` is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The answer is no: there is nothing of the kind.
    #[error("{0}")]
    No(String),
    /// Wrong use, or something failed.
    #[error("{0}")]
    Failed(String),
    /// Whoever read our output has gone: not worth a word.
    #[error("the output can't be written: {0}")]
    Output(#[from] io::Error),
}

/// A sentence for the terminal.
fn worded(sentence: &Sentence) -> String {
    Texts::plain().sentence(sentence)
}

impl From<ListsError> for CliError {
    fn from(error: ListsError) -> Self {
        match error {
            ListsError::NoSuchEntry(_) => Self::No(worded(&error.sentence())),
            other => Self::Failed(worded(&other.sentence())),
        }
    }
}

impl From<program::Failed> for CliError {
    fn from(error: program::Failed) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<postconf::Unbalanced> for CliError {
    fn from(error: postconf::Unbalanced) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<serve::ServeError> for CliError {
    fn from(error: serve::ServeError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Reads the command line and carries the command out.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let mut flags = Flags { config: cli.config, data: cli.data, ..Flags::default() };
    let done = match cli.command {
        Command::Serve(args) => {
            flags.milter = args.milter;
            flags.web = args.web;
            flags.xmpp = args.xmpp;
            flags.xmpp_domain = args.xmpp_domain;
            flags.xmpp_secret_file = args.xmpp_secret_file;
            serve::run(&flags).map_err(CliError::from)
        }
        Command::Block(args) => entries::add(&flags, policy_core::entry::Effect::Block, args),
        Command::Allow(args) => entries::add(&flags, policy_core::entry::Effect::Allow, args),
        Command::Remove(args) => entries::remove(&flags, &args),
        Command::List(args) => list::list(&flags, &args),
        Command::Pause(args) => entries::switch(&flags, &args, false),
        Command::Resume(args) => entries::switch(&flags, &args, true),
        Command::Member(command) => member::run(&flags, command),
        Command::Import(args) => transfer::import(&flags, &args),
        Command::Export(args) => transfer::export(&flags, &args),
        Command::Backup(args) => backup::backup(&flags, &args),
        Command::Restore(args) => backup::restore(&flags, &args),
        Command::Check(args) => check::run(&flags, &args),
        Command::Status(args) => status::run(&flags, &args),
        Command::Doctor(args) => doctor::run(&flags, &args),
        Command::Connect(args) => connect::connect(&flags, &args),
        Command::Disconnect(args) => connect::disconnect(&flags, &args),
        Command::Password => password::run(&flags),
        Command::Manual(args) => manual::write(&args),
    };
    match done {
        Ok(code) => code,
        Err(CliError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postward: {error}");
            ExitCode::from(if matches!(error, CliError::No(_)) { 1 } else { 2 })
        }
    }
}
