//! The matrix as it is written: one row a line, one column for each kind of person.

use super::people::Who;

/// One line of the matrix.
#[derive(Debug, Clone)]
pub struct Row {
    /// A route or an action, as the template spells it.
    pub what: &'static str,
    /// What is asked for, where a route has more than one row; empty otherwise.
    pub case: &'static str,
    cells: Vec<&'static str>,
}

impl Row {
    /// What somebody should get.
    pub fn expected(&self, who: Who) -> &'static str {
        self.cells[Who::ALL.iter().position(|one| *one == who).unwrap()]
    }

    /// What a failure says first.
    pub fn named(&self, who: Who) -> String {
        let case = if self.case.is_empty() { String::new() } else { format!(" · {}", self.case) };
        format!("{}{case}, column \"{}\"", self.what, who.heading())
    }
}

/// The rows of a matrix. The first line is the headings; lines of dashes are for the eye.
pub fn rows(matrix: &'static str) -> Vec<Row> {
    let mut lines = matrix.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('-'));
    let split = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
    let headings = split(lines.next().expect("headings"));
    assert_eq!(headings[1..], Who::ALL.map(Who::heading));
    let rows: Vec<_> = lines
        .map(|line| {
            let cells = split(line);
            assert_eq!(cells.len(), headings.len(), "{line}");
            let (what, case) = cells[0].split_once(" · ").unwrap_or((cells[0], ""));
            Row { what: what.trim(), case: case.trim(), cells: cells[1..].to_vec() }
        })
        .collect();
    for (place, row) in rows.iter().enumerate() {
        let twice = rows[..place].iter().any(|other| (other.what, other.case) == (row.what, row.case));
        assert!(!twice, "{} {} has two rows", row.what, row.case);
    }
    rows
}
