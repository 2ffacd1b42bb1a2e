//! The conversation: one message, one answer.

use std::time::Instant;

use minidom::Element;
use policy_core::entry::{Effect, EntryId};
use policy_core::identity::Identity;
use policy_core::meant::{Meant, meant};
use policy_core::message::Forwarded;
use policy_core::pattern::PatternKind;
use tokio_xmpp::parsers::ns;

use super::caller::{Caller, Whose};
use super::deed::{Draft, consider};
use super::memory::Question;
use super::read::{Said, Wish, read};
use super::{Desk, answer, say};
use crate::forwarder::{self, Forwarder};
use crate::sealed::is_encrypted;
use crate::stanza::MUC_USER;

const CLIENT: &str = "jabber:client";

impl Desk {
    /// The answer to a message, if it asks for one: not to what is written for no eyes (XEP-0085, XEP-0184) or by no hand
    /// (errors).
    pub(super) fn converse(&self, caller: &Caller, message: &Element, now: Instant) -> Option<Element> {
        if !matches!(message.attr("type"), None | Some("chat" | "normal")) {
            return None;
        }
        let body = message.get_child("body", CLIENT).map(Element::text).unwrap_or_default();
        let mut all = message
            .children()
            .filter(|child| child.is("forwarded", ns::FORWARD))
            .filter_map(|forwarded| forwarded.get_child("message", CLIENT));
        let (forwarded, several) = (all.next(), all.next().is_some());
        // What was asked waits for the next message, not for a later one.
        let asked = || self.memory().asked(caller.account.key(), now);
        let text = if is_encrypted(message) {
            say::encrypted()
        } else if several {
            say::several_forwarded()
        } else if let Some(forwarded) = forwarded {
            self.hear_forwarded(caller, &body, forwarded, &forwarder::of(message), asked(), now)
        } else if body.trim().is_empty() {
            return None;
        } else {
            self.hear(caller, &body, asked(), now)
        };
        Some(answer::message(message, &text))
    }

    /// A message was forwarded (XEP-0297): its sender is meant.
    fn hear_forwarded(
        &self,
        caller: &Caller,
        body: &str,
        forwarded: &Element,
        forwarder: &Forwarder,
        asked: Option<Question>,
        now: Instant,
    ) -> String {
        let said = read(body);
        let effect = match said.wish {
            Wish::Try("") => {
                let tried = self.trial_of(caller, forwarded);
                return tried.map_or_else(|problem| say::problem(&problem), |trial| say::trial(&trial));
            }
            // Clients write a line of their own beside what they forward.
            Wish::Add { effect, value: "", .. } => effect,
            Wish::Unclear => Effect::Block,
            _ => return format!("{}\n{}", self.hear(caller, body, asked, now), say::forwarded_unread()),
        };
        let from = forwarded.attr("from");
        let sender =
            from.and_then(|from| Identity::parse_jid(from).ok()).filter(|from| from.local().is_some());
        let told = match forwarder {
            Forwarder::Occupant(told) => Some(told.as_ref()),
            _ if forwarded.attr("type") == Some("groupchat") => Some(None),
            _ => forwarded.has_child("x", MUC_USER).then_some(None),
        };
        match (told, sender) {
            (Some(told), Some(room)) if from.is_some_and(|from| from.contains('/')) => {
                self.ask_who_of(caller, effect, said.whose, &room, told, now)
            }
            (Some(_), _) => say::from_room(effect),
            (None, None) => say::nobody(effect),
            (None, Some(sender)) if sender == caller.account => say::from_yourself(),
            (None, Some(sender)) => {
                let kind = Some(PatternKind::Address);
                let draft = Draft::new(effect, said.whose, kind, &sender.typed());
                let may_be_room = matches!(forwarder, Forwarder::Unknown);
                self.draft(caller, Draft { may_be_room, ..draft }, now)
            }
        }
    }

    /// Whether the whole room is meant, or whoever said it there, if that is told.
    fn ask_who_of(
        &self,
        caller: &Caller,
        effect: Effect,
        whose: Whose,
        room: &Identity,
        told: Option<&Identity>,
        now: Instant,
    ) -> String {
        if told == Some(&caller.account) {
            return say::from_yourself();
        }
        let question = say::who_of(effect, room, told);
        let choices = told.into_iter().chain([room]).map(Identity::typed).collect();
        self.memory().ask(caller.account.key(), Question::Which { effect, whose, choices }, now);
        question
    }

    fn hear(&self, caller: &Caller, text: &str, asked: Option<Question>, now: Instant) -> String {
        let Said { wish, whose, below } = read(text);
        match wish {
            Wish::Add { value, .. } if !value.is_empty() && !below.is_empty() => say::one_at_a_time(),
            Wish::Add { effect, value: "", .. } => self.ask_which(caller, effect, whose, below, now),
            Wish::Add { effect, kind, value } => {
                self.draft(caller, Draft::new(effect, whose, kind, value), now)
            }
            Wish::Remove("") => say::name_what_to_remove(),
            Wish::Remove(what) => self.remove_named(caller, whose, what, now),
            Wish::List(find) => self.show_page(caller, whose, find, None, now),
            Wish::Try("") => say::name_what_to_try(),
            Wish::Try(pasted) => self.try_out(caller, whose, pasted),
            Wish::Undo => match self.undo(caller, now) {
                Ok(Some(change)) => say::undone(&change),
                Ok(None) => say::nothing_to_undo(),
                Err(problem) => say::problem(&problem),
            },
            Wish::Page => match self.page_link(caller) {
                Ok(link) => say::page_link(&link),
                Err(problem) => say::problem(&problem),
            },
            Wish::Help => say::help(caller.is_admin),
            Wish::No if asked.is_some() => say::left_as_it_is(),
            Wish::More | Wish::Yes | Wish::No | Wish::Number(_) => self.answered(caller, &wish, asked, now),
            Wish::Unclear => self.unclear(caller, text, now),
        }
    }

    /// An answer to what was asked.
    fn answered(&self, caller: &Caller, wish: &Wish<'_>, asked: Option<Question>, now: Instant) -> String {
        match (wish, asked) {
            (Wish::Yes, Some(Question::Sure(draft))) => self.do_add(caller, &draft, now),
            (Wish::More, Some(Question::More { whose, find, after })) => {
                self.show_page(caller, whose, &find, Some(after), now)
            }
            (Wish::Number(number), Some(Question::Which { effect, whose, choices })) => {
                match choices.get(number - 1) {
                    Some(address) => {
                        let kind = Some(PatternKind::Address);
                        self.draft(caller, Draft::new(effect, whose, kind, address), now)
                    }
                    None => say::no_such_number(choices.len()),
                }
            }
            (Wish::Number(number), Some(Question::Removed { whose, choices })) => {
                match choices.get(number - 1) {
                    Some(id) => self.do_remove(caller, whose, &[*id], now),
                    None => say::no_such_number(choices.len()),
                }
            }
            _ => say::nothing_asked(),
        }
    }

    /// Adds what is certain, and asks about what isn't.
    fn draft(&self, caller: &Caller, draft: Draft, now: Instant) -> String {
        match consider(self.lists.as_ref(), caller, &draft) {
            Err(problem) => say::problem(&problem),
            Ok(understood) if understood.doubts.is_empty() => self.do_add(caller, &draft, now),
            Ok(understood) => {
                let question = say::sure(&draft, &understood);
                self.memory().ask(caller.account.key(), Question::Sure(draft), now);
                question
            }
        }
    }

    fn do_add(&self, caller: &Caller, draft: &Draft, now: Instant) -> String {
        let done = consider(self.lists.as_ref(), caller, draft).and_then(|understood| {
            let remarks = say::remarks(&understood);
            Ok(say::done(draft, &remarks, &self.add(caller, draft, understood, now)?))
        });
        done.unwrap_or_else(|problem| say::problem(&problem))
    }

    /// Which of the addresses in a quoted text is meant is never guessed: whoever wrote the text may have chosen them.
    fn ask_which(&self, caller: &Caller, effect: Effect, whose: Whose, quoted: &str, now: Instant) -> String {
        let texts = vec![quoted.lines().map(str::to_owned).collect()];
        let forwarded = Forwarded { texts, ..Forwarded::default() };
        let choices = match meant(&forwarded, false, effect, |identity| *identity == caller.account) {
            Meant::One(address) => vec![address],
            Meant::Unclear(choices) => choices,
            Meant::OnlyHousehold | Meant::Nobody => return say::nobody(effect),
        };
        let question = say::which(effect, &choices);
        self.memory().ask(caller.account.key(), Question::Which { effect, whose, choices }, now);
        question
    }

    /// No command: perhaps something pasted or quoted, with an address in it.
    fn unclear(&self, caller: &Caller, text: &str, now: Instant) -> String {
        if text.contains(['@', '\u{ff20}']) {
            self.ask_which(caller, Effect::Block, Whose::Mine, text, now)
        } else if text.trim_start().starts_with(['>', '»']) {
            say::nobody(Effect::Block)
        } else {
            say::unclear()
        }
    }

    fn remove_named(&self, caller: &Caller, whose: Whose, what: &str, now: Instant) -> String {
        let found = match self.meant(caller, whose, what) {
            Ok(found) => found,
            Err(problem) => return say::problem(&problem),
        };
        let ids: Vec<EntryId> = found.entries.iter().map(|entry| entry.id).collect();
        if ids.is_empty() {
            return say::not_on_list(whose);
        }
        if found.exactly && ids.len() == 1 {
            return self.do_remove(caller, whose, &ids, now);
        }
        self.memory().ask(caller.account.key(), Question::Removed { whose, choices: ids }, now);
        say::which_to_remove(&found.entries)
    }

    fn do_remove(&self, caller: &Caller, whose: Whose, ids: &[EntryId], now: Instant) -> String {
        let removed = self.remove(caller, whose, ids, now);
        removed.map_or_else(|problem| say::problem(&problem), |entries| say::removed(&entries))
    }

    fn show_page(
        &self,
        caller: &Caller,
        whose: Whose,
        find: &str,
        after: Option<policy_core::lists::Position>,
        now: Instant,
    ) -> String {
        match self.page(caller, whose, find, after) {
            Ok(page) => {
                if let Some(after) = page.next {
                    let question = Question::More { whose, find: find.to_owned(), after };
                    self.memory().ask(caller.account.key(), question, now);
                }
                say::page(&page, whose, find)
            }
            Err(problem) => say::problem(&problem),
        }
    }

    fn try_out(&self, caller: &Caller, whose: Whose, pasted: &str) -> String {
        match self.trials(caller, whose, pasted) {
            Ok((taken, trials)) => say::trials(taken, &trials).join("\n"),
            Err(problem) => say::problem(&problem),
        }
    }
}
