//! What a compiled list keeps in memory, and what it takes for a moment to make it.
//!
//! Told by what is allocated, not by the clock or by what the system counts.

#![allow(clippy::unwrap_used, reason = "tests may fail loudly, their helpers too")]

use std::alloc::System;

use cap::Cap;
use policy_core::entry::{Action, Channels, Effect, EntryId, Scope};
use policy_core::pattern::{Pattern, PatternKind};
use policy_core::snapshot::{Delimiters, Members, Rule, SegmentBuilder, Snapshot};

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

const ADDRESSES: u32 = 50_000;
const PHRASES: u32 = 5_000;

fn push(builder: &mut SegmentBuilder, number: u32, kind: PatternKind, key: String) {
    let rule = Rule {
        entry: EntryId::from_number(number).unwrap(),
        scope: Scope::Household,
        effect: Effect::Block,
        action: Action::Drop,
        channels: Channels::All,
        until: None,
        by_owner: true,
        by_client: false,
    };
    builder.push(&Pattern { kind, typed: String::new(), key }, rule).unwrap();
}

// The only test of this file: others beside it would be counted, too.
#[test]
fn a_compiled_list_takes_little_memory_and_not_much_more_while_it_is_made() {
    let people = Members::new(&[], Delimiters::Plus);
    let before = MEMORY.allocated();
    let mut builder = SegmentBuilder::new();
    for number in 0..PHRASES {
        let key = format!("{} phrase {number}", number.wrapping_mul(2_654_435_761));
        push(&mut builder, number, PatternKind::Words, key);
    }
    builder.compile_texts().unwrap();
    let (phrases, at_most) = (MEMORY.allocated() - before, MEMORY.max_allocated() - before);
    for number in 0..ADDRESSES {
        let key = format!("example.d{number:06}@somebody");
        push(&mut builder, PHRASES + number, PatternKind::Address, key);
    }
    let snapshot = Snapshot::compile(1, builder, people).unwrap();
    let addresses = MEMORY.allocated() - before - phrases;
    let a_phrase = |bytes: usize| bytes / PHRASES as usize;
    assert!(a_phrase(phrases) < 1_500, "{} bytes a phrase", a_phrase(phrases));
    assert!(a_phrase(at_most) < 2_600, "{} bytes a phrase for a moment", a_phrase(at_most));
    // They lie in pages of their own, which go back to the system at once, unless those are too large for that.
    if rustix::param::page_size() <= 16 << 10 {
        assert!(addresses < snapshot.identity_bytes() / 8, "{addresses} bytes of addresses");
    }
}
