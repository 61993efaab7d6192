//! The life of an open connection: frames in, frames out, silence, and the end.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame as RawFrame};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::task::AbortOnDropHandle;

use super::connections::{Connection, Outgoing};
use super::custom::{self, Sent};
use super::messages::{self, Incoming};
use super::{Gateway, request_id, trace_id};
use crate::report::{Event, Frame, FrameKind, Outcome};
use crate::socket::close::Closing;
use crate::socket::event::{self, Moment};
use crate::socket::frames;
use crate::{MessageOrder, random};

type Socket = WebSocketStream<TokioIo<Upgraded>>;
/// Ends when it is dropped, even in the middle of a frame that nobody reads.
type Writer = AbortOnDropHandle<SplitSink<Socket, Message>>;

/// Serves a connection until it ends, then runs `$disconnect`.
pub(super) async fn run(
    gateway: &Arc<Gateway>,
    connection: Arc<Connection>,
    io: Upgraded,
    outgoing: mpsc::UnboundedReceiver<Outgoing>,
) {
    let limits = &gateway.limits;
    let config = frames::config(limits);
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(io), Role::Server, Some(config)).await;
    let (sink, stream) = socket.split();
    let writer = AbortOnDropHandle::new(tokio::spawn(write(sink, outgoing, limits.frame)));
    let end = Reader::new(gateway, &connection, stream).run().await;
    gateway.connections.remove(&connection.session.connection_id);
    match end {
        End::Closed(closing) => {
            drop(writer);
            finish(gateway, &connection, closing).await;
        }
        End::Told => drop(writer),
        End::Refused(closing, stream) => {
            connection.say_goodbye(closing.clone());
            let parting = tokio::time::timeout(limits.closing, part(writer, stream));
            let _ = tokio::join!(parting, finish(gateway, &connection, closing));
        }
    }
}

/// Tells `$disconnect` (W-36), when there is such a route.
pub(super) async fn finish(gateway: &Gateway, connection: &Connection, closing: Closing) {
    let session = &connection.session;
    gateway.connections.remove(&session.connection_id);
    let application = gateway.application();
    let api = application.websocket_apis.get(&connection.api);
    let route = api.and_then(|api| api.routes.get("$disconnect"));
    let (request_id, now, started) = (request_id(), gateway.clock.now(), Stopwatch::now());
    let execution = match route {
        None => None,
        Some(route) => {
            let payload = event::disconnect(session, Moment { request_id: &request_id, now }, &closing);
            let trace = trace_id(now);
            if let Some(custom) = &route.custom {
                // Nobody hears what it says (W-36).
                custom::call(gateway, route, custom, Sent { session, body: "", event: &payload, trace: &trace }).await.1
            } else {
                let result = gateway.integrate(&route.function, payload, &trace, route.timeout).await;
                Some(result.map_or_else(|timed_out| timed_out, |invocation| invocation.execution))
            }
        }
    };
    let failed = execution.as_ref().is_some_and(|execution| execution.error.is_some());
    gateway.tell(&Event::Frame(Frame {
        connection_id: session.connection_id.clone(),
        request_id,
        route: route.map(|_| "$disconnect".to_owned()),
        kind: FrameKind::Disconnect(closing.code),
        outcome: if failed { Outcome::Failed } else { Outcome::Done },
        duration: started.elapsed(),
        authorizer: None,
        execution,
    }));
}

/// How reading ended.
enum End {
    /// By the client; `$disconnect` is still to be told.
    Closed(Closing),
    /// From this side; `$disconnect` was told at once, the client had some time to answer.
    Told,
    /// The client broke a rule: it is still to be told, and may still be sending.
    Refused(Closing, SplitStream<Socket>),
}

struct Reader<'a> {
    gateway: &'a Arc<Gateway>,
    connection: &'a Arc<Connection>,
    stream: SplitStream<Socket>,
    in_flight: Arc<Semaphore>,
    /// Room for the next message; without it nothing is read.
    slot: Option<OwnedSemaphorePermit>,
    /// Once one side has closed: how, if it was the client, and until when the other may take.
    ending: Option<(Option<Closing>, Instant)>,
}

impl<'a> Reader<'a> {
    fn new(gateway: &'a Arc<Gateway>, connection: &'a Arc<Connection>, stream: SplitStream<Socket>) -> Self {
        let in_order = gateway.behaviour.message_order == MessageOrder::InOrder;
        let at_once = if in_order { 1 } else { gateway.limits.in_flight.max(1) };
        let in_flight = Arc::new(Semaphore::new(at_once));
        Self { gateway, connection, stream, in_flight, slot: None, ending: None }
    }

    async fn run(mut self) -> End {
        let limits = &self.gateway.limits;
        let clock = &self.gateway.clock;
        let end_of_life = clock.passed().saturating_add(limits.connection);
        let mut closing = self.connection.closing();
        loop {
            let wake = end_of_life.min(self.silent_until());
            let patience = self.ending.as_ref().map(|(_, until)| *until);
            tokio::select! {
                frame = next(&mut self.stream, &self.in_flight, &mut self.slot) => match frame {
                    None => return self.end(),
                    Some(Ok(message)) => {
                        if let Some(refusal) = self.message(message) {
                            return End::Refused(refusal, self.stream);
                        }
                    }
                    Some(Err(error)) => {
                        return match frames::refusal(&error).filter(|_| self.ending.is_none()) {
                            Some(refusal) => End::Refused(refusal, self.stream),
                            None => self.end(),
                        };
                    }
                },
                Ok(()) = closing.changed() => {
                    let requested = closing.borrow_and_update().clone();
                    self.close(requested.unwrap_or_else(Closing::going_away));
                }
                () = tokio::time::sleep_until(patience.unwrap_or_else(Instant::now)), if patience.is_some() => {
                    return self.end();
                }
                () = clock.sleep_until(wake), if patience.is_none() => {
                    // Something may have been sent meanwhile; then the silence starts anew.
                    if clock.passed() >= end_of_life.min(self.silent_until()) {
                        self.gateway.connections.close(self.connection, Closing::going_away());
                    }
                }
            }
        }
    }

    /// Handles one frame; a refusal ends the connection.
    fn message(&mut self, message: Message) -> Option<Closing> {
        match message {
            Message::Close(frame) => {
                self.gateway.connections.remove(&self.connection.session.connection_id);
                let closing = frames::closing(frame.as_ref());
                let until = self.patience();
                self.ending.get_or_insert((Some(closing), until));
            }
            // Whoever closes does not listen any more.
            _ if self.ending.is_some() => {}
            Message::Text(text) => self.handle(Incoming::Text(text.as_str().to_owned())),
            Message::Binary(_) if self.gateway.behaviour.binary_closes => return Some(Closing::binary()),
            Message::Binary(bytes) => self.handle(Incoming::Binary(bytes)),
            Message::Ping(_) if self.gateway.behaviour.ping_resets_idle => self.connection.touch(),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        None
    }

    fn handle(&mut self, incoming: Incoming) {
        self.connection.touch();
        let slot = self.slot.take();
        let (gateway, connection) = (Arc::clone(self.gateway), Arc::clone(self.connection));
        let delay = match gateway.behaviour.message_order {
            MessageOrder::Concurrent | MessageOrder::InOrder => None,
            MessageOrder::Shuffled => Some(gateway.clock.sleep(shuffle(random::bytes()))),
        };
        self.gateway.spawn(async move {
            if let Some(delay) = delay {
                delay.await;
            }
            messages::handle(&gateway, &connection, incoming).await;
            drop(slot);
        });
    }

    /// The gateway closes: `$disconnect` does not wait for the client to answer.
    fn close(&mut self, closing: Closing) {
        if self.ending.is_none() {
            let (gateway, connection) = (Arc::clone(self.gateway), Arc::clone(self.connection));
            self.gateway.spawn(async move { finish(&gateway, &connection, closing).await });
            self.ending = Some((None, self.patience()));
        }
    }

    /// When the silence has lasted too long (W-34).
    fn silent_until(&self) -> Duration {
        self.connection.last_active().saturating_add(self.gateway.limits.idle)
    }

    fn patience(&self) -> Instant {
        Instant::now() + self.gateway.limits.closing
    }

    fn end(&mut self) -> End {
        match self.ending.take() {
            None => End::Closed(Closing::lost()),
            Some((Some(closing), _)) => End::Closed(closing),
            Some((None, _)) => End::Told,
        }
    }
}

/// The next frame, once there is room to handle it.
async fn next(
    stream: &mut SplitStream<Socket>,
    in_flight: &Arc<Semaphore>,
    slot: &mut Option<OwnedSemaphorePermit>,
) -> Option<Result<Message, Error>> {
    if slot.is_none() {
        *slot = Some(Arc::clone(in_flight).acquire_owned().await.ok()?);
    }
    stream.next().await
}

/// A delay of up to 50 ms, and never none (W-32).
fn shuffle([byte]: [u8; 1]) -> Duration {
    Duration::from_micros((u64::from(byte) + 1) * 195)
}

/// Writes what waits in the outbox, larger messages in frames of at most `frame` bytes (M-04).
async fn write(
    mut sink: SplitSink<Socket, Message>,
    mut outgoing: mpsc::UnboundedReceiver<Outgoing>,
    frame: usize,
) -> SplitSink<Socket, Message> {
    while let Some(next) = outgoing.recv().await {
        let written = match next {
            Outgoing::Text(text, room) => {
                let written = write_text(&mut sink, text, frame).await;
                drop(room);
                written
            }
            Outgoing::Close(Closing { code, reason }) => {
                let _ = sink.flush().await;
                let _ = sink.send(Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }))).await;
                break;
            }
        };
        // The reader sees the same failure.
        if written.is_err() {
            break;
        }
    }
    sink
}

async fn write_text(sink: &mut SplitSink<Socket, Message>, text: String, frame: usize) -> Result<(), Error> {
    let mut rest = bytes::Bytes::from(text);
    let mut code = OpCode::Data(Data::Text);
    loop {
        let part = rest.split_to(rest.len().min(frame.max(1)));
        let last = rest.is_empty();
        write_frame(sink, RawFrame::message(part, code, last)).await?;
        if last {
            return Ok(());
        }
        code = OpCode::Data(Data::Continue);
    }
}

/// Writes one frame. Answers to pings may have taken the room for it: then they go first.
async fn write_frame(sink: &mut SplitSink<Socket, Message>, frame: RawFrame) -> Result<(), Error> {
    let mut message = Message::Frame(frame);
    loop {
        match sink.send(message).await {
            Err(Error::WriteBufferFull(waiting)) => message = *waiting,
            written => return written,
        }
        sink.flush().await?;
    }
}

/// Waits until the close frame is written, then reads on until the client hangs up: closing with unread data would
/// reset the connection and lose the frame.
async fn part(writer: Writer, stream: SplitStream<Socket>) {
    let Ok(sink) = writer.await else { return };
    let Ok(socket) = stream.reunite(sink) else { return };
    let mut io = socket.into_inner();
    let _ = io.shutdown().await;
    let mut discarded = [0; 4096];
    while io.read(&mut discarded).await.is_ok_and(|read| read > 0) {}
}
