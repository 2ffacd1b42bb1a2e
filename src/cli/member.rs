//! `postward member add`, `list`, `remove`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use policy_core::lists::{ListsError, Member, MemberIdentity};
use policy_core::sign_in::Household;

use super::access::Access;
use super::table::printable;
use super::{CliError, table};
use crate::config::Flags;

#[derive(Subcommand)]
pub(super) enum MemberCommand {
    /// Add a member, with the addresses by which their mail and chat is known
    Add(AddArgs),
    /// Show the members
    List(ListArgs),
    /// Make a link by which a member signs in to the page once, to choose a password
    Link(NameArgs),
    /// Remove a member and their list; who has used Postward is told, and goes 14 days later
    Remove(NameArgs),
    /// Take a removal back
    Keep(NameArgs),
}

#[derive(Args)]
pub(super) struct AddArgs {
    /// What the household calls them
    name: String,
    /// A mail address of theirs, or @example.org for every address there
    #[arg(long, value_name = "ADDRESS")]
    mail: Vec<String>,
    /// A chat address of theirs
    #[arg(long, value_name = "JID")]
    jid: Vec<String>,
    /// A name they log in with
    #[arg(long, value_name = "NAME")]
    login: Vec<String>,
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// As a JSON array
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct NameArgs {
    /// Their name
    name: String,
}

pub(super) fn run(flags: &Flags, command: MemberCommand) -> Result<ExitCode, CliError> {
    let access = Access::open(flags)?;
    let mut output = io::stdout().lock();
    match command {
        MemberCommand::Add(args) => {
            let member =
                access.lists().add_member(&args.name, &identities(args.mail, args.jid, args.login))?;
            writeln!(output, "Added {}", in_words(&member))?;
            writeln!(output, "{}", access.where_in_force()?)?;
        }
        MemberCommand::List(args) => {
            let members = access.lists().members()?;
            if args.json {
                serde_json::to_writer_pretty(&mut output, &members).map_err(io::Error::from)?;
                writeln!(output)?;
            } else if members.is_empty() {
                writeln!(
                    output,
                    "There are no members yet: `postward member add NAME --mail ADDRESS` adds one."
                )?;
            } else {
                let rows: Vec<[String; 2]> =
                    members.iter().map(|member| [printable(&member.name), addresses(member)]).collect();
                table::write(&mut output, ["NAME", "KNOWN BY"], &rows)?;
            }
        }
        MemberCommand::Remove(args) => {
            access.lists().remove_member(&args.name).map_err(|error| match error {
                ListsError::NoSuchMember(_) => CliError::No(error.to_string()),
                other => other.into(),
            })?;
            let name = printable(&args.name);
            let still = |member: &Member| member.name.to_lowercase() == args.name.trim().to_lowercase();
            if access.lists().members()?.iter().any(still) {
                writeln!(
                    output,
                    "{name} is told, and goes with their list 14 days after that. \
                     `postward member keep` takes it back."
                )?;
            } else {
                writeln!(output, "Removed {name}")?;
                writeln!(output, "{}", access.where_in_force()?)?;
            }
        }
        MemberCommand::Link(args) => {
            let Access::Daemon(daemon) = &access else {
                return Err(CliError::Failed(
                    "a link leads to the running daemon's page: start `postward serve` first".to_owned(),
                ));
            };
            let link = daemon.sign_in_link(&args.name)?;
            writeln!(output, "{}", link.url)?;
            writeln!(
                output,
                "Bring it to {} yourself. It works once, for {} hours.",
                printable(&args.name),
                link.lasts.as_secs() / 3600
            )?;
        }
        MemberCommand::Keep(args) => {
            match &access {
                Access::Daemon(daemon) => daemon.keep_member(&args.name)?,
                Access::Here(store) => store.keep_member(&args.name)?,
            }
            writeln!(output, "{} stays, and is told", printable(&args.name))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn identities(mail: Vec<String>, jid: Vec<String>, login: Vec<String>) -> Vec<MemberIdentity> {
    let mail = mail.into_iter().map(|address| match address.trim().strip_prefix('@') {
        Some(domain) => MemberIdentity::CatchAll(domain.to_owned()),
        None => MemberIdentity::Mail(address),
    });
    mail.chain(jid.into_iter().map(MemberIdentity::Jid))
        .chain(login.into_iter().map(MemberIdentity::Login))
        .collect()
}

fn in_words(member: &Member) -> String {
    let addresses = addresses(member);
    if addresses.is_empty() {
        format!("{}, without any address yet: their own entries would match nothing", printable(&member.name))
    } else {
        format!("{}, known by {addresses}", printable(&member.name))
    }
}

fn addresses(member: &Member) -> String {
    let each = member.identities.iter().map(|identity| match identity {
        MemberIdentity::Mail(value) => printable(value),
        MemberIdentity::CatchAll(value) => format!("everyone at {}", printable(value)),
        MemberIdentity::Jid(value) => format!("{} (chat)", printable(value)),
        MemberIdentity::Login(value) => format!("{} (login)", printable(value)),
    });
    each.collect::<Vec<_>>().join(", ")
}
