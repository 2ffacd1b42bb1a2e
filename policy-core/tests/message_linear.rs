//! Hostile mail costs in proportion to its size, in work and in memory.
//!
//! Told by what is allocated, not by the clock. A loop that allocates nothing isn't seen here; the benchmark `message`
//! measures the same shapes in time.

#![allow(clippy::panic, reason = "a test may fail loudly")]

#[path = "../benches/message/shapes.rs"]
mod shapes;

use std::alloc::System;
use std::fmt::Write;

use cap::Cap;
use policy_core::message::{self, Limits};

use crate::shapes::SHAPES;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// How many bytes are allocated, all in all, to read this.
fn allocated(raw: &[u8]) -> usize {
    let before = MEMORY.total_allocated();
    drop(message::read(raw, &Limits::default()));
    MEMORY.total_allocated() - before
}

// The only test of this file: others beside it would be counted, too.
#[test]
fn no_shape_of_message_makes_reading_cost_more_than_in_proportion_to_its_size() {
    const SIZE: usize = 32 << 10;
    // Tables that are made once.
    allocated(b"From: \xe4@\xfc.example\r\n\r\n\xe4\xd0 \xe4");
    let mut wrong = String::new();
    for (name, shape) in SHAPES {
        let (small, large) = (shape(SIZE), shape(2 * SIZE));
        let (once, twice) = (allocated(&small), allocated(&large));
        // What is as cheap as ordinary mail may step: a table of names doubles.
        if twice as f64 > 2.5 * once as f64 && twice > 32 * large.len() {
            writeln!(wrong, "{name}: {once} bytes, and {twice} at twice the size").unwrap_or_default();
        }
        if twice > 600 * large.len() {
            writeln!(wrong, "{name}: {} bytes a byte", twice / large.len()).unwrap_or_default();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
