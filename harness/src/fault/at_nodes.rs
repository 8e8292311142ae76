//! Faults on nodes: their main process is ended and started again, or stopped and let go on.

use super::handles::Handles;
use super::kind::{Actuator, Phase, Reading};
use super::nodes::{NodeState, Nodes};
use super::process::KnownProcess;
use super::target::{Select, Target};
use crate::environment::EnvironmentError;
use futures_util::future::BoxFuture;
use rustix::process::Signal;
use std::sync::Arc;

/// What is done to a node's main process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DoneToNode {
    /// It is ended by this signal, and started again.
    End(Signal),
    /// It is stopped (SIGSTOP), and let go on (SIGCONT).
    Stop,
}

/// Something done to one node.
#[derive(Debug)]
pub(super) struct AtNode {
    doing: DoneToNode,
    select: Select,
    fault: String,
    nodes: Option<Arc<dyn Nodes>>,
    /// The node that was meant when the fault began, and its process then.
    chosen: Option<(String, Option<KnownProcess>)>,
}

impl AtNode {
    /// The actuator of what is done to the node that a target names.
    pub(super) fn boxed(doing: DoneToNode, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        Box::new(Self::of(doing, fault, on, handles))
    }

    /// What is done to the node that a target names.
    pub(super) fn of(doing: DoneToNode, fault: &str, on: &Target, handles: &Handles) -> Self {
        let select = match on {
            Target::Node(select) => select.clone(),
            // No scenario that was read has it.
            Target::Link { .. } | Target::Worker(_) | Target::Messages => Select::Any,
        };
        Self { doing, select, fault: fault.to_owned(), nodes: handles.nodes.clone(), chosen: None }
    }

    fn nodes(&self) -> Result<Arc<dyn Nodes>, EnvironmentError> {
        self.nodes.clone().ok_or_else(|| {
            EnvironmentError::step(
                format!("{} is aimed at a node, and no node was started", self.fault),
                "somebody else runs this broker, or it lives in the harness: only faults on its links are possible",
            )
        })
    }

    async fn act(&mut self) -> Result<(), EnvironmentError> {
        let nodes = self.nodes()?;
        let node = match &self.chosen {
            Some((node, _)) => node.clone(),
            None => nodes.find(&self.select, &self.fault).await?,
        };
        if self.chosen.is_none() {
            let process = match nodes.state(&node).await? {
                NodeState::Runs(pid) => pid.and_then(KnownProcess::of),
                NodeState::Ended(ending) => {
                    let what = format!("{node} had ended before {} was to be done to it: {ending}", self.fault);
                    return Err(EnvironmentError::step(what, "its log is in the trial's folder `logs`"));
                }
            };
            self.chosen = Some((node.clone(), process));
        }
        match self.doing {
            DoneToNode::End(signal) => nodes.end(&node, signal).await.map(drop),
            DoneToNode::Stop => {
                nodes.signal(&node, Signal::STOP).await?;
                self.until(true).await;
                Ok(())
            }
        }
    }

    async fn rest(&mut self) -> Result<(), EnvironmentError> {
        let Some((node, _)) = self.chosen.clone() else { return Ok(()) };
        let nodes = self.nodes()?;
        match self.doing {
            DoneToNode::End(_) => nodes.start_again(&node).await,
            DoneToNode::Stop => {
                nodes.signal(&node, Signal::CONT).await?;
                self.until(false).await;
                Ok(())
            }
        }
    }

    /// Waits for a while until the process is stopped, or not; what it is then, reading tells.
    async fn until(&self, stopped: bool) {
        if let Some((_, Some(process))) = &self.chosen {
            process.until(stopped).await;
        }
    }

    async fn acting(&self, node: &str, process: Option<KnownProcess>) -> Result<Reading, EnvironmentError> {
        let state = self.nodes()?.state(node).await?;
        let id = process.map_or_else(|| "of an unknown id".to_owned(), |process| process.pid.to_string());
        Ok(match (self.doing, state) {
            (DoneToNode::End(_), NodeState::Ended(ending)) => {
                let gone = process.is_none_or(KnownProcess::is_gone);
                let there = if gone { "gone" } else { "still there" };
                Reading { shows: gone, words: format!("{node}: process {id} is {there}, ended by {ending}") }
            }
            (DoneToNode::Stop, NodeState::Runs(_)) => {
                let stopped = process.and_then(KnownProcess::is_stopped);
                let words = match stopped {
                    Some(true) => "is stopped (state T)",
                    Some(false) => "is not stopped",
                    None => "cannot be looked at in /proc",
                };
                Reading { shows: stopped == Some(true), words: format!("{node}: process {id} {words}") }
            }
            (DoneToNode::End(_), NodeState::Runs(_)) => {
                Reading { shows: false, words: format!("{node}: process {id} runs") }
            }
            (DoneToNode::Stop, NodeState::Ended(ending)) => {
                Reading { shows: false, words: format!("{node}: process {id} has ended: {ending}") }
            }
        })
    }

    async fn resting(&self, node: &str, process: Option<KnownProcess>) -> Result<Reading, EnvironmentError> {
        let nodes = self.nodes()?;
        let now = match nodes.state(node).await? {
            NodeState::Ended(ending) => {
                return Ok(Reading { shows: false, words: format!("{node}: its process has ended: {ending}") });
            }
            NodeState::Runs(pid) => pid.and_then(KnownProcess::of),
        };
        let id = now.map_or_else(|| "of an unknown id".to_owned(), |now| now.pid.to_string());
        let as_before = now.is_some() && now == process;
        if let (DoneToNode::End(_), true) = (self.doing, as_before) {
            return Ok(Reading { shows: false, words: format!("{node}: process {id} is the one that was to end") });
        }
        if now.and_then(KnownProcess::is_stopped) == Some(true) {
            return Ok(Reading { shows: false, words: format!("{node}: process {id} is stopped (state T)") });
        }
        nodes.must_answer(node).await?;
        Ok(Reading { shows: true, words: format!("{node}: process {id} answers in the broker's protocol") })
    }
}

impl Actuator for AtNode {
    fn node(&self) -> Option<&str> {
        self.chosen.as_ref().map(|(node, _)| node.as_str())
    }

    fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            match phase {
                Phase::Acting => self.act().await,
                Phase::Resting => self.rest().await,
            }
        })
    }

    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
        Box::pin(async move {
            match (&self.chosen, phase) {
                (Some((node, process)), Phase::Acting) => self.acting(node, *process).await,
                (Some((node, process)), Phase::Resting) => self.resting(node, *process).await,
                // Which node is meant is asked when it is done.
                (None, Phase::Resting) => Ok(Reading { shows: true, words: "nothing was done".to_owned() }),
                (None, Phase::Acting) => Ok(Reading { shows: false, words: "nothing was done".to_owned() }),
            }
        })
    }
}
