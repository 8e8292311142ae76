//! How long blocks must be, so that what depends on each other in time is drawn together.
//!
//! The automatic choice of Politis and White (2004, *Econometric Reviews* 23), as corrected by Patton, Politis and White (2009,
//! *Econometric Reviews* 28), for the stationary bootstrap.

/// The mean length of blocks that suits a series, at least 1. Of a series that is too short to show how long its memory is,
/// the cube root of its length, which is the order of growth that theory gives (Künsch 1989).
pub(crate) fn block_length(series: &[f64]) -> f64 {
    let count = series.len() as f64;
    let least = count.cbrt().max(1.0);
    let most = (3.0 * count.sqrt()).min(count / 3.0).ceil().max(1.0);
    least.max(chosen(series).unwrap_or(least)).min(most.max(least))
}

/// By the rule; `None`: the series does not vary, or is too short for it.
fn chosen(series: &[f64]) -> Option<f64> {
    let count = series.len() as f64;
    let runs = (count.log10().max(0.0).sqrt().ceil() as usize).max(5);
    let longest = count.sqrt().ceil() as usize + runs;
    let variance = autocovariance(series, 0);
    if series.len() < 2 * runs || variance <= 0.0 {
        return None;
    }
    let negligible = 2.0 * (count.log10() / count).sqrt();
    let is_negligible = |lag: usize| (autocovariance(series, lag) / variance).abs() < negligible;
    // The smallest lag after which a whole run of correlations is negligible.
    let memory = (0..=longest).find(|lag| (1..=runs).all(|next| is_negligible(lag + next))).unwrap_or(longest);
    let window = (2 * memory).clamp(1, longest);
    let (mut spectrum, mut slope) = (variance, 0.0);
    for lag in 1..=window {
        let part = 2.0 * flat_top(lag as f64 / window as f64) * autocovariance(series, lag);
        spectrum += part;
        slope += part * lag as f64;
    }
    let spread = 2.0 * spectrum * spectrum;
    (spread > 0.0).then(|| (2.0 * slope * slope / spread).cbrt() * count.cbrt())
}

/// The trapezoid window of Politis and Romano (1995).
fn flat_top(share: f64) -> f64 {
    if share <= 0.5 { 1.0 } else { (2.0 * (1.0 - share)).max(0.0) }
}

fn autocovariance(series: &[f64], lag: usize) -> f64 {
    let count = series.len() as f64;
    let mean = series.iter().sum::<f64>() / count;
    series.iter().zip(series.iter().skip(lag)).map(|(one, later)| (one - mean) * (later - mean)).sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::super::simulated::autoregressive;
    use super::*;

    #[test]
    fn the_longer_a_series_remembers_the_longer_are_its_blocks() {
        let mean_length =
            |memory: f64| (0..20).map(|seed| block_length(&autoregressive(seed, 400, memory))).sum::<f64>() / 20.0;
        let (none, some, long) = (mean_length(0.0), mean_length(0.5), mean_length(0.9));
        assert!(none < 9.0 && some > none && long > 2.0 * some, "{none} {some} {long}");
    }

    #[test]
    fn a_series_that_does_not_vary_or_is_short_has_short_blocks() {
        assert!((block_length(&[1.0; 27]) - 3.0).abs() < 1e-9);
        assert!(block_length(&[1.0, 2.0]) >= 1.0);
        assert!(block_length(&[]) >= 1.0);
    }
}
