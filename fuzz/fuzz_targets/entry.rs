//! What a person types: understood or refused with a sentence; understood again it is the same, and it compiles.
#![no_main]

use libfuzzer_sys::fuzz_target;
use policy_core::entry::{Action, Channels, Effect, EntryId, Scope};
use policy_core::identity::Identity;
use policy_core::pattern::{PatternKind, compile_regex, glob_matches, understand};
use policy_core::snapshot::{Members, Rule, SegmentBuilder, Snapshot};

const KINDS: [Option<PatternKind>; 5] = [
    None,
    Some(PatternKind::Address),
    Some(PatternKind::Domain),
    Some(PatternKind::Words),
    Some(PatternKind::Regex),
];

fuzz_target!(|typed: &str| {
    for kind in KINDS {
        let understood = match understand(typed, kind, true) {
            Ok(understood) => understood,
            Err(_) => continue,
        };
        let pattern = understood.pattern;
        assert!(kind.is_none_or(|kind| kind == pattern.kind), "another kind than was asked for");
        // What is stored is understood the same way when it is read back.
        let again = understand(&pattern.typed, Some(pattern.kind), true).map(|again| again.pattern);
        assert!(again.as_ref() == Ok(&pattern), "read back it is another entry");
        let _ = pattern.xmpp_key();
        if pattern.kind == PatternKind::Regex {
            assert!(compile_regex(&pattern.key).is_ok(), "an accepted expression doesn't compile");
        }
        if let (PatternKind::Address, Some((labels, local))) = (pattern.kind, pattern.key.split_once('@')) {
            if pattern.is_glob() {
                glob_matches(local, local);
            } else {
                // The entry matches itself in traffic.
                let domain: Vec<&str> =
                    if labels.starts_with('[') { vec![labels] } else { labels.rsplit('.').collect() };
                let quoted = local.replace('\\', "\\\\").replace('"', "\\\"");
                let identity = Identity::from_mail(&format!("\"{quoted}\""), &domain.join("."));
                let key = identity.as_ref().map(Identity::key);
                assert!(key == Ok(pattern.key.as_str()), "{:?} is {key:?} in traffic", pattern.key);
            }
        }
        let rule = Rule {
            entry: EntryId::from_number(1).unwrap_or_else(|| unreachable!("1 is below the limit")),
            scope: Scope::Household,
            effect: Effect::Block,
            action: Action::Drop,
            channels: Channels::All,
            until: None,
            by_owner: true,
            by_client: false,
        };
        let mut entries = SegmentBuilder::new();
        assert!(entries.push(&pattern, rule).is_ok(), "an accepted entry doesn't compile");
        assert!(
            Snapshot::compile(1, entries, Members::default()).is_ok(),
            "an accepted entry doesn't compile"
        );
    }
});
