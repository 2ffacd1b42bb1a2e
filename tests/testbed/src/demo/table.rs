//! The table: what was sent, what was expected of it, what became of it.

/// How something arrived, if it did.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    Unchanged,
    Changed,
    None,
}

/// One message and its fate.
pub(super) struct Row {
    /// What was sent.
    pub(super) what: &'static str,
    /// Whether it should arrive.
    pub(super) wanted: bool,
    /// What became of it.
    pub(super) arrival: Arrival,
}

impl Row {
    fn as_expected(&self) -> bool {
        self.arrival == if self.wanted { Arrival::Unchanged } else { Arrival::None }
    }
}

/// Whether all fared as expected.
pub(super) fn all_as_expected(rows: &[Row]) -> bool {
    rows.iter().all(Row::as_expected)
}

/// Prints the table.
pub(super) fn print(kind: &str, rows: &[Row]) {
    let heading = format!("what was sent ({kind})");
    let width = rows.iter().map(|row| row.what).chain([heading.as_str()]).map(|what| what.chars().count());
    let width = width.max().unwrap_or_default();
    println!("\n  {heading:width$}  expected  what happened    ok");
    println!("  {:-<width$}  --------  ---------------  --", "");
    for row in rows {
        let expected = if row.wanted { "arrives" } else { "stopped" };
        let happened = match row.arrival {
            Arrival::Unchanged => "arrived intact",
            Arrival::Changed => "arrived CHANGED",
            Arrival::None => "did not arrive",
        };
        let ok = if row.as_expected() { "ok" } else { "NO" };
        println!("  {:width$}  {expected:8}  {happened:15}  {ok}", row.what);
    }
    println!();
}
