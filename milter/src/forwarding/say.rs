//! Everything that is answered to members who forward messages; the words are in `texts/`.

use policy_core::entry::{Effect, Entry, EntryId};
use policy_core::sentence::Sentence;
use texts::Texts;

use super::answer::Saying;

fn say(id: &str) -> String {
    Texts::plain().say(id)
}

fn words(sentence: &Sentence) -> String {
    Texts::plain().sentence(sentence)
}

/// A sentence about blocking, or about allowing.
fn about(id: &str, effect: Effect) -> Sentence {
    let verb = match effect {
        Effect::Block => "block",
        Effect::Allow => "allow",
    };
    Sentence::of(id).with("verb", verb)
}

/// An address is on the list from now on, as this entry, or it was there already. `other`: it is there with the other
/// effect, too.
pub(super) fn listed(effect: Effect, address: &str, entry: Option<EntryId>, other: bool) -> Saying {
    let id = if entry.is_some() { "forwarding-now" } else { "forwarding-already" };
    let mut paragraphs = vec![words(&about(id, effect).with("address", address))];
    paragraphs.extend(other.then(|| words(&about("forwarding-other", effect))));
    paragraphs.extend(entry.is_some().then(|| say("forwarding-undo")));
    let subject = match (effect, entry) {
        (_, None) => "forwarding-nothing",
        (Effect::Block, Some(_)) => "forwarding-blocked",
        (Effect::Allow, Some(_)) => "forwarding-allowed",
    };
    Saying { subject: say(subject), about: entry.map(|id| id.to_string()), paragraphs }
}

/// This entry was taken back. The answer keeps its name, so that a second undo is understood.
pub(super) fn taken_back(entry: EntryId, removed: &[Entry]) -> Saying {
    let each = removed.iter().map(|entry| {
        words(&about("forwarding-no-longer", entry.effect).with("value", entry.pattern.typed.as_str()))
    });
    Saying {
        subject: say("forwarding-taken-back"),
        about: Some(entry.to_string()),
        paragraphs: each.collect(),
    }
}

/// Why it is asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Because {
    /// Several addresses are possible, or one that isn't certain.
    Unclear,
    /// It looks like an answer to another message.
    Reply,
    /// A link may have made it.
    PlainText,
}

/// Which of these addresses is meant? `name`: the question's.
pub(super) fn which(name: &str, effect: Effect, choices: &[String], because: Because) -> Saying {
    let asked = match because {
        Because::Unclear => "forwarding-choose",
        Because::Reply => "forwarding-replied",
        Because::PlainText => "forwarding-plain",
    };
    let list = choices.iter().zip(1..).map(|(address, number)| format!("{number}  {address}"));
    Saying {
        subject: say("forwarding-which"),
        about: Some(name.to_owned()),
        paragraphs: vec![
            words(&about(asked, effect)),
            list.collect::<Vec<_>>().join("\r\n"),
            say("forwarding-not-among"),
        ],
    }
}

/// It was forwarded from the household itself.
pub(super) fn only_household(effect: Effect) -> Saying {
    nothing(None, words(&about("forwarding-household", effect)))
}

/// There is no address in it.
pub(super) fn nobody(effect: Effect) -> Saying {
    nothing(None, words(&about("forwarding-nobody", effect)))
}

/// What was to be taken back isn't there.
pub(super) fn gone(entry: EntryId) -> Saying {
    nothing(Some(entry.to_string()), say("forwarding-gone"))
}

/// The question isn't known any more.
pub(super) fn too_old() -> Saying {
    nothing(None, say("forwarding-too-old"))
}

/// A number that wasn't among the choices of this question.
pub(super) fn no_number(question: &str, number: usize, most: usize) -> Saying {
    let says = Sentence::of("forwarding-no-number").with("number", number as u64);
    nothing(Some(question.to_owned()), words(&says.with("most", most as u64)))
}

/// A reply about an entry that can't be understood.
pub(super) fn only_undo(entry: EntryId) -> Saying {
    nothing(Some(entry.to_string()), say("forwarding-only-undo"))
}

/// A reply about a question that can't be understood.
pub(super) fn only_number(question: &str, effect: Effect) -> Saying {
    nothing(Some(question.to_owned()), words(&about("forwarding-only-number", effect)))
}

/// The lists refuse it.
pub(super) fn refused(why: &Sentence) -> Saying {
    nothing(None, words(why))
}

/// What a mail program is told that hands in a message for others, too.
pub(super) fn alone() -> String {
    say("forwarding-alone")
}

/// What a mail program is told that hands in too large a message.
pub(super) fn too_large() -> String {
    say("forwarding-too-large")
}

fn nothing(about: Option<String>, paragraph: String) -> Saying {
    Saying { subject: say("forwarding-nothing"), about, paragraphs: vec![paragraph] }
}
