//! Who consumes: whether there is somebody for whom a drain can wait.

use super::worker::Worker;

/// Who does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::trial) enum Consuming {
    /// Nobody ever did.
    Nobody,
    /// All who did have left, as they were told.
    NobodyMore,
    /// Somebody does.
    Somebody,
}

impl Consuming {
    pub(super) fn of(workers: &[Worker]) -> Self {
        let consumers = || workers.iter().filter(|worker| worker.name().starts_with("consumer"));
        if consumers().next().is_none() {
            Self::Nobody
        } else if consumers().any(Worker::is_wanted) {
            // Who was killed or has died may be followed by another yet.
            Self::Somebody
        } else {
            Self::NobodyMore
        }
    }
}
