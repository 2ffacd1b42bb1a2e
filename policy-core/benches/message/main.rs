//! Reading messages: hostile shapes at two sizes, and ordinary mail.
//!
//! Each hostile shape is read at 1 MiB and at 2 MiB; linear time shows as a ratio near 2, which is printed in the end.
//! With a folder of messages in `POSTWARD_MESSAGES`, all of them are read, too, by us and by `mail-parser`.

#![allow(clippy::indexing_slicing, missing_docs)]

#[path = "../clock/mod.rs"]
mod clock;
mod shapes;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mail_parser::MessageParser;
use policy_core::message::{self, Limits};

use crate::clock::ProcessorTime;
use crate::shapes::SHAPES;

const MEBI: usize = 1 << 20;

/// Beyond this the time is taken not to be linear.
const SUSPICIOUS: f64 = 2.6;

fn quickest(raw: &[u8]) -> Duration {
    let once = || {
        let begin = clock::now();
        black_box(message::read(black_box(raw), &Limits::default()));
        clock::now().saturating_sub(begin)
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

fn hostile(_: &mut Criterion<ProcessorTime>) {
    // The criterion of a filter by name is not asked: one line a shape is what this is for.
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    for (name, shape) in
        SHAPES.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| name.contains(only.as_str())))
    {
        let (small, large) = (quickest(&shape(MEBI)), quickest(&shape(2 * MEBI)));
        let ratio = large.as_secs_f64() / small.as_secs_f64();
        let remark = if ratio > SUSPICIOUS { "  NOT LINEAR?" } else { "" };
        println!(
            "{name:<36} 1 MiB {:>8.1} ms  2 MiB {:>8.1} ms  ratio {ratio:.2}{remark}",
            small.as_secs_f64() * 1e3,
            large.as_secs_f64() * 1e3
        );
    }
}

/// A mail as people send it: text and HTML of a few kilobytes, and a picture.
fn ordinary_mail() -> Vec<u8> {
    let prose =
        "When the market opened on Tuesday morning, hardly anybody noticed that the stall was empty.\r\n"
            .repeat(30);
    let html = "<p style=3D\"margin:0\">When the market <b>opened</b> on Tuesday morning, hardly anybody noticed.=\r\n</p>\r\n".repeat(60);
    let picture =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9\r\n".repeat(400);
    format!(
        "From: =?utf-8?Q?J=C3=BCrgen?= Baker <baker@example.org>\r\nTo: you@example.net\r\nSubject: =?utf-8?Q?The_market_=C3=BCber?= there\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"out\"\r\n\r\n--out\r\n\
         Content-Type: multipart/alternative; boundary=\"in\"\r\n\r\n--in\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{prose}\r\n\
         --in\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<html><style>.x{{color:red}}</style>{html}</html>\r\n--in--\r\n\
         --out\r\nContent-Type: image/png; name=\"a.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{picture}\r\n--out--\r\n"
    ).into_bytes()
}

fn ordinary(criterion: &mut Criterion<ProcessorTime>) {
    compare(criterion, "ordinary", &[ordinary_mail()]);
}

/// Real mail, if there is any.
fn mailbox(criterion: &mut Criterion<ProcessorTime>) {
    let Some(folder) = std::env::var_os("POSTWARD_MESSAGES") else { return };
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    compare(
        criterion,
        "mailbox",
        &files.filter_map(|file| std::fs::read(file.path()).ok()).collect::<Vec<_>>(),
    );
}

/// Reads all of `messages`, by our own reader and by the parser that mail programs use: it does less, in one
/// interpretation, and leaves HTML as it is.
fn compare(criterion: &mut Criterion<ProcessorTime>, name: &str, messages: &[Vec<u8>]) {
    let mut group = criterion.benchmark_group(name);
    let bytes: usize = messages.iter().map(Vec::len).sum();
    group.sample_size(10).throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("own", |bencher| {
        bencher.iter(|| {
            for raw in messages {
                black_box(message::read(black_box(raw), &Limits::default()));
            }
        });
    });
    group.bench_function("mail-parser", |bencher| {
        bencher.iter(|| {
            for raw in messages {
                black_box(MessageParser::default().parse(black_box(raw)));
            }
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = hostile, ordinary, mailbox
}
criterion_main!(benches);
