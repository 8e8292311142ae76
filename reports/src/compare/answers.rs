//! Every answer of a comparison, on runs made by hand: what refuses, what is left out, what counts, what confirms.

use super::comparison::RefusedFor;
use super::rates::{Build, STEADY, figure, run};
use super::{Change, CompareVerdict, Differing, Rerun, RunComparison, compare, confirm, in_question};
use crate::facts::Yardstick;
use crate::judge::Judged;
use crate::result::MissingTrial;
use crate::units::Nanos;

fn refusing(base: &Judged, run: &Judged) -> RunComparison {
    compare(base, run, Differing::Refuse)
}

fn slower(by: f64) -> Build {
    Build { slower: by, between: 0.01, ..STEADY }
}

/// As slow again as two runs at different times may look without a change, and far beyond.
const FAR: f64 = 2.5;

fn changed(seed: u64, change: impl FnOnce(&mut Judged)) -> Judged {
    let mut judged = run(slower(0.0), seed);
    change(&mut judged);
    judged
}

#[test]
fn another_scenario_another_machine_and_other_settings_are_refused_each_with_its_reason() {
    let base = changed(1, |_| {});
    let rate = |judged: &mut Judged| {
        judged.result.run.scenario.given.insert("workload.producers".to_owned(), "9".to_owned());
    };
    let machine = |judged: &mut Judged| {
        judged.result.run.host.insert("cpu".to_owned(), "Another 4000".to_owned());
    };
    let acks = |judged: &mut Judged| {
        for trial in &mut judged.result.trials {
            trial.fairness.push(crate::facts::Setting::new("durability", "acks", "1".to_owned(), None));
        }
    };
    let with_acks = changed(1, |judged| {
        acks(judged);
        let rows = judged.result.trials.iter_mut().filter_map(|trial| trial.fairness.last_mut());
        rows.for_each(|row| row.value = "all".to_owned());
    });
    let cases: [(&Judged, Judged, RefusedFor, &str); 3] = [
        (&base, changed(2, rate), RefusedFor::Scenario, "workload.producers was 2 and is 9"),
        (&base, changed(2, machine), RefusedFor::Host, "Another 4000"),
        (&with_acks, changed(2, acks), RefusedFor::Settings, "durability: acks was all and is 1"),
    ];
    for (base, run, what, why) in cases {
        let refused = refusing(base, &run);
        assert_eq!(refused.verdict, CompareVerdict::Unknown, "{why}");
        assert!(
            refused.refusals.iter().any(|refusal| refusal.what == what && refusal.why.contains(why)),
            "{refused:?}"
        );
        assert!(refused.why.contains(why), "{}", refused.why);
        assert!(refused.differences().all(|(_, found)| found.change == Change::CannotBeCompared));
        assert_eq!(refused.tested, 0);
        let anyway = compare(base, &run, Differing::Anyway);
        assert!(anyway.anyway && !anyway.refusals.is_empty());
        assert_eq!(anyway.verdict, CompareVerdict::NothingConfirmed, "{}", anyway.why);
    }
}

#[test]
fn another_version_is_told_and_forbids_nothing() {
    let newer = changed(2, |judged| {
        judged.result.run.versions.insert("harness".to_owned(), "9.9.9".to_owned());
        judged.result.run.versions.insert("harness commit".to_owned(), "2222".to_owned());
    });
    let mut base = changed(1, |_| {});
    base.result.run.versions.insert("harness".to_owned(), "0.1.0".to_owned());
    base.result.run.versions.insert("harness commit".to_owned(), "1111".to_owned());
    let comparison = refusing(&base, &newer);
    assert!(comparison.refusals.is_empty());
    assert!(
        comparison.versions.iter().any(|version| version.of == "harness" && version.run == "9.9.9"),
        "{comparison:?}"
    );
    let commit = comparison.versions.iter().find(|version| version.of == "harness commit");
    assert_eq!(commit.map(|commit| (commit.base.as_str(), commit.run.as_str())), Some(("1111", "2222")));
}

#[test]
fn what_hangs_on_a_saturated_generator_is_not_compared_and_the_counts_are() {
    let saturated = changed(2, |judged| {
        for trial in &mut judged.result.trials {
            trial.doubts.speed = vec!["the load generator was saturated".to_owned()];
        }
    });
    let comparison = refusing(&changed(1, |_| {}), &saturated);
    assert_eq!(comparison.verdict, CompareVerdict::Unknown);
    let throughput = figure(&comparison, "throughput");
    assert_eq!(throughput.change, Change::CannotBeCompared);
    assert!(throughput.why.contains("run: trial 1: the load generator was saturated"), "{}", throughput.why);
    assert_eq!(figure(&comparison, "lost").change, Change::NoChange);
}

#[test]
fn one_trial_of_five_may_be_left_out_and_is_told_and_two_may_not() {
    let doubtful = |count: usize| {
        changed(2, move |judged| {
            for trial in judged.result.trials.iter_mut().take(count) {
                trial.doubts.speed = vec!["a node ended".to_owned()];
            }
        })
    };
    let base = changed(1, |_| {});
    let one = refusing(&base, &doubtful(1));
    assert_ne!(figure(&one, "response-p50").change, Change::CannotBeCompared);
    assert!(one.notes.iter().any(|note| note.ends_with("run, trial 1: a node ended")), "{:?}", one.notes);
    let two = refusing(&base, &doubtful(2));
    assert_eq!(figure(&two, "response-p50").change, Change::CannotBeCompared);
}

#[test]
fn trials_that_are_missing_count_as_left_out() {
    let incomplete = changed(2, |judged| {
        judged.result.trials.truncate(2);
        judged.series.truncate(2);
        for repeat in 3..=5 {
            let trial = format!("{}-{repeat}", judged.result.trials[0].system);
            judged.result.missing.push(MissingTrial { trial, why: "it was never begun".to_owned() });
        }
    });
    let comparison = refusing(&changed(1, |_| {}), &incomplete);
    assert_eq!(comparison.verdict, CompareVerdict::Unknown);
    assert!(figure(&comparison, "lost").why.contains("it was never begun"), "{comparison:?}");
}

#[test]
fn a_system_that_only_one_run_has_is_told() {
    let renamed = changed(2, |judged| {
        judged.result.trials.iter_mut().for_each(|trial| trial.system = "other".to_owned());
    });
    let comparison = refusing(&changed(1, |_| {}), &renamed);
    assert_eq!(comparison.verdict, CompareVerdict::Unknown);
    assert!(comparison.why.contains("no system in common"), "{}", comparison.why);
    assert_eq!(comparison.notes.len(), 2, "{:?}", comparison.notes);
}

#[test]
fn one_trial_on_each_side_decides_nothing_and_says_what_to_do() {
    let single = |seed, by| run(Build { repeats: 1, ..slower(by) }, seed);
    let comparison = refusing(&single(1, 0.0), &single(2, 0.2));
    assert_eq!(comparison.verdict, CompareVerdict::Unknown);
    assert!(comparison.why.contains("--repeats 5"), "{}", comparison.why);
    let p50 = figure(&comparison, "response-p50");
    assert!(p50.doubtful && p50.why.contains("looks worse, which is not confirmed"), "{p50:?}");
}

#[test]
fn messages_that_are_lost_in_every_trial_are_a_regression_and_one_in_one_trial_is_not() {
    let lost = |each: [u64; 5]| {
        changed(2, move |judged| {
            for (trial, lost) in judged.result.trials.iter_mut().zip(each) {
                trial.counts.lost = lost;
            }
        })
    };
    let base = changed(1, |_| {});
    let always = refusing(&base, &lost([12, 15, 9, 14, 11]));
    assert_eq!(figure(&always, "lost").change, Change::Worse, "{:?}", figure(&always, "lost"));
    assert_eq!((figure(&always, "lost").difference, always.verdict), (None, CompareVerdict::Regression));
    let once = refusing(&base, &lost([0, 0, 1, 0, 0]));
    assert_eq!(figure(&once, "lost").change, Change::NotEnoughData);
    assert!(figure(&once, "lost").doubtful);
}

#[test]
fn a_threshold_of_the_runs_scenario_decides() {
    let (base, slow) = (run(slower(0.0), 1), run(slower(FAR), 2));
    assert_eq!(figure(&refusing(&base, &slow), "response-p50").change, Change::Worse);
    let mut lenient = slow;
    lenient.result.run.scenario.compare.figures.insert("p50".to_owned(), 4.0);
    assert_eq!(figure(&refusing(&base, &lenient), "response-p50").change, Change::NoChange);
    assert_eq!(figure(&refusing(&base, &lenient), "response-p99").change, Change::Worse);
}

#[test]
fn a_time_that_is_mostly_the_generators_lag_is_no_regression_of_the_broker() {
    let late = changed(2, |judged| {
        for trial in &mut judged.result.trials {
            let response = &mut trial.latency_ns.response;
            response.p50 *= 30;
            trial.generator.lag_ns.p50 = response.p50 - 1_000_000;
        }
    });
    let comparison = refusing(&changed(1, |_| {}), &late);
    let p50 = figure(&comparison, "response-p50");
    assert_eq!((p50.change, p50.doubtful), (Change::NotEnoughData, true), "{p50:?}");
    assert!(p50.why.contains("the load generator's own lag"), "{p50:?}");
}

#[test]
fn a_time_for_which_the_broker_held_the_generator_up_is_the_brokers() {
    let slow = changed(2, |judged| {
        for trial in &mut judged.result.trials {
            let response = &mut trial.latency_ns.response;
            response.p50 *= 30;
            let own = trial.generator.lag_ns;
            trial.generator.own_lag_ns = Some(own);
            trial.generator.lag_ns.p50 = response.p50 - 1_000_000;
        }
    });
    let comparison = refusing(&changed(1, |_| {}), &slow);
    let p50 = figure(&comparison, "response-p50");
    assert_eq!((p50.change, p50.doubtful), (Change::Worse, false), "{p50:?}");
}

#[test]
fn a_machine_on_which_the_generator_itself_is_late_makes_no_regression() {
    let lagging = |judged: &mut Judged, lag: u64| {
        judged.result.trials.iter_mut().for_each(|trial| trial.generator.lag_ns.p50 = lag);
    };
    let late = |lag: u64| {
        changed(2, |judged| {
            judged.result.trials.iter_mut().for_each(|trial| trial.latency_ns.service.p50 *= 4);
            lagging(judged, lag);
        })
    };
    let base = changed(1, |judged| lagging(judged, 40_000));
    let busy = refusing(&base, &late(240_000));
    let p50 = figure(&busy, "service-p50");
    assert_eq!((p50.change, p50.doubtful), (Change::NotEnoughData, true), "{p50:?}");
    assert!(p50.why.contains("6.0 times as late"), "{p50:?}");
    // Three times as late explains no fourfold time, and neither does a lag that is small.
    assert_eq!(figure(&refusing(&base, &late(120_000)), "service-p50").change, Change::Worse);
    let prompt = changed(1, |judged| lagging(judged, 10_000));
    assert_eq!(figure(&refusing(&prompt, &late(90_000)), "service-p50").change, Change::Worse);
}

/// On a machine that takes so long for its yardstick.
fn measured_with(judged: &mut Judged, yardstick_ms: u64) {
    let took = Nanos::from_millis(yardstick_ms);
    let yardstick = Some(Yardstick { early: took, late: took, work: 1 });
    judged.result.trials.iter_mut().for_each(|trial| trial.yardstick = yardstick);
}

#[test]
fn a_machine_that_was_itself_as_much_slower_makes_no_regression() {
    let slow = |millis: u64| {
        changed(2, |judged| {
            judged.result.trials.iter_mut().for_each(|trial| trial.latency_ns.service.p50 *= 2);
            measured_with(judged, millis);
        })
    };
    let base = changed(1, |judged| measured_with(judged, 30));
    let slower = refusing(&base, &slow(75));
    let p50 = figure(&slower, "service-p50");
    assert_eq!((p50.change, p50.doubtful), (Change::NotEnoughData, true), "{p50:?}");
    assert!(p50.why.contains("took 2.5 times as long"), "{p50:?}");
    // By a little less than twice: what is left is no change.
    assert_eq!(figure(&refusing(&base, &slow(59)), "service-p50").change, Change::NotEnoughData);
    // Half as long again explains no twofold time; and a machine of which nothing is known explains nothing.
    assert_eq!(figure(&refusing(&base, &slow(45)), "service-p50").change, Change::Worse);
    assert_eq!(figure(&refusing(&changed(1, |_| {}), &slow(75)), "service-p50").change, Change::Worse);
}

#[test]
fn a_quicker_machine_hides_a_change_and_so_none_is_excluded() {
    let on = |seed: u64, millis: u64| {
        changed(seed, |judged| {
            measured_with(judged, millis);
            judged.result.run.scenario.compare.figures.insert("p50".to_owned(), 0.3);
        })
    };
    // A quarter more hides no change of three tenths.
    for (base, run) in [(30, 31), (30, 38)] {
        assert_eq!(figure(&refusing(&on(1, base), &on(2, run)), "service-p50").change, Change::NoChange);
    }
    for (base, run, slower) in [(42, 30, "for the base"), (30, 42, "for the run")] {
        let p50 = refusing(&on(1, base), &on(2, run));
        let p50 = figure(&p50, "service-p50");
        assert_eq!(p50.change, Change::NotEnoughData, "{p50:?}");
        assert!(p50.why.contains("1.4 times as long") && p50.why.ends_with(slower), "{p50:?}");
    }
}

#[test]
fn the_same_runs_give_the_same_answer() {
    let (base, other) = (run(STEADY, 1), run(slower(0.1), 2));
    assert_eq!(refusing(&base, &other), refusing(&base, &other));
}

fn confirmed(first: f64, candidate: f64, controls: &[f64]) -> RunComparison {
    let (base, judged) = (run(slower(0.0), 1), run(slower(first), 2));
    let comparison = refusing(&base, &judged);
    assert!(in_question(&comparison));
    let controls = controls.iter().zip(10..).map(|(by, seed)| run(slower(*by), seed)).collect();
    let rerun = Rerun { controls, candidates: vec![run(slower(candidate), 5)] };
    confirm(comparison, &base, &judged, &rerun, Differing::Refuse)
}

#[test]
fn a_regression_that_is_there_again_is_confirmed_with_controls_and_without() {
    for controls in [&[][..], &[0.0, 0.0]] {
        let comparison = confirmed(FAR, FAR, controls);
        assert_eq!(comparison.verdict, CompareVerdict::Regression, "{}", comparison.why);
        assert!(figure(&comparison, "response-p50").why.contains("confirmed by running again (+"), "{comparison:?}");
    }
}

#[test]
fn one_that_is_gone_is_no_regression() {
    for controls in [&[][..], &[0.0, 0.0]] {
        let comparison = confirmed(FAR, 0.0, controls);
        assert_eq!(comparison.verdict, CompareVerdict::NothingConfirmed, "{}", comparison.why);
        assert!(figure(&comparison, "response-p50").why.contains("not confirmed by running again"), "{comparison:?}");
    }
}

#[test]
fn controls_that_drift_make_it_unknown() {
    let comparison = confirmed(FAR, FAR, &[0.0, FAR]);
    assert_eq!(comparison.verdict, CompareVerdict::Unknown, "{}", comparison.why);
    let p50 = figure(&comparison, "response-p50");
    assert!(p50.why.contains("the later controls differ from the earlier ones by +"), "{p50:?}");
    let again = comparison.again.as_ref().unwrap();
    assert_eq!(again.order, ["baseline", "candidate", "baseline"]);
    assert!(again.figures.iter().all(|figure| figure.drift.is_some_and(|drift| drift > 0.2)), "{again:?}");
}

#[test]
fn another_scenario_that_was_run_again_confirms_nothing() {
    let (base, judged) = (run(slower(0.0), 1), run(slower(FAR), 2));
    let mut candidate = run(slower(FAR), 5);
    candidate.result.run.scenario.given.insert("workload.producers".to_owned(), "9".to_owned());
    let rerun = Rerun { controls: Vec::new(), candidates: vec![candidate] };
    let comparison = confirm(refusing(&base, &judged), &base, &judged, &rerun, Differing::Refuse);
    assert_eq!(comparison.verdict, CompareVerdict::Unknown, "{}", comparison.why);
}
