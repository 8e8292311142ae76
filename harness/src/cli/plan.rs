//! `harness plan FILE`: the dry run as text.

use super::cells;
use super::overriding::Overriding;
use super::run::warn;
use super::table::{TextTable, WIDTH, wrap};
use super::{Exit, answer, exit, provenance};
use crate::model::duration::{brief, show};
use crate::model::size;
use crate::model::{Durability, OptionValue, Workload};
use crate::plan::{Plan, TrialPlan};
use crate::scenario;
use crate::scenario::{Cells, Loaded, Scenario, System};
use reports::facts::{KnownFailure, Ordering, Path, Setting, Settling};
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// What it takes.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// A scenario file
    file: PathBuf,
    /// Also say where every value came from
    #[arg(long)]
    origins: bool,
    #[command(flatten)]
    overriding: Overriding,
}

pub(super) fn plan(options: &Options) -> Exit {
    match scenario::load_cells(&options.file, &options.overriding.overrides(), &crate::broker::REGISTRY) {
        Ok(all) => {
            warn(&all);
            let origins = if options.origins { Origins::Shown } else { Origins::Hidden };
            answer::print(render_all(&all, origins, &provenance::timestamp()).trim_end())
        }
        Err(errors) => exit::explain(&errors, Exit::Usage),
    }
}

/// Whether `--origins` was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Say where every value came from.
    Shown,
    /// Do not.
    Hidden,
}

/// More systems than this do not fit side by side.
const SIDE_BY_SIDE: usize = 4;

/// The dry run of a file: of its scenario; or its matrix, and then the first cell. As [`render`].
pub fn render_all(all: &Cells, origins: Origins, now: &str) -> String {
    let Some(first) = all.scenarios.first() else { return String::new() };
    let whole = render(first, &Plan::of(&first.scenario), origins, now);
    if !all.is_matrix() {
        return whole;
    }
    let matrix = first.secrets.mask(&cells::render(all));
    format!("{matrix}\n{}\n\n{whole}", cells::lead(all))
}

/// The whole dry run: plain text, lines of at most 100 characters, secrets masked. Warnings are not in it: they go to stderr.
/// `now`, RFC 3339, UTC: known failures expire.
pub fn render(loaded: &Loaded, plan: &Plan, origins: Origins, now: &str) -> String {
    let scenario = &loaded.scenario;
    let mut parts = vec![heading(scenario, plan), trials(plan), timelines(scenario, plan)];
    for systems in scenario.systems.chunks(SIDE_BY_SIDE) {
        parts.push(format!("Systems\n{}", system_table(systems, scenario).render()));
    }
    for systems in scenario.systems.chunks(SIDE_BY_SIDE) {
        parts.push(fairness(systems, scenario));
    }
    parts.extend(returns(scenario, plan));
    parts.extend(known_failures(&scenario.known, now));
    if origins == Origins::Shown {
        parts.push(origin_table(loaded));
    }
    loaded.secrets.mask(&parts.join("\n"))
}

fn heading(scenario: &Scenario, plan: &Plan) -> String {
    let (workload, phases) = (&scenario.workload, &scenario.phases);
    let load = format!(
        "{}: {} of {} in each trial; {}, {}, {}{}",
        workload.rate,
        messages(scenario, plan),
        sizes(workload),
        counted(workload.producers.into(), "producer"),
        counted(workload.consumers.into(), "consumer"),
        counted(workload.partitions.into(), "partition"),
        workload.keys.map(|keys| format!("; {}", keys.told(workload.partitions))).unwrap_or_default(),
    );
    let idle = if phases.idle.is_zero() { String::new() } else { format!("idle {}, ", show(phases.idle)) };
    let mut shape = Vec::new();
    if phases.ramp_up {
        shape.push("ramping up".to_owned());
    }
    if !phases.settle.is_zero() {
        shape.push(format!("its last {} silent", show(phases.settle)));
    }
    let shape = if shape.is_empty() { String::new() } else { format!(" ({})", shape.join(", ")) };
    let (warmup, load_lasts, drain) = (show(phases.warmup) + &shape, show(phases.load), show(phases.drain));
    let length = format!("{idle}warmup {warmup}, load {load_lasts}, drain at most {drain}");
    let takes = format!(
        "{} to {} for {}; starting and stopping brokers comes on top",
        show(plan.shortest),
        show(plan.longest),
        counted(plan.trials.len(), "trial")
    );
    let mut text = format!("{} ({})\n\n", scenario.title, scenario.name);
    for (label, line) in [("Load", load), ("Phases", length), ("Takes", takes), ("Seed", scenario.seed.to_string())] {
        labelled(&mut text, label, &line);
    }
    text
}

/// How many messages a trial has: a number, where there is a schedule.
fn messages(scenario: &Scenario, plan: &Plan) -> String {
    match scenario.workload.rate.is_closed() {
        true => format!("as many messages as {} under way allow", scenario.workload.in_flight),
        false => format!("{} messages", plan.offered),
    }
}

fn sizes(workload: &Workload) -> String {
    let largest = size::show(workload.message_bytes as u64);
    let sizes = match workload.smallest_bytes {
        Some(smallest) => format!("{} to {largest}", size::show(smallest as u64)),
        None => largest,
    };
    match &workload.records {
        Some(records) => format!("{sizes}, one of {} each", counted(records.bytes.len(), "record")),
        None => sizes,
    }
}

fn labelled(text: &mut String, label: &str, line: &str) {
    const LABEL: usize = 8;
    for (index, piece) in wrap(line, WIDTH - LABEL).iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let _ = writeln!(text, "{label:<LABEL$}{piece}");
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn trials(plan: &Plan) -> String {
    let order: Vec<String> = plan.trials.iter().map(|trial| format!("{}-{}", trial.name, trial.repeat)).collect();
    let mut text = "Trials, in this order\n".to_owned();
    for line in wrap(&order.join("  "), WIDTH - 2) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// One timeline for all systems that meet the same events.
fn timelines(scenario: &Scenario, plan: &Plan) -> String {
    let mut groups: Vec<(&TrialPlan, Vec<&str>)> = Vec::new();
    for trial in plan.trials.iter().filter(|trial| trial.repeat == 1) {
        match groups.iter_mut().find(|(known, _)| known.events == trial.events) {
            Some((_, names)) => names.push(&trial.name),
            None => groups.push((trial, vec![&trial.name])),
        }
    }
    let timelines: Vec<String> = groups
        .iter()
        .map(|(trial, names)| {
            let mut table = TextTable::new(vec!["at".to_owned(), "what".to_owned()]);
            for event in &trial.events {
                table.row(vec![since_load(event.at, scenario.phases.warmup), event.what.clone()]);
            }
            let heading = format!("Timeline of {}; times from the start of the load", names.join(", "));
            format!("{}\n{}", wrap(&heading, WIDTH).join("\n"), table.render_rows())
        })
        .collect();
    timelines.join("\n")
}

fn since_load(at: Duration, warmup: Duration) -> String {
    if at < warmup { format!("-{}", show(warmup - at)) } else { show(at - warmup) }
}

fn system_table(systems: &[System], scenario: &Scenario) -> TextTable {
    let mut table = TextTable::new(header("", systems));
    let mut row = |label: &str, cell: &dyn Fn(&System) -> String| {
        let mut cells = vec![label.to_owned()];
        cells.extend(systems.iter().map(cell));
        table.row(cells);
    };
    row("broker", &|system| system.broker.kind().to_owned());
    row("client", &|system| system.client.version());
    row("path", &|system| match system.spec.path {
        Path::Direct => "direct".to_owned(),
        Path::Proxied => "proxied".to_owned(),
    });
    row("durability", &|system| durability(system.spec.durability).to_owned());
    row("brokers", &|system| system.spec.brokers.to_string());
    row("image", &|system| system.spec.image.clone().unwrap_or_else(|| "the project's own".to_owned()));
    row("order within", &|system| match scenario.ordering(system) {
        Ordering::Partition => "a partition".to_owned(),
        Ordering::Consumer => "a partition, for each consumer".to_owned(),
        Ordering::None => "nothing".to_owned(),
    });
    row("settles", &|system| match system.broker.settling() {
        Settling::Message => "each message".to_owned(),
        Settling::Position => "up to a position".to_owned(),
    });
    row("options", &|system| {
        lines(system.spec.options.iter().filter_map(|(key, value)| Some(format!("{key} = {}", option(value)?))))
    });
    row("raw settings", &|system| lines(system.spec.settings.iter().map(|(key, value)| format!("{key} = {value}"))));
    table
}

fn header(first: &str, systems: &[System]) -> Vec<String> {
    std::iter::once(first.to_owned()).chain(systems.iter().map(|system| system.spec.name.clone())).collect()
}

fn lines(items: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = items.collect();
    if all.is_empty() { "-".to_owned() } else { all.join("\n") }
}

fn option(value: &OptionValue) -> Option<String> {
    match value {
        OptionValue::Unset => None,
        OptionValue::Boolean(truth) => Some(truth.to_string()),
        OptionValue::Integer(number) => Some(number.to_string()),
        OptionValue::Duration(duration) => Some(show(*duration)),
        OptionValue::Bytes(bytes) => Some(size::show(*bytes)),
        OptionValue::Share(share) => Some(share.to_string()),
        OptionValue::Cores(cores) => Some(cores.to_string()),
        OptionValue::Choice(word) => Some((*word).to_owned()),
    }
}

fn durability(durability: Durability) -> &'static str {
    match durability {
        Durability::Memory => "memory",
        Durability::OsCache => "os-cache",
        Durability::Fsync => "fsync",
        Durability::Replicated => "replicated",
    }
}

/// What each wish became for each system, side by side; notes are numbered below.
fn fairness(systems: &[System], scenario: &Scenario) -> String {
    let settings: Vec<Vec<Setting>> = systems.iter().map(|system| scenario.fairness(system, Vec::new())).collect();
    let mut topics: Vec<&str> = Vec::new();
    for setting in settings.iter().flatten() {
        if !topics.contains(&setting.topic.as_str()) {
            topics.push(&setting.topic);
        }
    }
    let mut notes: Vec<&str> = Vec::new();
    let mut table = TextTable::new(header("wish", systems));
    for topic in topics {
        let mut cells = vec![topic.to_owned()];
        for system in &settings {
            let of_topic = system.iter().filter(|setting| setting.topic == topic);
            cells.push(lines(of_topic.map(|setting| fairness_cell(setting, &mut notes))));
        }
        table.row(cells);
    }
    let mut text = format!("Fairness: what each wish becomes\n{}", table.render());
    let number = |index: usize| format!("[{index}] ");
    let indent = number(notes.len()).len();
    for (index, note) in (1..).zip(&notes) {
        for (nth, line) in wrap(note, WIDTH - 2 - indent).iter().enumerate() {
            let number = if nth == 0 { number(index) } else { String::new() };
            let _ = writeln!(text, "  {number:<indent$}{line}");
        }
    }
    text
}

fn fairness_cell<'n>(setting: &'n Setting, notes: &mut Vec<&'n str>) -> String {
    let cell = format!("{} = {}", setting.setting, setting.value);
    let Some(note) = &setting.note else { return cell };
    let number = notes.iter().position(|known| known == note).unwrap_or_else(|| {
        notes.push(note);
        notes.len() - 1
    });
    format!("{cell} [{}]", number + 1)
}

fn returns(scenario: &Scenario, plan: &Plan) -> Option<String> {
    if plan.returns.is_empty() {
        return None;
    }
    let mut table =
        TextTable::new(["system", "after", "earliest", "latest", "expected"].into_iter().map(str::to_owned).collect());
    for expected in &plan.returns {
        let limit = scenario.expect.reconnected.map_or("-".to_owned(), |limit| format!("≤ {}", show(limit.into())));
        let dated = if expected.back.resolution.is_zero() {
            String::new()
        } else {
            format!(" (seen up to {} later)", brief(expected.back.resolution))
        };
        table.row(vec![
            expected.system.clone(),
            expected.fault.clone(),
            brief(expected.back.earliest),
            format!("{}{dated}", brief(expected.back.latest)),
            limit,
        ]);
    }
    Some(format!("Return: when clients can be back after the heal, by their backoff\n{}", table.render()))
}

/// Those of the scenario and of the file beside it.
fn known_failures(known: &[KnownFailure], now: &str) -> Option<String> {
    if known.is_empty() {
        return None;
    }
    let header = ["check", "system", "fault", "until", "issue"];
    let mut table = TextTable::new(header.into_iter().map(str::to_owned).collect());
    for entry in known {
        let any = |name: &Option<String>| name.clone().unwrap_or_else(|| "any".to_owned());
        let until = match &entry.until {
            None => "no end".to_owned(),
            Some(day) if entry.has_passed(now) => format!("{day}: has expired, excuses nothing"),
            Some(day) => day.clone(),
        };
        let issue =
            entry.issue.clone() + &entry.reason.as_ref().map_or_else(String::new, |reason| format!("\n{reason}"));
        table.row(vec![entry.check.clone(), any(&entry.system), any(&entry.fault), until, issue]);
    }
    Some(format!("Known failures: what may fail without counting\n{}", table.render()))
}

fn origin_table(loaded: &Loaded) -> String {
    let mut table = TextTable::new(["key", "value", "from"].into_iter().map(str::to_owned).collect());
    for key in &loaded.origins {
        table.row(vec![key.key.clone(), key.value.clone(), key.origin.to_string()]);
    }
    format!("Origins: every key, its value, and where that came from\n{}", table.render())
}
