//! Nodes, watched from their start to the tear-down: an end that nobody asked for is told at once.

use super::event::{Event, Events};
use super::observer::Observer;
use crate::clock;
use crate::environment::{Ending, Node};
use reports::history::{NodeChange, NodeEvent};
use rustix::process::Signal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// Of the last lines of a log, so many, each up to this length.
const LINES: usize = 5;
const LINE_CHARACTERS: usize = 300;

/// Watches nodes; clones are the same. When the last is dropped, the watching ends.
#[derive(Clone)]
pub(super) struct Watch(Arc<Watching>);

struct Watching {
    observer: Observer,
    events: Events,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    /// Ends that somebody asked for, by node.
    asked: Mutex<BTreeMap<String, Asked>>,
    /// Nodes that were started, and have not answered since.
    starting: Mutex<BTreeSet<String>>,
    lost: watch::Sender<bool>,
}

/// An end that a fault asked for.
struct Asked {
    by: Signal,
    tell: oneshot::Sender<Ending>,
}

impl Watch {
    pub(super) fn new(observer: &Observer, events: &Events) -> Self {
        Self(Arc::new(Watching {
            observer: observer.clone(),
            events: events.clone(),
            tasks: Mutex::default(),
            asked: Mutex::default(),
            starting: Mutex::default(),
            lost: watch::channel(false).0,
        }))
    }

    /// Watches a node whose process runs since now.
    pub(super) fn started(&self, node: &Node) {
        self.0.observer.node(&change(node.name(), NodeEvent::Started, Some(node.origin().to_string())));
        self.watch(node);
    }

    /// Watches a node that runs again since now.
    pub(super) fn restarted(&self, node: &Node) {
        let words = node.pid().map(|pid| format!("process {pid}, with the same files and ports"));
        // Whatever was asked of the process before is not asked of this one.
        self.ask_no_more(node.name());
        self.0.observer.node(&NodeChange { asked_for: true, ..change(node.name(), NodeEvent::Restarted, words) });
        self.watch(node);
    }

    /// A node that is watched answers: since now, where it had not since it was started.
    pub(super) fn answers(&self, node: &str) {
        if lock(&self.0.starting).remove(node) {
            self.0.observer.node(&change(node, NodeEvent::Ready, None));
        }
    }

    /// The next end of a node is asked for, by this signal. What is returned is told how it ended.
    pub(super) fn ask(&self, node: &str, by: Signal) -> oneshot::Receiver<Ending> {
        let (tell, told) = oneshot::channel();
        self.0.asked().insert(node.to_owned(), Asked { by, tell });
        told
    }

    /// A node could not be asked to end.
    pub(super) fn ask_no_more(&self, node: &str) {
        self.0.asked().remove(node);
    }

    /// Whether a node was asked to end and has not yet.
    pub(super) fn is_asked(&self, node: &str) -> bool {
        self.0.asked().contains_key(node)
    }

    /// Turns true when a node ends that nobody asked to.
    pub(super) fn lost(&self) -> watch::Receiver<bool> {
        self.0.lost.subscribe()
    }

    /// What ends from here on is nobody's business.
    pub(super) fn end(&self) {
        lock(&self.0.tasks).iter().for_each(JoinHandle::abort);
    }

    fn watch(&self, node: &Node) {
        lock(&self.0.starting).insert(node.name().to_owned());
        // The task must not keep alive what ends it.
        let watching = Arc::downgrade(&self.0);
        let (name, ended, log) = (node.name().to_owned(), node.ended(), node.log_tail());
        let task = tokio::spawn(async move {
            let ending = ended.await;
            let at = clock::now();
            let Some(watching) = watching.upgrade() else { return };
            let asked = watching.asked().remove(&name).filter(|asked| explains(asked.by, &ending));
            let exit = ending.exit();
            let change =
                |asked_for, words| NodeChange { at, exit, asked_for, ..change(&name, NodeEvent::Ended, Some(words)) };
            if let Some(asked) = asked {
                watching.observer.node(&change(true, ending.to_string()));
                let _ = asked.tell.send(ending);
                return;
            }
            // The load ends now, whatever the log says and however long it takes to say it.
            watching.lost.send_replace(true);
            let words = words(&ending, &log.await);
            watching.events.tell(Event::NodeEnded { node: name.clone(), words: words.clone() });
            watching.observer.node(&change(false, words));
        });
        lock(&self.0.tasks).push(task);
    }
}

impl Watching {
    fn asked(&self) -> MutexGuard<'_, BTreeMap<String, Asked>> {
        lock(&self.asked)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        lock(&self.tasks).iter().for_each(JoinHandle::abort);
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether an end is what a signal leads to. A node that was told to end (SIGTERM) may say how by any code; want of memory,
/// or another signal, is not what was asked for.
fn explains(by: Signal, ending: &Ending) -> bool {
    match ending {
        Ending::Signal(signal) => *signal == by.as_raw(),
        Ending::Exit(_) => by != Signal::KILL,
        Ending::OutOfMemory | Ending::Removed => false,
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
    fn only_the_end_that_was_asked_for_is_explained() {
        assert!(explains(Signal::KILL, &Ending::Signal(9)) && explains(Signal::TERM, &Ending::Signal(15)));
        assert!(explains(Signal::TERM, &Ending::Exit(0)) && explains(Signal::TERM, &Ending::Exit(143)));
        for ending in [Ending::Exit(1), Ending::OutOfMemory, Ending::Removed, Ending::Signal(11)] {
            assert!(!explains(Signal::KILL, &ending), "{ending}");
        }
        assert!(!explains(Signal::TERM, &Ending::Signal(9)) && !explains(Signal::TERM, &Ending::OutOfMemory));
    }

    #[test]
    fn an_end_is_told_with_the_last_lines_of_the_log() {
        let log: Vec<String> = (1..=7).map(|line| format!("  line {line}")).chain([String::new()]).collect();
        let told = words(&Ending::Signal(9), &log);
        assert!(told.starts_with("signal 9 (SIGKILL); the last lines of its log: line 3 ⏎ "), "{told}");
        assert!(told.ends_with("line 7"), "{told}");
        assert_eq!(words(&Ending::OutOfMemory, &[]), "out of memory; its log is empty");
    }
}
