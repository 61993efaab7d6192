//! The embedded services, and operations on them by the real handlers, each counted by itself.

use app::delivery::{Batch, Push};
use app::ending::{Cleaner, Clearing};
use app::erasure::Erasing;
use app::files::Files;
use app::inspection::{Asked, Inspection};
use app::translation::Translator;
use benches::lambda::LoopbackLambda;
use benches::support::{Bench, Call, Phone};
use edge::http::{Reply, Request};
use edge::socket::Frame;
use edge::{ClearPages, Failure, FromEnvironment};
use serde_json::{Value, json};
use store::Table;
use wire::frame::Event;

use crate::used::{Entry, Row, Used};

/// Translations are waited for as long as they take, and nobody runs into a limit: how busy this machine is must not
/// show.
pub(crate) const PATIENT: [(&str, &str); 2] = [("TranslationDeadlineMs", "5000"), ("UploadsPerMinute", "10000")];

/// Far more than anything takes.
pub(crate) const LIMIT: std::time::Duration = std::time::Duration::from_mins(2);

/// An operation: the function and which case of it.
pub(crate) type What = (&'static str, &'static str);

/// One backend without processes.
pub(crate) struct Stage {
    pub(crate) bench: Bench,
    lambda: LoopbackLambda,
}

impl Stage {
    /// Everything fresh.
    pub(crate) async fn start() -> Self {
        Self::over(Bench::with(&PATIENT).await).await
    }

    /// Over these services.
    pub(crate) async fn over(mut bench: Bench) -> Self {
        let lambda = LoopbackLambda::start().await;
        bench.services.invoke_at(lambda.url());
        Self { bench, lambda }
    }

    /// Every function that the template declares.
    pub(crate) fn functions(&self) -> Vec<String> {
        let declared = self.bench.services.application.functions.values();
        declared.map(|function| local::processes::name(function).expect("a name").to_owned()).collect()
    }

    /// Counts what follows.
    pub(crate) fn begin(&self) -> usize {
        self.bench.start_counting();
        self.bench.services.connections.take_calls();
        self.lambda.take();
        self.bench.services.translator.asked().len()
    }

    /// What was used since the count began. Asynchronous invocations run now.
    pub(crate) async fn used(&self, begun: usize) -> Used {
        let mut used = Used::default();
        // One may begin another.
        loop {
            let payloads = self.lambda.take();
            if payloads.is_empty() {
                break;
            }
            used.invocations += payloads.len();
            for payload in payloads {
                if let Ok(share) = serde_json::from_slice::<Batch>(&payload) {
                    self.post(share).await;
                } else if let Ok(asked) = serde_json::from_slice::<Asked>(&payload) {
                    self.inspect(asked).await;
                } else if let Ok(erasing) = serde_json::from_slice::<Erasing>(&payload) {
                    self.erase(erasing).await;
                } else {
                    self.clear(&payload).await;
                }
            }
        }
        for usage in self.bench.services.take_usage() {
            let (service, operation) = usage.operation.split_once(':').expect("service and operation");
            match service {
                "dynamodb" => *used.requests.entry(operation.to_owned()).or_default() += 1,
                "s3" => *used.files.entry(operation.to_owned()).or_default() += 1,
                "translate" => used.texts += 1,
                other => panic!("{other} has no column"),
            }
            let capacity = usage.capacity.unwrap_or_default();
            used.read += capacity.read;
            used.write += capacity.write;
        }
        let asked = &self.bench.services.translator.asked()[begun..];
        used.characters = asked.iter().map(|asked| asked.text.chars().count()).sum();
        let calls = self.bench.services.connections.take_calls();
        used.posts = calls.len();
        let refused: Vec<_> = calls.iter().filter(|call| !matches!(call.status, 200 | 204 | 410)).collect();
        assert!(refused.is_empty(), "a post was refused: {refused:?}");
        used
    }

    /// A share of posts, as `ws-fan-out` does it.
    pub(crate) async fn post(&self, batch: Batch) {
        let services: (Table, Push) = self.bench.of("ws-fan-out").await;
        edge::invocation::run(&services, &functions::ws::fan_out::handle, batch, "bench", LIMIT).await;
    }

    /// A file that was sent, as `attachments-inspect` inspects it.
    pub(crate) async fn inspect(&self, asked: Asked) {
        let services: (Table, Files, Push, Translator, Inspection) = self.bench.of("attachments-inspect").await;
        let handle = &functions::attachments::inspect::handle;
        assert!(edge::invocation::run(&services, handle, asked, "bench", LIMIT).await);
    }

    /// What is left of an ended conversation, as `conversations-clear` deletes it.
    pub(crate) async fn clear(&self, payload: &[u8]) {
        let clearing: Clearing = serde_json::from_slice(payload).expect("a share or an ended conversation");
        let services: (Table, Files, Cleaner, ClearPages) = self.bench.of("conversations-clear").await;
        let handle = &functions::conversations::clear::handle;
        assert!(edge::invocation::run(&services, handle, clearing, "bench", LIMIT).await);
    }

    /// The asynchronous invocations since the count began, which nobody has run.
    pub(crate) fn invocations(&self) -> Vec<bytes::Bytes> {
        self.lambda.take()
    }

    /// A request to a route, which has to succeed: its row and its answer.
    pub(crate) async fn ask<D: FromEnvironment, B: serde::Serialize>(
        &self,
        rows: &mut Vec<Row>,
        what: What,
        handle: impl AsyncFn(&D, Request) -> Result<Reply<B>, Failure>,
        call: Call,
    ) -> Value {
        let answer = self.try_ask(rows, what, handle, call).await;
        assert!(answer.0 < 400, "{what:?}: {answer:?}");
        answer.1
    }

    /// A request to a route, whatever comes of it: its row, its status and its answer.
    pub(crate) async fn try_ask<D: FromEnvironment, B: serde::Serialize>(
        &self,
        rows: &mut Vec<Row>,
        (function, case): What,
        handle: impl AsyncFn(&D, Request) -> Result<Reply<B>, Failure>,
        call: Call,
    ) -> (i64, Value) {
        let services: D = self.bench.of(function).await;
        let begun = self.begin();
        let answer = call.to(&services, handle).await;
        let used = self.used(begun).await;
        rows.push(Row { function, case, members: String::new(), entry: Entry::Http, used });
        (answer.status, answer.body)
    }

    /// An action of a phone, which has to succeed: its row.
    pub(crate) async fn act<D: FromEnvironment>(
        &self,
        rows: &mut Vec<Row>,
        (function, case): What,
        handle: impl AsyncFn(&D, Frame) -> Result<(), Failure>,
        phone: &Phone,
        (action, data): (&str, Value),
    ) {
        let services: (D, Push) = self.bench.of(function).await;
        let frame = json!({ "action": action, "data": data });
        let begun = self.begin();
        self.bench.act(&services, handle, phone, &frame).await;
        let used = self.used(begun).await;
        // What follows on the same connection arrives after everything before.
        let pong = Event::Pong { timestamp: String::new() };
        services.1.answer(&phone.connection, &pong).await.expect("a post");
        phone.expect("pong").await;
        assert_eq!(phone.count("error"), 0, "{function} {case}: {:#?}", phone.received().iter().rev().nth(1));
        rows.push(Row { function, case, members: String::new(), entry: Entry::Frame, used });
    }
}
