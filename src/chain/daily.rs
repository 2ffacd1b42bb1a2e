//! The daily check, at a minute of this installation's own, and what the admin hears of it: what turned bad, once, and that
//! it is over.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use policy_core::chain::{Chain as _, Link, Report, State};
use texts::{LinkInWords, Texts};

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
            if checker.is_due(&jiff::ZonedDateTime::now()) {
                checker.check_and_tell();
            }
            checker.tell_of_reports();
        })
        .await;
    }
}

impl Checker {
    pub(super) fn kept(&self, name: &'static str) -> Option<String> {
        let unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        unsaved.get(name).cloned().or_else(|| self.store.setting(name).ok().flatten())
    }

    pub(super) fn keep(&self, name: &'static str, value: String) {
        let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        match self.store.set_setting(name, &value) {
            Ok(()) => unsaved.remove(name),
            Err(_) => unsaved.insert(name, value),
        };
    }

    /// Whether today's check is still to be made and its minute has come.
    fn is_due(&self, now: &jiff::ZonedDateTime) -> bool {
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
        self.tell_of_reports();
        self.keep(LAST, today().to_string());
        let told: BTreeMap<String, String> =
            self.kept(TOLD).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let mut at_start = self.at_start.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = Texts::plain();
        let wrong = report.links.iter().chain(at_start.as_ref()).filter(|link| is_told(link));
        let wrong: Vec<LinkInWords> = wrong.map(|link| texts.link(link)).collect();
        let now: BTreeMap<String, String> =
            wrong.iter().map(|link| (link.id.clone(), link.says.clone())).collect();
        let Some(text) = news(&texts, &told, &now, &wrong) else { return report };
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
fn news(
    texts: &Texts,
    told: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
    wrong: &[LinkInWords],
) -> Option<String> {
    let mut paragraphs = Vec::new();
    for link in wrong.iter().filter(|link| !told.contains_key(&link.id)) {
        let remedy = link.remedy.as_deref().unwrap_or_default();
        paragraphs.push(format!("{}\n{}", link.says, texts.with("news-to-do", "remedy", remedy)));
    }
    let turned = paragraphs.len();
    for (_, says) in told.iter().filter(|(id, _)| !now.contains_key(*id)) {
        paragraphs.push(texts.with("news-over", "what", says));
    }
    if paragraphs.is_empty() {
        return None;
    }
    let first = match (turned, now.is_empty()) {
        (0, true) => texts.say("news-well"),
        (0, false) => texts.say("news-partly-well"),
        _ => texts.say("news-wrong"),
    };
    paragraphs.insert(0, first);
    paragraphs.push(texts.say("news-where"));
    Some(paragraphs.join("\n\n"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

    use std::collections::BTreeSet;

    use policy_core::snapshot::Delimiters;
    use tempfile::TempDir;
    use tokio::runtime::Runtime;

    use super::*;
    use crate::store::{self, Store};

    fn checker(folder: &TempDir, runtime: &Runtime) -> Checker {
        let lock = store::lock(folder.path()).unwrap();
        Checker {
            store: Arc::new(Store::open(folder.path(), lock, Delimiters::Plus).unwrap()),
            flags: crate::config::Flags::default(),
            data: folder.path().to_owned(),
            secret_file: None,
            resolver: None,
            mail: crate::chain::Mail {
                server: None,
                own_address: None,
                scan_limit: 1,
                probes: Arc::default(),
            },
            chat: None,
            tell: crate::chain::Tell::default(),
            at_start: Mutex::default(),
            unsaved: Unsaved::default(),
            broken: std::sync::atomic::AtomicBool::new(false),
            runtime: runtime.handle().clone(),
            turn: Mutex::default(),
        }
    }

    #[test]
    fn each_installation_draws_its_own_minute_and_keeps_it() {
        let runtime = Runtime::new().unwrap();
        let now = jiff::ZonedDateTime::now();
        let minutes: BTreeSet<Option<String>> = (0..12)
            .map(|_| {
                let folder = TempDir::new().unwrap();
                let first = checker(&folder, &runtime);
                assert!(!first.is_due(&now), "not at the start, whose time an onlooker may know");
                let drawn = first.kept(MINUTE);
                drop(first);
                let again = checker(&folder, &runtime);
                again.is_due(&now);
                assert_eq!(again.kept(MINUTE), drawn);
                drawn
            })
            .collect();
        // Twelve of 1,440: that ten are the same is not to be had.
        assert!(minutes.len() > 2 && !minutes.contains(&None), "{minutes:?}");
    }

    #[test]
    fn it_is_due_once_a_day_even_where_nothing_can_be_stored() {
        let runtime = Runtime::new().unwrap();
        let folder = TempDir::new().unwrap();
        let checker = checker(&folder, &runtime);
        let today = jiff::ZonedDateTime::now().start_of_day().unwrap();
        let late = |days: i64| {
            let day = today.checked_add(jiff::Span::new().days(days)).unwrap();
            day.checked_add(jiff::Span::new().hours(23).minutes(59)).unwrap()
        };
        checker.is_due(&late(0));
        assert!(!checker.is_due(&late(0)) && checker.is_due(&late(1)));
        // As on a full disk: nothing is taken any more.
        std::fs::remove_file(folder.path().join("postward.sqlite")).unwrap();
        checker.keep(LAST, late(1).date().to_string());
        assert!(!checker.unsaved.lock().unwrap().is_empty());
        assert!(!checker.is_due(&late(1)), "it would be made every minute");
        assert!(checker.is_due(&late(2)));
    }

    #[test]
    fn what_turns_bad_is_told_once_and_so_is_its_end() {
        let texts = Texts::plain();
        let link = |id: &str, says: &str, remedy: &str| LinkInWords {
            id: id.to_owned(),
            state: State::Bad,
            says: says.to_owned(),
            remedy: Some(remedy.to_owned()),
        };
        let bad = link("dns", "DNS doesn't answer.", "See to it.");
        let other = link("disk", "The disk is full.", "Make room.");
        let map = |links: &[LinkInWords]| -> BTreeMap<String, String> {
            links.iter().map(|link| (link.id.clone(), link.says.clone())).collect()
        };
        let said = |told: &[&LinkInWords], now: &[&LinkInWords]| {
            let [told, now] = [told, now].map(|links| links.iter().copied().cloned().collect::<Vec<_>>());
            news(&texts, &map(&told), &map(&now), &now)
        };
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
