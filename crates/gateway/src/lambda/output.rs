//! What a process writes, line by line, and exactly in time: everything that was in its pipes can be told before the
//! line that ends its invocation.

use std::os::fd::AsFd as _;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::unix::pipe::Receiver;
use tokio::process::Child;
use tokio_util::sync::CancellationToken;

use super::logs::Logs;
use crate::report::Source;

/// A longer line is told in parts, as in CloudWatch, so that a function that never ends a line cannot fill the memory.
const LONGEST: usize = 256 * 1024;

/// Standard output and standard error of one process.
pub(super) struct Output {
    pipes: Vec<Pipe>,
    logs: Arc<Logs>,
    /// Both pipes are closed.
    closed: CancellationToken,
}

struct Pipe {
    source: Source,
    end: Receiver,
    /// What came after the last end of a line. Held while the pipe is read, so that lines stay in order.
    partial: Mutex<Vec<u8>>,
}

impl Output {
    /// Takes over what `child` writes.
    pub(super) fn of(child: &mut Child, logs: &Arc<Logs>) -> std::io::Result<Arc<Self>> {
        let output = child.stdout.take().map(tokio::process::ChildStdout::into_owned_fd).transpose()?;
        let errors = child.stderr.take().map(tokio::process::ChildStderr::into_owned_fd).transpose()?;
        let pipes = [(Source::Output, output), (Source::Error, errors)].into_iter();
        let pipes = pipes
            .filter_map(|(source, end)| Some((source, end?)))
            .map(|(source, end)| Ok(Pipe { source, end: Receiver::from_owned_fd(end)?, partial: Mutex::default() }));
        let pipes = pipes.collect::<std::io::Result<_>>()?;
        Ok(Arc::new(Self { pipes, logs: Arc::clone(logs), closed: CancellationToken::new() }))
    }

    /// Tells every line until both pipes are closed.
    pub(super) async fn follow(self: Arc<Self>) {
        futures_util::future::join_all(self.pipes.iter().map(|pipe| pipe.follow(&self.logs))).await;
        self.closed.cancel();
    }

    /// Waits until the process and all that it started have closed their ends.
    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Tells what is in the pipes now.
    pub(super) fn drain(&self) {
        for pipe in &self.pipes {
            pipe.drain(&self.logs);
        }
    }
}

impl Pipe {
    async fn follow(&self, logs: &Logs) {
        while self.end.readable().await.is_ok() {
            // Tokio's own reading, so that it knows when the pipe is empty.
            if self.pump(logs, |buffer| self.end.try_read(buffer)) {
                return;
            }
        }
    }

    /// Reads what is there whether or not the event loop has heard of it yet.
    fn drain(&self, logs: &Logs) {
        self.pump(logs, |buffer| rustix::io::read(self.end.as_fd(), buffer).map_err(Into::into));
    }

    /// Reads until nothing is there; `true` when nothing more will come.
    fn pump(&self, logs: &Logs, read: impl Fn(&mut [u8]) -> std::io::Result<usize>) -> bool {
        let mut partial = self.partial.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = [0; 16 * 1024];
        loop {
            match read(&mut buffer) {
                Ok(0) => {
                    if !partial.is_empty() {
                        logs.write(self.source, line(&std::mem::take(&mut *partial)));
                    }
                    return true;
                }
                Ok(count) => {
                    partial.extend_from_slice(&buffer[..count]);
                    self.tell(&mut partial, logs);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                Err(_) => return true,
            }
        }
    }

    fn tell(&self, partial: &mut Vec<u8>, logs: &Logs) {
        let mut told = 0;
        while let Some(length) = partial[told..].iter().position(|byte| *byte == b'\n') {
            logs.write(self.source, line(&partial[told..told + length]));
            told += length + 1;
        }
        partial.drain(..told);
        if partial.len() >= LONGEST {
            logs.write(self.source, line(&std::mem::take(partial)));
        }
    }
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\r').to_owned()
}
