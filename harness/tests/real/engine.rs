//! What needs real nodes and does not get them: skipped aloud, or failed where they are required. Tests and benches decide it here.

use harness::environment::EnvironmentError;
use miette::Diagnostic;
use std::io::Write;

/// What was found for `what`. `None`: it was not there, which one line has said with the way out; with `HARNESS_REQUIRE_REAL=1` it
/// fails instead.
pub(crate) fn or_skipped<T>(what: &str, found: Result<T, EnvironmentError>) -> Option<T> {
    let error = match found {
        Ok(found) => return Some(found),
        Err(error) => error,
    };
    let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
    let why = format!("{error}{help}").split_whitespace().collect::<Vec<_>>().join(" ");
    if std::env::var("HARNESS_REQUIRE_REAL").is_ok_and(|value| value == "1") {
        panic!("HARNESS_REQUIRE_REAL=1, but {what} cannot run: {why}");
    }
    // Not `eprintln!`, which the test runner swallows while tests pass.
    let _ = writeln!(std::io::stderr(), "SKIPPED {what}: {why}; set HARNESS_REQUIRE_REAL=1 to fail instead");
    None
}
