//! `bandwidth`: no more than a rate of data passes on each connection.
//!
//! Inject: add the toxic `bandwidth` for each direction. Confirm: read back with its rate. Heal: remove it; it is gone.
//! What waits in the proxy at the heal passes then; nothing is lost.

use super::at_paths::{AtPaths, Change, Resting, streams, toxics};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::environment::toxiproxy::Stream;
use crate::model::{OptionSpec, OptionValue, Workload, size};
use reports::facts::Effect;
use reports::units::Nanos;
use std::sync::Arc;

const NAME: &str = "bandwidth";
/// The proxy counts in kilobytes of this length a second, and takes none for no limit.
const KILOBYTE: u64 = 1_000;
const MOST: u64 = 1 << 40;

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "no more than a rate of data passes on each connection",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[OptionSpec::bytes("rate", (KILOBYTE, MOST), OptionValue::Unset, "what passes in a second, at most")],
    build: |given| {
        Ok(Arc::new(Bandwidth { bytes_per_second: given.get("rate").and_then(OptionValue::bytes).unwrap_or(KILOBYTE) }))
    },
};

#[derive(Debug)]
struct Bandwidth {
    bytes_per_second: u64,
}

impl Bandwidth {
    fn kilobytes(&self) -> u64 {
        (self.bytes_per_second / KILOBYTE).max(1)
    }
}

impl Fault for Bandwidth {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> String {
        format!("{NAME} {}/s", size::show(self.bytes_per_second))
    }

    fn detail(&self) -> String {
        format!("at most {} KB/s on each connection", self.kilobytes())
    }

    /// A message that is sent takes its length's time at least; answers are too short to show it.
    fn effect(&self, on: &Target, load: &Workload) -> Effect {
        if !on.clients().send() || !streams(on.direction()).contains(&Stream::Upstream) {
            return Effect::Nothing;
        }
        let nanos = load.message_bytes as u128 * 1_000_000_000 / u128::from(self.kilobytes() * KILOBYTE);
        Effect::Slower { by: Nanos(u64::try_from(nanos).unwrap_or(u64::MAX)) }
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let rate = i64::try_from(self.kilobytes()).unwrap_or(i64::MAX);
        let toxics = toxics(fault, "bandwidth", on, &[("rate", rate)]);
        AtPaths::boxed(Change::Toxics { toxics, resting: Resting::Absent }, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::{load, on};
    use crate::model::Direction;

    #[test]
    fn a_message_that_is_sent_takes_its_length_at_the_rate_and_an_answer_nothing() {
        let slow = Bandwidth { bytes_per_second: 100_000 };
        let by = |direction| slow.effect(&on(direction), &load());
        assert_eq!(by(Direction::Upstream), Effect::Slower { by: Nanos(10_240_000) });
        assert_eq!(by(Direction::Both), by(Direction::Upstream));
        assert_eq!(by(Direction::Downstream), Effect::Nothing);
    }

    #[test]
    fn the_rate_that_is_told_is_the_one_that_the_proxy_keeps() {
        let slow = Bandwidth { bytes_per_second: 1 << 20 };
        assert_eq!(
            (slow.summary().as_str(), slow.detail().as_str()),
            ("bandwidth 1MiB/s", "at most 1048 KB/s on each connection")
        );
    }
}
