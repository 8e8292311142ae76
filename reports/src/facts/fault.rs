//! Faults as planned.

use super::poison::Poison;
use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fault, as planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultFacts {
    /// Its name in the trial: `down-1`.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// What it is done to.
    pub target: String,
    /// Its parameters, in words: `delay 200 ms, downstream`.
    pub detail: String,
    /// When to inject.
    pub at: Nanos,
    /// When to heal.
    pub until: Nanos,
    /// What it must visibly do for its injection to be believed.
    pub effect: Effect,
    /// The clients that it is done to; empty: all. Only these must show its effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<String>,
    /// The proxied paths that it is done to, by name: bytes must have passed each. None in older histories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// As `paths`, where bytes must have passed one of them: between nodes, which of them connects to which is their own affair.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub some_of: Vec<String>,
    /// As `paths`, where bytes must have passed one of each group: the same clients reach different nodes over these, and which of
    /// them they have to do with, the system decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Vec<String>>,
    /// How it keeps its clients from the broker, if it does: what explains losses, failed attempts and late returns.
    #[serde(default)]
    pub cut: Option<Cut>,
    /// Which messages it makes impossible to process, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poison: Option<Poison>,
    /// On which condition to inject it, if on one: then `at` is the earliest time, and `until` that much later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

/// How a fault keeps a client from the broker while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// Connections are closed, and new ones refused: a client learns of it at once.
    Refused,
    /// Connections stay, and nothing comes back: a client learns of it by its own timeouts.
    Silent,
    /// Connections are closed, now or as soon as they are used; new ones may be had and are closed too.
    Closed,
    /// The client's own process has ended, and its connections with it; its successor opens others.
    Ended,
    /// Connections stay; a node to which they lead is cut off from the others. It may refuse what it needs the others for, give
    /// up its clients when another one leads, or take alone what is thrown away later.
    Alone,
}

/// What a fault must show in the history.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Connections are lost.
    ConnectionsLost,
    /// No send is acknowledged while it lasts (after what was under way).
    Silence,
    /// Service times rise by at least this.
    Slower {
        /// By how much.
        by: Nanos,
    },
    /// The clients that it is done to do nothing: they begin no send, and receive and settle no message.
    Idle,
    /// The consumers that it is done to work longer on each message, at least by this, before they ask to settle it.
    HeldLonger {
        /// By how much.
        by: Nanos,
    },
    /// The consumers that it is done to receive messages.
    TakesPart,
    /// They do, while it is in force or later: they stay to the end.
    StaysOn,
    /// Packets vanish: on each of its paths, as counted where they are dropped.
    PacketsDropped,
    /// None that must be visible to clients.
    Nothing,
}
