//! Failures that are known: which answers of checks they excuse, and what came of each.
//!
//! A known failure that fails is shown and does not count. It excuses nothing else: an answer that is unknown stays unknown,
//! and after its last day the entry excuses nothing. The day is the one on which the run began, so that a history is judged
//! alike whenever it is judged.

use crate::facts::{KnownFailure, RunFacts};
use crate::result::{CheckResult, KnownFailureResult, KnownStanding, TrialResult, Verdict};

/// Marks the answers of a trial that fail as known, and says of those that no longer are why they count.
pub(crate) fn mark(checks: &mut [CheckResult], system: &str, run: &RunFacts) {
    for check in checks.iter_mut().filter(|check| check.verdict == Verdict::Fail) {
        let entries: Vec<&KnownFailure> =
            run.scenario.known.iter().filter(|entry| is_about(entry, check, system)).collect();
        let standing = entries.iter().filter(|entry| !entry.has_passed(&run.started));
        if let Some(entry) = excusing(check, &standing.copied().collect::<Vec<_>>()) {
            check.known = Some(entry.clone());
        } else if excusing(check, &entries).is_some()
            && let Some(entry) = entries.iter().find(|entry| entry.has_passed(&run.started))
        {
            check.why = format!("{}; {}", check.why, expired(entry));
        }
    }
}

/// What came of each known failure in a whole run. `whole`: no trial of it is missing.
pub(crate) fn standings(run: &RunFacts, trials: &[TrialResult], whole: bool) -> Vec<KnownFailureResult> {
    let each = run.scenario.known.iter().map(|entry| {
        let standing = standing(entry, &run.started, trials, whole);
        let (about, issue) = (entry.about(), &entry.issue);
        let words = match standing {
            KnownStanding::Excused => format!("{about} fails as known ({issue}){}", reason(entry)),
            KnownStanding::Expired => format!("{about} fails, and {}", expired(entry)),
            KnownStanding::Partly => {
                format!("{about} fails as known ({issue}), and counts all the same: it fails at other faults, too")
            }
            KnownStanding::Passed => format!("known failure {about} passed: remove the entry ({issue})"),
            KnownStanding::Open => format!("whether {about} still fails as known ({issue}) was not shown"),
        };
        KnownFailureResult { entry: entry.clone(), standing, words }
    });
    each.collect()
}

fn standing(entry: &KnownFailure, started: &str, trials: &[TrialResult], whole: bool) -> KnownStanding {
    let answers = trials.iter().flat_map(|trial| trial.checks.iter().map(move |check| (trial, check)));
    let about: Vec<&CheckResult> =
        answers.filter(|(trial, check)| concerns(entry, check, &trial.system)).map(|(_, check)| check).collect();
    let is_its_own = |check: &&CheckResult| entry.fault.as_ref().is_none_or(|fault| check.faults.contains(fault));
    let failed: Vec<&CheckResult> =
        about.iter().filter(|check| check.verdict == Verdict::Fail).copied().filter(is_its_own).collect();
    if !failed.is_empty() {
        // Another entry may excuse what this one no longer does, and one alone may not excuse all of it.
        return match (failed.iter().all(|check| check.known.is_some()), entry.has_passed(started)) {
            (true, _) => KnownStanding::Excused,
            (false, true) => KnownStanding::Expired,
            (false, false) => KnownStanding::Partly,
        };
    }
    let passed = !about.is_empty() && about.iter().all(|check| check.verdict == Verdict::Pass);
    if passed && whole { KnownStanding::Passed } else { KnownStanding::Open }
}

/// The entry by which a failure is known: one for all of it, or one for each of the faults at which it failed.
fn excusing<'e>(check: &CheckResult, entries: &[&'e KnownFailure]) -> Option<&'e KnownFailure> {
    let at = |fault: &String| entries.iter().find(|entry| entry.fault.as_ref() == Some(fault)).copied();
    let whole = entries.iter().find(|entry| entry.fault.is_none()).copied();
    whole.or_else(|| {
        let each: Option<Vec<_>> = check.faults.iter().map(at).collect();
        each.and_then(|each| each.first().copied())
    })
}

fn is_about(entry: &KnownFailure, check: &CheckResult, system: &str) -> bool {
    concerns(entry, check, system) && entry.fault.as_ref().is_none_or(|fault| check.faults.contains(fault))
}

fn concerns(entry: &KnownFailure, check: &CheckResult, system: &str) -> bool {
    entry.check == check.name && entry.system.as_ref().is_none_or(|named| named == system)
}

fn expired(entry: &KnownFailure) -> String {
    let until = entry.until.as_deref().unwrap_or_default();
    format!("that is known ({}), but was excused until {until} only", entry.issue)
}

fn reason(entry: &KnownFailure) -> String {
    entry.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::judge_history;
    use crate::measure::{Rows, sample};

    fn entry(check: &str, fault: Option<&str>, until: Option<&str>) -> KnownFailure {
        KnownFailure {
            check: check.to_owned(),
            system: None,
            fault: fault.map(str::to_owned),
            issue: "https://tracker.example/1".to_owned(),
            until: until.map(str::to_owned),
            reason: None,
        }
    }

    /// A failover after which clients were back later than a limit of one second.
    fn late(known: Vec<KnownFailure>) -> Rows {
        let mut rows = sample::failover();
        rows.facts.limits.reconnected = Some(crate::units::Nanos::SECOND);
        rows.facts.run.started = "2026-11-27T22:00:00Z".to_owned();
        rows.facts.run.scenario.known = known;
        rows
    }

    fn judged(rows: &Rows) -> (TrialResult, Vec<KnownFailureResult>) {
        let result = judge_history(rows, "").expect("measured").result;
        let known = standings(&rows.facts.run, std::slice::from_ref(&result), true);
        (result, known)
    }

    fn reconnected(result: &TrialResult) -> &CheckResult {
        result.checks.iter().find(|check| check.name == "reconnected").expect("asked for")
    }

    #[test]
    fn a_known_failure_is_shown_and_does_not_count() {
        for known in [entry("reconnected", None, None), entry("reconnected", Some("down-1"), Some("2026-11-27"))] {
            let (result, standings) = judged(&late(vec![known]));
            assert_eq!((reconnected(&result).verdict, result.verdict), (Verdict::Fail, Verdict::Pass), "{result:?}");
            assert_eq!(standings[0].standing, KnownStanding::Excused, "{standings:?}");
        }
    }

    #[test]
    fn another_check_system_or_fault_fails_as_ever() {
        let elsewhere = KnownFailure { system: Some("other".to_owned()), ..entry("reconnected", None, None) };
        for known in [entry("lost", None, None), elsewhere, entry("reconnected", Some("down-2"), None)] {
            let (result, _) = judged(&late(vec![known.clone()]));
            assert_eq!((result.verdict, &reconnected(&result).known), (Verdict::Fail, &None), "{known:?}");
        }
    }

    #[test]
    fn after_its_last_day_an_entry_excuses_nothing_and_says_so() {
        let (result, standings) = judged(&late(vec![entry("reconnected", None, Some("2026-11-26"))]));
        assert_eq!((result.verdict, standings[0].standing), (Verdict::Fail, KnownStanding::Expired));
        assert!(reconnected(&result).why.contains("excused until 2026-11-26 only"), "{result:?}");
        assert!(standings[0].words.contains("excused until 2026-11-26 only"), "{standings:?}");
    }

    #[test]
    fn one_that_passes_everywhere_is_told_and_one_that_passes_in_part_is_not() {
        let known = vec![entry("reconnected", None, None)];
        let (held, standings_) = judged(&Rows { facts: late(known.clone()).facts, ..sample::failover() });
        assert_eq!(held.verdict, Verdict::Pass);
        assert_eq!(standings_[0].standing, KnownStanding::Excused, "the limit is one second there too");
        let mut rows = late(known);
        rows.facts.limits.reconnected = Some(crate::units::Nanos::from_secs(60));
        let (result, told) = judged(&rows);
        assert_eq!((result.verdict, told[0].standing), (Verdict::Pass, KnownStanding::Passed));
        assert!(told[0].words.contains("passed: remove the entry"), "{told:?}");
        let both = [result.clone(), held];
        assert_eq!(standings(&rows.facts.run, &both, true)[0].standing, KnownStanding::Excused);
        assert_eq!(standings(&rows.facts.run, &[result], false)[0].standing, KnownStanding::Open);
    }

    #[test]
    fn unknown_stays_unknown() {
        let mut rows = late(vec![entry("reconnected", None, None)]);
        rows.facts.limits.reconnected = Some(crate::units::Nanos::from_secs(60));
        rows.faults[0].confirmed = false;
        let (result, standings) = judged(&rows);
        assert_eq!((reconnected(&result).verdict, result.verdict), (Verdict::Unknown, Verdict::Unknown));
        assert_eq!((&reconnected(&result).known, standings[0].standing), (&None, KnownStanding::Open));
    }

    #[test]
    fn a_failure_at_two_faults_needs_an_entry_for_each() {
        let check = |faults: &[&str]| CheckResult {
            name: "recovered".to_owned(),
            verdict: Verdict::Fail,
            limit: String::new(),
            observed: String::new(),
            why: "late".to_owned(),
            limit_quantity: None,
            observed_quantity: None,
            faults: faults.iter().map(|fault| (*fault).to_owned()).collect(),
            known: None,
        };
        let mut run = sample::failover().facts.run;
        run.started = "2026-11-27T22:00:00Z".to_owned();
        run.scenario.known =
            vec![entry("recovered", Some("a"), None), entry("recovered", Some("b"), Some("2026-01-01"))];
        let mut checks = [check(&["a"]), check(&["a", "b"]), check(&["a", "c"]), check(&[])];
        mark(&mut checks, "redis", &run);
        assert_eq!(checks.each_ref().map(|check| check.known.is_some()), [true, false, false, false]);
        assert!(checks[1].why.contains("until 2026-01-01 only") && checks[2].why == "late", "{checks:?}");
        let mut trial = judge_history(&sample::failover(), "").expect("measured").result;
        trial.checks = vec![checks[2].clone()];
        let told = standings(&run, std::slice::from_ref(&trial), true);
        assert_eq!(told[0].standing, KnownStanding::Partly, "an entry that excuses nothing does not say that it does");
        trial.checks = vec![checks[0].clone()];
        assert_eq!(standings(&run, &[trial], true)[0].standing, KnownStanding::Excused);
    }
}
