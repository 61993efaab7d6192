//! A client that writes frames byte by byte, right ones and wrong ones, and knows no more of the protocol than RFC 6455.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Stack;

/// Long enough for a loaded machine; nothing here is meant to take it.
const PATIENCE: Duration = Duration::from_secs(30);
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

pub(super) const CONTINUATION: u8 = 0;
pub(super) const TEXT: u8 = 1;
pub(super) const BINARY: u8 = 2;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;

/// A frame to be sent.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) last: bool,
    /// RSV1 is 4, RSV3 is 1.
    pub(super) reserved: u8,
    pub(super) opcode: u8,
    pub(super) masked: bool,
    pub(super) payload: Vec<u8>,
}

/// A whole message, or a control frame.
pub(super) fn frame(opcode: u8, payload: impl AsRef<[u8]>) -> Frame {
    Frame { last: true, reserved: 0, opcode, masked: true, payload: payload.as_ref().to_vec() }
}

/// The same with more to come.
pub(super) fn part(opcode: u8, payload: impl AsRef<[u8]>) -> Frame {
    Frame { last: false, ..frame(opcode, payload) }
}

pub(super) fn close(code: u16, reason: impl AsRef<[u8]>) -> Frame {
    frame(CLOSE, [&code.to_be_bytes(), reason.as_ref()].concat())
}

impl Frame {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let length = self.payload.len();
        let flag = if self.masked { 0x80 } else { 0 };
        let mut bytes = vec![u8::from(self.last) << 7 | self.reserved << 4 | self.opcode];
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ 0..126), _) => bytes.push(flag | short),
            (_, Ok(middle)) => {
                bytes.push(flag | 0x7e);
                bytes.extend(middle.to_be_bytes());
            }
            _ => {
                bytes.push(flag | 0x7f);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        if self.masked {
            bytes.extend(MASK);
            bytes.extend(self.payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        } else {
            bytes.extend(&self.payload);
        }
        bytes
    }
}

/// A frame that came: first byte and payload. That it is not masked, and what its length says, is checked on the way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) last: bool,
    pub(super) opcode: u8,
    pub(super) payload: Vec<u8>,
}

/// An open connection.
pub(super) struct Raw(TcpStream);

impl Raw {
    /// Connects and shakes hands; anything but a 101 fails the test.
    pub(super) async fn open(stack: &Stack) -> Self {
        let mut stream = TcpStream::connect(stack.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let request = "GET /dev HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within(stream.read_u8()).await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        // The example of RFC 6455, section 1.3.
        assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        Self(stream)
    }

    /// Sends frames in one write. The gateway may have hung up meanwhile: what it said shows that.
    pub(super) async fn send(&mut self, frames: &[Frame]) {
        let bytes: Vec<u8> = frames.iter().flat_map(Frame::bytes).collect();
        let _ = self.0.write_all(&bytes).await;
    }

    /// Sends frames in writes of so many bytes.
    pub(super) async fn send_chopped(&mut self, frames: &[Frame], size: usize) {
        let bytes: Vec<u8> = frames.iter().flat_map(Frame::bytes).collect();
        for piece in bytes.chunks(size) {
            let _ = self.0.write_all(piece).await;
            tokio::task::yield_now().await;
        }
    }

    pub(super) async fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// The next frame; `None` when the connection has ended.
    pub(super) async fn next(&mut self) -> Option<Came> {
        within(self.read()).await
    }

    async fn read(&mut self) -> Option<Came> {
        // Ended or reset: either way there is nothing more.
        let first = self.0.read_u8().await.ok()?;
        let length = self.0.read_u8().await.unwrap();
        assert_eq!(first & 0x70, 0, "no extension was negotiated");
        assert_eq!(length & 0x80, 0, "a server does not mask");
        let length = match length {
            126 => u64::from(self.0.read_u16().await.unwrap()),
            127 => self.0.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut payload).await.unwrap();
        Some(Came { last: first & 0x80 != 0, opcode: first & 0xf, payload })
    }

    /// The next message, put together from its frames.
    pub(super) async fn text(&mut self) -> String {
        let mut whole = Vec::new();
        loop {
            let came = self.next().await.expect("the connection has ended");
            let expected = if whole.is_empty() { TEXT } else { CONTINUATION };
            assert_eq!(came.opcode, expected, "{came:?}");
            whole.extend(came.payload);
            if came.last {
                return String::from_utf8(whole).unwrap();
            }
        }
    }

    /// The code of the close frame that comes next; 1005 for one without. Then nothing more may come.
    pub(super) async fn closed(&mut self) -> u16 {
        let came = self.next().await.expect("the connection has ended without a close frame");
        assert_eq!((came.opcode, came.last), (CLOSE, true), "{came:?}");
        assert!(came.payload.len() <= 125, "{came:?}");
        let code = match came.payload.split_first_chunk() {
            Some((code, reason)) => {
                std::str::from_utf8(reason).unwrap();
                u16::from_be_bytes(*code)
            }
            None => 1005,
        };
        let _ = self.0.shutdown().await;
        assert_eq!(self.next().await, None, "nothing follows a close frame");
        code
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("the gateway says nothing")
}
