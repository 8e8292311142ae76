//! Tables of plain text that fit a terminal: cells wrap within their column.

use std::fmt::Write;

/// No line is longer.
pub(super) const WIDTH: usize = 100;
const GAP: usize = 2;
const INDENT: &str = "  ";

/// Rows of cells under a header; all have the same number of cells.
pub(super) struct TextTable {
    rows: Vec<Vec<String>>,
}

impl TextTable {
    pub(super) fn new(header: Vec<String>) -> Self {
        Self { rows: vec![header] }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// As text, indented, each line at most [`WIDTH`] characters, with a rule below the header.
    pub(super) fn render(&self) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            self.line(&mut text, row, &widths);
            if index == 0 {
                let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
                self.line(&mut text, &rule, &widths);
            }
        }
        text
    }

    /// As [`TextTable::render`], without header and rule.
    pub(super) fn render_rows(&self) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for row in self.rows.iter().skip(1) {
            self.line(&mut text, row, &widths);
        }
        text
    }

    /// What each column needs; where that is too much, the wide ones share what the narrow ones leave.
    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let need = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let needs: Vec<usize> = (0..columns).map(need).collect();
        let mut room = WIDTH - INDENT.len() - GAP * columns.saturating_sub(1);
        let mut order: Vec<usize> = (0..columns).collect();
        order.sort_by_key(|column| needs[*column]);
        let mut widths = vec![0; columns];
        for (done, column) in order.into_iter().enumerate() {
            widths[column] = needs[column].min(room / (columns - done)).max(1);
            room = room.saturating_sub(widths[column]);
        }
        widths
    }

    fn line(&self, text: &mut String, row: &[String], widths: &[usize]) {
        let wrapped: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| wrap(cell, *width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(1);
        for nth in 0..height {
            let mut line = INDENT.to_owned();
            for (cell, width) in wrapped.iter().zip(widths) {
                let piece = cell.get(nth).map_or("", String::as_str);
                let _ = write!(line, "{piece:<width$}{:GAP$}", "");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
}

/// Breaks a text into lines of at most `width` characters, at spaces where there are any.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let mut letters: Vec<char> = word.chars().collect();
            let taken = line.chars().count();
            if taken > 0 && taken + 1 + letters.len() > width {
                lines.push(std::mem::take(&mut line));
            }
            while letters.len() > width {
                let rest = letters.split_off(width);
                lines.push(letters.into_iter().collect());
                letters = rest;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(letters);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_at_spaces_and_long_words_are_cut() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn no_line_is_wider_than_the_page() {
        let mut table = TextTable::new(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]);
        table.row(vec!["word ".repeat(30), "x".repeat(150), "short".to_owned()]);
        let text = table.render();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.contains("short"));
    }

    #[test]
    fn narrow_columns_are_not_stretched() {
        let mut table = TextTable::new(vec!["k".to_owned(), "value".to_owned()]);
        table.row(vec!["key".to_owned(), "1".to_owned()]);
        assert_eq!(table.render(), "  k    value\n  ───  ─────\n  key  1\n");
    }
}
