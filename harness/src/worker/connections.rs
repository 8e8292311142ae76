//! The diary of one client's connections.

use super::record::Records;
use super::row::Row;
use crate::clock;
use reports::history::{Connection, ConnectionEvent};
use reports::units::Nanos;

/// Writes what happens to a client's connections into the history.
#[derive(Clone, Debug)]
pub struct ConnectionLog {
    client: String,
    records: Records,
}

impl ConnectionLog {
    /// For the client of this name.
    pub fn new(client: &str, records: Records) -> Self {
        Self { client: client.to_owned(), records }
    }

    /// The client's name.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Something happened now.
    pub fn note(&self, peer: &str, event: ConnectionEvent, error: Option<String>) {
        self.note_at(clock::now(), peer, event, error);
    }

    /// Something happened then.
    pub fn note_at(&self, at: Nanos, peer: &str, event: ConnectionEvent, error: Option<String>) {
        let (client, peer) = (self.client.clone(), peer.to_owned());
        self.records.push(Row::Connection(Connection { client, peer, event, at, error }));
    }
}
