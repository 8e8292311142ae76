//! What two runs are told to be of the same scenario, settings and host by.

use crate::facts::{RunFacts, ScenarioFacts};
use crate::result::fingerprint::UNKNOWN;
use crate::result::{Fingerprint, TrialResult};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Of a run and its trials.
pub fn fingerprint(run: &RunFacts, trials: &[TrialResult]) -> Fingerprint {
    Fingerprint {
        scenario: if run.scenario.is_empty() { UNKNOWN.to_owned() } else { digest(&lines(load_keys(&run.scenario))) },
        settings: settings(run, trials),
        host: if run.host.is_empty() { UNKNOWN.to_owned() } else { digest(&lines(machine(&run.host).iter())) },
    }
}

/// Whether a key of the scenario changes what is measured, whichever system it is measured on.
pub fn concerns_load(key: &str) -> bool {
    const NOTHING_MEASURED: [&str; 7] = ["title", "tags", "repeats", "expect", "compare", "known", "systems"];
    !NOTHING_MEASURED.contains(&key.split('.').next().unwrap_or_default())
}

/// What is said of the machine, as far as it must be the same. Memory in steps of an eighth of a GiB: kernels keep a little of
/// it for themselves, and not always as much.
pub fn machine(host: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let each = ["cpu", "cores", "memory", "kernel", "environment"].into_iter().map(|key| {
        let value = host.get(key).map_or(UNKNOWN, String::as_str);
        let kib = value.strip_suffix(" kB").filter(|_| key == "memory").and_then(|kib| kib.trim().parse::<u64>().ok());
        (
            key.to_owned(),
            kib.map_or_else(|| value.to_owned(), |kib| format!("{} GiB", (kib as f64 / 131_072.0).round() / 8.0)),
        )
    });
    each.collect()
}

fn load_keys(scenario: &ScenarioFacts) -> impl Iterator<Item = (&String, &String)> {
    let all: BTreeMap<_, _> = scenario.defaults.iter().chain(&scenario.given).collect();
    all.into_iter().filter(|(key, _)| concerns_load(key))
}

/// Of every system that was tried: its first trial speaks for it.
fn settings(run: &RunFacts, trials: &[TrialResult]) -> String {
    let systems: BTreeMap<&String, &TrialResult> = trials.iter().rev().map(|trial| (&trial.system, trial)).collect();
    let mut text = String::new();
    for (name, trial) in systems {
        let keys = run.scenario.defaults.iter().chain(&run.scenario.given);
        let own = format!("systems.{name}.");
        let keys: BTreeMap<_, _> = keys.filter(|(key, _)| key.starts_with(&own)).collect();
        let _ = writeln!(text, "{name} {} {:?}\n{}", trial.broker, trial.path, lines(keys.into_iter()));
        for row in &trial.fairness {
            let _ = writeln!(text, "{} {} = {}", row.topic, row.setting, row.value);
        }
    }
    if text.is_empty() { UNKNOWN.to_owned() } else { digest(&text) }
}

fn lines<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    pairs.fold(String::new(), |mut text, (key, value)| {
        let _ = writeln!(text, "{key} = {value}");
        text
    })
}

fn digest(text: &str) -> String {
    format!("crc32c:{:08x}", crc32c::crc32c(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(given: &[(&str, &str)]) -> RunFacts {
        let given = given.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let mut run = crate::measure::sample::healthy().facts.run;
        run.scenario = ScenarioFacts { given, ..ScenarioFacts::default() };
        run
    }

    #[test]
    fn title_repeats_and_expectations_are_no_other_scenario_and_a_rate_is() {
        let of = |given: &[(&str, &str)]| fingerprint(&scenario(given), &[]).scenario;
        let one = of(&[("title", "\"One\""), ("repeats", "3"), ("workload.producers", "2")]);
        assert_eq!(
            one,
            of(&[
                ("expect.lost", "5"),
                ("compare.p99", "0.2"),
                ("known.0.check", "\"lost\""),
                ("workload.producers", "2")
            ])
        );
        assert_ne!(one, of(&[("workload.producers", "3")]));
        assert_eq!(of(&[]), UNKNOWN);
    }

    #[test]
    fn other_cores_are_another_scenario_or_other_settings() {
        let of = |clients: &str, nodes: &str| {
            let system = &crate::measure::sample::healthy().facts.system.name;
            let key = format!("systems.{system}.redis-streams.cores");
            let run = scenario(&[("client.cores", clients), (&key, nodes)]);
            let trial = crate::judge::judge_history(&crate::measure::sample::healthy(), "one").unwrap().result;
            fingerprint(&run, &[trial])
        };
        let one = of("[0]", "[1]");
        assert_eq!(one, of("[0]", "[1]"));
        assert_ne!(one.scenario, of("[1]", "[1]").scenario);
        assert_ne!(one.settings, of("[0]", "[0]").settings);
    }

    #[test]
    fn a_harness_built_from_another_commit_is_no_other_scenario_and_no_other_host() {
        let mut run = scenario(&[("workload.producers", "2")]);
        let one = fingerprint(&run, &[]);
        run.versions.insert("harness commit".to_owned(), "0123456789ab, with changes".to_owned());
        assert_eq!(fingerprint(&run, &[]), one);
    }

    #[test]
    fn a_few_kilobytes_that_a_kernel_keeps_are_no_other_machine() {
        let memory = |text: &str| machine(&BTreeMap::from([("memory".to_owned(), text.to_owned())]))["memory"].clone();
        assert_eq!(memory("8152340 kB"), memory("8148212 kB"));
        assert_ne!(memory("8152340 kB"), memory("16304680 kB"));
        assert_eq!(memory("a lot"), "a lot");
    }
}
