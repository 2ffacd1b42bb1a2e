//! From verdicts to what Postfix is told: the one place where that is decided (design section 4).

use policy_core::door::{FailureMode, JudgingFailed};
use policy_core::verdict::{Judgement, Outcome};

/// What Postfix is told at end of message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Everybody gets the message unchanged.
    Accept,
    /// Nobody gets it; the sender is told 250.
    Discard,
    /// Nobody gets it; the sender is told so, not why.
    Refuse,
    /// Those at these positions don't get it, the others do.
    Remove(Vec<usize>),
    /// The sender is to try again later: we failed.
    HoldOff,
}

/// The answer to a message with `recipients` recipients.
pub(crate) fn answer(
    judged: Result<Judgement, JudgingFailed>,
    recipients: usize,
    failure: FailureMode,
) -> Answer {
    let verdicts = match judged {
        Ok(judgement) if judgement.verdicts.len() == recipients => judgement.verdicts,
        // Fewer verdicts than recipients would be a fault of ours, too.
        Ok(_) | Err(JudgingFailed) => {
            return match failure {
                FailureMode::Deliver => Answer::Accept,
                FailureMode::HoldOff => Answer::HoldOff,
            };
        }
    };
    let stopped: Vec<usize> = verdicts
        .iter()
        .enumerate()
        .filter(|(_, verdict)| verdict.outcome != Outcome::Deliver)
        .map(|(position, _)| position)
        .collect();
    if stopped.is_empty() {
        Answer::Accept
    } else if stopped.len() < recipients {
        Answer::Remove(stopped)
    } else if verdicts.iter().all(|verdict| verdict.outcome == Outcome::Refuse) {
        Answer::Refuse
    } else {
        // A refusal would tell the sender of those who drop, too.
        Answer::Discard
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Outcome::{Deliver, Drop, Refuse};
    use policy_core::verdict::Verdict;

    fn told(outcomes: &[Outcome]) -> Answer {
        let verdicts = outcomes.iter().map(|&outcome| Verdict { outcome, ..Verdict::unlisted() }).collect();
        let judgement = Judgement { revision: 1, verdicts, if_proven: None };
        answer(Ok(judgement), outcomes.len(), FailureMode::HoldOff)
    }

    #[test]
    fn every_mixture_of_verdicts_has_its_answer() {
        assert_eq!(told(&[Deliver, Deliver]), Answer::Accept);
        assert_eq!(told(&[Drop, Drop]), Answer::Discard);
        assert_eq!(told(&[Refuse, Refuse]), Answer::Refuse);
        assert_eq!(told(&[Drop, Refuse]), Answer::Discard);
        assert_eq!(told(&[Drop, Deliver, Refuse]), Answer::Remove(vec![0, 2]));
    }

    #[test]
    fn our_own_failure_is_answered_as_configured() {
        assert_eq!(answer(Err(JudgingFailed), 1, FailureMode::Deliver), Answer::Accept);
        assert_eq!(answer(Err(JudgingFailed), 1, FailureMode::HoldOff), Answer::HoldOff);
        let short = Judgement { revision: 1, verdicts: vec![], if_proven: None };
        assert_eq!(answer(Ok(short), 1, FailureMode::HoldOff), Answer::HoldOff);
    }
}
