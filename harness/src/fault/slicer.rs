//! `slicer`: data passes in small pieces, each a little later than the one before, as through a path that fragments it.
//!
//! Inject: add the toxic `slicer` for each direction. Confirm: read back with its sizes and delay. Heal: remove it; it is gone.
//! What waits in the proxy at the heal passes then; nothing is lost.

use super::at_paths::{AtPaths, Change, Resting, streams, toxics};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::spec::{Aim, FaultSpec, Lasts, Misfit, length};
use super::target::Target;
use crate::environment::toxiproxy::Stream;
use crate::model::duration::show;
use crate::model::{OptionSpec, OptionValue, OptionValues, Workload, size};
use reports::facts::Effect;
use reports::units::Nanos;
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "slicer";
const SIZES: (u64, u64) = (1, 1 << 30);

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "data passes in small pieces, with a delay after each",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[
        OptionSpec::bytes("average-size", SIZES, OptionValue::Unset, "the mean length of a piece"),
        OptionSpec::bytes(
            "size-variation",
            (0, SIZES.1),
            OptionValue::Bytes(0),
            "by how much lengths vary, either way",
        ),
        OptionSpec::duration("delay", OptionValue::Duration(Duration::ZERO), "how long to wait after each piece"),
    ],
    build: |given| Ok(Arc::new(Slicer::of(given)?)),
};

#[derive(Debug)]
struct Slicer {
    average: u64,
    variation: u64,
    delay: Duration,
}

impl Slicer {
    fn of(given: &OptionValues) -> Result<Self, Misfit> {
        let bytes = |key| given.get(key).and_then(OptionValue::bytes);
        let (average, variation) = (bytes("average-size"), bytes("size-variation").unwrap_or(0));
        match average {
            Some(average) if variation >= average => Err(Misfit {
                key: "size-variation",
                message: "pieces cannot vary by their whole length".to_owned(),
                help: format!("write less than the average size, \"{}\"", size::show(average)),
            }),
            _ => Ok(Self { average: average.unwrap_or(1), variation, delay: length(given, "delay") }),
        }
    }

    /// The proxy counts in whole microseconds.
    fn micros(&self) -> u64 {
        u64::try_from(self.delay.as_micros()).unwrap_or(u64::MAX)
    }
}

impl Fault for Slicer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> String {
        let (average, variation) = (size::show(self.average), size::show(self.variation));
        format!("{NAME} {average} ± {variation}, {} after each", show(self.delay))
    }

    fn detail(&self) -> String {
        let delay = Nanos::from(Duration::from_micros(self.micros()));
        format!("pieces of {} ± {} bytes, {delay} after each", self.average, self.variation)
    }

    /// Of the pieces that a message of this length makes, all but the last delay it; answers may fit in one.
    fn effect(&self, on: &Target, load: &Workload) -> Effect {
        if !on.clients().send() || !streams(on.direction()).contains(&Stream::Upstream) {
            return Effect::Nothing;
        }
        let longest = self.average + self.variation;
        let delays = (load.message_bytes as u64).div_ceil(longest).saturating_sub(1);
        Effect::Slower { by: Nanos(delays.saturating_mul(self.micros()).saturating_mul(1_000)) }
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let whole = |number| i64::try_from(number).unwrap_or(i64::MAX);
        let attributes = [
            ("average_size", whole(self.average)),
            ("size_variation", whole(self.variation)),
            ("delay", whole(self.micros())),
        ];
        let toxics = toxics(fault, "slicer", on, &attributes);
        AtPaths::boxed(Change::Toxics { toxics, resting: Resting::Absent }, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::{load, on};
    use crate::model::Direction;

    fn slicer(average: u64, variation: u64) -> Result<Slicer, Misfit> {
        let sizes = [("average-size", average), ("size-variation", variation)];
        let mut given: OptionValues = sizes.map(|(key, bytes)| (key, OptionValue::Bytes(bytes))).into();
        given.insert("delay", OptionValue::Duration(Duration::from_millis(2)));
        Slicer::of(&given)
    }

    #[test]
    fn every_piece_of_a_message_but_the_last_delays_it() {
        let pieces = slicer(96, 32).expect("fits");
        // 1,024 bytes in pieces of at most 128.
        assert_eq!(pieces.effect(&on(Direction::Upstream), &load()), Effect::Slower { by: Nanos::from_millis(14) });
        assert_eq!(pieces.effect(&on(Direction::Downstream), &load()), Effect::Nothing);
        assert_eq!(pieces.detail(), "pieces of 96 ± 32 bytes, 2.00 ms after each");
    }

    #[test]
    fn pieces_that_vary_by_their_whole_length_are_refused() {
        let misfit = slicer(64, 64).expect_err("too much");
        assert!(misfit.key == "size-variation" && misfit.help.contains("64B"), "{misfit:?}");
    }
}
