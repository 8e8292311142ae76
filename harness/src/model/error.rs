//! The error that brokers and their clients answer with.

/// What went wrong with a broker, in words that say what to do where that is known.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BrokerError(pub String);
