//! What can go wrong between us and the proxy.

/// A call to Toxiproxy that did not do what it should, with the call: `POST /proxies/client-redis-0/toxics`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ToxiproxyError {
    /// No answer: it may or may not have been done.
    #[error("Toxiproxy did not answer {call}: {reason}")]
    #[diagnostic(help("is its process alive? its log is `toxiproxy.log` in the trial's `logs` folder"))]
    NoAnswer {
        /// The call.
        call: String,
        /// How it failed.
        reason: String,
    },
    /// It said no: it was not done.
    #[error("Toxiproxy refused {call} with status {status}: {body}")]
    #[diagnostic(help("its log is `toxiproxy.log` in the trial's `logs` folder"))]
    Refused {
        /// The call.
        call: String,
        /// The HTTP status.
        status: u16,
        /// What it said.
        body: String,
    },
    /// An answer that is not what its documentation says.
    #[error("Toxiproxy's answer to {call} cannot be read ({reason}): {body}")]
    #[diagnostic(help("version 2.12 is what this was written for"))]
    Unreadable {
        /// The call.
        call: String,
        /// Why not.
        reason: String,
        /// What it said.
        body: String,
    },
    /// The client itself cannot be made.
    #[error("no HTTP client: {reason}")]
    #[diagnostic(help("this is a fault of the harness or its system libraries"))]
    NoClient {
        /// Why not.
        reason: String,
    },
}

impl ToxiproxyError {
    /// Whether it said that what was named does not exist.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Whether it said that what was to be created exists.
    pub fn is_present(&self) -> bool {
        matches!(self, Self::Refused { status: 409, .. })
    }
}
