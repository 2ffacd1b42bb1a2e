//! Commands that are under way (XEP-0050 section 3.1): for each, who is at which step.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use super::command::Node;
use super::steps::Stage;

/// Commands that may be under way, in all and for each account; beyond that the oldest end.
const MOST: usize = 200;
const MOST_EACH: usize = 5;

/// A command ends when nothing has come for this long.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// A command that somebody is in the middle of.
pub(super) struct Session {
    /// The full JID that began it: nobody else goes on with it.
    pub(super) owner: String,
    pub(super) node: Node,
    pub(super) stage: Stage,
    seen: Instant,
}

/// All of them.
#[derive(Default)]
pub(super) struct Sessions {
    open: HashMap<String, Session>,
    ids: RandomState,
    begun: u64,
}

impl Sessions {
    /// A name for a session that is about to begin.
    pub(super) fn new_id(&mut self) -> String {
        self.begun += 1;
        let mut hasher = self.ids.build_hasher();
        hasher.write_u64(self.begun);
        format!("{:016x}", hasher.finish())
    }

    /// Keeps a session until its next step.
    pub(super) fn keep(&mut self, id: String, owner: String, node: Node, stage: Stage, now: Instant) {
        self.open.retain(|_, session| session.seen + IDLE > now);
        let bare = |jid: &str| jid.split('/').next().map(str::to_owned);
        let account = bare(&owner);
        let own = |session: &Session| bare(&session.owner) == account;
        if self.open.values().filter(|session| own(session)).count() >= MOST_EACH {
            self.end_oldest(own);
        }
        if self.open.len() >= MOST {
            self.end_oldest(|_| true);
        }
        self.open.insert(id, Session { owner, node, stage, seen: now });
    }

    fn end_oldest(&mut self, among: impl Fn(&Session) -> bool) {
        let among = self.open.iter().filter(|(_, session)| among(session));
        if let Some(id) = among.min_by_key(|(_, session)| session.seen).map(|(id, _)| id.clone()) {
            self.open.remove(&id);
        }
    }

    /// Takes a session out for its next step, if it is this owner's and this command's.
    pub(super) fn take(&mut self, id: &str, owner: &str, node: Node, now: Instant) -> Option<Session> {
        let session = self.open.get(id)?;
        if session.owner != owner || session.node != node {
            return None;
        }
        self.open.remove(id).filter(|session| session.seen + IDLE > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(sessions: &mut Sessions, owner: &str, now: Instant) -> String {
        let id = sessions.new_id();
        sessions.keep(id.clone(), owner.to_owned(), Node::Try, Stage::Try, now);
        id
    }

    #[test]
    fn a_session_is_its_owners_for_a_quarter_of_an_hour() {
        let mut sessions = Sessions::default();
        let now = Instant::now();
        let id = keep(&mut sessions, "a@one.test/x", now);
        assert!(sessions.take(&id, "a@one.test/y", Node::Try, now).is_none());
        assert!(sessions.take(&id, "a@one.test/x", Node::List, now).is_none());
        assert!(sessions.take(&id, "a@one.test/x", Node::Try, now).is_some());
        assert!(sessions.take(&id, "a@one.test/x", Node::Try, now).is_none(), "it is taken out");
        let id = keep(&mut sessions, "a@one.test/x", now);
        assert!(sessions.take(&id, "a@one.test/x", Node::Try, now + IDLE).is_none());
    }

    #[test]
    fn one_account_can_not_push_out_the_others_sessions() {
        let mut sessions = Sessions::default();
        let now = Instant::now();
        let id = keep(&mut sessions, "a@one.test/x", now);
        for number in 0..2 * MOST {
            keep(&mut sessions, &format!("b@one.test/{number}"), now + Duration::from_secs(1));
        }
        assert_eq!(sessions.open.len(), 1 + MOST_EACH);
        assert!(sessions.take(&id, "a@one.test/x", Node::Try, now).is_some());
        for number in 0..2 * MOST {
            keep(&mut sessions, &format!("{number}@one.test/x"), now);
        }
        assert_eq!(sessions.open.len(), MOST);
    }
}
