//! `down`: the proxy stops listening and closes every connection, as a host does that has gone from the network.
//!
//! Inject: disable the proxy. Confirm: it says that it is disabled. Heal: enable it; it says so.
//! A proxy is up or down as a whole: there is no direction.

use super::Kind;
use super::change::Change;
use reports::facts::Effect;

pub(super) const KIND: Kind = Kind {
    name: "down",
    about: "closes every connection and refuses new ones, as if the network to the node were gone",
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
