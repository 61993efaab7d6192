//! Queues as SQS's clients see them, kept in memory: enough for dead letters to be looked at, and for what waits for a
//! function.
//!
//! It is no SQS: no FIFO queues, no delays, no permissions, no batches of requests; what is in it ends with the process.

pub mod api;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::time::Clock;
use crate::{ids, random};

/// Largest message in bytes: 1 MiB.
pub const LARGEST: usize = 1024 * 1024;
/// How long a message is kept: four days, SQS's default.
const RETENTION: Duration = Duration::from_hours(96);
/// Messages one queue keeps; the oldest go first. Ours: SQS has no limit.
const MOST: usize = 100_000;

/// A queue there is none of, or a message it does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// `QueueDoesNotExist`.
    NoQueue,
    /// `InvalidMessageContents`: empty.
    Empty,
    /// Over 1 MiB.
    TooLarge,
    /// `ReceiptHandleIsInvalid`.
    Receipt,
}

/// A message as it is received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub id: String,
    /// What it is deleted by.
    pub receipt: String,
    /// Body.
    pub body: String,
    /// When it was sent.
    pub sent: Timestamp,
    /// When it was received for the first time.
    pub first_received: Timestamp,
    /// How often it was received, this time included.
    pub count: u32,
}

/// What a queue is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long a received message is hidden.
    pub visibility: Duration,
    /// A message that was received so often goes to the queue of that name instead of being received once more.
    pub redrive: Option<(u32, String)>,
}

impl Default for Settings {
    /// Thirty seconds, and no queue for dead letters.
    fn default() -> Self {
        Self { visibility: Duration::from_secs(30), redrive: None }
    }
}

/// All queues, by name.
pub struct Queues {
    clock: Clock,
    queues: Mutex<BTreeMap<String, Arc<Queue>>>,
}

struct Queue {
    messages: Mutex<Vec<Message>>,
    /// Something can be received that could not before.
    arrived: Notify,
    settings: Settings,
}

struct Message {
    id: String,
    body: String,
    sent: Timestamp,
    first_received: Option<Timestamp>,
    count: u32,
    receipt: Option<String>,
    /// Time of the clock from which it can be received.
    visible: Duration,
}

impl Queues {
    /// None yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, queues: Mutex::default() }
    }

    /// Makes a queue; one that exists stays as it is.
    pub fn create(&self, name: &str, settings: Settings) {
        let queue = || Arc::new(Queue { messages: Mutex::default(), arrived: Notify::new(), settings });
        lock(&self.queues).entry(name.to_owned()).or_insert_with(queue);
    }

    /// Whether there is any queue.
    pub fn is_empty(&self) -> bool {
        lock(&self.queues).is_empty()
    }

    /// Names, in order.
    pub fn names(&self) -> Vec<String> {
        lock(&self.queues).keys().cloned().collect()
    }

    /// Whether there is a queue of that name.
    pub fn has(&self, name: &str) -> bool {
        lock(&self.queues).contains_key(name)
    }

    /// Sends a message to the queue whose ARN ends in its name; its id.
    pub fn send_to_arn(&self, arn: &str, body: String) -> Result<String, Refused> {
        self.send(arn.rsplit(':').next().filter(|_| arn.contains(":sqs:")).unwrap_or_default(), body)
    }

    /// Sends a message; its id.
    pub fn send(&self, name: &str, body: String) -> Result<String, Refused> {
        let queue = self.get(name)?;
        if body.is_empty() {
            return Err(Refused::Empty);
        }
        if body.len() > LARGEST {
            return Err(Refused::TooLarge);
        }
        let id = id();
        let message = Message {
            id: id.clone(),
            body,
            sent: self.clock.now(),
            first_received: None,
            count: 0,
            receipt: None,
            visible: Duration::ZERO,
        };
        let mut messages = lock(&queue.messages);
        if messages.len() >= MOST {
            messages.remove(0);
        }
        messages.push(message);
        drop(messages);
        queue.arrived.notify_waiters();
        Ok(id)
    }

    /// Up to `most` messages that can be received, oldest first; they are hidden for `visibility`, or the queue's own
    /// time. Waits up to `wait` for the first.
    pub async fn receive(
        &self,
        name: &str,
        most: usize,
        visibility: Option<Duration>,
        wait: Duration,
    ) -> Result<Vec<Received>, Refused> {
        let queue = self.get(name)?;
        let mut patience = Box::pin(self.clock.sleep(wait));
        loop {
            // Before looking, or what comes in between would be missed.
            let arrived = queue.arrived.notified();
            let received = self.take(&queue, most, visibility.unwrap_or(queue.settings.visibility));
            if !received.is_empty() || wait.is_zero() {
                return Ok(received);
            }
            let next = lock(&queue.messages).iter().map(|message| message.visible).min().unwrap_or(Duration::MAX);
            tokio::select! {
                () = arrived => {}
                () = self.clock.sleep_until(next) => {}
                () = &mut patience => return Ok(Vec::new()),
            }
        }
    }

    fn take(&self, queue: &Queue, most: usize, visibility: Duration) -> Vec<Received> {
        let (now, passed) = (self.clock.now(), self.clock.passed());
        let mut messages = lock(&queue.messages);
        messages.retain(|message| now.duration_since(message.sent).unsigned_abs() < RETENTION);
        if let Some((most, dead)) = &queue.settings.redrive
            && let Ok(target) = self.get(dead)
            && !std::ptr::eq(Arc::as_ptr(&target), queue)
        {
            let is_dead = |message: &mut Message| message.visible <= passed && message.count >= *most;
            let dead: Vec<_> = messages.extract_if(.., is_dead).collect();
            if !dead.is_empty() {
                let unseen = |message| Message { receipt: None, visible: Duration::ZERO, ..message };
                lock(&target.messages).extend(dead.into_iter().map(unseen));
                target.arrived.notify_waiters();
            }
        }
        let ready = messages.iter_mut().filter(|message| message.visible <= passed).take(most);
        ready
            .map(|message| {
                message.count += 1;
                message.visible = passed.saturating_add(visibility);
                let receipt = id();
                message.receipt = Some(receipt.clone());
                Received {
                    id: message.id.clone(),
                    receipt,
                    body: message.body.clone(),
                    sent: message.sent,
                    first_received: *message.first_received.get_or_insert(now),
                    count: message.count,
                }
            })
            .collect()
    }

    /// Deletes a message by what it was last received with; one that is gone already is no error.
    pub fn delete(&self, name: &str, receipt: &str) -> Result<(), Refused> {
        lock(&self.get(name)?.messages).retain(|message| message.receipt.as_deref() != Some(receipt));
        Ok(())
    }

    /// Hides a received message for another time from now on; zero lets it be received at once.
    pub fn hide(&self, name: &str, receipt: &str, visibility: Duration) -> Result<(), Refused> {
        let queue = self.get(name)?;
        let mut messages = lock(&queue.messages);
        let message = messages.iter_mut().find(|message| message.receipt.as_deref() == Some(receipt));
        message.ok_or(Refused::Receipt)?.visible = self.clock.passed().saturating_add(visibility);
        drop(messages);
        queue.arrived.notify_waiters();
        Ok(())
    }

    /// Deletes everything.
    pub fn purge(&self, name: &str) -> Result<(), Refused> {
        lock(&self.get(name)?.messages).clear();
        Ok(())
    }

    /// Messages that can be received, and those that are hidden.
    pub fn count(&self, name: &str) -> Result<(usize, usize), Refused> {
        let queue = self.get(name)?;
        let (passed, messages) = (self.clock.passed(), lock(&queue.messages));
        let ready = messages.iter().filter(|message| message.visible <= passed).count();
        Ok((ready, messages.len() - ready))
    }

    fn get(&self, name: &str) -> Result<Arc<Queue>, Refused> {
        lock(&self.queues).get(name).cloned().ok_or(Refused::NoQueue)
    }
}

fn id() -> String {
    ids::uuid(random::bytes())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
