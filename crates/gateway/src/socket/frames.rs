//! What the gateway takes of the WebSocket protocol (gateway facts W-27 to W-29).

use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};

use super::close::Closing;
use crate::Limits;

/// Answers to pings that may wait for a client that does not read, in bytes; the last ping is answered in any case.
const PONGS: usize = 4096;

/// How connections are read and written: the largest frame and message, and small buffers, because most connections
/// are silent most of the time.
pub fn config(limits: &Limits) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_write_buffer_size(limits.frame.saturating_add(PONGS))
        .max_frame_size(Some(limits.frame))
        .max_message_size(Some(limits.message))
}

/// How the client closed (W-33).
pub fn closing(frame: Option<&CloseFrame>) -> Closing {
    frame.map_or_else(Closing::no_status, |frame| Closing::new(frame.code.into(), frame.reason.as_str()))
}

/// How a violation is answered (W-27, W-28); `None` when the connection is just gone.
pub fn refusal(error: &Error) -> Option<Closing> {
    match error {
        Error::Capacity(_) => Some(Closing::too_big()),
        Error::Utf8(_) => Some(Closing::not_utf8()),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some(Closing::protocol_error()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind, Read, Write};

    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

    use super::*;

    /// A client that sends pings and does not read for a while.
    struct Deaf {
        pings: usize,
        reads: bool,
        written: usize,
    }

    impl Read for Deaf {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.pings = self.pings.checked_sub(1).ok_or(ErrorKind::WouldBlock)?;
            let ping: Vec<u8> = [0x89, 0xfd].into_iter().chain([0; 4 + 125]).collect();
            buffer[..ping.len()].copy_from_slice(&ping);
            Ok(ping.len())
        }
    }

    impl Write for Deaf {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !self.reads {
                return Err(ErrorKind::WouldBlock.into());
            }
            self.written += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn w_30_pings_of_a_client_that_does_not_read_do_not_pile_up() {
        let limits = Limits::default();
        let deaf = Deaf { pings: 10_000, reads: false, written: 0 };
        let mut socket = WebSocket::from_raw_socket(deaf, Role::Server, Some(config(&limits)));
        while socket.read().is_ok() {}
        socket.get_mut().reads = true;
        socket.flush().unwrap();
        let written = socket.get_ref().written;
        assert!((127..=limits.frame + PONGS + 127).contains(&written), "{written}");
    }
}
