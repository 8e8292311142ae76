//! Failures that somebody knows of and tracks elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One `[[known]]`: a check may fail there, as long as the issue is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownFailure {
    /// The check: a name of [`CHECK_NAMES`].
    pub check: String,
    /// The system on which it fails. Absent: on any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The fault at which it fails. Absent: at any, and without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Where it is tracked: a URL, or what else people find it by.
    pub issue: String,
    /// The last day (UTC) on which the entry excuses anything: `2026-12-31`. Absent: it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Why it is let pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Whether a check judges each fault apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judges {
    /// The whole trial.
    Trial,
    /// Each fault: its answer says at which ones it failed.
    EachFault,
}

/// The name of every check, and whether a known failure of it can name a fault.
pub const CHECK_NAMES: [(&str, Judges); 19] = [
    ("failed", Judges::Trial),
    ("indeterminate", Judges::Trial),
    ("lost", Judges::Trial),
    ("phantom", Judges::Trial),
    ("corrupted", Judges::Trial),
    ("duplicated", Judges::Trial),
    ("redelivered", Judges::Trial),
    ("out-of-order", Judges::Trial),
    ("unrecovered", Judges::Trial),
    ("resurrected", Judges::Trial),
    ("stolen", Judges::Trial),
    ("unprocessed", Judges::Trial),
    ("dead-lettered", Judges::Trial),
    ("reconnected", Judges::EachFault),
    ("unavailable", Judges::Trial),
    ("recovered", Judges::EachFault),
    ("latency", Judges::Trial),
    ("throughput", Judges::Trial),
    ("soak", Judges::Trial),
];

/// The checks of what consumers got and did: they are not asked where there are none.
pub const CHECKS_OF_CONSUMERS: [&str; 6] =
    ["redelivered", "out-of-order", "unrecovered", "resurrected", "stolen", "unprocessed"];

impl KnownFailure {
    /// What it is about: `reconnected on kafka at down-1`.
    pub fn about(&self) -> String {
        let system = self.system.as_ref().map_or_else(String::new, |system| format!(" on {system}"));
        let fault = self.fault.as_ref().map_or_else(String::new, |fault| format!(" at {fault}"));
        format!("{}{system}{fault}", self.check)
    }

    /// Whether its last day had passed when a run began. `started`: RFC 3339, UTC. Of a run that does not say when it began, a
    /// date is taken to have passed.
    pub fn has_passed(&self, started: &str) -> bool {
        let Some(until) = &self.until else { return false };
        started.get(..10).is_none_or(|day| !is_day(day) || day > until.as_str())
    }
}

/// Whether a text is a day of the calendar: `2026-12-31`.
pub fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, digits: usize| {
        let is_number = part.len() == digits && part.bytes().all(|digit| digit.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| is_number)
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_excuses_through_its_last_day_and_not_after() {
        let mut known = KnownFailure {
            check: "lost".to_owned(),
            system: Some("redis".to_owned()),
            fault: None,
            issue: "#1".to_owned(),
            until: Some("2026-12-31".to_owned()),
            reason: None,
        };
        for (started, passed) in
            [("2026-12-31T23:59:59Z", false), ("2027-01-01T00:00:00Z", true), ("", true), ("yesterday, at noon", true)]
        {
            assert_eq!(known.has_passed(started), passed, "{started:?}");
        }
        known.until = None;
        assert!(!known.has_passed("") && !known.has_passed("9999-01-01T00:00:00Z"));
    }

    #[test]
    fn only_days_of_the_calendar_are_days() {
        for day in ["2026-01-31", "2024-02-29", "2000-02-29", "2026-12-01"] {
            assert!(is_day(day), "{day}");
        }
        for other in
            ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-1", "soon", "2026-+1-01"]
        {
            assert!(!is_day(other), "{other}");
        }
    }
}
