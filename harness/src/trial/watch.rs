//! Nodes, watched from their start to the tear-down: an end that nobody asked for is told at once.

use super::event::{Event, Events};
use super::observer::Observer;
use crate::clock;
use crate::environment::{Ending, Node};
use reports::history::{NodeChange, NodeEvent};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Of the last lines of a log, so many, each up to this length.
const LINES: usize = 5;
const LINE_CHARACTERS: usize = 300;

/// Watches nodes. Dropping it ends the watching, so that what the tear-down ends is not told.
pub(super) struct Watch {
    observer: Observer,
    events: Events,
    watching: Vec<JoinHandle<()>>,
    lost: watch::Sender<bool>,
}

impl Watch {
    pub(super) fn new(observer: &Observer, events: &Events) -> Self {
        Self { observer: observer.clone(), events: events.clone(), watching: Vec::new(), lost: watch::channel(false).0 }
    }

    /// Watches a node whose process runs since now.
    pub(super) fn started(&mut self, node: &Node) {
        self.observer.node(&change(node.name(), NodeEvent::Started, Some(node.origin().to_string())));
        let (observer, events, lost) = (self.observer.clone(), self.events.clone(), self.lost.clone());
        let (name, ended, log) = (node.name().to_owned(), node.ended(), node.log_tail());
        self.watching.push(tokio::spawn(async move {
            let ending = ended.await;
            let at = clock::now();
            // The load ends now, whatever the log says and however long it takes to say it.
            lost.send_replace(true);
            let words = words(&ending, &log.await);
            events.tell(Event::NodeEnded { node: name.clone(), words: words.clone() });
            let exit = ending.exit();
            observer.node(&NodeChange { at, exit, ..change(&name, NodeEvent::Ended, Some(words)) });
        }));
    }

    /// A node that is watched answers since now.
    pub(super) fn ready(&self, node: &Node) {
        self.observer.node(&change(node.name(), NodeEvent::Ready, None));
    }

    /// Turns true when a node ends that nobody asked to.
    pub(super) fn lost(&self) -> watch::Receiver<bool> {
        self.lost.subscribe()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.watching.iter().for_each(JoinHandle::abort);
    }
}

fn change(node: &str, event: NodeEvent, words: Option<String>) -> NodeChange {
    NodeChange { node: node.to_owned(), event, at: clock::now(), exit: None, asked_for: false, words }
}

/// How it ended, and the last that it said.
fn words(ending: &Ending, log: &[String]) -> String {
    let last: Vec<String> = log
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.trim().chars().take(LINE_CHARACTERS).collect())
        .collect();
    let last = &last[last.len().saturating_sub(LINES)..];
    if last.is_empty() {
        return format!("{ending}; its log is empty");
    }
    format!("{ending}; the last lines of its log: {}", last.join(" ⏎ "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_with_the_last_lines_of_the_log() {
        let log: Vec<String> = (1..=7).map(|line| format!("  line {line}")).chain([String::new()]).collect();
        let told = words(&Ending::Signal(9), &log);
        assert!(told.starts_with("signal 9 (SIGKILL); the last lines of its log: line 3 ⏎ "), "{told}");
        assert!(told.ends_with("line 7"), "{told}");
        assert_eq!(words(&Ending::OutOfMemory, &[]), "out of memory; its log is empty");
    }
}
