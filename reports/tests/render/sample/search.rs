//! A search with all that can come of a step.

use reports::facts::Yardstick;
use reports::search::{
    Figures, LimitedBy, NextRate, Purpose, Range, SEARCH_SCHEMA, Search, SearchStep, StepOutcome, SystemSearch, Walk,
    next,
};
use reports::units::Nanos;

/// A system that sustains 12,000 a second for a short time and 11,000 for a long one, and one that only its generator limits.
pub(crate) fn search(name: &str) -> Search {
    Search {
        schema: SEARCH_SCHEMA.to_owned(),
        scenario: "limit".to_owned(),
        title: name.to_owned(),
        started: "2026-11-28T02:00:00Z".to_owned(),
        limits: vec!["end-to-end p99 ≤ 20.0 ms".to_owned()],
        precision: 0.05,
        systems: vec![
            SystemSearch {
                system: name.to_owned(),
                walks: vec![walk(12_000.0, LimitedBy::System), walk(12_400.0, LimitedBy::System)],
            },
            SystemSearch { system: "kafka".to_owned(), walks: vec![walk(8_000.0, LimitedBy::Generator)] },
            SystemSearch { system: "stopped".to_owned(), walks: vec![Walk::default()] },
        ],
    }
}

fn walk(most: f64, limited_by: LimitedBy) -> Walk {
    let range = Range { from: 1_000.0, to: None, precision: 0.05 };
    let mut walk = Walk::default();
    loop {
        match next(range, &walk.steps) {
            NextRate::Over(found) => {
                walk.found = Some(found);
                return walk;
            }
            NextRate::Try(rate, purpose) => walk.steps.push(step(rate, purpose, most, limited_by)),
        }
    }
}

fn step(rate: f64, purpose: Purpose, most: f64, limited_by: LimitedBy) -> SearchStep {
    let most = if purpose == Purpose::Hold { most * 0.92 } else { most };
    let holds = rate <= most;
    let load = rate / most;
    // The machine became slower where the generator was the limit.
    let late = if !holds && limited_by == LimitedBy::Generator { 2_010_000 } else { 975_000 };
    let p99 = if holds { 2e6 / (1.05 - load).max(0.02) } else { 4e9 };
    SearchStep {
        rate,
        purpose,
        outcome: if holds { StepOutcome::Holds } else { StepOutcome::Exceeds },
        why: if holds {
            "everything held, and nothing piled up".to_owned()
        } else {
            "of what was due in the second half of the load, 93.1 % was acknowledged".to_owned()
        },
        limited_by: (!holds).then_some(limited_by),
        figures: Some(Figures {
            acknowledged: rate.min(most),
            consumed: rate.min(most),
            response_p99: p99 as u64,
            end_to_end_p99: (1.1 * p99) as u64,
            broker_cores: load.min(1.0),
            client_cores: 0.4 * load,
            yardstick: Some(Yardstick { early: Nanos(980_000), late: Nanos(late), work: 1 }),
        }),
        folder: format!("redis-01-{rate:.0}"),
    }
}
