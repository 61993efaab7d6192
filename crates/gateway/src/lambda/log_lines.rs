//! The platform's lines in a function's log (L-06, L-11, L-13), byte for byte.

use std::time::Duration;

use jiff::Timestamp;

/// How an invocation or an initialisation ended, where the line says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status<'a> {
    /// It took too long.
    Timeout,
    /// It ended with an error of this type. Errors that the function itself reports are not told here.
    Error(&'a str),
}

impl Status<'_> {
    fn text(self) -> String {
        match self {
            Self::Timeout => "Status: timeout".to_owned(),
            Self::Error(kind) => format!("Status: error\tError Type: {kind}"),
        }
    }
}

/// First line of a new execution environment (L-13). The version is not AWS's: it is the name of the runtime.
pub fn init_start(runtime: &str) -> String {
    format!("INIT_START Runtime Version: {runtime}")
}

/// Line of an initialisation that failed (L-11). `phase` is `init`, or `invoke` for the retry.
pub fn init_report(duration: Duration, phase: &str, status: Status<'_>) -> String {
    format!("INIT_REPORT Init Duration: {} ms\tPhase: {phase}\t{}", hundredths(duration), status.text())
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
pub fn timed_out(now: Timestamp, request_id: &str, timeout: Duration) -> String {
    format!("{now:.3} {request_id} Task timed out after {:.2} seconds", timeout.as_secs_f64())
}

/// What [`report`] tells.
#[derive(Debug, Clone, Copy)]
pub struct Usage<'a> {
    /// Time in the function.
    pub duration: Duration,
    /// Memory the function was given, in MB.
    pub memory_mb: u32,
    /// Most memory used, in MB, where the system tells.
    pub used_mb: Option<u64>,
    /// Time to initialise, when this was the first invocation of its environment. It is billed too.
    pub init: Option<Duration>,
    /// How it ended, unless the function ended it.
    pub status: Option<Status<'a>>,
}

/// Last line of an invocation (L-13): each field followed by a tab, the last one too unless a status ends the line.
pub fn report(request_id: &str, usage: Usage<'_>) -> String {
    let billed = (usage.duration + usage.init.unwrap_or_default()).as_nanos().div_ceil(1_000_000);
    let used = usage.used_mb.map(|mb| format!("Max Memory Used: {mb} MB\t")).unwrap_or_default();
    let init = usage.init.map(|init| format!("Init Duration: {} ms\t", hundredths(init))).unwrap_or_default();
    let status = usage.status.map(Status::text).unwrap_or_default();
    format!(
        "REPORT RequestId: {request_id}\tDuration: {} ms\tBilled Duration: {billed} ms\tMemory Size: {} MB\t\
         {used}{init}{status}",
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
    fn l_06_the_line_of_a_timeout() {
        let now = Timestamp::from_millisecond(1_790_294_508_123).unwrap();
        assert_eq!(
            timed_out(now, "id-1", Duration::from_millis(1500)),
            "2026-09-25T00:01:48.123Z id-1 Task timed out after 1.50 seconds"
        );
    }

    #[test]
    fn l_11_lines_of_failed_initialisations() {
        let ten = Duration::from_secs(10);
        assert_eq!(
            init_report(ten, "init", Status::Timeout),
            "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout"
        );
        assert_eq!(
            init_report(ten, "invoke", Status::Error("Runtime.ExitError")),
            "INIT_REPORT Init Duration: 10000.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError"
        );
    }

    #[test]
    fn l_13_every_line_to_the_last_tab() {
        assert_eq!(start("id-1"), "START RequestId: id-1 Version: $LATEST");
        assert_eq!(end("id-1"), "END RequestId: id-1");
        let duration = Duration::from_micros(3_456);
        let warm = Usage { duration, memory_mb: 256, used_mb: Some(31), init: None, status: None };
        let common = "REPORT RequestId: id-1\tDuration: 3.46 ms\t";
        assert_eq!(
            report("id-1", warm),
            format!("{common}Billed Duration: 4 ms\tMemory Size: 256 MB\tMax Memory Used: 31 MB\t")
        );
        let cold = Usage { init: Some(Duration::from_millis(20)), ..warm };
        let text = "Billed Duration: 24 ms\tMemory Size: 256 MB\tMax Memory Used: 31 MB\tInit Duration: 20.00 ms\t";
        assert_eq!(report("id-1", cold), format!("{common}{text}"));
        let timed_out = Usage { status: Some(Status::Timeout), ..warm };
        assert!(report("id-1", timed_out).ends_with("\tMax Memory Used: 31 MB\tStatus: timeout"));
    }
}
