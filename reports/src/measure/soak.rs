//! Soak: what creeps over hours. The slope of each process's memory and of throughput over the load phase.
//!
//! Memory: the load falls into stretches of equal length, and each counts with the median of its readings. Throughput: what was
//! acknowledged in a stretch as a share of what was due in it, so that a schedule of steps or ramps has no slope of its own.
//! A process of which a stretch has no reading, or that was started again, has no slope: what it did meanwhile is not known.

use super::slope::{FEWEST, slope};
use super::timeline::{Span, Timeline};
use crate::history::Resource;
use crate::result::Slope;
use crate::series::Second;
use crate::units::Nanos;
use std::collections::BTreeMap;

/// Into how many stretches a load falls, where it is long enough for as many readings.
const STRETCHES: u64 = 60;
/// No stretch is shorter: readings come every second.
const SHORTEST: Nanos = Nanos::from_secs(2);
const HOUR_S: f64 = 3600.0;

/// What crept.
#[derive(Clone, Debug, PartialEq)]
pub struct Soak {
    /// Resident memory in bytes, by process.
    pub memory: Vec<Growth>,
    /// By which share of what was due less is acknowledged after an hour. `Err`: why it cannot be told.
    pub slowdown: Result<Slope, String>,
}

/// One process's memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// `broker`, `generator`, `proxy`.
    pub role: String,
    /// `redis-0`, `producer-1`.
    pub process: String,
    /// Bytes. `Err`: why it cannot be told.
    pub slope: Result<Slope, String>,
}

impl Soak {
    /// Of a load. `readings`: of all processes, each in order of time. `seconds`: from the load's start on.
    pub(super) fn of(readings: &[Resource], seconds: &[Second], timeline: &Timeline) -> Self {
        let load = timeline.load;
        let mut processes: BTreeMap<(&str, &str), Vec<&Resource>> = BTreeMap::new();
        for row in readings.iter().filter(|row| load.contains(row.at)) {
            processes.entry((&row.role, &row.process)).or_default().push(row);
        }
        let each = processes.into_iter().map(|((role, process), rows)| Growth {
            role: role.to_owned(),
            process: process.to_owned(),
            slope: growth(&rows, load, timeline),
        });
        Self { memory: each.collect(), slowdown: slowdown(seconds, load) }
    }
}

/// The stretches of a load, whole seconds each but the last.
fn stretch(load: Span) -> Nanos {
    let length = load.length().0.div_ceil(STRETCHES).max(SHORTEST.0);
    Nanos(length.div_ceil(Nanos::SECOND.0) * Nanos::SECOND.0)
}

/// Whole stretches of a load: none is judged by a part of it.
fn stretches(load: Span) -> usize {
    usize::try_from(load.length().0 / stretch(load).0).unwrap_or(usize::MAX)
}

fn too_short(load: Span) -> String {
    let least = Nanos(SHORTEST.0 * FEWEST as u64);
    format!("a load of {} is too short to tell a slope from; {least} are the least", load.length())
}

fn growth(rows: &[&Resource], load: Span, timeline: &Timeline) -> Result<Slope, String> {
    let count = stretches(load);
    if count < FEWEST {
        return Err(too_short(load));
    }
    if let Some(pair) = rows.windows(2).find(|pair| pair[1].cpu < pair[0].cpu) {
        return Err(format!("it was started again before +{}", timeline.since_load(pair[1].at)));
    }
    let length = stretch(load);
    let mut readings = vec![Vec::new(); count];
    for row in rows {
        let place = usize::try_from(row.at.since(load.from).0 / length.0).unwrap_or(usize::MAX);
        if let Some(of_stretch) = readings.get_mut(place) {
            of_stretch.push(row.rss);
        }
    }
    let mut points = Vec::with_capacity(count);
    for (index, mut of_stretch) in readings.into_iter().enumerate() {
        let begin = Nanos(length.0 * index as u64);
        of_stretch.sort_unstable();
        let Some(median) = of_stretch.get(of_stretch.len() / 2) else {
            return Err(format!("it has no reading between +{begin} and +{}", begin.plus(length)));
        };
        points.push((begin.as_secs_f64() / HOUR_S, *median as f64));
    }
    slope(&points).ok_or_else(|| too_short(load))
}

fn slowdown(seconds: &[Second], load: Span) -> Result<Slope, String> {
    let length = usize::try_from(stretch(load).0 / Nanos::SECOND.0).unwrap_or(usize::MAX);
    let count = stretches(load);
    if count < FEWEST {
        return Err(too_short(load));
    }
    let of_load = seconds.get(..(count * length).min(seconds.len())).unwrap_or_default();
    let points: Vec<(f64, f64)> = of_load
        .chunks(length)
        .filter_map(|stretch| {
            let due: u64 = stretch.iter().map(|second| second.offered).sum();
            let acknowledged: u64 = stretch.iter().map(|second| second.acknowledged).sum();
            let at = stretch.first()?.at.as_secs_f64() / HOUR_S;
            (due > 0).then_some((at, acknowledged as f64 / due as f64))
        })
        .collect();
    let found = slope(&points).ok_or_else(|| {
        format!("messages were due in {} of {count} stretches of {} only", points.len(), stretch(load))
    })?;
    Ok(found.times(-1.0))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const LOAD_S: u64 = 600;

    fn load(from: u64, to: u64) -> Timeline {
        let load = Span { from: Nanos::from_secs(from), to: Nanos::from_secs(to) };
        Timeline { load, faults: Vec::new(), strays: Vec::new() }
    }

    fn timeline() -> Timeline {
        load(100, 100 + LOAD_S)
    }

    /// Readings of every second, before and after the load too.
    fn readings(rss: impl Fn(u64) -> u64) -> Vec<Resource> {
        let each = (90..110 + LOAD_S).map(|second| Resource {
            role: "broker".to_owned(),
            rss: rss(second),
            ..sample::has_used("redis-0", Nanos::from_secs(second), 0.001)
        });
        each.collect()
    }

    fn memory(rows: &[Resource]) -> Result<Slope, String> {
        let soak = Soak::of(rows, &[], &timeline());
        assert_eq!((soak.memory.len(), soak.memory[0].process.as_str()), (1, "redis-0"));
        soak.memory.into_iter().next().unwrap().slope
    }

    #[test]
    fn memory_that_grows_is_told_by_the_hour() {
        // 10 KiB a second, and a swing of half a second's growth.
        let slope = memory(&readings(|second| second * 10_240 + 5_120 * (second % 2))).unwrap();
        let hour = 3600.0 * 10_240.0;
        assert!((slope.per_hour - hour).abs() < 0.01 * hour, "{slope:?}");
        assert!(slope.low > 0.98 * hour && slope.high < 1.02 * hour, "{slope:?}");
        assert_eq!(memory(&readings(|_| 7 << 20)).unwrap().high, 0.0);
    }

    #[test]
    fn what_was_before_and_after_the_load_is_no_growth() {
        let slope = memory(&readings(|second| if (100..700).contains(&second) { 1 << 20 } else { 1 << 30 })).unwrap();
        assert_eq!(slope.per_hour, 0.0);
    }

    #[test]
    fn a_stretch_without_a_reading_and_a_second_life_leave_it_open() {
        let mut rows = readings(|second| second * 10_240);
        rows.retain(|row| !(Nanos::from_secs(300)..Nanos::from_secs(325)).contains(&row.at));
        assert_eq!(memory(&rows).unwrap_err(), "it has no reading between +200 s and +210 s");
        let mut rows = readings(|second| second * 10_240);
        rows.iter_mut().filter(|row| row.at >= Nanos::from_secs(400)).for_each(|row| row.cpu.0 -= 390_000_000);
        assert_eq!(memory(&rows).unwrap_err(), "it was started again before +300 s");
    }

    #[test]
    fn a_process_that_is_gone_before_the_end_has_no_slope() {
        let mut rows = readings(|_| 1 << 20);
        rows.retain(|row| row.at < Nanos::from_secs(400));
        assert!(memory(&rows).is_err());
    }

    /// Seconds in which a share of 1,000 messages is acknowledged.
    fn seconds(count: u64, due: impl Fn(u64) -> u64, share: impl Fn(u64) -> f64) -> Vec<Second> {
        let each = (0..count).map(|second| Second {
            at: Nanos::from_secs(second),
            offered: due(second),
            acknowledged: (due(second) as f64 * share(second)).round() as u64,
            ..Second::default()
        });
        each.collect()
    }

    fn slowed(seconds: &[Second]) -> Result<Slope, String> {
        Soak::of(&[], seconds, &timeline()).slowdown
    }

    #[test]
    fn throughput_that_falls_is_told_as_a_share_of_what_was_due() {
        let slope = slowed(&seconds(LOAD_S, |_| 1000, |second| 1.0 - 0.1 * second as f64 / 600.0)).unwrap();
        assert!((slope.per_hour - 0.6).abs() < 0.02 && slope.low > 0.55, "{slope:?}");
    }

    #[test]
    fn a_schedule_that_falls_is_no_slowdown_and_an_outage_is_none() {
        let ramp = slowed(&seconds(LOAD_S, |second| 2000 - 2 * second, |_| 1.0)).unwrap();
        assert!(ramp.high.abs() < 0.001, "{ramp:?}");
        let outage = slowed(&seconds(LOAD_S, |_| 1000, |second| if (300..320).contains(&second) { 0.0 } else { 1.0 }));
        assert!(outage.unwrap().per_hour.abs() < 1e-9);
        let ended = slowed(&seconds(LOAD_S, |_| 1000, |second| if second < 520 { 1.0 } else { 0.0 })).unwrap();
        assert_eq!((ended.per_hour.abs(), ended.ends), (0.0, 1.0));
    }

    #[test]
    fn too_little_to_tell_is_said() {
        assert!(slowed(&[]).unwrap_err().contains("were due in 0 of 60"));
        let idle = seconds(LOAD_S, |second| if second < 50 { 10 } else { 0 }, |_| 1.0);
        assert!(slowed(&idle).unwrap_err().contains("were due in 5 of 60 stretches of 10.0 s"));
        let told = Soak::of(&[], &seconds(15, |_| 9, |_| 1.0), &load(0, 15)).slowdown.unwrap_err();
        assert_eq!(told, "a load of 15.0 s is too short to tell a slope from; 30.0 s are the least");
    }
}
