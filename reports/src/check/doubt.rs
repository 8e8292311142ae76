//! Doubts: what keeps a history from proving that something held. Never a reason to pass, only one not to.

use super::evidence::Evidence;
use crate::facts::{FaultFacts, Path};
use crate::measure::Table;
use crate::plural::plural;
use crate::result::{Doubts, NodeResult};

/// The check of what is left at the end: where damage is expected of it, a trial is not drained.
const LEFT: &str = "unrecovered";

/// The doubts that concern every check: how the trial ended, whether its faults were real, whether there was any load,
/// and whether these tables are whole.
pub fn standing(evidence: &Evidence<'_>, tables: &[Table]) -> Vec<String> {
    let all = [ending(evidence), load(evidence), cut(evidence, tables), breaches(evidence, tables)];
    all.into_iter().flatten().chain(faults(evidence)).collect()
}

/// The doubts that concern the trial's figures, also where no check asks for them.
pub fn of_figures(evidence: &Evidence<'_>) -> Doubts {
    let speed = [saturated(evidence), unsent(evidence), nodes(evidence)];
    let messages = [unrecorded(evidence), undrained(evidence), disordered(evidence)];
    let all = |own: [Option<String>; 3], tables: &[Table]| own.into_iter().flatten().chain(standing(evidence, tables));
    Doubts {
        speed: all(speed, &[Table::Sends, Table::Deliveries, Table::Connections, Table::Resources]).collect(),
        messages: all(messages, &[Table::Sends, Table::Deliveries]).collect(),
    }
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
            format!("{} of {}: {}, first at {first}", plural(breach.rows, "row"), breach.table.name(), breach.what)
        })
        .collect();
    (!each.is_empty()).then(|| format!("the history breaks its own contract ({})", each.join("; ")))
}

/// Sends that the schedule held and that nobody recorded: begun and never settled, or never begun.
pub fn unsent(evidence: &Evidence<'_>) -> Option<String> {
    let (planned, account) = (evidence.facts.workload.offered, &evidence.measures.account);
    // Rows that are too many do not make up for those that are missing.
    let missing = planned.saturating_sub(account.counts.offered).max(account.skipped);
    (missing > 0).then(|| format!("{missing} of the schedule's {planned} sends are not in the history"))
}

/// As [`unsent`], where some of these sends may have been begun all the same: where every file of sends is whole and skips no
/// number, none was.
pub fn unrecorded(evidence: &Evidence<'_>) -> Option<String> {
    let mut files = evidence.facts.files.iter().filter(|file| file.table == Table::Sends.name()).peekable();
    let whole = files.peek().is_some() && files.all(|file| file.end.is_some());
    unsent(evidence).filter(|_| !whole || evidence.measures.account.skipped > 0)
}

/// Where nobody consumes, the log is all that there is, and it was not read to its end.
pub fn unread(evidence: &Evidence<'_>) -> Option<String> {
    let log = evidence.measures.log.counted();
    (!evidence.facts.has_consumers() && !log.complete).then(|| {
        let why = log.why.map_or_else(String::new, |why| format!(": {why}"));
        format!("nobody consumed, and the broker's log was not read to its end{why}")
    })
}

/// Deliveries may still come: the trial was not drained, and the broker does not say that nothing is left. Where the scenario
/// expects that something stays unrecovered, that the group has had all that there is says so too: what it left pending is the
/// damage, has been handed out before, and brings no other message, position or settlement.
pub fn undrained(evidence: &Evidence<'_>) -> Option<String> {
    let broker = &evidence.measures.broker;
    let exhausted = broker.complete() && broker.partitions.keys().all(|partition| broker.exhausted(*partition));
    let expected = evidence.facts.limits.damage.contains_key(LEFT);
    let left = expected && broker.complete() && broker.lag() == Some(0);
    let why = if deserted(evidence) {
        "the trial was not drained: all consumers had left, and nobody was there to take what was still to come"
    } else {
        "the trial was not drained, so more may still come"
    };
    (!drained(evidence) && !exhausted && !left).then(|| why.into())
}

/// The workers say that everything was accounted for.
pub fn drained(evidence: &Evidence<'_>) -> bool {
    evidence.facts.end.as_ref().is_some_and(|end| end.drained && !end.interrupted)
}

/// All consumers had left for good: what the broker still held was for nobody.
pub fn deserted(evidence: &Evidence<'_>) -> bool {
    evidence.facts.end.as_ref().is_some_and(|end| end.deserted)
}

/// A fault that may not have happened: then the answer is to another question.
pub fn faults(evidence: &Evidence<'_>) -> Vec<String> {
    let strays = evidence.measures.timeline.strays.iter();
    let strays: Vec<_> = strays
        .map(|name| format!("a row of faults that is not in the plan, or a second one, tells of {name}"))
        .collect();
    if evidence.facts.faults.is_empty() {
        return strays;
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
        if let Some(why) = fault.window.contradiction() {
            return Some(format!("the fault {name} was not the one that was planned: {why}"));
        }
        (!fault.seen.seen).then(|| format!("the fault {name} did not show its effect ({})", fault.seen.what))
    });
    let untaken = evidence.facts.faults.iter().filter_map(|fault| untaken(fault, evidence));
    strays.into_iter().chain(each).chain(unproxied(evidence)).chain(untaken).collect()
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
    let groups = fault.alternatives.iter().chain(std::iter::once(&fault.some_of).filter(|group| !group.is_empty()));
    if let Some(group) = groups.into_iter().find(|group| !group.iter().any(|path| is_taken(&path))) {
        let paths = group.join(", ");
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
    let (lag, limit) = (crate::units::Nanos(generator.lag().p99), generator.limit_ns);
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

#[cfg(test)]
mod tests {
    use super::super::trial::expect;
    use crate::measure::{Rows, sample};
    use crate::result::Verdict;
    use crate::units::{ConsumerId, Nanos, Partition, ProducerId, Sequence};

    /// The same history with one thing changed that no history can have.
    fn but(mut rows: Rows, change: impl FnOnce(&mut Rows)) -> Rows {
        change(&mut rows);
        rows
    }

    #[test]
    fn rows_that_no_trial_can_have_are_told_and_nothing_passes_by_them() {
        type Change = fn(&mut Rows);
        let changes: [(&str, Change, &str); 11] = [
            ("lost", |rows| rows.sends[7].started.0 = rows.sends[7].intended.0 - 1, "sends begun before they were due"),
            ("lost", |rows| rows.sends[7].settled.0 = u64::MAX, "sends answered after the trial's end"),
            ("lost", |rows| rows.sends.push(rows.sends[7].clone()), "sends that another row tells of too"),
            ("lost", |rows| rows.sends[7].message.producer = ProducerId(2), "that the trial does not have"),
            ("lost", |rows| rows.sends[7].message.partition = Partition(2), "that the trial does not have"),
            ("phantom", |rows| rows.deliveries[7].received.0 -= 1_000_000_000, "received before their message was due"),
            ("phantom", |rows| rows.deliveries[7].received.0 = u64::MAX, "deliveries received after the trial's end"),
            ("phantom", |rows| rows.deliveries[7].consumer = ConsumerId(2), "deliveries to a consumer that"),
            ("resurrected", |rows| rows.settlements[7].settled.0 = u64::MAX, "settlements answered after the trial's"),
            ("resurrected", |rows| rows.settlements[7].consumer = ConsumerId(2), "settlements by a consumer that"),
            // As many rows as the schedule held, one of them far beyond its numbers.
            ("phantom", |rows| rows.sends[7].message.seq = Sequence(1_000_000), "sends are not in the history"),
        ];
        for (check, change, why) in changes {
            let rows = but(sample::healthy(), change);
            let result = super::super::trial::result(&rows);
            let answer = result.checks.iter().find(|answer| answer.name == check).unwrap();
            assert_ne!(answer.verdict, Verdict::Pass, "{why}: {answer:?}");
            assert!(result.checks.iter().any(|answer| answer.why.contains(why)), "{why}: {:#?}", result.checks);
        }
    }

    #[test]
    fn a_row_of_a_fault_that_is_not_the_planned_one_is_not_believed() {
        type Change = fn(&mut Rows);
        let changes: [(Change, &str); 6] = [
            (|rows| rows.faults[0].kind = "latency".into(), "its row tells of the kind latency, and down was planned"),
            (|rows| rows.faults[0].injected = Some(Nanos::from_secs(116)), "in an impossible order"),
            (|rows| rows.faults[0].healed = Some(Nanos::from_secs(109)), "in an impossible order"),
            (|rows| rows.faults[0].heal_requested = Some(Nanos::from_secs(114)), "healed 1.00 s before its time"),
            (|rows| rows.faults.push(rows.faults[0].clone()), "or a second one, tells of down-1"),
            (|rows| rows.faults[0].name = "down-2".into(), "not in the plan, or a second one, tells of down-2"),
        ];
        for (change, why) in changes {
            expect(&but(sample::failover(), change), "lost", Verdict::Unknown, &[why]);
        }
        let unplanned = |rows: &mut Rows| rows.faults = sample::failover().faults;
        expect(&but(sample::healthy(), unplanned), "lost", Verdict::Unknown, &["tells of down-1"]);
    }
}
