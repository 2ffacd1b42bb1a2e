//! What would happen to an address or a text.

use policy_core::entry::Channel;
use policy_core::sentence::Sentence;
use policy_core::trial::Taken;
use policy_core::verdict::Outcome;

use super::{say, words};
use crate::desk::deed::Trial;

pub(crate) fn name_what_to_try() -> String {
    say("desk-try-what")
}

/// What would happen.
pub(crate) fn trials(taken: Taken, trials: &[Trial]) -> Vec<String> {
    let mut said = vec![say(match taken {
        Taken::Address => "desk-try-address",
        Taken::Text => "desk-try-text",
        Taken::Message => "desk-try-message",
    })];
    said.extend(trials.iter().map(trial));
    if !trials.iter().any(|trial| trial.channel == Channel::Mail) {
        said.push(say("desk-try-no-mail"));
    }
    said
}

pub(crate) fn trial(trial: &Trial) -> String {
    let id = match trial.channel {
        Channel::Mail => "desk-try-mail",
        Channel::Xmpp => "desk-try-chat",
    };
    let outcome = match trial.outcome {
        Outcome::Deliver => "deliver",
        Outcome::Drop => "drop",
        Outcome::Refuse => "refuse",
    };
    let mut said =
        vec![words(&Sentence::of(id).with("outcome", outcome).with("sentence", trial.sentence.clone()))];
    said.extend(trial.remarks.iter().map(words));
    said.join(" ")
}
