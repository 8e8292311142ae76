//! How many times longer than written the times of scenarios last: a slow machine needs more of each.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

static TIMES: AtomicU32 = AtomicU32::new(1);

/// From now on, what is written as a time in a scenario or an argument lasts this many times as long.
pub(crate) fn stretch_times(times: u32) {
    TIMES.store(times, Relaxed);
}

/// A time that a test counts on, as long as those of its scenario.
pub(crate) fn stretched(time: Duration) -> Duration {
    time * TIMES.load(Relaxed)
}

/// A scenario with each of its times, which are quoted words such as `"1.5s"`, stretched.
pub(super) fn scenario(text: &str) -> String {
    let parts: Vec<String> = text.split('"').map(|part| word(part, TIMES.load(Relaxed))).collect();
    parts.join("\"")
}

/// An argument such as `phases.load=34s` or `client.recovery="none"`.
pub(super) fn argument(text: &str) -> String {
    match text.split_once('=') {
        Some((key, value)) if !value.contains('"') => format!("{key}={}", word(value, TIMES.load(Relaxed))),
        _ => scenario(text),
    }
}

/// A word that may be a time.
fn word(word: &str, times: u32) -> String {
    let number = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = &word[number.len()..];
    match number.parse::<f64>() {
        Ok(number) if ["ms", "s"].contains(&unit) => format!("{}{unit}", number * f64::from(times)),
        _ => word.to_owned(),
    }
}

#[test]
fn times_are_stretched_and_nothing_else_is() {
    for (written, stretched) in
        [("4s", "8s"), ("1.5s", "3s"), ("250ms", "500ms"), ("256B", "256B"), ("s", "s"), ("6000", "6000")]
    {
        assert_eq!(word(written, 2), stretched);
    }
}
