//! Telling the admin that members have reported somebody: at most once a day, and not whom.

use texts::Texts;

use super::Checker;
use crate::store::today;

/// The setting with the day on which the admin was last told.
const TOLD: &str = "reports-told";

impl Checker {
    /// Says so if there are reports of which the admin hasn't heard.
    pub(super) fn tell_of_reports(&self) {
        let today = today().to_string();
        if !self.store.has_new_reports().unwrap_or_default() || self.kept(TOLD).as_ref() == Some(&today) {
            return;
        }
        // Whoever can't be reached is tried again tomorrow.
        self.keep(TOLD, today);
        let texts = Texts::plain();
        let text = format!("{}\n\n{}", texts.say("reported-title"), texts.say("reported"));
        if self.tell.say(&text, &self.mail, self.chat.as_ref()) {
            // If that can't be noted, they are told once more tomorrow.
            let _ = self.store.reports_told();
        }
    }
}
