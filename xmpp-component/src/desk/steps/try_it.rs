//! Try: what would happen to an address or a text.

use super::{Actions, Stage, Step, whose, with_whose};
use crate::desk::caller::{Caller, Whose};
use crate::desk::command::{Node, Refusal};
use crate::desk::form::{Form, Submitted};
use crate::desk::{Desk, say};

/// What shall be tried?
pub(super) fn ask(caller: &Caller) -> Step {
    let form = Form::to_fill_in(Node::Try.title())
        .instructions([say::form::TRY_HINT.say().as_str()])
        .text_lines("text", say::form::TRY_WHAT);
    Step::Ask {
        stage: Stage::Try,
        form: with_whose(form, caller, Whose::Mine).build(),
        actions: Actions { complete: true, ..Actions::default() },
        error: None,
    }
}

impl Desk {
    pub(super) fn tried(&self, caller: &Caller, form: &Submitted) -> Result<Step, Refusal> {
        let whose = whose(caller, form)?;
        let text = form.values("text").join("\n");
        if text.trim().is_empty() {
            return Ok(Step::Failed(say::name_what_to_try()));
        }
        Ok(match self.trials(caller, whose, &text) {
            Ok((taken, trials)) => {
                let lines = say::trials(taken, &trials);
                let result = Form::result(say::form::RESULT).fixed(lines.iter().map(String::as_str));
                Step::Done { form: Some(result.build()), note: None }
            }
            Err(problem) => Step::Failed(say::problem(&problem)),
        })
    }
}
