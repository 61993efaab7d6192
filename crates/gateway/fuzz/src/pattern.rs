//! Event patterns. Input: a line with a pattern, then the event, both JSON.

use gateway::event_source::pattern::Pattern;
use gateway::event_source::record::{StreamRecord, event};
use serde_json::Value;

use super::message;

/// Reads the pattern, and asks it about the event and about the event as a record of a stream.
pub fn run(data: &[u8]) {
    let (pattern, given) = message::line(data);
    let given: Value = serde_json::from_slice(given).unwrap_or_default();
    let record = StreamRecord::read(&given, "arn:stream", "us-east-1");
    if let Some(record) = &record {
        let _ = record.lane("pk", 10);
        let built: Value = serde_json::from_slice(&event([record])).expect("an event is JSON");
        assert!(built["Records"].is_array());
    }
    let Ok(pattern) = serde_json::from_slice::<Value>(pattern) else { return };
    match Pattern::read(&pattern) {
        Ok(pattern) => {
            let _ = pattern.matches(&given);
            let _ = record.map(|record| pattern.matches(record.event()));
        }
        Err(message) => assert!(!message.is_empty()),
    }
}
