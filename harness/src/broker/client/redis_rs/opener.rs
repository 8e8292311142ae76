//! Opening blocking connections by the policy.

use crate::broker::redis_streams::connection::{client, connect_timeout};
use crate::model::BrokerError;
use crate::worker::protocol::Policy;
use redis::{Client, Connection, RedisResult};
use std::time::Duration;

/// Opens blocking connections by the policy.
#[derive(Clone, Debug)]
pub(super) struct Opener {
    client: Client,
    connect_timeout: Duration,
    request_timeout: Duration,
    block: Duration,
}

impl Opener {
    /// For connections on which a read may block for this long.
    ///
    /// # Errors
    /// The address is none.
    pub(super) fn new(address: &str, policy: &Policy, block: Duration) -> Result<Self, BrokerError> {
        Ok(Self {
            client: client(address)?,
            connect_timeout: connect_timeout(policy),
            request_timeout: policy.request_timeout_ns.into(),
            block,
        })
    }

    /// One attempt: a connection over which the server has answered.
    ///
    /// # Errors
    /// It did not come about in time.
    pub(super) fn open(&self) -> RedisResult<Connection> {
        let mut connection = self.client.get_connection_with_timeout(self.connect_timeout)?;
        connection.set_read_timeout(Some(self.connect_timeout))?;
        redis::cmd("PING").query::<()>(&mut connection)?;
        // The answer to a blocking read may rightly take as long as it blocks.
        connection.set_read_timeout(Some(self.request_timeout + self.block))?;
        connection.set_write_timeout(Some(self.request_timeout))?;
        Ok(connection)
    }
}
