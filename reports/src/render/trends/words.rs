//! What is said of trends.

use crate::plural::plural;
use crate::render::differences::{percent, quantity};
use crate::render::text::{listed, one_line};
use crate::trend::{Trend, TrendChange, TrendLine, TrendOf};

/// What it all comes to.
pub(in crate::render) fn headline(trend: &Trend) -> String {
    let changes = |wanted: fn(&TrendChange) -> bool| {
        let of =
            |one: &TrendOf| one.lines.iter().flat_map(|line| &line.changes).filter(|change| wanted(change)).count();
        trend.trends.iter().map(of).sum::<usize>()
    };
    let (worse, better) =
        (changes(|change| change.confirmed && change.worse), changes(|change| change.confirmed && !change.worse));
    let runs: usize = trend.trends.iter().map(|one| one.points.len()).max().unwrap_or(0);
    let of = format!("{} of at most {}", plural(trend.trends.len() as u64, "trend"), plural(runs as u64, "run"));
    match (worse, better, changes(|change| !change.confirmed)) {
        (0, 0, 0) if trend.trends.iter().all(is_short) => format!("Too few runs to tell a change in {of}"),
        (0, 0, 0) => format!("No figure changed for good in {of}"),
        (worse, better, open) => {
            let mut parts = Vec::new();
            for (count, what) in [(worse, "for the worse"), (better, "for the better")] {
                if count > 0 {
                    parts.push(format!("{} {what}", plural(count as u64, "confirmed change")));
                }
            }
            if open > 0 {
                parts.push(format!("{} that only the newest run shows", plural(open as u64, "change")));
            }
            format!("{} in {of}", listed(&parts))
        }
    }
}

/// Runs that can show a change: seven that are usual, and two that are not.
const ENOUGH: usize = 9;

/// Whether there are too few runs to show any change.
pub(in crate::render) fn is_short(trend: &TrendOf) -> bool {
    trend.points.len() < ENOUGH
}

/// What is said where nothing changed.
pub(in crate::render) fn unchanged(trend: &TrendOf) -> String {
    if is_short(trend) {
        format!("Too few runs to tell a change: {ENOUGH} are needed.")
    } else {
        "No figure changed for good.".to_owned()
    }
}

/// Each change of a series in a sentence, the worse first.
pub(in crate::render) fn changes(trend: &TrendOf) -> Vec<(bool, String)> {
    let each = trend.lines.iter().flat_map(|line| line.changes.iter().map(move |change| (line, change)));
    let mut all: Vec<(bool, String)> =
        each.map(|(line, change)| (change.worse, sentence(trend, line, change))).collect();
    all.sort_by_key(|(worse, _)| !worse);
    all
}

fn sentence(trend: &TrendOf, line: &TrendLine, change: &TrendChange) -> String {
    let point = trend.points.get(change.point);
    let since = point
        .map_or_else(String::new, |point| format!(" since {} ({})", one_line(&point.started), one_line(&point.run)));
    let by = if change.before > 0.0 {
        format!(" ({} %)", percent(change.after / change.before - 1.0))
    } else {
        String::new()
    };
    let sure = if change.confirmed { "" } else { "; only the newest run shows it, so it is not confirmed" };
    let versions = point.filter(|point| !point.changed.is_empty());
    let versions = versions.map(|point| format!("; at the same time {}", one_line(&point.changed.join(", "))));
    let way = if change.worse { "worse" } else { "better" };
    format!(
        "{} is {way}{since}: {} → {}{by}{sure}{}",
        line.name,
        quantity(change.before, line.unit),
        quantity(change.after, line.unit),
        versions.unwrap_or_default()
    )
}

/// The machine, as far as it is known.
pub(in crate::render) fn machine(trend: &TrendOf) -> String {
    let known = ["cpu", "cores", "memory", "kernel", "environment"].into_iter().filter_map(|key| {
        let value = trend.machine.get(key).filter(|value| *value != crate::result::fingerprint::UNKNOWN)?;
        Some(if key == "cores" { format!("{value} cores") } else { one_line(value) })
    });
    let known: Vec<String> = known.collect();
    if known.is_empty() { "unknown machine".to_owned() } else { known.join(", ") }
}
