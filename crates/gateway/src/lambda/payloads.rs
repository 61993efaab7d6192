//! Error payloads (L-06 to L-09) in the words of the Lambda service.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

/// How a function's process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// With an exit status.
    Status(i32),
    /// By a signal.
    Signal(i32),
    /// It did not: an external extension beside it did.
    Extension {
        /// Name of the extension.
        name: String,
        /// How that ended.
        status: Box<Exit>,
    },
}

impl Exit {
    /// The sentence of L-07.
    pub fn reason(&self) -> String {
        match self {
            Self::Status(0) => "Runtime exited without providing a reason".to_owned(),
            Self::Status(_) | Self::Signal(_) => format!("Runtime exited with error: {}", self.status()),
            Self::Extension { name, status } => format!("extension {name}: {}", status.status()),
        }
    }

    fn status(&self) -> String {
        match self {
            Self::Status(status) => format!("exit status {status}"),
            Self::Signal(signal) => format!("signal: {}", signal_name(*signal)),
            Self::Extension { status, .. } => status.status(),
        }
    }

    /// `errorType` of the payload.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Status(_) | Self::Signal(_) => "Runtime.ExitError",
            Self::Extension { .. } => "Extension.Crash",
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
pub fn exited(request_id: &str, exit: &Exit) -> Value {
    error(exit.kind(), &format!("RequestId: {request_id} Error: {}", exit.reason()))
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

/// Milliseconds since 1970, as deadlines are told (L-03).
pub(super) fn unix_ms(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis()
}

fn field(payload: &[u8], name: &str) -> Option<String> {
    let value: Value = serde_json::from_slice(payload).ok()?;
    value.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l_06_timeout_payload() {
        let payload = timed_out("id-1", Duration::from_secs(1));
        let expected = r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id-1 Error: Task timed out after 1.00 seconds"}"#;
        assert_eq!(payload.to_string(), expected);
    }

    #[test]
    fn l_07_exits_by_status_and_by_signal() {
        let table = [
            (Exit::Status(0), "RequestId: id-1 Error: Runtime exited without providing a reason"),
            (Exit::Status(127), "RequestId: id-1 Error: Runtime exited with error: exit status 127"),
            (Exit::Signal(9), "RequestId: id-1 Error: Runtime exited with error: signal: killed"),
        ];
        for (exit, message) in table {
            assert_eq!(exited("id-1", &exit), json!({"errorType": "Runtime.ExitError", "errorMessage": message}));
        }
        let extension = Exit::Extension { name: "telemetry".to_owned(), status: Box::new(Exit::Status(1)) };
        assert_eq!(exited("id-1", &extension)["errorType"], "Extension.Crash");
    }

    #[test]
    fn l_09_response_over_six_megabytes() {
        assert_eq!(
            response_too_large(6_291_556).to_string(),
            r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#
        );
    }

    #[test]
    fn l_08_error_fields_of_anything_posted() {
        let payload = br#"{"errorType":"&alloc::boxed::Box<dyn core::error::Error>","errorMessage":"no"}"#;
        assert_eq!(error_message(payload).as_deref(), Some("no"));
        assert_eq!(error_type(b"not json"), None);
        assert_eq!(error_type(b"[1]"), None);
    }
}
