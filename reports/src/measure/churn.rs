//! Churn: how much the sharing out of partitions interrupts consumers, whatever the reason for it was.

use super::timeline::Span;
use crate::history::{GroupChange, GroupEvent};
use crate::units::{ConsumerId, Partition};
use std::collections::BTreeMap;

/// Partitions that were shared out anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Churn {
    /// Given up by a member, whoever got them then: it may have got them back.
    pub(super) given_up: u64,
    /// Given to another consumer than had them before.
    pub(super) moved: u64,
}

/// What happened within a time. `changes`: in order of time.
pub(super) fn churn(changes: &[GroupChange], within: Span) -> Churn {
    let mut owners: BTreeMap<Partition, ConsumerId> = BTreeMap::new();
    let mut churn = Churn::default();
    for change in changes {
        let counts = u64::from(within.contains(change.at));
        match change.event {
            GroupEvent::Revoked => churn.given_up += counts * change.partitions.len() as u64,
            GroupEvent::Assigned => {
                for partition in &change.partitions {
                    let before = owners.insert(*partition, change.consumer);
                    churn.moved += counts * u64::from(before.is_some_and(|before| before != change.consumer));
                }
            }
            GroupEvent::Joined | GroupEvent::Claimed | GroupEvent::Left => {}
        }
    }
    churn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Nanos;

    fn change(second: u64, consumer: u16, event: GroupEvent, partitions: &[u16]) -> GroupChange {
        GroupChange {
            consumer: ConsumerId(consumer),
            event,
            partitions: partitions.iter().map(|partition| Partition(*partition)).collect(),
            at: Nanos::from_secs(second),
        }
    }

    /// Of three partitions two members get all back and give one to a third: eagerly, or as few as possible.
    #[test]
    fn what_is_given_up_and_got_back_has_not_moved() {
        use GroupEvent::{Assigned, Revoked};
        let before = [change(1, 0, Assigned, &[0, 1]), change(1, 1, Assigned, &[2])];
        let eager = [
            change(12, 0, Revoked, &[0, 1]),
            change(12, 1, Revoked, &[2]),
            change(13, 0, Assigned, &[0]),
            change(13, 1, Assigned, &[2]),
            change(13, 2, Assigned, &[1]),
        ];
        let sparing = [change(12, 0, Revoked, &[1]), change(13, 2, Assigned, &[1])];
        let load = Span { from: Nanos::from_secs(10), to: Nanos::from_secs(20) };
        let of = |after: &[GroupChange]| churn(&[&before[..], after].concat(), load);
        assert_eq!(of(&eager), Churn { given_up: 3, moved: 1 });
        assert_eq!(of(&sparing), Churn { given_up: 1, moved: 1 });
        let later = Span { from: Nanos::from_secs(14), to: Nanos::from_secs(20) };
        assert_eq!(churn(&[&before[..], &eager].concat(), later), Churn::default());
    }
}
