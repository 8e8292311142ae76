//! `junit.xml` of a night: the suites of every run, and one of the night's own.

use super::words::{compared, sign};
use crate::night::{Night, NightScenario};
use crate::render::junit::{status, suites};
use crate::render::renderer::RenderError;
use crate::result::{RunResult, Verdict};
use quick_junit::{Report, TestCase, TestCaseStatus, TestSuite};

/// The night as JUnit. `results`: those of the runs that were judged.
///
/// # Errors
///
/// When the format's own library refuses.
pub fn junit(night: &Night, results: &[RunResult]) -> Result<String, RenderError> {
    let mut report = Report::new("harness nightly");
    let mut own = TestSuite::new("nightly");
    own.add_test_cases(night.scenarios.iter().map(case));
    report.add_test_suite(own);
    report.add_test_suites(results.iter().flat_map(suites));
    report.to_string().map_err(|why| RenderError::format("junit.xml", &why))
}

fn case(scenario: &NightScenario) -> TestCase {
    let words = format!("{}\n{}", scenario.why, compared(scenario));
    let status = match scenario.answer() {
        Verdict::Pass => TestCaseStatus::success(),
        verdict => status(verdict, sign(scenario).word, &words),
    };
    let mut case = TestCase::new(scenario.name.as_str(), status);
    case.set_classname("nightly");
    case.set_system_out(words);
    case
}
