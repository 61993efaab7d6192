//! What an on-failure destination is told (gateway fact E-07).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::batch::{Batch, Condition, Record};
use super::record::StreamRecord;

/// Where a batch came from and who was to handle it.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Request id of the last invocation, or a new one when there was none.
    pub request_id: &'a str,
    /// ARN of the function.
    pub function_arn: &'a str,
    /// ARN of the stream.
    pub stream_arn: &'a str,
    /// Shard.
    pub shard_id: &'a str,
    /// When it was given up.
    pub now: Timestamp,
}

/// The record of a batch that was given up. It tells where the records are, not what is in them.
pub fn record(batch: &Batch<StreamRecord>, condition: Condition, context: Context<'_>) -> Value {
    let condition = match condition {
        Condition::RetryAttemptsExhausted => "RetryAttemptsExhausted",
        Condition::RecordAgeExceeded => "RecordAgeExceeded",
    };
    let edge = |record: Option<&StreamRecord>| {
        let number = record.map(StreamRecord::sequence_number).unwrap_or_default().to_owned();
        (number, record.map_or(Timestamp::UNIX_EPOCH, Record::created).strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    let (first, first_arrival) = edge(batch.records.first());
    let (last, last_arrival) = edge(batch.records.last());
    json!({
        "requestContext": {
            "requestId": context.request_id,
            "functionArn": context.function_arn,
            "condition": condition,
            "approximateInvokeCount": batch.attempts,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": batch.by_error.then_some("Unhandled"),
        },
        "version": "1.0",
        "timestamp": format!("{:.3}", context.now),
        "DDBStreamBatchInfo": {
            "shardId": context.shard_id,
            "startSequenceNumber": first,
            "endSequenceNumber": last,
            "approximateArrivalOfFirstRecord": first_arrival,
            "approximateArrivalOfLastRecord": last_arrival,
            "batchSize": batch.records.len(),
            "streamArn": context.stream_arn,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(number: u32, created: u32) -> StreamRecord {
        let change = json!({"SequenceNumber": number.to_string(), "ApproximateCreationDateTime": created});
        StreamRecord::read(&json!({ "dynamodb": change }), "arn", "r").unwrap()
    }

    #[test]
    fn e_07_the_record_of_a_batch_that_was_given_up() {
        let records = vec![item(1, 0), item(2, 5), item(3, 61)];
        let mut batch = Batch { records, attempts: 3, by_error: true };
        let context = Context {
            request_id: "id",
            function_arn: "arn:f",
            stream_arn: "arn:s",
            shard_id: "shard",
            now: Timestamp::from_millisecond(90_007).unwrap(),
        };
        let told = record(&batch, Condition::RetryAttemptsExhausted, context);
        let expected = json!({
            "requestContext": {
                "requestId": "id", "functionArn": "arn:f", "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 3,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": "1970-01-01T00:01:30.007Z",
            "DDBStreamBatchInfo": {
                "shardId": "shard", "startSequenceNumber": "1", "endSequenceNumber": "3",
                "approximateArrivalOfFirstRecord": "1970-01-01T00:00:00Z",
                "approximateArrivalOfLastRecord": "1970-01-01T00:01:01Z",
                "batchSize": 3, "streamArn": "arn:s",
            },
        });
        assert_eq!(told.to_string(), expected.to_string());
        batch.by_error = false;
        let told = record(&batch, Condition::RecordAgeExceeded, context);
        assert_eq!(told["responseContext"]["functionError"], Value::Null, "the function itself named the failures");
        assert_eq!(told["requestContext"]["condition"], "RecordAgeExceeded");
    }
}
