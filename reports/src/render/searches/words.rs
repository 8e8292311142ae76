//! What is said of a search in the same words everywhere.

use crate::plural::plural;
use crate::render::text::{ABSENT, listed, one_line};
use crate::render::{number, yardstick};
use crate::search::{Figures, FoundRate, LimitedBy, Purpose, Search, SearchStep, StepOutcome, SystemSearch, Walk};
use crate::units::Nanos;

/// One line over everything: what each system sustains.
pub(in crate::render) fn headline(search: &Search) -> String {
    let each: Vec<String> =
        search.systems.iter().map(|system| format!("{} {}", one_line(&system.system), rate_of(system))).collect();
    if each.is_empty() {
        "No system was searched".to_owned()
    } else {
        format!("Highest sustained rate: {}", each.join(", "))
    }
}

/// `24,000 msg/s`, `at least 5,000 msg/s`, `24,000 msg/s on a machine whose speed changed`, `unknown`.
fn rate_of(system: &SystemSearch) -> String {
    let Some(rate) = system.rate() else { return "unknown".to_owned() };
    let beyond = system.walks.iter().filter_map(|walk| walk.found.as_ref());
    let least = if beyond.into_iter().all(FoundRate::is_limit) { "" } else { "at least " };
    let machine = if system.is_steady() { "" } else { " on a machine whose speed changed" };
    format!("{least}{}{machine}", number::rate(rate))
}

/// What was found, and what kept it from being more, each a sentence.
pub(in crate::render) fn answer(system: &SystemSearch) -> Vec<String> {
    let mut told = Vec::new();
    let rates = system.rates();
    if let (Some(lowest), Some(highest), true) = (rates.first(), rates.last(), rates.len() > 1) {
        told.push(format!(
            "{} searches, each from the beginning, found {} to {}.",
            rates.len(),
            number::rate(*lowest),
            number::rate(*highest)
        ));
    }
    for (index, walk) in system.walks.iter().enumerate() {
        let name = if system.walks.len() > 1 { format!("Search {}: ", index + 1) } else { String::new() };
        told.push(format!("{name}{}", of_walk(walk)));
    }
    if let Some(spread) = system.machine().filter(|_| !system.is_steady()) {
        told.push(format!(
            "Between the steps on which the answer rests the machine's speed changed, or what ran on it slowed it: {}. So the answer is that \
             of no one machine; search again on one whose speed does not change and that has cores to spare.",
            yardstick::spread(spread)
        ));
    }
    told
}

fn of_walk(walk: &Walk) -> String {
    let steps = plural(walk.steps.len() as u64, "step");
    let Some(found) = &walk.found else { return format!("stopped after {steps}, before anything was found.") };
    let why = match (found.beyond, found.limited_by) {
        (None, _) => "no higher rate was tried, so it can do at least as much".to_owned(),
        (Some(beyond), limited_by) => {
            let by = match limited_by {
                Some(LimitedBy::Generator) => {
                    "; the harness was at its limit there, so the system itself may do more: \
                     give it more producers or consumers, or them more cores"
                }
                Some(LimitedBy::System) | None => "",
            };
            let held = if limited_by.is_some() { "did not hold" } else { "is not known to hold" };
            format!("{} {held}: {}{by}", number::rate(beyond), one_line(&found.why))
        }
    };
    match found.rate {
        Some(rate) => {
            let tries = walk.tries(rate);
            format!(
                "{} held for longer in {} of {} tries, after {steps}; {why}.",
                number::rate(rate),
                tries.held,
                tries.all
            )
        }
        None => format!("no rate held for longer twice, and more often than it failed, after {steps}; {why}."),
    }
}

/// The steps of a system as rows: rate, purpose, whether it held, p99 of response and end-to-end, cores of broker and clients,
/// why.
pub(in crate::render) fn path(system: &SystemSearch) -> Vec<[String; 8]> {
    system.walks.iter().flat_map(|walk| &walk.steps).map(row).collect()
}

fn row(step: &SearchStep) -> [String; 8] {
    let figure = |pick: fn(&Figures) -> String| step.figures.as_ref().map_or_else(|| ABSENT.to_owned(), pick);
    let held = match step.outcome {
        StepOutcome::Holds => "✓ holds",
        StepOutcome::Exceeds => "✗ does not hold",
        StepOutcome::Open => "? unknown",
    };
    let purpose = match step.purpose {
        Purpose::Climb => "climb",
        Purpose::Narrow => "narrow",
        Purpose::Hold => "hold for longer",
    };
    let time = |nanos: u64| number::time((nanos > 0).then_some(Nanos(nanos)));
    [
        number::rate(step.rate),
        purpose.to_owned(),
        held.to_owned(),
        step.figures.as_ref().map_or_else(|| ABSENT.to_owned(), |figures| time(figures.response_p99)),
        step.figures.as_ref().map_or_else(|| ABSENT.to_owned(), |figures| time(figures.end_to_end_p99)),
        figure(|figures| format!("{:.2}", figures.broker_cores)),
        figure(|figures| format!("{:.2}", figures.client_cores)),
        if step.outcome == StepOutcome::Holds { String::new() } else { one_line(&step.why) },
    ]
}

/// What had to hold, in one sentence.
pub(in crate::render) fn limits(search: &Search) -> String {
    let declared = match search.limits.as_slice() {
        [] => "no limit of latency or throughput is declared".to_owned(),
        limits => format!("declared limits: {}", listed(limits)),
    };
    format!(
        "A rate holds where everything that the scenario expects held ({declared}), and where at least 98 % of what was due in the \
         second half of the load was acknowledged and consumed."
    )
}
