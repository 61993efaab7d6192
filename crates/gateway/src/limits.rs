//! Sizes, times and numbers that AWS fixes, as values, so that tests need not wait two hours.

use std::time::Duration;

/// Limits of the gateway and of the functions behind it. The defaults are AWS's where AWS has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest HTTP request body in bytes (H-34): 10 MB.
    pub http_body: usize,
    /// Largest request line and header values together, in bytes (H-35): 10 240.
    pub http_headers: usize,
    /// Longest time a client may take to send a request's headers, and again its body. Ours: 30 s.
    pub http_read: Duration,
    /// Largest request to and reply from a function in bytes (H-34, L-09): 6 291 556.
    pub payload: usize,
    /// Largest URL of a WebSocket handshake in characters (W-10): 4 096.
    pub socket_url: usize,
    /// WebSocket handshakes in one second, over all APIs (W-10): 500; more may come only as fast.
    pub handshakes: u32,
    /// Largest WebSocket frame in bytes (W-27): 32 KB. Larger messages to a client are fragmented (M-04).
    pub frame: usize,
    /// Largest WebSocket message in bytes, in either direction (W-27, M-03): 128 KB.
    pub message: usize,
    /// How long a connection may be silent in both directions (W-34): 10 minutes.
    pub idle: Duration,
    /// How long a connection may last (W-34): 2 hours.
    pub connection: Duration,
    /// How long a closing connection waits for the client's close frame, or for room to send ours. Ours: 5 s.
    pub closing: Duration,
    /// Bytes that may wait for a client that does not read, each message counted with 128 bytes more; beyond it a
    /// post is answered 429 (M-12). Ours: 1 MiB.
    pub outgoing: u32,
    /// Messages of one connection handled at once; the gateway reads no further until one is done. Ours: 64.
    pub in_flight: usize,
    /// Longest initialisation of an execution environment (L-11): 10 s.
    pub init: Duration,
    /// Execution environments of one function that run at once; further invocations queue, first come first served.
    /// (AWS has a limit per account instead, and refuses beyond it.) Ours: 64.
    pub environments: u32,
    /// How long an idle execution environment is kept warm. Ours: 15 minutes.
    pub warm: Duration,
    /// Waits before the first and the second retry of an asynchronous invocation (L-14): 1 and 2 minutes.
    pub event_retries: [Duration; 2],
    /// First wait before an asynchronous invocation that was throttled is tried again; each next one is twice as
    /// long, up to 5 minutes (L-14): 1 s.
    pub event_throttled: Duration,
    /// How long a Lambda authorizer may take: 10 s.
    pub authorizer: Duration,
    /// Largest discovery document or key set of a token issuer in bytes: 150 000.
    pub key_set: usize,
    /// How long fetching one of them may take: 1.5 s.
    pub key_set_patience: Duration,
    /// Wait before a failed batch of a stream is tried again, doubled each time up to a minute (E-04). Ours: 250 ms.
    pub stream_pause: Duration,
    /// How long [`crate::Running::shutdown`] waits for requests under way and `$disconnect` routes. Ours: 3 s.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            http_body: 10 * 1024 * 1024,
            http_headers: 10_240,
            http_read: Duration::from_secs(30),
            payload: 6_291_556,
            socket_url: 4_096,
            handshakes: 500,
            frame: 32 * 1024,
            message: 128 * 1024,
            idle: Duration::from_mins(10),
            connection: Duration::from_hours(2),
            closing: Duration::from_secs(5),
            outgoing: 1024 * 1024,
            in_flight: 64,
            init: Duration::from_secs(10),
            environments: 64,
            warm: Duration::from_mins(15),
            event_retries: [Duration::from_mins(1), Duration::from_mins(2)],
            event_throttled: Duration::from_secs(1),
            authorizer: Duration::from_secs(10),
            key_set: 150_000,
            key_set_patience: Duration::from_millis(1_500),
            stream_pause: Duration::from_millis(250),
            shutdown: Duration::from_secs(3),
        }
    }
}
