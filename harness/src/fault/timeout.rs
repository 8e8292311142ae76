//! `timeout`: nothing passes any more. Connections stay open, or are closed after a while; both look alive until then.
//!
//! Inject: add the toxic `timeout` for each direction. Confirm: read back with these attributes. Heal: remove it; it is gone.
//! What was swallowed stays lost: on removing the toxic the server closes the connections that it worked on.

use super::change::{Change, Resting, toxics};
use super::options::{FaultSpec, Scope, duration, length};
use super::{FaultKind, whole_millis, words};
use crate::model::{Direction, OptionValue};
use reports::facts::Effect;
use std::time::Duration;

const NAME: &str = "timeout";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "nothing passes, connections stay open (a black hole), or are closed after a while",
    scope: Scope::Stream,
    options: &[duration(
        "after",
        OptionValue::Duration(Duration::ZERO),
        "when to close connections; \"0s\": not while the fault lasts",
    )],
    build: |given| FaultKind::Timeout { after: length(given, "after") },
};

pub(super) fn change(fault: &str, after: Duration, direction: Direction) -> Change {
    let attributes = [("timeout", whole_millis(after))];
    Change::Toxics { toxics: toxics(fault, "timeout", direction, &attributes), resting: Resting::Absent }
}

/// One way is enough: without requests there are no answers.
pub(super) fn effect() -> Effect {
    Effect::Silence
}

pub(super) fn detail(after: Duration) -> String {
    if after.is_zero() {
        "nothing passes, connections stay open".to_owned()
    } else {
        format!("nothing passes, connections are closed after {}", words(after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_connections_life_is_told() {
        let told = detail(Duration::from_secs(2));
        assert_eq!(told, "nothing passes, connections are closed after 2.00 s");
    }
}
