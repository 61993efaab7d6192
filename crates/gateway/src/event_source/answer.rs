//! What a function's answer to a batch means (gateway facts E-04, E-06).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::lambda::Failure;
use bytes::Bytes;

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it is done.
    Done,
    /// Done up to this record; from it on, everything is to be repeated.
    DoneBefore(usize),
    /// Nothing is done.
    Failed {
        /// Whether the function ended with an error; otherwise it said so in its answer.
        by_error: bool,
    },
    /// It was not tried: the function is throttled or not there. This is no attempt.
    NotTried,
}

/// Reads the result of an invocation with the records of these identifiers; `partial` is `ReportBatchItemFailures`.
pub fn outcome(result: &Result<Bytes, Failure>, identifiers: &[&str], partial: bool) -> Outcome {
    match result {
        Err(Failure::Throttled | Failure::Unavailable) => Outcome::NotTried,
        Err(Failure::Function(_) | Failure::TooLarge) => Outcome::Failed { by_error: true },
        Ok(payload) if partial => from_answer(payload, identifiers),
        Ok(_) => Outcome::Done,
    }
}

fn from_answer(payload: &[u8], identifiers: &[&str]) -> Outcome {
    let Some(failures) = failures(payload) else { return Outcome::Failed { by_error: false } };
    let lowest = identifiers.iter().position(|identifier| failures.contains(*identifier));
    match lowest {
        _ if failures.is_empty() => Outcome::Done,
        // An identifier that is not in the batch is as good as none.
        None | Some(0) => Outcome::Failed { by_error: false },
        Some(checkpoint) => Outcome::DoneBefore(checkpoint),
    }
}

/// The identifiers an answer names; `None` when one of them is no identifier, which fails the whole batch.
pub fn failures(payload: &[u8]) -> Option<BTreeSet<String>> {
    let answer: Value = serde_json::from_slice(payload).unwrap_or_default();
    let Some(items) = answer.get("batchItemFailures").and_then(Value::as_array) else { return Some(BTreeSet::new()) };
    let identifier = |item: &Value| item.get("itemIdentifier")?.as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    items.iter().map(identifier).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: [&str; 4] = ["10", "11", "12", "13"];
    const FAILED: Outcome = Outcome::Failed { by_error: false };

    fn of(answer: &'static str) -> Outcome {
        outcome(&Ok(Bytes::from_static(answer.as_bytes())), &BATCH, true)
    }

    #[test]
    fn e_06_answers_that_are_success() {
        let empty = [r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#, "null", "[]", "{}", r#""""#];
        for answer in empty {
            assert_eq!(of(answer), Outcome::Done, "{answer}");
        }
    }

    #[test]
    fn e_06_answers_that_fail_everything() {
        let failed = [
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"foo":"12"}]}"#,
            r#"{"batchItemFailures":[{"foo":null}]}"#,
            r#"{"batchItemFailures":[{}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"99"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"10"}]}"#,
        ];
        for answer in failed {
            assert_eq!(of(answer), FAILED, "{answer}");
        }
    }

    #[test]
    fn e_06_the_lowest_identifier_is_the_checkpoint() {
        let answer = r#"{"batchItemFailures":[{"itemIdentifier":"13"},{"itemIdentifier":"12"}]}"#;
        assert_eq!(of(answer), Outcome::DoneBefore(2));
        let ignored = outcome(&Ok(Bytes::from_static(answer.as_bytes())), &BATCH, false);
        assert_eq!(ignored, Outcome::Done, "only with ReportBatchItemFailures");
    }

    #[test]
    fn e_04_an_error_fails_everything_and_throttling_is_no_attempt() {
        let error = Err(Failure::Function(Bytes::new()));
        assert_eq!(outcome(&error, &BATCH, true), Outcome::Failed { by_error: true });
        for failure in [Failure::Throttled, Failure::Unavailable] {
            assert_eq!(outcome(&Err(failure), &BATCH, true), Outcome::NotTried);
        }
    }
}
