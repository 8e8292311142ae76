//! Lengths of time as scenarios write them: `"5s"`, `"200ms"`, `"1m30s"`.

use std::time::Duration;

/// Units with their length in nanoseconds, longest first.
const UNITS: [(&str, u64); 7] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("ns", 1),
];

/// No length of a scenario is above: a week.
pub const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Why a text is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// It begins with a minus sign.
    #[error("a length of time cannot be negative")]
    Negative,
    /// A number without its unit.
    #[error("a length of time needs a unit")]
    NoUnit,
    /// A unit that is none of ours.
    #[error("`{0}` is no unit of time")]
    UnknownUnit(String),
    /// Anything else.
    #[error("this is no length of time")]
    NotANumber,
    /// More than a week.
    #[error("a length of time is at most a week")]
    TooLong,
}

/// Reads numbers with units, added up: `"1m30s"`. Units: h, m, s, ms, us (or µs), ns. Fractions are allowed: `"1.5s"`.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let mut rest = text.trim();
    if rest.starts_with('-') {
        return Err(DurationError::Negative);
    }
    if rest.is_empty() {
        return Err(DurationError::NotANumber);
    }
    let mut total = 0.0_f64;
    let mut whole: u128 = 0;
    while !rest.is_empty() {
        let (number, unit, after) = split_part(rest)?;
        let nanos = unit_nanos(unit)?;
        // Whole numbers are added exactly; only fractions pass through floating point.
        match number.parse::<u64>() {
            Ok(count) => whole = whole.saturating_add(u128::from(count) * u128::from(nanos)),
            Err(_) => total += number.parse::<f64>().map_err(|_| DurationError::NotANumber)? * nanos as f64,
        }
        rest = after.trim_start();
    }
    let limit = LONGEST.as_nanos();
    if whole > limit || total > limit as f64 || whole + total.round() as u128 > limit {
        return Err(DurationError::TooLong);
    }
    Ok(Duration::from_nanos((whole + total.round() as u128) as u64))
}

fn split_part(text: &str) -> Result<(&str, &str, &str), DurationError> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    if number.is_empty() || number.starts_with('.') || number.ends_with('.') {
        return Err(DurationError::NotANumber);
    }
    let rest = rest.trim_start();
    let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (unit, after) = rest.split_at(letters);
    Ok((number, unit, after))
}

fn unit_nanos(unit: &str) -> Result<u64, DurationError> {
    if unit.is_empty() {
        return Err(DurationError::NoUnit);
    }
    UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, nanos)| *nanos)
        .ok_or_else(|| DurationError::UnknownUnit(unit.to_owned()))
}

/// As a scenario would write it; [`parse`] reads it back exactly.
pub fn show(duration: Duration) -> String {
    let mut nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    if nanos == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, length) in UNITS.iter().filter(|(unit, _)| *unit != "µs") {
        let count = nanos / length;
        nanos %= length;
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    text
}

/// For people: whole milliseconds, rounded up, in the unit that suits: `5.6s`, `600ms`. [`parse`] reads it.
pub fn brief(duration: Duration) -> String {
    let millis = duration.as_micros().div_ceil(1000);
    match millis {
        0 => "0s".to_owned(),
        1..1000 => format!("{millis}ms"),
        _ if millis.is_multiple_of(1000) => format!("{}s", millis / 1000),
        _ => {
            let fraction = format!("{:03}", millis % 1000);
            format!("{}.{}s", millis / 1000, fraction.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_people_write() {
        for (text, millis) in [
            ("5s", 5_000),
            ("200ms", 200),
            ("1m30s", 90_000),
            ("1m 30s", 90_000),
            ("1.5s", 1_500),
            ("2h", 7_200_000),
            ("0s", 0),
            (" 3 s ", 3_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        assert_eq!(parse("7µs"), Ok(Duration::from_micros(7)));
    }

    #[test]
    fn says_what_is_wrong_with_the_rest() {
        assert_eq!(parse("-5s"), Err(DurationError::Negative));
        assert_eq!(parse("5"), Err(DurationError::NoUnit));
        assert_eq!(parse("1m30"), Err(DurationError::NoUnit));
        assert_eq!(parse("5sec"), Err(DurationError::UnknownUnit("sec".to_owned())));
        for text in ["", "s", "five", ".5s", "5.s", "1.2.3s", "NaN", "inf"] {
            assert_eq!(parse(text), Err(DurationError::NotANumber), "{text}");
        }
        for text in ["8000h", "99999999999999999999s", "18446744073709551615h"] {
            assert_eq!(parse(text), Err(DurationError::TooLong), "{text}");
        }
    }

    #[test]
    fn brief_rounds_up_to_milliseconds() {
        for (micros, text) in
            [(0, "0s"), (600_000, "600ms"), (5_600_000, "5.6s"), (5_000_001, "5.001s"), (9_000_000, "9s"), (1, "1ms")]
        {
            assert_eq!(brief(Duration::from_micros(micros)), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(nanos in 0..=LONGEST.as_nanos() as u64) {
            let duration = Duration::from_nanos(nanos);
            prop_assert_eq!(parse(&show(duration)), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
