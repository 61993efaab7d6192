//! What an operation used, and the rows of it.

use std::collections::BTreeMap;

/// What one call of one operation used.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Used {
    /// DynamoDB requests, by operation.
    pub(crate) requests: BTreeMap<String, u32>,
    /// Read units.
    pub(crate) read: f64,
    /// Write units.
    pub(crate) write: f64,
    /// S3 requests, by operation.
    pub(crate) files: BTreeMap<String, u32>,
    /// Texts that were translated.
    pub(crate) texts: u32,
    /// Their characters.
    pub(crate) characters: usize,
    /// Frames posted to connections, and connections closed.
    pub(crate) posts: usize,
    /// Asynchronous invocations. What they used is in the rest.
    pub(crate) invocations: usize,
}

impl Used {
    /// What two operations used together.
    pub(crate) fn add(&mut self, other: Self) {
        for (operation, count) in other.requests {
            *self.requests.entry(operation).or_default() += count;
        }
        for (operation, count) in other.files {
            *self.files.entry(operation).or_default() += count;
        }
        self.read += other.read;
        self.write += other.write;
        self.texts += other.texts;
        self.characters += other.characters;
        self.posts += other.posts;
        self.invocations += other.invocations;
    }
}

/// How an operation is asked for: what that costs apart from what it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A request to the HTTP API.
    Http,
    /// A frame to the WebSocket API.
    Frame,
    /// An invocation that no request is billed for: the beginning and end of a connection, an asynchronous one.
    Invocation,
    /// A request straight to S3, by an address that a function signed.
    Signed,
}

/// One operation at one size of conversation.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The function's name.
    pub(crate) function: &'static str,
    /// Which case of it; empty for the only one.
    pub(crate) case: &'static str,
    /// The conversations' members, `2, 10`; empty where their number changes nothing.
    pub(crate) members: String,
    /// How it is asked for.
    pub(crate) entry: Entry,
    /// What it used.
    pub(crate) used: Used,
}

/// The same operations in conversations of several sizes, as one list: what is the same at each size stands once.
pub(crate) fn merged(sizes: &[(usize, Vec<Row>)]) -> Vec<Row> {
    let (_, first) = &sizes[0];
    let mut merged = Vec::new();
    for (index, row) in first.iter().enumerate() {
        let at = |rows: &Vec<Row>| rows.get(index).cloned().expect("the same operations at each size");
        let mut runs: Vec<(Vec<usize>, Row)> = Vec::new();
        for (size, rows) in sizes {
            let here = at(rows);
            assert_eq!((here.function, here.case), (row.function, row.case), "the same operations at each size");
            match runs.last_mut() {
                Some((same, before)) if before.used == here.used => same.push(*size),
                _ => runs.push((vec![*size], here)),
            }
        }
        let all = runs.len() == 1;
        for (same, row) in runs {
            let members = same.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            merged.push(Row { members: if all { String::new() } else { members }, ..row });
        }
    }
    merged
}

/// The rows of each function together, in the order in which the functions first appear.
pub(crate) fn by_function(rows: Vec<Row>) -> Vec<Row> {
    let mut order: Vec<&str> = Vec::new();
    for row in &rows {
        if !order.contains(&row.function) {
            order.push(row.function);
        }
    }
    let mut sorted = rows;
    sorted.sort_by_key(|row| order.iter().position(|name| *name == row.function));
    sorted
}
