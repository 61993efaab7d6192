//! List prices, in dollars: us-east-1, on demand, without free tiers, looked up in November 2026.

use crate::used::{Entry, Row, Used};

/// A million DynamoDB read request units, standard table class.
const READ: f64 = 0.125;
/// A million DynamoDB write request units, likewise.
pub(crate) const WRITE: f64 = 0.625;
/// A million requests to an HTTP API.
const HTTP: f64 = 1.0;
/// A million messages of up to 32 KB, in or out, of a WebSocket API.
const FRAME: f64 = 1.0;
/// A million invocations of Lambda functions, without their time.
const INVOCATION: f64 = 0.2;
/// A million S3 requests that write, copy or list, standard storage class.
const S3_WRITE: f64 = 5.0;
/// A million S3 requests that read, likewise. Deleting is free.
const S3_READ: f64 = 0.4;
/// A million characters that Amazon Translate translates.
const CHARACTERS: f64 = 15.0;

/// The prices in a sentence.
pub(crate) fn described() -> String {
    format!(
        "list prices of November 2026 for us-east-1, on demand, without free tiers, for a million: DynamoDB ${READ}
read and ${WRITE} write units; ${HTTP:.2} HTTP requests; ${FRAME:.2} frames of up to 32 KB, in or out; ${INVOCATION:.2} invocations;
S3 ${S3_WRITE:.2} requests that write and ${S3_READ:.2} that read; Amazon Translate ${CHARACTERS:.2} for a million characters.
Storage, backups and minutes of connection come on top"
    )
}

/// DynamoDB's requests of a million calls.
pub(crate) fn dollars(used: &Used) -> f64 {
    used.read.mul_add(READ, used.write * WRITE)
}

/// What a million calls have translated.
#[allow(clippy::cast_precision_loss, reason = "some thousands")]
pub(crate) fn translated(row: &Row) -> f64 {
    row.used.characters as f64 * CHARACTERS
}

/// A million calls with all they use but Lambda's time.
#[allow(clippy::cast_precision_loss, reason = "some thousands")]
pub(crate) fn bill(row: &Row) -> f64 {
    let used = &row.used;
    let asked = match row.entry {
        Entry::Http => HTTP + INVOCATION,
        Entry::Frame => FRAME + INVOCATION,
        Entry::Invocation => INVOCATION,
        Entry::Signed => 0.0,
    };
    let files = used.files.iter().map(|(operation, count)| f64::from(*count) * file(operation)).sum::<f64>();
    let others = used.posts as f64 * FRAME + used.invocations as f64 * INVOCATION;
    dollars(used) + asked + files + others + translated(row)
}

fn file(operation: &str) -> f64 {
    match operation {
        "GetObject" | "HeadObject" => S3_READ,
        "DeleteObject" | "DeleteObjects" => 0.0,
        _ => S3_WRITE,
    }
}
