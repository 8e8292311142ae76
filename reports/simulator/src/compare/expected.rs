//! What may be answered, given the truth.

use reports::result::Verdict;
use std::fmt;

/// Whether what a check forbids really happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// It did.
    Yes,
    /// It did not.
    No,
    /// The truth lies so near the limit, or the definition leaves so much open, that both may be said.
    Either,
}

/// The truth about a check, and the doubts that the definition allows.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The truth.
    pub bad: Bad,
    /// In words.
    pub what: String,
    /// Doubts that forbid to pass.
    pub doubts: Vec<String>,
    /// Doubts that the definition allows, and does not demand.
    pub excuses: Vec<String>,
}

impl Expected {
    /// Whether a verdict is right.
    pub fn allows(&self, verdict: Verdict) -> bool {
        let doubtful = !self.doubts.is_empty() || !self.excuses.is_empty();
        match verdict {
            Verdict::Pass => self.bad != Bad::Yes && self.doubts.is_empty(),
            Verdict::Fail => self.bad != Bad::No,
            Verdict::Unknown => doubtful || self.bad == Bad::Either,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.bad {
            Bad::Yes => "bad",
            Bad::No => "good",
            Bad::Either => "open",
        };
        write!(out, "{word}: {}", self.what)?;
        for (kind, list) in [("must doubt", &self.doubts), ("may doubt", &self.excuses)] {
            if !list.is_empty() {
                write!(out, "; {kind}: {}", list.join(", "))?;
            }
        }
        Ok(())
    }
}
