//! What the system lets a run have: file descriptors.

use super::EnvironmentError;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For the run itself, its observer, the engine's and the proxy's connections, and a broker's own files.
const BASE: u64 = 512;
/// For a worker's pipes, journals and tables, and its connections, each of which the proxy holds twice.
const PER_WORKER: u64 = 24;
/// For a connection or an open segment of each.
const PER_PARTITION: u64 = 8;

/// Raises this process's limit of open files, which everything that it starts inherits, to what is allowed; checks that
/// it is enough for so many workers and partitions.
///
/// # Errors
/// It is not enough.
pub fn make_room_for_files(workers: u64, partitions: u64) -> Result<(), EnvironmentError> {
    let limit = getrlimit(Resource::Nofile);
    // What may be had at once, may be taken: programs that go through all numbers (`select`) are not among ours.
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let allowed = if raised.is_ok() { limit.maximum } else { limit.current };
    enough(allowed, needed(workers, partitions))
}

fn needed(workers: u64, partitions: u64) -> u64 {
    BASE + PER_WORKER * workers + PER_PARTITION * partitions
}

/// `None` is without a limit.
fn enough(allowed: Option<u64>, needed: u64) -> Result<(), EnvironmentError> {
    match allowed {
        Some(allowed) if allowed < needed => Err(EnvironmentError::step(
            format!("only {allowed} files may be open at once, and this run needs up to {needed}"),
            format!(
                "raise the limit: `ulimit -n {needed}` in this shell (`ulimit -Hn` shows what it may be raised to)"
            ),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_below_the_need_names_both_and_the_way_out() {
        let error = enough(Some(256), needed(2, 1)).expect_err("too few");
        let help = miette::Diagnostic::help(&error).expect("a way out").to_string();
        assert!(error.to_string().contains("256") && error.to_string().contains("568"), "{error}");
        assert!(help.contains("ulimit -n 568"), "{help}");
    }

    #[test]
    fn the_need_itself_is_enough_and_so_is_no_limit() {
        assert!(enough(Some(needed(5, 4)), needed(5, 4)).is_ok());
        assert!(enough(None, u64::MAX).is_ok());
    }
}
