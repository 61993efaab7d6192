//! The gateway's one clock: the system's, or one that a test moves by hand.
//!
//! `tokio::time::pause` would not do: it jumps as soon as the runtime is idle, and a runtime whose functions are real
//! processes and whose clients are real sockets is idle while they work. Every timeout would fire at once. Here time
//! stands still until somebody advances it, and whatever waits computes its deadline before it starts what it waits
//! for: once a test has seen the thing under way, it can let the deadline pass.
//!
//! What belongs to the machine and not to AWS's rules stays on the machine's time: reading a request, closing a
//! socket, stopping, and how long something took in a report.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

/// A source of time; clones tell the same.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System { began: Instant },
    Manual { began: Timestamp, passed: watch::Receiver<Duration> },
}

/// The limit of [`Clock::timeout`] passed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("deadline has elapsed")]
pub struct Elapsed;

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Source::System { began: Instant::now() })
    }

    /// The time of day.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System { .. } => Timestamp::now(),
            Source::Manual { began, passed } => *began + *passed.borrow(),
        }
    }

    /// Time since this clock began; never goes back.
    pub fn passed(&self) -> Duration {
        match &self.0 {
            Source::System { began } => began.elapsed(),
            Source::Manual { passed, .. } => *passed.borrow(),
        }
    }

    /// Waits until so much time has [`passed`](Self::passed).
    pub async fn sleep_until(&self, until: Duration) {
        match &self.0 {
            Source::System { began } => match began.checked_add(until) {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            },
            Source::Manual { passed, .. } => {
                // A clock that nobody can move any more stands still.
                if passed.clone().wait_for(|passed| *passed >= until).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    /// Waits; the wait begins with the call, not with the first poll.
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + use<> {
        let (clock, until) = (self.clone(), self.passed().saturating_add(duration));
        async move { clock.sleep_until(until).await }
    }

    /// Runs `work` for at most `limit`, counted from the call.
    pub fn timeout<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> impl Future<Output = Result<T, Elapsed>> {
        let deadline = self.sleep(limit);
        async move {
            tokio::select! {
                biased;
                done = work => Ok(done),
                () = deadline => Err(Elapsed),
            }
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

/// A clock that moves only when told to, for tests.
#[derive(Debug)]
pub struct ManualClock {
    began: Timestamp,
    passed: watch::Sender<Duration>,
}

impl ManualClock {
    /// Stands at `began`.
    pub fn at(began: Timestamp) -> Self {
        Self { began, passed: watch::Sender::new(Duration::ZERO) }
    }

    /// What a gateway is given.
    pub fn clock(&self) -> Clock {
        Clock(Source::Manual { began: self.began, passed: self.passed.subscribe() })
    }

    /// Lets time pass; whatever waits for a moment up to the new one goes on.
    pub fn advance(&self, by: Duration) {
        self.passed.send_modify(|passed| *passed = passed.saturating_add(by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_stands_still_until_it_is_moved() {
        let manual = ManualClock::at(Timestamp::from_second(1_790_294_508).unwrap());
        let clock = manual.clock();
        let (short, long) = (clock.sleep(Duration::from_mins(10)), clock.sleep(Duration::from_hours(2)));
        let (short, long) = (tokio::spawn(short), tokio::spawn(long));
        manual.advance(Duration::from_mins(10));
        short.await.unwrap();
        assert!(!long.is_finished());
        assert_eq!(clock.now(), Timestamp::from_second(1_790_294_508 + 600).unwrap());
        manual.advance(Duration::from_hours(2));
        long.await.unwrap();
        assert_eq!(clock.passed(), Duration::from_mins(130));
    }

    #[tokio::test]
    async fn a_limit_counts_from_the_call() {
        let manual = ManualClock::at(Timestamp::UNIX_EPOCH);
        let clock = manual.clock();
        let limited = clock.timeout(Duration::from_secs(29), std::future::pending::<()>());
        manual.advance(Duration::from_secs(29));
        assert_eq!(limited.await, Err(Elapsed));
        assert_eq!(clock.timeout(Duration::ZERO, async { 7 }).await, Ok(7));
        assert!(Clock::system().now() > Timestamp::UNIX_EPOCH);
        Clock::system().sleep(Duration::ZERO).await;
    }
}
