//! Storms: a client that tries again and again faster than its declared backoff can explain.
//!
//! The backoff lets the first attempt after a loss come at once; from then on two attempts at one connection are never
//! closer together than its shortest wait, unless the connection lasted that long between them. So `1 + 1 s / wait` is the
//! most that may begin within one second. A storm is more than twice that, and at least ten: no accident of dating.
//! No fault explains a storm: where connections can be had and are closed again, the backoff binds all the same.

use super::envelope::shortest_wait;
use crate::facts::{ClientFacts, Envelope};
use crate::history::{Connection, ConnectionEvent};
use crate::units::Nanos;
use std::collections::BTreeMap;

/// Fewer attempts within a second are none, however short the waits.
const FEWEST: u64 = 10;

/// The worst second of a client's storm at one of its connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storm {
    /// The client.
    pub client: String,
    /// Which of its connections.
    pub peer: String,
    /// When that second began.
    pub at: Nanos,
    /// Attempts that began in it.
    pub attempts: u64,
    /// The most that its backoff explains.
    pub allowed: u64,
}

/// The storms of all clients that declare a backoff.
pub fn storms(clients: &[ClientFacts], rows: &[Connection]) -> Vec<Storm> {
    let mut begins: BTreeMap<(&str, &str), Vec<Nanos>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.event == ConnectionEvent::Connecting) {
        begins.entry((&row.client, &row.peer)).or_default().push(row.at);
    }
    let storm = |((client, peer), mut begins): ((&str, &str), Vec<Nanos>)| {
        let declared = clients.iter().find(|declared| declared.name == client)?;
        begins.sort_unstable();
        let (attempts, at) = busiest_second(&begins)?;
        let allowed = most_in_a_second(&declared.envelope);
        let worst = Storm { client: client.to_owned(), peer: peer.to_owned(), at, attempts, allowed };
        (attempts > 2 * allowed && attempts >= FEWEST).then_some(worst)
    };
    begins.into_iter().filter_map(storm).collect()
}

/// The largest number of attempts that began within one second, from an instant on, over all clients.
pub fn peak_attempts_per_second(rows: &[Connection], from: Nanos) -> u64 {
    let begins = rows.iter().filter(|row| row.event == ConnectionEvent::Connecting && row.at >= from);
    most_within_a_second(begins.map(|row| row.at))
}

/// How many of these instants, in any order, fall within the fullest second.
pub fn most_within_a_second(instants: impl Iterator<Item = Nanos>) -> u64 {
    let mut instants: Vec<_> = instants.collect();
    instants.sort_unstable();
    busiest_second(&instants).map_or(0, |(attempts, _)| attempts)
}

/// How many fall within the fullest second, and when it begins; the first of several.
fn busiest_second(begins: &[Nanos]) -> Option<(u64, Nanos)> {
    let within = |(index, at): (usize, &Nanos)| {
        let end = begins.partition_point(|other| *other < at.plus(Nanos::SECOND));
        ((end - index) as u64, *at)
    };
    begins.iter().enumerate().map(within).max_by_key(|(attempts, at)| (*attempts, std::cmp::Reverse(*at)))
}

fn most_in_a_second(envelope: &Envelope) -> u64 {
    let wait = shortest_wait(envelope).max(Nanos::from_millis(1));
    1 + Nanos::SECOND.0.div_ceil(wait.0)
}
