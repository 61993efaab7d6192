//! Event source mappings: SAM events `DynamoDB` and `SQS`, and `AWS::Lambda::EventSourceMapping` (gateway facts E-01 to
//! E-08).

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use super::fields::Fields;
use super::link::MappingPart;
use super::node::{Kind, Mark, Node};
use super::stack::{Declared, Stack};
use crate::model::{EventSourceMapping, Queue, Source, StartingPosition, Stream};

/// Properties of a mapping whatever it polls.
const COMMON: [&str; 9] = [
    "BatchSize",
    "DestinationConfig",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "KmsKeyArn",
    "MaximumBatchingWindowInSeconds",
    "MetricsConfig",
    "ProvisionedPollerConfig",
];
/// Properties of one that reads a stream.
const STREAM: [&str; 7] = [
    "BisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "StartingPosition",
    "StartingPositionTimestamp",
    "TumblingWindowInSeconds",
];
/// Patterns of one mapping (E-08).
const MAX_FILTERS: usize = 5;

/// A SAM event `DynamoDB`: the mapping `{Function}{Event}`.
pub(super) fn stream_event(fields: &Fields<'_>, function: &Declared, event: &str, at: Mark) -> Option<()> {
    fields.only(COMMON.iter().chain(&STREAM).chain(&["Stream"]).copied());
    let arn = fields.required("Stream", at);
    let source = stream(fields, arn?, at)?;
    add(fields, function_arn(fields.stack, function)?, &format!("{}{event}", function.id), source, at);
    Some(())
}

/// A SAM event `SQS`.
pub(super) fn queue_event(fields: &Fields<'_>, function: &Declared, event: &str, at: Mark) -> Option<()> {
    fields.only(COMMON.iter().chain(&["Queue", "ScalingConfig"]).copied());
    let arn = fields.required("Queue", at);
    let source = queue(fields, arn?);
    add(fields, function_arn(fields.stack, function)?, &format!("{}{event}", function.id), source, at);
    Some(())
}

/// `AWS::Lambda::EventSourceMapping`; one that polls anything else is left to AWS.
pub(super) fn mapping(stack: &Stack<'_>, declared: &Declared, properties: &Node) -> Option<()> {
    let fields = Fields::new(stack, &declared.id, properties);
    let function = fields.required("FunctionName", declared.at);
    let arn = fields.text("EventSourceArn")?;
    let source = match arn.split(':').nth(2)? {
        "dynamodb" => stream(&fields, arn, declared.at)?,
        "sqs" => queue(&fields, arn),
        _ => return None,
    };
    add(&fields, function?, &declared.id, source, declared.at);
    Some(())
}

/// Notes the ARN by which mappings name a table's stream or a queue.
pub(super) fn note_polled(stack: &Stack<'_>, declared: &Declared) -> Option<()> {
    let attribute = match declared.kind.as_str() {
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" => "StreamArn",
        "AWS::SQS::Queue" => "Arn",
        _ => return None,
    };
    let arn = stack.own_arn(declared, attribute)?;
    stack.reader.parts.borrow_mut().polled.insert(arn, stack.full_id(&declared.id));
    Some(())
}

/// The ARN of a function of this template.
pub(super) fn function_arn(stack: &Stack<'_>, function: &Declared) -> Option<String> {
    stack.name_of(function).map(|name| stack.function_arn(&name))
}

fn add(fields: &Fields<'_>, function: String, id: &str, source: Source, at: Mark) {
    let stack = fields.stack;
    let (default, polls_queue) = match source {
        Source::DynamoDb(_) => (100, false),
        Source::Sqs(_) => (10, true),
    };
    let batch_size = whole(fields, "BatchSize", 1..=10_000, "").unwrap_or(default);
    let window = whole(fields, "MaximumBatchingWindowInSeconds", 0..=300, " (seconds)").unwrap_or(0);
    if polls_queue && batch_size > 10 && window == 0 {
        let message = "a `BatchSize` over 10 needs `MaximumBatchingWindowInSeconds` of at least 1";
        fields.report(fields.get("BatchSize").map_or(at, |node| node.at), message);
    }
    let types = fields.texts("FunctionResponseTypes");
    if let Some(unknown) = types.iter().find(|kind| *kind != "ReportBatchItemFailures") {
        let message = format!("`FunctionResponseTypes` can only be ReportBatchItemFailures, not `{unknown}`");
        fields.report(fields.get("FunctionResponseTypes").map_or(at, |node| node.at), message);
    }
    let mapping = EventSourceMapping {
        logical_id: stack.full_id(id),
        function,
        source,
        enabled: fields.flag("Enabled").unwrap_or(true),
        batch_size,
        batching_window: Duration::from_secs(window.into()),
        filters: filters(fields),
        report_batch_item_failures: !types.is_empty(),
        location: stack.location(at),
    };
    let part = MappingPart { owner: fields.owner.clone(), mapping };
    stack.reader.parts.borrow_mut().mappings.push(part);
}

fn stream(fields: &Fields<'_>, arn: String, at: Mark) -> Option<Source> {
    let position = fields.required("StartingPosition", at)?;
    let starting_position = match position.as_str() {
        "TRIM_HORIZON" => StartingPosition::TrimHorizon,
        "LATEST" => StartingPosition::Latest,
        other => {
            let place = fields.get("StartingPosition").map_or(at, |node| node.at);
            let message = format!("`StartingPosition` of a table's stream is TRIM_HORIZON or LATEST, not `{other}`");
            fields.report(place, message);
            return None;
        }
    };
    if let Some(node) = fields.get("TumblingWindowInSeconds").filter(|node| node.as_text() != Some("0")) {
        fields.leave_out(node.at, "the mapping is left out: there are no tumbling windows here");
        return None;
    }
    let destination = fields.get("DestinationConfig").and_then(|config| config.get("OnFailure"));
    let on_failure = destination.and_then(|node| fields.part(node).required("Destination", node.at));
    Some(Source::DynamoDb(Stream {
        arn,
        table: None,
        starting_position,
        parallelization_factor: whole(fields, "ParallelizationFactor", 1..=10, "").unwrap_or(1),
        bisect_batch_on_function_error: fields.flag("BisectBatchOnFunctionError").unwrap_or(false),
        maximum_retry_attempts: endless(fields, "MaximumRetryAttempts", 0..=10_000, ""),
        maximum_record_age: endless(fields, "MaximumRecordAgeInSeconds", 60..=604_800, " (seconds)")
            .map(|seconds| Duration::from_secs(seconds.into())),
        on_failure,
    }))
}

fn queue(fields: &Fields<'_>, arn: String) -> Source {
    let scaling = fields.get("ScalingConfig").map(|node| fields.part(node));
    let maximum_concurrency = scaling.and_then(|scaling| whole(&scaling, "MaximumConcurrency", 2..=1_000, ""));
    Source::Sqs(Queue { arn, queue: None, maximum_concurrency })
}

fn whole(fields: &Fields<'_>, key: &str, allowed: RangeInclusive<u64>, unit: &str) -> Option<u32> {
    fields.number(key, allowed, unit).and_then(|number| u32::try_from(number).ok())
}

/// A number whose -1 stands for "without end" (E-02).
fn endless(fields: &Fields<'_>, key: &str, allowed: RangeInclusive<u64>, unit: &str) -> Option<u32> {
    if fields.get(key).and_then(Node::as_text) == Some("-1") {
        return None;
    }
    whole(fields, key, allowed, unit)
}

fn filters(fields: &Fields<'_>) -> Vec<Value> {
    let Some(criteria) = fields.get("FilterCriteria") else { return Vec::new() };
    let Some(Node { kind: Kind::List(filters), at }) = criteria.get("Filters") else { return Vec::new() };
    if filters.len() > MAX_FILTERS {
        fields.report(*at, format_args!("a mapping has at most {MAX_FILTERS} filters, not {}", filters.len()));
    }
    let pattern = |filter: &Node| {
        let text = fields.part(filter).required("Pattern", filter.at)?;
        let pattern = serde_json::from_str::<Value>(&text).ok().filter(Value::is_object);
        if pattern.is_none() {
            let place = filter.get("Pattern").map_or(filter.at, |node| node.at);
            fields.report(place, "`Pattern` must be the text of a JSON object");
        }
        pattern
    };
    filters.iter().filter_map(pattern).collect()
}
