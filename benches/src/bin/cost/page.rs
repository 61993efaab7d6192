//! `docs/cost.md`.

use std::fmt::Write as _;

use crate::operations::{Used, WORDS};

/// Dollars for a million read request units: us-east-1, on demand, standard table class, list price of November 2026.
const READ: f64 = 0.125;
/// Dollars for a million write request units, likewise.
const WRITE: f64 = 0.625;
/// Dollars for a million characters that Amazon Translate translates, likewise.
const CHARACTERS: f64 = 15.0;
/// Dollars for a million messages of up to 32 KB, in or out, of a WebSocket API, likewise.
const SOCKET_MESSAGES: f64 = 1.0;

/// The page with these rows.
pub(crate) fn write(sending: &[Used], others: &[Used]) -> String {
    let (sending_rows, other_rows) = (table(sending), table(others));
    let first = &sending[0];
    let (table_share, posts) = (dollars(first), first.posts);
    #[allow(clippy::cast_precision_loss, reason = "tens of characters")]
    let (characters, translated) = (WORDS.chars().count(), WORDS.chars().count() as f64 * CHARACTERS);
    #[allow(clippy::cast_precision_loss, reason = "a few connections")]
    let socket = (posts + 1) as f64 * SOCKET_MESSAGES;
    format!(
        "# What operations cost

<!-- Written by `cargo run -p benches --bin cost`; do not edit. -->

Each row is one call of the real handler on the embedded DynamoDB, which says what every request consumed by DynamoDB's
rules. A read unit is 4 KB read strongly or 8 KB read eventually, a write unit is 1 KB written; a transaction costs
double, writes to the index `GSI1` are included, and reads of what is not there cost too. One thing is missing: a write
that its condition refuses costs its units on AWS, but the answer does not say so. Of the rows below that concerns the
retry, which costs one write unit more.

Dollars are for a million calls and DynamoDB's requests alone: ${READ} for a million read units, ${WRITE} for a million
write units (us-east-1, on demand, standard table class, list price of November 2026, no free tier). Storage, backups,
Lambda and API Gateway come on top. *Texts* are requests to Amazon Translate, *posts* are frames to connections.

## `message:send`

With a `tempId` unless it says otherwise; {characters} characters; whoever is connected has one connection.

{sending_rows}
The number of members moves the reads alone: one query for all of them, and a batch of 100 for who is connected. Each
language into which these words were not translated before adds one write.

The table is the least of it: a million messages of the first row cost ${table_share:.2} here, about ${socket:.0} for {posts} frames
out and one in, and about ${translated:.0} for translation (${CHARACTERS} for a million characters).

## Everything else

{other_rows}
`ws-default` costs what the action in the frame costs; for an unknown action, and for every refused frame, the one write
that counts it. `http-default` asks for nothing.
"
    )
}

fn table(rows: &[Used]) -> String {
    let mut table = "| operation | DynamoDB requests | read units | write units | $ a million | texts | posts |\n\
        |---|---|---|---|---|---|---|\n"
        .to_owned();
    for row in rows {
        let (what, read, write, dollars) = (&row.what, row.read, row.write, dollars(row));
        let requests = row.requests.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>();
        let requests = if requests.is_empty() { "none".to_owned() } else { requests.join(", ") };
        let (texts, posts) = (row.translations, row.posts);
        writeln!(table, "| {what} | {requests} | {read} | {write} | {dollars:.2} | {texts} | {posts} |")
            .expect("memory");
    }
    table
}

/// DynamoDB requests of a million calls.
fn dollars(used: &Used) -> f64 {
    used.read.mul_add(READ, used.write * WRITE)
}
