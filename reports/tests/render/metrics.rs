//! `metrics.prom`: read back by the grammar of Prometheus' text format, strictly.

use crate::sample;
use reports::judge::Judged;
use reports::render::Renderer as _;
use reports::render::metrics::{Metrics, of_runs};
use reports::result::{NetworkDirection, NetworkResult, Verdict, WarmUp};
use reports::units::Nanos;
use std::collections::{BTreeMap, BTreeSet};

/// A sample: its name, its labels, its value.
#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

fn rendered(judged: &Judged) -> String {
    Metrics.render(judged).expect("figures can be written")
}

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    begins && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// `name="value",…}` up to the closing brace; what follows it.
fn labels(mut rest: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    loop {
        let (name, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("a label in {rest:?}"));
        assert!(is_name(name), "{name:?} is no label's name");
        let (mut value, mut letters) = (String::new(), after.char_indices());
        let end = loop {
            match letters.next().expect("the value is closed") {
                (at, '"') => break at,
                (_, '\\') => value.push(match letters.next().expect("something is escaped").1 {
                    'n' => '\n',
                    escaped @ ('\\' | '"') => escaped,
                    other => panic!("\\{other} is no escape"),
                }),
                (_, letter) => value.push(letter),
            }
        };
        assert!(labels.insert(name.to_owned(), value).is_none(), "the label {name} stands there twice");
        match after[end + 1..].split_at(1) {
            (",", more) => rest = more,
            ("}", more) => return (labels, more),
            (other, _) => panic!("{other:?} follows a label"),
        }
    }
}

/// Every sample of a text. Families stand together, each with its HELP and TYPE before it, and no series twice.
fn read(text: &str) -> Vec<Sample> {
    assert!(text.ends_with('\n'));
    let (mut samples, mut seen, mut series) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let (mut family, mut kind, mut described) = (String::new(), String::new(), String::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a name and a help");
            assert!(is_name(name) && help.ends_with('.') && !help.contains('\\'), "{line}");
            name.clone_into(&mut described);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, type_) = rest.split_once(' ').expect("a name and a type");
            assert_eq!(name, described, "HELP stands before TYPE");
            assert!(["gauge", "counter", "summary"].contains(&type_), "{line}");
            assert_eq!(type_ == "counter", name.ends_with("_total"), "{line}");
            assert!(seen.insert(name.to_owned()), "{name} is split");
            (family, kind) = (name.to_owned(), type_.to_owned());
        } else {
            let (name, rest) = line.split_once('{').expect("a sample with labels");
            let ending = name.strip_prefix(&family).unwrap_or_else(|| panic!("{name} is not of {family}"));
            assert!(is_name(name) && (ending.is_empty() || kind == "summary"), "{line}");
            let (labels, rest) = labels(rest);
            assert_eq!(kind == "summary" && ending.is_empty(), labels.contains_key("quantile"), "{line}");
            let value = rest.strip_prefix(' ').expect("a blank before the value");
            let value = value.parse().unwrap_or_else(|_| panic!("{value:?} is no number"));
            assert!(series.insert((name.to_owned(), labels.clone())), "{line} stands there twice");
            samples.push(Sample { name: name.to_owned(), labels, value });
        }
    }
    samples
}

fn find<'s>(samples: &'s [Sample], name: &str, labels: &[(&str, &str)]) -> Vec<&'s Sample> {
    let fits = |sample: &&Sample| {
        let has = |(name, value): &(&str, &str)| sample.labels.get(*name).is_some_and(|found| found == value);
        sample.name == name && labels.iter().all(has)
    };
    samples.iter().filter(fits).collect()
}

fn one(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    match find(samples, name, labels).as_slice() {
        [only] => only.value,
        others => panic!("{name} {labels:?}: {others:?}"),
    }
}

#[test]
fn every_text_is_what_prometheus_reads() {
    for judged in [
        sample::failover(),
        sample::baseline(),
        sample::repeated(),
        sample::interrupted(),
        sample::hostile(),
        sample::nothing(),
        sample::empty(),
    ] {
        let samples = read(&rendered(&judged));
        for (name, value) in samples.iter().map(|sample| (&sample.name, sample.value)) {
            assert!(value >= 0.0 || (value.is_nan() && name.ends_with("_seconds")), "{name} {value}");
        }
        let states = find(&samples, "harness_run_verdict", &[]);
        assert!(states.len() == 3 && states.iter().map(|state| state.value).sum::<f64>() == 1.0, "{states:?}");
        assert_eq!(one(&samples, "harness_run_verdict", &[("state", judged.result.verdict.word())]), 1.0);
    }
}

#[test]
fn figures_are_those_of_the_result_in_base_units() {
    let judged = sample::failover();
    let samples = read(&rendered(&judged));
    for trial in &judged.result.trials {
        let system = ("system", trial.system.as_str());
        let near = |told: f64, is: f64| (told - is).abs() <= is.abs() * 1e-9;
        let response = &trial.latency_ns.response;
        let told = one(&samples, "harness_latency_seconds", &[system, ("kind", "response"), ("quantile", "0.99")]);
        assert!(near(told, response.p99 as f64 / 1e9), "{told}");
        let count = one(&samples, "harness_latency_seconds_count", &[system, ("kind", "response")]);
        assert!(near(count, response.count as f64));
        let sum = one(&samples, "harness_latency_seconds_sum", &[system, ("kind", "response")]);
        assert!(near(sum, response.mean * response.count as f64 / 1e9));
        let lost = one(&samples, "harness_messages_total", &[system, ("outcome", "lost")]);
        assert!(near(lost, trial.counts.lost as f64));
        let bytes = one(&samples, "harness_payload_bytes_per_second", &[system, ("kind", "acknowledged")]);
        assert!(near(bytes, trial.rates.acknowledged.mib_per_s * 1_048_576.0));
        for fault in &trial.recovery.faults {
            let told = find(&samples, "harness_fault_steady_seconds", &[system, ("fault", &fault.fault)]);
            assert_eq!(told.len(), usize::from(fault.steady_ns.is_some()), "not shown is no sample");
        }
        for check in &trial.checks {
            let labels = [system, ("check", check.name.as_str()), ("state", check.verdict.word())];
            assert_eq!(one(&samples, "harness_check_verdict", &labels), 1.0, "{}", check.name);
        }
    }
}

#[test]
fn what_is_not_known_of_network_and_warm_up_is_no_sample() {
    let mut judged = sample::failover();
    let direction = |bytes| NetworkDirection { bytes, bytes_per_message: None, bytes_per_s: None, payload_share: None };
    for trial in &mut judged.result.trials {
        (trial.network, trial.warm_up) = (None, None);
    }
    let first = &mut judged.result.trials[0];
    first.network = Some(NetworkResult { to_broker: direction(700), from_broker: direction(900) });
    first.warm_up = Some(WarmUp { warm_after_ns: Some(Nanos::from_millis(1500)), ..WarmUp::default() });
    let samples = read(&rendered(&judged));
    assert_eq!(one(&samples, "harness_network_bytes_total", &[("direction", "to-broker")]), 700.0);
    assert_eq!(one(&samples, "harness_network_bytes_total", &[("direction", "from-broker")]), 900.0);
    assert_eq!(one(&samples, "harness_warm_up_seconds", &[]), 1.5);
}

#[test]
fn the_guide_names_every_metric() {
    let guide = include_str!("../../../docs/nightly.md");
    let mut judged = sample::failover();
    judged.result.known = crate::known::judged().result.known;
    let text = rendered(&judged) + &rendered(&sample::repeated());
    let names: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        assert!(guide.contains(&format!("`{name}`")), "docs/nightly.md does not name {name}");
    }
}

#[test]
fn figures_of_several_runs_stand_in_one_text() {
    let (one, other) = (sample::failover().result, sample::baseline().result);
    let samples = read(&of_runs([&one, &other]));
    for result in [&one, &other] {
        let verdict = [("scenario", result.scenario.name.as_str()), ("state", result.verdict.word())];
        assert_eq!(find(&samples, "harness_run_verdict", &verdict).len(), 1, "{}", result.scenario.name);
    }
}

#[test]
fn a_known_failure_is_a_state_of_its_own() {
    let mut judged = sample::failover();
    let checks = judged.result.trials.iter_mut().flat_map(|trial| &mut trial.checks);
    for check in checks.filter(|check| check.verdict == Verdict::Fail) {
        check.known = Some(reports::facts::KnownFailure {
            check: check.name.clone(),
            system: None,
            fault: None,
            issue: "#1".to_owned(),
            until: None,
            reason: None,
        });
    }
    let samples = read(&rendered(&judged));
    let states =
        |state| find(&samples, "harness_check_verdict", &[("state", state)]).iter().map(|s| s.value).sum::<f64>();
    assert_eq!((states("fail"), states("known")), (0.0, 1.0));
}

#[test]
fn where_nobody_consumes_there_are_no_figures_of_consumption() {
    let told = rendered;
    for label in ["kind=\"consumed\"", "kind=\"end-to-end\""] {
        assert!(told(&sample::failover()).contains(label), "{label}");
        assert!(!told(&sample::unconsumed()).contains(label), "{label}");
    }
}
