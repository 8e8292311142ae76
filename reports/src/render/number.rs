//! Figures as people read them: grouped, with three significant digits and a unit.

use super::text::ABSENT;
use crate::units::Nanos;

/// `12,345`.
pub(super) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `2,000`, `48.5`, `1.95`.
pub(super) fn decimal(value: f64) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    let sign = if value < 0.0 { "−" } else { "" };
    let size = value.abs();
    match size {
        0.0 => "0".to_owned(),
        99.95.. => format!("{sign}{}", count(size.round() as u64)),
        9.995.. => format!("{sign}{size:.1}"),
        _ => format!("{sign}{size:.2}"),
    }
}

/// `2,000 msg/s`.
pub(super) fn rate(per_second: f64) -> String {
    format!("{} msg/s", decimal(per_second))
}

/// `1.00 KiB`, `64.2 MiB`.
pub(super) fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut size = value as f64;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{value} B") } else { format!("{} {}", decimal(size), UNITS[unit]) }
}

/// `+1.20 MiB`, `−300 KiB`, `0 B`.
pub(super) fn growth(value: i64) -> String {
    let size = bytes(value.unsigned_abs());
    match value {
        0 => size,
        1.. => format!("+{size}"),
        _ => format!("−{size}"),
    }
}

/// A length of time, or `–`.
pub(super) fn time(value: Option<Nanos>) -> String {
    value.map_or_else(|| ABSENT.to_owned(), |length| length.to_string())
}

/// A length of time as short as it is exact enough for an axis: `10 ms`, `2.5 s`.
pub(super) fn tick(value: Nanos) -> String {
    let text = value.to_string();
    let Some((figure, unit)) = text.split_once(' ') else { return text };
    let figure = if figure.contains('.') { figure.trim_end_matches('0').trim_end_matches('.') } else { figure };
    format!("{figure} {unit}")
}

/// A rate for the label of a point: `850`, `9.99k`, `1.02M`.
pub(super) fn short(value: f64) -> String {
    match value {
        999_500.0.. => format!("{}M", three_digits(value / 1e6)),
        999.5.. => format!("{}k", three_digits(value / 1e3)),
        _ => three_digits(value),
    }
}

/// A length of time for the label of a point, in two digits: `1.4 ms`, `140 ms`.
pub(super) fn short_time(value: f64) -> String {
    let size = value.max(1.0).log10().floor() as i32;
    let unit = 10f64.powi(size - 1);
    tick(Nanos(((value / unit).round() * unit).round().max(0.0) as u64))
}

fn three_digits(value: f64) -> String {
    match value {
        99.95.. => format!("{value:.0}"),
        9.995.. => format!("{value:.1}").trim_end_matches('0').trim_end_matches('.').to_owned(),
        _ => format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

/// `1 check`, `2 checks`.
pub(super) fn of(amount: usize, thing: &str) -> String {
    of_many(amount as u64, thing)
}

/// `1 message`, `60,000 messages`.
pub(super) fn of_many(amount: u64, thing: &str) -> String {
    let plural = if amount == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", count(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(60_000), "60,000");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn decimals_keep_three_digits_and_never_print_nan() {
        assert_eq!(decimal(1999.96), "2,000");
        assert_eq!(decimal(48.52), "48.5");
        assert_eq!(decimal(1.946), "1.95");
        assert_eq!(decimal(9.996), "10.0");
        assert_eq!(decimal(0.0), "0");
        assert_eq!(decimal(f64::NAN), ABSENT);
    }

    #[test]
    fn labels_of_points_are_short() {
        assert_eq!([850.2, 9_991.0, 10_000.0, 1_020_000.0, 0.0].map(short), ["850", "9.99k", "10k", "1.02M", "0"]);
        let times = [1_350_000.0, 142_000_000.0, 950_400.0, 2_000_000_000.0, 0.0].map(short_time);
        assert_eq!(times, ["1.4 ms", "140 ms", "950 µs", "2 s", "0 s"]);
    }

    #[test]
    fn bytes_are_binary() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(1536), "1.50 KiB");
        assert_eq!(growth(-(1 << 20)), "−1.00 MiB");
    }

    #[test]
    fn ticks_drop_idle_zeros() {
        assert_eq!(tick(Nanos::from_millis(10)), "10 ms");
        assert_eq!(tick(Nanos::from_millis(2500)), "2.5 s");
        assert_eq!(tick(Nanos::from_millis(100)), "100 ms");
    }
}
