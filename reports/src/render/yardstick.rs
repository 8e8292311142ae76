//! How fast the machine's cores were, as people read it.

use super::cells::{Cell, Row, Weight};
use super::number;
use crate::facts::{Yardstick, YardstickSpread};
use crate::result::{RunResult, TrialResult};

/// `the same piece of work took 0.97 ms of CPU time at one time, and 2.01 ms at another`.
pub(super) fn spread(spread: YardstickSpread) -> String {
    let time = |time| number::time(Some(time));
    format!(
        "the same piece of work took {} of CPU time at one time, and {} at another",
        time(spread.least),
        time(spread.most)
    )
}

/// In the slower half of each load; nothing where it was measured nowhere.
pub(super) fn row(result: &RunResult) -> Option<Row> {
    result.trials.iter().find(|trial| trial.yardstick.is_some())?;
    Some(Row::new("yardstick", Weight::Detail, result, |trial| {
        Cell::plain(number::time(trial.yardstick.map(|one| one.early.max(one.late))))
    }))
}

/// What to say where the machine was not equally fast in all trials of a run.
pub(super) fn remark(trials: &[TrialResult]) -> Option<String> {
    let found = Yardstick::spread(trials.iter().filter_map(|trial| trial.yardstick))?;
    (!found.is_steady()).then(|| {
        format!(
            "The machine's speed changed, or what ran on it slowed it: {}. Figures of speed and cost follow it: repeat the run on a machine \
             whose speed does not change and that has cores to spare, or often, with trials in turns (--repeats)",
            spread(found)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::judge_history;
    use crate::measure::sample;
    use crate::units::Nanos;

    fn trial(early_ms: u64, late_ms: u64) -> TrialResult {
        let mut trial = judge_history(&sample::healthy(), "sample-1").expect("judged").result;
        let (early, late) = (Nanos::from_millis(early_ms), Nanos::from_millis(late_ms));
        trial.yardstick = Some(Yardstick { early, late, work: 1 });
        trial
    }

    #[test]
    fn a_machine_that_was_slower_meanwhile_is_told_of_within_a_trial_and_between_two() {
        let told = remark(&[trial(30, 31), trial(58, 60)]).expect("told");
        assert!(told.contains("took 30.0 ms of CPU time at one time, and 60.0 ms at another"), "{told}");
        assert!(remark(&[trial(30, 60)]).is_some());
        assert_eq!(remark(&[trial(30, 31), trial(33, 34)]), None);
    }

    #[test]
    fn where_it_was_not_measured_nothing_is_said() {
        let mut unmeasured = trial(30, 60);
        unmeasured.yardstick = None;
        assert_eq!(remark(&[unmeasured]), None);
        assert_eq!(remark(&[]), None);
    }
}
