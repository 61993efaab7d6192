//! What the gateway tells whoever runs it: every request, frame, log line, crash and management call as it happens.

mod console;
pub mod json;

use std::time::Duration;

use crate::model::TemplateError;

pub use console::Console;
pub use json::Json;

/// Receives everything that happens. Called on the gateway's tasks: it should return quickly and must not block.
pub trait Report: Send + Sync {
    /// One thing that happened.
    fn event(&self, event: &Event);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Report for Silent {
    fn event(&self, _: &Event) {}
}

/// Something that happened in the gateway.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// An HTTP request was answered.
    Request(Request),
    /// A WebSocket handshake was answered, a message was handled, or a connection ended.
    Frame(Frame),
    /// `@connections` or the Invoke API was called.
    Management(Management),
    /// An execution environment finished its initialisation (a cold start).
    ColdStart(ColdStart),
    /// A function wrote a line, or the platform wrote one about it.
    Log(Log),
    /// A function's process ended while it was needed, or was killed because it took too long.
    Crash(Crash),
    /// A Rust function panicked; its process may live on.
    Panic(Panic),
    /// What came of an asynchronous invocation went to a destination.
    Delivery(Delivery),
    /// Source files changed.
    Rebuild(Rebuild),
    /// A mapping or a schedule invoked its function, or could not.
    Triggered(Triggered),
    /// The template asks for something that does not run here. Everything else runs.
    LeftOut(TemplateError),
}

/// What an event source mapping or a schedule did.
#[derive(Debug, Clone, PartialEq)]
pub struct Triggered {
    /// Logical id of the mapping or schedule.
    pub source: String,
    /// Logical id of the function.
    pub function: String,
    /// Records in the batch; none when it is about something else.
    pub records: usize,
    /// How it ended: [`Outcome::Failed`] when any record is not done.
    pub outcome: Outcome,
    /// From building the event to the function's answer.
    pub duration: Duration,
    /// What the function did, when it was invoked.
    pub execution: Option<Execution>,
    /// What went wrong outside the function: the stream cannot be read, records are given up.
    pub trouble: Option<String>,
}

/// An HTTP request that was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Id given to the client in `apigw-requestid` (H-32).
    pub request_id: String,
    /// Method.
    pub method: String,
    /// Path as events show it (H-23), without the query.
    pub path: String,
    /// Key of the route that was chosen, e.g. `GET /pets/{id}`.
    pub route: Option<String>,
    /// Status of the answer.
    pub status: u16,
    /// From the end of the request's headers to the answer.
    pub duration: Duration,
    /// What the authorizer did, when one was invoked.
    pub authorizer: Option<Execution>,
    /// What the function did, when one was invoked.
    pub execution: Option<Execution>,
}

/// A WebSocket handshake, message or end of connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Connection.
    pub connection_id: String,
    /// Id of the event (W-04).
    pub request_id: String,
    /// `$connect`, `$disconnect`, `$default` or a route key; `None` when no route matched (W-23) or none exists.
    pub route: Option<String>,
    /// What it was.
    pub kind: FrameKind,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took.
    pub duration: Duration,
    /// What the authorizer did, when one was invoked.
    pub authorizer: Option<Execution>,
    /// What the function did, when one was invoked.
    pub execution: Option<Execution>,
}

/// What a [`Frame`] was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// A handshake.
    Connect,
    /// A message from the client, of so many bytes.
    Message(usize),
    /// The end of a connection, with its close code (W-33).
    Disconnect(u16),
}

/// What became of a [`Frame`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Handled; a handshake was accepted.
    Done,
    /// A handshake was answered with this status instead of 101.
    Refused(u16),
    /// No route: the client got a `Forbidden` frame (W-23).
    NoRoute,
    /// The function failed or took too long: the client got an error frame (W-24), if it is still there.
    Failed,
}

/// An invocation of a function, as it is told in a request's or frame's line.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// Logical id of the function; of a backend, method and address.
    pub function: String,
    /// Lambda request id (a UUID); empty when no function was reached.
    pub request_id: String,
    /// Time to initialise, when this invocation had to wait for a new execution environment.
    pub init: Option<Duration>,
    /// Time in the function.
    pub duration: Duration,
    /// Most memory its process ever used, in MB, where the system tells.
    pub memory_mb: Option<u64>,
    /// Error the function ended with, e.g. `Sandbox.Timedout` or its own error type.
    pub error: Option<String>,
}

#[cfg(test)]
impl Execution {
    /// Of a pet shop, cold.
    fn example() -> Self {
        Self {
            function: "PetsFunction".to_owned(),
            request_id: "1".to_owned(),
            init: Some(Duration::from_micros(5_200)),
            duration: Duration::from_micros(3_100),
            memory_mb: Some(9),
            error: None,
        }
    }
}

/// A call to one of the AWS APIs that the gateway itself serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Management {
    /// Access key of the request's signature, when it was signed.
    pub access_key: Option<String>,
    /// IAM action, e.g. `execute-api:ManageConnections` (M-11) or `lambda:InvokeFunction`.
    pub action: &'static str,
    /// ARN the action applies to.
    pub resource: String,
    /// Status of the answer.
    pub status: u16,
}

/// A new execution environment is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColdStart {
    /// Logical id of the function.
    pub function: String,
    /// Process id.
    pub process: u32,
    /// From starting the process to its first poll.
    pub init: Duration,
}

/// A log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Logical id of the function.
    pub function: String,
    /// Lambda request id, when the line belongs to an invocation.
    pub request_id: Option<String>,
    /// Who wrote it.
    pub source: Source,
    /// The line, without its end.
    pub line: String,
}

/// Who wrote a [`Log`] line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The function, to standard output.
    Output,
    /// The function, to standard error.
    Error,
    /// The platform: `START`, `END`, `REPORT` and their like (L-13).
    Platform,
}

/// A function's process ended or was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash {
    /// Logical id of the function.
    pub function: String,
    /// Lambda request id, when an invocation was under way.
    pub request_id: Option<String>,
    /// What happened, e.g. `Runtime exited with error: exit status 101`.
    pub reason: String,
    /// The last lines it wrote.
    pub last_lines: Vec<String>,
}

/// A panic, as the standard panic hook wrote it to standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panic {
    /// Logical id of the function.
    pub function: String,
    /// Lambda request id, when an invocation was under way.
    pub request_id: Option<String>,
    /// File, line and column.
    pub location: String,
    /// First line of its message.
    pub message: String,
    /// The last lines the function wrote before it.
    pub last_lines: Vec<String>,
}

/// A record of an asynchronous invocation on its way to a destination (gateway fact L-14).
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Logical id of the function that was invoked.
    pub function: String,
    /// Lambda request id; the same for all attempts.
    pub request_id: String,
    /// `Success`, `RetriesExhausted` or `EventAgeExceeded`.
    pub condition: String,
    /// ARN of the destination. Functions of the application are invoked; nothing else is sent anywhere.
    pub destination: String,
    /// What it gets.
    pub record: serde_json::Value,
}

/// What comes of changed source files ([`crate::watch`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebuild {
    /// From now on changes are seen.
    Watching {
        /// Folders in which they are.
        folders: Vec<std::path::PathBuf>,
    },
    /// The build before anything is saved is done.
    Prepared {
        /// Of that build.
        duration: Duration,
    },
    /// Files changed that only the program that watches is made of: that goes on as it is until it is started again.
    Restart {
        /// Those files.
        changed: Vec<std::path::PathBuf>,
    },
    /// A build began.
    Started {
        /// Files that changed.
        changed: Vec<std::path::PathBuf>,
    },
    /// New invocations of these functions go to their new program.
    Swapped {
        /// Logical ids; none when the build left every program as it was.
        functions: Vec<String>,
        /// From the start of the build.
        duration: Duration,
    },
    /// The template was read again, and everything goes by it now.
    Followed {
        /// From when the change was seen.
        duration: Duration,
    },
    /// The build failed, and every function keeps its program; or the template has mistakes, and the old one goes on.
    Failed {
        /// What the build wrote, or the mistakes with their places.
        error: String,
    },
}
