//! Two columns on the terminal, one per person, filled as things happen.

use anstyle::{AnsiColor, Style};

/// Whose column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// The columns.
pub(crate) struct Columns {
    names: [&'static str; 2],
    width: usize,
    colour: bool,
}

/// Widest column in characters; wider lines are hard to read.
const WIDEST: usize = 56;
/// Narrowest, where the terminal's width is not known to be more.
const NARROWEST: usize = 36;

impl Columns {
    /// Columns with these headings, as wide as the terminal allows.
    pub(crate) fn new(left: &'static str, right: &'static str) -> Self {
        let terminal = terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
        let width = terminal.map_or(NARROWEST, |columns| columns.saturating_sub(3) / 2).clamp(NARROWEST, WIDEST);
        let plain = std::env::var_os("NO_COLOR").is_some();
        let colour = !plain && std::io::IsTerminal::is_terminal(&std::io::stdout());
        Self { names: [left, right], width, colour }
    }

    /// The headings.
    pub(crate) fn head(&self) {
        let [left, right] = self.names;
        println!("{left:<width$} │ {right}", width = self.width);
        self.rule("┼");
    }

    /// The end.
    pub(crate) fn foot(&self) {
        self.rule("┴");
    }

    /// Puts text into a column; its first line is a heading when more follow.
    pub(crate) fn say(&self, side: Side, text: &str) {
        let mut lines = text.lines().flat_map(|line| wrap(line, self.width));
        let first = lines.next().unwrap_or_default();
        self.row(side, &first, text.contains('\n'));
        for line in lines {
            self.row(side, &line, false);
        }
    }

    fn row(&self, side: Side, text: &str, heading: bool) {
        let padding = " ".repeat(self.width.saturating_sub(text.chars().count()));
        let style = Style::new().fg_color(Some(AnsiColor::Cyan.into()));
        let text = if heading && self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() };
        match side {
            Side::Left => println!("{text}{padding} │"),
            Side::Right => println!("{:width$} │ {text}", "", width = self.width),
        }
    }

    fn rule(&self, cross: &str) {
        println!("{}─{cross}─{}", "─".repeat(self.width), "─".repeat(self.width));
    }
}

/// Breaks a line at blanks so that no part is wider than `width`; a longer word is cut.
fn wrap(line: &str, width: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for word in line.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let used = parts.last().map_or(0, |part| part.chars().count());
            let blank = usize::from(used > 0);
            if used + blank + word.len() <= width {
                if let Some(part) = parts.last_mut() {
                    part.extend(std::iter::repeat_n(' ', blank).chain(word));
                }
                break;
            }
            if used > 0 {
                parts.push(String::new());
            } else {
                let rest = word.split_off(width);
                parts = [parts[..parts.len() - 1].to_vec(), vec![word.into_iter().collect(), String::new()]].concat();
                word = rest;
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_break_at_blanks_and_long_words_are_cut() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("¿cómo estás?", 12), ["¿cómo estás?"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
