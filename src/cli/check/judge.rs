//! One message from its bytes to what is said about it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::civil::Date;
use policy_core::candidate::{Candidate, Place, Recipient, Sender, SenderRole};
use policy_core::entry::Channel;
use policy_core::identity::Identity;
use policy_core::message;
use policy_core::snapshot::Snapshot;
use policy_core::verdict::Verdict;

use super::messages::{Message, Next, Spot};

/// How many characters of a subject are kept.
const SUBJECT_CHARS: usize = 100;

/// What was found out about one message.
pub(super) struct Judged {
    pub(super) spot: Spot,
    pub(super) verdict: Verdict,
    /// An allow entry would have it delivered if its sender were proven.
    pub(super) proof_matters: bool,
    /// It was too large or too deep to be read to its end.
    pub(super) cut_short: bool,
    pub(super) empty: bool,
    /// The first address that claims to be its author, for a person to know it by.
    pub(super) from: Option<String>,
    /// The beginning of its subject, for the same.
    pub(super) subject: Option<String>,
}

/// What became of one thing that was found.
pub(super) enum Result {
    Judged(Box<Judged>),
    /// A file in a folder that holds no message.
    LeftOut,
    /// Something went wrong, in a sentence.
    Trouble(String),
}

/// Judges by one snapshot as of one day.
pub(super) struct Judge {
    pub(super) snapshot: Snapshot,
    pub(super) today: Date,
    /// Somebody whom the household's entries alone concern.
    pub(super) recipient: Recipient,
}

impl Judge {
    pub(super) fn judge(&self, next: Next) -> Result {
        let message = match next {
            Next::Message(message) => message,
            Next::LeftOut => return Result::LeftOut,
            Next::Trouble(sentence) => return Result::Trouble(sentence),
        };
        let spot = message.spot.clone();
        // A panic is a fault of ours: one message less, and no end of the others.
        catch_unwind(AssertUnwindSafe(|| self.judge_message(message)))
            .map(|judged| Result::Judged(Box::new(judged)))
            .unwrap_or_else(|_| {
                let number =
                    spot.in_mailbox.map(|(index, _)| format!(", message {index},")).unwrap_or_default();
                Result::Trouble(format!(
                    "{}{number} can't be judged, by a fault of Postward's: please report it",
                    spot.path.display()
                ))
            })
    }

    fn judge_message(&self, message: Message) -> Judged {
        let mut candidate = Candidate::new(Channel::Mail);
        candidate.recipients.push(self.recipient.clone());
        let envelope = message.envelope.as_deref().map(message::envelope_identities).unwrap_or_default();
        candidate
            .senders
            .extend(envelope.into_iter().map(|identity| Sender { role: SenderRole::Envelope, identity }));
        message::read(&message.raw, &message::Limits::default()).fill(&mut candidate);
        candidate.cut_short |= message.cut_short;
        let judgement = self.snapshot.judge(&candidate, self.today);
        let proof_matters = judgement.proof_matters();
        Judged {
            spot: message.spot,
            verdict: judgement.verdicts.into_iter().next().unwrap_or_else(Verdict::unlisted),
            proof_matters,
            cut_short: candidate.cut_short,
            empty: message.raw.is_empty(),
            from: author(&candidate),
            subject: candidate
                .texts
                .iter()
                .find(|text| text.place == Place::Subject)
                .map(|text| text.shown.trim().chars().take(SUBJECT_CHARS).collect()),
        }
    }
}

fn author(candidate: &Candidate) -> Option<String> {
    let from = || candidate.senders.iter().find(|sender| sender.role == SenderRole::From);
    let identity: Option<&Identity> =
        candidate.author.as_ref().or_else(|| from().map(|sender| &sender.identity));
    identity.map(ToString::to_string)
}
