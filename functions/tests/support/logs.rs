//! What functions log while a test runs.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// What is logged on this thread until this is dropped, at the most talkative level unless it says otherwise.
pub struct Logs {
    written: Written,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Listens from now on.
    pub fn listen() -> Self {
        Self::at("trace")
    }

    /// Listens at this level of the setting.
    pub fn at(level: &str) -> Self {
        // `tracing` asks only the thread that comes by a line first whether anybody listens, as long as there is one
        // subscriber in all: that may be another test's thread. Two are asked both.
        let _ = tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new());
        let written = Written::default();
        let guard = tracing::subscriber::set_default(edge::logs::subscriber(level, written.clone()));
        Self { written, _guard: guard }
    }

    /// The entries of the audit log so far.
    pub fn audit(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["message"] == "audit").collect()
    }

    /// Every line so far.
    pub fn text(&self) -> String {
        String::from_utf8(self.written.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap()
    }

    /// Every line so far, which is a JSON object.
    pub fn lines(&self) -> Vec<Value> {
        let text = self.text();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
