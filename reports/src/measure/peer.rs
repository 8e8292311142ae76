//! Kinds of connections, by the names that histories give them.

/// A connection with which a client finds the others: `bootstrap`, or `bootstrap-0` where it has several addresses. It is never
/// needed again.
pub fn is_bootstrap(peer: &str) -> bool {
    peer.strip_prefix("bootstrap").is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// One of a pool's: `pool-0`. The pool is back when the first of its connections is.
pub fn is_of_a_pool(peer: &str) -> bool {
    peer.starts_with("pool-")
}

/// Connections that clients open when they have use for them: their attempts may be late.
pub fn is_opened_on_demand(peer: &str) -> bool {
    is_bootstrap(peer) || peer == "coordinator" || is_of_a_pool(peer)
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
