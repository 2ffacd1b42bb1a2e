//! Who is signed in. Kept in memory only: a restart signs everybody out, and a seized disk tells nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use policy_core::lists::Actor;
use policy_core::undo::Undo;

use crate::list::View;
use crate::token::{self, NoEntropy, TokenHash};
use crate::transfer::Job;

/// Sessions an account may have; one more ends the oldest.
const MOST: usize = 10;

/// A session ends this long after its last request.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// Browsers that signed in before and may skip the strangers' queue.
const MOST_KNOWN: usize = 100;

/// All sessions.
#[derive(Default)]
pub(crate) struct Sessions {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    sessions: HashMap<TokenHash, Session>,
    known: Vec<TokenHash>,
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
    /// How to take the last change back.
    pub(crate) undo: Option<(u64, Undo)>,
    /// How many changes could be undone so far; numbers them.
    changes: u64,
    /// What of the lists is looked at.
    pub(crate) view: View,
    /// The import on its way, or the last one.
    pub(crate) import: Option<Arc<Job>>,
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
        let own = inner.sessions.iter().filter(|(_, session)| session.actor == actor);
        if own.clone().count() >= MOST
            && let Some(oldest) = own.min_by_key(|(_, session)| session.started).map(|(hash, _)| *hash)
        {
            inner.sessions.remove(&oldest);
        }
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

    /// Ends the session of this cookie.
    pub(crate) fn end(&self, token: &str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sessions.remove(&TokenHash::of(token));
    }

    /// Ends the other sessions of the same account, and forgets which browsers signed in before.
    pub(crate) fn end_others(&self, than: &SignedIn) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sessions.retain(|hash, session| session.actor != than.actor || *hash == than.hash);
        inner.known.clear();
    }

    /// Reads or changes what a session remembers; `None` if it has ended.
    pub(crate) fn remember<T>(&self, whose: &SignedIn, change: impl FnOnce(&mut Memory) -> T) -> Option<T> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sessions.get_mut(&whose.hash).map(|session| change(&mut session.memory))
    }

    /// Says on the session's next page what was done, with a way back if there is one.
    pub(crate) fn notify(&self, whose: &SignedIn, text: String, undo: Option<Undo>) {
        self.remember(whose, |memory| {
            let number = undo.as_ref().map(|_| {
                memory.changes += 1;
                memory.changes
            });
            memory.undo = number.zip(undo).or_else(|| memory.undo.take());
            memory.notice = Some(Notice { text, undo: number });
        });
    }

    /// A token by which this browser is known from now on.
    pub(crate) fn know(&self) -> Result<String, NoEntropy> {
        let token = token::random()?;
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.known.len() >= MOST_KNOWN {
            inner.known.remove(0);
        }
        inner.known.push(TokenHash::of(&token));
        Ok(token)
    }

    /// Whether a browser with this token signed in before.
    pub(crate) fn is_known(&self, token: &str) -> bool {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.known.contains(&TokenHash::of(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_changed_password_ends_the_other_sessions_only() {
        let sessions = Sessions::default();
        let (other, own) = (sessions.start(Actor::Admin).unwrap(), sessions.start(Actor::Admin).unwrap());
        sessions.end_others(&sessions.find(&own).unwrap());
        assert!(sessions.find(&other).is_none());
        assert!(sessions.find(&own).is_some());
    }
}
