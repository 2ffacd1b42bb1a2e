//! Scanning text: ordinary, non-Latin and hostile, against 0, 100 and 10,000 words.
//!
//! The hostile shapes come at two sizes: linear time shows as equal throughput.

#![allow(clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod clock;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use policy_core::text::words::{WordsMatcher, phrase_key, scan};

use crate::clock::ProcessorTime;

const MEBI: usize = 1 << 20;

const PROSE: &str = "When the market opened on Tuesday morning, hardly anybody noticed that the old baker's stall was \
empty. \"He'll be here by nine,\" said Mrs Whitfield, who had bought her bread there since 1987, and she put down her \
basket beside the fountain. It wasn't until half past ten that somebody went round to his house in Mill Lane; the \
shutters were closed, and a note on the door said: \"Back on the 14th. Please ask at number 23 for the key - the cat \
needs feeding!\" Nobody had known about a cat. See https://example.org/market/2024-05?page=3 for the dates, or write \
to market@example.org (we answer within 2-3 days).\n";
const RUSSIAN: &str = "Когда во вторник утром открылся рынок, почти никто не заметил, что прилавок старого пекаря \
пуст. «Он придёт к девяти», — сказала соседка и поставила корзину у фонтана.\n";
const CHINESE: &str = "星期二早上市场开门的时候，几乎没有人注意到老面包师的摊位是空的。她把篮子放在喷泉旁边，说他九点就会来。\n";
const FRENCH: &str = "Quand le marché ouvrit mardi matin, presque personne ne remarqua que l'étal du vieux boulanger \
était vide; « il sera là à neuf heures », dit-elle en posant son panier près de la fontaine.\n";

/// Words that look like words: syllables in an order that depends on the number alone.
fn words(count: usize) -> Vec<String> {
    const SYLLABLES: [&str; 24] = [
        "ka", "ri", "mon", "te", "lus", "ver", "ba", "do", "nik", "sa", "pel", "or", "an", "fi", "gu", "hem",
        "is", "jo", "lan", "mi", "nu", "pra", "sto", "tur",
    ];
    (0..count)
        .map(|number| {
            let syllable = |place: u32| SYLLABLES[(number / 24_usize.pow(place)) % 24];
            let word = format!("{}{}{}{}", syllable(0), syllable(1), syllable(2), SYLLABLES[number % 7]);
            if number % 10 == 0 { format!("{word} {}{}", syllable(1), syllable(0)) } else { word }
        })
        .collect()
}

fn matcher(count: usize) -> WordsMatcher {
    WordsMatcher::new(words(count).iter().filter_map(|word| phrase_key(word).ok())).expect("few words")
}

/// Phrases of two words that the sample has, but not one behind the other: each of its words begins some.
fn of_its_words(sample: &str, count: usize) -> WordsMatcher {
    let keys = sample.split_whitespace().filter_map(|word| phrase_key(word).ok());
    let words: Vec<String> = keys.filter(|key| !key.contains(' ')).collect();
    let pairs = (1..words.len()).flat_map(|apart| (0..words.len()).map(move |first| (first, first + apart)));
    let phrase = |(first, second): (usize, usize)| {
        Some(format!("{} {}", words.get(first)?, words.get(second % words.len())?))
    };
    let text = words.join(" ").repeat(2);
    let there = |phrase: &String| text.contains(phrase.as_str());
    let phrases: std::collections::BTreeSet<String> =
        pairs.filter_map(phrase).filter(|phrase| !there(phrase)).take(count).collect();
    WordsMatcher::new(&phrases).expect("few words")
}

/// The sample, again and again, up to about `size` bytes.
fn filled(sample: &str, size: usize) -> String {
    sample.repeat(size.div_ceil(sample.len()))
}

fn found(text: &str, matcher: &WordsMatcher) -> u32 {
    let mut count = 0;
    scan(text, matcher, &mut |_, _| count += 1);
    count
}

fn ordinary(criterion: &mut Criterion<ProcessorTime>) {
    let mut group = criterion.benchmark_group("ordinary");
    group.sample_size(10);
    for (name, sample) in [("english", PROSE), ("french", FRENCH), ("russian", RUSSIAN), ("chinese", CHINESE)]
    {
        let text = filled(sample, MEBI);
        group.throughput(Throughput::Bytes(text.len() as u64));
        for count in [0, 100, 10_000] {
            let matcher = matcher(count);
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter(|| found(black_box(&text), &matcher));
            });
        }
        if name == "chinese" {
            continue;
        }
        let matcher = of_its_words(sample, 10_000);
        group.bench_function(BenchmarkId::new(name, "phrases of its words"), |bencher| {
            bencher.iter(|| found(black_box(&text), &matcher));
        });
    }
    group.finish();
}

fn hostile(criterion: &mut Criterion<ProcessorTime>) {
    let mut group = criterion.benchmark_group("hostile");
    group.sample_size(10);
    let matcher = matcher(10_000);
    let shapes = [
        ("combining-marks", "a\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}"),
        ("only-marks", "\u{301}"),
        ("one-letter", "a"),
        ("look-alikes", "il1|"),
        ("spelled-out", "k a r i m o n "),
        ("dotted", "k.a.r.i.m.o.n."),
        ("zero-width", "k\u{200B}\u{200D}\u{AD}"),
        ("leet", "k4r1m0n k4r1k4r1 "),
        ("overrides", "\u{202E}nomirak\u{202C} "),
        ("open-overrides", "\u{202E}k"),
        ("overlapping", "karikarikari"),
        ("han", "赌"),
    ];
    for (name, sample) in shapes {
        for size in [MEBI / 4, MEBI / 2] {
            let text = filled(sample, size);
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(BenchmarkId::new(name, size / 1024), |bencher| {
                bencher.iter(|| found(black_box(&text), &matcher));
            });
        }
    }
    group.finish();
}

fn compile(criterion: &mut Criterion<ProcessorTime>) {
    let keys: Vec<String> = words(10_000).iter().filter_map(|word| phrase_key(word).ok()).collect();
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    group.bench_function("10000", |bencher| bencher.iter(|| WordsMatcher::new(black_box(&keys))));
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = ordinary, hostile, compile
}
criterion_main!(benches);
