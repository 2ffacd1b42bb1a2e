//! Who is signed in. Kept in memory only: a restart signs everybody out, and a seized disk tells nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use policy_core::entry::Scope;
use policy_core::lists::Actor;
use policy_core::persons::Person;
use policy_core::sign_in::{Account, SignInLink};
use policy_core::undo::Undo;

use crate::answers::Waiting;
use crate::kept::Kept;
use crate::list::View;
use crate::token::{self, NoEntropy, TokenHash};
use crate::transfer::Job;

/// Sessions an account may have; one more ends the oldest.
const MOST: usize = 10;

/// A session ends this long after its last request.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// What a session is to show in a moment is forgotten after this time: the page that answers a form, a member's link, the way back.
pub(crate) const SHOWN_WITHIN: Duration = Duration::from_secs(10 * 60);

/// Browsers that signed in before and may skip the strangers' queue.
const MOST_KNOWN: usize = 100;

/// Sessions, ended ones among them, whose forms are told apart.
const MOST_FORMS: usize = 1000;

/// All sessions.
#[derive(Default)]
pub(crate) struct Sessions {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    sessions: HashMap<TokenHash, Session>,
    /// Browsers that signed in before, each with the account that it signed in to.
    known: Vec<(TokenHash, Scope)>,
    arrivals: HashMap<TokenHash, Arrival>,
    /// Whose the forms of the latest sessions were, by their token: what was typed into them is nobody else's.
    forms: VecDeque<(TokenHash, Scope)>,
}

/// Somebody who came by a link and is choosing a password.
#[derive(Clone)]
pub(crate) struct Arrival {
    pub(crate) account: Account,
    /// The token that the form carries.
    pub(crate) csrf: String,
    /// The link's key.
    link: TokenHash,
    started: Instant,
}

/// A browser that is signed in, as its account's page shows it.
pub(crate) struct Browser {
    /// Whether it is the one that asks.
    pub(crate) own: bool,
    /// Minutes since it signed in.
    pub(crate) started: u64,
    /// Minutes since its last request.
    pub(crate) seen: u64,
}

struct Session {
    actor: Actor,
    csrf: String,
    started: Instant,
    seen: Instant,
    memory: Memory,
}

/// What a session remembers between two requests.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    /// To be shown once, on the next page.
    pub(crate) notice: Option<Notice>,
    /// The last change that can be taken back.
    pub(crate) undo: Option<LastChange>,
    /// How many changes could be undone so far; numbers them.
    changes: u64,
    /// What of the lists is looked at.
    pub(crate) view: View,
    /// The drafts of entries that its browser can come back to.
    pub(crate) kept: Kept,
    /// The pages that answer forms.
    pub(crate) waiting: Waiting,
    /// A link for a member that was made just then, with their name, to be shown once.
    pub(crate) link: Option<(Instant, String, SignInLink)>,
    /// The import on its way, or the last one.
    pub(crate) import: Option<Arc<Job>>,
}

/// The last change, and the way back.
#[derive(Clone)]
pub(crate) struct LastChange {
    pub(crate) number: u64,
    pub(crate) take_back: TakeBack,
    /// What was said of it, and when.
    text: String,
    made: Instant,
}

/// What takes the last change back.
#[derive(Clone)]
pub(crate) enum TakeBack {
    /// A change of the lists.
    Lists(Undo),
    /// This person was forgotten.
    Person(Person),
}

/// A sentence about what was just done.
#[derive(Clone)]
pub(crate) struct Notice {
    pub(crate) text: String,
    /// The number of the change that can be undone.
    pub(crate) undo: Option<u64>,
}

/// A session as a request sees it.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) actor: Actor,
    /// The token that every form of this session carries.
    pub(crate) csrf: String,
    hash: TokenHash,
}

impl Sessions {
    /// Starts a session and gives the token for its cookie.
    pub(crate) fn start(&self, actor: Actor) -> Result<String, NoEntropy> {
        let token = token::random()?;
        let csrf = token::random()?;
        let now = Instant::now();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sessions.retain(|_, session| session.seen + IDLE > now);
        let own = inner.sessions.iter().filter(|(_, session)| session.actor.own_scope() == actor.own_scope());
        if own.clone().count() >= MOST
            && let Some(oldest) = own.min_by_key(|(_, session)| session.started).map(|(hash, _)| *hash)
        {
            inner.sessions.remove(&oldest);
        }
        if inner.forms.len() >= MOST_FORMS {
            inner.forms.pop_front();
        }
        inner.forms.push_back((TokenHash::of(&csrf), actor.own_scope()));
        let session = Session { actor, csrf, started: now, seen: now, memory: Memory::default() };
        inner.sessions.insert(TokenHash::of(&token), session);
        Ok(token)
    }

    /// The session of this cookie, if it hasn't ended; it lives on for another half hour.
    pub(crate) fn find(&self, token: &str) -> Option<SignedIn> {
        let hash = TokenHash::of(token);
        let now = Instant::now();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let session = inner.sessions.get_mut(&hash)?;
        if session.seen + IDLE <= now {
            inner.sessions.remove(&hash);
            return None;
        }
        session.seen = now;
        Some(SignedIn { actor: session.actor, csrf: session.csrf.clone(), hash })
    }

    /// Whose form it was that carries this token, if its session was one of the latest.
    pub(crate) fn whose_form(&self, csrf: &str) -> Option<Scope> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = TokenHash::of(csrf);
        inner.forms.iter().find(|(form, _)| *form == hash).map(|(_, scope)| *scope)
    }

    /// Whether the session of this cookie hasn't ended; it lives on no longer for having been asked about.
    pub(crate) fn lasts(&self, token: &str) -> bool {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sessions.get(&TokenHash::of(token)).is_some_and(|session| session.seen + IDLE > Instant::now())
    }

    /// Forgets ended sessions and all that they hold, and of the others what nobody has come to see.
    pub(crate) fn sweep(&self) {
        let now = Instant::now();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sessions.retain(|_, session| session.seen + IDLE > now);
        inner.arrivals.retain(|_, arrival| arrival.started + IDLE > now);
        for Session { memory, .. } in inner.sessions.values_mut() {
            memory.waiting.sweep(now);
            memory.link.take_if(|(made, ..)| *made + SHOWN_WITHIN <= now);
        }
    }

    /// Ends the session of this cookie.
    pub(crate) fn end(&self, token: &str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sessions.remove(&TokenHash::of(token));
    }

    /// Ends the other sessions of the same account, and forgets which browsers signed in before.
    pub(crate) fn end_others(&self, than: &SignedIn) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let own = than.actor.own_scope();
        inner.sessions.retain(|hash, session| session.actor.own_scope() != own || *hash == than.hash);
        inner.known.retain(|(_, scope)| *scope != own);
    }

    /// Reads or changes what a session remembers; `None` if it has ended.
    pub(crate) fn remember<T>(&self, whose: &SignedIn, change: impl FnOnce(&mut Memory) -> T) -> Option<T> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sessions.get_mut(&whose.hash).map(|session| change(&mut session.memory))
    }

    /// Says on the session's next page what was done, with a way back if there is one.
    pub(crate) fn notify(&self, whose: &SignedIn, text: String, undo: Option<Undo>) {
        self.say(whose, text, undo.map(TakeBack::Lists));
    }

    /// The same of a person who was forgotten.
    pub(crate) fn notify_of_person(&self, whose: &SignedIn, text: String, person: Person) {
        self.say(whose, text, Some(TakeBack::Person(person)));
    }

    fn say(&self, whose: &SignedIn, text: String, undo: Option<TakeBack>) {
        self.remember(whose, |memory| {
            let mut number = None;
            if let Some(take_back) = undo {
                memory.changes += 1;
                number = Some(memory.changes);
                let (number, made) = (memory.changes, Instant::now());
                memory.undo = Some(LastChange { number, take_back, text: text.clone(), made });
            }
            memory.notice = Some(Notice { text, undo: number });
        });
    }

    /// What a page says: the notice, once, and the last change for as long as its way back is offered.
    pub(crate) fn said(&self, whose: &SignedIn) -> (Option<Notice>, Option<Notice>) {
        let said = self.remember(whose, |memory| {
            let notice = memory.notice.take();
            let shown = notice.as_ref().and_then(|notice| notice.undo);
            let last = memory
                .undo
                .as_ref()
                .filter(|last| Some(last.number) != shown && last.made.elapsed() < SHOWN_WITHIN);
            let last = last.map(|last| Notice { text: last.text.clone(), undo: Some(last.number) });
            (notice, last)
        });
        said.unwrap_or_default()
    }

    /// Whether an answer waits that no page has shown yet: its browser sent the form a second time.
    pub(crate) fn has_unseen(&self, whose: &SignedIn) -> bool {
        self.remember(whose, |memory| memory.notice.is_some()).unwrap_or_default()
    }

    /// Ends all sessions of an account, and forgets which browsers signed in to it before.
    pub(crate) fn end_all(&self, actor: Actor) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let own = actor.own_scope();
        inner.sessions.retain(|_, session| session.actor.own_scope() != own);
        inner.known.retain(|(_, scope)| *scope != own);
    }

    /// What was hidden from an account's browsers is shown to them from now on.
    pub(crate) fn unhide(&self, actor: Actor) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let own =
            inner.sessions.values_mut().filter(|session| session.actor.own_scope() == actor.own_scope());
        for session in own {
            session.actor = session.actor.member().map_or(Actor::Admin, Actor::Member);
        }
    }

    /// The browsers that are signed in to this session's account, the latest first.
    pub(crate) fn browsers(&self, whose: &SignedIn) -> Vec<Browser> {
        let now = Instant::now();
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let minutes = |since: Instant| now.saturating_duration_since(since).as_secs() / 60;
        let of_account = |session: &Session| {
            session.actor.own_scope() == whose.actor.own_scope() && session.seen + IDLE > now
        };
        let mut browsers: Vec<Browser> = inner
            .sessions
            .iter()
            .filter(|(_, session)| of_account(session))
            .map(|(hash, session)| Browser {
                own: *hash == whose.hash,
                started: minutes(session.started),
                seen: minutes(session.seen),
            })
            .collect();
        browsers.sort_by_key(|browser| (browser.seen, browser.started));
        browsers
    }

    /// Lets whoever came by a link choose a password, and gives the token for their cookie.
    pub(crate) fn arrive(&self, account: Account, key: &str) -> Result<String, NoEntropy> {
        let (token, csrf) = (token::random()?, token::random()?);
        let started = Instant::now();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        // One at a time for each account: a later link counts.
        inner.arrivals.retain(|_, arrival| {
            arrival.started + IDLE > started && arrival.account.actor.own_scope() != account.actor.own_scope()
        });
        let arrival = Arrival { account, csrf, link: TokenHash::of(key), started };
        inner.arrivals.insert(TokenHash::of(&token), arrival);
        Ok(token)
    }

    /// Whoever came by a link and has this cookie.
    pub(crate) fn arrival(&self, token: &str) -> Option<Arrival> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let arrival = inner.arrivals.get(&TokenHash::of(token))?;
        (arrival.started + IDLE > Instant::now()).then(|| arrival.clone())
    }

    /// Whether whoever has this cookie came by this link.
    pub(crate) fn came_by(&self, token: &str, key: &str) -> bool {
        self.arrival(token).is_some_and(|arrival| arrival.link == TokenHash::of(key))
    }

    /// They have chosen.
    pub(crate) fn end_arrival(&self, token: &str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.arrivals.remove(&TokenHash::of(token));
    }

    /// A token by which this browser is known to this account from now on.
    pub(crate) fn know(&self, actor: Actor) -> Result<String, NoEntropy> {
        let token = token::random()?;
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.known.len() >= MOST_KNOWN {
            inner.known.remove(0);
        }
        inner.known.push((TokenHash::of(&token), actor.own_scope()));
        Ok(token)
    }

    /// Whether a browser with this token signed in to this account before: for another's it is a stranger.
    pub(crate) fn is_known(&self, token: &str, actor: Actor) -> bool {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.known.contains(&(TokenHash::of(token), actor.own_scope()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::Page;

    #[test]
    fn the_eleventh_session_ends_the_oldest() {
        let sessions = Sessions::default();
        let tokens: Vec<String> = (0..11).map(|_| sessions.start(Actor::Admin).unwrap()).collect();
        assert!(sessions.find(&tokens[0]).is_none());
        assert!(tokens[1..].iter().all(|token| sessions.find(token).is_some()));
    }

    #[test]
    fn a_session_idle_for_half_an_hour_has_ended() {
        let sessions = Sessions::default();
        let token = sessions.start(Actor::Admin).unwrap();
        for session in sessions.inner.lock().unwrap().sessions.values_mut() {
            session.seen -= IDLE;
        }
        assert!(sessions.find(&token).is_none());
    }

    #[test]
    fn an_ended_session_holds_nothing_more() {
        let sessions = Sessions::default();
        let tokens = [sessions.start(Actor::Admin).unwrap(), sessions.start(Actor::Admin).unwrap()];
        let [ended, own] = tokens.map(|token| sessions.find(&token).unwrap());
        for session in [&ended, &own] {
            sessions.remember(session, |memory| memory.waiting.keep("members", Page::default())).unwrap();
        }
        sessions.inner.lock().unwrap().sessions.get_mut(&ended.hash).unwrap().seen -= IDLE;
        sessions.sweep();
        assert_eq!(sessions.inner.lock().unwrap().sessions.len(), 1);
        let waits = || sessions.remember(&own, |memory| memory.waiting.find("members").is_some());
        assert_eq!(waits(), Some(true));
        sessions.remember(&own, |memory| memory.waiting.sweep(Instant::now() + SHOWN_WITHIN)).unwrap();
        assert_eq!(waits(), Some(false));
    }

    #[test]
    fn a_changed_password_ends_the_other_sessions_only() {
        let sessions = Sessions::default();
        let (other, own) = (sessions.start(Actor::Admin).unwrap(), sessions.start(Actor::Admin).unwrap());
        sessions.end_others(&sessions.find(&own).unwrap());
        assert!(sessions.find(&other).is_none());
        assert!(sessions.find(&own).is_some());
    }

    #[test]
    fn the_last_change_is_offered_for_ten_minutes_and_to_its_own_session_alone() {
        let sessions = Sessions::default();
        let tokens = [sessions.start(Actor::Admin).unwrap(), sessions.start(Actor::Admin).unwrap()];
        let [own, other] = tokens.map(|token| sessions.find(&token).unwrap());
        let offered = |whose| sessions.said(whose).1.and_then(|last| last.undo);
        sessions.notify(&own, "Removed".to_owned(), Some(Undo::PutBack(Vec::new())));
        assert_eq!(offered(&own), None, "the notice has the button");
        assert_eq!(offered(&own), Some(1));
        sessions.notify(&own, "Nothing was chosen".to_owned(), None);
        assert_eq!(offered(&own), Some(1));
        assert_eq!(offered(&other), None);
        sessions.remember(&own, |memory| memory.undo.as_mut().unwrap().made -= SHOWN_WITHIN).unwrap();
        assert_eq!(offered(&own), None);
    }
}
