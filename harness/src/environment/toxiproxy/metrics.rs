//! Bytes that passed, from the proxy's Prometheus page. The server counts a connection's bytes when it ends.

use super::state::Stream;
use std::collections::BTreeMap;

/// Bytes that the proxy received on one path and way, over all connections that have ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedBytes(BTreeMap<(String, Stream), u64>);

const RECEIVED: &str = "toxiproxy_proxy_received_bytes_total{";

impl PassedBytes {
    /// Bytes of one path and way; 0 where no connection has ended.
    pub fn of(&self, proxy: &str, stream: Stream) -> u64 {
        self.0.get(&(proxy.to_owned(), stream)).copied().unwrap_or(0)
    }

    /// Bytes of one path, both ways.
    pub fn both(&self, proxy: &str) -> u64 {
        self.of(proxy, Stream::Upstream).saturating_add(self.of(proxy, Stream::Downstream))
    }

    /// Reads the lines that say what was received; all others are passed over.
    pub(super) fn parse(page: &str) -> Self {
        Self(page.lines().filter_map(parse_line).collect())
    }
}

/// `toxiproxy_proxy_received_bytes_total{direction="upstream",…,proxy="client-redis-0",…} 1.234e+06`
fn parse_line(line: &str) -> Option<((String, Stream), u64)> {
    let (labels, value) = line.strip_prefix(RECEIVED)?.rsplit_once("} ")?;
    let stream = match label(labels, "direction")? {
        "upstream" => Stream::Upstream,
        "downstream" => Stream::Downstream,
        _ => return None,
    };
    let value: f64 = value.trim().parse().ok()?;
    Some(((label(labels, "proxy")?.to_owned(), stream), value as u64))
}

fn label<'a>(labels: &'a str, key: &str) -> Option<&'a str> {
    labels.split(',').find_map(|pair| pair.strip_prefix(key)?.strip_prefix("=\"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"# HELP toxiproxy_proxy_received_bytes_total Bytes received
# TYPE toxiproxy_proxy_received_bytes_total counter
toxiproxy_proxy_received_bytes_total{direction="downstream",listener="127.0.0.1:11000",proxy="client-redis-0",upstream="127.0.0.1:12000"} 7
toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.0.1:11000",proxy="client-redis-0",upstream="127.0.0.1:12000"} 1.5e+06
toxiproxy_proxy_sent_bytes_total{direction="upstream",listener="127.0.0.1:11000",proxy="client-redis-0",upstream="127.0.0.1:12000"} 9
"#;

    #[test]
    fn received_bytes_are_read_by_path_and_way() {
        let bytes = PassedBytes::parse(PAGE);
        assert_eq!(bytes.of("client-redis-0", Stream::Downstream), 7);
        assert_eq!(bytes.of("client-redis-0", Stream::Upstream), 1_500_000);
        assert_eq!(bytes.both("client-redis-0"), 1_500_007);
    }

    #[test]
    fn a_path_without_a_line_has_passed_nothing() {
        assert_eq!(PassedBytes::parse(PAGE).both("peer-redis-0"), 0);
        assert_eq!(PassedBytes::parse("garbage{ } x").both("client-redis-0"), 0);
    }
}
