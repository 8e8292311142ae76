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

use super::at_paths::{AtPaths, Change, Resting, toxics};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::proxy_time::{whole_millis, words};
use super::spec::{Aim, FaultSpec, Lasts, length};
use super::target::Target;
use crate::model::duration::show;
use crate::model::{OptionSpec, OptionValue, Workload};
use reports::facts::Effect;
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "reset-peer";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "connections are reset, at once or after a while",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[OptionSpec::duration(
        "after",
        OptionValue::Duration(Duration::ZERO),
        "how long a connection lives before its reset",
    )],
    build: |given| Ok(Arc::new(ResetPeer { after: length(given, "after") })),
};

#[derive(Debug)]
struct ResetPeer {
    after: Duration,
}

impl ResetPeer {
    fn change(&self, fault: &str, on: &Target) -> Change {
        let toxics = toxics(fault, "reset_peer", on, &[("timeout", whole_millis(self.after))]);
        Change::Toxics { toxics, resting: Resting::Armed }
    }
}

impl Fault for ResetPeer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> String {
        format!("{NAME} after {}", show(self.after))
    }

    fn detail(&self) -> String {
        match self.after.is_zero() {
            true => "connections are reset at their first data".to_owned(),
            false => format!("connections are reset {} after their first data", words(self.after)),
        }
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::ConnectionsLost
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Reset { after: self.after })
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtPaths::boxed(self.change(fault, on), on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::on;
    use crate::model::Direction;

    #[test]
    fn the_toxic_rests_armed() {
        let change = ResetPeer { after: Duration::ZERO }.change("reset-1", &on(Direction::Downstream));
        assert!(matches!(change, Change::Toxics { resting: Resting::Armed, .. }), "{change:?}");
    }

    #[test]
    fn the_time_until_the_reset_is_told() {
        let reset = ResetPeer { after: Duration::from_millis(250) };
        assert_eq!(reset.detail(), "connections are reset 250 ms after their first data");
    }
}
