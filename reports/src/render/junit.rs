//! `junit.xml`: each trial a test suite, each check a test case, for the test tab of a CI service.
//!
//! Unknown is an `<error>`: CI services show it as not passed, and apart from a `<failure>`. A failure that is known is
//! `<skipped>`, with the issue that tracks it.

use super::label::labels;
use super::renderer::{RenderError, Renderer};
use super::verdict::tracked;
use crate::judge::Judged;
use crate::result::{CheckResult, KnownFailureResult, KnownStanding, MissingTrial, RunResult, TrialResult, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// Renders `junit.xml`.
pub struct Junit;

impl Renderer for Junit {
    fn file_name(&self) -> &'static str {
        "junit.xml"
    }

    fn about(&self) -> &'static str {
        "each check as a test case, for a CI service"
    }

    fn render(&self, judged: &Judged) -> Result<String, RenderError> {
        let mut report = Report::new(format!("harness {}", judged.result.scenario.name));
        report.add_test_suites(suites(&judged.result));
        report.to_string().map_err(|why| RenderError::format(self.file_name(), &why))
    }
}

/// All suites of a run.
pub(super) fn suites(result: &RunResult) -> Vec<TestSuite> {
    let scenario = &result.scenario.name;
    let labelled = labels(result).into_iter().zip(&result.trials);
    let mut suites: Vec<_> = labelled.map(|(label, trial)| suite(&format!("{scenario}: {label}"), trial)).collect();
    suites.extend(known(scenario, &result.known));
    suites.extend(result.missing.iter().map(|missing| not_judged(scenario, missing)));
    if result.trials.is_empty() {
        suites.push(nothing_was_tried(scenario, result.verdict));
    }
    suites
}

fn suite(name: &str, trial: &TrialResult) -> TestSuite {
    let mut suite = TestSuite::new(name);
    for (key, value) in [("broker", &trial.broker), ("client", &trial.client), ("folder", &trial.folder)] {
        suite.add_property((key, value.as_str()));
    }
    suite.add_test_cases(trial.checks.iter().map(|check| case(name, trial, check)));
    if let Some(case) = unexplained(name, trial) {
        suite.add_test_case(case);
    }
    if !trial.notes.is_empty() {
        suite.set_system_out(trial.notes.join("\n"));
    }
    suite
}

fn case(suite: &str, trial: &TrialResult, check: &CheckResult) -> TestCase {
    // CI services merge cases of one name, and a latency check may stand there once for each percentile.
    let alone = trial.checks.iter().filter(|other| other.name == check.name).count() == 1;
    let name = if alone { check.name.clone() } else { format!("{} {}", check.name, check.limit) };
    let status = match tracked(check) {
        Some(known) => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_type("known").set_message(known).set_description(check.why.as_str());
            skipped
        }
        None => status(check.verdict, &check.observed, &check.why),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(suite);
    case.set_system_out(format!("limit: {}\nobserved: {}\n{}", check.limit, check.observed, check.why));
    case
}

/// What is to be done about failures that are known, beside the cases that they skip: none of it fails anything.
fn known(scenario: &str, known: &[KnownFailureResult]) -> Option<TestSuite> {
    let name = format!("{scenario}: known failures");
    let told = known.iter().filter(|known| known.standing != KnownStanding::Excused);
    let cases = told.map(|known| {
        let mut case = TestCase::new(known.entry.about(), TestCaseStatus::success());
        case.set_classname(name.as_str());
        case.set_system_out(known.words.as_str());
        case
    });
    let cases: Vec<TestCase> = cases.collect();
    let mut suite = TestSuite::new(name.as_str());
    suite.add_test_cases(cases);
    (!suite.test_cases.is_empty()).then_some(suite)
}

pub(super) fn status(verdict: Verdict, message: &str, why: &str) -> TestCaseStatus {
    let kind = match verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Unknown => NonSuccessKind::Error,
        Verdict::Fail => NonSuccessKind::Failure,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(verdict.word()).set_message(message).set_description(why);
    status
}

/// A verdict that no check explains must not look like a pass.
fn unexplained(suite: &str, trial: &TrialResult) -> Option<TestCase> {
    let explained = trial.checks.iter().any(|check| check.verdict >= trial.verdict);
    let why =
        if trial.checks.is_empty() { "no check was made" } else { "the trial's verdict is worse than any check's" };
    let verdict = if trial.checks.is_empty() { trial.verdict.max(Verdict::Unknown) } else { trial.verdict };
    if explained {
        return None;
    }
    let mut case = TestCase::new("verdict", status(verdict, why, &trial.notes.join("\n")));
    case.set_classname(suite);
    Some(case)
}

/// A trial that was planned and is not there must not look like a pass.
fn not_judged(scenario: &str, missing: &MissingTrial) -> TestSuite {
    let name = format!("{scenario}: {}", missing.trial);
    let mut suite = TestSuite::new(&name);
    let mut case = TestCase::new("verdict", status(Verdict::Unknown, "the trial was not judged", &missing.why));
    case.set_classname(name);
    suite.add_test_case(case);
    suite
}

fn nothing_was_tried(scenario: &str, verdict: Verdict) -> TestSuite {
    let mut suite = TestSuite::new(scenario);
    let mut case = TestCase::new("verdict", status(verdict.max(Verdict::Unknown), "no trial was judged", ""));
    case.set_classname(scenario);
    suite.add_test_case(case);
    suite
}
