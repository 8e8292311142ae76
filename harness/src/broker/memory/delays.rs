//! How long each message is on its way to the broker: anybody can compute it again from the message's identity and the seed.

use crate::model::{OptionSpec, OptionValue, SystemSpec, duration};
use reports::facts::Draw;
use reports::units::{MessageId, Nanos};
use std::time::Duration;

/// The least and the most; without the second, all take the first.
pub(super) const DELAY: OptionSpec = OptionSpec::duration(
    "delay",
    OptionValue::Duration(Duration::ZERO),
    "each message arrives, and is acknowledged, so long after it was sent",
);
pub(super) const UP_TO: OptionSpec = OptionSpec::duration(
    "delay-up-to",
    OptionValue::Unset,
    "delays vary evenly from `delay` up to this one, drawn from the seed for each message; they may overtake each other",
);

/// Delays that are evenly spread between two bounds, both included, [drawn](Draw) by the name `delay`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker) struct DelayRule {
    draw: Draw,
    least: Nanos,
    most: Nanos,
}

impl DelayRule {
    /// Of a system; `None`: nothing is delayed.
    pub(super) fn of(system: &SystemSpec) -> Option<Self> {
        let (least, most) = bounds(system);
        let draw = Draw::new(DELAY.name, system.demands.seed);
        (!most.is_zero()).then(|| Self { draw, least: least.min(most).into(), most: most.into() })
    }

    /// How long a message takes.
    pub(in crate::broker) fn of_message(&self, message: MessageId) -> Nanos {
        let spread = self.most.since(self.least).0.saturating_add(1);
        self.least.plus(Nanos(self.draw.below(spread, message)))
    }
}

/// The least and the most that a message takes.
pub(super) fn bounds(system: &SystemSpec) -> (Duration, Duration) {
    let given = |option: &OptionSpec| system.options.get(option.name).and_then(OptionValue::duration);
    let least = given(&DELAY).unwrap_or_default();
    (least, given(&UP_TO).unwrap_or(least))
}

/// For the fairness table; `None`: nothing is delayed.
pub(super) fn words(system: &SystemSpec) -> Option<String> {
    match bounds(system) {
        (_, most) if most.is_zero() => None,
        (least, most) if least == most => Some(duration::show(least)),
        (least, most) => Some(format!("{} to {}, evenly", duration::show(least), duration::show(most))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::{errors, scenario};
    use reports::units::{Partition, ProducerId, Sequence};

    fn rule(table: &str) -> Option<DelayRule> {
        DelayRule::of(&scenario(&format!("memory = {{ {table} }}")).systems[0].spec)
    }

    fn drawn(rule: &DelayRule) -> Vec<u64> {
        let message = |seq| MessageId { producer: ProducerId(1), partition: Partition(2), seq: Sequence(seq) };
        (0..100_000).map(|seq| rule.of_message(message(seq)).0).collect()
    }

    #[test]
    fn delays_are_spread_evenly_between_both_bounds() {
        let mut drawn = drawn(&rule("delay = \"20ms\", delay-up-to = \"100ms\"").expect("delays"));
        drawn.sort_unstable();
        for percent in [1_u64, 25, 50, 75, 99] {
            let (found, due) = (drawn[percent as usize * 1000], 20_000_000 + percent * 800_000);
            assert!(found.abs_diff(due) < 500_000, "p{percent}: {found}, not {due}");
        }
        assert!(drawn[0] >= 20_000_000 && drawn[99_999] <= 100_000_000);
    }

    #[test]
    fn one_bound_is_one_delay_and_none_is_no_rule() {
        assert_eq!(rule(""), None);
        assert!(drawn(&rule("delay = \"5ms\"").expect("delays")).iter().all(|delay| *delay == 5_000_000));
    }

    #[test]
    fn an_upper_bound_below_the_lower_one_is_refused() {
        let said = errors("memory = { delay = \"50ms\", delay-up-to = \"5ms\" }");
        assert!(said.contains("delays cannot reach from 50ms up to 5ms"), "{said}");
    }
}
