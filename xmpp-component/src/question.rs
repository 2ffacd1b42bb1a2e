//! From question to answer, and the one place that turns a verdict into the reply.
//!
//! Most stanzas are delivered and there is nothing more to say: those answers can travel together (`delivered.rs`).

use std::time::Instant;

use minidom::Element;
use minidom::rxml::{Namespace, xml_ncname};
use policy_core::candidate::Candidate;
use policy_core::door::{FailureMode, Judge};
use policy_core::entry::Channel;
use policy_core::identity::{Domain, Identity};
use policy_core::probe::Kind;
use policy_core::verdict::{Judgement, Matched, Outcome, Verdict};

use crate::grants::Grant;
use crate::iq::CHECK;
use crate::onlookers::{hides, is_hidden};
use crate::sealed::{Sealed, is_sealed};
use crate::stanza::{Asked, CLIENT, candidate, forged_carbon};
use crate::xml::{self, Read};

/// What `mod_postward` is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Deliver,
    Drop,
    Refuse,
    HoldOff,
}

impl From<Outcome> for Action {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Deliver => Self::Deliver,
            Outcome::Drop => Self::Drop,
            Outcome::Refuse => Self::Refuse,
        }
    }
}

impl From<FailureMode> for Action {
    fn from(mode: FailureMode) -> Self {
        match mode {
            FailureMode::Deliver => Self::Deliver,
            FailureMode::HoldOff => Self::HoldOff,
        }
    }
}

/// Which words decided.
#[derive(Clone, Copy)]
enum Words {
    /// The nick by which somebody comes into a room of ours.
    Nick,
    Any,
}

/// What is answered.
pub(crate) enum Answer {
    /// The stanza of this question is delivered, and others of its sender's may be without a question.
    Delivered(u64, Option<Grant>),
    /// There may be more to say.
    Verdict(Element),
}

/// What was decided.
struct Decision<'a> {
    action: Action,
    /// Occupants of the room, by bare JID, who don't want to see the group message that the others get.
    except: Vec<&'a str>,
    /// Occupants who get the group message that the others don't: they allow its sender, whom the household blocks.
    only: Vec<&'a str>,
    /// Whether the sender, an account here, is hidden from the recipient.
    hidden: bool,
    /// What the stanza says that decided, if it wasn't who sent it.
    by: Option<Words>,
    /// What else of this sender's may pass to this recipient.
    grant: Option<Grant>,
}

impl From<Action> for Decision<'_> {
    fn from(action: Action) -> Self {
        Self { action, except: Vec::new(), only: Vec::new(), hidden: false, by: None, grant: None }
    }
}

/// The answer about the stanza that this host asks about in `check`; `ours`: whether accounts here may be at a domain;
/// `id`: the question's, if many may be answered together.
pub(crate) fn answer(
    host: &str,
    check: &Element,
    judge: &impl Judge,
    sealed: Sealed,
    ours: impl Fn(&Domain) -> bool,
    id: Option<u64>,
) -> Answer {
    let decision = decide(host, check, judge, sealed, ours);
    let says_more = decision.action != Action::Deliver || !decision.except.is_empty() || decision.hidden;
    if let Some(id) = id.filter(|_| !says_more) {
        return Answer::Delivered(id, decision.grant);
    }
    let action = match decision.action {
        Action::Deliver => "deliver",
        Action::Drop => "drop",
        Action::Refuse => "refuse",
        Action::HoldOff => "hold-off",
    };
    let named = |what: &'static str, jids: Vec<&str>| {
        let element = |jid| Element::builder(what, CHECK).attr(xml_ncname!("jid").to_owned(), jid).build();
        jids.into_iter().map(element).collect::<Vec<_>>()
    };
    let verdict = Element::builder("verdict", CHECK)
        .attr(xml_ncname!("action").to_owned(), action)
        .attr(xml_ncname!("hidden").to_owned(), decision.hidden.then_some("true"))
        .attr(
            xml_ncname!("by").to_owned(),
            decision.by.map(|words| match words {
                Words::Nick => "nick",
                Words::Any => "words",
            }),
        )
        .append_all(named("except", decision.except))
        .append_all(named("only", decision.only))
        .build();
    Answer::Verdict(verdict)
}

/// The token of a probe of ours that is on its way; in any other stanza it means nothing.
fn expected_probe(stanza: &Element, judge: &impl Judge) -> Option<(String, Kind)> {
    let token = stanza.get_child("probe", CHECK)?.attr("token")?;
    let kind = judge.probes()?.asked(token, Channel::Xmpp, Instant::now())?;
    Some((token.to_owned(), kind))
}

/// What may pass without a question after this stanza was delivered because nothing is listed: only between two accounts,
/// and not what its sender's client says by itself to whom they have blocked.
fn grant(
    candidate: &Candidate,
    judgement: &Judgement,
    asked: &Asked<'_>,
    judge: &impl Judge,
    sealed: Sealed,
    ours: impl Fn(&Domain) -> bool,
) -> Option<Grant> {
    let [verdict] = judgement.verdicts.as_slice() else { return None };
    let nothing_listed = verdict.outcome == Outcome::Deliver && verdict.decided_by.is_none();
    // Whoever hides behind a nick in a room may be another one next time.
    let in_room = asked.into_room || asked.occupant.is_some() || asked.claimed.is_some();
    if !nothing_listed || in_room || candidate.cut_short {
        return None;
    }
    // Only of accounts here signals are held back from whom they have blocked.
    let (sender, recipient) = (candidate.author.as_ref()?, &candidate.recipients.first()?.identity);
    if ours(sender.domain()) && hides(judge, sender.clone(), recipient.clone()).unwrap_or(true) {
        return None;
    }
    // A text can be what is sealed, too.
    let reads = sealed == Sealed::Drop || judge.reads_texts(candidate);
    Some(if reads { Grant::Silent } else { Grant::Text })
}

/// The stanza with this name of which the question holds nothing but who writes what to whom: a body, or texts in
/// elements.
fn plain(name: &str, check: &Element, body: &str) -> Element {
    let mut stanza = Element::bare(name, CLIENT);
    for name in [xml_ncname!("from"), xml_ncname!("to"), xml_ncname!("type")] {
        if let Some(value) = check.attr(name) {
            stanza.attrs_mut().insert(Namespace::NONE, name.to_owned(), value.to_owned());
        }
    }
    let mut append = |name: &str, text: &str| {
        stanza.append_child(Element::builder(name, CLIENT).append(text).build());
    };
    if !body.is_empty() {
        append("body", body);
    }
    for text in check.children() {
        append(text.name(), &text.text());
    }
    stanza
}

/// Whether the nick alone stops somebody who comes into a room of ours: it is the first text of their presence.
fn stops_nick(mut candidate: Candidate, judge: &impl Judge) -> bool {
    candidate.texts.truncate(1);
    let judged = judge.foresee(&candidate);
    judged.is_ok_and(|judgement| judgement.verdicts.first().is_some_and(|it| it.outcome != Outcome::Deliver))
}

fn decide<'a>(
    host: &str,
    check: &'a Element,
    judge: &impl Judge,
    sealed: Sealed,
    ours: impl Fn(&Domain) -> bool,
) -> Decision<'a> {
    let text = check.text();
    let read = match check.attr("plain") {
        Some(name) => Read { stanza: Some(plain(name, check, &text)), broken: false, too_deep: false },
        None => xml::read(&text),
    };
    let outwards = check.attr("outwards");
    // Where the stanza shows that its sender is about, whom they have blocked must not see it.
    let ends = read.stanza.as_ref().filter(|_| outwards.is_some());
    let ends = ends.and_then(|stanza| stanza.attr("from").zip(stanza.attr("to")));
    if let Some((account, contact)) = ends
        && is_hidden(judge, account, contact).unwrap_or_default()
    {
        return Decision { hidden: true, ..Decision::from(Action::Drop) };
    }
    if outwards == Some("only") {
        return Decision::from(Action::Deliver);
    }
    if let Some((token, kind)) = read.stanza.as_ref().and_then(|stanza| expected_probe(stanza, judge)) {
        let asked = Asked::default();
        let judged = judge.judge_probe(&candidate(read, &text, &asked), kind);
        if let (Ok(outcome), Some(probes)) = (judged, judge.probes()) {
            probes.judged(&token, outcome);
        }
        return judged.map_or(Action::Drop, Action::from).into();
    }
    if read.stanza.as_ref().is_some_and(forged_carbon) {
        return Decision::from(Action::Drop);
    }
    let addressed = check.attr("addressed");
    let occupants: Vec<(&str, Identity)> = check
        .children()
        .filter_map(|occupant| occupant.attr("jid"))
        .chain(addressed)
        .filter_map(|jid| Some((jid, Identity::parse_jid(jid).ok()?)))
        .collect();
    let asked = Asked {
        host: Identity::parse_jid(host).ok(),
        occupant: check.attr("occupant"),
        claimed: check.attr("claimed"),
        actor: check.attr("actor"),
        into_room: check.attr("room") == Some("true"),
        nick: check.attr("nick"),
        occupants: occupants.iter().map(|(_, identity)| identity.clone()).collect(),
    };
    let from_stranger = sealed == Sealed::Drop
        && !asked.into_room
        && check.attr("known") != Some("true")
        && read.stanza.as_ref().is_some_and(is_sealed);
    // What shows that its sender is about is asked about each time, but for what their clients say by themselves.
    let grants = outwards.is_none() || read.stanza.as_ref().is_some_and(|stanza| stanza.name() == "message");
    let enters = asked.into_room && read.stanza.as_ref().is_some_and(|stanza| stanza.name() == "presence");
    let candidate = candidate(read, &text, &asked);
    let Ok(judgement) = judge.judge(&candidate) else { return Action::from(judge.failure_mode()).into() };
    let grant = if grants { grant(&candidate, &judgement, &asked, judge, sealed, ours) } else { None };
    let mut verdicts = judgement.verdicts.iter();
    let Some(first) = verdicts.next() else { return Decision::from(Action::Deliver) };
    if from_stranger && first.outcome == Outcome::Deliver && first.decided_by.is_none() {
        return Decision::from(Action::Drop);
    }
    let by_words = first.outcome != Outcome::Deliver
        && first.decided_by.as_ref().is_some_and(|decided| matches!(decided.matched, Matched::Text { .. }));
    let by = by_words.then(|| if enters && stops_nick(candidate, judge) { Words::Nick } else { Words::Any });
    let delivered = |verdict: &Verdict| verdict.outcome == Outcome::Deliver;
    let (wanted, unwanted): (Vec<_>, Vec<_>) =
        verdicts.zip(&occupants).partition(|(verdict, _)| delivered(verdict));
    let names = |some: Vec<(&Verdict, &(&'a str, Identity))>| some.iter().map(|(_, (jid, _))| *jid).collect();
    let decision = Decision { by, grant, ..Action::from(first.outcome).into() };
    match (delivered(first), addressed) {
        (true, None) => Decision { except: names(unwanted), ..decision },
        (false, None) => Decision { only: names(wanted), ..decision },
        // What is for one occupant alone is asked about again when it comes out of the room.
        (false, Some(_)) if !wanted.is_empty() => {
            judge.not_stopped(1);
            Action::Deliver.into()
        }
        (_, Some(_)) => decision,
    }
}
