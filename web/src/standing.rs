//! Which connection is ended where there are too many: one that no page would miss.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// So many whose request's head is still on its way have their place, even if all others sent theirs.
const ARRIVING: usize = 16;

/// What a connection has asked for so far, from the least to the most worth keeping.
#[derive(Clone, Copy)]
enum Asks {
    Nothing = 0,
    AsStranger = 1,
    SignedIn = 2,
}

/// What a connection asks for at present. Its requests carry it, for [`crate::guard`] to say.
#[derive(Clone, Default)]
pub(crate) struct Standing(Arc<AtomicU8>);

impl Standing {
    /// A request's head is there.
    pub(crate) fn asked(&self, signed_in: bool) {
        self.set(if signed_in { Asks::SignedIn } else { Asks::AsStranger });
    }

    /// It is answered. A browser that is signed in keeps its connection for the next one.
    pub(crate) fn answered(&self) {
        if !self.is(Asks::SignedIn) {
            self.set(Asks::Nothing);
        }
    }

    fn set(&self, asks: Asks) {
        self.0.store(asks as u8, Ordering::Relaxed);
    }

    fn is(&self, asks: Asks) -> bool {
        self.0.load(Ordering::Relaxed) == asks as u8
    }
}

/// Which of these, the oldest first, makes room for one more.
pub(crate) fn least<'a>(connections: impl Iterator<Item = &'a Standing> + Clone) -> Option<usize> {
    let oldest = |asks| connections.clone().position(|connection| connection.is(asks));
    let arriving = connections.clone().filter(|connection| connection.is(Asks::Nothing)).count();
    let silent = if arriving > ARRIVING { oldest(Asks::Nothing) } else { None };
    silent.or_else(|| oldest(Asks::AsStranger)).or_else(|| connections.clone().next().map(|_| 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: &[Asks]) -> Vec<Standing> {
        let standing = |asks: &Asks| {
            let standing = Standing::default();
            standing.set(*asks);
            standing
        };
        all.iter().map(standing).collect()
    }

    #[test]
    fn silent_connections_end_before_requests_and_requests_of_strangers_before_sessions() {
        let many = |asks, number: usize| vec![asks; number];
        let mut all = many(Asks::SignedIn, 1);
        all.extend(many(Asks::AsStranger, 1));
        all.extend(many(Asks::Nothing, ARRIVING));
        assert_eq!(least(of(&all).iter()), Some(1), "some must be able to arrive");
        all.extend(many(Asks::Nothing, 1));
        assert_eq!(least(of(&all).iter()), Some(2));
        assert_eq!(least(of(&many(Asks::SignedIn, 2)).iter()), Some(0));
        assert_eq!(least([].iter()), None);
    }
}
