//! Minimum, median, percentiles and maximum of a few runs.

/// Figures of one kind, in one unit.
#[derive(Debug, Clone, Default)]
pub struct Figures(Vec<f64>);

impl Figures {
    /// Adds one.
    pub fn add(&mut self, figure: f64) {
        self.0.push(figure);
        self.0.sort_by(f64::total_cmp);
    }

    /// The middle one; of an even number the lower of the two in the middle.
    pub fn median(&self) -> f64 {
        self.0[(self.0.len() - 1) / 2]
    }

    /// The smallest that is not less than so many of a hundred.
    pub fn percentile(&self, percent: usize) -> f64 {
        self.0[(self.0.len() * percent).div_ceil(100).max(1) - 1]
    }

    /// `median (minimum–maximum)`, with so many decimals.
    pub fn shown(&self, decimals: usize) -> String {
        let (first, last) = (self.0[0], self.0[self.0.len() - 1]);
        format!("{:.decimals$} ({first:.decimals$}–{last:.decimals$})", self.median())
    }
}
