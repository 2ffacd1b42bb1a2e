//! Plain tables for a terminal, as wide as their content.

use std::io::{self, Write};

/// Writes rows under a heading; the last column is not padded.
pub(super) fn write<const N: usize>(
    output: &mut impl Write,
    heading: [&str; N],
    rows: &[[String; N]],
) -> io::Result<()> {
    let widths: Vec<usize> = heading
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.max().unwrap_or(0).max(name.chars().count())
        })
        .collect();
    line(output, &widths, heading.iter().copied())?;
    for row in rows {
        line(output, &widths, row.iter().map(String::as_str))?;
    }
    Ok(())
}

fn line<'a>(
    output: &mut impl Write,
    widths: &[usize],
    cells: impl Iterator<Item = &'a str>,
) -> io::Result<()> {
    let mut text = String::new();
    for (cell, width) in cells.zip(widths) {
        text.push_str(cell);
        text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()) + 2));
    }
    writeln!(output, "{}", text.trim_end())
}

/// A value as a terminal may show it: notes and entries may come from hostile mail, so control characters and bidi
/// overrides are shown as a replacement character.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}
