//! DynamoDB Streams: a real table, read by its real protocol, and functions that succeed and fail (E-01 to E-08).

mod restarts;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_sqs::config::{BehaviorVersion, Region};
use gateway::event_source::{Endpoint, Sources};
use gateway::model::{EventSourceMapping, Source, StartingPosition, Stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::{Plan, Stack, location, seen_by_function};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:dead-letters";

/// A table with a stream; it ends with this value.
struct Table {
    url: String,
    stream: String,
    _stop: DropGuard,
}

impl Table {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let database = dynoxide::Database::memory().unwrap();
        tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, stop.clone().cancelled_owned()));
        let mut table = Self { url, stream: String::new(), _stop: stop.drop_guard() };
        let created = table
            .call(
                "CreateTable",
                json!({
                    "TableName": "streamed-table",
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                    "AttributeDefinitions": [
                        {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"},
                    ],
                    "BillingMode": "PAY_PER_REQUEST",
                    "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
                }),
            )
            .await;
        created["TableDescription"]["LatestStreamArn"].as_str().unwrap().clone_into(&mut table.stream);
        table
    }

    async fn call(&self, operation: &str, body: Value) -> Value {
        self.ask("DynamoDB_20120810", operation, body).await
    }

    async fn streams(&self, operation: &str, body: Value) -> Value {
        self.ask("DynamoDBStreams_20120810", operation, body).await
    }

    async fn ask(&self, service: &str, operation: &str, body: Value) -> Value {
        let answer = reqwest::Client::new()
            .post(&self.url)
            .header("x-amz-target", format!("{service}.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("authorization", "AWS4-HMAC-SHA256 Credential=k/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
            .header("x-amz-date", "20261120T000000Z")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{operation}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Puts an item with more attributes, which tell the function what to do.
    async fn put(&self, pk: &str, sk: u32, attributes: Value) {
        let mut item = json!({"pk": {"S": pk}, "sk": {"N": sk.to_string()}});
        item.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
        self.call("PutItem", json!({"TableName": "streamed-table", "Item": item})).await;
    }

    /// Of the stream's one shard.
    async fn last_sequence_number(&self) -> String {
        let described = self.streams("DescribeStream", json!({"StreamArn": self.stream})).await;
        let range = &described["StreamDescription"]["Shards"][0]["SequenceNumberRange"];
        range["EndingSequenceNumber"].as_str().unwrap().to_owned()
    }

    async fn put_all(&self, keys: impl IntoIterator<Item = u32>) {
        for sk in keys {
            self.put("p", sk, json!({})).await;
        }
    }
}

/// A plan whose function reads the stream from its beginning.
fn plan(table: &Table, change: impl FnOnce(&mut EventSourceMapping, &mut Stream)) -> Plan {
    let mut stream = Stream {
        arn: table.stream.clone(),
        table: None,
        starting_position: StartingPosition::TrimHorizon,
        parallelization_factor: 1,
        bisect_batch_on_function_error: false,
        maximum_retry_attempts: None,
        maximum_record_age: None,
        on_failure: None,
    };
    let mut mapping = EventSourceMapping {
        logical_id: "EchoStream".to_owned(),
        function: "Echo".to_owned(),
        source: Source::DynamoDb(stream.clone()),
        enabled: true,
        batch_size: 100,
        batching_window: Duration::ZERO,
        filters: Vec::new(),
        report_batch_item_failures: false,
        location: location(1),
    };
    change(&mut mapping, &mut stream);
    mapping.source = Source::DynamoDb(stream);
    let mut plan = Plan::new().limits(|limits| limits.stream_pause = Duration::from_millis(1));
    plan.application.event_source_mappings.insert("EchoStream".to_owned(), mapping);
    let (region, key) = ("us-east-1".to_owned(), "local".to_owned());
    let endpoint = Endpoint { url: table.url.clone(), region, access_key_id: key.clone(), secret_access_key: key };
    plan.sources = Sources { dynamodb: Some(endpoint), progress: None };
    plan
}

/// Partition key and sort key of each record of the next event.
async fn next(stack: &mut Stack) -> Vec<(String, u32)> {
    let event = stack.until(|event| seen_by_function(event).filter(|event| event["Records"].is_array())).await;
    let keys = |record: &Value| {
        let keys = &record["dynamodb"]["Keys"];
        (keys["pk"]["S"].as_str().unwrap().to_owned(), keys["sk"]["N"].as_str().unwrap().parse().unwrap())
    };
    event["Records"].as_array().unwrap().iter().map(keys).collect()
}

async fn next_numbers(stack: &mut Stack) -> Vec<u32> {
    next(stack).await.into_iter().map(|(_, sk)| sk).collect()
}

/// Everything the next events hold, until there are so many.
async fn numbers(stack: &mut Stack, count: usize) -> Vec<u32> {
    let mut all = Vec::new();
    while all.len() < count {
        all.extend(next_numbers(stack).await);
    }
    all
}

/// An SQS client of the gateway.
fn sqs(stack: &Stack) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("AKIATEST", "secret", None, None, "test"))
        .endpoint_url(stack.url("/"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_sqs::Client::from_conf(config)
}

/// The next dead letter, deleted.
async fn dead_letter(stack: &Stack) -> Value {
    let sqs = sqs(stack);
    let url = sqs.get_queue_url().queue_name("dead-letters").send().await.unwrap().queue_url.unwrap();
    let received = sqs.receive_message().queue_url(&url).wait_time_seconds(20).send().await.unwrap();
    let message = received.messages().first().expect("no dead letter").clone();
    sqs.delete_message().queue_url(&url).receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
    serde_json::from_str(&message.body.unwrap()).unwrap()
}

#[tokio::test]
async fn e_01_e_03_changes_of_a_table_reach_the_function_in_order() {
    let table = Table::new().await;
    let mut stack = plan(&table, |_, _| {}).start().await;
    table.put("a", 1, json!({"text": {"S": "first"}})).await;
    let event = stack.until(|event| seen_by_function(event).filter(|event| event["Records"].is_array())).await;
    let record = &event["Records"][0];
    let keys: Vec<_> = record.as_object().unwrap().keys().cloned().collect();
    let expected = ["eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN"];
    assert_eq!(keys, expected);
    assert_eq!((&record["eventName"], &record["awsRegion"]), (&json!("INSERT"), &json!("us-east-1")));
    assert_eq!(record["eventSourceARN"], table.stream);
    let image = json!({"pk": {"S": "a"}, "sk": {"N": "1"}, "text": {"S": "first"}});
    assert_eq!(record["dynamodb"]["NewImage"], image);
    table.put_all(2..40).await;
    assert!(numbers(&mut stack, 38).await.into_iter().eq(2..40));
}

#[tokio::test]
async fn e_02_batches_have_their_size_and_begin_where_they_are_told() {
    let table = Table::new().await;
    table.put_all(0..7).await;
    let mut stack = plan(&table, |mapping, _| mapping.batch_size = 3).start().await;
    let mut batches = Vec::new();
    while batches.iter().map(Vec::len).sum::<usize>() < 7 {
        batches.push(next_numbers(&mut stack).await);
    }
    assert!(batches.iter().all(|batch| batch.len() <= 3), "{batches:?}");
    assert!(batches.concat().into_iter().eq(0..7));

    // LATEST: what was there before never comes.
    let mut stack = plan(&table, |_, stream| stream.starting_position = StartingPosition::Latest).start().await;
    let first = loop {
        table.put_all(100..101).await;
        table
            .call("DeleteItem", json!({"TableName": "streamed-table", "Key": {"pk": {"S": "p"}, "sk": {"N": "100"}}}))
            .await;
        let waiting = tokio::time::timeout(Duration::from_millis(300), next_numbers(&mut stack));
        if let Ok(numbers) = waiting.await {
            break numbers;
        }
    };
    assert!(first.iter().all(|number| *number == 100), "{first:?}");
}

#[tokio::test]
async fn e_02_records_wait_for_more_within_the_window() {
    let table = Table::new().await;
    let change = |mapping: &mut EventSourceMapping, _: &mut Stream| {
        mapping.batch_size = 4;
        mapping.batching_window = Duration::from_mins(5);
    };
    let mut stack = plan(&table, change).start().await;
    // The window is long: only the fourth makes them go.
    table.put_all(0..4).await;
    assert_eq!(next_numbers(&mut stack).await, [0, 1, 2, 3]);
}

#[tokio::test]
async fn e_04_a_failing_batch_blocks_its_shard_until_it_succeeds() {
    let table = Table::new().await;
    table.put("p", 0, json!({"flaky": {"N": "2"}})).await;
    table.put_all(1..3).await;
    let mut stack = plan(&table, |mapping, _| mapping.batch_size = 1).start().await;
    assert_eq!(numbers(&mut stack, 5).await, [0, 0, 0, 1, 2]);
}

#[tokio::test]
async fn e_04_e_07_what_is_given_up_goes_to_the_dead_letters() {
    let table = Table::new().await;
    table.put("p", 0, json!({"error": {"S": "poison"}})).await;
    table.put_all(1..2).await;
    let change = |mapping: &mut EventSourceMapping, stream: &mut Stream| {
        mapping.batch_size = 1;
        stream.maximum_retry_attempts = Some(2);
        stream.on_failure = Some(QUEUE.to_owned());
    };
    let mut stack = plan(&table, change).start().await;
    assert_eq!(numbers(&mut stack, 4).await, [0, 0, 0, 1]);
    let told = dead_letter(&stack).await;
    let request = &told["requestContext"];
    assert_eq!(request["condition"], "RetryAttemptsExhausted");
    assert_eq!(request["approximateInvokeCount"], 3);
    assert_eq!(request["functionArn"], "arn:aws:lambda:us-east-1:000000000000:function:test-echo");
    assert_eq!(told["responseContext"]["functionError"], "Unhandled");
    let batch = &told["DDBStreamBatchInfo"];
    assert_eq!((&batch["batchSize"], &batch["streamArn"]), (&json!(1), &json!(table.stream)));
    assert_eq!(batch["startSequenceNumber"], batch["endSequenceNumber"]);
}

#[tokio::test]
async fn e_05_bisecting_finds_the_record_that_fails() {
    let table = Table::new().await;
    table.put_all(0..5).await;
    table.put("p", 5, json!({"error": {"S": "poison"}})).await;
    table.put_all(6..8).await;
    let change = |_: &mut EventSourceMapping, stream: &mut Stream| {
        stream.bisect_batch_on_function_error = true;
        stream.maximum_retry_attempts = Some(0);
        stream.on_failure = Some(QUEUE.to_owned());
    };
    let mut stack = plan(&table, change).start().await;
    let mut tried = Vec::new();
    while tried.last().is_none_or(|batch: &Vec<u32>| *batch.last().unwrap() != 7 || batch.contains(&5)) {
        tried.push(next_numbers(&mut stack).await);
    }
    // What did not hold the poison was done once, and in order.
    let done: Vec<_> = tried.iter().filter(|batch| !batch.contains(&5)).flatten().copied().collect();
    assert_eq!(done, [0, 1, 2, 3, 4, 6, 7]);
    let told = dead_letter(&stack).await;
    assert_eq!(told["DDBStreamBatchInfo"]["batchSize"], 1);
    assert_eq!(told["requestContext"]["approximateInvokeCount"], 1);
}

#[tokio::test]
async fn e_06_a_partial_answer_repeats_from_its_checkpoint() {
    let table = Table::new().await;
    table.put_all(0..3).await;
    table.put("p", 3, json!({"fail": {"N": "1"}})).await;
    table.put_all(4..6).await;
    let change = |mapping: &mut EventSourceMapping, stream: &mut Stream| {
        mapping.report_batch_item_failures = true;
        stream.maximum_retry_attempts = Some(1);
        stream.on_failure = Some(QUEUE.to_owned());
    };
    let mut stack = plan(&table, change).start().await;
    assert_eq!(next_numbers(&mut stack).await, [0, 1, 2, 3, 4, 5]);
    assert_eq!(next_numbers(&mut stack).await, [3, 4, 5]);
    let told = dead_letter(&stack).await;
    assert_eq!(told["responseContext"]["functionError"], Value::Null);
    assert_eq!(told["DDBStreamBatchInfo"]["batchSize"], 3);
}

#[tokio::test]
async fn e_08_what_the_filters_leave_out_is_passed_over() {
    let table = Table::new().await;
    table.put_all(0..10).await;
    table.call("DeleteItem", json!({"TableName": "streamed-table", "Key": {"pk": {"S": "p"}, "sk": {"N": "2"}}})).await;
    let filters = vec![
        json!({"eventName": ["REMOVE"]}),
        json!({"dynamodb": {"NewImage": {"sk": {"N": [{"numeric": [">", 7]}]}}}}),
    ];
    let mut stack = plan(&table, |mapping, _| mapping.filters = filters).start().await;
    assert_eq!(numbers(&mut stack, 3).await, [8, 9, 2]);
}

#[tokio::test]
async fn e_01_parallel_lanes_keep_the_order_of_each_key() {
    let table = Table::new().await;
    for sk in 0..10 {
        for pk in ["a", "b", "c", "d", "e", "f"] {
            table.put(pk, sk, json!({})).await;
        }
    }
    let change = |mapping: &mut EventSourceMapping, stream: &mut Stream| {
        mapping.batch_size = 3;
        stream.parallelization_factor = 4;
    };
    let mut stack = plan(&table, change).start().await;
    let mut seen: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    while seen.values().map(Vec::len).sum::<usize>() < 60 {
        let batch = next(&mut stack).await;
        for (pk, sk) in batch {
            seen.entry(pk).or_default().push(sk);
        }
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.values().all(|numbers| numbers.iter().copied().eq(0..10)), "{seen:?}");
}

#[tokio::test]
async fn e_01_a_stream_that_cannot_be_read_is_told_and_tried_again() {
    let table = Table::new().await;
    let mut plan = plan(&table, |_, _| {});
    plan.sources = Sources::default();
    let mut stack = plan.start().await;
    let trouble = stack
        .until(|event| match event {
            gateway::Event::Triggered(triggered) => triggered.trouble.clone(),
            _ => None,
        })
        .await;
    assert_eq!(trouble, format!("no DynamoDB endpoint: {} is not read", table.stream));
}
