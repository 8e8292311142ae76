//! One rule: which packets, and which share of them vanishes.

use crate::environment::toxiproxy::Stream;
use std::fmt;
use std::net::SocketAddrV4;

/// How the names of all our tables begin.
pub(super) const PREFIX: &str = "harness_";

/// Shares are counted in thousandths.
pub const PER_MILLE: u32 = 1_000;

/// Where chains look: at packets that arrive. Dropped on leaving, the sender would be told.
pub(super) const HOOK: &str = "type filter hook input priority 0; policy accept";

/// Packets of connections to one address, one way, of which a share vanishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketRule {
    /// Where the proxy listens.
    pub listen: SocketAddrV4,
    /// Which way.
    pub stream: Stream,
    /// Of a thousand packets, chosen at random; a thousand: all.
    pub per_mille: u32,
}

impl PacketRule {
    /// The fields of a packet that tell the way: its address and its port.
    pub(super) fn fields(stream: Stream) -> (&'static str, &'static str) {
        match stream {
            Stream::Upstream => ("daddr", "dport"),
            Stream::Downstream => ("saddr", "sport"),
        }
    }
}

/// As the packet filter takes it. The first counter counts what meets the rule, the last one what vanishes.
impl fmt::Display for PacketRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (address, port) = Self::fields(self.stream);
        write!(out, "ip {address} {} tcp {port} {} counter", self.listen.ip(), self.listen.port())?;
        if self.per_mille < PER_MILLE {
            write!(out, " numgen random mod {PER_MILLE} < {}", self.per_mille)?;
        }
        write!(out, " counter drop")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_counts_what_meets_it_and_drops_its_share() {
        let listen = SocketAddrV4::new([127, 0, 0, 3].into(), 11_000);
        let rule = PacketRule { listen, stream: Stream::Upstream, per_mille: 100 };
        let expected = "ip daddr 127.0.0.3 tcp dport 11000 counter numgen random mod 1000 < 100 counter drop";
        assert_eq!(rule.to_string(), expected);
        let all = PacketRule { stream: Stream::Downstream, per_mille: PER_MILLE, ..rule };
        assert_eq!(all.to_string(), "ip saddr 127.0.0.3 tcp sport 11000 counter counter drop");
    }
}
