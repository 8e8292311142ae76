//! How a fault keeps clients from their broker, with the times from which their return follows.

use reports::facts::Cut;
use std::time::Duration;

/// What becomes of connections, old and new, while a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// They are closed, and new ones are refused at once.
    Refused,
    /// As refused, by a broker that is not there; it comes back when it has started, which takes its own time.
    Restart,
    /// They stay, and nothing comes back; they are closed after this, or else when the fault heals.
    Silent {
        /// From the connection's begin, or the injection.
        closed_after: Option<Duration>,
    },
    /// They stay, and nothing comes back until the fault heals; then all that waits is answered.
    Held,
    /// They stay, nothing comes back, and new ones find nobody; the heal closes none.
    Vanished,
    /// They are closed this long after data next passes; new ones too.
    Reset {
        /// From the first data.
        after: Duration,
    },
    /// They are the client's own: its process stands still, and goes on with them.
    Frozen,
    /// They end with the client's own process, and its successor opens others.
    Died,
    /// They are closed when a limit of data has passed on them; new ones too.
    Spent,
    /// They stay, at a node that is cut off from the others; when another one leads, they end, or clients go there.
    Alone,
    /// In turns they are closed and new ones refused, and new ones can be had.
    Flapping {
        /// How long they are refused each time, first of all.
        down: Duration,
        /// How long they can be had each time.
        up: Duration,
    },
}

impl Outage {
    /// As reports tell kinds of outages apart.
    pub fn cut(self) -> Cut {
        match self {
            Self::Refused | Self::Restart => Cut::Refused,
            Self::Silent { closed_after: None } | Self::Held | Self::Vanished | Self::Frozen => Cut::Silent,
            Self::Silent { closed_after: Some(_) } | Self::Reset { .. } | Self::Spent | Self::Flapping { .. } => {
                Cut::Closed
            }
            Self::Died => Cut::Ended,
            Self::Alone => Cut::Alone,
        }
    }
}
