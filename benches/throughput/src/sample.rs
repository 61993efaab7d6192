//! What a round of requests gave.

use std::time::Duration;

/// Answers of one side, of all its rounds.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    /// Milliseconds each took.
    milliseconds: Vec<f64>,
    /// Answers a second, round by round.
    rates: Vec<f64>,
}

impl Sample {
    /// Adds a round.
    pub(crate) fn add(&mut self, answers: &[Duration], took: Duration) {
        let count = u32::try_from(answers.len()).map_or(f64::MAX, f64::from);
        self.rates.push(count / took.as_secs_f64());
        self.milliseconds.extend(answers.iter().map(|answer| answer.as_secs_f64() * 1_000.0));
    }

    /// Answers a second: the median of the rounds.
    pub(crate) fn rate(&self) -> f64 {
        at(&self.rates, 50)
    }

    /// Milliseconds that so many of a hundred answers took at most.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        at(&self.milliseconds, percent)
    }
}

/// The smallest that is not less than so many of a hundred; nothing is 0.
pub(crate) fn at(figures: &[f64], percent: usize) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let index = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(index).copied().unwrap_or_default()
}
