//! Carrying out what a member wants.

use std::io;
use std::sync::PoisonError;
use std::time::Instant;

use policy_core::entry::{Action, Channel, Channels, Effect, Entry, MemberId, Scope, Source};
use policy_core::identity::Identity;
use policy_core::lists::{Actor, Change, ListsError, Member, MemberIdentity, NewEntry};
use policy_core::meant::{Meant, meant};
use policy_core::message::{self, envelope_identities};
use policy_core::pattern::{self, Pattern, PatternKind};
use policy_core::probe;
use policy_core::snapshot::Members;
use texts::Texts;

use super::Forwarding;
use super::answer::{self, Answer, Saying};
use super::fields::Message;
use super::memory::Question;
use super::reply::{self, About, Wish};
use super::ticket::{Errand, HEADER_LOWER, LIFETIME, Ticket, random};

/// Why a message was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// It isn't a member's: nothing has changed, and nothing is explained.
    Refused,
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

    /// Carries a message out, once; the answer is the caller's to send. Blocks on the database.
    pub(super) fn carry_out(&self, received: &Received, now: u64) -> Result<Option<Answer>, NotTaken> {
        let message = Message::split(&received.raw);
        // Two headers, one of them genuine, are nobody's.
        let [value] = message.values(HEADER_LOWER).try_into().map_err(|_| NotTaken::Refused)?;
        let ticket = self.key.check(&value, &message.digest(), now).ok_or(NotTaken::Refused)?;
        let Errand::Order(effect, member) = ticket.errand else { return Err(NotTaken::Refused) };
        if effect != received.effect {
            return Err(NotTaken::Refused);
        }
        // One at a time: the same header must not count twice.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.is_used(&ticket) {
            return Err(NotTaken::Refused);
        }
        if memory.is_full(now) {
            return Err(NotTaken::Later);
        }
        let members = self.lists.members()?;
        let member = members.iter().find(|known| known.id == member).ok_or(NotTaken::Refused)?;
        // An automaton doesn't decide, and two of them would write to each other for ever (RFC 3834 section 2).
        let automatic =
            message.values("auto-submitted").iter().any(|value| !value.eq_ignore_ascii_case("no"));
        let mut asked = None;
        let saying = if automatic {
            None
        } else {
            let forwarded = message::forwarded(&received.raw);
            let errand = Carrying { forwarding: self, members: &members, member: member.id, effect };
            let household = |identity: &Identity| self.is_household(&members, identity);
            let meant = meant(&forwarded, household);
            // Whoever is forwarded can have named their message like an answer of ours, and mail programs repeat the name.
            let carries_one = matches!(meant, Meant::One(_) | Meant::Unclear(_));
            let reply = reply::read(&message, &received.raw, &forwarded);
            Some(match reply.filter(|reply| reply.wish.is_some() || !carries_one) {
                Some(reply) => {
                    let choice = match &reply.about {
                        About::Question(name) => memory.question(name, member.id, now),
                        About::Entry(_) => None,
                    };
                    errand.reply(&reply, choice)?
                }
                None => match meant {
                    Meant::One(address) => errand.add(&address, effect)?,
                    Meant::Unclear(choices) => {
                        let name = format!("q-{}", random()?);
                        let saying = question(&name, effect, &choices);
                        let until = now.saturating_add(LIFETIME);
                        asked = Some((name, Question { member: member.id, effect, choices, until }));
                        saying
                    }
                    Meant::OnlyHousehold => only_household(effect),
                    Meant::Nobody => nobody(effect),
                },
            })
        };
        // After the deed: were we killed in between, the message would come again, and doing it twice is doing it once.
        memory.use_up(&ticket, asked, now)?;
        let (Some(saying), Some(to)) = (saying, mailbox_of(member, &received.sender)) else {
            return Ok(None);
        };
        let answers = message.values("message-id");
        let answers = answers.first().map(String::as_str);
        Ok(Some(answer::write(&saying, &received.domain, &to, answers, &self.key, now)?))
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
            return Ok(nobody(effect));
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
                Err(ListsError::Refused(reason)) => {
                    return Ok(nothing_changed(vec![Texts::plain().sentence(&reason)]));
                }
                Err(error) => return Err(error.into()),
            },
        };
        let mut paragraphs = Vec::new();
        let mut about = None;
        match added.filter(|added| added.change != Change::AlreadyThere) {
            Some(added) => {
                paragraphs.push(match effect {
                    Effect::Block => format!("{address} is blocked for you from now on."),
                    Effect::Allow => format!("{address} is allowed for you from now on."),
                });
                about = Some(added.entry.id.to_string());
            }
            None => paragraphs.push(match effect {
                Effect::Block => format!("{address} was blocked for you already. Nothing has changed."),
                Effect::Allow => format!("{address} was allowed for you already. Nothing has changed."),
            }),
        }
        if other.is_some() {
            paragraphs.push(match effect {
                Effect::Block => {
                    "It is on your list as allowed, too, and that counts more: remove it on the page."
                        .to_owned()
                }
                Effect::Allow => "It is on your list as blocked, too; where a message is proven to be from \
                                  this address, allowing counts more."
                    .to_owned(),
            });
        }
        if about.is_some() {
            paragraphs.push("Reply with the word undo to take it back.".to_owned());
        }
        let subject = match (effect, about.is_some()) {
            (_, false) => "Nothing has changed",
            (Effect::Block, true) => "Blocked",
            (Effect::Allow, true) => "Allowed",
        };
        Ok(Saying { subject: subject.to_owned(), about, paragraphs })
    }

    fn reply(&self, reply: &reply::Reply, question: Option<&Question>) -> Result<Saying, NotTaken> {
        match (&reply.about, reply.wish) {
            (About::Entry(id), Some(Wish::Undo)) => {
                match self.forwarding.lists.remove(Actor::Member(self.member), &[*id]) {
                    Ok(removed) => {
                        let each = removed.iter().map(|entry| match entry.effect {
                            Effect::Block => format!("{} is no longer blocked for you.", entry.pattern.typed),
                            Effect::Allow => format!("{} is no longer allowed for you.", entry.pattern.typed),
                        });
                        Ok(Saying {
                            subject: "Taken back".to_owned(),
                            about: None,
                            paragraphs: each.collect(),
                        })
                    }
                    Err(ListsError::Store(_)) => Err(NotTaken::Later),
                    Err(_) => Ok(nothing_changed(vec!["It isn't on your list any more.".to_owned()])),
                }
            }
            (About::Question(_), Some(Wish::Number(number))) => {
                let Some(question) = question else {
                    return Ok(nothing_changed(vec![
                        "The question is too old by now. Forward the message once more.".to_owned(),
                    ]));
                };
                match question.choices.get(number - 1) {
                    // It may have become a member's meanwhile.
                    Some(address)
                        if Identity::parse_mail(address)
                            .is_ok_and(|identity| self.forwarding.is_household(self.members, &identity)) =>
                    {
                        Ok(only_household(question.effect))
                    }
                    Some(address) => self.add(address, question.effect),
                    None => Ok(nothing_changed(vec![format!(
                        "There is no number {number}. Reply with one from 1 to {}.",
                        question.choices.len()
                    )])),
                }
            }
            (About::Entry(id), _) => Ok(Saying {
                about: Some(id.to_string()),
                ..nothing_changed(vec![
                    "Reply with nothing but the word undo in the first line to take it back.".to_owned(),
                ])
            }),
            (About::Question(name), _) => Ok(Saying {
                about: Some(name.clone()),
                ..nothing_changed(vec![format!(
                    "Reply with nothing but a number in the first line to {} that address.",
                    verb(self.effect)
                )])
            }),
        }
    }
}

fn verb(effect: Effect) -> &'static str {
    match effect {
        Effect::Block => "block",
        Effect::Allow => "allow",
    }
}

fn question(name: &str, effect: Effect, choices: &[String]) -> Saying {
    let mut list = Vec::new();
    for (index, address) in choices.iter().enumerate() {
        list.push(format!("{}  {address}", index + 1));
    }
    let verb = verb(effect);
    Saying {
        subject: "Which address?".to_owned(),
        about: Some(name.to_owned()),
        paragraphs: vec![
            format!(
                "The message doesn't say for certain who it is from. Nothing has changed yet. To {verb} one of \
                     these addresses, reply with its number:"
            ),
            list.join("\r\n"),
            "If it isn't among them, forward the message as an attachment.".to_owned(),
        ],
    }
}

fn only_household(effect: Effect) -> Saying {
    nothing_changed(vec![format!(
        "The message is from your own household, and forwarding doesn't {} anybody there. The page does.",
        verb(effect)
    )])
}

fn nobody(effect: Effect) -> Saying {
    nothing_changed(vec![format!(
        "There is no address in what you forwarded. Forward the message as an attachment, or {} the address on the page.",
        verb(effect)
    )])
}

fn nothing_changed(paragraphs: Vec<String>) -> Saying {
    Saying { subject: "Nothing has changed".to_owned(), about: None, paragraphs }
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
