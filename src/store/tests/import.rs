//! Importing piece by piece: others change the lists meanwhile.

use super::*;

fn domain(number: u64) -> String {
    format!("n{number}.example")
}

/// A list of so many domains, during which something happens at some of its lines.
fn import_during(
    store: &Store,
    replace: bool,
    lines: u64,
    mut at_line: impl FnMut(u64),
) -> Result<ImportReport, ListsError> {
    let mut items = (1..=lines).map(|line| {
        at_line(line);
        Ok(ImportItem { line, entry: Ok(NewEntry { source: Source::Import, ..new(&domain(line)) }) })
    });
    store.import(Actor::Admin, Scope::Household, replace, &mut items)
}

fn only(store: &Store, value: &str) -> Entry {
    let pattern = understand(value, None, true).unwrap().pattern;
    let mut found = store.find(Actor::Admin, Scope::Household, &pattern).unwrap();
    assert_eq!(found.len(), 1, "{value}");
    found.remove(0)
}

/// Whether a snapshot of what is stored, made anew, is the one in force.
fn in_force_as_stored(folder: &TempDir, store: &Store, values: impl IntoIterator<Item = String>) {
    let beside = Store::open_beside(folder.path(), Delimiters::Plus).unwrap().unwrap();
    for value in values {
        assert_eq!(in_force(store, &value), in_force(&beside, &value), "{value}");
    }
    assert_eq!(store.snapshot().load().revision(), store.status().unwrap().revision);
}

/// Each edit returns, and is in force, while lines are still to come; at the end, all of them hold.
#[test]
fn an_edit_in_the_middle_of_an_import_is_in_force_at_once_and_stays_so() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let before = add(&store, "before.example");
    let report = import_during(&store, false, 9_000, |line| match line {
        6_500 => {
            counts_are_right(&store);
            add(&store, "mallory@edit.example");
            assert!(in_force(&store, "mallory@edit.example"));
            store.remove(Actor::Admin, &[before]).unwrap();
            assert!(!in_force(&store, "x@before.example"));
            // What came with the import, long ago or just now.
            for number in [1, 3_900] {
                store.set_enabled(Actor::Admin, &[only(&store, &domain(number)).id], false).unwrap();
                store.remove(Actor::Admin, &[only(&store, &domain(number + 1)).id]).unwrap();
                let edited = only(&store, &domain(number + 2));
                let to = new(&format!("other{number}.example"));
                store.edit(Actor::Admin, edited.id, None, to).unwrap();
                assert!(in_force(&store, &format!("x@other{number}.example")));
            }
            counts_are_right(&store);
        }
        9_000 => assert!(in_force(&store, "mallory@edit.example") && !in_force(&store, "x@before.example")),
        _ => {}
    });
    assert_eq!(report.unwrap().added, 9_000);
    counts_are_right(&store);
    for (value, expected) in [
        ("mallory@edit.example", true),
        ("x@before.example", false),
        ("x@n1.example", false),
        ("x@n2.example", false),
        ("x@n3.example", false),
        ("x@other1.example", true),
        ("x@n4.example", true),
        ("x@n3900.example", false),
        ("x@n3901.example", false),
        ("x@n3902.example", false),
        ("x@other3900.example", true),
        ("x@n9000.example", true),
    ] {
        assert_eq!(in_force(&store, value), expected, "{value}");
    }
    in_force_as_stored(&folder, &store, (1..=9_000).map(|number| format!("x@{}", domain(number))));
}

/// What is edited while all is compiled at the end, as fast as it can be:
///
/// ```text
/// this thread:    import of 20,000     editing threads: add, edit, switch off and on, remove, members
/// ```
#[test]
fn no_edit_is_lost_while_an_import_is_put_in_force() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let editors: Vec<_> = (0..2)
            .map(|who| {
                let (store, stop) = (&store, &stop);
                scope.spawn(move || {
                    let mut round = 0u64;
                    while !stop.load(Ordering::Relaxed) {
                        let name = |what: &str| format!("{what}{who}-{round}.example");
                        let ids = ["stays", "goes", "rests", "was"].map(|what| add(store, &name(what)));
                        store.remove(Actor::Admin, &[ids[1]]).unwrap();
                        store.set_enabled(Actor::Admin, &[ids[2]], false).unwrap();
                        store.edit(Actor::Admin, ids[3], None, new(&name("is"))).unwrap();
                        store.edit(Actor::Admin, ids[3], None, new(&name("was"))).unwrap();
                        if who == 0 && round.is_multiple_of(20) {
                            store.add_member(&format!("m{round}"), &[]).unwrap();
                        }
                        round += 1;
                    }
                    round
                })
            })
            .collect();
        import_during(&store, false, 20_000, |_| {}).unwrap();
        stop.store(true, Ordering::Relaxed);
        for (who, editor) in editors.into_iter().enumerate() {
            let rounds = editor.join().unwrap();
            assert!(rounds > 0);
            for round in 0..rounds {
                for (what, expected) in
                    [("stays", true), ("goes", false), ("rests", false), ("is", false), ("was", true)]
                {
                    let from = format!("x@{what}{who}-{round}.example");
                    assert_eq!(in_force(&store, &from), expected, "{from} of {rounds}");
                }
            }
        }
    });
    counts_are_right(&store);
    in_force_as_stored(&folder, &store, (1..=20_000).map(|number| format!("x@{}", domain(number))));
}

#[test]
fn while_a_list_is_replaced_the_old_one_is_in_force_until_the_new_one_is() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let old: Vec<String> = (0..4_000).map(|number| format!("old{number}.example")).collect();
    import(&store, false, old.iter().cloned());
    let is_old = |store: &Store| old.iter().all(|domain| in_force(store, &format!("x@{domain}")));
    let report = import_during(&store, true, 5_000, |line| {
        if line.is_multiple_of(900) {
            assert!(is_old(&store), "{line}");
        }
        if line == 4_500 {
            // Nobody meant these when the file was written.
            add(&store, "meanwhile.example");
            let old = only(&store, "old7.example");
            store
                .edit(Actor::Admin, old.id, None, NewEntry { note: "mine".to_owned(), ..new("old7.example") })
                .unwrap();
        }
    })
    .unwrap();
    assert_eq!((report.added, report.removed, report.stopped), (5_000, 3_999, None));
    counts_are_right(&store);
    let kept = ["x@meanwhile.example", "x@old7.example", "x@n1.example", "x@n5000.example"];
    assert!(kept.iter().all(|from| in_force(&store, from)));
    assert!(!in_force(&store, "x@old8.example") && !in_force(&store, "x@old3999.example"));
    assert_eq!(store.status().unwrap().entries, 5_002);
}

/// Of a list that is cut off, what is in stays; of the list that it replaces, nothing is gone; the whole one finishes it.
#[test]
fn an_import_that_ends_early_says_so_keeps_what_is_in_and_goes_on_when_it_is_run_again() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    import(&store, false, ["old.example".to_owned()]);
    let lines = |count: u64| (1..=count).map(|line| Ok(ImportItem { line, entry: Ok(new(&domain(line))) }));
    let broken = || Err(ListsError::Store(Sentence::of("import-broke-off")));
    let mut short = lines(900).chain(std::iter::once_with(broken));
    assert!(store.import(Actor::Admin, Scope::Household, true, &mut short).is_err());
    assert_eq!(store.status().unwrap().entries, 1, "what fits into one piece is all in or not at all");
    let mut cut = lines(4_200).chain(std::iter::once_with(broken));
    let report = store.import(Actor::Admin, Scope::Household, true, &mut cut).unwrap();
    assert_eq!(report.stopped.unwrap().id, "import-broke-off");
    assert_eq!((report.added, report.removed), (4_000, 0));
    assert!(in_force(&store, "x@old.example") && in_force(&store, "x@n1.example"));
    assert!(in_force(&store, "x@n4000.example") && !in_force(&store, "x@n4001.example"));
    counts_are_right(&store);
    let report = import_during(&store, true, 5_000, |_| {}).unwrap();
    assert_eq!((report.added, report.already_there, report.removed), (1_000, 4_000, 1));
    assert!(!in_force(&store, "x@old.example") && in_force(&store, "x@n5000.example"));
    counts_are_right(&store);
}

/// What is there already, of the last lines, too, is no part of what goes, however many pieces that takes.
#[test]
fn a_replaced_list_keeps_all_that_the_new_one_has() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let kept: Vec<String> = (0..2_500).map(|number| format!("kept{number}.example")).collect();
    for lines in [10, 1_000, 1_001, 2_000, 2_500] {
        let old = (0..2_500).map(|number| format!("old{number}.example"));
        import(&store, false, old.chain(kept.iter().rev().cloned()));
        let report = import(&store, true, kept.iter().take(lines).cloned());
        assert_eq!((report.added, report.already_there), (0, lines as u64));
        assert_eq!(store.status().unwrap().entries, lines as u64);
    }
}

#[test]
fn a_list_with_refused_lines_replaces_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let old = ["mallory@old.example".to_owned(), "old.example".to_owned()];
    import(&store, false, old.clone());
    for many in [1, 3_000] {
        let bad = ImportItem { line: 1, entry: Err(Sentence::of("line-encoding")) };
        let rest = (2..many + 2).map(|line| Ok(ImportItem { line, entry: Ok(new(&domain(line))) }));
        let mut items = std::iter::once(Ok(bad)).chain(rest);
        let report = store.import(Actor::Admin, Scope::Household, true, &mut items).unwrap();
        assert_eq!((report.removed, report.refused_count), (0, 1));
        assert!(in_force(&store, "mallory@old.example") && in_force(&store, "x@n2.example"));
    }
    assert_eq!(import(&store, true, old).removed, 3_000);
}

/// The 201st regular expression ends it, and is in no piece that is stored: the next start must be possible.
#[test]
fn what_can_not_be_compiled_ends_an_import_and_is_not_stored() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let regex = |number: u64| NewEntry {
        pattern: understand(&format!("sale{number} [0-9]+"), Some(PatternKind::Regex), true).unwrap().pattern,
        ..new("x.example")
    };
    let entry = |line: u64| if line > 4_000 { regex(line) } else { new(&domain(line)) };
    let mut items = (1..=4_201).map(|line| Ok(ImportItem { line, entry: Ok(entry(line)) }));
    let report = store.import(Actor::Admin, Scope::Household, false, &mut items).unwrap();
    assert_eq!((report.added, report.stopped.unwrap().id.as_str()), (4_000, "compile-regexes"));
    counts_are_right(&store);
    drop(store);
    let store = open(&folder);
    assert!(in_force(&store, "x@n4000.example"));
    counts_are_right(&store);
}

#[test]
fn a_large_import_is_taken_back_also_where_its_entries_were_edited_meanwhile() {
    use policy_core::undo::Undo;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    add(&store, "mine.example");
    let report = import_during(&store, false, 6_000, |line| {
        if line == 5_500 {
            store.remove(Actor::Admin, &[only(&store, "n1.example").id]).unwrap();
            store.set_enabled(Actor::Admin, &[only(&store, "n2500.example").id], false).unwrap();
            add(&store, "meanwhile.example");
        }
    });
    Undo::Import(report.unwrap().imported.unwrap()).carry_out(&store, Actor::Admin).unwrap();
    assert_eq!(store.status().unwrap().entries, 2);
    assert!(in_force(&store, "x@mine.example") && in_force(&store, "x@meanwhile.example"));
    assert!((1..=6_000).all(|number| !in_force(&store, &format!("x@{}", domain(number)))));
    counts_are_right(&store);
}

/// There may be 200 in all, and 300 are in the two lists.
#[test]
fn a_large_list_s_regular_expressions_make_room_for_those_of_the_list_that_replaces_it() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let regex = |list: &str, number: u64| {
        let typed = format!("{list}{number} [0-9]+");
        let pattern = understand(&typed, Some(PatternKind::Regex), true).unwrap().pattern;
        NewEntry { pattern, ..new("x.example") }
    };
    for list in ["old", "new"] {
        let entry = |line: u64| match line {
            1_000..1_150 => regex(list, line),
            _ => new(&format!("{list}{line}.example")),
        };
        let mut items = (1..=4_000).map(|line| Ok(ImportItem { line, entry: Ok(entry(line)) }));
        let report = store.import(Actor::Admin, Scope::Household, true, &mut items).unwrap();
        assert_eq!((report.added, report.stopped), (4_000, None), "{list}");
    }
    assert_eq!(store.status().unwrap().entries, 4_000);
    assert!(in_force(&store, "x@new4000.example") && !in_force(&store, "x@old1.example"));
    counts_are_right(&store);
}
