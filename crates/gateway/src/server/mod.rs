//! The shell: listens, reads requests, asks the pure parts, invokes functions, writes answers.

mod accept;
mod connection;
mod connections;
mod functions;
mod handshake;
mod http_api;
mod management;
mod messages;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::lambda::{Functions, Invocation};
use crate::model::Application;
use crate::report::{Event, Execution, Report};
use crate::socket::close::Closing;
use crate::time::Clock;
use crate::{Behaviour, Limits, ids, random};
use connections::Connections;

pub(crate) use accept::accept;

/// Everything a request needs.
pub(crate) struct Gateway {
    pub(crate) application: Application,
    pub(crate) functions: Functions,
    pub(crate) behaviour: Behaviour,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) report: Arc<dyn Report>,
    /// Port it listens on.
    pub(crate) port: u16,
    connections: Connections,
    /// No new requests.
    stop: CancellationToken,
    /// Whatever is still under way ends now.
    abort: CancellationToken,
    tasks: TaskTracker,
}

impl Gateway {
    pub(crate) fn new(
        application: Application,
        functions: Functions,
        behaviour: Behaviour,
        limits: Limits,
        clock: Clock,
        report: Arc<dyn Report>,
        port: u16,
    ) -> Arc<Self> {
        Arc::new(Self {
            application,
            functions,
            behaviour,
            limits,
            clock,
            report,
            port,
            connections: Connections::default(),
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// Runs until done, or until the gateway has no more patience.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(self.abort.clone().run_until_cancelled_owned(task));
    }

    /// No new requests, sockets closed, `$disconnect` run, then every process ended.
    pub(crate) async fn shutdown(&self) {
        self.stop.cancel();
        for connection in self.connections.all() {
            self.connections.close(&connection, Closing::going_away());
        }
        self.tasks.close();
        let patient = tokio::time::timeout(self.limits.shutdown, self.tasks.wait()).await.is_ok();
        self.functions.shutdown().await;
        if !patient {
            self.abort.cancel();
            self.tasks.wait().await;
        }
    }

    fn tell(&self, event: &Event) {
        self.report.event(event);
    }

    /// Invokes a function and waits at most `limit`; the invocation itself goes on after that.
    async fn integrate(
        &self,
        function: &str,
        payload: Bytes,
        trace: &str,
        limit: Duration,
    ) -> Result<Invocation, Execution> {
        let started = Instant::now();
        self.clock.timeout(limit, self.functions.invoke(function, payload, trace)).await.map_err(|_| Execution {
            function: function.to_owned(),
            request_id: String::new(),
            init: None,
            duration: started.elapsed(),
            memory_mb: None,
            error: Some("integration timeout".to_owned()),
        })
    }
}

fn request_id() -> String {
    ids::request_id(random::bytes())
}

fn trace_id(now: Timestamp) -> String {
    ids::trace_id(now, random::bytes())
}
