//! A record of a DynamoDB stream, as functions get it (gateway fact E-03).

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::batch;

/// One change of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamRecord {
    /// As it stands in the event.
    event: Value,
    sequence_number: String,
    created: Timestamp,
    size: usize,
}

/// Keys of a record in AWS's order.
const RECORD: [&str; 6] = ["eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb"];
const CHANGE: [&str; 7] =
    ["ApproximateCreationDateTime", "Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes", "StreamViewType"];

impl StreamRecord {
    /// From `GetRecords`; `None` when it has no sequence number. `region` is the gateway's: emulators have their own.
    pub fn read(record: &Value, stream_arn: &str, region: &str) -> Option<Self> {
        let change = record.get("dynamodb")?;
        let sequence_number = change.get("SequenceNumber")?.as_str()?.to_owned();
        let mut event = in_order(record, &RECORD);
        event.insert("awsRegion".to_owned(), region.into());
        let mut change = in_order(change, &CHANGE);
        for image in ["NewImage", "OldImage"] {
            change.get_mut(image).and_then(Value::as_object_mut).into_iter().for_each(name_empty_maps);
        }
        event.insert("dynamodb".to_owned(), change.into());
        if let Some(identity) = record.get("userIdentity").and_then(Value::as_object) {
            // The API writes its keys with a capital, events do not.
            let lower =
                |key: &String| key.chars().take(1).flat_map(char::to_lowercase).chain(key.chars().skip(1)).collect();
            let identity: Map<String, Value> =
                identity.iter().map(|(key, value)| (lower(key), value.clone())).collect();
            event.insert("userIdentity".to_owned(), identity.into());
        }
        event.insert("eventSourceARN".to_owned(), stream_arn.into());
        let event = Value::Object(event);
        let created = event["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or_default();
        // Milliseconds are all there is; a time out of range is none.
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let created = Timestamp::from_millisecond((created * 1000.0) as i64).unwrap_or_default();
        Some(Self { size: event.to_string().len() + 1, event, sequence_number, created })
    }

    /// As filters and functions see it.
    pub fn event(&self) -> &Value {
        &self.event
    }

    /// Identifies it in its shard.
    pub fn sequence_number(&self) -> &str {
        &self.sequence_number
    }

    /// Which of `lanes` parallel parts of a shard it belongs to: records of one partition key all to the same (E-01).
    pub fn lane(&self, partition_key: &str, lanes: usize) -> usize {
        let mut hasher = DefaultHasher::new();
        self.event["dynamodb"]["Keys"][partition_key].to_string().hash(&mut hasher);
        usize::try_from(hasher.finish() % (lanes.max(1) as u64)).unwrap_or_default()
    }
}

impl batch::Record for StreamRecord {
    fn size(&self) -> usize {
        self.size
    }

    fn created(&self) -> Timestamp {
        self.created
    }
}

/// `{"Records": […]}`.
pub fn event<'r>(records: impl IntoIterator<Item = &'r StreamRecord>) -> Bytes {
    let records: Vec<&Value> = records.into_iter().map(StreamRecord::event).collect();
    Bytes::from(serde_json::json!({ "Records": records }).to_string())
}

fn in_order(object: &Value, keys: &[&str]) -> Map<String, Value> {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), object.get(key)?.clone()))).collect()
}

/// Gives empty maps the name of their type, which DynamoDB Local leaves out in streams (of all other types it never does).
fn name_empty_maps(attributes: &mut Map<String, Value>) {
    attributes.values_mut().for_each(name_empty_map);
}

fn name_empty_map(value: &mut Value) {
    let Some(typed) = value.as_object_mut() else { return };
    if typed.is_empty() {
        typed.insert("M".to_owned(), Map::new().into());
    } else if let Some(within) = typed.get_mut("M").and_then(Value::as_object_mut) {
        name_empty_maps(within);
    } else if let Some(within) = typed.get_mut("L").and_then(Value::as_array_mut) {
        within.iter_mut().for_each(name_empty_map);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use batch::Record as _;

    const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026";

    fn record(key: &str) -> Value {
        json!({
            "awsRegion": "elsewhere",
            "dynamodb": {
                "SequenceNumber": "100000000000000000007", "SizeBytes": 26, "StreamViewType": "NEW_AND_OLD_IMAGES",
                "ApproximateCreationDateTime": 1_790_294_508.0, "NewImage": {"pk": {"S": key}, "n": {"N": "1e3"}},
                "Keys": {"pk": {"S": key}},
            },
            "eventID": "e1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "eventVersion": "1.1",
        })
    }

    #[test]
    fn e_03_the_shape_of_a_record() {
        let read = StreamRecord::read(&record("a"), ARN, "us-east-1").unwrap();
        let expected = "{\"eventID\":\"e1\",\"eventName\":\"INSERT\",\"eventVersion\":\"1.1\",\
                        \"eventSource\":\"aws:dynamodb\",\"awsRegion\":\"us-east-1\",\"dynamodb\":{\
                        \"ApproximateCreationDateTime\":1790294508.0,\"Keys\":{\"pk\":{\"S\":\"a\"}},\
                        \"NewImage\":{\"pk\":{\"S\":\"a\"},\"n\":{\"N\":\"1e3\"}},\
                        \"SequenceNumber\":\"100000000000000000007\",\"SizeBytes\":26,\
                        \"StreamViewType\":\"NEW_AND_OLD_IMAGES\"},\"eventSourceARN\":\
                        \"arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026\"}";
        assert_eq!(read.event().to_string(), expected);
        assert_eq!((read.size(), read.created().as_second()), (expected.len() + 1, 1_790_294_508));
        assert_eq!(event([&read]), format!("{{\"Records\":[{expected}]}}"));
    }

    #[test]
    fn e_03_what_time_to_live_removed_says_so() {
        let mut removed = record("a");
        removed["userIdentity"] = json!({"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"});
        let read = StreamRecord::read(&removed, ARN, "us-east-1").unwrap();
        let identity = json!({"principalId": "dynamodb.amazonaws.com", "type": "Service"});
        assert_eq!(read.event()["userIdentity"], identity);
        assert_eq!(StreamRecord::read(&json!({"dynamodb": {}}), ARN, "r"), None);
    }

    #[test]
    fn e_01_a_partition_key_keeps_its_lane() {
        let lane = |key: &str| StreamRecord::read(&record(key), ARN, "r").unwrap().lane("pk", 10);
        assert_eq!(lane("a"), lane("a"));
        let lanes: std::collections::BTreeSet<_> = (0..200).map(|number| lane(&number.to_string())).collect();
        assert_eq!(lanes.len(), 10);
    }

    #[test]
    fn e_03_an_empty_map_is_one_also_where_the_stream_does_not_say_so() {
        let mut of_dynamodb_local = record("a");
        of_dynamodb_local["dynamodb"]["NewImage"] = json!({
            "m": {}, "l": {"L": [{}, {"S": ""}]}, "n": {"M": {"x": {}, "e": {"L": []}}},
        });
        let read = StreamRecord::read(&of_dynamodb_local, ARN, "us-east-1").unwrap();
        let expected = json!({
            "m": {"M": {}}, "l": {"L": [{"M": {}}, {"S": ""}]}, "n": {"M": {"x": {"M": {}}, "e": {"L": []}}},
        });
        assert_eq!(read.event()["dynamodb"]["NewImage"], expected);
    }
}
