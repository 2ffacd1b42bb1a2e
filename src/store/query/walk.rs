//! Going through the list in an order, from a place on (keyset paging): each page costs what is on it, however far down it
//! is, and an entry that comes or goes meanwhile shifts nothing.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use policy_core::entry::{Entry, EntryId};
use policy_core::lists::{Actor, ListsError, Order, Position, Query};
use policy_core::pattern::PatternKind;
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, Rows, params, params_from_iter};

use super::super::codes::{Code, scope_code};
use super::super::count::{Counted, Group};
use super::super::failed;
use super::Filter;

/// Up to this many entries are sorted by value on the spot; beyond it, the index of keys is gone through, where few
/// matches may lie far from each other.
const SORTED: u64 = 20_000;

/// Up to this many groups are gone through side by side; what members have beyond it is met with all others'.
const MOST_RUNS: usize = 64;

/// The index of groups, in each of which entries are in the order of their last change.
const BY_GROUP: &str = "INDEXED BY entry_page";

/// The index of keys.
pub(super) const BY_KEY: &str = "INDEXED BY entry_key";

/// The index of all entries in the order of their last change.
const BY_CHANGE: &str = "INDEXED BY entry_change";

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
    /// What the query can come upon.
    pub(super) counted: &'q Counted,
}

/// A stretch of the way. Its rows begin with the row's number and what its position is made of.
struct Stretch {
    sql: String,
    /// The parameters of each run; runs are gone through side by side.
    runs: Vec<Vec<Value>>,
    /// By what a row stands before another run's, the lowest first.
    rank: fn(&Row<'_>) -> rusqlite::Result<i64>,
    position: fn(&Row<'_>) -> rusqlite::Result<Position>,
}

/// What is done with each entry on the way.
pub(super) type Visit<'v> = dyn FnMut(&Row<'_>, Place) -> Result<ControlFlow<()>, ListsError> + 'v;

impl Stretch {
    fn go(&self, connection: &Connection, visit: &mut Visit<'_>) -> Result<ControlFlow<()>, ListsError> {
        let mut statements = self
            .runs
            .iter()
            .map(|_| connection.prepare(&self.sql))
            .collect::<rusqlite::Result<Vec<_>>>()
            .map_err(failed)?;
        // Each run with the rank of its next row.
        let mut runs = Vec::new();
        for (statement, values) in statements.iter_mut().zip(&self.runs) {
            let mut rows = statement.query(params_from_iter(values)).map_err(failed)?;
            if let Some(rank) = self.advance(&mut rows).map_err(failed)? {
                runs.push((rank, rows));
            }
        }
        while let Some(at) = (0..runs.len()).min_by_key(|&at| runs.get(at).map(|(rank, _)| *rank)) {
            let Some((rank, rows)) = runs.get_mut(at) else { break };
            if let Some(row) = rows.get() {
                let place = Place {
                    row: row.get(0).map_err(failed)?,
                    position: (self.position)(row).map_err(failed)?,
                };
                if visit(row, place)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            match self.advance(rows).map_err(failed)? {
                Some(next) => *rank = next,
                None => drop(runs.swap_remove(at)),
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn advance(&self, rows: &mut Rows<'_>) -> rusqlite::Result<Option<i64>> {
        rows.advance()?;
        rows.get().map(self.rank).transpose()
    }
}

impl Walk<'_> {
    /// Whether the query can come upon more entries than are sorted on the spot.
    fn long(&self) -> bool {
        self.counted.total > SORTED
    }

    /// What the entries must meet, a search apart, with the index that leads to them.
    pub(super) fn conditions(&self) -> Filter {
        let mut filter = super::conditions(self.actor, self.query);
        if !self.long() {
            filter.index = BY_GROUP;
            let mut within = |column: &str, of: fn(&Group) -> i64| {
                let numbers: BTreeSet<i64> = self.counted.groups.iter().map(of).collect();
                let numbers = numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
                filter.and(&format!("e.{column} IN ({numbers})"), []);
            };
            within("scope_id", |group| group.scope);
            within("effect", |group| group.effect);
            within("kind", |group| group.kind);
            within("source", |group| group.source);
        } else if self.query.within.is_some() {
            filter.index = BY_KEY;
        }
        filter
    }

    /// The first `limit` entries on the way.
    pub(super) fn places(
        &self,
        connection: &Connection,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Place>, ListsError> {
        let mut places = Vec::new();
        self.go(connection, filter, "", &mut |_, place| {
            places.push(place);
            Ok(if places.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(places)
    }

    /// Goes the way, until `visit` has had enough. `columns` come last in each row, with a comma before them.
    pub(super) fn go(
        &self,
        connection: &Connection,
        filter: &Filter,
        columns: &str,
        visit: &mut Visit<'_>,
    ) -> Result<(), ListsError> {
        for stretch in self.stretches(connection, filter, columns)? {
            if stretch.go(connection, visit)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn stretches(
        &self,
        connection: &Connection,
        filter: &Filter,
        columns: &str,
    ) -> Result<Vec<Stretch>, ListsError> {
        let after = self.query.after.map(|Position(after)| after);
        // A whole domain's entries lie together in the index of keys.
        let order = match self.query.order {
            _ if self.query.within.is_some() => Order::Value,
            Order::LastHit if !super::sees_hits(self.actor) => Order::Newest,
            order => order,
        };
        Ok(match order {
            Order::Newest => vec![self.newest(filter, columns, after)],
            Order::Oldest => vec![self.oldest(filter, columns, after)],
            Order::Value => vec![self.by_value(connection, filter, columns, after)?],
            Order::LastHit => match after {
                Some(after) if after & HAS_HIT == 0 => vec![self.never_hit(filter, columns, Some(after))],
                after => vec![self.by_hit(filter, columns, after), self.never_hit(filter, columns, None)],
            },
        })
    }

    fn newest(&self, filter: &Filter, columns: &str, after: Option<u64>) -> Stretch {
        let rank = |row: &Row<'_>| row.get::<_, i64>(1).map(i64::wrapping_neg);
        Stretch { rank, ..self.by_change(filter, columns, after, "<", "DESC") }
    }

    fn oldest(&self, filter: &Filter, columns: &str, after: Option<u64>) -> Stretch {
        Stretch { rank: |row| row.get(1), ..self.by_change(filter, columns, after, ">", "ASC") }
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
        let groups: BTreeSet<[i64; 4]> = (self.counted.groups.iter())
            .map(|group| [group.scope, group.effect, group.kind, group.source])
            .collect();
        let (index, of_group, runs) = if groups.len() <= MOST_RUNS {
            let run = |group: &[i64; 4]| {
                group.iter().copied().map(Value::Integer).chain(filter.values.iter().cloned()).collect()
            };
            let of_group = "e.scope_id = ? AND e.effect = ? AND e.kind = ? AND e.source = ? AND ";
            (BY_GROUP, of_group, groups.iter().map(run).collect())
        } else {
            (if self.long() { BY_CHANGE } else { filter.index }, "", vec![filter.values])
        };
        Stretch {
            sql: format!(
                "SELECT e.row, e.change_seq{columns} FROM entry e {index} WHERE {of_group}{} \
                 ORDER BY e.change_seq {direction}",
                filter.sql
            ),
            runs,
            rank: |_| Ok(0),
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
        let index = if self.long() { BY_KEY } else { filter.index };
        Ok(Stretch {
            sql: format!(
                "SELECT e.row, e.id{columns} FROM entry e {index} WHERE {} ORDER BY {KEY}",
                filter.sql
            ),
            runs: vec![filter.values],
            rank: |_| Ok(0),
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
            runs: vec![filter.values],
            rank: |_| Ok(0),
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
        self.newest(&filter, columns, after)
    }
}

/// Whether entries of this kind have keys that begin with a domain.
pub(super) fn has_domain(kind: PatternKind) -> bool {
    matches!(kind, PatternKind::Address | PatternKind::Domain)
}
