//! The simulator itself: the same seed gives the same trial, and a truth is what it says.

#![allow(clippy::unwrap_used)]

use reports::history::Outcome;
use simulator::plan::{Allowed, Bug, Plan};
use simulator::world::{Trial, run};

fn trials(seeds: u64) -> impl Iterator<Item = (Plan, Trial)> {
    (0..seeds).map(|seed| {
        let plan = Plan::draw(seed, Allowed::default());
        let trial = run(&plan);
        (plan, trial)
    })
}

#[test]
fn the_same_seed_gives_the_same_history_and_the_same_truth() {
    for (plan, first) in trials(50) {
        let second = run(&plan);
        assert_eq!(format!("{:?}", first.rows), format!("{:?}", second.rows), "seed {}", plan.seed);
        assert_eq!(format!("{:?}", first.truth), format!("{:?}", second.truth), "seed {}", plan.seed);
    }
}

#[test]
fn what_the_broker_threw_away_is_in_no_consumers_hand() {
    let mut thrown_away = 0;
    for (plan, trial) in trials(400) {
        if plan.bugs.bug.is_none_or(|(bug, _)| bug != Bug::Lose) || plan.bugs.forgets.is_some() {
            continue;
        }
        for (message, send) in trial.truth.sends.iter().enumerate() {
            let stored = trial.truth.entries.iter().any(|entry| entry.scheduled == Some(message));
            if matches!(send.ended, Some((Outcome::Ok, _))) && !stored {
                thrown_away += 1;
                let id = plan.load.schedule[message].id;
                assert!(trial.rows.deliveries.iter().all(|delivery| delivery.message != id), "seed {}", plan.seed);
            }
        }
    }
    assert!(thrown_away > 0);
}

#[test]
fn whatever_is_left_out_the_rest_of_the_plan_stays_as_it_was() {
    for seed in 0..50 {
        let whole = Plan::draw(seed, Allowed::default());
        let without = Plan::draw(seed, Allowed::default().without(simulator::plan::Feature::Faults));
        assert_eq!(format!("{:?}", whole.load), format!("{:?}", without.load));
        assert!(without.faults.is_empty());
    }
}
