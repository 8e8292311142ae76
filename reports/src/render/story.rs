//! What happened on each system, in a sentence or two: how long it was out, when it was back, and whether anything was lost.
//! Nothing is said here that the result does not hold, and what could not be judged is not told as if it had been.

use super::label::labels;
use super::number;
use super::text::{listed, one_line};
use crate::result::{CrashRecovery, FaultRecovery, Known, NotShown, RunResult, TrialResult, Verdict};
use crate::units::Nanos;

/// A shorter time without an answer is told by the latencies.
const OUTAGE: Nanos = Nanos::SECOND;

/// One trial in words.
pub(super) struct Story {
    /// The trial's name, with which the first sentence begins.
    pub(super) label: String,
    pub(super) verdict: Verdict,
    /// What comes after the name, with its full stops.
    pub(super) told: String,
}

/// A story for each trial, in their order.
pub(super) fn stories(result: &RunResult) -> Vec<Story> {
    let trials = labels(result).into_iter().zip(&result.trials);
    trials.map(|(label, trial)| Story { label, verdict: trial.verdict, told: told(trial) }).collect()
}

fn told(trial: &TrialResult) -> String {
    if trial.counts.offered == 0 {
        return "was sent no message, so nothing was shown.".to_owned();
    }
    if trial.counts.acknowledged == 0 {
        return format!("acknowledged none of {}.", number::of_many(trial.counts.offered, "message"));
    }
    let mut said = Said { predicates: vec![service(trial)], sentences: Vec::new() };
    said.returns(trial);
    said.losses(trial);
    if trial.doubts.messages.is_empty() {
        said.crashes(&trial.recovery.ack.crashes);
    }
    said.sentences
        .extend(trial.nodes.iter().filter(|node| node.ended_by_itself()).map(|node| one_line(&node.sentence())));
    said.into_text()
}

/// How long the longest time without an answer was; where there was none, how much was acknowledged, and how fast.
fn service(trial: &TrialResult) -> String {
    let recovery = &trial.recovery;
    if recovery.longest_gap_ns >= OUTAGE {
        let several = recovery.unavailable_ns > recovery.longest_gap_ns;
        let sum = if several { format!(" at the longest, {} in all", recovery.unavailable_ns) } else { String::new() };
        return format!("acknowledged nothing for {}{sum}", recovery.longest_gap_ns);
    }
    let response = &trial.latency_ns.response;
    if response.count == 0 || is_speed_doubtful(trial) {
        return format!("acknowledged {}", number::of_many(trial.counts.acknowledged, "message"));
    }
    let (rate, p99) = (number::rate(trial.rates.acknowledged.msg_per_s), Nanos(response.p99));
    format!("acknowledged {rate} with a p99 of {p99}")
}

/// Whether rates and latencies, and so returns to them, say little.
fn is_speed_doubtful(trial: &TrialResult) -> bool {
    trial.generator.saturated == Some(true) || !trial.doubts.speed.is_empty()
}

/// What a trial's story is made of.
struct Said {
    /// What the system did: they share its name, and become one sentence.
    predicates: Vec<String>,
    /// What has another subject.
    sentences: Vec<String>,
}

impl Said {
    fn returns(&mut self, trial: &TrialResult) {
        let unconfirmed: Vec<String> =
            trial.faults.iter().filter(|fault| !fault.confirmed).map(|fault| one_line(&fault.name)).collect();
        // From what may not have been, nobody can have returned.
        let may_not_have_been = |name: &str| trial.faults.iter().any(|fault| fault.name == name && !fault.confirmed);
        let faults: Vec<&FaultRecovery> =
            trial.recovery.faults.iter().filter(|fault| !may_not_have_been(&fault.fault)).collect();
        let slowest = faults.iter().filter_map(|fault| fault.steady_ns).max();
        let bad = |fault: &&&FaultRecovery| matches!(fault.not_shown, Some(NotShown { known: Known::Bad, .. }));
        let (back, bad) =
            (faults.iter().filter(|fault| fault.steady_ns.is_some()).count(), faults.iter().filter(bad).count());
        match (faults.as_slice(), slowest) {
            ([], _) => {}
            _ if is_speed_doubtful(trial) => {
                self.sentences.push("When it was back at full rate is doubtful".to_owned());
            }
            ([only], Some(steady)) => {
                self.predicates
                    .push(format!("was back at full rate {steady} after {} had healed", one_line(&only.fault)));
            }
            ([only], None) if bad == 1 => {
                self.predicates.push(format!("was not back at full rate after {} had healed", one_line(&only.fault)));
            }
            ([only], None) => {
                let fault = one_line(&only.fault);
                self.sentences.push(format!("Whether it was back at full rate after {fault} had healed is not shown"));
            }
            (many, _) => {
                let all = many.len();
                let latest = slowest.map_or_else(String::new, |steady| format!(", at most {steady} after the heal"));
                if back == all {
                    self.predicates.push(format!("was back at full rate after each of {all} faults{latest}"));
                } else if back > 0 {
                    self.predicates.push(format!("was back at full rate after {back} of {all} faults{latest}"));
                }
                if bad > 0 {
                    self.predicates.push(format!("was not back at full rate after {bad} of {all} faults"));
                }
                if all - back > bad {
                    let open = all - back - bad;
                    self.sentences
                        .push(format!("Whether it was back at full rate after {open} of {all} faults is not shown"));
                }
            }
        }
        if !unconfirmed.is_empty() {
            self.sentences.push(format!("Not confirmed: {}", listed(&unconfirmed)));
        }
        let never: Vec<String> = trial
            .clients
            .iter()
            .filter(|client| client.reconnects.iter().any(|reconnect| reconnect.never_returned))
            .map(|client| one_line(&client.client))
            .collect();
        if !never.is_empty() {
            self.sentences.push(format!("Not back by the end: {}", listed(&never)));
        }
    }

    /// The check says whether what is counted as lost is all that can be.
    fn losses(&mut self, trial: &TrialResult) {
        let acknowledged = number::of_many(trial.counts.acknowledged, "acknowledged message");
        let judged = trial.checks.iter().filter(|check| check.name == "lost").map(|check| check.verdict).max();
        match (trial.counts.lost, judged) {
            // A scenario may demand that something is lost; where it fails, nothing was.
            (0, Some(Verdict::Pass | Verdict::Fail)) => self.predicates.push(format!("lost nothing of {acknowledged}")),
            (0, Some(Verdict::Unknown)) => {
                self.sentences.push(format!("Whether any of {acknowledged} was lost is not known"));
            }
            (0, None) => self.sentences.push(format!("Whether any of {acknowledged} was lost was not asked")),
            (lost, Some(Verdict::Unknown) | None) => {
                self.sentences.push(format!("{} of {acknowledged} may be lost", number::count(lost)));
            }
            (lost, _) => self.predicates.push(format!("lost {} of {acknowledged}", number::count(lost))),
        }
    }

    fn crashes(&mut self, crashes: &[CrashRecovery]) {
        let held: u64 = crashes.iter().map(|crash| crash.held).sum();
        let left: u64 = crashes.iter().map(|crash| crash.left).sum();
        if held == 0 {
            return;
        }
        let had = format!("Of {} that crashed consumers had in hand", number::of_many(held, "message"));
        let latest = crashes.iter().filter(|crash| crash.held > 0).map(|crash| crash.recovered_ns).max().flatten();
        self.sentences.push(match (left, latest) {
            (0, Some(latest)) => format!("{had}, all were recovered, the last {latest} after the crash"),
            (0, None) => format!("{had}, none was left"),
            _ => format!("{had}, {} were never recovered", number::count(left)),
        });
    }

    fn into_text(self) -> String {
        let mut text = listed(&self.predicates) + ".";
        for sentence in self.sentences {
            text.push_str(&format!(" {sentence}."));
        }
        text
    }
}
