//! Lists as files: what was read is written so that it is read again unchanged, in every format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use policy_core::entry::{AddedBy, Entry, EntryId};
use policy_core::lists::NewEntry;
use policy_core::transfer::{self, Format, Writer};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 28);
const FORMATS: [Format; 3] = [Format::Lines, Format::Csv, Format::Json];

fuzz_target!(|data: &[u8]| {
    for format in FORMATS {
        let mut entries = read(data, format);
        // A byte order mark before a value is the file's, not the value's.
        entries.retain(|entry| !entry.pattern.typed.starts_with('\u{feff}'));
        for target in FORMATS {
            let file = written(&entries, target);
            let again = read(&file, target);
            assert!(again == entries, "{format:?} written as {target:?} is read as something else");
        }
    }
});

fn read(data: &[u8], format: Format) -> Vec<NewEntry> {
    let mut entries = Vec::new();
    for item in transfer::read(Box::new(data), format, TODAY) {
        match item {
            Ok(item) => entries.extend(item.entry.ok()),
            Err(_) => break,
        }
    }
    entries
}

fn written(entries: &[NewEntry], format: Format) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = Writer::new(&mut file, format, TODAY);
    for new in entries {
        let entry = Entry {
            id: EntryId::from_number(1).unwrap_or_else(|| unreachable!("1 is below the limit")),
            pattern: new.pattern.clone(),
            effect: new.effect,
            scope: new.scope,
            channels: new.channels,
            action: new.action,
            note: new.note.clone(),
            source: new.source,
            added_by: AddedBy::Owner,
            created: jiff::civil::date(2026, 1, 1),
            until: new.until,
            enabled: new.enabled,
        };
        assert!(writer.entry(&entry).is_ok());
    }
    assert!(writer.finish().is_ok());
    file
}
