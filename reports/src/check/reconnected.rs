//! **reconnected**: after a fault's heal, a client that was touched by it was not back within the limit, or one of its
//! attempts came earlier or later than the backoff that it declares. Asked only where the scenario sets a limit.
//! `measure/reconnect.rs` defines *touched* and *back*, `measure/envelope.rs` what a backoff allows.
//!
//! The memory broker has no connections; of it nothing is demanded.
//! Unknown: the scenario has no fault; a fault was not confirmed or did not show; a client was not back when the trial,
//! the load (for producers) or the quiet before the next fault ended, and that was before the limit; rows of connections
//! are missing; a system with connections recorded none; anything that concerns every check.

use super::answer::Answer;
use super::doubt;
use super::evidence::Evidence;
use crate::measure::reconnect::Return;
use crate::measure::{FaultMeasures, Table};
use crate::result::{Attempt, CheckResult};
use crate::units::Nanos;

/// Its name.
pub const NAME: &str = "reconnected";

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let Some(limit) = evidence.facts.limits.reconnected else { return Vec::new() };
    let mut answer = Answer {
        limit: format!("≤ {limit}"),
        observed: "—".into(),
        doubts: doubt::standing(evidence, &[Table::Connections]),
        ..Answer::default()
    };
    if evidence.measures.faults.is_empty() {
        answer.doubts.push("the scenario has no fault, so there is nothing to return from".into());
    } else if evidence.measures.connection_rows == 0 && evidence.facts.system.broker == "memory" {
        answer.held = "the memory broker has no connections, so no return is demanded".into();
    } else {
        returns(evidence, limit, &mut answer);
    }
    vec![answer.settle(NAME)]
}

fn returns(evidence: &Evidence<'_>, limit: Nanos, answer: &mut Answer) {
    if evidence.measures.connection_rows == 0 {
        answer.doubts.push("no client recorded a connection".into());
    }
    // Of a fault that may not have been, no return can be measured.
    let artefact = doubt::faults(evidence).into_iter().next();
    let incomplete = artefact.clone().or(doubt::cut(evidence, &[Table::Connections])).or(doubt::ending(evidence));
    let mut slowest: Option<(Nanos, String)> = None;
    let mut away = Vec::new();
    for fault in &evidence.measures.faults {
        for client in fault.returns.iter().filter(|client| client.awaited) {
            let name = format!("{}, {}", client.client, fault.window.plan.name);
            match client.back {
                Some(back) => slowest = slowest.max(Some((back, name.clone()))),
                None => away.push(name.clone()),
            }
            match client.back {
                Some(back) if back > limit => {
                    answer.break_unless(artefact.clone(), format!("{name}: back {back} after the heal, limit {limit}"));
                }
                Some(_) => {}
                None => missing(client, &name, limit, incomplete.clone(), answer),
            }
            breaches(fault, client, &name, incomplete.clone(), answer);
        }
    }
    answer.observed = match (&slowest, away.is_empty()) {
        (_, false) => format!("never ({})", away.join("; ")),
        (Some((back, name)), true) => format!("{back} ({name})"),
        (None, true) => "no client lost a connection".into(),
    };
    answer.held = slowest.map_or_else(
        || "no client lost a connection".into(),
        |(back, name)| format!("every client was back, the last {back} after the heal ({name})"),
    );
}

fn missing(client: &Return, name: &str, limit: Nanos, incomplete: Option<String>, answer: &mut Answer) {
    let down = match client.still_down.as_slice() {
        [] => String::new(),
        peers => format!(", still down: {}", peers.join(", ")),
    };
    let what = format!("{name}: not back {} after the heal{down}", client.watched);
    let early = (client.watched < limit).then(|| format!("it was watched for less than the limit of {limit}"));
    answer.break_unless(incomplete.or(early), what);
}

fn breaches(fault: &FaultMeasures, client: &Return, name: &str, incomplete: Option<String>, answer: &mut Answer) {
    let outside: Vec<_> = client.reconnect.attempts.iter().filter(|attempt| !attempt.within).collect();
    let Some(first) = outside.first() else { return };
    let count = outside.len();
    let what = format!("{name}: {count} attempts outside the declared backoff, the first {}", attempt(fault, first));
    answer.break_unless(incomplete, what);
}

fn attempt(fault: &FaultMeasures, attempt: &Attempt) -> String {
    let waited = attempt.wait_ns.unwrap_or_default();
    let (earliest, latest) = attempt.allowed_ns.unwrap_or_default();
    let (peer, name) = (&attempt.peer, &fault.window.plan.name);
    format!("to {peer} {} after {name} began, having waited {waited}; {earliest} to {latest} are declared", attempt.at_ns)
}
