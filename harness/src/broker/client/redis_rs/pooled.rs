//! Sending over a pool: each message by itself, on a connection that nobody else uses meanwhile.

use super::appending::{Appending, Outgoing};
use super::opener::Opener;
use super::pool::{Open, Pool};
use super::settings::PoolSize;
use crate::broker::redis_streams::connection::{describe, is_answer, sign_of_life};
use crate::worker::Ticket;
use crate::worker::client::ProducerContext;
use redis::aio::MultiplexedConnection;
use reports::history::{NEVER_SENT, Outcome, WITHDRAWN};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

/// Sends over a pool.
pub(super) struct Pooled {
    pool: Rc<Pool<Connections>>,
    appending: Rc<Appending>,
}

/// Connections for one request at a time.
struct Connections {
    opener: Opener,
    heartbeat_timeout: Duration,
}

impl Open for Connections {
    type Connection = MultiplexedConnection;

    async fn open(&self) -> Result<MultiplexedConnection, String> {
        self.opener.open_shared(1).await
    }

    async fn is_alive(&self, connection: &mut MultiplexedConnection) -> Result<bool, String> {
        let ask = sign_of_life();
        match tokio::time::timeout(self.heartbeat_timeout, ask.query_async::<()>(connection)).await {
            Ok(Ok(())) => Ok(true),
            Ok(Err(error)) if is_answer(&error) => Ok(true),
            Ok(Err(error)) if !error.is_timeout() => Err(describe(&error)),
            Ok(Err(_)) | Err(_) => Ok(false),
        }
    }
}

/// A message that waits for a connection. When it is dropped, the trial has ended before it got one.
struct Waiting<'a> {
    appending: &'a Appending,
    ticket: Option<Ticket>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.appending.ledger.settle(ticket, Outcome::Failed, None, Some(WITHDRAWN.to_owned()));
        }
    }
}

impl Pooled {
    /// Once one connection could be opened.
    ///
    /// # Errors
    /// It could not be opened; in words.
    pub(super) async fn open(
        context: &ProducerContext,
        opener: Opener,
        appending: Appending,
        size: PoolSize,
    ) -> Result<Self, String> {
        let policy = &context.connection.policy;
        let connections = Connections { opener, heartbeat_timeout: policy.heartbeat_timeout_ns.into() };
        let (log, gauges) = (context.connections.clone(), Arc::clone(&context.gauges));
        let pool = Rc::new(Pool::new(connections, size, policy, log, gauges));
        pool.open_first().await?;
        Ok(Self { pool, appending: Rc::new(appending) })
    }

    /// Sends all that comes, until no more can come.
    pub(super) async fn send_all(self, mut arrivals: UnboundedReceiver<Outgoing>) {
        let (keeper, heart) = (Rc::clone(&self.pool), Rc::clone(&self.pool));
        let mut tasks = JoinSet::new();
        tasks.spawn_local(async move { tokio::join!(keeper.keep(), heart.look_after()) });
        let mut under_way = JoinSet::new();
        while let Some(message) = arrivals.recv().await {
            under_way.spawn_local(send(Rc::clone(&self.pool), Rc::clone(&self.appending), message));
            while under_way.try_join_next().is_some() {}
        }
    }
}

async fn send(pool: Rc<Pool<Connections>>, appending: Rc<Appending>, message: Outgoing) {
    let ticket = message.ticket;
    let mut waiting = Waiting { appending: &appending, ticket: Some(ticket) };
    let borrowed = pool.borrow().await;
    waiting.ticket = None;
    match borrowed {
        Err(why) => {
            let why = format!("{NEVER_SENT}: {why}");
            appending.ledger.settle(ticket, Outcome::Failed, None, Some(why));
        }
        Ok(mut borrowed) => {
            let batch = appending.batch(std::iter::once(message));
            match appending.exchange(borrowed.connection(), &batch).await {
                Ok(()) => borrowed.give_back(),
                Err(error) => {
                    borrowed.lose(&error);
                    appending.settle_all(&batch, &error);
                }
            }
        }
    }
}
