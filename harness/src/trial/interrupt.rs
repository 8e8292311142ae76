//! Ctrl-C: the first asks for an end in order, the second for one at once.

use tokio::sync::watch;

/// How much of a hurry there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// None.
    No,
    /// Heal, drain, tear down, report what there is.
    InOrder,
    /// Stop now.
    AtOnce,
}

/// Tells how much of a hurry there is; clones tell the same.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<Urgency>);

impl Interrupt {
    /// Listens to SIGINT and SIGTERM from now on.
    ///
    /// # Errors
    /// The handlers could not be installed.
    pub fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (sender, receiver) = watch::channel(Urgency::No);
        let (mut interrupts, mut terminations) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::spawn(async move {
            for urgency in [Urgency::InOrder, Urgency::AtOnce] {
                tokio::select! {
                    _ = interrupts.recv() => (),
                    _ = terminations.recv() => (),
                }
                let _ = sender.send(urgency);
            }
        });
        Ok(Self(receiver))
    }

    /// One that never comes, for tests.
    pub fn never() -> Self {
        Self(watch::channel(Urgency::No).1)
    }

    /// How much of a hurry there is now.
    pub fn urgency(&self) -> Urgency {
        *self.0.borrow()
    }

    /// Waits until there is at least this much of a hurry.
    pub async fn until(&mut self, urgency: Urgency) {
        if self.0.wait_for(|now| *now >= urgency).await.is_err() {
            // Nobody is left to interrupt.
            std::future::pending::<()>().await;
        }
    }
}
