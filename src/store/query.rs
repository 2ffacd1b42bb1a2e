//! Reading the list.

use std::sync::Mutex;

use policy_core::entry::{Entry, EntryId, Scope};
use policy_core::lists::{Actor, Listed, ListsError, Page, Position, Query};
use policy_core::pattern::Pattern;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::codes::{Code, date_of, scope_code};
use super::rows::{COLUMNS, entry};
use super::{compile, failed, guard};

/// How many entries a page may hold.
const PAGE_LIMIT: u32 = 10_000;

/// A condition on entries with its parameters.
#[derive(Clone, PartialEq)]
struct Filter {
    sql: String,
    values: Vec<Value>,
}

impl Filter {
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }
}

/// What this actor may look at, as [`Actor::may_see`] says it.
fn visible_to(actor: Actor) -> Filter {
    match actor {
        Actor::Admin => Filter { sql: "(e.scope_id = 0 OR e.added_by = 1)".to_owned(), values: Vec::new() },
        Actor::Member(member) => Filter {
            sql: "e.scope_id IN (0, ?)".to_owned(),
            values: vec![Value::Integer(i64::from(member.0))],
        },
    }
}

/// How many entries the last condition asked for had met, and at which revision: whoever goes through a million entries
/// page by page must not have them counted for each.
#[derive(Default)]
pub(super) struct LastTotal(Mutex<Option<(u64, Filter, i64)>>);

impl LastTotal {
    fn of(&self, connection: &Connection, filter: &Filter) -> Result<i64, ListsError> {
        // Read before counting: a change in between makes the count newer than it says, and nobody asks for it again.
        let revision = compile::revision(connection)?;
        let mut last = guard(&self.0);
        if let Some((_, _, total)) = last.as_ref().filter(|(at, of, _)| *at == revision && of == filter) {
            return Ok(*total);
        }
        let total = connection
            .prepare_cached(&format!("SELECT count(*) FROM entry e WHERE {}", filter.sql))
            .and_then(|mut statement| statement.query_row(params_from_iter(&filter.values), |row| row.get(0)))
            .map_err(failed)?;
        *last = Some((revision, filter.clone(), total));
        Ok(total)
    }
}

pub(super) fn page(
    connection: &Connection,
    last_total: &LastTotal,
    actor: Actor,
    query: &Query,
) -> Result<Page, ListsError> {
    let mut filter = visible_to(actor);
    if let Some(scope) = query.scope {
        filter.and("e.scope_id = ?", [Value::Integer(scope_code(scope))]);
        if scope != Scope::Household {
            // What SQLite needs to know to use the index of members' entries.
            filter.and("e.scope_id <> 0", []);
        }
    }
    if let Some(effect) = query.effect {
        filter.and("e.effect = ?", [Value::Integer(effect.code())]);
    }
    if let Some(kind) = query.kind {
        filter.and("e.kind = ?", [Value::Integer(kind.code())]);
    }
    if let Some(find) = query.find.as_deref().map(str::trim).filter(|find| !find.is_empty()) {
        let id = find.parse::<EntryId>().map_or(-1, |id| i64::from(id.number()));
        let text = Value::Text(find.to_lowercase());
        filter.and(
            "(e.id = ? OR instr(lowered(e.typed), ?) > 0 OR instr(lowered(e.note), ?) > 0 \
             OR instr(e.norm_key, ?) > 0)",
            [Value::Integer(id), text.clone(), text.clone(), text],
        );
    }
    let total = last_total.of(connection, &filter)?;
    if let Some(Position(after)) = query.after {
        filter.and("e.change_seq < ?", [Value::Integer(i64::try_from(after).unwrap_or(i64::MAX))]);
    }
    let limit = query.limit.clamp(1, PAGE_LIMIT);
    let sql = format!("{} WHERE {} ORDER BY e.change_seq DESC LIMIT {}", select(), filter.sql, limit + 1);
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let mut listed: Vec<(Listed, i64)> = statement
        .query_map(params_from_iter(&filter.values), |row| Ok((listed(row)?, row.get(16)?)))
        .and_then(Iterator::collect)
        .map_err(failed)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = listed.len() > limit;
    listed.truncate(limit);
    let next =
        if more { listed.last().and_then(|(_, seq)| u64::try_from(*seq).ok()).map(Position) } else { None };
    Ok(Page {
        entries: listed.into_iter().map(|(listed, _)| listed).collect(),
        total: u64::try_from(total).unwrap_or_default(),
        next,
    })
}

pub(super) fn one(connection: &Connection, actor: Actor, id: EntryId) -> Result<Listed, ListsError> {
    let sql = format!("{} WHERE e.id = ?1", select());
    connection
        .prepare_cached(&sql)
        .and_then(|mut statement| statement.query_row([id.number()], listed).optional())
        .map_err(failed)?
        .filter(|listed| actor.may_see(listed.entry.scope, listed.entry.added_by))
        .ok_or_else(|| ListsError::NoSuchEntry(id.to_string()))
}

pub(super) fn by_pattern(
    connection: &Connection,
    actor: Actor,
    scope: Scope,
    pattern: &Pattern,
) -> Result<Vec<Entry>, ListsError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM entry WHERE norm_key = ?1 AND kind = ?2 AND scope_id = ?3 ORDER BY change_seq"
    );
    let found: Vec<Entry> = connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement
                .query_map(params![pattern.key, pattern.kind.code(), scope_code(scope)], entry)
                .and_then(Iterator::collect)
        })
        .map_err(failed)?;
    Ok(found.into_iter().filter(|entry| actor.may_see(entry.scope, entry.added_by)).collect())
}

fn select() -> String {
    let columns = COLUMNS.split(", ").map(|column| format!("e.{column}")).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT {columns}, h.count, h.last_on, e.change_seq FROM entry e LEFT JOIN hit h ON h.entry_id = e.id"
    )
}

fn listed(row: &rusqlite::Row<'_>) -> rusqlite::Result<Listed> {
    Ok(Listed {
        entry: entry(row)?,
        hits: row.get::<_, Option<i64>>(14)?.and_then(|count| u64::try_from(count).ok()).unwrap_or_default(),
        last_hit: row.get::<_, Option<i64>>(15)?.and_then(date_of),
    })
}
