//! Resources: what each process used over the load phase.

use super::soak::Soak;
use super::timeline::Span;
use crate::history::Resource;
use crate::result::ResourceResult;
use crate::units::Nanos;
use std::collections::BTreeMap;

/// One result for each process, from its readings in order of time.
///
/// Counters are read at the last reading up to the load's start (else the first one after it) and at the last reading
/// up to its end. A counter that falls is another process's, which was started in the place of one that ended: what that one
/// used after its last reading is not known and not counted.
///
/// What a process uses in `idle`, all clients being connected and nothing sent, is no message's cost.
pub fn resources(
    rows: &[Resource],
    (load, idle): (Span, Option<Span>),
    acknowledged: u64,
    soak: &Soak,
) -> Vec<ResourceResult> {
    let mut processes: BTreeMap<(&str, &str), Vec<&Resource>> = BTreeMap::new();
    for row in rows {
        processes.entry((&row.role, &row.process)).or_default().push(row);
    }
    let each = processes.into_iter().filter_map(|((role, process), readings)| {
        let growth = soak.memory.iter().find(|growth| growth.role == role && growth.process == process);
        let rss_per_hour = growth.and_then(|growth| growth.slope.as_ref().ok().copied());
        let idle_cores = idle.and_then(|idle| idle_cores(&readings, idle));
        of_process(&readings, load, acknowledged).map(|found| ResourceResult {
            rss_per_hour,
            idle_cores,
            cpu_s_per_million_busy: idle_cores.zip(found.cpu_s_per_million).and_then(|(idle, each)| {
                // Who used more when it was idle than under load does something else than idling, and nothing can be subtracted.
                let idle = idle * load.length().as_secs_f64() * 1e6 / acknowledged as f64;
                (each >= idle).then_some(each - idle)
            }),
            ..found
        })
    });
    each.collect()
}

fn of_process(readings: &[&Resource], load: Span, acknowledged: u64) -> Option<ResourceResult> {
    let up_to = |at: Nanos| readings.iter().rposition(|row| row.at <= at).unwrap_or(0);
    let (first, last) = (up_to(load.from), up_to(load.to));
    let of_load = readings.get(first..=last)?;
    let end = readings.get(last)?;
    let middle = readings.get(up_to(load.from.plus(Nanos(load.length().0 / 2))))?;
    let cpu = Nanos(used(of_load, |row| row.cpu.0));
    Some(ResourceResult {
        role: end.role.clone(),
        process: end.process.clone(),
        cpu_ns: cpu,
        cpu_s_per_million: (acknowledged > 0).then(|| cpu.as_secs_f64() * 1e6 / acknowledged as f64),
        rss_max: readings.iter().map(|row| row.rss).max().unwrap_or(0),
        rss_growth: i64::try_from(end.rss).unwrap_or(i64::MAX) - i64::try_from(middle.rss).unwrap_or(i64::MAX),
        rss_per_hour: None,
        written: used(of_load, |row| row.written),
        idle_cores: None,
        cpu_s_per_million_busy: None,
    })
}

/// How many cores it used, between its first and its last reading within that time. `None`: it has not two of them.
fn idle_cores(readings: &[&Resource], idle: Span) -> Option<f64> {
    let within: Vec<&Resource> = readings.iter().copied().filter(|row| idle.contains(row.at)).collect();
    let length = within.last()?.at.since(within.first()?.at);
    (length > Nanos::ZERO).then(|| Nanos(used(&within, |row| row.cpu.0)).as_secs_f64() / length.as_secs_f64())
}

/// What a counter rose by, over all processes of this name.
fn used(readings: &[&Resource], counter: impl Fn(&Resource) -> u64) -> u64 {
    let pairs = readings.windows(2).map(|pair| (counter(pair[0]), counter(pair[1])));
    pairs.map(|(before, after)| if after < before { after } else { after - before }).sum()
}

#[cfg(test)]
mod tests {
    use super::super::timeline::Timeline;
    use super::*;

    fn reading(secs: u64, cpu_millis: u64, rss: u64) -> Resource {
        Resource {
            at: Nanos::from_secs(secs),
            role: "broker".into(),
            process: "redis-0".into(),
            cpu: Nanos::from_millis(cpu_millis),
            rss,
            read: 0,
            written: secs * 10,
            sent: None,
            received: None,
        }
    }

    fn of(rows: &[Resource], load: Span, acknowledged: u64) -> Vec<ResourceResult> {
        let timeline = Timeline { load, faults: Vec::new(), strays: Vec::new() };
        resources(rows, (load, None), acknowledged, &Soak::of(rows, &[], &timeline))
    }

    #[test]
    fn counters_are_taken_over_the_load_and_growth_over_its_second_half() {
        let rows: Vec<_> = (0..=30).map(|secs| reading(secs, secs * 100, 1000 + secs)).collect();
        let load = Span { from: Nanos::from_secs(10), to: Nanos::from_secs(20) };
        let result = of(&rows, load, 2_000_000);
        assert_eq!(result.len(), 1);
        assert_eq!(result[0].cpu_ns, Nanos::SECOND);
        assert_eq!(result[0].cpu_s_per_million, Some(0.5));
        assert_eq!((result[0].rss_max, result[0].rss_growth, result[0].written), (1030, 5, 100));
    }

    #[test]
    fn what_it_uses_while_nothing_is_sent_is_no_messages_cost() {
        // A tenth of a core up to the tenth second, a fifth from there on.
        let cpu = |secs: u64| secs * 100 + secs.saturating_sub(10) * 100;
        let rows: Vec<_> = (0..=30).map(|secs| reading(secs, cpu(secs), 1000)).collect();
        let span = |from, to| Span { from: Nanos::from_secs(from), to: Nanos::from_secs(to) };
        let timeline = Timeline { load: span(10, 20), faults: Vec::new(), strays: Vec::new() };
        let soak = Soak::of(&rows, &[], &timeline);
        let found = |idle| resources(&rows, (span(10, 20), idle), 1_000_000, &soak).remove(0);
        let told = found(Some(span(2, 8)));
        assert_eq!(
            (told.cpu_s_per_million, told.idle_cores, told.cpu_s_per_million_busy),
            (Some(2.0), Some(0.1), Some(1.0))
        );
        let told = found(None);
        assert_eq!((told.cpu_s_per_million, told.idle_cores, told.cpu_s_per_million_busy), (Some(2.0), None, None));
        assert_eq!(found(Some(span(2, 3))).idle_cores, None, "one reading says nothing");
    }

    #[test]
    fn a_process_that_was_started_again_counts_from_nothing() {
        let mut rows: Vec<_> = (0..=30).map(|secs| reading(secs, secs * 100, 1000)).collect();
        for row in rows.iter_mut().filter(|row| row.at >= Nanos::from_secs(15)) {
            row.cpu = Nanos(row.cpu.0 - Nanos::from_millis(1_450).0);
        }
        let load = Span { from: Nanos::from_secs(10), to: Nanos::from_secs(20) };
        // 0.4 s up to the last reading of the first process, 0.05 s until the first of the second, and 0.5 s more.
        assert_eq!(of(&rows, load, 0)[0].cpu_ns, Nanos::from_millis(950));
    }

    #[test]
    fn nothing_acknowledged_is_no_price_per_message() {
        let load = Span { from: Nanos::ZERO, to: Nanos::from_secs(1) };
        assert_eq!(of(&[reading(0, 5, 1)], load, 0)[0].cpu_s_per_million, None);
    }
}
