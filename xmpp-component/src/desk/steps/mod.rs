//! What each command does at each of its steps.

mod add;
mod list;
mod page;
mod remove;
mod try_it;

use std::time::Instant;

use minidom::Element;
use policy_core::entry::{Effect, EntryId};
use policy_core::lists::Position;

use super::caller::{Caller, Whose};
use super::command::{Node, Refusal};
use super::deed::Draft;
use super::form::{Form, Submitted};
use super::{Desk, say};

/// Where somebody is in a command.
#[derive(Clone)]
pub(super) enum Stage {
    /// The form for an entry is open.
    Draft(Effect),
    /// What the entry will do is shown.
    Look(Draft),
    /// The list's form is open.
    Which,
    /// A page of the list is shown: the last of these positions is its beginning.
    Pages { whose: Whose, find: String, before: Vec<Option<Position>>, next: Option<Position> },
    /// The form for what shall go is open.
    Remove,
    /// These are offered to be removed.
    Choose { whose: Whose, offered: Vec<EntryId> },
    /// The form for what shall be tried is open.
    Try,
}

/// What the caller's program does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Whatever is the default.
    Execute,
    Next,
    Prev,
    Complete,
}

/// What can be done next; the default is to go on, else to end.
#[derive(Clone, Copy, Default)]
pub(super) struct Actions {
    pub(super) prev: bool,
    pub(super) next: bool,
    pub(super) complete: bool,
}

/// What comes of a step.
pub(super) enum Step {
    /// Something is shown, and there is more to do.
    Ask { stage: Stage, form: Element, actions: Actions, error: Option<String> },
    /// It is done.
    Done { form: Option<Element>, note: Option<String> },
    /// It can't be done.
    Failed(String),
}

impl Desk {
    /// The first step.
    pub(super) fn begin(&self, caller: &Caller, node: Node) -> Step {
        match node {
            Node::Add(effect) => add::ask(caller, &Draft::new(effect, Whose::Mine, None, ""), None),
            Node::List if caller.is_admin => list::ask(),
            Node::List => self.pages(caller, Whose::Mine, String::new(), vec![None]),
            Node::Remove => remove::ask(caller, "", None),
            Node::Try => try_it::ask(caller),
            Node::Page => self.opened(caller),
        }
    }

    /// Another step.
    pub(super) fn step(
        &self,
        caller: &Caller,
        stage: Stage,
        action: Action,
        form: &Submitted,
        now: Instant,
    ) -> Result<Step, Refusal> {
        match (stage, action) {
            (Stage::Draft(_), Action::Prev) => Err(Refusal::BadAction),
            (Stage::Draft(effect), action) => {
                self.drafted(caller, effect, action == Action::Complete, form, now)
            }
            (Stage::Look(draft), Action::Prev) => Ok(add::ask(caller, &draft, None)),
            (Stage::Look(draft), Action::Execute | Action::Complete) => {
                Ok(self.looked(caller, draft, form, now))
            }
            (Stage::Which, Action::Execute | Action::Next | Action::Complete) => {
                let find = form.value("find").to_owned();
                Ok(self.pages(caller, whose(caller, form)?, find, vec![None]))
            }
            (Stage::Pages { .. }, Action::Complete) => Ok(Step::Done { form: None, note: None }),
            (Stage::Pages { whose, find, before, next }, action) => {
                self.turned(caller, whose, find, before, next, action)
            }
            (Stage::Remove, Action::Execute | Action::Next | Action::Complete) => {
                self.named_to_remove(caller, form, now)
            }
            (Stage::Choose { .. }, Action::Prev) => Ok(remove::ask(caller, "", None)),
            (Stage::Choose { whose, offered }, Action::Execute | Action::Complete) => {
                Ok(self.chosen_to_remove(caller, whose, offered, form, now))
            }
            (Stage::Try, Action::Execute | Action::Complete) => self.tried(caller, form),
            (Stage::Look(_) | Stage::Choose { .. } | Stage::Try, Action::Next)
            | (Stage::Which | Stage::Remove | Stage::Try, Action::Prev) => Err(Refusal::BadAction),
        }
    }
}

/// For whom: only an admin is asked, and only an admin may say.
fn whose(caller: &Caller, form: &Submitted) -> Result<Whose, Refusal> {
    match form.value("for") {
        "household" if caller.is_admin => Ok(Whose::Household),
        "household" => Err(Refusal::Forbidden),
        _ => Ok(Whose::Mine),
    }
}

/// The question for whom, where there is one.
fn with_whose(form: Form, caller: &Caller, whose: Whose) -> Form {
    if !caller.is_admin {
        return form;
    }
    let value = match whose {
        Whose::Mine => "me",
        Whose::Household => "household",
    };
    form.one_of("for", say::form::FOR, &say::form::WHOSE, value)
}
