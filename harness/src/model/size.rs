//! Sizes as scenarios write them: `"1KiB"`, `"512B"`, `"1MB"`.

/// Units with their length in bytes. KiB is 1024 bytes, KB is 1000.
const UNITS: [(&str, u64); 8] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("KB", 1_000),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
];

/// Why a text is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// A number without its unit.
    #[error("a size needs a unit")]
    NoUnit,
    /// A unit that is none of ours.
    #[error("`{0}` is no unit of size")]
    UnknownUnit(String),
    /// Anything else.
    #[error("this is no size")]
    NotANumber,
}

/// Reads a number of bytes. Fractions are allowed where they come out as whole bytes: `"1.5KiB"`.
pub fn parse(text: &str) -> Result<u64, SizeError> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    if number.is_empty() || number.starts_with('.') || number.ends_with('.') {
        return Err(SizeError::NotANumber);
    }
    let bytes = unit_bytes(unit.trim())?;
    match number.parse::<u64>() {
        Ok(count) => Ok(count.saturating_mul(bytes)),
        Err(_) => {
            let exact = number.parse::<f64>().map_err(|_| SizeError::NotANumber)? * bytes as f64;
            if exact.fract() == 0.0 { Ok(exact as u64) } else { Err(SizeError::NotANumber) }
        }
    }
}

fn unit_bytes(unit: &str) -> Result<u64, SizeError> {
    if unit.is_empty() {
        return Err(SizeError::NoUnit);
    }
    UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, bytes)| *bytes)
        .ok_or_else(|| SizeError::UnknownUnit(unit.to_owned()))
}

/// As a scenario would write it; [`parse`] reads it back exactly.
pub fn show(bytes: u64) -> String {
    for (unit, length) in [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if bytes >= length && bytes.is_multiple_of(length) {
            return format!("{}{unit}", bytes / length);
        }
    }
    format!("{bytes}B")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_people_write() {
        for (text, bytes) in
            [("1KiB", 1024), ("512B", 512), ("1MB", 1_000_000), ("1.5 KiB", 1536), ("2kB", 2000), ("1GiB", 1 << 30)]
        {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_the_rest() {
        assert_eq!(parse("512"), Err(SizeError::NoUnit));
        assert_eq!(parse("1kib"), Err(SizeError::UnknownUnit("kib".to_owned())));
        for text in ["", "KiB", "-1KiB", "1.5B", "one"] {
            assert_eq!(parse(text), Err(SizeError::NotANumber), "{text}");
        }
    }

    #[test]
    fn an_absurd_size_saturates_instead_of_wrapping_around() {
        assert_eq!(parse("99999999999999999GiB"), Ok(u64::MAX));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(bytes in any::<u64>()) {
            prop_assert_eq!(parse(&show(bytes)), Ok(bytes));
        }
    }
}
