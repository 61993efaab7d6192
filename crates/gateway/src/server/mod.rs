//! The shell: listens, reads requests, asks the pure parts, invokes functions, writes answers.

mod accept;
mod connection;
mod connections;
mod custom;
mod functions;
mod handshake;
mod http_api;
mod management;
mod messages;
mod queues;
mod rate;
mod web;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::event_source::queue::Queues;
use crate::lambda::{Functions, Invocation};
use crate::model::{Application, Throttle, Throttling};
use crate::report::{Event, Execution, Outcome, Report, Triggered};
use crate::roles::Roles;
use crate::socket::close::Closing;
use crate::time::Clock;
use crate::tls::Tls;
use crate::{Behaviour, Limits, ids, random};
use connections::Connections;
use rate::{Bucket, Throttles};

pub(crate) use accept::accept;

/// Everything a request needs.
pub(crate) struct Gateway {
    application: RwLock<Arc<Application>>,
    pub(crate) functions: Functions,
    pub(crate) behaviour: Behaviour,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) report: Arc<dyn Report>,
    /// Port it listens on.
    pub(crate) port: u16,
    /// For clients that begin with it.
    pub(crate) tls: Option<Tls>,
    pub(crate) roles: Roles,
    pub(crate) queues: Arc<Queues>,
    handshakes: Bucket,
    throttles: Throttles,
    /// As a client.
    web: web::Web,
    connections: Connections,
    /// Of HTTP APIs.
    memory: http_api::Memory,
    /// No new requests.
    stop: CancellationToken,
    /// Whatever is still under way ends now.
    abort: CancellationToken,
    tasks: TaskTracker,
}

/// How it behaves, by what time, and who is told.
pub(crate) struct Settings {
    pub(crate) behaviour: Behaviour,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) queues: Arc<Queues>,
    pub(crate) report: Arc<dyn Report>,
    pub(crate) tls: Option<Tls>,
}

impl Gateway {
    pub(crate) fn new(
        application: Application,
        functions: Functions,
        roles: Roles,
        settings: Settings,
        port: u16,
    ) -> Arc<Self> {
        let Settings { behaviour, limits, clock, queues, report, tls } = settings;
        Arc::new(Self {
            application: RwLock::new(Arc::new(application)),
            functions,
            behaviour,
            handshakes: Bucket::new(
                Throttle { rate: f64::from(limits.handshakes), burst: limits.handshakes },
                clock.passed(),
            ),
            throttles: Throttles::default(),
            limits,
            clock,
            report,
            port,
            tls,
            web: web::Web::default(),
            roles,
            queues,
            connections: Connections::default(),
            memory: http_api::Memory::default(),
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// The template as it is now. Whoever needs it for a while keeps it: it may be replaced meanwhile (W-26).
    pub(crate) fn application(&self) -> Arc<Application> {
        Arc::clone(&self.application.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whatever comes from now on, on open connections too, is routed by this.
    pub(crate) fn replace(&self, application: Application) {
        *self.application.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(application);
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

    /// Runs until done, or until the gateway is told to stop: what has no end of its own.
    pub(crate) fn spawn_until_stop(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(self.stop.clone().run_until_cancelled_owned(task).map(|_| ()));
    }

    /// A new trace id.
    pub(crate) fn trace_id(&self) -> String {
        trace_id(self.clock.now())
    }

    /// Tells what keeps an event source from being read or handled.
    pub(crate) fn tell_source(&self, source: &str, function: &str, trouble: String) {
        self.tell(&Event::Triggered(Triggered {
            source: source.to_owned(),
            function: function.to_owned(),
            records: 0,
            outcome: Outcome::Failed,
            duration: Duration::ZERO,
            execution: None,
            trouble: Some(trouble),
        }));
    }

    pub(crate) fn tell(&self, event: &Event) {
        self.report.event(event);
    }

    /// Whether a stage lets a request to one of its routes through (H-70, W-13).
    fn lets_through(&self, api: &str, stage: &str, limits: &Throttling, route: &str) -> bool {
        !self.behaviour.throttling || self.throttles.take(api, stage, limits, route, self.clock.passed())
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
