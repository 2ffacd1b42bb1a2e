//! Address and domain entries: looking one up in lists of a thousand to a million, compiling them, and editing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "a program for developers")]

mod clock;
mod sample;

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use policy_core::candidate::Candidate;
use policy_core::entry::Entry;

use crate::clock::ProcessorTime;

const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const WORDS: u64 = 10_000;

/// A whole judgement of a mail with one sender, by shape.
fn lookup(criterion: &mut Criterion<ProcessorTime>) {
    for size in SIZES {
        let snapshot = sample::compiled(&sample::entries(size));
        for (shape, asked) in sample::asked(size) {
            let mails: Vec<Candidate> = asked.iter().map(sample::mail).collect();
            let mut group = criterion.benchmark_group(format!("lookup/{shape}"));
            group.throughput(Throughput::Elements(mails.len() as u64));
            group.sample_size(20);
            group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
                bencher.iter(|| {
                    for mail in &mails {
                        black_box(snapshot.judge(mail, date(2026, 11, 23)));
                    }
                });
            });
        }
    }
}

fn compile(criterion: &mut Criterion<ProcessorTime>) {
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    for size in SIZES {
        let entries = sample::entries(size);
        group.throughput(Throughput::Elements(size));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_batched(|| (), |()| sample::compiled(&entries), BatchSize::PerIteration);
        });
    }
}

/// One entry more, one less, one switched off: with a million addresses and domains and ten thousand words listed.
fn edit(criterion: &mut Criterion<ProcessorTime>) {
    let mut entries = sample::entries(1_000_000);
    let words =
        |number: u64| sample::entry(2_000_000 + number, &format!("{} {number}", sample::letters(number, 7)));
    entries.extend((0..WORDS).map(words));
    let snapshot = sample::compiled(&entries);
    let new = |value: &str| sample::entry(3_000_000, value);
    let off = |entry: &Entry| Entry { enabled: false, ..entry.clone() };
    let (address, phrase) = (&entries[500_000], &entries[entries.len() - 1]);
    let edits = [
        ("add an address", None, Some(new("mallory@one.example"))),
        ("add a domain", None, Some(new("one.example"))),
        ("remove an address or domain", Some(address.clone()), None),
        ("switch an address or domain off", None, Some(off(address))),
        ("add words", None, Some(new("some phrase"))),
        ("remove words", Some(phrase.clone()), None),
    ];
    let mut group = criterion.benchmark_group("edit");
    group.sample_size(10);
    for (name, gone, changed) in edits {
        group.bench_function(name, |bencher| {
            bencher.iter(|| snapshot.with_changes(2, gone.as_slice(), changed.as_slice()).unwrap());
        });
    }
}

criterion_group! {
    name = addresses;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = lookup, compile, edit
}
criterion_main!(addresses);
