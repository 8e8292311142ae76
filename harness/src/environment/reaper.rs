//! A process that outlives the harness, and removes what it leaves when it is killed.
//!
//! It holds the reading end of a pipe. The kernel closes the other end however the harness ends; what the reaper has not
//! been told by then, it does itself.

use super::EnvironmentError;
use super::hosts::hosts;
use super::leftovers;
use super::owner::{self, Owner, OwnerState};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The subcommand of the harness that is the reaper.
const COMMAND: &str = "reap";
/// What the harness says when there is nothing left to do.
const DISMISSED: &[u8] = b"dismissed\n";
/// How long a process may take from closing its files to its end.
const DIES_WITHIN: Duration = Duration::from_secs(10);
const LOOKED_AT_EVERY: Duration = Duration::from_millis(20);

/// How long a dismissed reaper may take to end.
const LEAVES_WITHIN: Duration = Duration::from_secs(2);

/// A waiting reaper. Dropping it sets it to work as soon as this process has ended.
#[derive(Debug)]
pub struct Reaper(Child);

impl Reaper {
    /// Starts one for this process and this run.
    pub(super) fn start(program: &Path, run: &str) -> Result<Self, EnvironmentError> {
        let refused = |error: std::io::Error| {
            EnvironmentError::step(
                format!("no process could be started that tidies up if this one is killed: {error}"),
                "raise the limit of processes (`ulimit -u`)",
            )
        };
        // Its streams are closed: who waits for the end of the harness's output must not wait for it.
        let child = Command::new(program)
            .args([COMMAND, run, &owner::this_process().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(refused)?;
        Ok(Self(child))
    }

    /// Nothing is left to be done: it ends, and is waited for, lest each run of a series leave the entry of a dead process.
    pub(super) fn dismiss(mut self) {
        if let Some(mut input) = self.0.stdin.take() {
            // One that is gone already needs no word.
            let _ = input.write_all(DISMISSED);
        }
        let deadline = Instant::now() + LEAVES_WITHIN;
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(LOOKED_AT_EVERY);
        }
    }
}

/// Waits until `harness`, the process that started this one, dismisses it or ends. In the latter case removes what it
/// started for the run.
///
/// # Errors
/// A host refuses to list or to remove.
pub async fn reap(run: &str, harness: i32) -> Result<(), EnvironmentError> {
    // Out of the terminal's session, so that what ends the harness does not end this too.
    let _ = rustix::process::setsid();
    let owner = Owner::of(harness);
    let mut heard = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut heard);
    if heard.ends_with(DISMISSED) {
        return Ok(());
    }
    if let (Some(owner), Ok(me)) = (owner, Owner::current()) {
        let deadline = Instant::now() + DIES_WITHIN;
        while owner.state(&me) == OwnerState::Alive && Instant::now() < deadline {
            tokio::time::sleep(LOOKED_AT_EVERY).await;
        }
    }
    let hosts = hosts().await?;
    leftovers::remove_run(&hosts, run, harness).await?;
    // Once more: what had been asked for when the process ended may have come about meanwhile.
    leftovers::remove_run(&hosts, run, harness).await
}
