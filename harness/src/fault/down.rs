//! `down`: the proxy stops listening and closes every connection, as a host does that has gone from the network.
//!
//! Inject: disable the proxy. Confirm: it says that it is disabled. Heal: enable it; it says so.
//! A proxy is up or down as a whole: there is no direction.

use super::FaultKind;
use super::change::Change;
use super::options::{FaultSpec, Scope};
use reports::facts::Effect;

const NAME: &str = "down";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the link is cut: connections close, new ones are refused",
    scope: Scope::Link,
    options: &[],
    build: |_| FaultKind::Down,
};

pub(super) fn change() -> Change {
    Change::Disable
}

pub(super) fn effect() -> Effect {
    Effect::ConnectionsLost
}

pub(super) fn detail() -> String {
    "not listening, every connection closed".to_owned()
}
