//! `docs/cost.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::prices::{self, bill, dollars, translated};
use crate::talking;
use crate::used::Row;

/// A part of the page.
pub(crate) struct Section {
    /// Its heading.
    pub(crate) title: &'static str,
    /// What its rows have in common.
    pub(crate) about: String,
    /// Its rows.
    pub(crate) rows: Vec<Row>,
}

/// The page with these sections.
pub(crate) fn write(sections: &[Section]) -> String {
    let mut page = format!(
        "# What operations cost

<!-- Written by `cargo run -p benches --bin cost`; do not edit. -->

Each row is one call of the real handler on the embedded services. DynamoDB says what every request consumed by its
rules: a read unit is 4 KB read strongly or 8 KB read eventually, a write unit is 1 KB written; a transaction costs
double, writes to the index `GSI1` are included, and reads of what is not there cost too. One thing is missing: a write
that its condition refuses costs its units on AWS, but the answer does not say so. Of the rows below that concerns the
retry of a message, which costs one write unit more.

- *Members* are those of the conversation, all of them connected, by one connection each, every other one reading
  another language than the sender's. An operation was measured at 2, 10, 100 and 1,000 members; where that made no
  difference it stands once, and without a number where it does not depend on it at all.
- *S3* are its requests. *Texts* are requests to Amazon Translate, with their characters. *Posts* are frames to
  connections, and connections closed. *Async* are asynchronous invocations, of `ws-fan-out`,
  `conversations-clear`, `users-erase` and `attachments-inspect`; what they do is in the row.
- *Table* is the price of a million calls in DynamoDB's requests alone; *all* adds {all}.

Prices are {prices}.

A process that starts reads the signing key once where it issues tokens, and the functions that know Google and Apple
ask for their keys as often as these may change: neither is in the rows.
",
        all = "the request or frame that asks,\n  Lambda's price for each invocation, S3, translation and posts. Lambda's time is not in it: a million calls of 10 ms\n  with 256 MB are about three cents",
        prices = prices::described(),
    );
    for Section { title, about, rows } in sections {
        write!(page, "\n## {title}\n\n{about}{}", table(rows)).expect("memory");
    }
    page
}

/// What messages have in common, and what one of them costs.
pub(crate) fn about_messages(rows: &[Row]) -> String {
    let mut sends = rows.iter().filter(|row| row.function == "ws-message-send" && row.members == "10");
    let row = sends.find(|row| row.used.texts == 1).expect("a message into another language");
    let (whole, table, writes, characters) = (bill(row), dollars(&row.used), row.used.write, talking::LENGTH);
    let (posts, translation) = (row.used.posts, translated(row));
    format!(
        "What is said has {characters} characters; over the socket it has a `tempId` unless it says otherwise.

The number of members moves the reads alone: one query for all of them, and a batch of 100 for who is connected. The
writes are {writes} in every size. Each language into which these words were not translated before adds one.

For example, a million messages to ten people, half of whom read another language, are ${whole:.0}: ${table:.2} for the
table, ${translation:.0} for translation, and the rest for {posts} frames out and one in, and for Lambda. The same words
once more are ${again:.0}.

",
        again = whole - translation - prices::WRITE,
    )
}

fn table(rows: &[Row]) -> String {
    let mut table = "| operation | members | DynamoDB requests | read units | write units | S3 | texts (characters) | posts | async | table, $ | all, $ |\n\
        |---|---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let mut before = ("", "");
    for row in rows {
        let what = match (row.function, row.case) {
            same if same == before => String::new(),
            (function, "") => format!("`{function}`"),
            (function, case) if function == before.0 => format!("— {case}"),
            (function, case) => format!("`{function}`, {case}"),
        };
        before = (row.function, row.case);
        let used = &row.used;
        let texts = if used.texts == 0 { String::new() } else { format!("{} ({})", used.texts, used.characters) };
        let cells = [
            what,
            row.members.clone(),
            listed(&used.requests),
            amount(used.read),
            amount(used.write),
            listed(&used.files),
            texts,
            count(used.posts),
            count(used.invocations),
            format!("{:.2}", dollars(used)),
            format!("{:.2}", bill(row)),
        ];
        writeln!(table, "| {} |", cells.join(" | ")).expect("memory");
    }
    table
}

/// Column of the read units, before that of the write units.
const READ_UNITS: usize = 4;
/// Column of the table's price, before that of everything's.
const TABLE: usize = 10;

/// Whether two lines of the page say the same. A time that ends in a zero is a byte shorter than another, and where many
/// items are read at once that can make half a read unit of difference: so much is allowed, with its price.
pub(crate) fn alike(one: &str, other: &str) -> bool {
    let (one, other): (Vec<_>, Vec<_>) = (one.split(" | ").collect(), other.split(" | ").collect());
    let number = |cell: &str| cell.trim_end_matches(" |").parse::<f64>().ok();
    let near = |one: &str, other: &str, most: f64| {
        number(one).zip(number(other)).is_some_and(|(one, other)| (one - other).abs() <= most)
    };
    let cells = one.iter().zip(&other).enumerate();
    one.len() == other.len()
        && cells.into_iter().all(|(column, (one, other))| {
            let most = if column + 1 == READ_UNITS { 0.5 } else { 0.075 };
            let may_differ = column + 1 == READ_UNITS || column + 2 > TABLE;
            one == other || (may_differ && near(one, other, most))
        })
}

fn listed(requests: &BTreeMap<String, u32>) -> String {
    requests.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

fn amount(units: f64) -> String {
    if units == 0.0 { String::new() } else { units.to_string() }
}

fn count(number: usize) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}
