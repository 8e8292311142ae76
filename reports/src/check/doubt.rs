//! Doubts: what keeps a history from proving that something held. Never a reason to pass, only one not to.

use super::evidence::Evidence;
use crate::facts::{FaultFacts, Path};
use crate::measure::Table;
use crate::result::NodeResult;

/// The check of what is left at the end: where damage is expected of it, a trial is not drained.
const LEFT: &str = "unrecovered";

/// The doubts that concern every check: how the trial ended, whether its faults were real, whether there was any load,
/// and whether these tables are whole.
pub fn standing(evidence: &Evidence<'_>, tables: &[Table]) -> Vec<String> {
    let all = [ending(evidence), load(evidence), cut(evidence, tables), breaches(evidence, tables)];
    all.into_iter().flatten().chain(faults(evidence)).collect()
}

/// Nobody said how the trial ended, it was interrupted, or it was not the one that the scenario describes.
pub fn ending(evidence: &Evidence<'_>) -> Option<String> {
    match &evidence.facts.end {
        None => Some("nobody lived to say how the trial ended: the harness was killed, or is still running".into()),
        Some(end) if end.interrupted => Some("the trial was interrupted".into()),
        Some(end) if !end.unplanned.is_empty() => Some(end.unplanned.join("; ")),
        Some(_) => None,
    }
}

/// There is no message to judge by.
pub fn load(evidence: &Evidence<'_>) -> Option<String> {
    let offered = evidence.measures.rates.offered.msg_per_s;
    (offered <= 0.0).then(|| "no message was to be sent in the load phase".into())
}

/// Rows are missing from one of these tables.
pub fn cut(evidence: &Evidence<'_>, tables: &[Table]) -> Option<String> {
    let concerns = |table: Option<Table>| table.is_none_or(|table| tables.contains(&table));
    let files: Vec<_> = (evidence.measures.truncations.iter())
        .filter(|truncation| concerns(truncation.table))
        .map(|truncation| truncation.what.as_str())
        .collect();
    (!files.is_empty()).then(|| format!("the history is cut ({})", files.join("; ")))
}

/// Rows of one of these tables say what no row can say.
pub fn breaches(evidence: &Evidence<'_>, tables: &[Table]) -> Option<String> {
    let breaches = evidence.measures.account.breaches.iter().filter(|breach| tables.contains(&breach.table));
    let each: Vec<_> = breaches
        .map(|breach| {
            let first = evidence.instant(breach.first);
            format!("{} rows of {}: {}, first at {first}", breach.rows, breach.table.name(), breach.what)
        })
        .collect();
    (!each.is_empty()).then(|| format!("the history breaks its own contract ({})", each.join("; ")))
}

/// Sends that the schedule held and that nobody recorded: begun and never settled, or never begun.
pub fn unsent(evidence: &Evidence<'_>) -> Option<String> {
    let (planned, seen) = (evidence.facts.workload.offered, evidence.measures.account.counts.offered);
    (seen < planned).then(|| format!("{} of the schedule's {planned} sends are not in the history", planned - seen))
}

/// As [`unsent`], where some of these sends may have been begun all the same: where every file of sends is whole, none was.
pub fn unrecorded(evidence: &Evidence<'_>) -> Option<String> {
    let mut files = evidence.facts.files.iter().filter(|file| file.table == Table::Sends.name()).peekable();
    let whole = files.peek().is_some() && files.all(|file| file.end.is_some());
    unsent(evidence).filter(|_| !whole)
}

/// Deliveries may still come: the trial was not drained, and the broker does not say that nothing is left. Where the scenario
/// expects that something stays unrecovered, that the group has had all that there is says so too: what it left pending is the
/// damage, has been handed out before, and brings no other message, position or settlement.
pub fn undrained(evidence: &Evidence<'_>) -> Option<String> {
    let broker = &evidence.measures.broker;
    let exhausted = broker.complete() && broker.partitions.keys().all(|partition| broker.exhausted(*partition));
    let expected = evidence.facts.limits.damage.contains_key(LEFT);
    let left = expected && broker.complete() && broker.lag() == Some(0);
    (!drained(evidence) && !exhausted && !left).then(|| "the trial was not drained, so more may still come".into())
}

/// The workers say that everything was accounted for.
pub fn drained(evidence: &Evidence<'_>) -> bool {
    evidence.facts.end.as_ref().is_some_and(|end| end.drained && !end.interrupted)
}

/// A fault that may not have happened: then the answer is to another question.
pub fn faults(evidence: &Evidence<'_>) -> Vec<String> {
    if evidence.facts.faults.is_empty() {
        return Vec::new();
    }
    let each = evidence.measures.faults.iter().filter_map(|fault| {
        let name = &fault.window.plan.name;
        if !fault.window.confirmed() {
            if let Some(why) = evidence.facts.end.as_ref().and_then(|end| end.untriggered.get(name)) {
                return Some(format!("the fault {name} was not injected: {why}"));
            }
            let read = fault.window.row.as_ref().map_or("nothing was recorded", |row| row.evidence.as_str());
            return Some(format!("the fault {name} was not confirmed ({read})"));
        }
        (!fault.seen.seen).then(|| format!("the fault {name} did not show its effect ({})", fault.seen.what))
    });
    let untaken = evidence.facts.faults.iter().filter_map(|fault| untaken(fault, evidence));
    each.chain(unproxied(evidence)).chain(untaken).collect()
}

/// A fault on a path that nothing took. What is in the messages themselves needs no path.
fn unproxied(evidence: &Evidence<'_>) -> Option<String> {
    if evidence.facts.faults.iter().all(|fault| fault.poison.is_some()) {
        return None;
    }
    let bytes = evidence.facts.end.as_ref().and_then(|end| end.proxied_bytes);
    match (evidence.facts.system.path, bytes) {
        (Path::Direct, _) | (Path::Proxied, Some(1..)) => None,
        (Path::Proxied, Some(0)) => Some("not a byte passed the proxy, so its faults met nobody".into()),
        (Path::Proxied, None) => Some("the proxy did not say that any byte passed it".into()),
    }
}

/// A fault of which some path that must be taken was taken by nobody, as far as is known.
fn untaken(fault: &FaultFacts, evidence: &Evidence<'_>) -> Option<String> {
    let passed = evidence.facts.end.as_ref().map(|end| end.paths.as_slice()).unwrap_or_default();
    let bytes = |name: &String| passed.iter().find(|path| path.name == *name).and_then(|path| path.bytes);
    let is_taken = |path: &&String| matches!(bytes(path), Some(1..));
    if !fault.some_of.is_empty() && !fault.some_of.iter().any(|path| is_taken(&path)) {
        let paths = fault.some_of.join(", ");
        return Some(format!(
            "no byte is known to have passed any of the paths {paths}, so the fault {} may have met nobody",
            fault.name
        ));
    }
    let path = fault.paths.iter().find(|path| !is_taken(path))?;
    let what = if bytes(path).is_some() { "not a byte passed" } else { "nobody knows whether a byte passed" };
    Some(format!("{what} the path {path}, so the fault {} may have met nobody", fault.name))
}

/// The load generator did not keep its schedule, or nothing tells whether it did.
pub fn saturated(evidence: &Evidence<'_>) -> Option<String> {
    let generator = &evidence.measures.generator;
    let (lag, limit) = (crate::units::Nanos(generator.lag_ns.p99), generator.limit_ns);
    match generator.saturated {
        Some(false) => None,
        Some(true) => Some(format!("the load generator was saturated: p99 of its lag {lag}, limit {limit}")),
        None => Some(
            "whether the load generator kept up is unknown: faults, and the return from them, took the whole load"
                .into(),
        ),
    }
}

/// A node ended though nobody asked for it: then speed and return were not those of the trial that was asked for.
pub fn nodes(evidence: &Evidence<'_>) -> Option<String> {
    let ended = evidence.measures.node_results().into_iter().filter(NodeResult::ended_by_itself);
    let each: Vec<_> = ended.map(|node| node.sentence()).collect();
    (!each.is_empty()).then(|| each.join("; "))
}

/// The order of time is not certain.
pub fn disordered(evidence: &Evidence<'_>) -> Option<String> {
    let late = evidence.measures.late_events;
    (late > 0).then(|| format!("{late} rows of the history stand too far out of the order of time"))
}
