//! How a fault keeps clients from their broker, with the times from which their return follows.

use reports::facts::Cut;
use std::time::Duration;

/// What becomes of connections, old and new, while a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// They are closed, and new ones are refused at once.
    Refused,
    /// They stay, and nothing comes back; they are closed after this, or else when the fault heals.
    Silent {
        /// From the connection's begin, or the injection.
        closed_after: Option<Duration>,
    },
    /// They stay, nothing comes back, and new ones find nobody; the heal closes none.
    Vanished,
    /// They are closed this long after data next passes; new ones too.
    Reset {
        /// From the first data.
        after: Duration,
    },
    /// They are closed when a limit of data has passed on them; new ones too.
    Spent,
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
            Self::Refused => Cut::Refused,
            Self::Silent { closed_after: None } | Self::Vanished => Cut::Silent,
            Self::Silent { closed_after: Some(_) } | Self::Reset { .. } | Self::Spent | Self::Flapping { .. } => {
                Cut::Closed
            }
        }
    }
}
