//! Remove: what shall go, and which, where several are meant.

use std::time::Instant;

use policy_core::entry::EntryId;

use super::{Actions, Stage, Step, whose, with_whose};
use crate::desk::caller::{Caller, Whose};
use crate::desk::command::{Node, Refusal};
use crate::desk::deed::VALUE;
use crate::desk::form::{Form, Submitted};
use crate::desk::{Desk, say};

/// What shall go?
pub(super) fn ask(caller: &Caller, value: &str, error: Option<String>) -> Step {
    let value: String = value.chars().take(VALUE).collect();
    let form = Form::to_fill_in(Node::Remove.title()).text("entry", say::form::REMOVE_WHAT, &value, true);
    Step::Ask {
        stage: Stage::Remove,
        form: with_whose(form, caller, Whose::Mine).build(),
        actions: Actions { next: true, complete: true, prev: false },
        error,
    }
}

impl Desk {
    /// It has been named.
    pub(super) fn named_to_remove(
        &self,
        caller: &Caller,
        form: &Submitted,
        now: Instant,
    ) -> Result<Step, Refusal> {
        let whose = whose(caller, form)?;
        let what = form.value("entry");
        if what.is_empty() {
            return Ok(ask(caller, "", Some(say::name_what_to_remove())));
        }
        let meant = match self.meant(caller, whose, what) {
            Ok(meant) => meant,
            Err(problem) => return Ok(ask(caller, what, Some(say::problem(&problem)))),
        };
        let offered: Vec<EntryId> = meant.entries.iter().map(|entry| entry.id).collect();
        if offered.is_empty() {
            return Ok(ask(caller, what, Some(say::not_on_list(whose))));
        }
        if meant.exactly && offered.len() == 1 {
            return Ok(self.removed(caller, whose, &offered, now));
        }
        let lines: Vec<(String, String)> =
            meant.entries.iter().map(|entry| (entry.id.to_string(), say::entry(entry))).collect();
        let options: Vec<(&str, &str)> =
            lines.iter().map(|(id, line)| (id.as_str(), line.as_str())).collect();
        let form = Form::to_fill_in(Node::Remove.title()).some_of("entries", say::form::CHOOSE, &options);
        Ok(Step::Ask {
            stage: Stage::Choose { whose, offered },
            form: form.build(),
            actions: Actions { prev: true, next: false, complete: true },
            error: None,
        })
    }

    /// Some of what was offered have been chosen.
    pub(super) fn chosen_to_remove(
        &self,
        caller: &Caller,
        whose: Whose,
        offered: Vec<EntryId>,
        form: &Submitted,
        now: Instant,
    ) -> Step {
        let chosen: Vec<EntryId> =
            offered.into_iter().filter(|id| form.values("entries").contains(&id.to_string())).collect();
        if chosen.is_empty() {
            return Step::Failed(say::form::CHOOSE_ONE.say());
        }
        self.removed(caller, whose, &chosen, now)
    }

    fn removed(&self, caller: &Caller, whose: Whose, ids: &[EntryId], now: Instant) -> Step {
        match self.remove(caller, whose, ids, now) {
            Ok(removed) => Step::Done { form: None, note: Some(say::removed(&removed)) },
            Err(problem) => Step::Failed(say::problem(&problem)),
        }
    }
}
