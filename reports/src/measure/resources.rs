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
pub fn resources(rows: &[Resource], load: Span, acknowledged: u64, soak: &Soak) -> Vec<ResourceResult> {
    let mut processes: BTreeMap<(&str, &str), Vec<&Resource>> = BTreeMap::new();
    for row in rows {
        processes.entry((&row.role, &row.process)).or_default().push(row);
    }
    let each = processes.into_iter().filter_map(|((role, process), readings)| {
        let growth = soak.memory.iter().find(|growth| growth.role == role && growth.process == process);
        let rss_per_hour = growth.and_then(|growth| growth.slope.as_ref().ok().copied());
        of_process(&readings, load, acknowledged).map(|found| ResourceResult { rss_per_hour, ..found })
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
    })
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
        resources(rows, load, acknowledged, &Soak::of(rows, &[], &timeline))
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
