//! The most memory that judging a message takes beside the message itself, by words and a regular expression, at 10 MB:
//! the size of a mail that servers take by default.
//!
//! Each shape is judged in a process of its own, for the allocator's highest mark can't be put back.

#![allow(missing_docs, clippy::print_stdout)]

#[path = "message/shapes.rs"]
mod shapes;

use std::alloc::System;
use std::env;
use std::error::Error;
use std::process::Command;
use std::sync::Arc;

use cap::Cap;
use jiff::civil::{Date, date};
use policy_core::candidate::{Candidate, Delivery, Recipient};
use policy_core::entry::{Action, Channel, Channels, Effect, EntryId, Scope};
use policy_core::identity::Identity;
use policy_core::message::Unread;
use policy_core::pattern::understand;
use policy_core::snapshot::{Members, Rule, SegmentBuilder, Snapshot};

use crate::shapes::{ORDINARY, SHAPES};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

const SIZE: usize = 10_000_000;

const TODAY: Date = date(2026, 11, 23);

fn in_debug(error: impl std::fmt::Debug) -> Box<dyn Error> {
    format!("{error:?}").into()
}

fn list() -> Result<Snapshot, Box<dyn Error>> {
    let mut builder = SegmentBuilder::new();
    for (number, value) in (1..).zip(["casino", "secret bonus", "/win [0-9]+ euros/"]) {
        let rule = Rule {
            entry: EntryId::from_number(number).ok_or("no number")?,
            scope: Scope::Household,
            effect: Effect::Block,
            action: Action::Drop,
            channels: Channels::All,
            until: None,
            by_owner: true,
            by_client: false,
        };
        builder.push(&understand(value, None, true).map_err(in_debug)?.pattern, rule).map_err(in_debug)?;
    }
    Snapshot::compile(1, builder, Members::default()).map_err(in_debug)
}

fn one(wanted: Option<&str>) -> Result<(), Box<dyn Error>> {
    let mut shapes = ORDINARY.iter().chain(SHAPES);
    let (name, shape) = shapes.find(|(name, _)| Some(*name) == wanted).ok_or("there is no such shape")?;
    let list = list()?;
    let raw = Arc::new(shape(SIZE));
    let size = raw.len() as f64;
    let mut candidate = Candidate::new(Channel::Mail);
    let identity = Identity::parse_mail("alice@home.example").map_err(in_debug)?;
    candidate.recipients.push(Recipient { identity, delivery: Delivery::ToAddress });
    // Whatever making the message took at its height doesn't count: it is taken up again before it is freed.
    let before = MEMORY.allocated();
    let making = MEMORY.max_allocated();
    Unread::fill(raw as _, &mut candidate);
    let judgement = list.judge(&candidate, TODAY);
    let most = MEMORY.max_allocated();
    let at_most = if most > making { "" } else { "at most " };
    println!("{name:<36} {at_most}{:.2} times its size", most.saturating_sub(before) as f64 / size);
    drop(judgement);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    if arguments.next().as_deref() == Some("--one") {
        return one(arguments.next().as_deref());
    }
    let program = env::current_exe()?;
    for (name, _) in ORDINARY.iter().chain(SHAPES) {
        Command::new(&program).args(["--one", name]).status()?;
    }
    Ok(())
}
