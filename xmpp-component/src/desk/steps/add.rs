//! Block and allow: a form, then a look at what it will do.

use std::time::Instant;

use policy_core::entry::{Action as EntryAction, Channels, Effect};
use policy_core::pattern::{PatternKind, Remark};

use super::{Actions, Stage, Step, whose, with_whose};
use crate::desk::caller::Caller;
use crate::desk::command::{Node, Refusal};
use crate::desk::deed::{Doubt, Draft, Understood, VALUE, consider};
use crate::desk::form::{Form, Submitted};
use crate::desk::say::form::Label;
use crate::desk::{Desk, say};

/// The form, with what was filled in before.
pub(super) fn ask(caller: &Caller, draft: &Draft, error: Option<String>) -> Step {
    let kind = match draft.kind {
        Some(PatternKind::Address) => "address",
        Some(PatternKind::Domain) => "domain",
        Some(PatternKind::Words) => "words",
        Some(PatternKind::Regex) => "regex",
        Some(PatternKind::AddressSha256) | None => "auto",
    };
    let channels = match draft.channels {
        Channels::All => "all",
        Channels::Mail => "mail",
        Channels::Xmpp => "xmpp",
    };
    let action = match draft.action {
        EntryAction::Drop => "drop",
        EntryAction::Refuse => "refuse",
    };
    let value: String = draft.value.chars().take(VALUE).collect();
    let mut form = Form::to_fill_in(Node::Add(draft.effect).title())
        .instructions([say::form::VALUE_HINT.say().as_str()])
        .text("value", say::form::VALUE, &value, true)
        .one_of("kind", say::form::KIND, &say::form::KINDS, kind)
        .one_of("channels", say::form::CHANNELS, &say::form::CHANNEL, channels);
    if draft.effect == Effect::Block {
        form = form.one_of("action", say::form::ACTION, &say::form::ACTIONS, action);
    }
    let until = draft.until.map(|until| until.to_string()).unwrap_or_default();
    form = with_whose(form.text("until", say::form::UNTIL, &until, false), caller, draft.whose);
    Step::Ask {
        stage: Stage::Draft(draft.effect),
        form: form.build(),
        actions: Actions { next: true, complete: true, prev: false },
        error,
    }
}

/// What the entry will do. Where there is a doubt, it must be said that this is meant.
fn look(draft: Draft, understood: &Understood, error: Option<String>) -> Step {
    let lines = say::preview(&draft, understood);
    let mut form = Form::to_fill_in(Node::Add(draft.effect).title()).fixed(lines.iter().map(String::as_str));
    if let Some(domain) = whole_domain(understood) {
        let value = draft.value.trim();
        let options = [(value, value), (domain, domain)];
        form = form.one_of_these("instead", say::form::VALUE, &options, value);
    }
    if needs_saying(understood) {
        form = form.yes_or_no("sure", say::form::SURE);
    }
    Step::Ask {
        stage: Stage::Look(draft),
        form: form.build(),
        actions: Actions { prev: true, next: false, complete: true },
        error,
    }
}

/// That the value counts as words can be seen; what is wide must be confirmed.
fn needs_saying(understood: &Understood) -> bool {
    understood.doubts.iter().any(|doubt| *doubt != Doubt::Words)
}

fn whole_domain(understood: &Understood) -> Option<&str> {
    understood.remarks.iter().find_map(|remark| match remark {
        Remark::WholeDomainPossible { domain } => Some(domain.as_str()),
        _ => None,
    })
}

impl Desk {
    /// The form has come back.
    pub(super) fn drafted(
        &self,
        caller: &Caller,
        effect: Effect,
        complete: bool,
        form: &Submitted,
        now: Instant,
    ) -> Result<Step, Refusal> {
        let (draft, error) = self.read_draft(caller, effect, form)?;
        if let Some(error) = error {
            return Ok(ask(caller, &draft, Some(error.say())));
        }
        Ok(match consider(self.lists.as_ref(), caller, &draft) {
            Err(problem) => ask(caller, &draft, Some(say::problem(&problem))),
            Ok(understood) if complete && understood.doubts.is_empty() => {
                self.added(caller, &draft, understood, now)
            }
            Ok(understood) => look(draft, &understood, None),
        })
    }

    /// What the entry will do has been looked at.
    pub(super) fn looked(&self, caller: &Caller, draft: Draft, form: &Submitted, now: Instant) -> Step {
        let understood = match consider(self.lists.as_ref(), caller, &draft) {
            Ok(understood) => understood,
            Err(problem) => return ask(caller, &draft, Some(say::problem(&problem))),
        };
        let instead = form.value("instead");
        if let Some(domain) = whole_domain(&understood)
            && instead == domain
        {
            let draft = Draft { value: domain.to_owned(), kind: Some(PatternKind::Domain), ..draft };
            return match consider(self.lists.as_ref(), caller, &draft) {
                Ok(understood) if !needs_saying(&understood) => self.added(caller, &draft, understood, now),
                Ok(understood) => look(draft, &understood, None),
                Err(problem) => ask(caller, &draft, Some(say::problem(&problem))),
            };
        }
        if needs_saying(&understood) && !form.is_yes("sure") {
            return look(draft, &understood, Some(say::form::CONFIRM.say()));
        }
        self.added(caller, &draft, understood, now)
    }

    fn added(&self, caller: &Caller, draft: &Draft, understood: Understood, now: Instant) -> Step {
        let remarks = say::remarks(&understood);
        match self.add(caller, draft, understood, now) {
            Ok(done) => Step::Done { form: None, note: Some(say::done(draft, &remarks, &done)) },
            Err(problem) => ask(caller, draft, Some(say::problem(&problem))),
        }
    }

    /// The draft, and what is wrong with a field.
    fn read_draft(
        &self,
        caller: &Caller,
        effect: Effect,
        form: &Submitted,
    ) -> Result<(Draft, Option<Label>), Refusal> {
        let mut error = None;
        let mut not_offered = || error = Some(say::form::NOT_OFFERED);
        let kind = match form.value("kind") {
            "" | "auto" => None,
            "address" => Some(PatternKind::Address),
            "domain" => Some(PatternKind::Domain),
            "words" => Some(PatternKind::Words),
            "regex" => Some(PatternKind::Regex),
            _ => {
                not_offered();
                None
            }
        };
        let mut draft = Draft::new(effect, whose(caller, form)?, kind, form.value("value"));
        match form.value("channels") {
            "" | "all" => {}
            "mail" => draft.channels = Channels::Mail,
            "xmpp" => draft.channels = Channels::Xmpp,
            _ => not_offered(),
        }
        match form.value("action") {
            "" | "drop" => {}
            "refuse" => draft.action = EntryAction::Refuse,
            _ => not_offered(),
        }
        match form.value("until") {
            "" => {}
            day => match day.parse() {
                Ok(day) if day >= (self.today)() => draft.until = Some(day),
                Ok(_) => error = Some(say::form::DAY_OVER),
                Err(_) => error = Some(say::form::NOT_A_DAY),
            },
        }
        Ok((draft, error))
    }
}
