//! `postward member add`, `list`, `address`, `confirm`, `link`, `remove`, `keep`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use policy_core::addresses::{AddressState, OwnAddress};
use policy_core::lists::{ListsError, Member, MemberIdentity};
use policy_core::sign_in::Household;

use super::access::Access;
use super::table::printable;
use super::{CliError, table, worded};
use crate::config::{self, Flags};

#[derive(Subcommand)]
pub(super) enum MemberCommand {
    /// Add a member, with the addresses by which their mail and chat is known
    Add(AddArgs),
    /// Show the members
    List(ListArgs),
    /// Mail a code to an address that shall be a member's, or another one in place of it
    Address(AddressArgs),
    /// Enter the code that was mailed to a member's address
    Confirm(ConfirmArgs),
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
pub(super) struct AddressArgs {
    /// Their name
    name: String,
    /// A mail address of theirs
    address: String,
}

#[derive(Args)]
pub(super) struct ConfirmArgs {
    /// Their name
    name: String,
    /// The code, as it stands in the mail
    code: String,
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
    let mails = config::Lists::read(flags)?.mails;
    let mut output = io::stdout().lock();
    match command {
        MemberCommand::Add(args) => {
            let identities = identities(args.mail, args.jid, args.login);
            let member = access.lists().add_member(&args.name, &identities)?;
            writeln!(output, "Added {}", in_words(&member.name, &identities))?;
            for identity in &identities {
                if let MemberIdentity::Mail(address) = identity {
                    writeln!(output, "{}", code_is_mailed(address, mails))?;
                }
            }
            writeln!(output, "{}", access.where_in_force()?)?;
        }
        MemberCommand::List(args) => {
            let members = access.lists().members()?;
            let waiting = waiting(&access)?;
            if args.json {
                serde_json::to_writer_pretty(&mut output, &members).map_err(io::Error::from)?;
                writeln!(output)?;
            } else if members.is_empty() {
                writeln!(
                    output,
                    "There are no members yet: `postward member add NAME --mail ADDRESS` adds one."
                )?;
            } else {
                let rows: Vec<[String; 2]> = members
                    .iter()
                    .map(|member| [printable(&member.name), known_by(member, &waiting)])
                    .collect();
                table::write(&mut output, ["NAME", "KNOWN BY"], &rows)?;
            }
        }
        MemberCommand::Address(args) => {
            access.claim_address(&args.name, &args.address)?;
            writeln!(output, "{}", code_is_mailed(&args.address, mails))?;
        }
        MemberCommand::Confirm(args) => {
            let OwnAddress { address, state, .. } = access.confirm_address(&args.name, &args.code)?;
            let (name, address) = (printable(&args.name), printable(&address));
            match state {
                AddressState::Theirs => {
                    writeln!(output, "{address} is {name}'s: their list counts for it")?;
                    writeln!(output, "{}", access.where_in_force()?)?;
                }
                AddressState::WaitsForCode | AddressState::WaitsForOwners => writeln!(
                    output,
                    "{address} is another member's, who is asked on their page, under Account, whether to share it"
                )?,
            }
        }
        MemberCommand::Remove(args) => {
            access.lists().remove_member(&args.name).map_err(|error| match error {
                ListsError::NoSuchMember(_) => CliError::No(worded(&error.sentence())),
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

fn in_words(name: &str, identities: &[MemberIdentity]) -> String {
    let name = printable(name.trim());
    if identities.is_empty() {
        format!("{name}, without any address yet: their own entries would match nothing")
    } else {
        format!("{name}, known by {}", addresses(identities))
    }
}

fn code_is_mailed(address: &str, mails: bool) -> String {
    if !mails {
        return format!(
            "No code can be mailed to {}, as `server` under [mail] is \"none\": their list doesn't count for mail to it. \
             Once a server is named, `postward member address` mails one.",
            printable(address)
        );
    }
    format!(
        "A code is mailed to {}: their list counts for it once the code is entered on their page, or by \
         `postward member confirm`.",
        printable(address)
    )
}

fn addresses(identities: &[MemberIdentity]) -> String {
    let each = identities.iter().map(|identity| match identity {
        MemberIdentity::Mail(value) => printable(value),
        MemberIdentity::CatchAll(value) => format!("everyone at {}", printable(value)),
        MemberIdentity::Jid(value) => format!("{} (chat)", printable(value)),
        MemberIdentity::Login(value) => format!("{} (login)", printable(value)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// The addresses that aren't anybody's yet.
fn waiting(access: &Access) -> Result<Vec<OwnAddress>, ListsError> {
    let mut addresses = access.addresses()?;
    addresses.retain(|address| address.state != AddressState::Theirs);
    Ok(addresses)
}

fn known_by(member: &Member, waiting: &[OwnAddress]) -> String {
    let known = addresses(&member.identities);
    let waiting = waiting.iter().filter(|address| address.member == member.id).map(|waiting| {
        let why = match waiting.state {
            AddressState::WaitsForOwners => "its other owner hasn't agreed yet",
            AddressState::Theirs | AddressState::WaitsForCode => "its code wasn't entered yet",
        };
        format!("{} ({why})", printable(&waiting.address))
    });
    Some(known).filter(|known| !known.is_empty()).into_iter().chain(waiting).collect::<Vec<_>>().join(", ")
}
