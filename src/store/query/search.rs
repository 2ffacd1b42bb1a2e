//! Searching a long list within bounds: a page is answered after a number of entries that were looked at, and the next one
//! goes on from there. What is searched for by its whole name is found at once.

use std::ops::ControlFlow;

use policy_core::lists::{Listed, ListsError, Page, Query};
use policy_core::pattern::{PatternKind, understand};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::super::failed;
use super::walk::{BY_KEY, Walk, has_domain};
use super::{Filter, Sought, at_row, conditions};

/// How many entries that are found by their name stand above the others.
const NAMED: usize = 10;

/// What is compared, behind a row's position.
const COMPARED: &str = ", e.id, e.typed, e.note, e.norm_key";

pub(super) fn page(
    connection: &Connection,
    walk: &Walk<'_>,
    filter: &Filter,
    sought: &Sought,
    look_at: u32,
    limit: usize,
) -> Result<Page, ListsError> {
    let mut found = if walk.query.after.is_none() { named(connection, walk, sought)? } else { Vec::new() };
    found.truncate(limit);
    let mut last = None;
    let mut looked_at = 0;
    let mut next = None;
    walk.go(connection, filter, COMPARED, &mut |row, place| {
        if looked_at == look_at {
            next = last;
            return Ok(ControlFlow::Break(()));
        }
        looked_at += 1;
        if matches(row, sought).map_err(failed)? && !found.contains(&place.row) {
            if found.len() == limit {
                next = last;
                return Ok(ControlFlow::Break(()));
            }
            found.push(place.row);
        }
        last = Some(place.position);
        Ok(ControlFlow::Continue(()))
    })?;
    let whole = walk.query.after.is_none() && next.is_none();
    let entries = found
        .into_iter()
        .map(|row| at_row(connection, walk.actor, row))
        .collect::<Result<Vec<Listed>, ListsError>>()?;
    Ok(Page { total: entries.len() as u64, entries, cut_short: !whole, next })
}

fn matches(row: &Row<'_>, sought: &Sought) -> rusqlite::Result<bool> {
    let first = row.as_ref().column_count().saturating_sub(4);
    let contains = |column, already_lower: bool| -> rusqlite::Result<bool> {
        let text = row.get_ref(column)?.as_str()?;
        Ok(if already_lower || text.bytes().all(|byte| !byte.is_ascii_uppercase() && byte.is_ascii()) {
            text.contains(&sought.lowered)
        } else {
            text.to_lowercase().contains(&sought.lowered)
        })
    };
    Ok(row.get::<_, i64>(first)? == sought.id
        || contains(first + 1, false)?
        || contains(first + 2, false)?
        || contains(first + 3, true)?)
}

/// What is listed under exactly this name: the id, the address, the domain and what it covers, the words.
fn named(connection: &Connection, walk: &Walk<'_>, sought: &Sought) -> Result<Vec<i64>, ListsError> {
    let mut found = Vec::new();
    if sought.id >= 0 {
        let mut filter = conditions(walk.actor, walk.query);
        filter.and("e.id = ?", [Value::Integer(sought.id)]);
        collect(connection, &filter, &mut found)?;
    }
    if let Ok(understood) = understand(&sought.lowered, None, true) {
        let pattern = understood.pattern;
        let query = match pattern.kind {
            PatternKind::Domain => Query { within: Some(pattern), ..walk.query.clone() },
            kind => {
                let mut filter = conditions(walk.actor, walk.query);
                filter.index = BY_KEY;
                let kind = if has_domain(kind) { "e.kind = 0" } else { "e.kind >= 2" };
                filter.and(&format!("e.norm_key = ? AND {kind}"), [Value::Text(pattern.key)]);
                return collect(connection, &filter, &mut found).map(|()| found);
            }
        };
        collect(connection, &Walk { query: &query, ..*walk }.conditions(), &mut found)?;
    }
    Ok(found)
}

fn collect(connection: &Connection, filter: &Filter, found: &mut Vec<i64>) -> Result<(), ListsError> {
    let sql = format!("SELECT e.row FROM entry e {} WHERE {} LIMIT {NAMED}", filter.index, filter.sql);
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let rows = statement.query_map(params_from_iter(&filter.values), |row| row.get(0)).map_err(failed)?;
    for row in rows {
        let row = row.map_err(failed)?;
        if !found.contains(&row) {
            found.push(row);
        }
    }
    Ok(())
}
