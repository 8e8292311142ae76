//! What becomes of a consumer's name in the group when it leaves.

use super::consume::Session;
use crate::model::Parting;
use redis::{Connection, RedisResult};

impl Session {
    /// Deletes the name where that is asked for; returns with how many pending entries. Else it stays in the group: deleting it
    /// drops whatever it still holds.
    pub(super) fn part(&mut self, connection: &mut Connection, parting: Parting) -> RedisResult<Option<u64>> {
        if parting == Parting::KeepName {
            return Ok(None);
        }
        let mut pipeline = redis::pipe();
        for (_, stream) in self.streams.readable() {
            pipeline.cmd("XGROUP").arg("DELCONSUMER").arg(stream).arg(self.streams.group()).arg(&self.name);
        }
        let dropped: Vec<u64> = pipeline.query(connection)?;
        Ok(Some(dropped.iter().sum()))
    }
}
