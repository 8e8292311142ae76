//! Clients: timeouts, backoff, reading and settling; who breaks promises, who is killed, how the trial ends.

use super::feature::{Allowed, Feature};
use super::load::Load;
use super::shape::{BrokerKind, Shape};
use crate::chance::Chance;
use reports::facts::Envelope;
use reports::units::Nanos;

/// What a producer does with a message while it has no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offline {
    /// It fails at once: it never left.
    Fails,
    /// It waits for a connection as long as a request may take, then it has failed: it never left.
    Waits,
}

/// When a consumer settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckMode {
    /// After processing.
    AfterProcessing,
    /// When received.
    OnReceipt,
    /// Not at all.
    Never,
}

/// How consumers read and settle.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Entries of one read at most.
    pub count: usize,
    /// How long a read waits for entries.
    pub block: Nanos,
    /// Time spent on each message.
    pub processing: Nanos,
    /// From which idle time on a pending entry may be taken over.
    pub claim_idle: Nanos,
    /// How often a consumer looks for such entries.
    pub claim_every: Nanos,
    /// When it settles.
    pub ack: AckMode,
    /// A delivery says when it was asked for.
    pub tells_asked: bool,
    /// It goes on reading while its settlements are under way.
    pub overlapping: bool,
    /// After how long the broker gives a silent member's partitions to others.
    pub session: Nanos,
}

/// How clients behave.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// What each declares about its attempts.
    pub envelope: Envelope,
    /// After which a request has no answer.
    pub request_timeout: Nanos,
    /// Sends under way at most, for each producer.
    pub in_flight: usize,
    /// What happens to sends without a connection.
    pub offline: Offline,
    /// Consumers.
    pub reading: Reading,
    /// One way on the network.
    pub one_way: Nanos,
    /// What may be added to it.
    pub jitter: Nanos,
    /// How long the generator stalls, where it does, and from when on.
    pub stall: Option<(Nanos, Nanos)>,
}

impl Policy {
    pub(super) fn draw(chance: &mut Chance, allowed: Allowed, shape: Shape, load: &Load) -> Self {
        let first = chance.millis(50.0, 1000.0);
        let jitter = chance.share(0.0, 0.3);
        let request_timeout = chance.millis(300.0, 1500.0);
        let envelope = Envelope {
            first,
            factor: chance.share(1.0, 2.5),
            max: first.plus(chance.millis(500.0, 5000.0)),
            jitter_below: jitter,
            jitter_above: jitter,
            resolution: chance.pick(&[Nanos::from_millis(1), Nanos::from_millis(10), Nanos::from_millis(100)]),
            connect_timeout: chance.millis(300.0, 1500.0),
        };
        let one_way = chance.millis(0.02, 2.0);
        let claim_idle = chance.millis(800.0, 5000.0);
        let count = chance.between(1, 16) as usize;
        let slow = allowed.has(Feature::SlowProcessing) && chance.happens(0.15);
        let processing = if slow {
            Nanos((claim_idle.0 as f64 * chance.share(0.3, 1.6)) as u64 / count as u64)
        } else {
            chance.millis(0.0, 1.0)
        };
        let odd = chance.between(0, 19);
        let ack = match odd {
            0 if allowed.has(Feature::OddAcks) => AckMode::OnReceipt,
            1 if allowed.has(Feature::OddAcks) => AckMode::Never,
            _ => AckMode::AfterProcessing,
        };
        let (in_flight, offline) = (chance.pick(&[1, 4, 64, 1000]), chance.pick(&[Offline::Fails, Offline::Waits]));
        let mut policy = Self {
            envelope,
            request_timeout,
            in_flight,
            offline,
            reading: Reading {
                count,
                block: chance.millis(300.0, 2000.0),
                processing,
                claim_idle,
                claim_every: chance.millis(300.0, 1500.0),
                ack,
                tells_asked: shape.kind == BrokerKind::Entries
                    || (shape.kind == BrokerKind::Log && chance.happens(0.5)),
                overlapping: shape.kind != BrokerKind::Queue && chance.happens(0.5),
                session: chance.millis(1000.0, 6000.0),
            },
            one_way,
            jitter: jitter_of(one_way, chance.share(0.0, 2.0)),
            stall: None,
        };
        let (stalls, from, length) = (chance.happens(0.06), chance.share(0.0, 0.9), chance.share(0.001, 0.1));
        // A history may not say when deliveries were asked for.
        policy.reading.tells_asked &= shape.kind != BrokerKind::Entries || !chance.happens(0.15);
        policy.stall = (stalls && allowed.has(Feature::Stalls)).then(|| (load.at(from), load.at(from + length)));
        policy
    }
}

/// Mostly at most as long as the way twice; now and then so long that answers overtake each other.
fn jitter_of(one_way: Nanos, share: f64) -> Nanos {
    const WILD: f64 = 1.8;
    let wild = (share > WILD).then(|| (share - WILD) / (2.0 - WILD) * 40e6);
    Nanos(wild.unwrap_or(one_way.0 as f64 * share) as u64)
}

/// How a client keeps what its envelope declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// As declared.
    Honest,
    /// It waits too little.
    Hasty,
    /// It waits too long.
    Tardy,
    /// Once it has lost its connection, it stays away.
    Gone,
}

impl Manners {
    pub(super) fn draw(chance: &mut Chance, allowed: Allowed) -> Self {
        match chance.between(0, 59) {
            _ if !allowed.has(Feature::BadManners) => Self::Honest,
            0 => Self::Hasty,
            1 => Self::Tardy,
            2 => Self::Gone,
            _ => Self::Honest,
        }
    }
}

/// A stretch in which one consumer's connections are closed as soon as they are open, and it tries again at once. No fault is
/// needed for that, and none is there that could explain it.
#[derive(Clone, Copy, Debug)]
pub struct Storm {
    /// Whose.
    pub client: usize,
    /// From here on.
    pub from: Nanos,
    /// Until here.
    pub to: Nanos,
}

impl Storm {
    pub(super) fn draw(chance: &mut Chance, allowed: Allowed, shape: Shape, load: &Load) -> Option<Self> {
        let (happens, consumer) = (chance.happens(0.03), chance.between(0, shape.consumers as u64 - 1));
        let (from, length) = (load.at(chance.share(0.1, 0.9)), chance.millis(5.0, 1500.0));
        let storm = Self { client: shape.producers + consumer as usize, from, to: from.plus(length) };
        (happens && allowed.has(Feature::Storms)).then_some(storm)
    }
}

pub(super) fn kill(chance: &mut Chance, allowed: Allowed, shape: Shape, client: usize, load: &Load) -> Option<Nanos> {
    let (drawn, share) = (chance.happens(0.02), chance.share(0.1, 0.9));
    // Somebody must be left to consume.
    let spare = client != shape.producers;
    (allowed.has(Feature::Kills) && drawn && spare).then(|| load.at(share))
}

/// How a trial ends, and what is known of its end.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Somebody lived to say how it ended.
    pub told: bool,
    /// It was cut short, at this share of the load.
    pub interrupted: Option<f64>,
    /// The drain is over after a second without a delivery, whatever is left.
    pub impatient: bool,
    /// A partition of which the broker was not asked.
    pub unasked: Option<usize>,
    /// The broker can tell what the group has not had.
    pub tells_lag: bool,
    /// What is known of bytes through the proxy.
    pub proxied_bytes: Option<u64>,
    /// A node ends, at this share of the load.
    pub node: Option<NodeEnd>,
    /// What is written of what a killed client had begun.
    pub journal: Journal,
}

/// The end of a node.
#[derive(Clone, Copy, Debug)]
pub struct NodeEnd {
    /// At this share of the load.
    pub at: f64,
    /// Somebody asked for it.
    pub asked_for: bool,
}

/// Whether a killed client's rows survive it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journal {
    /// Each send that was begun has a row, and every file says how it ended: as the harness does it.
    Kept,
    /// What was under way has no row, and no file says how it ended: as another tool may leave it.
    None,
}

impl Ending {
    pub(super) fn draw(chance: &mut Chance, allowed: Allowed, shape: Shape) -> Self {
        let which = chance.between(0, 99);
        let (partition, share) = (chance.between(0, shape.partitions as u64 - 1) as usize, chance.share(0.2, 0.9));
        let doubts = allowed.has(Feature::DoubtfulEnds);
        let ends = chance.happens(0.03) && allowed.has(Feature::Nodes);
        let node = NodeEnd { at: chance.share(0.0, 1.0), asked_for: chance.happens(0.3) };
        Self {
            told: !(doubts && which == 0),
            interrupted: (doubts && which == 1).then_some(share),
            impatient: doubts && (2..=9).contains(&which),
            unasked: (doubts && (10..=11).contains(&which)).then_some(partition),
            tells_lag: !(doubts && (12..=13).contains(&which)),
            proxied_bytes: match which {
                14 if doubts => Some(0),
                15 if doubts => None,
                _ => Some(1_000_000),
            },
            node: ends.then_some(node),
            journal: if chance.happens(0.15) && doubts { Journal::None } else { Journal::Kept },
        }
    }
}
