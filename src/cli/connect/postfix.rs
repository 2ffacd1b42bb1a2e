//! Postfix: one more element of `smtpd_milters`, and no success notices.

use std::path::Path;

use clap::Args;
use policy_core::door::FailureMode;

use super::CliError;
use super::plan::{Plan, quoted};
use super::record::{Changed, Record};
use crate::config::{Config, Flags};
use crate::postconf::{
    DISCARDED, DISCARDED_FOR_SOME, MILTERS, Postconf, SOCKET, elements, is_at, named, of_element, suits,
};
use crate::program::run;

/// RFC 3461: a sender who asks for a notice of success would learn whether a message was delivered or dropped. `silent-discard`
/// keeps Postfix from logging that for each client.
const KEYWORDS: [&str; 2] = ["dsn", "silent-discard"];

#[derive(Args)]
pub(super) struct PostfixArgs {
    /// Postfix's configuration folder [default: as Postfix was built]
    #[arg(long, value_name = "DIR")]
    postfix: Option<String>,
}

impl Postconf<'_> {
    fn set(&self, plan: &mut Plan, name: &str, value: Option<&str>) {
        plan.run(match value {
            Some(value) => self.words("postconf", &["-e", &format!("{name} = {value}")]),
            None => self.words("postconf", &["-X", name]),
        });
    }

    /// Changes a setting and remembers what it was.
    fn change(
        &self,
        plan: &mut Plan,
        record: &mut Record,
        name: &str,
        after: String,
    ) -> Result<(), CliError> {
        let before = self.written(name)?;
        self.set(plan, name, Some(&after));
        let remembered = record.postfix.remove(name);
        // Connecting twice must not take our own change for what was there.
        let before = match remembered {
            Some(old) if before.as_deref() == Some(&old.after) => old.before,
            _ => before,
        };
        record.postfix.insert(name.to_owned(), Changed { before, after });
        Ok(())
    }

    /// A running Postfix takes the change over at once.
    fn reload(&self, plan: &mut Plan) {
        if run(&self.words("postfix", &["status"])).is_ok() {
            plan.run(self.words("postfix", &["reload"]));
        } else {
            plan.note("Postfix isn't running: the change counts from its next start.");
        }
    }
}

pub(super) fn connect(flags: &Flags, args: &PostfixArgs, record: &mut Record) -> Result<Plan, CliError> {
    let postconf = Postconf { folder: args.postfix.as_deref() };
    let config = Config::read(flags)?;
    check_version(&postconf)?;

    let mut plan = Plan::default();
    let milters = elements(&postconf.value(MILTERS)?)?;
    let wanted = wanted(&postconf, &config, &milters, record)?;
    if milters != wanted {
        postconf.change(&mut plan, record, MILTERS, wanted.join(", "))?;
    }
    let mut keywords = elements(&postconf.value(DISCARDED)?)?;
    let missing: Vec<String> = KEYWORDS
        .iter()
        .filter(|&&keyword| !keywords.iter().any(|there| there.eq_ignore_ascii_case(keyword)))
        .map(|&keyword| keyword.to_owned())
        .collect();
    if !missing.is_empty() {
        keywords.extend(missing);
        postconf.change(&mut plan, record, DISCARDED, keywords.join(", "))?;
    }
    if !plan.is_empty() {
        postconf.reload(&mut plan);
    }
    for line in postconf.ask(&["-P", &format!("*/*/{MILTERS}")])?.lines() {
        let service = line.split('/').next().unwrap_or_default();
        plan.note(format!(
            "master.cf gives the service {service} milters of its own; what arrives there isn't asked about: {line}"
        ));
    }
    if !postconf.value(DISCARDED_FOR_SOME)?.is_empty() {
        plan.note(format!(
            "{DISCARDED_FOR_SOME} counts before {DISCARDED}: for the clients that it names, add dsn and \
             silent-discard there, or they learn what was dropped"
        ));
    }
    Ok(plan)
}

/// The milters with us among them, once. Where somebody has named us by hand, our place and our settings are theirs, unless
/// mail would be lost, or pass where `failure` wants it held off.
fn wanted(
    postconf: &Postconf<'_>,
    config: &Config,
    milters: &[String],
    record: &Record,
) -> Result<Vec<String>, CliError> {
    let address = address(postconf, &config.milter)?;
    let ours = match config.mail_failure {
        FailureMode::Deliver => format!("{{ {address}, default_action=accept }}"),
        FailureMode::HoldOff => format!("{{ {address}, default_action=tempfail }}"),
    };
    let queue = postconf.value("queue_directory")?;
    let unsaid = postconf.value("milter_default_action")?;
    let made = match record.postfix.get(MILTERS) {
        Some(changed) => {
            let before = elements(changed.before.as_deref().unwrap_or_default())?;
            let after = elements(&changed.after)?;
            after.into_iter().filter(|element| !before.contains(element)).collect()
        }
        None => Vec::new(),
    };
    let is_us = |element: &String| named(element) == address || is_at(named(element), &config.milter, &queue);
    let by_hand = |element: &&String| {
        let action = of_element(element, "default_action").unwrap_or(&unsaid);
        is_us(element) && !made.contains(*element) && suits(action, config.mail_failure)
    };
    let us = milters.iter().find(by_hand).cloned().unwrap_or(ours);
    let place = milters.iter().position(is_us).unwrap_or(milters.len());
    let mut wanted: Vec<String> = milters.iter().filter(|element| !is_us(element)).cloned().collect();
    wanted.insert(place, us);
    Ok(wanted)
}

pub(super) fn disconnect(flags: &Flags, args: &PostfixArgs, record: &mut Record) -> Result<Plan, CliError> {
    let postconf = Postconf { folder: args.postfix.as_deref() };
    let mut plan = Plan::default();
    let mut milters = postconf.value(MILTERS)?;
    for (name, changed) in std::mem::take(&mut record.postfix) {
        let now = postconf.written(&name)?;
        if now.as_deref() == Some(&changed.after) {
            if name == MILTERS {
                milters = changed.before.clone().unwrap_or_default();
            }
            postconf.set(&mut plan, &name, changed.before.as_deref());
            continue;
        }
        // Somebody has changed it since: only what connect added goes.
        let before = elements(changed.before.as_deref().unwrap_or_default())?;
        let added: Vec<String> =
            elements(&changed.after)?.into_iter().filter(|element| !before.contains(element)).collect();
        let Some(now) = now else { continue };
        let there = elements(&now)?;
        let rest: Vec<String> = there.iter().filter(|element| !added.contains(element)).cloned().collect();
        if rest.len() < there.len() {
            if name == MILTERS {
                milters = rest.join(", ");
            }
            postconf.set(&mut plan, &name, Some(&rest.join(", ")));
        }
    }
    if !plan.is_empty() {
        postconf.reload(&mut plan);
    }
    // A configuration that can't be read keeps nobody from disconnecting.
    let milter = Config::read(flags).map_or(milter::Address::Systemd, |config| config.milter);
    let queue = postconf.value("queue_directory")?;
    let is_us = |element: &String| {
        is_at(named(element), &milter, &queue) || is_at(named(element), &milter::Address::Systemd, &queue)
    };
    let (ours, others): (Vec<String>, Vec<String>) = elements(&milters)?.into_iter().partition(is_us);
    if !ours.is_empty() {
        let end = postconf.words("postconf", &["-e", &format!("{MILTERS} = {}", others.join(", "))]);
        let end: Vec<String> = end.iter().map(|word| quoted(word)).collect();
        plan.leave(format!(
            "{MILTERS} names Postward, which `postward connect` hasn't written: Postfix goes on asking it. To end that: {}, \
             then `postfix reload`",
            end.join(" ")
        ));
    }
    Ok(plan)
}

fn check_version(postconf: &Postconf<'_>) -> Result<(), CliError> {
    let version = postconf.value("mail_version")?;
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 3) {
        return Err(CliError::Failed(format!(
            "this is Postfix {version}: Postward needs 3.0 or later, where each milter has settings of its own"
        )));
    }
    let protocol = postconf.value("milter_protocol")?;
    if protocol != "6" {
        return Err(CliError::Failed(format!(
            "milter_protocol is {protocol} in main.cf, and Postward speaks 6 alone: `postconf -X milter_protocol` restores \
             Postfix's default, once no other milter needs the old one"
        )));
    }
    Ok(())
}

/// Where Postfix finds us. What a chrooted `smtpd` can reach lies in the queue directory, and is named from there.
fn address(postconf: &Postconf<'_>, configured: &milter::Address) -> Result<String, CliError> {
    let queue = postconf.value("queue_directory")?;
    if Path::new(&queue).join(SOCKET).exists() {
        return Ok(format!("unix:{SOCKET}"));
    }
    match configured {
        milter::Address::Systemd => Err(CliError::Failed(format!(
            "there is no socket {queue}/{SOCKET}: `systemctl start postward.socket` makes it"
        ))),
        milter::Address::Inet(..) => Ok(configured.to_string()),
        milter::Address::Unix(path) => match path.strip_prefix(&queue) {
            Ok(inside) => Ok(format!("unix:{}", inside.display())),
            Err(_) => Err(CliError::Failed(format!(
                "a smtpd that is locked into {queue}, as Debian has it, can't reach {}: let Postward listen at \
                 unix:{queue}/{SOCKET}",
                path.display()
            ))),
        },
    }
}
