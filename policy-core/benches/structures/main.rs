//! What address and domain entries could be kept in: compile time, size and time for a lookup of the structure in use
//! (sorted, front-coded blocks) and of two others. Prints a table.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a program for developers"
)]

#[path = "../clock/mod.rs"]
#[allow(dead_code, reason = "criterion isn't used here")]
mod clock;
mod hashed;
#[path = "../sample/mod.rs"]
mod sample;
mod transducer;

use std::hint::black_box;
use std::time::Duration;

use jiff::civil::date;
use policy_core::candidate::Candidate;
use policy_core::entry::Entry;
use policy_core::identity::Identity;

use self::hashed::Hashed;
use self::transducer::Transducer;

const ROUNDS: usize = 15;

/// The fastest of several rounds: what else the machine was doing only ever adds.
fn fastest(mut round: impl FnMut()) -> Duration {
    let timed = (0..ROUNDS).map(|_| {
        let begin = clock::now();
        round();
        clock::now().saturating_sub(begin)
    });
    timed.min().unwrap_or_default()
}

fn nanoseconds_each<T, R>(asked: &[T], mut ask: impl FnMut(&T) -> R) -> u128 {
    fastest(|| {
        for one in asked {
            black_box(ask(one));
        }
    })
    .as_nanos()
        / asked.len() as u128
}

fn row(name: &str, entries: &[Entry], compile: Duration, bytes: usize, lookups: &[u128]) {
    let each = bytes as f64 / entries.len() as f64;
    print!("| {} | {name} | {:.0} ms | {each:.1} |", entries.len(), compile.as_secs_f64() * 1e3);
    lookups.iter().for_each(|lookup| print!(" {lookup} ns |"));
    println!();
}

fn main() {
    println!(
        "| entries | structure | compile | bytes an entry | listed address | in a listed domain | unlisted | unlisted, 40 labels |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for count in [10, 1_000, 10_000, 100_000, 1_000_000] {
        let entries = sample::entries(count);
        let asked: Vec<Vec<Identity>> = sample::asked(count).into_iter().map(|(_, asked)| asked).collect();
        let today = date(2026, 11, 23);

        let in_use = sample::compiled(&entries);
        let compile = fastest(|| drop(black_box(sample::compiled(&entries))));
        let lookups = asked.iter().map(|asked| {
            let mails: Vec<Candidate> = asked.iter().map(sample::mail).collect();
            nanoseconds_each(&mails, |mail| in_use.judge(mail, today))
        });
        row(
            "blocks, whole judgement",
            &entries,
            compile,
            in_use.identity_bytes(),
            &lookups.collect::<Vec<_>>(),
        );

        let other = Transducer::compile(&entries);
        let compile = fastest(|| drop(black_box(Transducer::compile(&entries))));
        let ask = |asked: &Vec<Identity>| nanoseconds_each(asked, |from| other.find(from));
        row("transducer", &entries, compile, other.bytes(), &asked.iter().map(ask).collect::<Vec<_>>());

        let other = Hashed::compile(&entries);
        let compile = fastest(|| drop(black_box(Hashed::compile(&entries))));
        let ask = |asked: &Vec<Identity>| nanoseconds_each(asked, |from| other.find(from));
        row("hash, verified", &entries, compile, other.bytes(), &asked.iter().map(ask).collect::<Vec<_>>());
    }
}
