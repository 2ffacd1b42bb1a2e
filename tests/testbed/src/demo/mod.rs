//! The demo: wanted and unwanted mail and chat go to a household that has blocked a few things, and a table tells what
//! arrived.
//!
//! ```text
//! Smtp --SMTP--> Postfix --LMTP--> Sink
//!                   |
//!                postward serve  <-- block, password (the real command line), the page
//!                   |
//! mallory, friend, --s2s--> Prosody home.test ----> anna
//! seller (the other         [mod_postward]
//! Prosody)              ben --c2s--^
//! ```

mod chat;
mod house;
mod interrupt;
mod letters;
mod table;

use std::fs::{self, Permissions};
use std::io::IsTerminal;
use std::os::unix::fs::PermissionsExt;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use chat::Chat;
use house::House;
use interrupt::{Interrupt, Interrupted};
use table::Row;

use crate::process::wait_for;

/// What the household blocks before anything is sent.
const BLOCKED: [&str; 4] = ["mallory@friends.test", "spam.test", "cialis", "glücksspiel"];

/// Runs the demo, once or until it is told to end. The exit status is a success if every message fared as expected.
pub fn run(once: bool) -> ExitCode {
    match demonstrate(once) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.is::<Interrupted>() => {
            say("interrupted; everything it started has ended");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("[demo] failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) {
    if std::io::stdout().is_terminal() {
        println!("\x1b[1m[demo]\x1b[0m {text}");
    } else {
        println!("[demo] {text}");
    }
}

/// What arrives is anybody's text: no terminal commands.
fn say_arrived(what: &str) {
    println!("  arrived: {}", what.replace(char::is_control, " "));
}

fn demonstrate(once: bool) -> Result<bool> {
    let interrupt = Interrupt::listen()?;
    let folder = temporary_folder()?;
    let outcome = interrupt.or(demonstrate_until(once, &interrupt));
    if interrupt.ended() {
        println!(); // after the terminal's ^C
    }
    remove(folder)?;
    if outcome.is_ok() && !once {
        say("everything it started has ended");
    }
    outcome
}

fn demonstrate_until(once: bool, interrupt: &Interrupt) -> Result<bool> {
    let house = House::start(interrupt)?;
    let mut chat = Chat::sign_in(house.home(), house.elsewhere())?;
    say("the household blocks:");
    for value in BLOCKED {
        interrupt.check()?;
        println!("  $ postward block {value}");
        for line in house.postward().ok(["block", value])?.lines() {
            println!("    {line}");
        }
    }
    let good = table::all_as_expected(&send_all(1, &house, &mut chat, interrupt)?);
    if good {
        say("every message fared as expected");
    } else {
        say("NOT every message fared as expected: see the lines without ok");
    }
    if !once {
        stay_open(&house, &mut chat, interrupt)?;
    }
    Ok(good)
}

/// Sends everything, and prints what became of it.
fn send_all(round: u32, house: &House, chat: &mut Chat, interrupt: &Interrupt) -> Result<Vec<Row>> {
    say("sending mail to anna@home.test");
    let mut rows = letters::send_all(round, house.postfix(), house.sink(), interrupt)?;
    table::print("mail", &rows);
    say("sending chat messages to anna@home.test, from another server and from her own");
    let chat_rows = chat.send_all(round, interrupt)?;
    table::print("chat", &chat_rows);
    rows.extend(chat_rows);
    Ok(rows)
}

/// Keeps everything running, shows what else arrives, and sends all again when Enter is pressed.
fn stay_open(house: &House, chat: &mut Chat, interrupt: &Interrupt) -> Result<()> {
    println!("{}", house.invitation()?);
    interrupt.listen_for_enter();
    let mut shown = house.sink().deliveries().len();
    let mut round = 1;
    while !interrupt.ended() {
        if interrupt.again() {
            round += 1;
            match send_all(round, house, chat, interrupt) {
                Ok(rows) if table::all_as_expected(&rows) => {}
                Ok(_) => say("lines without ok: the list is no longer the one that the demo began with"),
                Err(_) if interrupt.ended() => break,
                Err(error) => eprintln!("[demo] can't tell what arrived: {error:#}"),
            }
            shown = house.sink().deliveries().len();
            say("press Enter to send the same again, Ctrl-C to end");
        }
        for delivery in house.sink().deliveries().iter().skip(shown) {
            shown += 1;
            say_arrived(&format!("mail from {}: {}", delivery.from, letters::subject(&delivery.content)));
        }
        match chat.next_arrival(Duration::from_millis(200)) {
            Ok(Some(arrival)) => say_arrived(&arrival),
            Ok(None) => {}
            // Ctrl-C reaches the servers, too, and perhaps before us.
            Err(error) => {
                return interrupt
                    .ends_within(Duration::from_secs(2))
                    .then_some(())
                    .context(error)
                    .context("the chat server has ended");
            }
        }
    }
    Ok(())
}

/// The folder in which all else has its temporary folders.
fn temporary_folder() -> Result<TempDir> {
    let folder = TempDir::with_prefix("postward-demo-")?;
    // Postfix and Prosody work as accounts of their own.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    if tempfile::env::override_temp_dir(folder.path()).is_err() {
        bail!("the temporary folder has been chosen already");
    }
    Ok(folder)
}

/// Removes the folder. A server that is just ending may still write into it, so a few attempts.
fn remove(folder: TempDir) -> Result<()> {
    let path = folder.keep();
    wait_for("the temporary folder to be removed", Duration::from_secs(5), || {
        Ok((fs::remove_dir_all(&path).is_ok() || !path.exists()).then_some(()))
    })
    .with_context(|| format!("{} is left", path.display()))
}
