//! Going through the list in an order, from a place on (keyset paging): each page costs what is on it, however far down it
//! is, and an entry that comes or goes meanwhile shifts nothing.

use policy_core::entry::{Entry, EntryId};
use policy_core::lists::{Actor, ListsError, Order, Position, Query};
use policy_core::pattern::PatternKind;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, Statement, params, params_from_iter};

use super::super::codes::{Code, scope_code};
use super::super::failed;
use super::Filter;

/// Up to this many entries are sorted by value on the spot; beyond it, the index of keys is gone through, where few
/// matches may lie far from each other.
pub(super) const SORTED: u64 = 5_000;

/// All that orders entries by value: the columns of the index `entry_key`, up to what makes them unique.
const KEY: &str = "e.norm_key, e.kind, e.scope_id, e.effect, e.added_by, e.source, e.id";

/// Marks a position among entries that decided; without it, it is one among those that never did.
const HAS_HIT: u64 = 1 << 62;

/// An entry on the way, and where it is.
pub(super) struct Place {
    pub(super) row: i64,
    pub(super) position: Position,
}

/// In which order, from where, through how much.
pub(super) struct Walk<'q> {
    pub(super) actor: Actor,
    pub(super) query: &'q Query,
    /// More entries than are sorted on the spot meet the conditions.
    pub(super) long: bool,
}

/// A stretch of the way: its rows begin with the row's number and what its position is made of.
pub(super) struct Stretch {
    sql: String,
    values: Vec<Value>,
    position: fn(&Row<'_>) -> rusqlite::Result<Position>,
}

impl Stretch {
    pub(super) fn prepare<'c>(&self, connection: &'c Connection) -> rusqlite::Result<Statement<'c>> {
        connection.prepare(&self.sql)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.values.iter()
    }

    pub(super) fn place(&self, row: &Row<'_>) -> rusqlite::Result<Place> {
        Ok(Place { row: row.get(0)?, position: (self.position)(row)? })
    }
}

impl Walk<'_> {
    /// The first `limit` entries on the way.
    pub(super) fn places(
        &self,
        connection: &Connection,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Place>, ListsError> {
        let mut places = Vec::new();
        for stretch in self.stretches(connection, filter, "")? {
            let mut statement = stretch.prepare(connection).map_err(failed)?;
            let mut rows = statement.query(params_from_iter(stretch.values())).map_err(failed)?;
            while places.len() < limit
                && let Some(row) = rows.next().map_err(failed)?
            {
                places.push(stretch.place(row).map_err(failed)?);
            }
        }
        Ok(places)
    }

    /// The way, in one or two stretches. `columns` come last in each row, with a comma before them.
    pub(super) fn stretches(
        &self,
        connection: &Connection,
        filter: &Filter,
        columns: &str,
    ) -> Result<Vec<Stretch>, ListsError> {
        let after = self.query.after.map(|Position(after)| after);
        // A whole domain's entries lie together in the index of keys.
        let order = if self.query.within.is_some() { Order::Value } else { self.query.order };
        Ok(match order {
            Order::Newest => vec![self.by_change(filter, columns, after, "<", "DESC")],
            Order::Oldest => vec![self.by_change(filter, columns, after, ">", "ASC")],
            Order::Value => vec![self.by_value(connection, filter, columns, after)?],
            Order::LastHit => match after {
                Some(after) if after & HAS_HIT == 0 => vec![self.never_hit(filter, columns, Some(after))],
                after => vec![self.by_hit(filter, columns, after), self.never_hit(filter, columns, None)],
            },
        })
    }

    /// The index that leads through the entries in the order of their last change.
    fn index(&self) -> &'static str {
        match (self.query.scope, self.query.effect) {
            (Some(scope), _) if scope_code(scope) != 0 => "INDEXED BY entry_of_member",
            (_, Some(_)) => "INDEXED BY entry_page",
            _ => "",
        }
    }

    fn by_change(
        &self,
        filter: &Filter,
        columns: &str,
        after: Option<u64>,
        beyond: &str,
        direction: &str,
    ) -> Stretch {
        let mut filter = filter.clone();
        if let Some(after) = after {
            let after = Value::Integer(i64::try_from(after).unwrap_or(i64::MAX));
            filter.and(&format!("e.change_seq {beyond} ?"), [after]);
        }
        Stretch {
            sql: format!(
                "SELECT e.row, e.change_seq{columns} FROM entry e {} WHERE {} ORDER BY e.change_seq {direction}",
                self.index(),
                filter.sql
            ),
            values: filter.values,
            position: |row| Ok(Position(row.get::<_, i64>(1)?.unsigned_abs())),
        }
    }

    fn by_value(
        &self,
        connection: &Connection,
        filter: &Filter,
        columns: &str,
        after: Option<u64>,
    ) -> Result<Stretch, ListsError> {
        let mut filter = filter.clone();
        if let Some(entry) = after.map(|after| self.entry_at(connection, after)).transpose()?.flatten() {
            let Entry { pattern, scope, effect, added_by, source, id, .. } = entry;
            filter.and(
                &format!("({KEY}) > (?, ?, ?, ?, ?, ?, ?)"),
                [
                    Value::Text(pattern.key),
                    Value::Integer(pattern.kind.code()),
                    Value::Integer(scope_code(scope)),
                    Value::Integer(effect.code()),
                    Value::Integer(added_by.code()),
                    Value::Integer(source.code()),
                    Value::Integer(i64::from(id.number())),
                ],
            );
        }
        let by_key = self.query.within.is_some() || self.long;
        let index = if by_key { "INDEXED BY entry_key" } else { self.index() };
        Ok(Stretch {
            sql: format!(
                "SELECT e.row, e.id{columns} FROM entry e {index} WHERE {} ORDER BY {KEY}",
                filter.sql
            ),
            values: filter.values,
            position: |row| Ok(Position(row.get::<_, i64>(1)?.unsigned_abs())),
        })
    }

    /// The entry by whose key a page begins, or what is remembered of it; only one that the actor may see, or else where
    /// the page begins would tell the others' keys.
    fn entry_at(&self, connection: &Connection, number: u64) -> Result<Option<Entry>, ListsError> {
        let Some(id) = u32::try_from(number).ok().and_then(EntryId::from_number) else { return Ok(None) };
        if let Ok(listed) = super::one(connection, self.actor, id) {
            return Ok(Some(listed.entry));
        }
        let removed: Option<String> = connection
            .query_row("SELECT entry FROM tombstone WHERE entry_id = ?1", params![id.number()], |row| {
                row.get(0)
            })
            .optional()
            .map_err(failed)?;
        let removed = removed.and_then(|entry| serde_json::from_str::<Entry>(&entry).ok());
        Ok(removed.filter(|entry| self.actor.may_see(entry.scope, entry.added_by)))
    }

    fn by_hit(&self, filter: &Filter, columns: &str, after: Option<u64>) -> Stretch {
        let mut filter = filter.clone();
        filter.and("e.scope_id = ?", [Value::Integer(scope_code(self.actor.own_scope()))]);
        if let Some(after) = after {
            let (day, id) = ((after & !HAS_HIT) >> 30, after & u64::from(EntryId::LIMIT - 1));
            let number = |number| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
            filter.and("(h.last_on, h.entry_id) < (?, ?)", [number(day), number(id)]);
        }
        Stretch {
            sql: format!(
                "SELECT e.row, h.last_on, h.entry_id{columns} FROM hit h INDEXED BY hit_last \
                 CROSS JOIN entry e ON e.id = h.entry_id WHERE h.last_on >= 0 AND {} \
                 ORDER BY h.last_on DESC, h.entry_id DESC",
                filter.sql
            ),
            values: filter.values,
            position: |row| {
                let (day, id): (i64, i64) = (row.get(1)?, row.get(2)?);
                Ok(Position(HAS_HIT | day.unsigned_abs() << 30 | id.unsigned_abs()))
            },
        }
    }

    fn never_hit(&self, filter: &Filter, columns: &str, after: Option<u64>) -> Stretch {
        let mut filter = filter.clone();
        // Whether others' entries decided is theirs to know.
        filter.and(
            "NOT (e.scope_id = ? AND EXISTS (SELECT 1 FROM hit h WHERE h.entry_id = e.id))",
            [Value::Integer(scope_code(self.actor.own_scope()))],
        );
        self.by_change(&filter, columns, after, "<", "DESC")
    }
}

/// Whether entries of this kind have keys that begin with a domain.
pub(super) fn has_domain(kind: PatternKind) -> bool {
    matches!(kind, PatternKind::Address | PatternKind::Domain)
}
