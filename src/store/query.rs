//! Reading the list.

mod search;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::Mutex;

use policy_core::entry::{Entry, EntryId, MemberId, Scope};
use policy_core::lists::{Actor, Listed, ListsError, Page, Query};
use policy_core::pattern::Pattern;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use self::walk::Walk;
use super::codes::{Code, date_of, scope_code};
use super::count::Counted;
use super::rows::{COLUMNS, entry};
use super::{compile, failed, guard};

/// How many entries a page may hold.
const PAGE_LIMIT: u32 = 10_000;

/// A condition on entries with its parameters, and the index that leads to them.
#[derive(Clone, PartialEq)]
struct Filter {
    index: &'static str,
    sql: String,
    values: Vec<Value>,
}

impl Filter {
    fn new(sql: &str, values: Vec<Value>) -> Self {
        Self { index: "", sql: sql.to_owned(), values }
    }

    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }
}

/// What this actor may look at, as [`Actor::may_see`] says it.
fn visible_to(actor: Actor) -> Filter {
    let own_and_household =
        |sql, member: MemberId| Filter::new(sql, vec![Value::Integer(i64::from(member.0))]);
    match actor {
        Actor::Admin => Filter::new("(e.scope_id = 0 OR e.added_by = 1)", Vec::new()),
        Actor::Member(member) => own_and_household("e.scope_id IN (0, ?)", member),
        // Nothing of the household's is hidden, and that it isn't must not cost a look at the table.
        Actor::Unproven(member) => {
            own_and_household("e.scope_id IN (0, ?) AND (e.scope_id = 0 OR e.hidden = 0)", member)
        }
    }
}

/// The highest value of `hidden` that this actor gets to see.
pub(super) fn most_hidden(actor: Actor) -> i64 {
    i64::from(!matches!(actor, Actor::Unproven(_)))
}

/// Whether this actor sees how often their own entries decided: by an entry that counts no hit, who came without proof could
/// tell that a hidden one decides before it.
pub(super) fn sees_hits(actor: Actor) -> bool {
    !matches!(actor, Actor::Unproven(_))
}

/// How many entries the last searches found, and at which revision: whoever goes through what was found in a million entries
/// page by page must not have them searched for each.
#[derive(Default)]
pub(super) struct LastTotals(Mutex<(u64, Vec<(Filter, u64)>)>);

/// Searches of a few who look at the list at the same time.
const TOTALS_KEPT: usize = 8;

impl LastTotals {
    fn of(&self, connection: &Connection, filter: &Filter) -> Result<u64, ListsError> {
        // Read before counting: a change in between makes the count newer than it says, and nobody asks for it again.
        let revision = compile::revision(connection)?;
        let mut last = guard(&self.0);
        if last.0 != revision {
            *last = (revision, Vec::new());
        }
        if let Some((_, total)) = last.1.iter().find(|(of, _)| of == filter) {
            return Ok(*total);
        }
        let total = count(connection, filter)?;
        if last.1.len() >= TOTALS_KEPT {
            last.1.remove(0);
        }
        last.1.push((filter.clone(), total));
        Ok(total)
    }
}

fn count(connection: &Connection, filter: &Filter) -> Result<u64, ListsError> {
    connection
        .prepare_cached(&format!("SELECT count(*) FROM entry e {} WHERE {}", filter.index, filter.sql))
        .and_then(|mut statement| {
            statement.query_row(params_from_iter(&filter.values), |row| row.get::<_, i64>(0))
        })
        .map(i64::unsigned_abs)
        .map_err(failed)
}

/// How many entries a query can come upon and doesn't show, because they are hidden from who asks.
fn hidden(connection: &Connection, actor: Actor, query: &Query) -> Result<u64, ListsError> {
    let Actor::Unproven(member) = actor else { return Ok(0) };
    if query.scope.is_some_and(|scope| scope != actor.own_scope()) {
        return Ok(0);
    }
    let own = Query { scope: Some(actor.own_scope()), within: None, ..query.clone() };
    let mut filter = conditions(Actor::Member(member), &own);
    filter.and("e.hidden = 1", []);
    count(connection, &filter)
}

fn conditions(actor: Actor, query: &Query) -> Filter {
    let mut filter = match query.scope {
        // Nobody may not see the household's; saying so again would cost a look at the table for each entry.
        Some(Scope::Household) => Filter::new("e.scope_id = 0", Vec::new()),
        Some(scope) => {
            let mut filter = visible_to(actor);
            filter.and("e.scope_id = ?", [Value::Integer(scope_code(scope))]);
            filter
        }
        None => visible_to(actor),
    };
    if let Some(effect) = query.effect {
        filter.and("e.effect = ?", [Value::Integer(effect.code())]);
    }
    if let Some(kind) = query.kind {
        filter.and("e.kind = ?", [Value::Integer(kind.code())]);
    }
    if let Some(source) = query.source {
        filter.and("e.source = ?", [Value::Integer(source.code())]);
    }
    if let Some(domain) = &query.within {
        // One range of the index, which also holds names that only begin alike: `org.example-two`.
        let key = Value::Text(domain.key.clone());
        let behind = Value::Text(format!("{}A", domain.key));
        filter.and(
            "e.norm_key >= ? AND e.norm_key < ? AND e.kind <= 1 \
             AND (e.norm_key = ? OR substr(e.norm_key, length(?) + 1, 1) IN ('.', '@'))",
            [key.clone(), behind, key.clone(), key],
        );
    }
    filter
}

/// What a search looks for: in any case, in values and notes.
struct Sought {
    lowered: String,
    id: i64,
}

impl Sought {
    fn of(query: &Query) -> Option<Self> {
        let find = query.find.as_deref().map(str::trim).filter(|find| !find.is_empty())?;
        let id = find.parse::<EntryId>().map_or(-1, |id| i64::from(id.number()));
        Some(Self { lowered: find.to_lowercase(), id })
    }

    fn condition(&self, filter: &mut Filter) {
        let text = Value::Text(self.lowered.clone());
        filter.and(
            "(e.id = ? OR instr(lowered(e.typed), ?) > 0 OR instr(lowered(e.note), ?) > 0 \
             OR instr(e.norm_key, ?) > 0)",
            [Value::Integer(self.id), text.clone(), text.clone(), text],
        );
    }
}

pub(super) fn page(
    connection: &Connection,
    last_totals: &LastTotals,
    counted: &Counted,
    actor: Actor,
    query: &Query,
) -> Result<Page, ListsError> {
    if counted.total == 0 {
        // Going through a million entries would find nothing either.
        return Ok(Page::default());
    }
    let limit = usize::try_from(query.limit.clamp(1, PAGE_LIMIT)).unwrap_or(usize::MAX);
    let walk = Walk { actor, query, counted };
    let mut filter = walk.conditions();
    let sought = Sought::of(query);
    if let (Some(sought), Some(look_at)) = (&sought, query.look_at) {
        return search::page(connection, &walk, &filter, sought, look_at, limit);
    }
    if let Some(sought) = &sought {
        sought.condition(&mut filter);
    }
    let total = if sought.is_some() || query.within.is_some() {
        last_totals.of(connection, &filter)?
    } else {
        counted.total.saturating_sub(hidden(connection, actor, query)?)
    };
    let mut places = walk.places(connection, &filter, limit + 1)?;
    let more = places.len() > limit;
    places.truncate(limit);
    let next = if more { places.last().map(|place| place.position) } else { None };
    let entries = places
        .into_iter()
        .map(|place| at_row(connection, actor, place.row))
        .collect::<Result<Vec<Listed>, ListsError>>()?;
    Ok(Page { entries, total, cut_short: false, next })
}

pub(super) fn one(connection: &Connection, actor: Actor, id: EntryId) -> Result<Listed, ListsError> {
    let sql = format!("{} WHERE e.id = ?1 AND e.hidden <= ?2", select(actor));
    connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            let bounds = params![id.number(), most_hidden(actor)];
            statement.query_row(bounds, |row| listed(row, actor)).optional()
        })
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
        "SELECT {COLUMNS} FROM entry WHERE norm_key = ?1 AND kind = ?2 AND scope_id = ?3 AND hidden <= ?4 \
         ORDER BY change_seq"
    );
    let found: Vec<Entry> = connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement
                .query_map(
                    params![pattern.key, pattern.kind.code(), scope_code(scope), most_hidden(actor)],
                    entry,
                )
                .and_then(Iterator::collect)
        })
        .map_err(failed)?;
    Ok(found.into_iter().filter(|entry| actor.may_see(entry.scope, entry.added_by)).collect())
}

fn at_row(connection: &Connection, actor: Actor, row: i64) -> Result<Listed, ListsError> {
    connection
        .prepare_cached(&format!("{} WHERE e.row = ?1", select(actor)))
        .and_then(|mut statement| statement.query_row([row], |row| listed(row, actor)))
        .map_err(failed)
}

fn select(actor: Actor) -> String {
    let columns = COLUMNS.split(", ").map(|column| format!("e.{column}")).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT {columns}, h.count, h.last_on, e.change_seq, \
         (SELECT p.name FROM person_identity i JOIN person p ON p.id = i.person_id \
          WHERE e.kind = 0 AND i.norm_key = e.norm_key AND p.scope_id = e.scope_id \
          AND p.hidden <= {} LIMIT 1) \
         FROM entry e LEFT JOIN hit h ON h.entry_id = e.id",
        most_hidden(actor)
    )
}

/// Counts and persons are private to whom the scope belongs: nobody else reads them.
fn listed(row: &rusqlite::Row<'_>, actor: Actor) -> rusqlite::Result<Listed> {
    let entry = entry(row)?;
    let own = entry.scope == actor.own_scope();
    let hits = row.get::<_, Option<i64>>(14)?.and_then(|count| u64::try_from(count).ok());
    let last_hit = row.get::<_, Option<i64>>(15)?.and_then(date_of);
    Ok(Listed {
        hits: hits.filter(|_| own && sees_hits(actor)).unwrap_or_default(),
        last_hit: last_hit.filter(|_| own && sees_hits(actor)),
        revision: row.get::<_, i64>(16)?.unsigned_abs(),
        person: row.get::<_, Option<String>>(17)?.filter(|_| own),
        entry,
    })
}
