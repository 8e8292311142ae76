//! What a run tells its listeners while it goes on. Listeners only listen; the work calls none of them.

use reports::units::Nanos;
use tokio::sync::mpsc::UnboundedSender;

/// Something that happened, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A trial begins.
    TrialBegan {
        /// The system's name.
        system: String,
        /// Which repeat.
        repeat: u32,
        /// Which trial of how many, from 1.
        number: usize,
        /// How many.
        of: usize,
    },
    /// A step of the trial begins: `starting brokers`.
    Step(&'static str),
    /// The load goes on.
    Progress(Totals),
    /// A fault was injected, or it could not be confirmed.
    Injected {
        /// Its name.
        fault: String,
        /// Since the load's start; `None`: not confirmed.
        at: Option<Nanos>,
    },
    /// A fault was healed, or it could not be confirmed.
    Healed {
        /// Its name.
        fault: String,
        /// Since the load's start; `None`: not confirmed.
        at: Option<Nanos>,
    },
    /// A node ended, and nobody had asked it to.
    NodeEnded {
        /// Which.
        node: String,
        /// How, and the last that its log says.
        words: String,
    },
    /// Somebody interrupted the run: what is in force is healed, and everything comes to its end in order.
    Interrupted,
    /// Something went wrong; the trial goes on if it can.
    Trouble(String),
    /// The trial's brokers are left running, as was asked for.
    Kept(Kept),
    /// The trial is over and its history is written.
    TrialEnded {
        /// How long it took.
        took: Nanos,
    },
}

/// Where a trial stands, over all its workers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// How long nothing is sent yet, where the scenario asks for such a time and it is not over.
    pub idle: Option<Nanos>,
    /// Since the start of the warm-up.
    pub elapsed: Nanos,
    /// The warm-up's length.
    pub warmup: Nanos,
    /// Whether the warm-up is at its silent end, in which what waits is answered.
    pub silent: bool,
    /// The load's length.
    pub load: Nanos,
    /// How long the drain may still take. `None`: it has not begun.
    pub drain: Option<Nanos>,
    /// Sends begun.
    pub sent: u64,
    /// Sends acknowledged.
    pub acknowledged: u64,
    /// Sends that failed or of which nobody knows.
    pub unsuccessful: u64,
    /// Why, in the broker's or the client library's words, with how many, the most frequent first. What was recorded in the last
    /// moments may not be among them yet.
    pub reasons: Vec<(String, u64)>,
    /// Deliveries.
    pub delivered: u64,
    /// 99th percentile of the response times of the last two seconds. `None`: no send came to its end in them.
    pub p99: Option<Nanos>,
    /// Clients that have a connection.
    pub connected: usize,
    /// Clients that there should be.
    pub clients: usize,
    /// What the broker holds for the consumers and has not seen settled, as it last said; `None`: it has not said.
    pub backlog: Option<u64>,
}

/// What a trial that is kept leaves running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The system's name.
    pub system: String,
    /// Its nodes that run, and the proxy's. None where it lived in this process, was somebody else's, or did not start.
    pub nodes: Vec<KeptNode>,
    /// Those that have ended, and how, in words.
    pub ended: Vec<(String, String)>,
}

/// A node that is left running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptNode {
    /// Its name: `redis-0`.
    pub name: String,
    /// `host:port` past the proxy.
    pub address: String,
    /// The clients' paths to it through the proxy: the name of each, and `host:port` where it listens.
    pub paths: Vec<(String, String)>,
    /// `container focused_curie`, `process 4711`.
    pub place: String,
    /// What looks into it, ready for a shell.
    pub command: String,
}

/// The way to the listeners.
#[derive(Clone, Debug)]
pub struct Events(UnboundedSender<Event>);

impl Events {
    /// Over this channel.
    pub fn new(sender: UnboundedSender<Event>) -> Self {
        Self(sender)
    }

    /// Tells; nobody listening is fine.
    pub fn tell(&self, event: Event) {
        let _ = self.0.send(event);
    }
}
