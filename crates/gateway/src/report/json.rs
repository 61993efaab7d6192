//! Everything that happens as JSON, one object a line: for tools.

use std::io::Write;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::TemplateError;

use super::{Event, Execution, FrameKind, Outcome, Rebuild, Report, Source, Triggered};

/// Writes one JSON object per event to standard output, each with `time` and `event`. Durations are milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json;

impl Report for Json {
    fn event(&self, event: &Event) {
        // Nobody left to read it is no reason to stop serving.
        let _ = writeln!(std::io::stdout().lock(), "{}", object(Timestamp::now(), event));
    }
}

/// One event at a moment.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of event, nothing else")]
pub fn object(now: Timestamp, event: &Event) -> Value {
    let (kind, mut fields) = match event {
        Event::Request(request) => (
            "request",
            json!({
                "requestId": request.request_id,
                "method": request.method,
                "path": request.path,
                "route": request.route,
                "status": request.status,
                "durationMs": milliseconds(request.duration),
                "authorizer": request.authorizer.as_ref().map(execution),
                "execution": request.execution.as_ref().map(execution),
            }),
        ),
        Event::Frame(frame) => {
            let (kind, bytes, code) = match frame.kind {
                FrameKind::Connect => ("connect", None, None),
                FrameKind::Message(bytes) => ("message", Some(bytes), None),
                FrameKind::Disconnect(code) => ("disconnect", None, Some(code)),
            };
            let (outcome, status) = match frame.outcome {
                Outcome::Done => ("done", None),
                Outcome::Refused(status) => ("refused", Some(status)),
                Outcome::NoRoute => ("noRoute", None),
                Outcome::Failed => ("failed", None),
            };
            let fields = json!({
                "kind": kind,
                "connectionId": frame.connection_id,
                "requestId": frame.request_id,
                "route": frame.route,
                "bytes": bytes,
                "closeCode": code,
                "outcome": outcome,
                "status": status,
                "durationMs": milliseconds(frame.duration),
                "authorizer": frame.authorizer.as_ref().map(execution),
                "execution": frame.execution.as_ref().map(execution),
            });
            ("frame", fields)
        }
        Event::Management(call) => {
            ("management", json!({ "action": call.action, "resource": call.resource, "status": call.status }))
        }
        Event::ColdStart(cold) => (
            "coldStart",
            json!({ "function": cold.function, "process": cold.process, "initMs": milliseconds(cold.init) }),
        ),
        Event::Log(log) => {
            let source = match log.source {
                Source::Output => "stdout",
                Source::Error => "stderr",
                Source::Platform => "platform",
            };
            let fields = json!({
                "function": log.function,
                "requestId": log.request_id,
                "source": source,
                "line": log.line,
            });
            ("log", fields)
        }
        Event::Crash(crash) => (
            "crash",
            json!({
                "function": crash.function,
                "requestId": crash.request_id,
                "reason": crash.reason,
                "lastLines": crash.last_lines,
            }),
        ),
        Event::Panic(panic) => (
            "panic",
            json!({
                "function": panic.function,
                "requestId": panic.request_id,
                "location": panic.location,
                "message": panic.message,
                "lastLines": panic.last_lines,
            }),
        ),
        Event::Delivery(delivery) => (
            "delivery",
            json!({
                "function": delivery.function,
                "requestId": delivery.request_id,
                "condition": delivery.condition,
                "destination": delivery.destination,
                "record": delivery.record,
            }),
        ),
        Event::Rebuild(rebuild) => match rebuild {
            Rebuild::Watching { folders } => ("watching", json!({ "folders": folders })),
            Rebuild::Prepared { duration } => ("prepared", json!({ "durationMs": milliseconds(*duration) })),
            Rebuild::Restart { changed } => ("restartNeeded", json!({ "changed": changed })),
            Rebuild::Started { changed } => ("building", json!({ "changed": changed })),
            Rebuild::Swapped { functions, duration } => {
                ("swapped", json!({ "functions": functions, "durationMs": milliseconds(*duration) }))
            }
            Rebuild::Followed { duration } => ("templateFollowed", json!({ "durationMs": milliseconds(*duration) })),
            Rebuild::Failed { error } => ("buildFailed", json!({ "error": error })),
        },
        Event::Triggered(triggered) => ("triggered", self::triggered(triggered)),
        Event::LeftOut(TemplateError { location, message }) => (
            "leftOut",
            json!({
                "file": location.file,
                "line": location.line,
                "column": location.column,
                "message": message,
            }),
        ),
    };
    let mut object = json!({ "time": format!("{now:.3}"), "event": kind });
    if let (Some(object), Some(fields)) = (object.as_object_mut(), fields.as_object_mut()) {
        // What does not apply is left out.
        object.extend(std::mem::take(fields).into_iter().filter(|(_, value)| !value.is_null()));
    }
    object
}

fn triggered(triggered: &Triggered) -> Value {
    json!({
        "source": triggered.source,
        "function": triggered.function,
        "records": triggered.records,
        "outcome": if triggered.outcome == Outcome::Done { "done" } else { "failed" },
        "durationMs": milliseconds(triggered.duration),
        "execution": triggered.execution.as_ref().map(execution),
        "trouble": triggered.trouble,
    })
}

fn execution(execution: &Execution) -> Value {
    let mut object = json!({
        "function": execution.function,
        "requestId": execution.request_id,
        "cold": execution.init.is_some(),
        "initMs": execution.init.map(milliseconds),
        "durationMs": milliseconds(execution.duration),
        "memoryMb": execution.memory_mb,
        "error": execution.error,
    });
    if let Some(object) = object.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    object
}

/// To the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Crash, Request};

    #[test]
    fn a_request_with_what_its_function_did() {
        let request = Request {
            request_id: "ATfSmjLgPHcESJw=".to_owned(),
            method: "GET".to_owned(),
            path: "/pets/1".to_owned(),
            route: None,
            status: 200,
            duration: Duration::from_millis(12),
            authorizer: None,
            execution: Some(Execution::example()),
        };
        let now = Timestamp::from_millisecond(1_790_294_508_123).unwrap();
        let expected = r#"{"time":"2026-09-25T00:01:48.123Z","event":"request","requestId":"ATfSmjLgPHcESJw=","method":"GET","path":"/pets/1","status":200,"durationMs":12.0,"execution":{"function":"PetsFunction","requestId":"1","cold":true,"initMs":5.2,"durationMs":3.1,"memoryMb":9}}"#;
        assert_eq!(object(now, &Event::Request(request)).to_string(), expected);
    }

    #[test]
    fn one_event_is_one_line_whatever_a_function_wrote() {
        let crash = Crash {
            function: "F".to_owned(),
            request_id: None,
            reason: "signal: killed".to_owned(),
            last_lines: vec!["a\nb\u{1b}".to_owned()],
        };
        let text = object(Timestamp::UNIX_EPOCH, &Event::Crash(crash)).to_string();
        assert!(!text.contains(['\n', '\u{1b}']), "{text}");
    }
}
