//! The tables of `docs/coming-from.md`: one row for each operation and event of a product that somebody comes from.

use serde_json::Value;

/// One row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The product's heading and the row's line, for messages.
    pub(super) place: String,
    /// What it is called there.
    pub(super) there: String,
    pub(super) here: Here,
    /// What is done, the last of which is what the row is about.
    pub(super) steps: Vec<Step>,
    /// Status or event, and what the answer holds.
    pub(super) answer: Vec<String>,
    /// What differs, and why.
    pub(super) why: String,
}

/// What answers to it here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Here {
    /// `METHOD /path` as in the template.
    Route(String),
    /// An action over the socket.
    Action(String),
    /// An event from the server.
    Event(String),
    /// Opening the socket.
    Connect,
    /// Nothing.
    Nothing,
}

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Me,
    Them,
    Nobody,
}

/// What somebody does: a request, an action, or a frame as it stands; `connect` and `disconnect`.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) who: Who,
    /// `METHOD /path`, or the name of an action; empty for what the row itself names.
    pub(super) what: String,
    pub(super) body: Option<Value>,
}

/// Every row of the page. What cannot be read is a mistake in the page.
pub(super) fn rows(page: &str) -> Vec<Row> {
    let mut heading = "";
    let mut rows = Vec::new();
    for (number, line) in page.lines().enumerate() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = title;
        }
        let Some(inside) = line.strip_prefix('|').and_then(|line| line.trim_end().strip_suffix('|')) else { continue };
        let cells: Vec<&str> = inside.split('|').map(str::trim).collect();
        if cells[0] == "There" || cells[0].starts_with("---") {
            continue;
        }
        let place = format!("{heading}, line {}", number + 1);
        let [there, here, played, answer, why] = cells[..] else { panic!("{place}: {} cells", cells.len()) };
        let steps = spans(played).into_iter().map(|span| step(&place, span)).collect();
        rows.push(Row {
            here: self::here(&place, here),
            steps,
            answer: spans(answer).into_iter().map(str::to_owned).collect(),
            there: there.to_owned(),
            why: why.to_owned(),
            place,
        });
    }
    rows
}

/// What stands between backticks.
fn spans(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn here(place: &str, cell: &str) -> Here {
    let name = spans(cell).first().copied().unwrap_or_default().to_owned();
    match cell {
        "—" => Here::Nothing,
        "`$connect`" => Here::Connect,
        _ if cell.starts_with("event ") => Here::Event(name),
        _ if name.contains(" /") => Here::Route(name),
        _ if !name.is_empty() => Here::Action(name),
        _ => panic!("{place}: {cell} is neither a route, an action, an event nor —"),
    }
}

fn step(place: &str, span: &str) -> Step {
    let (who, rest) = match span.split_once(": ") {
        Some(("them", rest)) => (Who::Them, rest),
        Some(("nobody", rest)) => (Who::Nobody, rest),
        _ => (Who::Me, span),
    };
    let (what, body) = match rest.find('{') {
        Some(at) => (rest[..at].trim(), Some(&rest[at..])),
        None => (rest.trim(), None),
    };
    let body = body.map(|body| serde_json::from_str(body).unwrap_or_else(|error| panic!("{place}: {body}: {error}")));
    Step { who, what: what.to_owned(), body }
}
