//! `reset-peer`: connections are reset (TCP RST) when data next passes, or a while after it.
//!
//! Inject: the toxic `reset_peer` with full toxicity. Confirm: read back so. Heal: toxicity zero; read back so.
//!
//! Toxiproxy makes a connection's end a reset only if the toxic was in place when the connection was opened: it sets
//! `SO_LINGER` to zero then, whatever the toxicity. Observed with 2.12.0: a connection that is older than the toxic is closed
//! in the orderly way (the client reads an end of file), one that was opened while the toxic had toxicity zero works
//! without a change, and is reset (`ECONNRESET`) once the toxicity is raised. So the toxic rests with toxicity zero from
//! the trial's start on ("armed") and after the heal. The price: on such a link every connection that the proxy closes
//! ends in a reset, for other faults and at the end too.

use super::change::{Change, Resting, toxics};
use super::options::{FaultSpec, Scope, duration, length};
use super::{FaultKind, whole_millis, words};
use crate::model::{Direction, OptionValue};
use reports::facts::Effect;
use std::time::Duration;

const NAME: &str = "reset-peer";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "connections are reset, at once or after a while",
    scope: Scope::Stream,
    options: &[duration(
        "after",
        OptionValue::Duration(Duration::ZERO),
        "how long a connection lives before its reset",
    )],
    build: |given| FaultKind::ResetPeer { after: length(given, "after") },
};

pub(super) fn change(fault: &str, after: Duration, direction: Direction) -> Change {
    let attributes = [("timeout", whole_millis(after))];
    Change::Toxics { toxics: toxics(fault, "reset_peer", direction, &attributes), resting: Resting::Armed }
}

pub(super) fn effect() -> Effect {
    Effect::ConnectionsLost
}

pub(super) fn detail(after: Duration) -> String {
    if after.is_zero() {
        "connections are reset at their first data".to_owned()
    } else {
        format!("connections are reset {} after their first data", words(after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toxic_rests_armed() {
        let Change::Toxics { resting, .. } = change("reset-1", Duration::ZERO, Direction::Downstream) else {
            panic!("another change");
        };
        assert_eq!(resting, Resting::Armed);
    }

    #[test]
    fn the_time_until_the_reset_is_told() {
        assert_eq!(detail(Duration::from_millis(250)), "connections are reset 250 ms after their first data");
    }
}
