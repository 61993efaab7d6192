//! Schedules and queues as event sources, by a clock that stands still until it is moved.

use std::time::Duration;

use gateway::model::{EventSourceMapping, Expression, Queue, Schedule, Source};
use gateway::time::ManualClock;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{Plan, Stack, location, seen_by_function};

fn schedule(expression: Expression, zone: &str, scheduler: bool) -> Schedule {
    Schedule {
        logical_id: "Tick".to_owned(),
        name: "tick".to_owned(),
        arn: "arn:aws:events:us-east-1:000000000000:rule/tick".to_owned(),
        function: "Echo".to_owned(),
        expression,
        time_zone: zone.to_owned(),
        scheduler,
        enabled: true,
        input: None,
        location: location(1),
    }
}

async fn scheduled(stack: &mut Stack) -> Value {
    stack.until(|event| seen_by_function(event).filter(|event| event["detail-type"] == "Scheduled Event")).await
}

async fn start(schedule: Schedule, at: &str) -> (ManualClock, Stack) {
    let clock = ManualClock::at(at.parse().unwrap());
    let mut plan = Plan::new().clock(&clock);
    plan.application.schedules.insert("Tick".to_owned(), schedule);
    (clock, plan.start().await)
}

#[tokio::test]
async fn a_rate_is_due_each_time_its_time_has_passed() {
    let rate = schedule(Expression::Rate(Duration::from_mins(5)), "UTC", false);
    let (clock, mut stack) = start(rate, "2026-11-20T12:00:30Z").await;
    for due in ["2026-11-20T12:05:30Z", "2026-11-20T12:10:30Z"] {
        clock.advance(Duration::from_mins(5));
        let event = scheduled(&mut stack).await;
        assert_eq!((&event["time"], &event["source"]), (&json!(due), &json!("aws.events")));
        assert_eq!(event["resources"], json!(["arn:aws:events:us-east-1:000000000000:rule/tick"]));
    }
}

#[tokio::test]
async fn cron_is_due_by_the_clock_of_its_time_zone() {
    let fields = ["0", "9", "?", "*", "MON-FRI", "*"].map(str::to_owned);
    let cron = schedule(Expression::Cron(fields), "Europe/Berlin", true);
    let (clock, mut stack) = start(cron, "2026-11-20T12:00:00Z").await;
    // From Friday noon to Monday morning.
    clock.advance(Duration::from_hours(68));
    let event = scheduled(&mut stack).await;
    assert_eq!((&event["time"], &event["detail"]), (&json!("2026-11-23T08:00:00Z"), &json!("{}")));
}

#[tokio::test]
async fn a_cron_expression_that_is_none_is_refused_at_the_start() {
    let fields = ["0", "25", "?", "*", "MON", "*"].map(str::to_owned);
    let mut plan = Plan::new();
    plan.application.schedules.insert("Tick".to_owned(), schedule(Expression::Cron(fields), "UTC", false));
    let error = plan.try_start().await.err().unwrap().to_string();
    assert_eq!(error, "template.yaml:1:3: Tick: `25` must be from 0 to 23");
}

#[tokio::test]
async fn messages_of_a_queue_reach_the_function_and_are_gone_when_it_has_handled_them() {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    let mut plan = Plan::new().clock(&clock);
    let mapping = EventSourceMapping {
        logical_id: "EchoQueue".to_owned(),
        function: "Echo".to_owned(),
        source: Source::Sqs(Queue {
            arn: "arn:aws:sqs:us-east-1:000000000000:work".to_owned(),
            queue: None,
            maximum_concurrency: None,
        }),
        enabled: true,
        batch_size: 10,
        batching_window: Duration::ZERO,
        filters: vec![json!({"body": {"wanted": [true]}})],
        report_batch_item_failures: true,
        location: location(1),
    };
    plan.application.event_source_mappings.insert("EchoQueue".to_owned(), mapping);
    let mut stack = plan.start().await;
    let client = reqwest::Client::new();
    let url = stack.url("/");
    let call = async |operation: &str, body: Value| -> Value {
        let request = client.post(&url).header("x-amz-target", format!("AmazonSQS.{operation}"));
        request.body(body.to_string()).send().await.unwrap().json().await.unwrap()
    };
    let queue = call("GetQueueUrl", json!({"QueueName": "work"})).await["QueueUrl"].clone();
    for body in [json!({"wanted": false}), json!({"wanted": true}), json!({"wanted": true, "fail": 1})] {
        call("SendMessage", json!({"QueueUrl": queue, "MessageBody": body.to_string()})).await;
    }
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let event = stack.until(|event| seen_by_function(event).filter(|event| event["Records"].is_array())).await;
        seen.extend(event["Records"].as_array().unwrap().clone());
    }
    // A standard queue has no order: sent one after the other, they may be with the function at once.
    seen.sort_by_key(|record| record["body"].to_string().len());
    let bodies: Vec<_> = seen.iter().map(|record| record["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, [r#"{"wanted":true}"#, r#"{"wanted":true,"fail":1}"#]);
    assert_eq!(
        (&seen[0]["eventSource"], &seen[0]["attributes"]["ApproximateReceiveCount"]),
        (&json!("aws:sqs"), &json!("1"))
    );
    // Handled is only what the function has answered for: its messages are gone then, but for the failed one.
    let counts = json!({ "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "1" });
    while call("GetQueueAttributes", json!({"QueueUrl": queue})).await["Attributes"] != counts {
        tokio::task::yield_now().await;
    }
    // What failed comes again when it is no longer hidden.
    clock.advance(Duration::from_secs(30));
    let event = stack.until(|event| seen_by_function(event).filter(|event| event["Records"].is_array())).await;
    assert_eq!(event["Records"][0]["attributes"]["ApproximateReceiveCount"], "2");
    assert_eq!(event["Records"].as_array().unwrap().len(), 1);
    let unknown = call("Nonsense", json!({})).await;
    assert_eq!(unknown["__type"], "com.amazonaws.sqs#UnsupportedOperation");
}
