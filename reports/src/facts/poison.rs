//! Which messages a fault poisons: a rule that producers, judges and readers apply alike.

use super::Draw;
use crate::units::{MessageId, Nanos};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a fault does that poisons messages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Poison {
    /// The share of messages that fall due while it lasts and that no consumer can process; above 0, up to 1.
    pub share: f64,
}

/// The rule of one fault. A message is poisoned if it is due within the fault's planned time, and the number that is
/// [drawn](Draw) for it by the fault's name is less than the share × 2³².
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoisonRule {
    draw: Draw,
    below: u64,
    from: Nanos,
    until: Nanos,
}

impl PoisonRule {
    /// Of the fault of this name, which lasts from an instant until another one.
    pub fn new(fault: &str, poison: Poison, seed: u64, (from, until): (Nanos, Nanos)) -> Self {
        let below = (poison.share.clamp(0.0, 1.0) * 2_f64.powi(32)) as u64;
        Self { draw: Draw::new(fault, seed), below, from, until }
    }

    /// Whether it poisons a message that is due at this instant of the clock by which the rule's times count.
    pub fn takes(&self, message: MessageId, intended: Nanos) -> bool {
        (self.from..self.until).contains(&intended) && u64::from(self.draw.number(message)) < self.below
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Partition, ProducerId, Sequence};

    fn message(seq: u64) -> MessageId {
        MessageId { producer: ProducerId(1), partition: Partition(2), seq: Sequence(seq) }
    }

    fn rule(name: &str, share: f64, seed: u64) -> PoisonRule {
        PoisonRule::new(name, Poison { share }, seed, (Nanos(10), Nanos(20)))
    }

    fn taken(rule: &PoisonRule) -> Vec<u64> {
        (0..100_000).filter(|seq| rule.takes(message(*seq), Nanos(10))).collect()
    }

    #[test]
    fn about_the_declared_share_is_poisoned() {
        for share in [0.001, 0.01, 0.3] {
            let found = taken(&rule("poison-1", share, 7)).len() as f64 / 100_000.0;
            assert!((found / share - 1.0).abs() < 0.1, "{found} of {share}");
        }
        assert_eq!(taken(&rule("poison-1", 1.0, 7)).len(), 100_000);
    }

    #[test]
    fn only_what_is_due_while_the_fault_lasts_is_poisoned() {
        let all = rule("poison-1", 1.0, 7);
        let at = |intended| all.takes(message(3), Nanos(intended));
        assert_eq!([9, 10, 19, 20].map(at), [false, true, true, false]);
    }

    #[test]
    fn the_same_seed_and_name_poison_the_same_and_others_do_not() {
        let one = taken(&rule("poison-1", 0.01, 7));
        assert_eq!(one, taken(&rule("poison-1", 0.01, 7)));
        assert_ne!(one, taken(&rule("poison-2", 0.01, 7)));
        assert_ne!(one, taken(&rule("poison-1", 0.01, 8)));
    }

    /// What `docs/history.md` says, so that another tool comes to the same.
    #[test]
    fn the_sum_is_the_one_that_is_documented() {
        let mut bytes = b"poison-1".to_vec();
        bytes.extend(7_u64.to_le_bytes());
        bytes.extend([1, 0, 2, 0]);
        bytes.extend(300_u64.to_le_bytes());
        assert_eq!(rule("poison-1", 0.01, 7).draw.number(message(300)), crc32c::crc32c(&bytes));
    }
}
