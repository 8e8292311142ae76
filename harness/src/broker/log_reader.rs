//! Reading all that a broker's log holds, by another client than those under test.

use crate::model::BrokerError;
use reports::units::{Partition, Position};

/// Another client than those under test, with connections of its own past the proxy.
pub trait LogReader: Send {
    /// Reads all partitions, each from its beginning to where it ends when this is called, and gives every entry to the sink
    /// in the order of its partition's positions. Blocks. Holds no more than a page of entries; leaves off as soon as the
    /// sink says so.
    ///
    /// # Errors
    /// The broker could not be asked. What was read until then has been given.
    fn read(&mut self, sink: &mut dyn LogSink) -> Result<(), BrokerError>;
}

/// Takes what a [`LogReader`] finds.
pub trait LogSink {
    /// An entry.
    fn entry(&mut self, partition: Partition, position: Position, payload: &[u8]);
    /// A partition was read to its end.
    fn whole(&mut self, partition: Partition);
    /// Whether nobody wants to have more. To be asked at least once a page.
    fn is_over(&self) -> bool;
}
