//! From a run's folder to its result: the one entry point for `run`, `judge` and `report`.
//!
//! Pure: the same folder gives the same result, to the byte.

use crate::check::{Evidence, doubt, judge_all};
use crate::facts::{RunFacts, TrialFacts};
use crate::fingerprint::fingerprint;
use crate::history::{HistoryError, Trial};
use crate::known;
use crate::measure::{FaultMeasures, History, MeasureError, Measures, cores, rewriting, warming};
use crate::result::{
    CheckResult, MissingTrial, NodeResult, RESULT_SCHEMA, Reasons, RunResult, ScenarioSummary, TrialResult, Verdict,
};
use crate::series::TrialSeries;
use crate::uncertainty::intervals;
use crate::units::Nanos;
use crate::warned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A judged run: what is written to `result.json`, and what the charts draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The result.
    pub result: RunResult,
    /// One for each trial, in the same order.
    pub series: Vec<TrialSeries>,
}

/// A judged trial.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedTrial {
    /// Its part of the result.
    pub result: TrialResult,
    /// Its series.
    pub series: TrialSeries,
}

/// Why a run or a trial could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The folder could not be listed.
    #[error("cannot list {}: {source}", dir.display())]
    List {
        /// Which.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No folder in it holds a trial.
    #[error("{} holds no trial: no folder in it has a trial.json; name a run's folder, as `harness run` prints it", dir.display())]
    NoTrials {
        /// Which.
        dir: PathBuf,
    },
    /// A trial could not be opened.
    #[error("cannot read the trial in {}: {source}", dir.display())]
    Open {
        /// Which.
        dir: PathBuf,
        /// Why.
        source: Box<HistoryError>,
    },
    /// A trial could not be measured.
    #[error("cannot measure the trial in {}: {source}", dir.display())]
    Measure {
        /// Which.
        dir: PathBuf,
        /// Why.
        source: MeasureError,
    },
}

/// Judges all trials of a run: every folder of the run's that holds a `trial.json`, in the order in which their load
/// began. A trial that was planned and is not there, or that cannot be read, could have been the one that failed: it is
/// named, and the run's verdict is at least unknown.
///
/// # Errors
/// Where the folder cannot be listed, or holds no trial that can be read.
pub fn judge_run(run_dir: &Path) -> Result<Judged, JudgeError> {
    let mut trials = Vec::new();
    let mut unread = Vec::new();
    for dir in trial_folders(run_dir)? {
        match open(&dir) {
            Ok(trial) => trials.push((start_of(trial.facts()), dir, trial)),
            Err(why) => unread.push((dir, why)),
        }
    }
    trials.sort_by(|left, right| (left.0, &left.1).cmp(&(right.0, &right.1)));
    let Some((_, _, first)) = trials.first() else {
        let why = unread.into_iter().next().map(|(_, why)| why);
        return Err(why.unwrap_or_else(|| JudgeError::NoTrials { dir: run_dir.to_owned() }));
    };
    let (scenario, run) = (summary(first.facts()), first.facts().run.clone());
    let mut results = Vec::new();
    let mut series = Vec::new();
    for (_, dir, trial) in &trials {
        match judge_opened(trial, dir) {
            Ok(judged) => {
                results.push(judged.result);
                series.push(judged.series);
            }
            Err(why) if trials.len() == 1 => return Err(why),
            Err(why) => unread.push((dir.clone(), why)),
        }
    }
    let missing = missing(&run, &results, &unread);
    let open = (!missing.is_empty()).then_some(Verdict::Unknown);
    let verdict = Verdict::worst(results.iter().map(|trial| trial.verdict).chain(open));
    let result = RunResult {
        schema: RESULT_SCHEMA.to_owned(),
        scenario,
        fingerprint: fingerprint(&run, &results),
        known: known::standings(&run, &results, missing.is_empty()),
        run,
        verdict,
        trials: results,
        missing,
    };
    Ok(Judged { result, series })
}

/// Judges the trial in a folder that holds `trial.json` and `history/`.
///
/// # Errors
/// Where it cannot be read. Missing and cut files of the history are no error but a reason for `unknown`.
pub fn judge_trial(dir: &Path) -> Result<JudgedTrial, JudgeError> {
    judge_opened(&open(dir)?, dir)
}

/// Judges a history from wherever it comes. `folder`: what the result is to call its place.
///
/// # Errors
/// Where it cannot be measured.
pub fn judge_history(history: &impl History, folder: &str) -> Result<JudgedTrial, MeasureError> {
    let facts = history.facts();
    let measures = Measures::of(history)?;
    let evidence = Evidence { facts, measures: &measures };
    let mut checks = judge_all(&evidence);
    warned::explain(&mut checks, &facts.system.name, &facts.run.scenario.warnings);
    known::mark(&mut checks, &facts.system.name, &facts.run);
    let doubts = doubt::of_figures(&evidence);
    let result = TrialResult {
        system: facts.system.name.clone(),
        broker: facts.system.broker.clone(),
        client: facts.system.client.clone(),
        path: facts.system.path,
        repeat: facts.repeat,
        folder: folder.to_owned(),
        verdict: Verdict::worst(checks.iter().map(CheckResult::counts_as)),
        has_consumers: facts.has_consumers(),
        versions: facts.system.versions.clone(),
        fairness: facts.system.fairness.clone(),
        counts: measures.counts(),
        log: measures.log.counts.clone(),
        reasons: Reasons {
            failed: measures.refused.failed.clone(),
            indeterminate: measures.refused.indeterminate.clone(),
        },
        latency_ns: measures.latency,
        rates: measures.rates,
        warm_up: Some(measures.warm_up.clone()),
        intervals: BTreeMap::new(),
        phases: measures.phases.clone(),
        generator: measures.generator,
        faults: measures.fault_results(facts),
        clients: measures.client_results(),
        recovery: measures.recovery(facts),
        resources: measures.resources.clone(),
        network: measures.network,
        pool: measures.pool,
        retries: measures.retries,
        nodes: measures.node_results(),
        checks,
        notes: notes(facts, &measures),
        yardstick: facts.end.as_ref().and_then(|end| end.yardstick),
        doubts,
    };
    Ok(JudgedTrial { result, series: measures.series })
}

/// Trials that were planned, or have a folder, and are not among the results.
fn missing(run: &RunFacts, results: &[TrialResult], unread: &[(PathBuf, JudgeError)]) -> Vec<MissingTrial> {
    let folder = |dir: &Path| dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let unreadable = |dir: &PathBuf, why: &JudgeError| MissingTrial { trial: folder(dir), why: why.to_string() };
    let mut missing: Vec<_> = unread.iter().map(|(dir, why)| unreadable(dir, why)).collect();
    for planned in &run.planned {
        let judged = results.iter().any(|trial| trial.system == planned.system && trial.repeat == planned.repeat);
        let named = format!("{}-{}", planned.system, planned.repeat);
        if !judged && !missing.iter().any(|other| other.trial == named) {
            missing.push(MissingTrial {
                trial: named,
                why: "the run set out to do it, and there is no trial.json of it: it was not begun, or is lost"
                    .to_owned(),
            });
        }
    }
    missing
}

fn judge_opened(trial: &Trial, dir: &Path) -> Result<JudgedTrial, JudgeError> {
    let folder = dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut judged =
        judge_history(trial, &folder).map_err(|source| JudgeError::Measure { dir: dir.to_owned(), source })?;
    judged.result.intervals = intervals(&judged.result, &judged.series);
    Ok(judged)
}

fn open(dir: &Path) -> Result<Trial, JudgeError> {
    Trial::open(dir).map_err(|source| JudgeError::Open { dir: dir.to_owned(), source: Box::new(source) })
}

fn trial_folders(run_dir: &Path) -> Result<Vec<PathBuf>, JudgeError> {
    let failed = |source| JudgeError::List { dir: run_dir.to_owned(), source };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(run_dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join("trial.json").is_file() {
            folders.push(path);
        }
    }
    Ok(folders)
}

fn start_of(facts: &TrialFacts) -> Nanos {
    facts.phases.iter().map(|phase| phase.from).min().unwrap_or_default()
}

fn summary(facts: &TrialFacts) -> ScenarioSummary {
    ScenarioSummary { name: facts.scenario.clone(), title: facts.title.clone(), workload: facts.workload.clone() }
}

/// What a reader must know beside the verdicts.
fn notes(facts: &TrialFacts, measures: &Measures) -> Vec<String> {
    let nodes = measures.node_results().into_iter().filter(NodeResult::ended_by_itself);
    let mut notes: Vec<_> = nodes
        .map(|node| {
            let words = node.words.as_ref().map_or_else(String::new, |words| format!("; {words}"));
            format!("{}{words}", node.sentence())
        })
        .collect();
    notes.extend(measures.truncations.iter().map(|cut| format!("incomplete history: {}", cut.what)));
    match &facts.end {
        None => notes.push("the trial has no end: the harness was killed".to_owned()),
        Some(end) => {
            if end.interrupted {
                notes.push("the trial was interrupted".to_owned());
            }
            if !end.drained {
                notes.push("the trial was not drained: when it ended, something was still unsettled, or nobody was left to consume".to_owned());
            }
            notes.extend(merged(&end.troubles));
            let load = measures.timeline.load.length();
            notes.extend(end.cores.as_ref().and_then(|cores| cores::note(cores, &measures.resources, load)));
        }
    }
    if let Some(why) = measures.log.counts.as_ref().and_then(|log| log.why.as_ref()) {
        notes.push(format!("the broker's log was not read whole: {why}"));
    }
    notes.extend(held_up(facts, measures));
    notes.extend(warming::note(&measures.warm_up, facts.system.slow_at_first.as_deref()));
    notes.extend(rewriting::note(measures.rewrites));
    if measures.late_events > 0 {
        notes.push(format!("{} rows stand too far out of the order of time", measures.late_events));
    }
    notes.extend(measures.faults.iter().flat_map(after_fault));
    notes
}

/// What was sent late because the system had not answered enough of what was under way.
fn held_up(facts: &TrialFacts, measures: &Measures) -> Option<String> {
    let generator = &measures.generator;
    generator.own_lag_ns?;
    let places = facts.workload.in_flight?;
    let (all, own) = (Nanos(generator.lag_ns.p99), Nanos(generator.lag().p99));
    Some(format!(
        "sends began late, by {all} at the p99, {own} of a generator that has free places: {places} of a producer (`in-flight`) were \
         under way already. Response times include the wait; raise workload.in-flight to put more on the system"
    ))
}

/// What several workers said in the same words stands there once, with all their names.
fn merged(troubles: &[String]) -> Vec<String> {
    let mut said: Vec<(Vec<&str>, &str)> = Vec::new();
    for trouble in troubles {
        let (who, words) = match trouble.split_once(": ") {
            Some((who, words)) if who.starts_with("producer-") || who.starts_with("consumer-") => (who, words),
            _ => ("", trouble.as_str()),
        };
        match said.iter_mut().find(|(names, other)| *other == words && !names.is_empty() && !who.is_empty()) {
            Some((names, _)) => names.push(who),
            None if who.is_empty() => said.push((Vec::new(), words)),
            None => said.push((vec![who], words)),
        }
    }
    let each = said.into_iter().map(|(names, words)| {
        if names.is_empty() { words.to_owned() } else { format!("{}: {words}", names.join(", ")) }
    });
    each.collect()
}

/// What a reader must know of the clients after one fault.
fn after_fault(fault: &FaultMeasures) -> Vec<String> {
    let name = &fault.window.plan.name;
    let mut notes = Vec::new();
    let mut cut_short: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for client in &fault.returns {
        if !client.still_down.is_empty() {
            let counted = match (&client.back, client.reconnect.never_returned) {
                (Some(_), _) => "; it works without, so it counts as back",
                (None, true) => "",
                (None, false) => "; no return was awaited",
            };
            notes.push(format!(
                "{} did not reopen {} after {name}{counted}",
                client.client,
                client.still_down.join(", ")
            ));
        }
        if let Some(why) = &client.reconnect.cut_short {
            cut_short.entry(why).or_default().push(&client.client);
        }
    }
    let next = fault.returns.iter().find_map(|client| client.cut_short_by.as_deref()).unwrap_or_default();
    notes.extend(cut_short.into_iter().map(|(why, clients)| {
        let who = clients.join(", ");
        format!("{name}: {why}, and {who} had not come back; that return is counted from the heal of {next}")
    }));
    if !fault.strangers.is_empty() {
        let who = fault.strangers.join(", ");
        notes.push(format!(
            "{who} lost a connection during {name}, which was done to {} only",
            fault.window.plan.clients.join(", ")
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_workers_said_stands_there_once() {
        let said =
            ["consumer-0: NOGROUP: gone", "the load was stopped", "consumer-1: NOGROUP: gone", "consumer-1: other"];
        let merged = merged(&said.map(str::to_owned));
        assert_eq!(merged, ["consumer-0, consumer-1: NOGROUP: gone", "the load was stopped", "consumer-1: other"]);
    }
}
