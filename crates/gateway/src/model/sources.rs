//! What invokes functions besides routes: streams, queues and schedules, from SAM events and from resources of their own.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::{Expression, Location};

/// What Lambda polls for a function: `AWS::Lambda::EventSourceMapping`, or a SAM event of type `DynamoDB` or `SQS`.
#[derive(Debug, Clone, PartialEq)]
pub struct EventSourceMapping {
    /// Logical id; of a SAM event the one the transform gives it, `{Function}{Event}`.
    pub logical_id: String,
    /// Logical id of the function.
    pub function: String,
    /// What is polled.
    pub source: Source,
    /// `Enabled`.
    pub enabled: bool,
    /// `BatchSize`: records for one invocation at most; 100 by default for a stream (E-02), 10 for a queue.
    pub batch_size: u32,
    /// `MaximumBatchingWindowInSeconds`: how long records may wait for more; zero by default.
    pub batching_window: Duration,
    /// `FilterCriteria`: patterns, any of which lets a record through (E-08); none lets all through.
    pub filters: Vec<Value>,
    /// `FunctionResponseTypes: [ReportBatchItemFailures]` (E-06).
    pub report_batch_item_failures: bool,
    /// Where it stands in the template.
    pub location: Location,
}

/// What an [`EventSourceMapping`] polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The stream of a DynamoDB table.
    DynamoDb(Stream),
    /// An SQS queue.
    Sqs(Queue),
}

/// A DynamoDB stream and how it is read (gateway facts E-02, E-04, E-05).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// ARN of the stream.
    pub arn: String,
    /// Logical id of the table, when it is one of this application.
    pub table: Option<String>,
    /// Where reading begins.
    pub starting_position: StartingPosition,
    /// `ParallelizationFactor`, 1 to 10.
    pub parallelization_factor: u32,
    /// `BisectBatchOnFunctionError`.
    pub bisect_batch_on_function_error: bool,
    /// `MaximumRetryAttempts`; `None` is without end (-1).
    pub maximum_retry_attempts: Option<u32>,
    /// `MaximumRecordAgeInSeconds`; `None` is without end (-1).
    pub maximum_record_age: Option<Duration>,
    /// ARN of the queue or topic that is told of what was given up (E-07).
    pub on_failure: Option<String>,
}

/// Where reading a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartingPosition {
    /// `TRIM_HORIZON`: with the oldest record.
    TrimHorizon,
    /// `LATEST`: with what is written from now on.
    Latest,
}

/// An SQS queue and how it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// ARN of the queue.
    pub arn: String,
    /// Logical id of the queue, when it is one of this application.
    pub queue: Option<String>,
    /// `ScalingConfig.MaximumConcurrency`, 2 to 1000.
    pub maximum_concurrency: Option<u32>,
}

/// What invokes a function at given times: SAM events `Schedule` and `ScheduleV2`, `AWS::Events::Rule` and
/// `AWS::Scheduler::Schedule` with a function as their target.
#[derive(Clone, PartialEq)]
pub struct Schedule {
    /// Logical id; of a SAM event the one the transform gives it, `{Function}{Event}`.
    pub logical_id: String,
    /// Name of the rule or schedule.
    pub name: String,
    /// ARN of the rule or schedule, as it stands in `resources` of the event.
    pub arn: String,
    /// Logical id of the function.
    pub function: String,
    /// When.
    pub expression: Expression,
    /// `ScheduleExpressionTimezone`, an IANA name; `UTC` by default, and always for rules.
    pub time_zone: String,
    /// Whether this is `EventBridge` Scheduler (`aws.scheduler`) rather than a rule (`aws.events`).
    pub scheduler: bool,
    /// `State: ENABLED`.
    pub enabled: bool,
    /// `Input`, the event in place of the scheduled event; text that need not be JSON.
    pub input: Option<String>,
    /// Where it stands in the template.
    pub location: Location,
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule")
            .field("logical_id", &self.logical_id)
            .field("name", &self.name)
            .field("function", &self.function)
            .field("expression", &self.expression)
            .field("time_zone", &self.time_zone)
            .field("scheduler", &self.scheduler)
            .field("enabled", &self.enabled)
            .field("has_input", &self.input.is_some())
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

/// A SAM event that nothing here runs.
#[derive(Clone, PartialEq)]
pub struct OtherEvent {
    /// Its name among the function's events.
    pub name: String,
    /// `Type`, e.g. `S3` or `SNS`.
    pub kind: String,
    /// `Properties`, resolved.
    pub properties: Value,
    /// Where it stands in the template.
    pub location: Location,
}

impl fmt::Debug for OtherEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtherEvent")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}
