//! Error payloads (L-06 to L-09) and log lines (L-13) in the words of the Lambda service.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

/// How a function's process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// With an exit status.
    Status(i32),
    /// By a signal.
    Signal(i32),
}

impl Exit {
    /// The sentence of L-07.
    pub fn reason(self) -> String {
        match self {
            Self::Status(0) => "Runtime exited without providing a reason".to_owned(),
            Self::Status(status) => format!("Runtime exited with error: exit status {status}"),
            Self::Signal(signal) => format!("Runtime exited with error: signal: {}", signal_name(signal)),
        }
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        15 => "terminated",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

/// Payload of a timeout (L-06).
pub fn timed_out(request_id: &str, timeout: Duration) -> Value {
    let seconds = timeout.as_secs_f64();
    error("Sandbox.Timedout", &format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"))
}

/// Payload when the process ended during an invocation or an initialisation (L-07).
pub fn exited(request_id: &str, exit: Exit) -> Value {
    error("Runtime.ExitError", &format!("RequestId: {request_id} Error: {}", exit.reason()))
}

/// Payload when the program could not be started at all.
pub fn not_started(request_id: &str, reason: &str) -> Value {
    error("Runtime.InvalidEntrypoint", &format!("RequestId: {request_id} Error: {reason}"))
}

/// Payload when the reply is too large (L-09).
pub fn response_too_large(limit: usize) -> Value {
    let message = format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).");
    error("Function.ResponseSizeTooLarge", &message)
}

fn error(kind: &str, message: &str) -> Value {
    json!({ "errorType": kind, "errorMessage": message })
}

/// `errorType` of an error payload; functions may post anything, so there may be none.
pub fn error_type(payload: &[u8]) -> Option<String> {
    field(payload, "errorType")
}

/// `errorMessage` of an error payload.
pub fn error_message(payload: &[u8]) -> Option<String> {
    field(payload, "errorMessage")
}

fn field(payload: &[u8], name: &str) -> Option<String> {
    let value: Value = serde_json::from_slice(payload).ok()?;
    value.get(name)?.as_str().map(str::to_owned)
}

/// First line of a new execution environment (L-13).
pub fn init_start(runtime: &str) -> String {
    format!("INIT_START Runtime Version: {runtime}")
}

/// Line of an initialisation that failed (L-11). `phase` is `init`, or `invoke` for the retry; `status` is `timeout`
/// or `error`.
pub fn init_report(duration: Duration, phase: &str, status: &str) -> String {
    format!("INIT_REPORT Init Duration: {} ms\tPhase: {phase}\tStatus: {status}", hundredths(duration))
}

/// First line of an invocation (L-13).
pub fn start(request_id: &str) -> String {
    format!("START RequestId: {request_id} Version: $LATEST")
}

/// Line after an invocation (L-13).
pub fn end(request_id: &str) -> String {
    format!("END RequestId: {request_id}")
}

/// Line of a timeout (L-06).
pub fn timeout_line(now: Timestamp, request_id: &str, timeout: Duration) -> String {
    format!("{now:.3} {request_id} Task timed out after {:.2} seconds", timeout.as_secs_f64())
}

/// What [`report`] tells.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Time in the function.
    pub duration: Duration,
    /// Memory the function was given, in MB.
    pub memory_mb: u32,
    /// Most memory used, in MB, where the system tells.
    pub used_mb: Option<u64>,
    /// Time to initialise, when this was the first invocation of its environment. It is billed too.
    pub init: Option<Duration>,
}

/// Last line of an invocation (L-13), fields separated by tabs.
pub fn report(request_id: &str, usage: Usage) -> String {
    let billed = (usage.duration + usage.init.unwrap_or_default()).as_nanos().div_ceil(1_000_000);
    let used = usage.used_mb.map(|mb| format!("\tMax Memory Used: {mb} MB")).unwrap_or_default();
    let init = usage.init.map(|init| format!("\tInit Duration: {} ms", hundredths(init))).unwrap_or_default();
    format!(
        "REPORT RequestId: {request_id}\tDuration: {} ms\tBilled Duration: {billed} ms\tMemory Size: {} MB{used}{init}",
        hundredths(usage.duration),
        usage.memory_mb,
    )
}

fn hundredths(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l06_timeout_payload_and_line() {
        let payload = timed_out("id-1", Duration::from_secs(1));
        let expected = r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id-1 Error: Task timed out after 1.00 seconds"}"#;
        assert_eq!(payload.to_string(), expected);
        let now = Timestamp::from_millisecond(1_790_294_508_123).unwrap();
        assert_eq!(
            timeout_line(now, "id-1", Duration::from_millis(1500)),
            "2026-09-25T00:01:48.123Z id-1 Task timed out after 1.50 seconds"
        );
    }

    #[test]
    fn l07_exits_by_status_and_by_signal() {
        let table = [
            (Exit::Status(0), "RequestId: id-1 Error: Runtime exited without providing a reason"),
            (Exit::Status(127), "RequestId: id-1 Error: Runtime exited with error: exit status 127"),
            (Exit::Signal(9), "RequestId: id-1 Error: Runtime exited with error: signal: killed"),
        ];
        for (exit, message) in table {
            assert_eq!(exited("id-1", exit), json!({"errorType": "Runtime.ExitError", "errorMessage": message}));
        }
    }

    #[test]
    fn l09_response_over_six_megabytes() {
        assert_eq!(
            response_too_large(6_291_556).to_string(),
            r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#
        );
    }

    #[test]
    fn l13_log_lines() {
        assert_eq!(start("id-1"), "START RequestId: id-1 Version: $LATEST");
        assert_eq!(end("id-1"), "END RequestId: id-1");
        let warm = Usage { duration: Duration::from_micros(3_456), memory_mb: 256, used_mb: Some(31), init: None };
        assert_eq!(
            report("id-1", warm),
            "REPORT RequestId: id-1\tDuration: 3.46 ms\tBilled Duration: 4 ms\tMemory Size: 256 MB\tMax Memory Used: 31 MB"
        );
        let cold = Usage { init: Some(Duration::from_millis(20)), ..warm };
        assert!(
            report("id-1", cold).ends_with(
                "Billed Duration: 24 ms\tMemory Size: 256 MB\tMax Memory Used: 31 MB\tInit Duration: 20.00 ms"
            )
        );
    }

    #[test]
    fn l11_failed_initialisation_line() {
        assert_eq!(
            init_report(Duration::from_secs(10), "init", "timeout"),
            "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout"
        );
    }

    #[test]
    fn l08_error_fields_of_anything_posted() {
        let payload = br#"{"errorType":"&alloc::boxed::Box<dyn core::error::Error>","errorMessage":"no"}"#;
        assert_eq!(error_message(payload).as_deref(), Some("no"));
        assert_eq!(error_type(b"not json"), None);
        assert_eq!(error_type(b"[1]"), None);
    }
}
