//! Tables: aligned columns where they fit, otherwise a list of labelled cells.

use std::ops::Range;

use pulldown_cmark::Alignment;

use super::rich::{Face, Rich};

/// Columns between two table columns.
const GUTTER: usize = 2;

/// A column that has more to say is not squeezed below this.
const NARROWEST: usize = 10;

/// A table's cells, collected while it is parsed.
#[derive(Debug, Default)]
pub(super) struct Table {
    alignments: Vec<Alignment>,
    head: Vec<Rich>,
    rows: Vec<Vec<Rich>>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self { alignments, ..Self::default() }
    }

    pub(super) fn start_row(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Adds a cell to the last row, or to the head if there is none yet.
    pub(super) fn push_cell(&mut self, cell: Rich) {
        self.rows.last_mut().unwrap_or(&mut self.head).push(cell);
    }

    /// Lays the table out in at most `width` columns.
    pub(super) fn lines(&self, width: usize, colour: bool) -> Vec<String> {
        match self.column_widths(width) {
            Some(widths) => self.columns(&widths, colour),
            None => self.list(width, colour),
        }
    }

    /// How wide to make each column, or `None` if they do not fit.
    fn column_widths(&self, width: usize) -> Option<Vec<usize>> {
        let gutters = self.alignments.len().saturating_sub(1) * GUTTER;
        let room = width.checked_sub(gutters)?;
        // Per column: the least that is readable, and all it could use.
        let mut needs = vec![(1, 1); self.alignments.len()];
        for row in self.rows.iter().chain([&self.head]) {
            for ((least, most), cell) in needs.iter_mut().zip(row) {
                let full = cell.width();
                *most = full.max(*most);
                *least = cell.min_width().max(full.min(NARROWEST)).max(*least);
            }
        }
        // The highest level to which columns can be filled: narrow ones get
        // what they need, wide ones share the rest evenly.
        (0..=room).rev().find_map(|level| {
            let fill = |&(least, most): &(usize, usize)| least.max(most.min(level));
            let total = needs.iter().map(fill).fold(0, usize::saturating_add);
            (total <= room).then(|| needs.iter().map(fill).collect())
        })
    }

    fn columns(&self, widths: &[usize], colour: bool) -> Vec<String> {
        let mut lines = Vec::new();
        if self.head.iter().any(|cell| !cell.is_empty()) {
            lines.extend(self.row(&self.head, widths, colour));
            let rules: Vec<_> = widths.iter().map(|width| "─".repeat(*width)).collect();
            let mut rule = String::new();
            Face::FAINT.paint(&rules.join("  "), &mut rule, colour);
            lines.push(rule);
        }
        // A row without text has no line, and nothing is set apart from it.
        let rows = self.rows.iter().map(|row| self.row(row, widths, colour));
        let rows: Vec<_> = rows.filter(|row| !row.is_empty()).collect();
        // Once a cell wraps, only a gap tells where the next row starts.
        let spaced = rows.iter().any(|row| row.len() > 1);
        for (at, row) in rows.into_iter().enumerate() {
            if spaced && at > 0 {
                lines.push(String::new());
            }
            lines.extend(row);
        }
        lines
    }

    fn row(&self, cells: &[Rich], widths: &[usize], colour: bool) -> Vec<String> {
        let wrapped: Vec<Vec<Range<usize>>> = cells.iter().zip(widths).map(|(cell, width)| cell.wrap(*width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        let mut lines = vec![String::new(); height];
        for (at, out) in lines.iter_mut().enumerate() {
            // Padding waits for the next text, so that no line trails spaces.
            let mut pad = 0;
            let columns = cells.iter().zip(&wrapped).zip(widths);
            for (((cell, ranges), width), alignment) in columns.zip(&self.alignments) {
                let Some(range) = ranges.get(at) else {
                    pad += width + GUTTER;
                    continue;
                };
                let free = width.saturating_sub(cell.line_width(range));
                let left = match alignment {
                    Alignment::Right => free,
                    Alignment::Center => free / 2,
                    Alignment::Left | Alignment::None => 0,
                };
                out.push_str(&" ".repeat(pad + left));
                cell.paint(range, out, colour);
                pad = free - left + GUTTER;
            }
        }
        lines
    }

    /// One item per row, with a line `header: cell` for each cell.
    fn list(&self, width: usize, colour: bool) -> Vec<String> {
        if self.rows.is_empty() {
            return list_item(self.head.iter().map(|head| (None, head)), width, colour);
        }
        // Short, since every row repeats them.
        let labels: Vec<_> = self.head.iter().map(|head| head.clipped(width / 2)).collect();
        let item = |row: &Vec<Rich>| {
            let cells = row.iter().zip(&labels);
            list_item(cells.map(|(cell, label)| (Some(label), cell)), width, colour)
        };
        self.rows.iter().flat_map(item).collect()
    }
}

/// The cells of one row, each after its label, marked off by one bullet.
fn list_item<'a>(cells: impl Iterator<Item = (Option<&'a Rich>, &'a Rich)>, width: usize, colour: bool) -> Vec<String> {
    const INDENTS: [&str; 3] = ["• ", "  ", "    "];
    let room = width.saturating_sub(4);
    let mut lines = Vec::new();
    for (label, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
        let mut text = Rich::default();
        if let Some(label) = label.filter(|label| !label.is_empty()) {
            text.push_rich(label);
            text.push(": ", Face::PLAIN);
        }
        text.push_rich(cell);
        for (at, range) in text.wrap(room).iter().enumerate() {
            let indent = match (lines.is_empty(), at) {
                (true, _) => INDENTS[0],
                (false, 0) => INDENTS[1],
                _ => INDENTS[2],
            };
            let mut line = String::from(indent);
            text.paint(range, &mut line, colour);
            lines.push(line);
        }
    }
    lines
}
