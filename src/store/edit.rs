//! Giving an entry another pattern or other settings.

use policy_core::entry::{Entry, EntryId, Source};
use policy_core::lists::{Actor, Edited, ListsError, NewEntry};
use policy_core::pattern::NORM_VERSION;
use policy_core::sentence::Sentence;
use rusqlite::params;

use super::change::Changes;
use super::codes::{Code, day};
use super::count::Group;
use super::{failed, query, still_open};

impl Changes<'_> {
    /// Edits an entry, unless it was changed after its revision `seen`.
    pub(super) fn edit(
        &mut self,
        actor: Actor,
        id: EntryId,
        seen: Option<u64>,
        new: NewEntry,
    ) -> Result<Edited, ListsError> {
        still_open(self.transaction)?;
        let before = self.changeable(actor, id)?;
        let revision = query::one(self.transaction, actor, id)?.revision;
        if seen.is_some_and(|seen| seen != revision) {
            return Err(ListsError::ChangedMeanwhile(id));
        }
        let new = NewEntry { scope: before.scope, effect: before.effect, ..new };
        let added_by = self.check(actor, &new)?;
        let same_pattern = before.pattern.kind == new.pattern.kind && before.pattern.key == new.pattern.key;
        if (!same_pattern || added_by != before.added_by)
            && let Some(other) = self.existing(actor, &new, added_by)?.filter(|other| other.id != id)
        {
            return Err(ListsError::Refused(
                Sentence::of("why-there-already")
                    .with("value", new.pattern.typed.as_str())
                    .with("id", other.id.to_string()),
            ));
        }
        let mut after = Entry {
            pattern: new.pattern,
            channels: new.channels,
            action: new.action,
            note: new.note,
            until: new.until,
            enabled: new.enabled,
            ..before.clone()
        };
        let only_noted = Entry { note: before.note.clone(), ..after.clone() } == before;
        // What a chat client or a list brought is a person's own once they have edited it, or the next synchronising
        // would take the edit back. A client knows nothing of notes.
        after.source = match before.source {
            Source::Client if only_noted => Source::Client,
            Source::Client | Source::List => Source::Manual,
            source => source,
        };
        if after == before {
            return Ok(Edited { after, before });
        }
        let revision = self.next_revision()?;
        self.transaction
            .prepare_cached(
                "UPDATE entry SET kind = ?2, typed = ?3, norm_key = ?4, norm_version = ?5, channels = ?6, action = ?7, \
                 note = ?8, until = ?9, enabled = ?10, source = ?11, list_id = iif(?11 = 5, list_id, NULL), \
                 change_seq = ?12 WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id.number(),
                    after.pattern.kind.code(),
                    after.pattern.typed,
                    after.pattern.key,
                    NORM_VERSION,
                    after.channels.code(),
                    after.action.code(),
                    after.note,
                    after.until.map(day),
                    after.enabled,
                    after.source.code(),
                    revision
                ])
            })
            .map_err(failed)?;
        self.make_own(actor, &mut after)?;
        if after.source != before.source {
            self.part_from_client(id)?;
        }
        self.counts.add(Group::of(&before), -1);
        self.counts.add(Group::of(&after), 1);
        if !same_pattern {
            self.keep_gone(before.clone());
        }
        self.keep_changed(after.clone());
        Ok(Edited { before, after })
    }
}
