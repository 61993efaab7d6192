//! A gateway per test, on a free port, with functions that do what their events say (`tests/support/echo.rs`).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gateway::event_source::Sources;
use gateway::model::{
    Application, Authorization, Cors, EventInvoke, Function, HttpApi, HttpAuthorizer, HttpRoute, Location, Mapping,
    PayloadFormat, Stage, Throttling, WebSocketApi, WebSocketAuthorizer, WebSocketRoute,
};
use gateway::report::{Crash, Frame, FrameKind, Log, Source};
use gateway::template::Settings;
use gateway::time::{Clock, ManualClock};
use gateway::{Behaviour, Event, Launch, LaunchError, Launcher, Limits, Options, Report, Running, StartError};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// No wait in these tests is meant to take this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a test wants to run; every function is the echo function.
pub(crate) struct Plan {
    pub(crate) application: Application,
    pub(crate) behaviour: Behaviour,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) sources: Sources,
    /// External extensions of every function.
    pub(crate) extensions: Vec<PathBuf>,
}

pub(crate) fn location(line: usize) -> Location {
    Location { file: PathBuf::from("template.yaml"), line, column: 3 }
}

/// What a template that stands alone says, or its mistakes.
pub(crate) fn read_text(text: &str) -> Result<Application, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.yaml");
    std::fs::write(&path, text).unwrap();
    gateway::template::read(&path, &Settings::default()).map_err(|errors| errors.to_string())
}

impl Plan {
    /// This application, and nothing else.
    pub(crate) fn of(application: Application) -> Self {
        Self { application, ..Self::new() }
    }

    pub(crate) fn new() -> Self {
        let application = Application {
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            ..Application::default()
        };
        let (behaviour, limits, clock) = (Behaviour::default(), Limits::default(), Clock::system());
        let sources = Sources::default();
        Self { application, behaviour, limits, clock, sources, extensions: Vec::new() }.function("Echo", |_| {})
    }

    /// Adds or changes a function.
    pub(crate) fn function(mut self, id: &str, change: impl FnOnce(&mut Function)) -> Self {
        let line = self.application.functions.len() + 1;
        let function = self.application.functions.entry(id.to_owned()).or_insert_with(|| Function {
            logical_id: id.to_owned(),
            name: format!("test-{}", id.to_lowercase()),
            code: PathBuf::from("/nowhere"),
            inline: None,
            handler: "bootstrap".to_owned(),
            runtime: "provided.al2023".to_owned(),
            architecture: "x86_64".to_owned(),
            memory_mb: 128,
            timeout: Duration::from_secs(10),
            environment: BTreeMap::new(),
            reserved_concurrency: None,
            alias: None,
            event_invoke: EventInvoke::default(),
            policies: Vec::new(),
            events: Vec::new(),
            policies_elsewhere: false,
            location: location(line),
        });
        change(function);
        self
    }

    /// Adds a route to the HTTP API (stage `$default`).
    pub(crate) fn http(self, key: &str) -> Self {
        self.http_within(key, Duration::from_secs(30))
    }

    pub(crate) fn http_within(mut self, key: &str, timeout: Duration) -> Self {
        let (method, path) = key.split_once(' ').unwrap();
        let api = self.application.http_apis.entry("Api".to_owned()).or_insert_with(|| HttpApi {
            logical_id: "Api".to_owned(),
            api_id: "httpapi001".to_owned(),
            stages: vec![Stage {
                name: "$default".to_owned(),
                variables: BTreeMap::new(),
                throttling: Throttling::default(),
                location: location(1),
            }],
            routes: Vec::new(),
            cors: None,
            authorizers: BTreeMap::new(),
            location: location(1),
        });
        api.routes.push(HttpRoute {
            method: method.to_owned(),
            path: path.to_owned(),
            function: "Echo".to_owned(),
            backend: None,
            mapping: Mapping::default(),
            payload_format: PayloadFormat::V2,
            authorization: Authorization::Open,
            timeout,
            location: location(1),
        });
        self
    }

    /// Adds a route that this authorizer of the API guards.
    pub(crate) fn guarded(mut self, key: &str, authorization: Authorization, authorizer: HttpAuthorizer) -> Self {
        self = self.http(key);
        let api = self.application.http_apis.get_mut("Api").unwrap();
        if let Authorization::Lambda(id) | Authorization::Jwt { authorizer: id, .. } = &authorization {
            api.authorizers.insert(id.clone(), authorizer);
        }
        api.routes.last_mut().unwrap().authorization = authorization;
        self
    }

    pub(crate) fn cors(mut self, origin: &str) -> Self {
        let cors = Cors { allow_origins: vec![origin.to_owned()], ..Cors::default() };
        self.application.http_apis.get_mut("Api").unwrap().cors = Some(cors);
        self
    }

    /// A WebSocket API at stage `dev` with these one-way routes.
    pub(crate) fn socket(self, keys: &[&str]) -> Self {
        self.socket_within(keys, Duration::from_secs(29))
    }

    pub(crate) fn socket_within(mut self, keys: &[&str], timeout: Duration) -> Self {
        let function = "Echo".to_owned();
        let route = WebSocketRoute { function, custom: None, two_way: false, timeout, location: location(1) };
        let api = WebSocketApi {
            logical_id: "Socket".to_owned(),
            api_id: "socketapi1".to_owned(),
            stage: "dev".to_owned(),
            stage_variables: BTreeMap::new(),
            throttling: Throttling::default(),
            route_selection_expression: "$request.body.action".to_owned(),
            routes: keys.iter().map(|key| ((*key).to_owned(), route.clone())).collect(),
            authorizer: None,
            signed: false,
            location: location(1),
        };
        self.application.websocket_apis.insert("Socket".to_owned(), api);
        self
    }

    pub(crate) fn two_way(mut self, key: &str) -> Self {
        let api = self.application.websocket_apis.get_mut("Socket").unwrap();
        api.routes.get_mut(key).unwrap().two_way = true;
        self
    }

    pub(crate) fn authorizer(mut self) -> Self {
        let authorizer = WebSocketAuthorizer {
            function: "Echo".to_owned(),
            identity_sources: vec!["route.request.querystring.token".to_owned()],
        };
        self.application.websocket_apis.get_mut("Socket").unwrap().authorizer = Some(authorizer);
        self
    }

    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    pub(crate) fn behaviour(mut self, change: impl FnOnce(&mut Behaviour)) -> Self {
        change(&mut self.behaviour);
        self
    }

    /// Runs by a clock that the test moves.
    pub(crate) fn clock(mut self, clock: &ManualClock) -> Self {
        self.clock = clock.clock();
        self
    }

    pub(crate) async fn start(self) -> Stack {
        self.try_start().await.unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) async fn try_start(self) -> Result<Stack, StartError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (told, events) = mpsc::unbounded_channel();
        let mut options = Options::new(listener, Arc::new(Echo(self.extensions)));
        options.report = Arc::new(Tell(told));
        options.behaviour = self.behaviour;
        options.limits = self.limits;
        options.clock = self.clock;
        options.sources = self.sources;
        let running = gateway::start(self.application, options)?;
        let address = running.address();
        Ok(Stack { running, address, events, seen: Vec::new() })
    }
}

/// Launches the echo function for everything.
pub(crate) struct Echo(pub Vec<PathBuf>);

impl Launcher for Echo {
    fn launch(&self, _: &Function) -> Result<Launch, LaunchError> {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_gateway-echo"));
        Ok(Launch { program, extensions: self.0.clone(), ..Launch::default() })
    }
}

struct Tell(mpsc::UnboundedSender<Event>);

impl Report for Tell {
    fn event(&self, event: &Event) {
        // The test may be over.
        let _ = self.0.send(event.clone());
    }
}

/// A running gateway and what it told so far.
pub(crate) struct Stack {
    pub(crate) running: Running,
    pub(crate) address: SocketAddr,
    events: mpsc::UnboundedReceiver<Event>,
    seen: Vec<Event>,
}

impl Stack {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// GET with a query; form encoding makes any value safe.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> reqwest::Response {
        let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        reqwest::get(self.url(&format!("{path}?{query}"))).await.unwrap()
    }

    /// Invokes a function directly; status, `x-amz-function-error`, payload.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> (u16, bool, Value) {
        let url = self.url(&format!("/2015-03-31/functions/{function}/invocations"));
        let answer = reqwest::Client::new().post(url).json(event).send().await.unwrap();
        let failed = answer.headers().contains_key("x-amz-function-error");
        let status = answer.status().as_u16();
        let body = answer.bytes().await.unwrap();
        (status, failed, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// The next event that `pick` recognises; earlier ones stay seen.
    pub(crate) async fn until<T>(&mut self, pick: impl Fn(&Event) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let event = self.events.recv().await.expect("the gateway is gone");
                let picked = pick(&event);
                self.seen.push(event);
                if let Some(picked) = picked {
                    return picked;
                }
            }
        };
        let picked = tokio::time::timeout(PATIENCE, waiting).await;
        picked.unwrap_or_else(|elapsed| panic!("never told ({elapsed}); seen: {:#?}", self.seen))
    }

    /// The next event a function saw.
    pub(crate) async fn event(&mut self) -> Value {
        self.until(seen_by_function).await
    }

    pub(crate) async fn line(&mut self, source: Source, start: &str) -> Log {
        self.until(|event| match event {
            Event::Log(log) if log.source == source && log.line.starts_with(start) => Some(log.clone()),
            _ => None,
        })
        .await
    }

    pub(crate) async fn crash(&mut self) -> Crash {
        self.until(|event| if let Event::Crash(crash) = event { Some(crash.clone()) } else { None }).await
    }

    /// The next finished frame that is no handshake and no end.
    pub(crate) async fn message(&mut self) -> Frame {
        self.until(|event| match event {
            Event::Frame(frame) if matches!(frame.kind, FrameKind::Message(_)) => Some(frame.clone()),
            _ => None,
        })
        .await
    }

    /// Everything told so far, without waiting.
    pub(crate) fn told(&mut self) -> &[Event] {
        while let Ok(event) = self.events.try_recv() {
            self.seen.push(event);
        }
        &self.seen
    }

    pub(crate) fn cold_starts(&mut self) -> Vec<u32> {
        let process = |event: &Event| if let Event::ColdStart(cold) = event { Some(cold.process) } else { None };
        self.told().iter().filter_map(process).collect()
    }

    /// Shuts the gateway down; everything it told from start to end.
    pub(crate) async fn stop(mut self) -> Vec<Event> {
        tokio::time::timeout(PATIENCE, self.running.shutdown()).await.expect("shutdown hangs");
        while let Ok(event) = self.events.try_recv() {
            self.seen.push(event);
        }
        self.seen
    }

    pub(crate) async fn connect(&self, target: &str) -> Client {
        Client(self.try_connect(target, &[]).await.unwrap().0)
    }

    pub(crate) async fn try_connect(
        &self,
        target: &str,
        headers: &[(&'static str, &'static str)],
    ) -> Result<(Socket, http::Response<Option<Vec<u8>>>), Error> {
        let mut request = format!("ws://{}{target}", self.address).into_client_request().unwrap();
        for (name, value) in headers {
            let value = http::HeaderValue::from_static(value);
            if *name == "host" {
                request.headers_mut().insert(*name, value);
            } else {
                request.headers_mut().append(*name, value);
            }
        }
        tokio_tungstenite::connect_async(request).await
    }

    /// Status and body of a refused handshake.
    pub(crate) async fn refused(&self, target: &str) -> (u16, String) {
        match self.try_connect(target, &[]).await {
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                (response.status().as_u16(), String::from_utf8(body).unwrap())
            }
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("{target} was accepted"),
        }
    }
}

pub(crate) fn seen_by_function(event: &Event) -> Option<Value> {
    let Event::Log(Log { source: Source::Output, line, .. }) = event else { return None };
    Some(serde_json::from_str(line.strip_prefix("EVENT ")?).unwrap())
}

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A WebSocket client.
pub(crate) struct Client(pub Socket);

impl Client {
    pub(crate) async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text.to_owned())).await.unwrap();
    }

    pub(crate) async fn next(&mut self) -> Message {
        tokio::time::timeout(PATIENCE, self.0.next()).await.expect("no frame").expect("no more frames").unwrap()
    }

    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Message::Text(text) => text.as_str().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn json(&mut self) -> Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// Code and reason of the close frame that comes next.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        match self.next().await {
            Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.as_str().to_owned()),
            other => panic!("{other:?}"),
        }
    }
}
