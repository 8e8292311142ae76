//! What clients are for.

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It sends.
    Producer,
    /// It receives.
    Consumer,
}

impl Role {
    /// Its word, with which the names of its clients begin: `producer`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}
