//! What an execution environment wrote: told to the report line by line, the last lines kept; panics are recognised.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::report::{Event, Log, Panic, Report, Source};

/// Lines kept of each environment, for a crash and for the Invoke API's log tail.
const KEPT: usize = 64;
/// Lines shown with a panic.
const SHOWN: usize = 5;

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
    /// Where a panic happened whose message is on the next line.
    panicked: Option<String>,
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
        let (request_id, panic) = {
            let mut state = self.lock();
            let request_id = state.request_id.clone();
            if state.recent.len() == KEPT {
                state.recent.pop_front();
            }
            let panic = if source == Source::Error { self.panic(&mut state, &text) } else { None };
            state.recent.push_back(Line { request_id: request_id.clone(), source, text: text.clone() });
            (request_id, panic)
        };
        self.report.event(&Event::Log(Log { function: self.function.clone(), request_id, source, line: text }));
        if let Some(panic) = panic {
            self.report.event(&Event::Panic(panic));
        }
    }

    /// The standard panic hook writes where on one line and the message on the next.
    fn panic(&self, state: &mut State, text: &str) -> Option<Panic> {
        if let Some(location) = state.panicked.take() {
            let own = state.recent.iter().filter(|line| line.source != Source::Platform);
            let before: Vec<_> = own.map(|line| line.text.clone()).collect();
            // Without the line that says where.
            let before = &before[..before.len().saturating_sub(1)];
            return Some(Panic {
                function: self.function.clone(),
                request_id: state.request_id.clone(),
                location,
                message: text.to_owned(),
                last_lines: before[before.len().saturating_sub(SHOWN)..].to_vec(),
            });
        }
        state.panicked = panic_location(text).map(str::to_owned);
        None
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

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `src/main.rs:3:5` of `thread 'main' panicked at src/main.rs:3:5:`.
fn panic_location(text: &str) -> Option<&str> {
    let (_, place) = text.strip_prefix("thread '")?.split_once(" panicked at ")?;
    let place = place.strip_suffix(':')?;
    let numbers = place.rsplitn(3, ':').take(2);
    numbers.into_iter().all(|number| number.parse::<u32>().is_ok()).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_panic() {
        assert_eq!(panic_location("thread 'main' panicked at src/main.rs:3:5:"), Some("src/main.rs:3:5"));
        assert_eq!(panic_location("thread 'main' (4711) panicked at a b.rs:30:5:"), Some("a b.rs:30:5"));
        for other in ["thread 'main' panicked at src/main.rs", "panicked at src/main.rs:3:5:", ""] {
            assert_eq!(panic_location(other), None, "{other}");
        }
    }
}
