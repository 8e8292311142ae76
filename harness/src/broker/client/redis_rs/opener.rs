//! Opening connections by the policy: those of one user, which block, and those that many share.

use super::primary::Primary;
use crate::broker::redis_streams::connection::{connect_timeout, describe};
use crate::worker::protocol::Policy;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Connection, RedisError, RedisResult, Value};
use std::time::Duration;

/// Opens connections by the policy.
#[derive(Clone, Debug)]
pub(super) struct Opener {
    primary: Primary,
    connect_timeout: Duration,
    request_timeout: Duration,
    block: Duration,
}

impl Opener {
    /// For connections on which a read may block for this long; those that are shared have none that blocks.
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

    /// One attempt: a connection over which the primary has answered, for so many requests at a time.
    ///
    /// # Errors
    /// It did not come about in time; in words.
    pub(super) async fn open_shared(&self, at_a_time: usize) -> Result<MultiplexedConnection, String> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            // Room for all that may be under way, so that handing a pipeline over never waits.
            .set_pipeline_buffer_size(at_a_time)
            .set_response_timeout(Some(self.request_timeout));
        let opened = async {
            let client = self.primary.found(self.connect_timeout).await?;
            let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
            let answer: Value = self.primary.greeting().query_async(&mut connection).await?;
            self.primary.welcomed(&answer)?;
            Ok::<_, RedisError>(connection)
        };
        match tokio::time::timeout(self.connect_timeout, opened).await {
            Ok(opened) => opened.map_err(|error| describe(&error)),
            Err(_) => Err("timed out".to_owned()),
        }
    }
}
