//! Toxiproxy: a small client for its HTTP interface, which checks every status and reads back what it set.
//! From here only the proxy's own address may be called; what a fault means is said in `fault/`.
//! To add a toxic: add its attributes where the fault builds a `Toxic`; nothing changes here.

mod client;
mod error;
mod metrics;
mod node;
mod path;
mod state;

pub use client::Toxiproxy;
pub use error::ToxiproxyError;
pub use metrics::PassedBytes;
pub use node::recipe;
pub use path::ProxiedPath;
pub use state::{Proxy, Stream, Toxic};
