//! What the server says of its own work on disk.

/// The section of INFO.
pub(super) const SECTION: &str = "persistence";

/// How many rewrites of its append-only file a server has begun since it was started; none where it is too old to count. `info`: what
/// it says of its persistence.
pub(super) fn rewrites(info: &str) -> Option<u64> {
    info.lines().find_map(|line| line.trim().strip_prefix("aof_rewrites:"))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_counts_says_how_often() {
        let info = "# Persistence\r\naof_enabled:1\r\naof_rewrite_in_progress:0\r\naof_rewrites:7\r\n";
        assert_eq!(rewrites(info), Some(7));
        assert_eq!(rewrites("aof_enabled:1\r\naof_rewrites_consecutive_failures:3\r\n"), None);
        assert_eq!(rewrites(""), None);
    }
}
