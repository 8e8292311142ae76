//! `packet-loss`: some of the packets between clients and the proxy vanish, chosen at random.
//!
//! Inject: rules in the run's table of the packet filter, for each path and direction. Confirm: read back with their ports and
//! share. Heal: the rules are removed; none is left. Each host sends again what vanished, so nothing is lost, only time: as a
//! rule 200 ms and more for a packet after which nothing follows. How many packets vanished is counted by the rules and kept.

use super::at_packets::AtPackets;
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::environment::PER_MILLE;
use crate::model::{OptionKind, OptionSpec, OptionValue, Workload};
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "packet-loss";
/// Of a thousand packets one at least; where nearly all vanish, it is another fault.
const RATES: (f64, f64) = (0.001, 0.9);

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "some packets vanish, chosen at random",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[OptionSpec {
        name: "rate",
        kind: OptionKind::Share(RATES.0, RATES.1),
        default: OptionValue::Unset,
        about: "the share of packets that vanishes",
    }],
    build: |given| {
        let rate = given.get("rate").and_then(OptionValue::share).unwrap_or(RATES.0);
        Ok(Arc::new(PacketLoss { per_mille: (rate * f64::from(PER_MILLE)).round() as u32 }))
    },
};

#[derive(Debug)]
struct PacketLoss {
    per_mille: u32,
}

impl PacketLoss {
    fn percent(&self) -> f64 {
        f64::from(self.per_mille) / 10.0
    }
}

impl Fault for PacketLoss {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> String {
        format!("{NAME} {}%", self.percent())
    }

    fn detail(&self) -> String {
        format!("{} % of packets vanish, chosen at random", self.percent())
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::PacketsDropped
    }

    fn drops_packets(&self) -> bool {
        true
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtPackets::boxed(fault, self.per_mille, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::fault;
    use crate::fault::tests::on;
    use crate::model::Direction;

    #[test]
    fn a_rate_is_kept_in_thousandths_and_told_in_percent() {
        for (rate, summary) in [(0.1, "packet-loss 10%"), (0.005, "packet-loss 0.5%"), (0.29, "packet-loss 29%")] {
            let loss = fault(NAME, &[("rate", OptionValue::Share(rate))]);
            assert_eq!(loss.summary(), summary);
        }
    }

    #[test]
    fn lost_packets_keep_nobody_away() {
        assert_eq!(PacketLoss { per_mille: 100 }.outage(&on(Direction::Upstream)), None);
        assert_eq!(PacketLoss { per_mille: 100 }.detail(), "10 % of packets vanish, chosen at random");
    }
}
