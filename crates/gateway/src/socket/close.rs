//! How a connection ends: close codes and reasons (gateway facts W-27 to W-29, W-33 to W-35).

/// Code and reason, as the client sees them and as `$disconnect` is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Close code.
    pub code: u16,
    /// Reason.
    pub reason: String,
}

impl Closing {
    /// Code and reason.
    pub fn new(code: u16, reason: &str) -> Self {
        Self { code, reason: reason.to_owned() }
    }

    /// The client sent a close frame without a status (W-33).
    pub fn no_status() -> Self {
        Self::new(1005, "Client-side close frame status not set")
    }

    /// `DELETE @connections` (W-35).
    pub fn deleted() -> Self {
        Self::new(1000, "Connection Closed Normally")
    }

    /// Ten minutes of silence, two hours in all, or the end of the gateway (W-34).
    pub fn going_away() -> Self {
        Self::new(1001, "Going away")
    }

    /// A frame over 32 KB or a message over 128 KB (W-27).
    pub fn too_big() -> Self {
        Self::new(1009, "Message too big")
    }

    /// A binary frame (W-28).
    pub fn binary() -> Self {
        Self::new(1003, "Binary is not supported")
    }

    /// Text that is not UTF-8 (W-28).
    pub fn not_utf8() -> Self {
        Self::new(1007, "Invalid UTF-8")
    }

    /// A violation of the WebSocket protocol (W-28).
    pub fn protocol_error() -> Self {
        Self::new(1002, "Protocol error")
    }

    /// The transport ended without a close frame.
    pub fn lost() -> Self {
        Self::new(1006, "")
    }
}
