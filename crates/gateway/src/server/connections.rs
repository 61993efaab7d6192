//! The open connections, and what waits to be sent to each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use crate::socket::close::Closing;
use crate::socket::event::Session;
use crate::time::Clock;

/// What a message costs beyond its bytes, so that empty ones cannot pile up either.
const OVERHEAD: usize = 128;

/// Open connections by id.
#[derive(Default)]
pub(super) struct Connections(Mutex<HashMap<String, Arc<Connection>>>);

impl Connections {
    pub(super) fn add(&self, connection: &Arc<Connection>) {
        self.lock().insert(connection.session.connection_id.clone(), Arc::clone(connection));
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Connection>> {
        self.lock().get(id).cloned()
    }

    pub(super) fn remove(&self, id: &str) {
        self.lock().remove(id);
    }

    pub(super) fn all(&self) -> Vec<Arc<Connection>> {
        self.lock().values().cloned().collect()
    }

    /// Closes a connection: gone for everybody at once, whatever the client does.
    pub(super) fn close(&self, connection: &Connection, closing: Closing) {
        self.remove(&connection.session.connection_id);
        connection.close(closing);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One open connection.
pub(super) struct Connection {
    pub(super) session: Session,
    /// Logical id of its API.
    pub(super) api: String,
    outbox: mpsc::UnboundedSender<Outgoing>,
    /// Bytes that may still wait for the client (M-12).
    room: Arc<Semaphore>,
    closing: watch::Sender<Option<Closing>>,
    clock: Clock,
    active: Mutex<Active>,
}

struct Active {
    at: Timestamp,
    passed: Duration,
}

/// What is on its way to the client.
pub(super) enum Outgoing {
    /// A message, and the room it takes until it is written.
    Text(String, OwnedSemaphorePermit),
    /// The last frame.
    Close(Closing),
}

impl Connection {
    /// A connection and the receiving end of its outbox.
    pub(super) fn new(
        session: Session,
        api: String,
        room: u32,
        clock: Clock,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<Outgoing>) {
        let (outbox, outgoing) = mpsc::unbounded_channel();
        let active = Mutex::new(Active { at: session.connected_at, passed: clock.passed() });
        let room = Arc::new(Semaphore::new(room as usize));
        let closing = watch::Sender::new(None);
        (Arc::new(Self { session, api, outbox, room, closing, clock, active }), outgoing)
    }

    /// Queues a message; `false` when the client has too much to read already (M-12). Never waits.
    pub(super) fn send(&self, text: String) -> bool {
        let size = u32::try_from(text.len() + OVERHEAD).unwrap_or(u32::MAX);
        let Ok(permit) = Arc::clone(&self.room).try_acquire_many_owned(size) else { return false };
        self.touch();
        // A connection that ends meanwhile loses what is on its way, as on any network.
        let _ = self.outbox.send(Outgoing::Text(text, permit));
        true
    }

    fn close(&self, closing: Closing) {
        self.say_goodbye(closing.clone());
        self.closing.send_if_modified(|requested| {
            let first = requested.is_none();
            requested.get_or_insert(closing);
            first
        });
    }

    /// Queues a close frame.
    pub(super) fn say_goodbye(&self, closing: Closing) {
        let _ = self.outbox.send(Outgoing::Close(closing));
    }

    /// Told when somebody closes the connection from this side.
    pub(super) fn closing(&self) -> watch::Receiver<Option<Closing>> {
        self.closing.subscribe()
    }

    /// A message went either way (M-06).
    pub(super) fn touch(&self) {
        *self.active() = Active { at: self.clock.now(), passed: self.clock.passed() };
    }

    pub(super) fn last_active_at(&self) -> Timestamp {
        self.active().at
    }

    /// Of the gateway's clock.
    pub(super) fn last_active(&self) -> Duration {
        self.active().passed
    }

    fn active(&self) -> MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
