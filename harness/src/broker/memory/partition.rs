//! One partition in memory: what it holds, what waits for its delivery, and what is pending.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// One delivery.
#[derive(Clone, Debug)]
pub(in crate::broker) struct LogEntry {
    pub(in crate::broker) position: u64,
    pub(in crate::broker) payload: Arc<[u8]>,
    pub(in crate::broker) delivery_count: u16,
}

#[derive(Debug, Default)]
pub(super) struct PartitionLog {
    /// How much was ever appended: the next position.
    pub(super) length: u64,
    /// What waits for its delivery.
    pub(super) undelivered: VecDeque<LogEntry>,
    /// What was delivered and not acknowledged, by position.
    pub(super) pending: BTreeMap<u64, LogEntry>,
    /// A message that is stored after its successor.
    pub(super) held_back: Option<Arc<[u8]>>,
    /// What it holds, in the order of positions; what nobody waits for is dropped at the beginning where it is too much.
    pub(super) kept: VecDeque<(u64, Arc<[u8]>)>,
    kept_bytes: usize,
}

/// How much a partition keeps of what nobody waits for any more, in bytes.
pub(super) const KEPT_BYTES: usize = 16 << 20;

impl PartitionLog {
    /// Stores a message for delivery; answers with its position.
    pub(super) fn push(&mut self, payload: Arc<[u8]>) -> u64 {
        let position = self.keep(Arc::clone(&payload));
        self.undelivered.push_back(LogEntry { position, payload, delivery_count: 1 });
        position
    }

    /// Drops what is stored at a position.
    pub(super) fn erase(&mut self, position: u64) {
        if let Ok(index) = self.kept.binary_search_by_key(&position, |(kept, _)| *kept)
            && let Some((_, payload)) = self.kept.remove(index)
        {
            self.kept_bytes -= payload.len();
        }
    }

    /// Stores a message that nobody will be given; answers with its position.
    pub(super) fn keep(&mut self, payload: Arc<[u8]>) -> u64 {
        let position = self.length;
        self.length += 1;
        self.kept_bytes += payload.len();
        self.kept.push_back((position, payload));
        // Whoever waits for an entry holds it too.
        while self.kept_bytes > KEPT_BYTES
            && let Some((_, oldest)) = self.kept.front()
            && Arc::strong_count(oldest) == 1
        {
            self.kept_bytes -= oldest.len();
            self.kept.pop_front();
        }
        position
    }
}
