//! Figures that hold a proxy's delay for nothing.

use crate::facts::Path;
use crate::result::TrialResult;

/// A proxy's role among the processes. A broker that is in the same process as its clients has none, whatever its path is called.
const PROXY: &str = "proxy";

/// Of which trials, if of any: no fault was to be injected, and nothing of the same kind was measured without the proxy.
/// `labels`: what the trials are called.
pub(super) fn remark(trials: &[TrialResult], labels: &[String]) -> Option<String> {
    let direct = |broker: &str| trials.iter().any(|trial| trial.path == Path::Direct && trial.broker == broker);
    let is_proxied = |trial: &TrialResult| trial.resources.iter().any(|process| process.role == PROXY);
    let for_nothing = |trial: &TrialResult| is_proxied(trial) && trial.faults.is_empty() && !direct(&trial.broker);
    let proxied: Vec<&String> =
        labels.iter().zip(trials).filter(|(_, trial)| for_nothing(trial)).map(|(label, _)| label).collect();
    (!proxied.is_empty()).then(|| {
        format!(
            "The connections of {} passed through Toxiproxy, and no fault was to be injected: all figures hold what the proxy costs. \
             For those of the broker alone write path = \"direct\"",
            super::text::listed(&proxied)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::judge_history;
    use crate::measure::sample;
    use crate::result::ResourceResult;

    #[test]
    fn a_proxy_without_a_fault_is_told_of_unless_there_is_the_same_without_it() {
        let mut quiet = judge_history(&sample::healthy(), "sample-1").expect("judged").result;
        let label = |trials: usize| (0..trials).map(|number| format!("redis-{number}")).collect::<Vec<_>>();
        quiet.path = Path::Proxied;
        quiet.faults.clear();
        assert_eq!(remark(std::slice::from_ref(&quiet), &label(1)), None, "there is no proxy");
        let proxy = ResourceResult { role: PROXY.to_owned(), process: "proxy".to_owned(), ..ResourceResult::default() };
        quiet.resources = vec![proxy];
        let told = remark(std::slice::from_ref(&quiet), &label(1)).expect("told");
        assert!(told.contains("redis-0") && told.contains("path = \"direct\""), "{told}");
        let mut direct = quiet.clone();
        direct.path = Path::Direct;
        direct.resources.clear();
        assert_eq!(remark(&[quiet.clone(), direct.clone()], &label(2)), None);
        assert_eq!(remark(std::slice::from_ref(&direct), &label(1)), None);
        direct.broker = "another".to_owned();
        assert!(remark(&[quiet, direct], &label(2)).is_some());
    }
}
