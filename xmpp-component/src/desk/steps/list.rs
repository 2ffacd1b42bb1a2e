//! The list, page by page.

use policy_core::lists::Position;

use super::{Action, Actions, Stage, Step};
use crate::desk::caller::{Caller, Whose};
use crate::desk::command::{Node, Refusal};
use crate::desk::form::Form;
use crate::desk::{Desk, say};

/// Pages that one can go back.
const BACK: usize = 100;

/// Which list, and what of it.
pub(super) fn ask() -> Step {
    let form = Form::to_fill_in(Node::List.title())
        .one_of("for", say::form::FOR, &say::form::WHOSE, "me")
        .text("find", say::form::FIND, "", false);
    Step::Ask {
        stage: Stage::Which,
        form: form.build(),
        actions: Actions { next: true, ..Actions::default() },
        error: None,
    }
}

impl Desk {
    /// The page that begins at the last of these positions.
    pub(super) fn pages(
        &self,
        caller: &Caller,
        whose: Whose,
        find: String,
        mut before: Vec<Option<Position>>,
    ) -> Step {
        let page = match self.page(caller, whose, &find, before.last().copied().flatten()) {
            Ok(page) => page,
            Err(problem) => return Step::Failed(say::problem(&problem)),
        };
        if page.total == 0 {
            return Step::Done { form: None, note: Some(say::empty(whose, !find.is_empty())) };
        }
        let rows = page.entries.iter().map(|listed| {
            let entry = &listed.entry;
            let effect = say::verb(entry.effect).trim_end_matches(':').to_owned();
            let value = say::shortened(&entry.pattern.typed);
            vec![effect, value, say::details(entry).join(", "), entry.id.to_string()]
        });
        let heading = say::heading(&page, whose, &find);
        let form = Form::result(Node::List.title()).instructions([heading.as_str()]);
        let form = form.table(&say::form::COLUMNS, rows).build();
        let actions = Actions { prev: before.len() > 1, next: page.next.is_some(), complete: true };
        if !actions.prev && !actions.next {
            return Step::Done { form: Some(form), note: None };
        }
        if before.len() > BACK {
            before.remove(0);
        }
        let stage = Stage::Pages { whose, find, before, next: page.next };
        Step::Ask { stage, form, actions, error: None }
    }

    /// Forwards or back.
    pub(super) fn turned(
        &self,
        caller: &Caller,
        whose: Whose,
        find: String,
        mut before: Vec<Option<Position>>,
        next: Option<Position>,
        action: Action,
    ) -> Result<Step, Refusal> {
        match (action, next) {
            (Action::Prev, _) if before.len() > 1 => {
                before.pop();
            }
            (Action::Execute | Action::Next, Some(next)) => before.push(Some(next)),
            (Action::Execute, None) => return Ok(Step::Done { form: None, note: None }),
            _ => return Err(Refusal::BadAction),
        }
        Ok(self.pages(caller, whose, find, before))
    }
}
