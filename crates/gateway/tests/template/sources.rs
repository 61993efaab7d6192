//! Event source mappings and schedules, from SAM events and from resources of their own.

use std::time::Duration;

use gateway::model::{Expression, Source, StartingPosition};
use serde_json::json;

use crate::support::{application, each, function};

const TABLE: &str = "  Table:\n    Type: AWS::DynamoDB::Table\n    Properties: { StreamSpecification: { StreamViewType: NEW_IMAGE } }\n";

#[test]
fn t01_a_stream_event_has_the_defaults_of_aws() {
    let text = function(
        "      Events:\n        Changes:\n          Type: DynamoDB\n          Properties: { Stream: !GetAtt Table.StreamArn, StartingPosition: LATEST }\n",
    ) + TABLE;
    let application = application(&text);
    let mapping = &application.event_source_mappings["FChanges"];
    assert_eq!((mapping.function.as_str(), mapping.enabled, mapping.batch_size), ("F", true, 100));
    assert_eq!((mapping.batching_window, mapping.report_batch_item_failures), (Duration::ZERO, false));
    assert_eq!((mapping.filters.len(), mapping.location.line), (0, 7));
    let Source::DynamoDb(stream) = &mapping.source else { panic!("{mapping:?}") };
    assert_eq!(stream.table.as_deref(), Some("Table"));
    assert_eq!(stream.starting_position, StartingPosition::Latest);
    assert_eq!((stream.parallelization_factor, stream.bisect_batch_on_function_error), (1, false));
    assert_eq!((stream.maximum_retry_attempts, stream.maximum_record_age), (None, None));
}

#[test]
fn a_mapping_of_its_own_says_everything() {
    let text = function("")
        + TABLE
        + "  Letters: { Type: AWS::SQS::Queue }
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Sub '${F}:live'
      EventSourceArn: !GetAtt Table.StreamArn
      StartingPosition: TRIM_HORIZON
      BatchSize: 7
      MaximumBatchingWindowInSeconds: 2
      ParallelizationFactor: 3
      BisectBatchOnFunctionError: true
      MaximumRetryAttempts: 4
      MaximumRecordAgeInSeconds: 60
      FunctionResponseTypes: [ReportBatchItemFailures]
      DestinationConfig: { OnFailure: { Destination: !GetAtt Letters.Arn } }
      FilterCriteria: { Filters: [{ Pattern: '{\"eventName\":[\"INSERT\"]}' }] }
      Enabled: false
";
    let application = application(&text);
    let mapping = &application.event_source_mappings["Mapping"];
    assert_eq!((mapping.function.as_str(), mapping.enabled, mapping.batch_size), ("F", false, 7));
    assert_eq!((mapping.batching_window, mapping.report_batch_item_failures), (Duration::from_secs(2), true));
    assert_eq!(mapping.filters, [json!({"eventName": ["INSERT"]})]);
    let Source::DynamoDb(stream) = &mapping.source else { panic!("{mapping:?}") };
    assert_eq!((stream.parallelization_factor, stream.bisect_batch_on_function_error), (3, true));
    assert_eq!((stream.maximum_retry_attempts, stream.maximum_record_age), (Some(4), Some(Duration::from_mins(1))));
    assert_eq!(stream.on_failure.as_deref(), Some("arn:aws:sqs:us-east-1:000000000000:parlance-Letters"));
    assert!(application.resources.contains_key("Mapping"));
}

#[test]
fn a_queue_event() {
    let text = function(
        "      Events:\n        Work:\n          Type: SQS\n          Properties: { Queue: !GetAtt Queue.Arn, BatchSize: 50, MaximumBatchingWindowInSeconds: 1, ScalingConfig: { MaximumConcurrency: 5 } }\n        Mail: { Type: SQS, Properties: { Queue: 'arn:aws:sqs:us-east-1:000000000000:elsewhere' } }\n",
    ) + "  Queue: { Type: AWS::SQS::Queue }\n";
    let application = application(&text);
    let mapping = &application.event_source_mappings["FWork"];
    let Source::Sqs(queue) = &mapping.source else { panic!("{mapping:?}") };
    assert_eq!((mapping.batch_size, queue.queue.as_deref(), queue.maximum_concurrency), (50, Some("Queue"), Some(5)));
    let mapping = &application.event_source_mappings["FMail"];
    let Source::Sqs(queue) = &mapping.source else { panic!("{mapping:?}") };
    assert_eq!((mapping.batch_size, queue.queue.as_deref()), (10, None));
}

#[test]
fn schedules_of_every_kind() {
    let text = function(
        "      Events:\n        Nightly: { Type: Schedule, Properties: { Schedule: cron(0 3 * * ? *), Name: night, Input: '{}' } }\n        Once: { Type: ScheduleV2, Properties: { ScheduleExpression: at(2026-12-01T08:00:00), ScheduleExpressionTimezone: Europe/Madrid, State: DISABLED } }\n",
    ) + "  Rule:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(5 minutes)
      Targets:
        - { Id: one, Arn: !GetAtt F.Arn }
        - { Id: two, Arn: 'arn:aws:sqs:us-east-1:000000000000:queue' }
        - { Id: three, Arn: !GetAtt F.Arn, Input: 'x' }
  Later:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 hour)
      FlexibleTimeWindow: { Mode: 'OFF' }
      Target: { Arn: !GetAtt F.Arn, RoleArn: 'arn:aws:iam::000000000000:role/r' }
  Patterns: { Type: AWS::Events::Rule, Properties: { EventPattern: { source: [x] } } }
Outputs:
  Made: { Value: !GetAtt FNightly.Arn }
";
    let application = application(&text);
    let ids: Vec<&str> = application.schedules.keys().map(String::as_str).collect();
    assert_eq!(ids, ["FNightly", "FOnce", "Later", "Rule", "Rule2"]);
    let nightly = &application.schedules["FNightly"];
    assert_eq!(nightly.expression, Expression::Cron(["0", "3", "*", "*", "?", "*"].map(str::to_owned)));
    assert_eq!((nightly.name.as_str(), nightly.input.as_deref(), nightly.scheduler), ("night", Some("{}"), false));
    assert_eq!(nightly.arn, "arn:aws:events:us-east-1:000000000000:rule/night");
    assert_eq!(application.outputs["Made"], json!(nightly.arn));
    let once = &application.schedules["FOnce"];
    assert_eq!(once.expression, Expression::At("2026-12-01T08:00:00".parse().unwrap()));
    assert_eq!((once.time_zone.as_str(), once.enabled, once.scheduler), ("Europe/Madrid", false, true));
    assert_eq!(once.arn, "arn:aws:scheduler:us-east-1:000000000000:schedule/default/parlance-FOnce");
    let (rule, further) = (&application.schedules["Rule"], &application.schedules["Rule2"]);
    assert_eq!((&rule.expression, &rule.input), (&Expression::Rate(Duration::from_mins(5)), &None));
    assert_eq!((further.input.as_deref(), &further.arn), (Some("x"), &rule.arn));
    assert_eq!(application.schedules["Later"].function, "F");
}

#[test]
fn other_events_are_kept_as_they_are() {
    let text = function(
        "      Events:\n        Upload: { Type: S3, Properties: { Bucket: !Ref B, Events: 's3:ObjectCreated:*' } }\n",
    ) + "  B: { Type: AWS::S3::Bucket }\n";
    let function = &application(&text).functions["F"];
    assert_eq!((function.events[0].name.as_str(), function.events[0].kind.as_str()), ("Upload", "S3"));
    assert_eq!(function.events[0].properties, json!({"Bucket": "parlance-b", "Events": "s3:ObjectCreated:*"}));
}

#[test]
fn mistakes_in_events() {
    let event = |text: &str| function(&format!("      Events:\n        E: {text}\n")) + TABLE;
    let stream = |properties: &str| {
        event(&format!("{{ Type: DynamoDB, Properties: {{ Stream: !GetAtt Table.StreamArn, {properties} }} }}"))
    };
    let cases = [
        (event("{ Type: DynamoDb }"), "7:20: F, event E: unknown type `DynamoDb` (did you mean `DynamoDB`?)"),
        (event("{ Type: SQS }"), "7:9: F, event E: `Queue` is missing"),
        (stream("BatchSize: 5"), "7:9: F, event E: `StartingPosition` is missing"),
        (
            stream("StartingPosition: AT_TIMESTAMP"),
            "7:95: F, event E: `StartingPosition` of a table's stream is TRIM_HORIZON or LATEST, not `AT_TIMESTAMP`",
        ),
        (stream("StartingPosition: LATEST, Bisect: true"), "7:103: F, event E: unknown property `Bisect`"),
        (
            stream("StartingPosition: LATEST, BatchSize: 0"),
            "7:114: F, event E: `BatchSize` must be a whole number from 1 to 10000, not `0`",
        ),
        (
            stream("StartingPosition: LATEST, FilterCriteria: { Filters: [{ Pattern: 'x' }] }"),
            "7:142: F, event E: `Pattern` must be the text of a JSON object",
        ),
        (
            event("{ Type: SQS, Properties: { Queue: 'arn:aws:sqs:r:a:q', BatchSize: 11 } }"),
            "7:78: F, event E: a `BatchSize` over 10 needs `MaximumBatchingWindowInSeconds` of at least 1",
        ),
        (
            event("{ Type: Schedule, Properties: { Schedule: hourly } }"),
            "7:54: F, event E: `hourly` is no schedule: it must be rate(…) or cron(…)",
        ),
        (
            event("{ Type: Schedule, Properties: { Schedule: cron(0 * * * *) } }"),
            "7:54: F, event E: `cron(0 * * * *)` has 5 fields; cron has 6: minutes, hours, day, month, weekday, year",
        ),
    ];
    each(cases.map(|(text, expected)| (text, vec![expected])));
}

#[test]
fn debug_of_the_model_shows_no_secret() {
    let text = "Parameters:
  Secret: { Type: String, NoEcho: true, Default: hunter2 }
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: f/
      Environment: { Variables: { PASSWORD: !Ref Secret, URL: !Sub 'x://user:${Secret}@host' } }
      Events:
        Tick: { Type: Schedule, Properties: { Schedule: rate(1 minute), Input: !Ref Secret } }
        Topic: { Type: SNS, Properties: { Topic: !Ref Secret } }
        Home: { Type: HttpApi, Properties: { ApiId: !Ref Api } }
  Api: { Type: AWS::Serverless::HttpApi, Properties: { StageVariables: { password: !Ref Secret } } }
  Store: { Type: AWS::SecretsManager::Secret, Properties: { SecretString: !Ref Secret } }
Outputs:
  Value: { Value: !Base64 a, Description: x }
  Url: { Value: !Ref Secret }
";
    let application = application(text);
    assert_eq!(application.functions["F"].environment["URL"], "x://user:hunter2@host");
    assert_eq!(application.parameters["Secret"], "hunter2");
    let shown = format!("{application:#?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    for name in ["PASSWORD", "SecretString", "password"] {
        assert!(shown.contains(name), "{name} in {shown}");
    }
}
