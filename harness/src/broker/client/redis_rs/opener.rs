//! Opening blocking connections by the policy.

use super::primary::Primary;
use crate::broker::redis_streams::connection::connect_timeout;
use crate::worker::protocol::Policy;
use redis::{Connection, RedisError, RedisResult, Value};
use std::time::Duration;

/// Opens blocking connections by the policy.
#[derive(Clone, Debug)]
pub(super) struct Opener {
    primary: Primary,
    connect_timeout: Duration,
    request_timeout: Duration,
    block: Duration,
}

impl Opener {
    /// For connections on which a read may block for this long.
    pub(super) fn new(primary: Primary, policy: &Policy, block: Duration) -> Self {
        Self {
            primary,
            connect_timeout: connect_timeout(policy),
            request_timeout: policy.request_timeout_ns.into(),
            block,
        }
    }

    /// Whether what the server answers says that the primary is another now.
    pub(super) fn is_demotion(&self, error: &RedisError) -> bool {
        self.primary.is_demotion(error)
    }

    /// One attempt: a connection over which the primary has answered.
    ///
    /// # Errors
    /// It did not come about in time.
    pub(super) fn open(&self) -> RedisResult<Connection> {
        let client = self.primary.find(self.connect_timeout)?;
        let mut connection = client.get_connection_with_timeout(self.connect_timeout)?;
        connection.set_read_timeout(Some(self.connect_timeout))?;
        let answer: Value = self.primary.greeting().query(&mut connection)?;
        self.primary.welcomed(&answer)?;
        // The answer to a blocking read may rightly take as long as it blocks.
        connection.set_read_timeout(Some(self.request_timeout + self.block))?;
        connection.set_write_timeout(Some(self.request_timeout))?;
        Ok(connection)
    }
}
