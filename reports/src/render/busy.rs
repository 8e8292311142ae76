//! Clients that use more of the machine than sending or receiving needs: what shares the machine with them is slower for it.

use crate::result::{ResourceResult, TrialResult};
use crate::units::Nanos;

/// Well above what a client of any language needs for a message, in CPU seconds a million.
const DEAR: f64 = 50.0;
/// Of a core; below that it takes nothing from anybody that shows.
const SHARE: f64 = 0.1;

/// Which they are, if there are any.
pub(super) fn remark(trial: &TrialResult) -> Option<String> {
    let seconds = trial.rates.seconds;
    let is_busy = |process: &&ResourceResult| {
        process.role == "generator"
            && process.cpu_ns.as_secs_f64() > SHARE * seconds
            && process.cpu_s_per_million.is_some_and(|cost| cost > DEAR)
    };
    let words = |process: &ResourceResult| {
        let share = process.cpu_ns.as_secs_f64() / seconds;
        // Seconds a million are microseconds each.
        let each = Nanos((process.cpu_s_per_million.unwrap_or(0.0) * 1e3).round() as u64);
        format!("{} ({:.0} % of a core, {each} for each acknowledged message)", process.process, share * 100.0)
    };
    let busy: Vec<String> = trial.resources.iter().filter(is_busy).map(words).collect();
    (!busy.is_empty()).then(|| {
        format!(
            "much CPU time went into clients: {}. A client library that works while it waits for the broker takes this from \
             a broker on the same machine",
            super::text::listed(&busy.iter().collect::<Vec<_>>())
        )
    })
}
