//! What the proxy's interface speaks of.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A proxied path, as the server describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proxy {
    /// Its name.
    pub name: String,
    /// `host:port` where it listens.
    pub listen: String,
    /// `host:port` where it leads.
    pub upstream: String,
    /// Whether it listens.
    pub enabled: bool,
    /// What is done to its connections.
    #[serde(default)]
    pub toxics: Vec<Toxic>,
}

/// The way that a toxic works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// From client to server.
    Upstream,
    /// From server to client.
    Downstream,
}

/// Something that is done to the connections of a proxy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Toxic {
    /// Its name, distinct within its proxy.
    pub name: String,
    /// Its type: `latency`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which way.
    pub stream: Stream,
    /// The share of connections that it works on: 0 to 1.
    pub toxicity: f32,
    /// Its parameters: `latency` in ms.
    pub attributes: BTreeMap<String, i64>,
}

impl Stream {
    /// As the interface writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Downstream => "downstream",
        }
    }
}

/// As evidence shows it: `latency downstream latency=200 jitter=0`.
impl fmt::Display for Toxic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind, self.stream.name())?;
        for (key, value) in &self.attributes {
            write!(out, " {key}={value}")?;
        }
        if (self.toxicity - 1.0).abs() > f32::EPSILON {
            write!(out, " toxicity={}", self.toxicity)?;
        }
        Ok(())
    }
}

/// As evidence shows it: `client-redis-0: enabled, latency downstream latency=200 jitter=0`.
impl fmt::Display for Proxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.name, if self.enabled { "enabled" } else { "disabled" })?;
        for toxic in &self.toxics {
            write!(out, ", {toxic}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_read_as_the_server_writes_it() {
        let text = r#"{"name":"client-redis-0","listen":"127.0.0.1:11000","upstream":"127.0.0.1:12000","enabled":true,
            "Logger":{},"toxics":[{"attributes":{"latency":200,"jitter":0},"name":"slow","type":"latency",
            "stream":"downstream","toxicity":1}]}"#;
        let proxy: Proxy = serde_json::from_str(text).expect("readable");
        assert_eq!(proxy.toxics[0].attributes["latency"], 200);
        assert_eq!(proxy.to_string(), "client-redis-0: enabled, latency downstream jitter=0 latency=200");
    }

    #[test]
    fn a_toxicity_that_is_not_whole_is_shown() {
        let toxic = Toxic {
            name: "a".to_owned(),
            kind: "reset_peer".to_owned(),
            stream: Stream::Upstream,
            toxicity: 0.0,
            attributes: BTreeMap::from([("timeout".to_owned(), 0)]),
        };
        assert_eq!(toxic.to_string(), "reset_peer upstream timeout=0 toxicity=0");
    }
}
