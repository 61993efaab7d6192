//! Batches of a stream as pure code: how they are cut, and what follows a failed one (gateway facts E-02, E-04, E-05).

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::answer::Outcome;

/// A record, as far as batches need to know it.
pub trait Record {
    /// Bytes it takes in an event.
    fn size(&self) -> usize;
    /// When it came into being.
    fn created(&self) -> Timestamp;
}

/// Rules of a mapping.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Records for one invocation at most.
    pub size: usize,
    /// Bytes of records for one invocation at most.
    pub bytes: usize,
    /// Further attempts after the first; `None` without end.
    pub retries: Option<u32>,
    /// Age at which a record is given up; `None` never.
    pub age: Option<Duration>,
    /// Whether a failed batch is split in two.
    pub bisect: bool,
}

/// Records that are invoked together, and again until they are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<R> {
    /// In the order of the stream.
    pub records: Vec<R>,
    /// Attempts that count.
    pub attempts: u32,
    /// Whether the last attempt ended with an error of the function.
    pub by_error: bool,
}

/// Why a batch is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// `RetryAttemptsExhausted`.
    RetryAttemptsExhausted,
    /// `RecordAgeExceeded`.
    RecordAgeExceeded,
}

/// What follows an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next<R> {
    /// What is tried next, in this order; nothing of the stream comes before it.
    pub again: Vec<Batch<R>>,
    /// What is given up.
    pub given_up: Option<(Batch<R>, Condition)>,
    /// Whether to wait before trying again.
    pub wait: bool,
}

impl<R> Batch<R> {
    /// A batch that was not tried yet.
    pub fn new(records: Vec<R>) -> Self {
        Self { records, attempts: 0, by_error: false }
    }
}

/// Whether what waits fills a batch, so that it need not wait for more.
pub fn is_full<R: Record>(waiting: &VecDeque<R>, rules: &Rules) -> bool {
    let cut = cut(waiting, rules);
    cut >= rules.size || cut < waiting.len()
}

/// How many of the waiting records the next batch takes: at least one, if there is any.
pub fn cut<R: Record>(waiting: &VecDeque<R>, rules: &Rules) -> usize {
    let mut bytes = 0;
    let fits = |record: &&R| {
        bytes += record.size();
        bytes <= rules.bytes
    };
    let fitting = waiting.iter().take(rules.size).take_while(fits).count();
    fitting.max(usize::from(!waiting.is_empty()))
}

/// Takes what is too old out of a batch that is about to be tried; what remains may be empty.
pub fn expire<R: Record>(batch: Batch<R>, rules: &Rules, now: Timestamp) -> (Batch<R>, Option<Batch<R>>) {
    let Some(age) = rules.age else { return (batch, None) };
    let is_old = |record: &R| now.duration_since(record.created()).unsigned_abs() > age && record.created() < now;
    let Batch { records, attempts, by_error } = batch;
    let (old, young): (Vec<_>, Vec<_>) = records.into_iter().partition(is_old);
    let part = |records| Batch { records, attempts, by_error };
    (part(young), (!old.is_empty()).then(|| part(old)))
}

/// What follows an attempt that had this outcome.
pub fn after<R>(mut batch: Batch<R>, outcome: Outcome, rules: &Rules) -> Next<R> {
    let done = |again, wait| Next { again, given_up: None, wait };
    match outcome {
        Outcome::Done => done(Vec::new(), false),
        Outcome::NotTried => done(vec![batch], true),
        Outcome::DoneBefore(checkpoint) => {
            let records = batch.records.split_off(checkpoint);
            let rest = Batch { records, attempts: batch.attempts, by_error: false };
            // With bisecting, the answer says where to split, and splitting costs nothing (E-05).
            if rules.bisect { done(vec![rest], false) } else { failed(rest, rules) }
        }
        Outcome::Failed { by_error } => {
            batch.by_error = by_error;
            if rules.bisect && batch.records.len() > 1 {
                let Batch { mut records, attempts, .. } = batch;
                let second = records.split_off(records.len() / 2);
                let half = |records| Batch { records, attempts, by_error };
                return done(vec![half(records), half(second)], false);
            }
            failed(batch, rules)
        }
    }
}

fn failed<R>(mut batch: Batch<R>, rules: &Rules) -> Next<R> {
    batch.attempts += 1;
    if rules.retries.is_some_and(|retries| batch.attempts > retries) {
        let given_up = Some((batch, Condition::RetryAttemptsExhausted));
        return Next { again: Vec::new(), given_up, wait: false };
    }
    Next { again: vec![batch], given_up: None, wait: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Item(usize, i64);

    impl Record for Item {
        fn size(&self) -> usize {
            self.0
        }

        fn created(&self) -> Timestamp {
            Timestamp::from_second(self.1).unwrap()
        }
    }

    const RULES: Rules = Rules { size: 3, bytes: 100, retries: Some(2), age: None, bisect: false };
    const ERROR: Outcome = Outcome::Failed { by_error: true };

    fn items(sizes: &[usize]) -> VecDeque<Item> {
        sizes.iter().map(|size| Item(*size, 0)).collect()
    }

    fn batch(numbers: impl IntoIterator<Item = usize>, attempts: u32) -> Batch<Item> {
        let records = numbers.into_iter().map(|number| Item(number, 0)).collect();
        Batch { records, attempts, by_error: false }
    }

    fn numbers(next: &Next<Item>) -> Vec<(Vec<usize>, u32)> {
        let of = |batch: &Batch<Item>| (batch.records.iter().map(|item| item.0).collect(), batch.attempts);
        next.again.iter().map(of).collect()
    }

    #[test]
    fn e_02_a_batch_is_bounded_by_number_and_by_bytes() {
        let table: [(&[usize], usize, bool); 6] = [
            (&[], 0, false),
            (&[10], 1, false),
            (&[10, 10, 10, 10], 3, true),
            (&[50, 60], 1, true),
            (&[50, 50], 2, false),
            // One that is too large alone is tried alone: the function's answer decides.
            (&[500, 1], 1, true),
        ];
        for (sizes, taken, full) in table {
            assert_eq!((cut(&items(sizes), &RULES), is_full(&items(sizes), &RULES)), (taken, full), "{sizes:?}");
        }
    }

    #[test]
    fn e_04_a_failed_batch_comes_again_until_its_attempts_are_used_up() {
        let mut next = after(batch(0..3, 0), ERROR, &RULES);
        for attempts in 1..=2 {
            assert_eq!((numbers(&next), next.wait), (vec![(vec![0, 1, 2], attempts)], true));
            next = after(next.again.remove(0), ERROR, &RULES);
        }
        let (given_up, condition) = next.given_up.unwrap();
        assert_eq!((given_up.attempts, given_up.records.len(), given_up.by_error), (3, 3, true));
        assert_eq!((condition, next.again.len()), (Condition::RetryAttemptsExhausted, 0));
    }

    #[test]
    fn e_04_without_a_limit_it_comes_for_ever_and_throttling_costs_nothing() {
        let endless = Rules { retries: None, ..RULES };
        assert_eq!(numbers(&after(batch(0..1, 9_999), ERROR, &endless)), [(vec![0], 10_000)]);
        let throttled = after(batch(0..1, 2), Outcome::NotTried, &RULES);
        assert_eq!((numbers(&throttled), throttled.wait), (vec![(vec![0], 2)], true));
    }

    #[test]
    fn e_04_what_is_too_old_is_taken_out() {
        let rules = Rules { age: Some(Duration::from_mins(1)), ..RULES };
        let whole = Batch::new(vec![Item(0, 0), Item(1, 39), Item(2, 40), Item(3, 200)]);
        let (young, old) = expire(whole.clone(), &rules, Timestamp::from_second(100).unwrap());
        assert_eq!(young.records, [Item(2, 40), Item(3, 200)]);
        assert_eq!(old.unwrap().records, [Item(0, 0), Item(1, 39)]);
        assert_eq!(expire(whole.clone(), &RULES, Timestamp::MAX), (whole, None));
    }

    #[test]
    fn e_05_bisecting_splits_in_two_and_costs_no_attempt() {
        let rules = Rules { bisect: true, retries: Some(0), ..RULES };
        let next = after(batch(0..5, 0), ERROR, &rules);
        assert_eq!((numbers(&next), next.wait), (vec![(vec![0, 1], 0), (vec![2, 3, 4], 0)], false));
        let alone = after(batch(0..1, 0), ERROR, &rules);
        assert_eq!(alone.given_up.unwrap().0.attempts, 1);
    }

    #[test]
    fn e_05_e_06_a_partial_answer_repeats_only_the_rest() {
        let next = after(batch(0..5, 1), Outcome::DoneBefore(3), &RULES);
        assert_eq!((numbers(&next), next.wait), (vec![(vec![3, 4], 2)], true));
        let rules = Rules { bisect: true, ..RULES };
        let next = after(batch(0..5, 1), Outcome::DoneBefore(3), &rules);
        assert_eq!((numbers(&next), next.wait), (vec![(vec![3, 4], 1)], false));
        // Without progress there is nothing to split by.
        let next = after(batch(0..4, 1), Outcome::Failed { by_error: false }, &rules);
        assert_eq!(numbers(&next), [(vec![0, 1], 1), (vec![2, 3], 1)]);
    }
}
