//! `flap`: the link goes down and comes up, again and again, as one does whose plug is loose.
//!
//! Inject: as `down`, for the time `down`; then up for the time `up`; and so on until the heal. The injection is confirmed with
//! the first time down. Every change is read back when it is made and again when its time is over; one that was not as it
//! should be makes the whole fault unconfirmed. Heal: no further change is made, and the link is up; read back so. The evidence
//! counts the times and says when each was confirmed.

use super::at_paths::{AtPaths, Change};
use super::cycles::Cycling;
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts, Misfit, length};
use super::target::Target;
use crate::model::duration::show;
use crate::model::{OptionSpec, OptionValue, OptionValues, Workload};
use reports::facts::Effect;
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "flap";
/// The proxy is asked and read back at each change.
const SHORTEST: Duration = Duration::from_millis(50);

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the link is cut and comes back, again and again",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[
        OptionSpec::duration("down", OptionValue::Unset, "how long it is cut each time"),
        OptionSpec::duration("up", OptionValue::Unset, "how long it is back each time"),
    ],
    build: |given| Ok(Arc::new(Flap::of(given)?)),
};

#[derive(Debug)]
struct Flap {
    down: Duration,
    up: Duration,
}

impl Flap {
    fn of(given: &OptionValues) -> Result<Self, Misfit> {
        for key in ["down", "up"] {
            let time = given.get(key).and_then(OptionValue::duration);
            if time.is_some_and(|time| time < SHORTEST) {
                return Err(Misfit {
                    key,
                    message: format!("`{key}` is too short: each change is read back at the proxy"),
                    help: format!("write \"{}\" or more", show(SHORTEST)),
                });
            }
        }
        Ok(Self { down: length(given, "down"), up: length(given, "up") })
    }
}

impl Fault for Flap {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_directed(&self) -> bool {
        false
    }

    fn summary(&self) -> String {
        format!("{NAME} {} down, {} up", show(self.down), show(self.up))
    }

    fn detail(&self) -> String {
        format!(
            "in turns down for {}, not listening and every connection closed, and up for {}",
            show(self.down),
            show(self.up)
        )
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::ConnectionsLost
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Flapping { down: self.down, up: self.up })
    }

    /// What another fault does could not be told from what the next change does.
    fn excludes(&self, _: &dyn Fault) -> bool {
        true
    }

    fn actuator(&self, _: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        Box::new(Cycling::new(AtPaths::boxed(Change::Disable, on, handles), self.down, self.up))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::on;
    use crate::model::Direction;
    use reports::facts::Cut;

    fn flap(down: u64, up: u64) -> Result<Flap, Misfit> {
        let times = [("down", down), ("up", up)];
        Flap::of(&times.map(|(key, millis)| (key, OptionValue::Duration(Duration::from_millis(millis)))).into())
    }

    #[test]
    fn a_flap_lets_clients_have_connections_and_takes_them_away() {
        let flap = flap(1_000, 2_000).expect("fits");
        assert_eq!(flap.outage(&on(Direction::Upstream)).map(Outage::cut), Some(Cut::Closed));
        assert_eq!(flap.summary(), "flap 1s down, 2s up");
        assert!(flap.detail().contains("down for 1s") && flap.detail().contains("up for 2s"), "{}", flap.detail());
    }

    #[test]
    fn times_too_short_to_be_read_back_are_refused() {
        assert_eq!(flap(10, 1_000).expect_err("too short").key, "down");
        assert_eq!(flap(1_000, 0).expect_err("too short").key, "up");
    }
}
