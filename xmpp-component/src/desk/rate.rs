//! How much each account may ask: a bucket that fills again with time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How many stanzas an account may send at once, and how long it takes until it may send one more.
const AT_ONCE: u32 = 40;
const EVERY: Duration = Duration::from_secs(1);

/// Accounts that are remembered; who has asked for nothing lately isn't.
const MOST: usize = 1000;

/// Who has asked how much.
#[derive(Default)]
pub(super) struct Rates(HashMap<String, Bucket>);

/// Kept as the moment when it will be full again.
struct Bucket {
    full: Instant,
    told: bool,
}

impl Rates {
    /// Whether the account may ask now; counts it if so.
    pub(super) fn allow(&mut self, account: &str, now: Instant) -> bool {
        if self.0.len() >= MOST && !self.0.contains_key(account) {
            self.0.retain(|_, bucket| bucket.full > now);
            if self.0.len() >= MOST
                && let Some(name) =
                    self.0.iter().min_by_key(|(_, bucket)| bucket.full).map(|(name, _)| name.clone())
            {
                self.0.remove(&name);
            }
        }
        let bucket = self.0.entry(account.to_owned()).or_insert(Bucket { full: now, told: false });
        let full = bucket.full.max(now) + EVERY;
        let allowed = full <= now + EVERY * AT_ONCE;
        if allowed {
            *bucket = Bucket { full, told: false };
        }
        allowed
    }

    /// Whether the account, which may not ask, should be told so: once.
    pub(super) fn tell(&mut self, account: &str) -> bool {
        self.0.get_mut(account).is_some_and(|bucket| !std::mem::replace(&mut bucket.told, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_asks_too_much_waits_is_told_so_once_and_others_are_not() {
        let mut rates = Rates::default();
        let now = Instant::now();
        assert!((0..AT_ONCE).all(|_| rates.allow("a", now)));
        assert!(!rates.allow("a", now) && rates.tell("a"));
        assert!(!rates.allow("a", now) && !rates.tell("a"));
        assert!(rates.allow("b", now));
        assert!(rates.allow("a", now + EVERY));
        assert!(!rates.allow("a", now + EVERY) && rates.tell("a"));
    }

    #[test]
    fn accounts_beyond_number_take_no_more_memory() {
        let mut rates = Rates::default();
        let now = Instant::now();
        for number in 0..3 * MOST {
            assert!(rates.allow(&number.to_string(), now));
        }
        assert_eq!(rates.0.len(), MOST);
    }
}
