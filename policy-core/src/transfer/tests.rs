use std::io::Cursor;

use jiff::civil::Date;
use proptest::prelude::*;

use super::{Format, Item, Only, Record, Writer, lines, read};
use crate::entry::{Action, AddedBy, Effect, Entry, EntryId};
use crate::lists::{ImportItem, NewEntry};
use crate::pattern::PatternKind;

const TODAY: Date = Date::constant(2026, 11, 28);

/// Each item's line and value, or line and reason.
fn items(text: &str, format: Format) -> Vec<Result<String, String>> {
    let said = |item: Item| match item {
        Ok(ImportItem { entry: Ok(new), .. }) => Ok(new.pattern.typed),
        Ok(ImportItem { line, entry: Err(why) }) => Err(format!("{line}: {}", why.id)),
        Err(error) => Err(error.sentence().id),
    };
    read(Box::new(Cursor::new(text.to_owned())), format, TODAY).map(said).collect()
}

/// Whoever did what is said of another such line would block whom they want to allow.
#[test]
fn a_line_that_allows_a_domain_in_another_way_hears_how_to_allow_it() {
    for line in ["allow example.org", "ALLOW example.org"] {
        assert_eq!(items(line, Format::Lines), [Err("1: line-allows-domain".to_owned())], "{line}");
    }
    let read = read(Box::new(Cursor::new("allow domain: example.org")), Format::Lines, TODAY);
    let effects: Vec<_> = read.map(|item| item.unwrap().entry.unwrap().effect).collect();
    assert_eq!(effects, [Effect::Allow]);
}

#[test]
fn lines_that_may_mean_a_domain_or_an_address_do_not_pass_for_words() {
    for line in [
        "example.org [off]",
        "REJECT example.org",
        "0.0.0.0 ads.example.org",
        "||example.org^",
        "example.org # since May",
        "bad..example.org",
        "please write to shop.example.org today",
    ] {
        assert_eq!(items(line, Format::Lines), [Err("1: line-holds-domain".to_owned())], "{line}");
        let object = serde_json::json!({ "value": line }).to_string();
        assert_eq!(items(&object, Format::Json), [Err("1: line-holds-domain".to_owned())], "{line}");
    }
    assert_eq!(items("mallory@evilhost", Format::Lines), [Err("1: line-not-an-address".to_owned())]);
    for words in [
        "good words",
        "3.14 of it",
        "what... is it",
        "words: shop.example.org",
        "buy now!!!",
        "e-mail",
        "first.Then some more",
    ] {
        let value = words.trim_start_matches("words: ").to_owned();
        assert_eq!(items(words, Format::Lines), [Ok(value)]);
    }
}

#[test]
fn an_element_that_is_no_entry_takes_no_other_one_along() {
    let element = |line: u64| Err(format!("{line}: json-element"));
    let list = "[\"a@b.example\",\n{\"value\":\"c@d.example\"},\n5, null,\n[{\"value\":\"x\"}], \"words [x], {y}\"\n]";
    let ok = |value: &str| Ok(value.to_owned());
    let wanted =
        [ok("a@b.example"), ok("c@d.example"), element(3), element(3), element(4), ok("words [x], {y}")];
    assert_eq!(items(list, Format::Json), wanted);
    assert_eq!(
        items("[\"a@b.example\" \"c\"]", Format::Json),
        [ok("a@b.example"), Err("json-not".to_owned())]
    );
    assert_eq!(items("[\"a@b.example", Format::Json), [Err("json-object-open".to_owned())]);
    assert_eq!(items("[1,", Format::Json), [element(1), Err("json-array-open".to_owned())]);
}

/// A day that is over may be a slip of whoever wrote the line; what was listed and has ended is exported, and read again.
#[test]
fn an_entry_whose_day_is_over_is_refused_unless_it_is_said_to_have_ended() {
    let refused = || [Err("1: line-ended".to_owned())];
    assert_eq!(items("domain: a.example [until 2026-11-27]", Format::Lines), refused());
    assert_eq!(items(r#"{"value":"a.example","until":"2026-11-27"}"#, Format::Json), refused());
    assert_eq!(items("value,until\na.example,2026-11-27\n", Format::Csv), [Err("2: line-ended".to_owned())]);
    assert_eq!(items("domain: a.example [until 2026-11-28]", Format::Lines), [Ok("a.example".to_owned())]);
    for until in [None, Some("2026-11-27"), Some("2026-11-28"), Some("2001-01-01")] {
        let line = until
            .map_or_else(|| "domain: a.example".to_owned(), |day| format!("domain: a.example [ended {day}]"));
        let new = |text: &str, format| {
            let mut read: Vec<Item> = read(Box::new(Cursor::new(text.to_owned())), format, TODAY).collect();
            read.remove(0).unwrap().entry.unwrap()
        };
        let entry = new(&line, Format::Lines);
        assert_eq!(entry.until.map(|until| until.to_string()).as_deref(), until);
        for format in [Format::Lines, Format::Csv, Format::Json] {
            let mut file = Vec::new();
            let mut writer = Writer::new(&mut file, format, TODAY);
            writer.entry(&listed(&entry)).unwrap();
            writer.finish().unwrap();
            assert_eq!(new(&String::from_utf8(file).unwrap(), format), entry, "{format:?}");
        }
    }
}

fn listed(new: &NewEntry) -> Entry {
    let NewEntry { pattern, effect, scope, channels, action, note, source, until, enabled } = new.clone();
    let id = EntryId::from_number(1).unwrap();
    let (added_by, created) = (AddedBy::Owner, TODAY);
    Entry { id, pattern, effect, scope, channels, action, note, source, added_by, created, until, enabled }
}

fn records() -> impl Strategy<Value = Record> {
    let text = || {
        prop_oneof![
            "[a-z#\\[\\]: .@\"\\n\\r\\t\\u{feff}{}]{1,24}",
            Just("line\nbreak".to_owned()),
            Just("json: {\"value\":\"x\"}".to_owned()),
            Just("a  # b".to_owned()),
        ]
    };
    let kind = prop_oneof![Just(PatternKind::Words), Just(PatternKind::Regex)];
    (text(), prop_oneof![Just(String::new()), text()], kind, any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(value, note, kind, allow, refuse, enabled)| Record {
            kind: Some(kind),
            value: value.trim().to_owned(),
            effect: if allow { Effect::Allow } else { Effect::Block },
            note,
            only: if refuse { Only::Mail } else { Only::All },
            action: if refuse { Action::Refuse } else { Action::Drop },
            until: None,
            ended: None,
            enabled,
            confirmed: false,
        })
}

proptest! {
    #[test]
    fn what_is_exported_as_lines_is_the_same_when_it_is_imported(record in records()) {
        let wanted = record.clone().into_entry(TODAY);
        prop_assume!(wanted.is_ok());
        let mut line = Vec::new();
        lines::write(&mut line, &record).unwrap();
        let all: Vec<_> = read(Box::new(Cursor::new(line.clone())), Format::Lines, TODAY).collect();
        prop_assert_eq!(all.len(), 1, "{}", String::from_utf8_lossy(&line));
        let Ok(ImportItem { entry, .. }) = &all[0] else { panic!() };
        prop_assert_eq!(entry, &wanted);
    }
}
