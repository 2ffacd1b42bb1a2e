//! Carrying out what a member wants.

use std::io;
use std::sync::PoisonError;
use std::time::Instant;

use policy_core::entry::{Action, Channel, Channels, Effect, Entry, MemberId, Scope, Source};
use policy_core::identity::Identity;
use policy_core::lists::{Actor, Change, ListsError, Member, MemberIdentity, NewEntry};
use policy_core::meant::{Meant, looks_like_reply, may_be_a_links, meant};
use policy_core::message::{self, envelope_identities};
use policy_core::pattern::{self, Pattern, PatternKind};
use policy_core::probe;
use policy_core::snapshot::Members;

use super::Forwarding;
use super::answer::{self, Answer, Saying};
use super::fields::Message;
use super::memory::Question;
use super::reply::{self, About, Wish};
use super::say::{self, Because};
use super::ticket::{Errand, HEADER_LOWER, LIFETIME, Ticket, random};

/// Why a message was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// It isn't a member's own: nothing has changed, and nobody is told.
    NobodysOwn,
    /// We failed; it may come again.
    Later,
}

impl From<ListsError> for NotTaken {
    fn from(_: ListsError) -> Self {
        Self::Later
    }
}

impl From<io::Error> for NotTaken {
    fn from(_: io::Error) -> Self {
        Self::Later
    }
}

/// A message as the listener received it.
pub(super) struct Received {
    pub(super) sender: String,
    /// The domain under which the member wrote to us.
    pub(super) domain: String,
    pub(super) effect: Effect,
    pub(super) raw: Vec<u8>,
}

impl Forwarding {
    /// Whether this is a plain probe, which ends here. Its token counts once.
    pub(super) fn ends_probe(&self, raw: &[u8], now: Instant) -> bool {
        let tokens = Message::split(raw).values(&probe::FIELD.to_ascii_lowercase());
        tokens.first().is_some_and(|token| self.probes.arrived(token, Channel::Mail, now))
    }

    /// Carries a message out, once; the answer, with the name by which it is remembered, is the caller's to send. Blocks on the
    /// database.
    pub(super) fn carry_out(
        &self,
        received: &Received,
        now: u64,
    ) -> Result<Option<(String, Answer)>, NotTaken> {
        let message = Message::split(&received.raw);
        // Two headers, one of them genuine, are nobody's.
        let [value] = message.values(HEADER_LOWER).try_into().map_err(|_| NotTaken::NobodysOwn)?;
        let ticket = self.key.check(&value, &message.digest(), now).ok_or(NotTaken::NobodysOwn)?;
        let Errand::Order(effect, member) = ticket.errand else { return Err(NotTaken::NobodysOwn) };
        if effect != received.effect {
            return Err(NotTaken::NobodysOwn);
        }
        // One at a time: the same header must not count twice.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.is_used(&ticket) {
            return Err(NotTaken::NobodysOwn);
        }
        if memory.is_full(now) {
            return Err(NotTaken::Later);
        }
        let members = self.lists.members()?;
        let member = members.iter().find(|known| known.id == member).ok_or(NotTaken::NobodysOwn)?;
        // An automaton doesn't decide, and two of them would write to each other for ever (RFC 3834 section 2).
        let automatic = is_automatic(&message);
        let mut asked = None;
        let saying = if automatic {
            None
        } else {
            let forwarded = message::forwarded(&received.raw);
            let errand = Carrying { forwarding: self, members: &members, member: member.id, effect };
            let written_by = envelope_identities(&received.sender);
            let household =
                |identity: &Identity| written_by.contains(identity) || self.is_household(&members, identity);
            let names_another =
                ["in-reply-to", "references"].iter().any(|name| !message.values(name).is_empty());
            let is_reply = looks_like_reply(&forwarded, names_another);
            let meant = meant(&forwarded, is_reply, effect, household);
            let program = [message.values("user-agent"), message.values("x-mailer")].concat().join(" ");
            // Whoever is forwarded can have named their message like an answer of ours, and mail programs repeat the name.
            let carries_one = !is_reply && matches!(meant, Meant::One(_) | Meant::Unclear(_));
            let reply = reply::read(&message, &received.raw, &forwarded, &meant);
            Some(match reply.filter(|reply| reply.wish.is_some() || !carries_one) {
                Some(reply) => {
                    let choice = match &reply.about {
                        About::Question(name) => memory.question(name, member.id, now),
                        About::Entry(_) => None,
                    };
                    errand.reply(&reply, choice)?
                }
                None => match meant {
                    // Whoever is blocked so by a link is named in the answer, and comes back with one word; whoever is allowed so
                    // would get through meanwhile.
                    Meant::One(address)
                        if effect == Effect::Block || !may_be_a_links(&forwarded, &program) =>
                    {
                        errand.add(&address, effect)?
                    }
                    Meant::One(_) | Meant::Unclear(_) => {
                        let (choices, because) = match meant {
                            Meant::One(address) => (vec![address], Because::PlainText),
                            Meant::Unclear(choices) if is_reply => (choices, Because::Reply),
                            Meant::Unclear(choices) => (choices, Because::Unclear),
                            Meant::OnlyHousehold | Meant::Nobody => (Vec::new(), Because::Unclear),
                        };
                        let name = format!("q-{}", random()?);
                        let saying = say::which(&name, effect, &choices, because);
                        let until = now.saturating_add(LIFETIME);
                        asked = Some((name, Question { member: member.id, effect, choices, until }));
                        saying
                    }
                    Meant::OnlyHousehold => say::only_household(effect),
                    Meant::Nobody => say::nobody(effect),
                },
            })
        };
        let answer = match (saying, mailbox_of(member, &received.sender)) {
            (Some(_), Some(_)) if !memory.has_room_for_an_answer() => {
                eprintln!("postward: too many answers to members wait to be handed in; one was dropped");
                None
            }
            (Some(saying), Some(to)) => {
                let answers = message.values("message-id");
                let answers = answers.first().map(String::as_str);
                Some(answer::write(&saying, &received.domain, &to, answers, &self.key, now)?)
            }
            _ => None,
        };
        // After the deed: were we killed in between, the message would come again, and doing it twice is doing it once.
        memory.use_up(&ticket, asked, answer.as_ref(), now)?;
        Ok(answer.map(|answer| (ticket.nonce, answer)))
    }

    /// The answers that nobody has taken yet, each with its name.
    pub(super) fn waiting_answers(&self) -> Vec<(String, Answer)> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).answers()
    }

    /// An answer was handed in, or is given up.
    pub(super) fn answered(&self, name: &str) {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).answered(name);
    }

    /// Whether an address is a member's, or at one of our domains.
    fn is_household(&self, members: &[Member], identity: &Identity) -> bool {
        let index = Members::new(members, self.addresses.delimiters);
        self.addresses.is_ours(identity.domain()) || !index.owners(Channel::Mail, identity).is_empty()
    }

    /// The ticket that this message carries, if it is an answer of ours on its way through the milter.
    pub(super) fn is_our_answer(&self, raw: &[u8], now: u64) -> bool {
        let message = Message::split(raw);
        let digest = message.digest();
        let tickets = message.values(HEADER_LOWER);
        tickets.iter().take(2).any(|value| {
            matches!(self.key.check(value, &digest, now), Some(Ticket { errand: Errand::Answer, .. }))
        })
    }
}

/// Whether nobody wrote it: it says so (RFC 3834 section 5), or it is a report, such as a receipt (RFC 8098), which brings
/// the message along to whatever address that message asked for.
fn is_automatic(message: &Message<'_>) -> bool {
    let says_so = message.values("auto-submitted").iter().any(|value| !value.eq_ignore_ascii_case("no"));
    let is_report = |value: &String| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("multipart/report")
    };
    says_so || message.values("content-type").iter().any(is_report)
}

/// What a member's message is carried out with.
struct Carrying<'c> {
    forwarding: &'c Forwarding,
    members: &'c [Member],
    member: MemberId,
    effect: Effect,
}

impl Carrying<'_> {
    fn add(&self, address: &str, effect: Effect) -> Result<Saying, NotTaken> {
        let lists = &self.forwarding.lists;
        let actor = Actor::Member(self.member);
        let scope = Scope::Member(self.member);
        let Ok(understood) = pattern::understand(address, Some(PatternKind::Address), false) else {
            return Ok(say::nobody(effect));
        };
        let pattern: Pattern = understood.pattern;
        let there: Vec<Entry> = lists.find(actor, scope, &pattern)?;
        let other = there.iter().find(|entry| entry.effect != effect && entry.enabled);
        let new = NewEntry {
            pattern,
            effect,
            scope,
            channels: Channels::All,
            action: Action::Drop,
            note: String::new(),
            source: Source::Forwarded,
            until: None,
            enabled: true,
        };
        let same =
            there.iter().find(|entry| entry.effect == effect && entry.enabled && entry.until.is_none());
        let added = match same {
            Some(_) => None,
            None => match lists.add(actor, vec![new]) {
                Ok(added) => added.into_iter().next(),
                Err(ListsError::Refused(reason)) => return Ok(say::refused(&reason)),
                Err(error) => return Err(error.into()),
            },
        };
        let entry = added.filter(|added| added.change != Change::AlreadyThere).map(|added| added.entry.id);
        Ok(say::listed(effect, address, entry, other.is_some()))
    }

    fn reply(&self, reply: &reply::Reply, question: Option<&Question>) -> Result<Saying, NotTaken> {
        match (&reply.about, reply.wish) {
            (About::Entry(id), Some(Wish::Undo)) => {
                match self.forwarding.lists.remove(Actor::Member(self.member), &[*id]) {
                    Ok(removed) => Ok(say::taken_back(*id, &removed)),
                    Err(ListsError::Store(_)) => Err(NotTaken::Later),
                    Err(_) => Ok(say::gone(*id)),
                }
            }
            (About::Question(name), Some(Wish::Number(number))) => {
                let Some(question) = question else { return Ok(say::too_old()) };
                match question.choices.get(number - 1) {
                    // It may have become a member's meanwhile.
                    Some(address)
                        if Identity::parse_mail(address)
                            .is_ok_and(|identity| self.forwarding.is_household(self.members, &identity)) =>
                    {
                        Ok(say::only_household(question.effect))
                    }
                    Some(address) => self.add(address, question.effect),
                    None => Ok(say::no_number(name, number, question.choices.len())),
                }
            }
            (About::Entry(id), _) => Ok(say::only_undo(*id)),
            (About::Question(name), _) => Ok(say::only_number(name, self.effect)),
        }
    }
}

/// Where the answer goes: the address that the member wrote from, if it is theirs, else their first one. Anything
/// else could be anybody's.
fn mailbox_of(member: &Member, sender: &str) -> Option<String> {
    let own = Members::new(std::slice::from_ref(member), policy_core::snapshot::Delimiters::Plus);
    let theirs = |identity: &Identity| !own.owners(Channel::Mail, identity).is_empty();
    let plain = |text: &str| {
        text.chars().all(|char| !char.is_whitespace() && !char.is_control() && !"<>".contains(char))
    };
    if plain(sender) && sender.contains('@') && envelope_identities(sender).iter().any(theirs) {
        return Some(sender.to_owned());
    }
    member.identities.iter().find_map(|identity| match identity {
        MemberIdentity::Mail(address) if plain(address) => Some(address.clone()),
        _ => None,
    })
}
