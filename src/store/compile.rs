//! From rows to the snapshot that the doors judge by.

use policy_core::entry::{AddedBy, Source};
use policy_core::lists::ListsError;
use policy_core::pattern::{Pattern, PatternKind};
use policy_core::snapshot::{CompileError, Delimiters, Members, Rule, SegmentBuilder, Snapshot};
use rusqlite::{Connection, Row, params};

use super::codes::{date_of, scope_from_code};
use super::count::{Counts, Group};
use super::rows::{code, entry_id, known};
use super::{failed, members};

const COLUMNS: &str = "SELECT id, scope_id, kind, norm_key, effect, channels, action, until, enabled, source, added_by FROM entry";
/// Words and regular expressions.
const TEXTS: &str =
    "INDEXED BY entry_page WHERE scope_id IN (SELECT id FROM scope) AND effect IN (0, 1) AND kind IN (2, 3)";
/// Addresses and domains: nothing but what the index holds, in its order.
const IDENTITIES: &str = "INDEXED BY entry_key WHERE kind NOT IN (2, 3)";

/// Compiles all entries, reading them in the order that needs least memory: what compiling words takes for a moment has been
/// given back when addresses and domains come.
pub(super) fn everything(
    connection: &Connection,
    delimiters: Delimiters,
) -> Result<(Snapshot, Counts), ListsError> {
    let mut all = Part::texts(connection)?;
    all.append(Part::read(connection, &format!("{COLUMNS} {IDENTITIES} ORDER BY norm_key"), None)?);
    all.finish(connection, delimiters)
}

/// The same by two connections, each with half of the entries: at a start, both processors have nothing else to do.
pub(super) fn everything_by_two(
    first: &mut Connection,
    second: &mut Connection,
    delimiters: Delimiters,
) -> Result<(Snapshot, Counts), ListsError> {
    first.execute_batch("BEGIN").map_err(failed)?;
    second.execute_batch("BEGIN").map_err(failed)?;
    let compiled = match middle(first)? {
        // Beside a running daemon, a change may have come between the two.
        Some(middle) if revision(first)? == revision(second)? => halves(first, second, &middle, delimiters),
        _ => everything(first, delimiters),
    };
    first.execute_batch("COMMIT").map_err(failed)?;
    second.execute_batch("COMMIT").map_err(failed)?;
    compiled
}

fn halves(
    first: &mut Connection,
    second: &mut Connection,
    middle: &str,
    delimiters: Delimiters,
) -> Result<(Snapshot, Counts), ListsError> {
    let half = |side: &str| format!("{COLUMNS} {IDENTITIES} AND norm_key {side} ?1 ORDER BY norm_key");
    let mut all = Part::texts(first)?;
    let (lower, upper) = std::thread::scope(|scope| {
        let upper = scope.spawn(move || Part::read(second, &half(">="), Some(middle)));
        (Part::read(first, &half("<"), Some(middle)), upper.join())
    });
    all.append(lower?);
    all.append(upper.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
    all.finish(first, delimiters)
}

/// A key that about half of the keys stand before, found by a sample; `None` where one processor is as fast.
fn middle(connection: &Connection) -> Result<Option<String>, ListsError> {
    const SAMPLE: i64 = 64;
    const WORTH_IT: i64 = 10_000;
    let last: Option<i64> =
        connection.query_row("SELECT max(row) FROM entry", [], |row| row.get(0)).map_err(failed)?;
    let Some(last) = last.filter(|&last| last >= WORTH_IT) else { return Ok(None) };
    let mut statement = connection
        .prepare("SELECT norm_key FROM entry WHERE row >= ?1 ORDER BY row LIMIT 1")
        .map_err(failed)?;
    let mut keys = (0..SAMPLE)
        .map(|number| statement.query_row([last / SAMPLE * number], |row| row.get(0)))
        .collect::<rusqlite::Result<Vec<String>>>()
        .map_err(failed)?;
    keys.sort_unstable();
    Ok(keys.into_iter().nth(SAMPLE as usize / 2))
}

/// Some of the entries.
#[derive(Default)]
struct Part {
    builder: SegmentBuilder,
    counts: Counts,
}

impl Part {
    /// Words and regular expressions, compiled.
    fn texts(connection: &Connection) -> Result<Self, ListsError> {
        let mut part = Self::read(connection, &format!("{COLUMNS} {TEXTS}"), None)?;
        part.builder.compile_texts().map_err(not_compiled)?;
        Ok(part)
    }

    fn append(&mut self, behind: Self) {
        self.builder.append(behind.builder);
        self.counts.follow(&behind.counts);
    }

    fn read(connection: &Connection, sql: &str, bound: Option<&str>) -> Result<Self, ListsError> {
        let mut part = Self::default();
        let mut statement = connection.prepare(sql).map_err(failed)?;
        let mut rows = match bound {
            Some(bound) => statement.query(params![bound]),
            None => statement.query([]),
        }
        .map_err(failed)?;
        // Lent to the builder for a million rows: the text is copied out of SQLite once, into the compiled form.
        let mut pattern = Pattern { kind: PatternKind::Address, typed: String::new(), key: String::new() };
        while let Some(row) = rows.next().map_err(failed)? {
            let rule = pattern_and_rule(row, &mut pattern).map_err(failed)?;
            part.counts.add(group(row).map_err(failed)?, 1);
            if row.get(8).map_err(failed)? {
                part.builder.push(&pattern, rule).map_err(not_compiled)?;
            }
        }
        Ok(part)
    }

    fn finish(
        self,
        connection: &Connection,
        delimiters: Delimiters,
    ) -> Result<(Snapshot, Counts), ListsError> {
        let people = members::all(connection)?;
        let members = Members::new(&people, delimiters);
        let snapshot =
            Snapshot::compile(revision(connection)?, self.builder, members).map_err(not_compiled)?;
        Ok((snapshot, Counts { people: people.len(), ..self.counts }))
    }
}

fn pattern_and_rule(row: &Row<'_>, pattern: &mut Pattern) -> rusqlite::Result<Rule> {
    let scope: i64 = row.get(1)?;
    let until: Option<i64> = row.get(7)?;
    pattern.kind = code(row, 2)?;
    pattern.key.clear();
    pattern.key.push_str(row.get_ref(3)?.as_str()?);
    Ok(Rule {
        entry: entry_id(row, 0)?,
        scope: known(1, scope, scope_from_code(scope))?,
        effect: code(row, 4)?,
        channels: code(row, 5)?,
        action: code(row, 6)?,
        until: until.map(|day| known(7, day, date_of(day))).transpose()?,
        by_client: code::<Source>(row, 9)? == Source::Client,
        by_owner: code::<AddedBy>(row, 10)? == AddedBy::Owner,
    })
}

fn group(row: &Row<'_>) -> rusqlite::Result<Group> {
    Ok(Group {
        scope: row.get(1)?,
        effect: row.get(4)?,
        kind: row.get(2)?,
        source: row.get(9)?,
        added_by: row.get(10)?,
    })
}

/// The number of the last change.
pub(super) fn revision(connection: &Connection) -> Result<u64, ListsError> {
    connection
        .query_row("SELECT value FROM revision", [], |row| row.get::<_, i64>(0))
        .map(|value| u64::try_from(value).unwrap_or_default())
        .map_err(failed)
}

/// A change that doesn't compile is the asker's to mend.
pub(super) fn not_compiled(error: CompileError) -> ListsError {
    ListsError::Refused(error.sentence())
}
