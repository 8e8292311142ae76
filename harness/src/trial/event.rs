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
    /// The trial is over and its history is written.
    TrialEnded {
        /// How long it took.
        took: Nanos,
    },
}

/// Where a trial stands, over all its workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Since the start of the warm-up.
    pub elapsed: Nanos,
    /// The warm-up's length.
    pub warmup: Nanos,
    /// The load's length.
    pub load: Nanos,
    /// Sends begun.
    pub sent: u64,
    /// Sends acknowledged.
    pub acknowledged: u64,
    /// Sends that failed or of which nobody knows.
    pub unsuccessful: u64,
    /// Deliveries.
    pub delivered: u64,
    /// What the broker holds for the consumers and has not seen settled, as it last said; `None`: it has not said.
    pub backlog: Option<u64>,
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
