//! The administrator of a trial, connected again where its connection did not outlive a node's restart.

use crate::broker::{AdminTarget, Administrator, Broker};
use crate::model::BrokerError;
use reports::history::{Gauge, Inspection};
use std::sync::Arc;
use tokio::sync::Mutex;

/// An administrator, and the way to the next.
pub(super) struct Administration {
    broker: &'static dyn Broker,
    target: AdminTarget,
    current: Box<dyn Administrator>,
}

/// Shared between sampling, draining and inspecting.
pub(super) type SharedAdministration = Arc<Mutex<Administration>>;

impl Administration {
    pub(super) fn new(broker: &'static dyn Broker, target: AdminTarget, current: Box<dyn Administrator>) -> Self {
        Self { broker, target, current }
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
        self.connect_again().await?;
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
        self.connect_again().await?;
        self.current.inspect().await
    }

    async fn connect_again(&mut self) -> Result<(), BrokerError> {
        self.current = self.broker.administrator(self.target.clone()).await?;
        Ok(())
    }
}
