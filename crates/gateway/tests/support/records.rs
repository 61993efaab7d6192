//! What the test function does with records: those of a stream say so in their new image, those of a queue in their
//! body.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use lambda_runtime::Error;
use serde_json::{Value, json};

/// How often this process saw each record that fails at first.
static SEEN: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

/// `error`: the whole batch fails. `flaky: n`: it fails the first n times. `fail`: this record is named as failed.
pub(crate) fn handle(records: &[Value]) -> Result<Value, Error> {
    let mut failures = Vec::new();
    for record in records {
        let body = record["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
        let image = body.unwrap_or_else(|| record["dynamodb"]["NewImage"].clone());
        let id =
            record["dynamodb"]["SequenceNumber"].as_str().or_else(|| record["messageId"].as_str()).unwrap_or_default();
        if let Some(message) = image["error"]["S"].as_str() {
            return Err(message.into());
        }
        if let Some(times) = image["flaky"]["N"].as_str() {
            let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
            let count = seen.entry(id.to_owned()).or_default();
            *count += 1;
            if *count <= times.parse()? {
                return Err("not yet".into());
            }
        }
        if image.get("fail").is_some() {
            failures.push(json!({ "itemIdentifier": id }));
        }
    }
    Ok(json!({ "batchItemFailures": failures }))
}
