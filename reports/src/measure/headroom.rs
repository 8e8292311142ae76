//! Whether the harness had CPU time to spare: what its producers did not do for want of a core is nobody else's doing.

use super::source::{Completeness, History, Table};
use super::timeline::Span;
use crate::history::Resource;
use crate::units::Nanos;

/// Who uses so much of what it can get may have wanted more.
const FULL: f64 = 0.9;
/// How far from the load's ends the first and the last reading of a process may be.
const READ_WITHIN: Nanos = Nanos::from_secs(3);

/// Whether it is known that no producer lacked a core over the load: neither the machine was full, nor did a producer use a whole core
/// between any two readings, nor were clients kept to cores of their own, where they may have kept each other from them.
pub(super) fn producers_had_time(history: &impl History, readings: &[Resource], load: Span) -> bool {
    let facts = history.facts();
    let pinned = facts.system.fairness.iter().any(|row| row.topic == "cores" && row.setting == "clients");
    let free = facts.end.as_ref().and_then(|end| end.cores.as_ref()).is_some_and(|cores| {
        let all = cores.to.since(cores.from).as_secs_f64() * f64::from(cores.cores);
        (cores.busy.as_secs_f64() + cores.stolen.as_secs_f64()) < FULL * all
    });
    let whole = history.completeness(Table::Resources) == Completeness::Whole;
    let had_time = |number: u16| {
        let name = format!("producer-{number}");
        let of_producer: Vec<&Resource> = readings.iter().filter(|row| row.process == name).collect();
        busiest(&of_producer, load).is_some_and(|share| share < FULL)
    };
    free && whole && !pinned && (0..facts.workload.producers).all(had_time)
}

/// The largest share of a core between two readings of a process over a load. `None`: they do not cover it.
fn busiest(readings: &[&Resource], load: Span) -> Option<f64> {
    let (first, last) = (readings.first()?, readings.last()?);
    if first.at > load.from.plus(READ_WITHIN) || last.at.plus(READ_WITHIN) < load.to {
        return None;
    }
    let within = readings.windows(2).filter(|pair| pair[1].at > load.from && pair[0].at < load.to);
    let share = |pair: &[&Resource]| {
        // A counter that falls is that of a process which was started in the other's place.
        let used = if pair[1].cpu < pair[0].cpu { pair[1].cpu } else { pair[1].cpu.since(pair[0].cpu) };
        used.as_secs_f64() / pair[1].at.since(pair[0].at).as_secs_f64().max(f64::MIN_POSITIVE)
    };
    within.map(share).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::rows::Rows;
    use super::super::sample;
    use super::*;
    use crate::facts::{CoresFacts, Setting};

    const LOAD: Span = Span { from: Nanos::from_secs(100), to: Nanos::from_secs(130) };

    /// Two producers, read once a second, each with this share of a core; the machine has two, and this share of them was busy.
    fn rows(shares: [f64; 2], machine: f64) -> Rows {
        let mut rows = sample::healthy();
        let length = LOAD.length();
        rows.facts.end.as_mut().unwrap().cores = Some(CoresFacts {
            from: LOAD.from,
            to: LOAD.to,
            cores: 2,
            busy: Nanos((2.0 * machine * length.0 as f64) as u64),
            stolen: Nanos::ZERO,
            own: Nanos::ZERO,
        });
        let reading = |number: usize, share: f64, second: u64| {
            sample::has_used(&format!("producer-{number}"), Nanos::from_secs(second), share)
        };
        rows.resources = (98..132)
            .flat_map(|second| shares.into_iter().enumerate().map(move |(number, share)| (number, share, second)))
            .map(|(number, share, second)| reading(number, share, second))
            .collect();
        rows
    }

    fn had_time(rows: &Rows) -> bool {
        producers_had_time(rows, &rows.resources, LOAD)
    }

    #[test]
    fn a_producer_that_uses_a_core_and_a_machine_that_is_full_leave_no_time() {
        assert!(had_time(&rows([0.5, 0.6], 0.8)));
        assert!(!had_time(&rows([0.5, 0.95], 0.8)));
        assert!(!had_time(&rows([0.5, 0.6], 0.95)));
    }

    #[test]
    fn one_second_in_which_a_producer_used_a_core_is_enough() {
        let mut rows = rows([0.2, 0.2], 0.5);
        for row in rows.resources.iter_mut().filter(|row| row.process == "producer-1" && row.at > Nanos::from_secs(115))
        {
            row.cpu = row.cpu.plus(Nanos::from_millis(750));
        }
        assert!(!had_time(&rows));
    }

    #[test]
    fn what_is_not_known_is_no_time() {
        let known = || rows([0.5, 0.5], 0.5);
        let without = |change: fn(&mut Rows)| {
            let mut rows = known();
            change(&mut rows);
            had_time(&rows)
        };
        assert!(!without(|rows| rows.facts.end.as_mut().unwrap().cores = None));
        assert!(!without(|rows| rows.resources.retain(|row| row.process == "producer-0")));
        assert!(!without(|rows| rows.resources.retain(|row| row.at < Nanos::from_secs(120))));
        assert!(!without(|rows| rows.facts.system.fairness = Setting::of_cores(None, Some("1".to_owned()))));
    }
}
