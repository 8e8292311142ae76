//! What becomes of the clients while they work, for whoever watches.

use crate::trial::scribe::{LateTimes, Lately, count, no_times};
use reports::units::Nanos;
use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

/// A figure of the last moments is one of so many looks: two seconds, where somebody looks twice a second.
const LOOKS: usize = 4;

/// The clients of a trial at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::trial) struct ClientsNow {
    /// 99th percentile of the response times of the last two seconds. `None`: nothing was answered, and nothing given up.
    pub(in crate::trial) p99: Option<Nanos>,
    /// Why sends did not succeed since the trial began, with how many, the most frequent first.
    pub(in crate::trial) reasons: Vec<(String, u64)>,
    /// How many have a connection.
    pub(in crate::trial) connected: usize,
    /// How many there should be.
    pub(in crate::trial) clients: usize,
}

/// What was read of all workers, newest last.
#[derive(Debug, Default)]
pub(super) struct Readings {
    looks: VecDeque<Vec<LateTimes>>,
    since: Vec<LateTimes>,
    reasons: BTreeMap<String, u64>,
}

impl Readings {
    /// What was read of one worker since the last look.
    pub(super) fn add(&mut self, lately: Lately) {
        self.since.extend(lately.responses);
        for (reason, sends) in lately.reasons {
            count(&mut self.reasons, &reason, sends);
        }
    }

    /// Somebody looks: the 99th percentile of the response times of the last looks. `None`: there were none.
    pub(super) fn look(&mut self) -> Option<Nanos> {
        self.looks.push_back(std::mem::take(&mut self.since));
        if self.looks.len() > LOOKS {
            self.looks.pop_front();
        }
        let mut all = no_times()?;
        for times in self.looks.iter().flatten() {
            all.add(times).ok()?;
        }
        (!all.is_empty()).then(|| Nanos(all.value_at_quantile(0.99)))
    }

    /// Why sends did not succeed so far, the most frequent first.
    pub(super) fn reasons(&self) -> Vec<(String, u64)> {
        let mut reasons: Vec<_> = self.reasons.iter().map(|(reason, sends)| (reason.clone(), *sends)).collect();
        reasons.sort_by_key(|(_, sends)| Reverse(*sends));
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(millis: u64) -> Lately {
        let mut times = no_times().expect("a histogram");
        times.saturating_record(Nanos::from_millis(millis).0);
        Lately { responses: Some(times), ..Lately::default() }
    }

    fn millis(time: Option<Nanos>) -> Option<u64> {
        time.map(|time| (time.as_secs_f64() * 100.0).round() as u64 * 10)
    }

    #[test]
    fn a_percentile_is_over_all_workers_and_forgets_what_is_older_than_the_last_looks() {
        let mut readings = Readings::default();
        assert_eq!(readings.look(), None);
        readings.add(answered(500));
        readings.add(answered(10));
        assert_eq!(millis(readings.look()), Some(500));
        for _ in 1..LOOKS {
            readings.add(answered(10));
            assert_eq!(millis(readings.look()), Some(500));
        }
        readings.add(answered(10));
        assert_eq!(millis(readings.look()), Some(10));
        for _ in 1..LOOKS {
            readings.look();
        }
        assert_eq!(readings.look(), None, "nothing has been answered lately");
    }

    #[test]
    fn reasons_are_those_of_the_whole_trial_and_the_most_frequent_comes_first() {
        let mut readings = Readings::default();
        for (reason, sends) in [("refused", 2), ("timed out", 1), ("timed out", 4)] {
            readings.add(Lately { reasons: BTreeMap::from([(reason.to_owned(), sends)]), ..Lately::default() });
            readings.look();
        }
        assert_eq!(readings.reasons(), [("timed out".to_owned(), 5), ("refused".to_owned(), 2)]);
    }
}
