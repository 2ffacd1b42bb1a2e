//! Work shared by all cores, its results in the order in which it came.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many results may wait for one that comes before them: a large message must not make memory grow.
const WAITING: u64 = 4096;

/// Results that wait for their turn.
struct Results<R, T> {
    waiting: BTreeMap<u64, R>,
    /// Whose turn it is.
    turn: u64,
    take: T,
    failed: Option<io::Error>,
}

/// Pulls items, works on them on all cores, and hands the results over in the items' order. `take`'s first error ends it.
pub(super) fn in_order<I, R, T>(
    items: &mut (impl Iterator<Item = I> + Send),
    work: impl Fn(I) -> R + Sync,
    take: T,
) -> io::Result<()>
where
    R: Send,
    T: FnMut(R) -> io::Result<()> + Send,
{
    let items = Mutex::new(items.enumerate());
    let results = Mutex::new(Results { waiting: BTreeMap::new(), turn: 0, take, failed: None });
    let moved = Condvar::new();
    let worker = || {
        loop {
            if lock(&results).failed.is_some() {
                return;
            }
            // No queue: what isn't worked on isn't read either.
            let Some((number, item)) = lock(&items).next() else { return };
            let result = work(item);
            let mut results = lock(&results);
            while number as u64 >= results.turn + WAITING && results.failed.is_none() {
                results = moved.wait(results).unwrap_or_else(PoisonError::into_inner);
            }
            results.put(number as u64, result);
            moved.notify_all();
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(worker);
        }
        worker();
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner).failed.map_or(Ok(()), Err)
}

impl<R, T: FnMut(R) -> io::Result<()>> Results<R, T> {
    fn put(&mut self, number: u64, result: R) {
        self.waiting.insert(number, result);
        while self.failed.is_none()
            && let Some(result) = self.waiting.remove(&self.turn)
        {
            self.turn += 1;
            self.failed = (self.take)(result).err();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_items_order_however_long_each_takes() {
        let mut taken = Vec::new();
        let work = |item: u64| {
            if item.is_multiple_of(100) {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            item * 2
        };
        in_order(&mut (0..10_000), work, |result| {
            taken.push(result);
            Ok(())
        })
        .unwrap();
        assert!(taken.into_iter().eq((0..10_000).map(|item| item * 2)));
    }

    #[test]
    fn an_error_of_the_output_ends_it() {
        let mut taken = 0;
        let ended = in_order(
            &mut (0..),
            |item: u64| item,
            |result| {
                taken += 1;
                if result < 10 { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
            },
        );
        assert_eq!((ended.unwrap_err().kind(), taken), (io::ErrorKind::BrokenPipe, 11));
    }
}
