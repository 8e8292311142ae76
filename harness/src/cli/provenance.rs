//! Where a run comes from: its id, its versions, its machine.

use crate::environment::Environment;
use reports::facts::{PlannedTrial, RunFacts, ScenarioFacts};
use std::collections::BTreeMap;
use std::time::SystemTime;

/// The commit that this program is built from: `69751e3abcde`, `69751e3abcde, with changes`, `unknown`.
const COMMIT: &str = env!("HARNESS_COMMIT");
/// The version with it: `0.1.0 (commit 69751e3abcde)`.
pub(super) const VERSION: &str = env!("HARNESS_VERSION");

/// The facts of a run that begins now.
pub(super) async fn of_run(
    scenario: &str,
    environment: Option<&Environment>,
    id: String,
    planned: Vec<PlannedTrial>,
) -> RunFacts {
    let mut versions = BTreeMap::from([
        ("harness".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("harness commit".to_owned(), COMMIT.to_owned()),
        ("history".to_owned(), reports::facts::HISTORY_SCHEMA.to_owned()),
    ]);
    let mut host = machine();
    match environment {
        Some(environment) => {
            let facts = environment.host().facts().await;
            host.insert("environment".to_owned(), facts.words);
            versions.extend(facts.versions);
        }
        None => {
            host.insert("environment".to_owned(), "in process".to_owned());
        }
    }
    tracing::debug!(scenario, id, "run begins");
    RunFacts {
        id,
        started: timestamp(),
        command: std::env::args().collect(),
        versions,
        host,
        planned,
        scenario: ScenarioFacts::default(),
    }
}

/// Now in UTC, RFC 3339, to the second.
pub(super) fn timestamp() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// A run's id, which sorts by time and is fit for a folder's name and a label: `20261122T150405Z-failover`.
pub(super) fn run_id(scenario: &str) -> String {
    format!("{}-{scenario}", timestamp().replace(['-', ':'], ""))
}

fn machine() -> BTreeMap<String, String> {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kernel = rustix::system::uname();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    BTreeMap::from([
        ("cpu".to_owned(), model.map_or("unknown", |(_, model)| model.trim()).to_owned()),
        ("cores".to_owned(), cores.to_string()),
        ("memory".to_owned(), total.unwrap_or("unknown").trim().to_owned()),
        ("kernel".to_owned(), kernel.release().to_string_lossy().into_owned()),
        ("governor".to_owned(), told_by("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
        ("clock".to_owned(), told_by("/sys/devices/system/clocksource/clocksource0/current_clocksource")),
        ("load before".to_owned(), load_before()),
    ])
}

/// The first line of one of the kernel's files; a virtual machine may not have it.
fn told_by(file: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().next().map_or("not told", str::trim).to_owned()
}

/// How many processes wanted a core, on average over the last minute and the last five.
fn load_before() -> String {
    let text = told_by("/proc/loadavg");
    let each: Vec<&str> = text.split(' ').take(2).collect();
    match each[..] {
        [one, five] => format!("{one} in the last minute, {five} in five"),
        _ => text,
    }
}
