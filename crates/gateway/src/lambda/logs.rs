//! What an execution environment wrote: told to the report line by line, the last lines kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use crate::report::{Event, Log, Report, Source};

/// Lines kept of each environment, for a crash and for the Invoke API's log tail.
const KEPT: usize = 64;
/// A longer line is told in parts, as in CloudWatch, so that a function that never ends a line cannot fill the memory.
const LONGEST: u64 = 256 * 1024;

/// The log of one execution environment.
pub(super) struct Logs {
    function: String,
    report: Arc<dyn Report>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    request_id: Option<String>,
    recent: VecDeque<Line>,
}

struct Line {
    request_id: Option<String>,
    source: Source,
    text: String,
}

impl Logs {
    pub(super) fn new(function: String, report: Arc<dyn Report>) -> Self {
        Self { function, report, state: Mutex::default() }
    }

    /// Lines from now on belong to this invocation.
    pub(super) fn begin(&self, request_id: &str) {
        self.lock().request_id = Some(request_id.to_owned());
    }

    pub(super) fn write(&self, source: Source, text: String) {
        let request_id = {
            let mut state = self.lock();
            let request_id = state.request_id.clone();
            if state.recent.len() == KEPT {
                state.recent.pop_front();
            }
            state.recent.push_back(Line { request_id: request_id.clone(), source, text: text.clone() });
            request_id
        };
        self.report.event(&Event::Log(Log { function: self.function.clone(), request_id, source, line: text }));
    }

    /// The kept lines of an invocation.
    pub(super) fn of(&self, request_id: &str) -> Vec<String> {
        let state = self.lock();
        let mine = |line: &&Line| line.request_id.as_deref() == Some(request_id);
        state.recent.iter().filter(mine).map(|line| line.text.clone()).collect()
    }

    /// The last lines that the function itself wrote.
    pub(super) fn last(&self, count: usize) -> Vec<String> {
        let state = self.lock();
        let own = state.recent.iter().filter(|line| line.source != Source::Platform);
        let lines: Vec<_> = own.map(|line| line.text.clone()).collect();
        lines[lines.len().saturating_sub(count)..].to_vec()
    }

    /// Tells every line of a stream until it ends.
    pub(super) async fn follow(self: Arc<Self>, source: Source, stream: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut limited = tokio::io::AsyncReadExt::take(&mut reader, LONGEST);
            match limited.read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    let text = String::from_utf8_lossy(&line);
                    self.write(source, text.trim_end_matches(['\n', '\r']).to_owned());
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
