//! One figure's line in a table of differences, as text.

use crate::compare::comparison::VersionDifference;
use crate::compare::{Change, Difference, RunComparison};
use crate::render::number;
use crate::render::text::{ABSENT, one_line};
use crate::result::Unit;
use crate::units::Nanos;

/// A figure of both runs.
pub(in crate::render) struct DifferenceLine {
    pub(in crate::render) name: String,
    pub(in crate::render) base: String,
    pub(in crate::render) run: String,
    /// `+12`, in percent; `from none` where the base is zero.
    pub(in crate::render) difference: String,
    /// `+8.0 to +15`, in percent.
    pub(in crate::render) interval: String,
    /// `10 %`.
    pub(in crate::render) threshold: String,
    pub(in crate::render) change: Change,
    pub(in crate::render) doubtful: bool,
}

impl DifferenceLine {
    pub(in crate::render) fn of(found: &Difference) -> Self {
        let value = |value: Option<f64>| value.map_or_else(|| ABSENT.to_owned(), |value| quantity(value, found.unit));
        let difference = match (found.difference, found.base, found.run) {
            (Some(difference), ..) => percent(difference),
            (None, Some(base), Some(run)) if base == 0.0 && run > 0.0 && found.interval.is_none() => {
                "from none".to_owned()
            }
            _ => ABSENT.to_owned(),
        };
        let interval = found.interval.map(|(low, high)| format!("{} to {}", percent(low), percent(high)));
        Self {
            name: one_line(&found.name),
            base: value(found.base),
            run: value(found.run),
            difference,
            interval: interval.unwrap_or_else(|| ABSENT.to_owned()),
            threshold: format!("{} %", (found.threshold * 1000.0).round() / 10.0),
            change: found.change,
            doubtful: found.doubtful,
        }
    }
}

/// A figure with its unit.
pub(in crate::render) fn quantity(value: f64, unit: Unit) -> String {
    match unit {
        Unit::MessagesPerSecond => format!("{}/s", number::decimal(value)),
        Unit::Nanoseconds => Nanos(value.round().max(0.0) as u64).to_string(),
        Unit::CpuSecondsPerMillion => format!("{} s", number::decimal(value)),
        Unit::Bytes => number::bytes(value.round().max(0.0) as u64),
        Unit::BytesPerHour => format!("{}/h", number::bytes(value.round().max(0.0) as u64)),
        Unit::SharePerHour => format!("{} %/h", number::decimal(100.0 * value)),
        Unit::Messages if value.fract().abs() < 0.05 => number::count(value.round().max(0.0) as u64),
        Unit::Messages => number::decimal(value),
    }
}

/// `+12`, `−3.2`, `0.0`: a share in percent, with its sign, without the word.
pub(in crate::render) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let sign = if percent >= 0.05 {
        "+"
    } else if percent <= -0.05 {
        "−"
    } else {
        ""
    };
    let size = percent.abs();
    let figure = match size {
        _ if !size.is_finite() => return format!("{sign}∞"),
        9.95.. => number::count(size.round() as u64),
        _ => format!("{size:.1}"),
    };
    format!("{sign}{figure}")
}

/// What must be said of figures in words: regressions first, then what is doubtful or cannot be compared. Each reason once,
/// with the names that it concerns.
pub(in crate::render) fn reasons(comparison: &RunComparison) -> Vec<(Change, String)> {
    let several = comparison.systems.len() > 1;
    let mut reasons: Vec<(Change, Vec<String>, &str)> = Vec::new();
    for change in [Change::Worse, Change::Better, Change::CannotBeCompared, Change::NotEnoughData] {
        for (system, found) in comparison.with(change) {
            if change == Change::NotEnoughData && !found.doubtful {
                continue;
            }
            let name = if several { format!("{} of {}", found.name, system.system) } else { found.name.clone() };
            match reasons.iter_mut().find(|(of, _, why)| *of == change && *why == found.why) {
                Some((_, names, _)) => names.push(name),
                None => reasons.push((change, vec![name], &found.why)),
            }
        }
    }
    let each =
        reasons.into_iter().map(|(change, names, why)| (change, one_line(&format!("{}: {why}", names.join(", ")))));
    each.collect()
}

/// How it was compared, in two sentences.
pub(in crate::render) fn method(comparison: &RunComparison) -> String {
    let versions: Vec<String> = comparison.versions.iter().map(version).collect();
    let versions =
        if versions.is_empty() { String::new() } else { format!(" Other versions: {}.", versions.join("; ")) };
    format!(
        "A regression is called where a figure is worse by more than its threshold, and significantly so among the {} that \
         were tested together (Benjamini and Hochberg, 5 %). Intervals hold the true difference in 95 of 100 cases (Welch, \
         over trials; within a trial the stationary bootstrap).{versions}",
        number::of(comparison.tested, "figure")
    )
}

fn version(version: &VersionDifference) -> String {
    one_line(&format!("{} {} → {}", version.of, version.base, version.run))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_in_percent_with_their_sign() {
        assert_eq!(percent(0.123), "+12");
        assert_eq!(percent(-0.0321), "−3.2");
        assert_eq!(percent(0.0001), "0.0");
        assert_eq!(percent(35.0), "+3,500");
        assert_eq!(percent(f64::INFINITY), "+∞");
    }
}
