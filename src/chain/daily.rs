//! The daily check, at a minute of this installation's own, and what the admin hears of it: what turned bad, once, and that
//! it is over.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use policy_core::chain::{Chain as _, Link, Report, State};

use super::Checker;
use crate::store::today;

/// The settings that are kept: the minute of the day, drawn once, so that the rhythm identifies nothing; the day of the last
/// check; what the admin knows of.
const MINUTE: &str = "chain-minute";
const LAST: &str = "chain-last";
const TOLD: &str = "chain-told";

const MINUTES_A_DAY: u32 = 24 * 60;

/// How often the clock is looked at: a machine that slept, or was off at its minute, catches up.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What could not be stored, because the disk is full or the database lost: else the check would be due every minute, and the
/// admin told each time.
pub type Unsaved = Mutex<BTreeMap<&'static str, String>>;

/// Checks once a day until `stop` completes.
pub async fn run(checker: Arc<Checker>, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.tick().await;
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = every.tick() => {}
        }
        let checker = Arc::clone(&checker);
        let _ = tokio::task::spawn_blocking(move || {
            if checker.is_due() {
                checker.check_and_tell();
            }
        })
        .await;
    }
}

impl Checker {
    fn kept(&self, name: &'static str) -> Option<String> {
        let unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        unsaved.get(name).cloned().or_else(|| self.store.setting(name).ok().flatten())
    }

    fn keep(&self, name: &'static str, value: String) {
        let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        match self.store.set_setting(name, &value) {
            Ok(()) => unsaved.remove(name),
            Err(_) => unsaved.insert(name, value),
        };
    }

    /// Whether today's check is still to be made and its minute has come.
    fn is_due(&self) -> bool {
        let now = jiff::ZonedDateTime::now();
        let minute = u32::from(now.hour().unsigned_abs()) * 60 + u32::from(now.minute().unsigned_abs());
        let today = now.date().to_string();
        let drawn = self.kept(MINUTE).and_then(|text| text.parse::<u32>().ok());
        let Some(drawn) = drawn else {
            let drawn = rand::random_range(0..MINUTES_A_DAY);
            self.keep(MINUTE, drawn.to_string());
            // The first check is tomorrow's, if today's minute is over.
            if minute >= drawn {
                self.keep(LAST, today);
            }
            return false;
        };
        minute >= drawn && self.kept(LAST).is_none_or(|last| last != today)
    }

    /// Checks the chain, and tells the admin what has changed since they last heard.
    pub fn check_and_tell(&self) -> Report {
        let report = self.check();
        self.keep(LAST, today().to_string());
        let told: BTreeMap<String, String> =
            self.kept(TOLD).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let mut at_start = self.at_start.lock().unwrap_or_else(PoisonError::into_inner);
        let wrong: Vec<&Link> =
            report.links.iter().chain(at_start.as_ref()).filter(|link| is_told(link)).collect();
        let now: BTreeMap<String, String> =
            wrong.iter().map(|link| (link.id.clone(), link.says.clone())).collect();
        let Some(text) = news(&told, &now, &wrong) else { return report };
        eprintln!("postward: the check of the chain has news; `postward doctor` shows it");
        // Whoever couldn't be reached is told the next day.
        if self.tell.say(&text, &self.mail, self.chat.as_ref()) {
            self.keep(TOLD, serde_json::to_string(&now).unwrap_or_default());
            *at_start = None;
        }
        report
    }
}

/// What the admin hears of: what is bad, and files that others may have read.
fn is_told(link: &Link) -> bool {
    link.state == State::Bad || link.id == "files" && link.state != State::Good
}

/// What has changed, in words; nothing if nothing has.
fn news(told: &BTreeMap<String, String>, now: &BTreeMap<String, String>, wrong: &[&Link]) -> Option<String> {
    let mut paragraphs = Vec::new();
    for link in wrong.iter().filter(|link| !told.contains_key(&link.id)) {
        let remedy = link.remedy.as_deref().unwrap_or_default();
        paragraphs.push(format!("{}\nWhat to do: {remedy}", link.says));
    }
    let turned = paragraphs.len();
    for (_, says) in told.iter().filter(|(id, _)| !now.contains_key(*id)) {
        paragraphs.push(format!("No longer so: {says}"));
    }
    if paragraphs.is_empty() {
        return None;
    }
    let first = match (turned, now.is_empty()) {
        (0, true) => "Postward: all is well again.",
        (0, false) => "Postward: some of it is well again.",
        _ => "Postward: something is wrong.",
    };
    paragraphs.insert(0, first.to_owned());
    paragraphs.push("`postward doctor` on the server, or Check on the page, shows all of it.".to_owned());
    Some(paragraphs.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_bad_is_told_once_and_so_is_its_end() {
        let bad = Link::bad("dns", "DNS doesn't answer.", "See to it.");
        let other = Link::bad("disk", "The disk is full.", "Make room.");
        let map = |links: &[&Link]| -> BTreeMap<String, String> {
            links.iter().map(|link| (link.id.clone(), link.says.clone())).collect()
        };
        let said = |told: &[&Link], now: &[&Link]| news(&map(told), &map(now), now);
        let first = said(&[], &[&bad]).unwrap();
        assert!(
            first.starts_with("Postward: something is wrong.\n\nDNS doesn't answer.\nWhat to do: See to it.")
        );
        assert_eq!(said(&[&bad], &[&bad]), None, "once");
        let second = said(&[&bad], &[&bad, &other]).unwrap();
        assert!(second.contains("The disk is full.") && !second.contains("DNS"), "{second}");
        let partly = said(&[&bad, &other], &[&other]).unwrap();
        assert!(partly.starts_with("Postward: some of it is well again.\n\nNo longer so: DNS"), "{partly}");
        assert!(said(&[&bad], &[]).unwrap().starts_with("Postward: all is well again."));
        assert_eq!(said(&[], &[]), None);
    }
}
