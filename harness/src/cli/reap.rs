//! `harness reap`: waits beside a run, and removes what the run leaves when it is killed.

use super::{Exit, exit};
use crate::environment::reap;

pub(super) async fn run(run: String, harness: i32) -> Exit {
    match reap(&run, harness).await {
        Ok(()) => Exit::Pass,
        Err(error) => exit::explain(&error, Exit::Environment),
    }
}
