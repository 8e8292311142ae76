//! The administrator of a trial, connected again where its connection did not outlive a node's restart.

use crate::broker::{Administrator, BoxFuture};
use crate::model::BrokerError;
use reports::history::{Gauge, Inspection};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Connects an administrator.
pub(super) type Connect =
    Box<dyn Fn() -> BoxFuture<'static, Result<Box<dyn Administrator>, BrokerError>> + Send + Sync>;

/// An administrator, and the way to the next.
pub(super) struct Administration {
    connect: Connect,
    current: Box<dyn Administrator>,
}

/// Shared between sampling, draining and inspecting.
pub(super) type SharedAdministration = Arc<Mutex<Administration>>;

impl Administration {
    pub(super) fn new(connect: Connect, current: Box<dyn Administrator>) -> Self {
        Self { connect, current }
    }

    /// For what is asked once, before anything can have ended.
    pub(super) fn administrator(&mut self) -> &mut dyn Administrator {
        &mut *self.current
    }

    /// The numbers of this moment.
    ///
    /// # Errors
    /// The broker does not answer, and a new connection gets no answer either.
    pub(super) async fn gauges(&mut self) -> Result<Vec<Gauge>, BrokerError> {
        if let Ok(gauges) = self.current.gauges().await {
            return Ok(gauges);
        }
        self.current = (self.connect)().await?;
        self.current.gauges().await
    }

    /// The broker's own account.
    ///
    /// # Errors
    /// As `gauges`.
    pub(super) async fn inspect(&mut self) -> Result<Vec<Inspection>, BrokerError> {
        if let Ok(rows) = self.current.inspect().await {
            return Ok(rows);
        }
        self.current = (self.connect)().await?;
        self.current.inspect().await
    }
}
