//! Bad fields, all of them at once.

use std::collections::BTreeMap;

/// What is wrong with one value, in words for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(pub String);

impl Problem {
    /// A problem with this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// Every bad field of a request with its sentences: the `details` of a `VALIDATION_ERROR` (contract, Errors).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub BTreeMap<String, Vec<String>>);

impl Problems {
    /// No problem yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One bad field.
    pub fn one(field: &str, sentence: impl Into<String>) -> Self {
        let mut problems = Self::new();
        problems.add(field, sentence);
        problems
    }

    /// Notes a sentence about a field.
    pub fn add(&mut self, field: &str, sentence: impl Into<String>) {
        self.0.entry(field.to_owned()).or_default().push(sentence.into());
    }

    /// Notes everything that another check found.
    pub fn merge(&mut self, other: Self) {
        for (field, mut sentences) in other.0 {
            self.0.entry(field).or_default().append(&mut sentences);
        }
    }

    /// Keeps the value, or notes why there is none: checking goes on with the next field.
    pub fn check<T>(&mut self, field: &str, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(field, problem.0)).ok()
    }

    /// Like [`Problems::check`] for a field that must be there.
    pub fn require<T, V>(
        &mut self,
        field: &str,
        value: Option<V>,
        parse: impl FnOnce(V) -> Result<T, Problem>,
    ) -> Option<T> {
        let Some(value) = value else {
            self.add(field, "is required");
            return None;
        };
        self.check(field, parse(value))
    }

    /// Like [`Problems::check`] for a field that may be missing.
    pub fn allow<T, V>(
        &mut self,
        field: &str,
        value: Option<V>,
        parse: impl FnOnce(V) -> Result<T, Problem>,
    ) -> Option<T> {
        value.and_then(|value| self.check(field, parse(value)))
    }

    /// Whether every field was good.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The finished value, if nothing was noted and every part is there.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_every_field_and_not_the_first_only() {
        let mut problems = Problems::new();
        let missing: Option<&str> = None;
        problems.require("email", missing, |_| Ok(()));
        problems.allow("limit", Some(0), |_| Err::<(), _>(Problem::new("must be at least 1")));
        assert_eq!(problems.0.len(), 2);
        assert_eq!(problems.finish(Some(())).unwrap_err().0["limit"], ["must be at least 1"]);
    }
}
