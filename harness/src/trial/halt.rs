//! What ends a load before its time.

use super::interrupt::{Interrupt, Urgency};
use tokio::sync::watch;

/// Why the load ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// Somebody interrupted the run.
    Interrupted,
    /// A node that the load needs has ended, and no fault had asked for it.
    NodeLost,
}

/// Waits for a reason to end the load before its time.
#[derive(Debug)]
pub(super) struct Halting {
    interrupt: Interrupt,
    lost: watch::Receiver<bool>,
}

impl Halting {
    pub(super) fn new(interrupt: &Interrupt, lost: watch::Receiver<bool>) -> Self {
        Self { interrupt: interrupt.clone(), lost }
    }

    /// Waits until there is one.
    pub(super) async fn asked(&mut self) -> Halt {
        let lost = async {
            if self.lost.wait_for(|lost| *lost).await.is_err() {
                // Nobody watches any more.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = self.interrupt.until(Urgency::InOrder) => Halt::Interrupted,
            () = lost => Halt::NodeLost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lost_node_is_a_reason_and_nothing_else_is_told_without_one() {
        let (tell, lost) = watch::channel(false);
        let mut halting = Halting::new(&Interrupt::never(), lost);
        tokio::select! {
            biased;
            halt = halting.asked() => panic!("{halt:?}"),
            () = std::future::ready(()) => {}
        }
        tell.send(true).expect("heard");
        assert_eq!(halting.asked().await, Halt::NodeLost);
    }
}
