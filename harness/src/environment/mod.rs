//! The environment: containers, ports, the proxy; what was started is found again and removed.
//! From here the engine, processes and Toxiproxy's HTTP interface may be touched; never a message or a verdict.
//! To add one: copy `containers.rs`, and add its row to `EnvironmentKind`.

use crate::scenario::model::Link;

/// How to run a system: nodes to start in this order, and the paths through the proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The nodes.
    pub nodes: Vec<NodeRecipe>,
    /// The proxied paths; empty where the system is reached directly.
    pub proxies: Vec<ProxyRecipe>,
    /// `host:port` past the proxy, for administration and for `path = "direct"`.
    pub direct_address: String,
    /// `host:port` that the workers use.
    pub client_address: String,
}

/// One node: the same command and files serve a container of ours, an official image and a local process.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRecipe {
    /// `redis-0`.
    pub name: String,
    /// The image that it runs in, if it runs in a container.
    pub image: String,
    /// Program and arguments. `{dir}` stands for the folder that holds `files` and may be written to.
    pub command: Vec<String>,
    /// Files to put into the folder: name and text, in which `{dir}` is replaced too.
    pub files: Vec<(String, String)>,
    /// Environment variables.
    pub variables: Vec<(String, String)>,
    /// Ports that it listens on, on 127.0.0.1.
    pub ports: Vec<u16>,
}

/// One path through the proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct ProxyRecipe {
    /// Which link it belongs to.
    pub link: Link,
    /// Its name at the proxy: `client-redis-0`.
    pub name: String,
    /// Where it listens, on 127.0.0.1.
    pub listen: u16,
    /// Where it leads to, on 127.0.0.1.
    pub upstream: u16,
}

/// Picks ports outside the system's ephemeral range, and holds each until `release`.
#[derive(Debug, Default)]
pub struct Ports;

/// Why the environment could not be had: what happened, where, and what to do. The command line exits with 4.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum EnvironmentError {
    /// A step did not succeed.
    #[error("{what}")]
    Step {
        /// What happened.
        what: String,
        /// What to do.
        #[help]
        help: String,
    },
}
