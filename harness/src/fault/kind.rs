//! The seam of faults: what a fault says of itself, and how it is brought about where it is aimed.

use super::handles::Handles;
use super::outage::Outage;
use super::target::Target;
use super::told::ToldConsumers;
use crate::environment::EnvironmentError;
use crate::model::{Link, Workload};
use futures_util::future::BoxFuture;
use reports::facts::{Effect, Poison};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What can be done to a system, with its parameters. Cold: asked when a trial is planned, and when it is done.
pub trait Fault: fmt::Debug + Send + Sync {
    /// Its key in scenario files: `latency`.
    fn name(&self) -> &'static str;
    /// Whether it works on one direction of a link, which a scenario may choose, and not on the link as such.
    fn is_directed(&self) -> bool {
        true
    }
    /// Itself with its parameters, as a dry run shows it: `latency 50ms ± 10ms`.
    fn summary(&self) -> String;
    /// Its parameters in words, for reports: `delay 200 ms ± 20.0 ms`.
    fn detail(&self) -> String;
    /// What it must visibly do to those clients on the target that take part in this load, for its injection to be believed.
    fn effect(&self, on: &Target, load: &Workload) -> Effect;
    /// Whether it makes packets vanish, which not every machine lets the harness do.
    fn drops_packets(&self) -> bool {
        false
    }
    /// The links between nodes that it is done to beside its target, and that must lead through the proxy for it.
    fn links(&self) -> &'static [Link] {
        &[]
    }
    /// How it keeps clients from the broker, done to this target; `None`: they stay connected.
    fn outage(&self, _: &Target) -> Option<Outage> {
        None
    }
    /// Which messages it makes impossible to process; `None`: none.
    fn poison(&self) -> Option<Poison> {
        None
    }
    /// What it tells the consumers that it is aimed at, for it is done by themselves; `None`: it is done to any client without their
    /// doing.
    fn tells(&self) -> Option<ToldConsumers> {
        None
    }
    /// Whether it must not last while another one does on the same target: by default only its own kind, because the two
    /// could not be told apart.
    fn excludes(&self, other: &dyn Fault) -> bool {
        self.name() == other.name()
    }
    /// Where it is done to each broker in turn: what is done to this one. `None`: it is done as one.
    fn turn_of(&self, _node: &str) -> Option<Arc<dyn Fault>> {
        None
    }
    /// What brings it about on this target. What it puts anywhere is named after the fault, so that several may work at once.
    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator>;
}

/// Which of its two states a target should be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The fault does not last: before, to be ready for it, and after.
    Resting,
    /// It lasts.
    Acting,
}

/// A target as it was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// It is wholly in the phase that was asked about.
    pub shows: bool,
    /// What was read, as evidence.
    pub words: String,
}

/// Brings the phases of one fault about at all that it is aimed at. Every call comes to an end by itself.
pub trait Actuator: fmt::Debug + Send {
    /// Brings a phase about. Doing it twice does no harm.
    ///
    /// # Errors
    /// Something did not do what it was asked; the rest was asked all the same.
    fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>>;
    /// Reads back whether a phase has come about.
    ///
    /// # Errors
    /// Something does not answer.
    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>>;
    /// How long it is meant to act; by default that does not matter to it.
    fn is_to_act_for(&mut self, _lasts: Duration) {}
    /// The node that it was done to, once it is known; `None`: it is not done to a node.
    fn node(&self) -> Option<&str> {
        None
    }
    /// The packets that it has dropped, on the path where these were the fewest; `None`: it drops none.
    fn dropped(&self) -> Option<u64> {
        None
    }
    /// Brings rest about where asking for it did not, by replacing what does not answer. By default it is asked for again.
    ///
    /// # Errors
    /// As `bring`.
    fn renew(&mut self) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        self.bring(Phase::Resting)
    }
}
