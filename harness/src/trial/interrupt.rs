//! Ctrl-C: the first asks for an end in order, the second for one at once.

use futures_util::future::select_all;
use tokio::sync::watch;

const SIGHUP: u32 = 1;

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
    /// Listens to SIGINT, SIGTERM and SIGHUP from now on. Where SIGHUP is ignored from the beginning, as `nohup` has it, it
    /// stays so.
    ///
    /// # Errors
    /// The handlers could not be installed.
    pub fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (sender, receiver) = watch::channel(Urgency::No);
        let mut signals = [SignalKind::interrupt(), SignalKind::terminate()].to_vec();
        if !is_ignored(SIGHUP) {
            signals.push(SignalKind::hangup());
        }
        let mut listening = signals.into_iter().map(signal).collect::<std::io::Result<Vec<_>>>()?;
        tokio::spawn(async move {
            for urgency in [Urgency::InOrder, Urgency::AtOnce] {
                let any = listening.iter_mut().map(|signal| Box::pin(signal.recv()));
                select_all(any).await;
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

/// Whether this process was started with a signal ignored.
fn is_ignored(signal: u32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runtime of Rust ignores SIGPIPE from the beginning, and nothing ignores SIGKILL.
    #[test]
    fn an_ignored_signal_is_known() {
        assert!(is_ignored(13));
        assert!(!is_ignored(9));
    }
}
