//! When to connect again: soon, or, while another program takes the connection away again and again, seldom.
//!
//! With `component_conflict_resolve = "kick_old"`, two programs with one component name throw each other out for ever.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use crate::connection::Problem;

/// The pauses between attempts to connect: the first, and the longest. Not longer: after Prosody has restarted, other
/// servers send at once what they kept, and nothing is judged until we are back.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The longest pause where another program is about, which judges meanwhile.
const LONGEST_CONTESTED_PAUSE: Duration = Duration::from_secs(60);

/// How long a connection must last to be ours alone: longer than the other pauses.
pub(crate) const UNCONTESTED_AFTER: Duration = Duration::from_secs(100);

/// How often in a row is again and again. Once is a restart.
const CONTESTED: u32 = 3;

/// The attempts to connect.
pub(crate) struct Attempts {
    next_pause: Duration,
    /// How often in a row another program has taken our connection.
    taken: u32,
}

impl Default for Attempts {
    fn default() -> Self {
        Self { next_pause: FIRST_PAUSE, taken: 0 }
    }
}

impl Attempts {
    /// Whether another program takes the connection away again and again.
    pub(crate) fn are_contested(&self) -> bool {
        self.taken >= CONTESTED
    }

    /// The connection has lasted for [`UNCONTESTED_AFTER`].
    pub(crate) fn lasted(&mut self) {
        self.taken = 0;
    }

    /// There was a connection, and this ended it.
    pub(crate) fn ended(&mut self, problem: &Problem) {
        self.taken = if matches!(problem, Problem::Conflict) { self.taken.saturating_add(1) } else { 0 };
        if !self.are_contested() {
            self.next_pause = FIRST_PAUSE;
        }
    }

    /// There was no connection, because of this. A conflict is with another program that holds it.
    pub(crate) fn failed(&mut self, problem: &Problem) {
        if !matches!(problem, Problem::Conflict) {
            self.taken = 0;
        }
    }

    /// How long to wait before the next attempt.
    pub(crate) fn pause(&mut self) -> Duration {
        let longest = if self.are_contested() { LONGEST_CONTESTED_PAUSE } else { LONGEST_PAUSE };
        let pause = self.next_pause.min(longest);
        self.next_pause = (pause * 2).min(longest);
        jittered(pause)
    }
}

/// Between half and all of it, so that components that lost the same server don't come back at the same moment.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 1024;
    pause / 2 + pause / 2 * u32::try_from(random).unwrap_or_default() / 1024
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn pauses_after(attempts: &mut Attempts, problem: &Problem, times: u32) -> Duration {
        let mut pause = Duration::ZERO;
        for _ in 0..times {
            attempts.ended(problem);
            pause = attempts.pause();
        }
        pause
    }

    #[test]
    fn a_connection_that_is_taken_again_and_again_is_seldom_taken_back() {
        let mut attempts = Attempts::default();
        let pause = pauses_after(&mut attempts, &Problem::Conflict, 20);
        assert!(attempts.are_contested() && pause >= LONGEST_CONTESTED_PAUSE / 2, "{pause:?}");
        assert!(UNCONTESTED_AFTER > LONGEST_CONTESTED_PAUSE);
    }

    #[test]
    fn a_restart_of_prosody_or_a_lasting_connection_ends_the_long_pauses() {
        let lost = Problem::Lost(io::ErrorKind::UnexpectedEof.into());
        let ends: [&dyn Fn(&mut Attempts); 3] =
            [&Attempts::lasted, &|attempts| attempts.ended(&lost), &|attempts| attempts.failed(&lost)];
        for end in ends {
            let mut attempts = Attempts::default();
            pauses_after(&mut attempts, &Problem::Conflict, 20);
            end(&mut attempts);
            assert!(!attempts.are_contested());
            let pause = pauses_after(&mut attempts, &Problem::Conflict, 1);
            assert!(pause <= FIRST_PAUSE, "{pause:?}");
        }
    }
}
