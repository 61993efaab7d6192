//! Real sockets on a real gateway without functions: what a function pushes arrives where a phone would read it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway::model::{Application, Function, Location, WebSocketApi};
use gateway::report::{Event, FrameKind, Management, Report};
use gateway::{Launch, LaunchError, Launcher, Limits, Options, Running};
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use crate::socket::Socket;

/// A gateway whose WebSocket API has no routes: every handshake is let in (gateway fact W-01), and `@connections`
/// reaches whoever came.
pub struct Connections {
    gateway: Running,
    opened: AsyncMutex<mpsc::UnboundedReceiver<String>>,
    told: Arc<Told>,
}

/// Tells the id of each connection that is opened, and keeps the calls of `@connections`.
struct Told {
    opened: Mutex<mpsc::UnboundedSender<String>>,
    calls: Mutex<Vec<Management>>,
}

impl Report for Told {
    fn event(&self, event: &Event) {
        match event {
            Event::Frame(frame) if frame.kind == FrameKind::Connect => {
                // It fails only when the test is over.
                let _ = lock(&self.opened).send(frame.connection_id.clone());
            }
            Event::Management(call) => lock(&self.calls).push(call.clone()),
            _ => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct NoFunctions;

impl Launcher for NoFunctions {
    fn launch(&self, function: &Function) -> Result<Launch, LaunchError> {
        Err(LaunchError(format!("{} is not run here", function.name)))
    }
}

impl Connections {
    /// Starts on a free loopback port.
    pub async fn start() -> Self {
        let api = WebSocketApi {
            logical_id: "SocketApi".to_owned(),
            api_id: "abcdefghij".to_owned(),
            stage: "dev".to_owned(),
            stage_variables: std::collections::BTreeMap::new(),
            throttling: gateway::model::Throttling::default(),
            route_selection_expression: "$request.body.action".to_owned(),
            routes: std::collections::BTreeMap::new(),
            authorizer: None,
            signed: false,
            location: Location { file: "connections.rs".into(), line: 1, column: 1 },
        };
        let application = Application {
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            websocket_apis: [(api.logical_id.clone(), api)].into(),
            ..Application::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let (sender, opened) = mpsc::unbounded_channel();
        let told = Arc::new(Told { opened: Mutex::new(sender), calls: Mutex::default() });
        let report = Arc::clone(&told) as Arc<dyn Report>;
        // A crowd comes as fast as it can.
        let limits = Limits { handshakes: u32::MAX, ..Limits::default() };
        let options = Options { report, limits, ..Options::new(listener, Arc::new(NoFunctions)) };
        let gateway = gateway::start(application, options).expect("a gateway");
        Self { gateway, opened: AsyncMutex::new(opened), told }
    }

    /// The value for `AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`.
    pub fn url(&self) -> String {
        format!("http://{}/dev", self.gateway.address())
    }

    /// The value for `AWS_ENDPOINT_URL_LAMBDA`.
    pub fn gateway_url(&self) -> String {
        format!("http://{}", self.gateway.address())
    }

    /// The calls of `@connections` since this was last asked for, in the order in which they were answered.
    pub fn take_calls(&self) -> Vec<Management> {
        std::mem::take(&mut *lock(&self.told.calls))
    }

    /// Opens a socket and gives the id of its connection.
    pub async fn open(&self) -> (String, Socket) {
        // One at a time, so that the connection that is told of next is this one.
        let mut opened = self.opened.lock().await;
        let url = format!("ws://{}/dev", self.gateway.address());
        let socket = Socket::open(&url).await.unwrap_or_else(|status| panic!("the handshake was answered {status}"));
        (opened.recv().await.expect("a connection"), socket)
    }
}
