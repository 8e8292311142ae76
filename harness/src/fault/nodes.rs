//! What faults may do to the nodes of a started system. The trial gives it to them, because it watches the nodes too.

use super::target::Select;
use crate::environment::{Ending, EnvironmentError};
use futures_util::future::BoxFuture;
use rustix::process::Signal;
use std::fmt;
use std::time::Duration;

/// The nodes of a started system. Every call comes to an end by itself.
pub trait Nodes: fmt::Debug + Send + Sync {
    /// The names of those that are brokers, in their order.
    fn brokers(&self) -> Vec<&str>;
    /// The name of the node that is meant, now. `chooser` is the fault's name: what it chooses by the seed stays the same.
    ///
    /// # Errors
    /// There is none, or the broker cannot say.
    fn find<'a>(&'a self, select: &'a Select, chooser: &'a str) -> BoxFuture<'a, Result<String, EnvironmentError>>;
    /// Its main process.
    ///
    /// # Errors
    /// Its host does not answer.
    fn state<'a>(&'a self, node: &'a str) -> BoxFuture<'a, Result<NodeState, EnvironmentError>>;
    /// Sends its main process a signal that does not end it.
    ///
    /// # Errors
    /// Its host refuses.
    fn signal<'a>(&'a self, node: &'a str, signal: Signal) -> BoxFuture<'a, Result<(), EnvironmentError>>;
    /// Ends its main process by a signal, and waits for its end, which is noted as asked for.
    ///
    /// # Errors
    /// Its host refuses, or it does not end.
    fn end<'a>(&'a self, node: &'a str, by: Signal) -> BoxFuture<'a, Result<Ending, EnvironmentError>>;
    /// Starts it again with the same files and ports, and waits until it answers in the broker's protocol. One that runs is
    /// left as it is.
    ///
    /// # Errors
    /// It does not start, or does not answer in time.
    fn start_again<'a>(&'a self, node: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>>;
    /// Asks it once whether it answers in the broker's protocol.
    ///
    /// # Errors
    /// It does not.
    fn must_answer<'a>(&'a self, node: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>>;
    /// Waits until the system says that it lacks nothing: all nodes have joined, and all replicas are in sync.
    ///
    /// # Errors
    /// It lacks something for longer than this, or does not say.
    fn whole(&self, within: Duration) -> BoxFuture<'_, Result<(), EnvironmentError>>;
}

/// A node's main process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// It is there, with this process id on this host where it can be seen.
    Runs(Option<u32>),
    /// It has ended.
    Ended(Ending),
}
