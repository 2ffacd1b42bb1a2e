//! Importing a file, piece by piece: between two of them the transaction ends if somebody waits with an edit, who then has their
//! turn.
//!
//! Lines don't depend on each other, and one that is in already changes nothing: an import that ends half-way goes on when it is
//! run again. A list that replaces another is added before the rest of that one is removed, so that at no moment less is in
//! force than one of them.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use policy_core::entry::{AddedBy, Entry, EntryId, Scope, Source};
use policy_core::lists::{
    Actor, Added, Change, ImportItem, ImportReport, Imported, ListsError, NewEntry, Refused,
};
use policy_core::pattern::PatternKind;
use policy_core::sentence::{Gap, Sentence};
use policy_core::snapshot::REGEX_COUNT;
use rusqlite::{Connection, Transaction, params};

use super::change::{Changes, KEPT};
use super::codes::{Code, scope_code};
use super::count::Group;
use super::rows::{COLUMNS, entry};
use super::{InForce, Store, compile, failed, guard, query, still_open};

/// Lines, or entries to be removed, in one transaction if somebody waits for its end: some 50 to 100 ms. What is no longer than
/// this is imported as a whole or not at all.
const PIECE: usize = 1_000;
/// Pieces in one transaction while nobody waits. Each writes most pages again that the one before has written, and a card wears
/// out by it; but what isn't on the disk yet, an edit waits for.
const TOGETHER: usize = 50;

/// A transaction waits so long for the next piece.
const PATIENCE: Duration = Duration::from_millis(100);

type Line = (u64, NewEntry);
/// Items that were read together, and whether they are the last.
type Read = Result<(Vec<ImportItem>, bool), ListsError>;
type Pieces = Receiver<Read>;

pub(super) fn carry_out(
    store: &Store,
    actor: Actor,
    scope: Scope,
    replace: bool,
    items: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>,
) -> Result<ImportReport, ListsError> {
    let _one_at_a_time = guard(&store.importing);
    let mut import = Import::new(store, actor, scope, replace)?;
    let (send, pieces) = mpsc::sync_channel(1);
    // Whoever writes the file or sends it keeps nobody else waiting.
    let taken_in = thread::scope(|scope| {
        let import = &mut import;
        let at_work = scope.spawn(move || import.take_in(&pieces));
        read(items, send);
        at_work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let Import { mut report, beside, is_begun, kept, .. } = import;
    // Compiling takes more memory.
    drop(kept);
    // Whatever ended it: what is stored has to be in force.
    let in_force = beside.map_or(Ok(()), |connection| store.compile_beside(connection));
    report.refused.sort_by_key(|refused| refused.line);
    match taken_in.and(in_force) {
        Err(error) if is_begun => report.stopped = Some(error.sentence()),
        done => done?,
    }
    Ok(report)
}

/// Reads all items and sends them on, as long as somebody takes them.
fn read(items: &mut dyn Iterator<Item = Result<ImportItem, ListsError>>, send: SyncSender<Read>) {
    let mut items = items.fuse().peekable();
    loop {
        let piece: Result<Vec<_>, _> = items.by_ref().take(PIECE).collect();
        let is_last = piece.is_err() || items.peek().is_none();
        if send.send(piece.map(|piece| (piece, is_last))).is_err() || is_last {
            return;
        }
    }
}

struct Import<'s> {
    store: &'s Store,
    actor: Actor,
    scope: Scope,
    replace: bool,
    /// The number of the last change before it: what was changed later, by others, is not the list that it replaces.
    began: u64,
    report: ImportReport,
    is_begun: bool,
    /// What the file has and was there exactly so, if it replaces the list; what it changed, it changed after it began.
    kept: Vec<EntryId>,
    /// How much it has put in force at once.
    at_once: usize,
    /// By what all is compiled at the end, once that takes less than putting each piece in force.
    beside: Option<Connection>,
    /// Words and regular expressions meanwhile: they are compiled before they are stored, many together.
    texts: Vec<Line>,
    /// Regular expressions of a list that replaces another: there may be few in all, so these come as the others go.
    regexes: Vec<Line>,
}

impl<'s> Import<'s> {
    fn new(store: &'s Store, actor: Actor, scope: Scope, replace: bool) -> Result<Self, ListsError> {
        let began = compile::revision(&*store.writer.take()?)?;
        let report = ImportReport { imported: (!replace).then(Imported::default), ..Default::default() };
        Ok(Self {
            store,
            actor,
            scope,
            replace,
            began,
            report,
            is_begun: false,
            kept: Vec::new(),
            at_once: 0,
            beside: None,
            texts: Vec::new(),
            regexes: Vec::new(),
        })
    }

    fn take_in(&mut self, pieces: &Pieces) -> Result<(), ListsError> {
        loop {
            let (items, is_last) = pieces.recv().unwrap_or_else(|_| Ok((Vec::new(), true)))?;
            let mut lines = self.lines(items);
            if self.texts.len() >= PIECE || is_last {
                let texts = std::mem::take(&mut self.texts);
                self.commit(texts.len(), |import, changes, piece| import.write(changes, piece, texts))?;
            }
            if !is_last {
                self.write_on(lines, pieces)?;
                continue;
            }
            if !self.replace {
                return self
                    .commit(lines.len(), |import, changes, piece| import.write(changes, piece, lines));
            }
            // A short list is replaced in one go.
            let mut others = Some(self.others());
            lines.append(&mut self.regexes);
            while let Some(rest) = others {
                self.kept.sort_unstable();
                let lines = std::mem::take(&mut lines);
                others = self.commit(lines.len() + PIECE, |import, changes, piece| {
                    import.write(changes, piece, lines)?;
                    import.remove_on(changes, piece, rest)
                })?;
            }
            return Ok(());
        }
    }

    /// The lines that can be written at once.
    fn lines(&mut self, items: Vec<ImportItem>) -> Vec<Line> {
        let mut lines = Vec::with_capacity(items.len());
        for ImportItem { line, entry } in items {
            match entry {
                Ok(new) => {
                    let list = match new.pattern.kind {
                        PatternKind::Regex if self.replace && self.regexes.len() < REGEX_COUNT => {
                            &mut self.regexes
                        }
                        PatternKind::Words | PatternKind::Regex if self.beside.is_some() => &mut self.texts,
                        _ => &mut lines,
                    };
                    list.push((line, NewEntry { scope: self.scope, ..new }));
                }
                Err(reason) => refuse(&mut self.report, line, reason),
            }
        }
        lines
    }

    /// Carries out a transaction of so many changes at most, or of more that are in force with the rest.
    fn commit<T>(
        &mut self,
        most: usize,
        carry_out: impl FnOnce(&mut Self, &mut Changes<'_>, &mut Piece) -> Result<T, ListsError>,
    ) -> Result<T, ListsError> {
        let store = self.store;
        if self.beside.is_none() && self.at_once + most > KEPT {
            self.beside = Some(store.connection_beside()?);
        }
        let in_force = if self.beside.is_some() { InForce::WithTheRest } else { InForce::AtOnce };
        let mut piece = Piece::default();
        let done = store.change_for(in_force, |changes| carry_out(self, changes, &mut piece))?;
        self.is_begun |= piece.changes() > 0;
        self.at_once += piece.changes();
        piece.join(self);
        Ok(done)
    }

    /// Whether a transaction may go on with the next piece.
    fn goes_on(&self) -> bool {
        self.beside.is_some() && self.texts.len() < PIECE && !self.store.writer.is_awaited()
    }

    /// Writes a piece, and those that follow it as long as nobody waits.
    fn write_on(&mut self, mut lines: Vec<Line>, pieces: &Pieces) -> Result<(), ListsError> {
        let mut broken = Ok(());
        self.commit(lines.len(), |import, changes, piece| {
            for _ in 0..TOGETHER {
                import.write(changes, piece, std::mem::take(&mut lines))?;
                if !import.goes_on() {
                    break;
                }
                match pieces.recv_timeout(PATIENCE) {
                    Ok(Ok((items, _))) => lines = import.lines(items),
                    Ok(Err(error)) => {
                        // What was read before is in.
                        broken = Err(error);
                        break;
                    }
                    Err(_) => break,
                }
            }
            import.write(changes, piece, lines)
        })?;
        broken
    }

    fn write(
        &self,
        changes: &mut Changes<'_>,
        piece: &mut Piece,
        lines: Vec<Line>,
    ) -> Result<(), ListsError> {
        lines.into_iter().try_for_each(|(line, new)| piece.take_in(self, changes, line, new))
    }

    /// Removes some of the others, and more as long as nobody waits. Returns what is left of them.
    fn remove_on(
        &self,
        changes: &mut Changes<'_>,
        piece: &mut Piece,
        others: Others,
    ) -> Result<Option<Others>, ListsError> {
        let parts = [&self.report, &piece.report];
        let refused: u64 = parts.iter().map(|part| part.refused_count).sum();
        if refused > 0 && parts.iter().all(|part| part.added + part.already_there == 0) {
            let first = parts.iter().flat_map(|part| &part.refused).min_by_key(|refused| refused.line);
            let problem = first.map_or_else(|| Gap::from(""), |refused| refused.reason.clone().into());
            let none = Sentence::of("import-none-understood").with("count", refused);
            return Err(ListsError::Refused(none.with("problem", problem)));
        }
        if refused > 0 {
            // They may mean what would be removed.
            return Ok(None);
        }
        piece.kept.sort_unstable();
        let mut others = Some(others);
        for _ in 0..TOGETHER {
            let Some(rest) = others else { break };
            others = self.remove(changes, rest, piece)?;
            if !self.goes_on() {
                break;
            }
        }
        Ok(others)
    }

    /// The scope's manual and imported entries that the actor may change.
    fn others(&self) -> Others {
        let for_member = self.actor == Actor::Admin && self.scope != Scope::Household;
        let source = [Source::Manual, Source::Import].map(Code::code);
        let is_other = |group: &&Group| {
            group.scope == scope_code(self.scope)
                && (group.added_by == AddedBy::Admin.code()) == for_member
                && source.contains(&group.source)
        };
        let mut groups: Vec<Group> =
            guard(&self.store.counts).groups.keys().filter(is_other).copied().collect();
        groups.sort_by_key(|group| group.kind == PatternKind::Regex.code());
        Others { groups, behind: 0 }
    }

    /// Removes some of those that the file doesn't have, without tombstones: what undoes a replaced list is the list that it
    /// replaced.
    fn remove(
        &self,
        changes: &mut Changes<'_>,
        mut others: Others,
        piece: &mut Piece,
    ) -> Result<Option<Others>, ListsError> {
        let mut room = PIECE;
        while let Some(group) = others.groups.last() {
            let some = self.some_of(changes.transaction, group, others.behind, room)?;
            others.behind = some.last().map_or(0, |(_, seq)| *seq);
            if some.len() < room {
                others.groups.pop();
                others.behind = 0;
            }
            room -= some.len();
            for (there, _) in some {
                if [&self.kept, &piece.kept].iter().any(|kept| kept.binary_search(&there.id).is_ok()) {
                    continue;
                }
                changes
                    .transaction
                    .prepare_cached("DELETE FROM entry WHERE id = ?1")
                    .and_then(|mut statement| statement.execute([there.id.number()]))
                    .map_err(failed)?;
                changes.counts.add(Group::of(&there), -1);
                changes.keep_gone(there);
                piece.report.removed += 1;
            }
            if room == 0 {
                break;
            }
        }
        if piece.report.removed > 0 {
            changes.next_revision()?;
        }
        still_open(changes.transaction)?;
        Ok(Some(others).filter(|others| !others.groups.is_empty()))
    }

    /// Entries of a group in the order of their last change, each with its number.
    fn some_of(
        &self,
        transaction: &Transaction<'_>,
        group: &Group,
        behind: i64,
        most: usize,
    ) -> Result<Vec<(Entry, i64)>, ListsError> {
        let sql = format!(
            "SELECT {COLUMNS}, change_seq FROM entry INDEXED BY entry_page WHERE scope_id = ?1 AND effect = ?2 AND kind = ?3 \
             AND source = ?4 AND change_seq > ?5 AND change_seq <= ?6 AND added_by = ?7 AND hidden <= ?8 \
             ORDER BY change_seq LIMIT ?9"
        );
        let bounds = params![
            group.scope,
            group.effect,
            group.kind,
            group.source,
            behind,
            self.began.cast_signed(),
            group.added_by,
            query::most_hidden(self.actor),
            most as i64
        ];
        transaction
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement.query_map(bounds, |row| Ok((entry(row)?, row.get(14)?)))?.collect()
            })
            .map_err(failed)
    }
}

/// What may have to be removed, and how far that is. The last group comes first.
struct Others {
    groups: Vec<Group>,
    /// The change behind which the last group goes on.
    behind: i64,
}

/// What one piece did, until it is committed.
#[derive(Default)]
struct Piece {
    report: ImportReport,
    imported: Imported,
    kept: Vec<EntryId>,
}

impl Piece {
    fn take_in(
        &mut self,
        import: &Import<'_>,
        changes: &mut Changes<'_>,
        line: u64,
        new: NewEntry,
    ) -> Result<(), ListsError> {
        let Added { entry, change, .. } = match changes.import(import.actor, new, import.replace) {
            Ok(added) => added,
            // The line is at fault; anything else is ours and ends the import.
            Err(ListsError::Refused(reason)) => {
                refuse(&mut self.report, line, reason);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let there = u64::from(change != Change::Added);
        self.report.added += 1 - there;
        self.report.already_there += there;
        self.report.changed += u64::from(change == Change::Updated);
        let rests = !entry.enabled || entry.until.is_some_and(|until| until < changes.today);
        self.report.resting += if rests { there } else { 0 };
        match change {
            Change::Added => self.imported.added.push(entry.id),
            Change::Updated => self.imported.before.extend(changes.before.take()),
            Change::AlreadyThere if import.replace => self.kept.push(entry.id),
            Change::AlreadyThere => {}
        }
        Ok(())
    }

    fn changes(&self) -> usize {
        self.imported.added.len() + self.imported.before.len() + self.report.removed as usize
    }

    fn join(self, import: &mut Import<'_>) {
        let Self { report: part, imported, kept } = self;
        let report = &mut import.report;
        report.added += part.added;
        report.already_there += part.already_there;
        report.changed += part.changed;
        report.resting += part.resting;
        report.removed += part.removed;
        report.refused_count += part.refused_count;
        let room = ImportReport::REFUSED_SHOWN.saturating_sub(report.refused.len());
        report.refused.extend(part.refused.into_iter().take(room));
        if let Some(all) = &mut report.imported {
            all.added.extend(imported.added);
            all.before.extend(imported.before);
            if all.added.len() > Imported::MOST_ADDED || all.before.len() > Imported::MOST_CHANGED {
                report.imported = None;
            }
        }
        import.kept.extend(kept);
    }
}

fn refuse(report: &mut ImportReport, line: u64, reason: Sentence) {
    report.refused_count += 1;
    if report.refused.len() < ImportReport::REFUSED_SHOWN {
        report.refused.push(Refused { line, reason });
    }
}
