//! `[chaos]`: what a seed draws.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod brokers;

use brokers::REGISTRY;
use harness::fault::{PlannedFault, Select, Target};
use harness::scenario::{Overrides, load_text};
use std::collections::BTreeSet;
use std::time::Duration;

const MIX: &str = r#"
[workload]
rate = { constant = { per-second = 1000 } }
producers = 2
consumers = 2

[phases]
load = "100s"

[[systems]]
name = "redis"
redis-streams = {}

[chaos]
seed  = 7
every = "10s"
of    = ["down", "kill", "crash", { latency = { delay = "50ms" }, for = "5s" }]
"#;

fn drawn(text: &str, set: &[&str]) -> Vec<PlannedFault> {
    let set = set.iter().map(|text| (*text).to_owned()).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    load_text("mix.toml", text, &overrides, REGISTRY).unwrap_or_else(|errors| panic!("{errors:?}")).scenario.faults
}

fn shown(faults: &[PlannedFault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{} {:?} {}", fault.name, fault.at, fault.in_words())).collect()
}

#[test]
fn the_same_seed_draws_the_same_faults_and_another_one_others() {
    assert_eq!(shown(&drawn(MIX, &[])), shown(&drawn(MIX, &[])));
    assert_ne!(shown(&drawn(MIX, &[])), shown(&drawn(MIX, &["chaos.seed=8"])));
}

#[test]
fn each_slot_but_the_first_has_one_fault_that_ends_within_it() {
    for seed in 0..50 {
        let faults = drawn(MIX, &[&format!("chaos.seed={seed}")]);
        let slots: Vec<u64> = faults.iter().map(|fault| fault.at.as_secs() / 10).collect();
        assert_eq!(slots, (1..=9).collect::<Vec<_>>());
        for fault in &faults {
            let slot = Duration::from_secs(fault.at.as_secs() / 10 * 10);
            assert!(fault.until() < slot + Duration::from_secs(10), "{fault:?}");
        }
    }
}

#[test]
fn every_kind_has_its_turn_before_one_comes_again() {
    for seed in 0..50 {
        let faults = drawn(MIX, &[&format!("chaos.seed={seed}")]);
        for round in faults.chunks_exact(4) {
            let kinds: BTreeSet<&str> = round.iter().map(|fault| fault.fault.name()).collect();
            assert_eq!(kinds.len(), 4, "seed {seed}: {kinds:?}");
        }
    }
}

#[test]
fn workers_are_drawn_where_the_mix_names_none() {
    let crashed =
        (0..20).flat_map(|seed| drawn(MIX, &[&format!("chaos.seed={seed}")])).filter_map(|fault| match fault.target {
            Target::Worker(names) => Some(names),
            _ => None,
        });
    let crashed: BTreeSet<Vec<String>> = crashed.collect();
    assert!(crashed.len() > 2 && crashed.iter().all(|names| names.len() == 1), "{crashed:?}");
}

/// Only consumers slow down, leave and join, and who joins is not there before.
#[test]
fn what_consumers_are_told_is_aimed_at_consumers() {
    let of = "of    = [\"leave\", \"join\", { slow = { processing = \"9ms\" } }]";
    let mix =
        MIX.replace("of    = [\"down\", \"kill\", \"crash\", { latency = { delay = \"50ms\" }, for = \"5s\" }]", of);
    for seed in 0..20 {
        let faults = drawn(&mix, &[&format!("chaos.seed={seed}")]);
        assert_eq!(faults.len(), 9);
        for fault in faults {
            let names = fault.target.clients().names().to_vec();
            let joins = fault.fault.name() == "join";
            assert_eq!(names == ["consumer-2"], joins, "{fault:?}");
            assert!(joins || names == ["consumer-0"] || names == ["consumer-1"], "{fault:?}");
        }
    }
}

#[test]
fn drawn_faults_stand_beside_listed_ones_under_names_of_their_own() {
    let both =
        format!("{MIX}\n[[faults]]\nname = \"down-2\"\nat = \"1s\"\nfor = \"1s\"\nlatency = {{ delay = \"5ms\" }}\n");
    let faults = drawn(&both, &[]);
    let names: BTreeSet<&str> = faults.iter().map(|fault| fault.name.as_str()).collect();
    assert_eq!((names.len(), faults.len()), (10, 10), "{names:?}");
    assert!(faults.is_sorted_by_key(|fault| fault.at));
}

#[test]
fn the_seed_of_the_scenario_is_that_of_its_mix_unless_it_has_one() {
    let without = MIX.replace("seed  = 7\n", "");
    assert_eq!(shown(&drawn(&without, &["seed=9"])), shown(&drawn(&without, &["chaos.seed=9"])));
}

/// Poison is done to messages, whatever the mix draws beside it.
#[test]
fn poison_of_a_mix_is_aimed_at_messages() {
    let mix = MIX.replace("\"kill\", ", "\"poison\", ");
    let faults = drawn(&mix, &[]);
    let poison: Vec<&PlannedFault> = faults.iter().filter(|fault| fault.fault.name() == "poison").collect();
    assert!(!poison.is_empty() && poison.iter().all(|fault| fault.target == Target::Messages), "{faults:?}");
}

#[test]
fn poison_of_a_mix_aimed_at_something_else_is_refused() {
    let mix = MIX.replace("\"kill\", ", "{ poison = {}, node = \"any\" }, ");
    let refused = load_text("mix.toml", &mix, &Overrides::default(), REGISTRY).expect_err("no node can be poisoned");
    assert!(format!("{refused:?}").contains("poison"), "{refused:?}");
}

#[test]
fn a_kind_that_is_for_whoever_leads_or_for_each_in_turn_is_drawn_for_it() {
    let mix = MIX.replace("name = \"redis\"\nredis-streams = {}", "name = \"kafka\"\nkafka = { brokers = 3 }");
    let kinds = [("leader-kill", Select::Leader), ("isolate", Select::Leader), ("rolling-restart", Select::Each)];
    for (seed, (kind, select)) in (0..12).zip(kinds.iter().cycle()) {
        let faults = drawn(&mix, &[&format!("chaos.seed={seed}"), &format!("chaos.of=[{kind:?}]")]);
        let target = Target::Node(select.clone());
        assert!(!faults.is_empty() && faults.iter().all(|fault| fault.target == target), "{faults:?}");
    }
}
