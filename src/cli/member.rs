//! `postward member add`, `list`, `remove`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use policy_core::lists::{ListsError, Member, MemberIdentity};

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
    /// Remove a member and their list
    Remove(RemoveArgs),
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
pub(super) struct RemoveArgs {
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
            writeln!(output, "Removed {}", printable(&args.name))?;
            writeln!(output, "{}", access.where_in_force()?)?;
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
