//! What happens to execution environments between and after invocations: freezing, extensions, the end.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gateway::Event;
use gateway::report::{Log, Source};
use serde_json::{Value, json};

use crate::support::{Plan, Stack};

/// Waits until something of the system is as it should be; there is no event for it.
async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while !holds() {
            tick.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// State of a process as `/proc` has it; `None` when it is gone.
fn state(process: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn exists(process: u32) -> bool {
    !matches!(state(process), None | Some('Z'))
}

async fn process(stack: &Stack) -> u32 {
    let (_, _, context) = stack.invoke("Echo", &json!({"do": "context"})).await;
    u32::try_from(context["process"].as_u64().unwrap()).unwrap()
}

/// A folder with the test extension under these names.
fn extensions(names: &[&str]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_gateway-echo"));
    for name in names {
        std::os::unix::fs::symlink(program, folder.path().join(name)).unwrap();
    }
    let found = gateway::launch::extensions(folder.path()).unwrap();
    assert_eq!(found.len(), names.len());
    (folder, found)
}

fn started(start: &str) -> Plan {
    Plan::new().function("Echo", |function| {
        function.environment.insert("START".to_owned(), start.to_owned());
    })
}

fn said(event: &Event, text: &str) -> bool {
    matches!(event, Event::Log(Log { source: Source::Output, line, .. }) if line == text)
}

/// The next event an extension got.
async fn extension_event(stack: &mut Stack) -> Value {
    stack
        .until(|event| match event {
            Event::Log(Log { source: Source::Output, line, .. }) => {
                serde_json::from_str(line.strip_prefix("EXTENSION ")?).ok()
            }
            _ => None,
        })
        .await
}

#[tokio::test]
async fn l_01_idle_environments_are_frozen_with_all_they_started() {
    let stack = Plan::new().behaviour(|behaviour| behaviour.freeze = true).start().await;
    let runtime = process(&stack).await;
    eventually("frozen", || state(runtime) == Some('T')).await;
    let (_, _, child) = stack.invoke("Echo", &json!({"do": "child"})).await;
    let child = u32::try_from(child.as_u64().unwrap()).unwrap();
    eventually("frozen", || state(runtime) == Some('T') && state(child) == Some('T')).await;
    // The next invocation thaws the same environment.
    assert_eq!(process(&stack).await, runtime);
    stack.stop().await;
    // Whoever inherits the child buries it when it gets to it.
    eventually("gone", || !exists(runtime) && !exists(child)).await;
}

#[tokio::test]
async fn l_01_without_the_switch_nothing_is_frozen() {
    let stack = Plan::new().start().await;
    let runtime = process(&stack).await;
    assert_eq!(stack.invoke("Echo", &json!({})).await.0, 200);
    assert!(matches!(state(runtime), Some('S' | 'R')));
}

#[tokio::test]
async fn l_12_without_extensions_the_end_is_sigkill_alone() {
    let mut stack = started("term").start().await;
    assert_eq!(stack.invoke("Echo", &json!({})).await.0, 200);
    let runtime = stack.cold_starts()[0];
    let events = stack.stop().await;
    assert!(!events.iter().any(|event| said(event, "TERM")), "{events:#?}");
    assert!(!exists(runtime));
}

#[tokio::test]
async fn l_12_rusts_graceful_shutdown_is_heard() {
    let stack = started("graceful").start().await;
    assert_eq!(stack.invoke("Echo", &json!({})).await.0, 200);
    let events = stack.stop().await;
    assert!(events.iter().any(|event| said(event, "GRACEFUL")), "{events:#?}");
}

#[tokio::test]
async fn l_12_rusts_graceful_shutdown_is_heard_out_of_the_freeze_and_when_it_cools_down() {
    let plan = started("graceful").behaviour(|behaviour| behaviour.freeze = true);
    let mut stack = plan.limits(|limits| limits.warm = Duration::from_millis(50)).start().await;
    assert_eq!(stack.invoke("Echo", &json!({})).await.0, 200);
    stack.until(|event| said(event, "GRACEFUL").then_some(())).await;
    let runtime = stack.cold_starts()[0];
    eventually("gone", || !exists(runtime)).await;
}

#[tokio::test]
async fn l_12_external_extensions_hear_of_invocations_and_of_the_end() {
    let (_folder, extensions) = extensions(&["extension-logs"]);
    let mut stack = Plan { extensions, ..Plan::new() }.start().await;
    let (_, _, context) = stack.invoke("Echo", &json!({"do": "context"})).await;
    stack.until(|event| said(event, "EXTENSION registered").then_some(())).await;
    let invoke = extension_event(&mut stack).await;
    assert_eq!(invoke["eventType"], "INVOKE");
    assert_eq!(invoke["requestId"], context["requestId"]);
    assert_eq!(invoke["deadlineMs"], context["deadline"]);
    assert_eq!(invoke["invokedFunctionArn"], context["arn"]);
    assert_eq!(invoke["tracing"], json!({"type": "X-Amzn-Trace-Id", "value": context["trace"]}));
    // The invocation ends when the extension too asks for more.
    stack.line(Source::Platform, "REPORT").await;
    let events = stack.stop().await;
    let line = |event: &Event| match event {
        Event::Log(log) if log.line.contains("SHUTDOWN") => Some(log.line.clone()),
        _ => None,
    };
    let shutdown = events.iter().find_map(line).unwrap();
    let shutdown: Value = serde_json::from_str(shutdown.strip_prefix("EXTENSION ").unwrap()).unwrap();
    assert_eq!(shutdown["shutdownReason"], "spindown");
    assert!(shutdown["deadlineMs"].is_u64());
    assert!(events.iter().any(|event| said(event, "EXTENSION ends")));
}

#[tokio::test]
async fn l_12_an_extension_that_does_not_end_is_killed() {
    let (_folder, extensions) = extensions(&["extension-deaf"]);
    let mut stack = Plan { extensions, ..Plan::new() }.start().await;
    assert_eq!(stack.invoke("Echo", &json!({})).await.0, 200);
    let runtime = stack.cold_starts()[0];
    let events = stack.stop().await;
    assert!(events.iter().any(|event| matches!(event, Event::Log(log) if log.line.contains("SHUTDOWN"))));
    assert!(!exists(runtime));
}

#[tokio::test]
async fn l_12_a_timeout_is_the_reason_of_the_shutdown() {
    let (_folder, extensions) = extensions(&["extension-logs"]);
    let plan = Plan::new().function("Echo", |function| function.timeout = Duration::from_secs(1));
    let mut stack = Plan { extensions, ..plan }.start().await;
    let (_, failed, payload) = stack.invoke("Echo", &json!({"do": "sleep", "ms": "60000"})).await;
    assert_eq!((failed, &payload["errorType"]), (true, &json!("Sandbox.Timedout")));
    let reason = stack
        .until(|event| match event {
            Event::Log(log) if log.line.contains("SHUTDOWN") => Some(log.line.clone()),
            _ => None,
        })
        .await;
    assert!(reason.contains(r#""shutdownReason":"timeout""#), "{reason}");
}

#[tokio::test]
async fn l_12_an_extension_that_crashes_takes_the_invocation_with_it() {
    let (_folder, extensions) = extensions(&["extension-crash"]);
    let stack = Plan { extensions, ..Plan::new() }.start().await;
    let (status, failed, payload) = stack.invoke("Echo", &json!({"do": "sleep", "ms": "60000"})).await;
    assert_eq!((status, failed, &payload["errorType"]), (200, true, &json!("Extension.Crash")));
    assert!(payload["errorMessage"].as_str().unwrap().ends_with("extension extension-crash: exit status 4"));
}
