//! `limit-data`: a connection ends after so much data has passed on it, in the middle of a message if that is where it falls.
//!
//! Inject: add the toxic `limit_data` for each direction. Confirm: read back with its number of bytes. Heal: remove it; it is
//! gone. A connection that exists at the injection is counted from there, a new one from its begin; both ways, each way counts
//! for itself. What passed the limit's place is lost with the connection.

use super::at_paths::{AtPaths, Change, Resting, toxics};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::model::{OptionSpec, OptionValue, Workload, size};
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "limit-data";
const SIZES: (u64, u64) = (1, 1 << 40);

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "a connection ends after so much data has passed on it",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[OptionSpec::bytes("bytes", SIZES, OptionValue::Unset, "how much passes on a connection before its end")],
    build: |given| Ok(Arc::new(LimitData { bytes: given.get("bytes").and_then(OptionValue::bytes).unwrap_or(1) })),
};

#[derive(Debug)]
struct LimitData {
    bytes: u64,
}

impl Fault for LimitData {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> String {
        format!("{NAME} {}", size::show(self.bytes))
    }

    fn detail(&self) -> String {
        format!("a connection ends after {} bytes", self.bytes)
    }

    /// Where no connection carries as much while the fault lasts, it has touched nobody.
    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::ConnectionsLost
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Spent)
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let bytes = i64::try_from(self.bytes).unwrap_or(i64::MAX);
        let toxics = toxics(fault, "limit_data", on, &[("bytes", bytes)]);
        AtPaths::boxed(Change::Toxics { toxics, resting: Resting::Absent }, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::{load, on};
    use crate::model::Direction;
    use reports::facts::Cut;

    #[test]
    fn connections_that_end_at_a_limit_must_be_lost_and_may_be_had_again() {
        let limited = LimitData { bytes: 64 << 10 };
        assert_eq!(limited.effect(&on(Direction::Upstream), &load()), Effect::ConnectionsLost);
        assert_eq!(limited.outage(&on(Direction::Upstream)).map(Outage::cut), Some(Cut::Closed));
        assert_eq!(limited.summary(), "limit-data 64KiB");
        assert_eq!(limited.detail(), "a connection ends after 65536 bytes");
    }
}
