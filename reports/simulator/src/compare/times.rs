//! Times, exact. The judge reads its own from histograms of three significant digits, so each of its figures may be larger by
//! a thousandth.

use reports::result::Distribution;
use reports::units::Nanos;

/// Three significant digits.
const DIGITS: f64 = 0.001;

/// A distribution's figures, by their names in a scenario.
pub(crate) const STATISTICS: [&str; 7] = ["p50", "p90", "p99", "p99.9", "p99.99", "max", "mean"];

/// Times, ascending.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<u64>);

impl Times {
    pub(super) fn of(times: impl Iterator<Item = Nanos>) -> Self {
        let mut all: Vec<_> = times.map(|time| time.0).collect();
        all.sort_unstable();
        Self(all)
    }

    pub(super) const fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Between which two a statistic lies, if there are any: the exact value, and the same with the precision of a histogram.
    pub(crate) fn bounds(&self, statistic: &str) -> Option<(f64, f64)> {
        let last = *self.0.last()? as f64;
        let mean = self.0.iter().map(|time| *time as f64).sum::<f64>() / self.0.len() as f64;
        let (low, high) = match statistic {
            "p50" => self.quantile(0.5),
            "p90" => self.quantile(0.9),
            "p99" => self.quantile(0.99),
            "p99.9" => self.quantile(0.999),
            "p99.99" => self.quantile(0.9999),
            "max" => (last, last),
            _ => (mean * (1.0 - DIGITS) - 1.0, mean),
        };
        Some((low, high * (1.0 + DIGITS) + 1.0))
    }

    /// The time that this share of all is at most. Where the share falls between two, either may be said.
    fn quantile(&self, share: f64) -> (f64, f64) {
        let rank = share * self.0.len() as f64;
        let at = |rank: f64| self.0[(rank.ceil() as usize).clamp(1, self.0.len()) - 1] as f64;
        (at(rank - 1e-6), at(rank + 1e-6))
    }

    /// The first figure of a distribution that is none of these times.
    pub(super) fn contradicts(&self, said: &Distribution) -> Option<String> {
        if said.count != self.count() {
            return Some(format!("{} values, not {}", said.count, self.count()));
        }
        let values = [said.p50, said.p90, said.p99, said.p99_9, said.p99_99, said.max].map(|value| value as f64);
        STATISTICS.iter().zip(values.into_iter().chain([said.mean])).find_map(|(statistic, value)| {
            let (low, high) = self.bounds(statistic)?;
            (value < low || value > high).then(|| format!("{statistic} {value}, not {low} to {high}"))
        })
    }
}
