//! Kinds of connections, by the names that histories give them.

/// A connection with which a client finds the others: `bootstrap`, or `bootstrap-0` where it has several addresses. It is never
/// needed again.
pub fn is_bootstrap(peer: &str) -> bool {
    peer.strip_prefix("bootstrap").is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Connections that clients open when they have use for them, those of a pool (`pool-0`) too: their attempts may be late, and
/// nobody waits for them.
pub fn is_opened_on_demand(peer: &str) -> bool {
    is_bootstrap(peer) || peer == "coordinator" || peer.starts_with("pool-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bootstrap_connection_is_one_by_its_name_alone_or_with_a_number() {
        assert!(["bootstrap", "bootstrap-0", "bootstrap-12"].into_iter().all(is_bootstrap));
        assert!(!["main", "kafka-0", "bootstrapped", "coordinator"].into_iter().any(is_bootstrap));
        assert!(["coordinator", "pool-7"].into_iter().all(is_opened_on_demand) && !is_opened_on_demand("kafka-1"));
    }
}
