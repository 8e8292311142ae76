//! A run that is going on: waited for by what it says, signalled, and never left behind.

use super::Finished;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// Generous: a test must not fail because the machine is busy.
const LIMIT: Duration = Duration::from_secs(120);

/// A run that is going on. Dropping it kills it.
pub(crate) struct Background {
    child: Child,
    run: PathBuf,
    streams: tempfile::TempDir,
}

impl Background {
    /// Starts it, its streams going to files.
    pub(crate) fn start(mut command: Command, run: PathBuf) -> Self {
        let streams = tempfile::tempdir().expect("a folder");
        let file = |name: &str| File::create(streams.path().join(name)).expect("a file");
        let child =
            command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr")).spawn().expect("started");
        Self { child, run, streams }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on stderr so far.
    pub(crate) fn stderr(&self) -> String {
        std::fs::read_to_string(self.streams.path().join("stderr")).unwrap_or_default()
    }

    /// Waits until it has said this on stderr.
    pub(crate) fn wait_for(&mut self, words: &str) {
        let deadline = Instant::now() + LIMIT;
        while !self.stderr().contains(words) {
            let ended = self.child.try_wait().expect("looked at");
            assert!(ended.is_none(), "it ended ({ended:?}) before it said {words:?}:\n{}", self.stderr());
            assert!(Instant::now() < deadline, "it never said {words:?}:\n{}", self.stderr());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        signal_process(self.pid(), signal);
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("looked at").is_some()
    }

    /// Waits until it has ended by itself.
    pub(crate) fn finish(mut self) -> Finished {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().expect("looked at") {
                return Finished { folder: self.run.clone(), output: self.output(status) };
            }
            assert!(Instant::now() < deadline, "it did not end:\n{}", self.stderr());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn output(&self, status: ExitStatus) -> Output {
        let read = |name: &str| std::fs::read(self.streams.path().join(name)).expect("read");
        Output { status, stdout: read("stdout"), stderr: read("stderr") }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Sends a process a signal.
pub(crate) fn signal_process(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).expect("a process id")).expect("not 0");
    kill_process(pid, signal).expect("signalled");
}
