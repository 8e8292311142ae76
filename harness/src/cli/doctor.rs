//! `harness doctor`: what is here, what is missing, what to do.

use super::answer::Answer;
use super::{Exit, exit};
use crate::broker;
use crate::environment::{self, EnvironmentError, Ports, images, toxiproxy};
use crate::model::{SystemSpec, Wiring};
use rustix::time::{ClockId, clock_getres};
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

const GIB: u64 = 1 << 30;
/// A run's history and logs, with room for some more.
const DISK: u64 = 2 * GIB;
/// Two brokers, one after the other, and the workers.
const MEMORY: u64 = 2 * GIB;
/// More than most scenarios have.
const WORKERS: u64 = 32;
/// Workers and broker must not wait for each other.
const CORES: usize = 2;
/// Generator lag is judged in tens of microseconds.
const CLOCK_NS: u128 = 1_000;

/// What it takes.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Where runs would go
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
}

pub(super) async fn run(options: Options) -> Exit {
    match doctor(&options.out, &mut Answer).await {
        Ok(Health::Complete) => Exit::Pass,
        Ok(Health::Incomplete) => Exit::Environment,
        Err(error) => exit::explain(&error, Exit::Environment),
    }
}

/// Whether all is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// A run can start.
    Complete,
    /// Something is missing; what to do was printed.
    Incomplete,
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    what: String,
    state: State,
    detail: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Ok,
    /// Not here, and not needed as long as something else is.
    Absent {
        /// The way to it.
        help: String,
    },
    Missing {
        /// The way out.
        help: String,
    },
}

/// Examines this machine for runs into the folder `runs`, and prints a line for each thing looked at.
///
/// # Errors
/// The output cannot be written.
pub async fn doctor(runs: &Path, out: &mut impl Write) -> Result<Health, EnvironmentError> {
    let findings = examine(runs).await;
    for finding in &findings {
        writeln!(out, "{finding}").map_err(|error| {
            EnvironmentError::step(format!("cannot write the answer: {error}"), "is there room where this output goes?")
        })?;
    }
    Ok(health(&findings))
}

async fn examine(runs: &Path) -> Vec<Finding> {
    let (mut containers, mut processes) = (engine_and_images().await, local_programs().await);
    // Brokers need one place to run in, not both.
    match (health(&containers), health(&processes)) {
        (Health::Complete, _) => processes.iter_mut().for_each(Finding::is_not_needed),
        (Health::Incomplete, Health::Complete) => containers.iter_mut().for_each(Finding::is_not_needed),
        (Health::Incomplete, Health::Incomplete) => {}
    }
    let mut findings = containers;
    findings.extend(processes);
    findings.extend([packets().await, leftovers().await, ports(), files(), disk(runs), clock(), cores(), memory()]);
    findings
}

fn health(findings: &[Finding]) -> Health {
    let is_missing = |finding: &Finding| matches!(finding.state, State::Missing { .. });
    if findings.iter().any(is_missing) { Health::Incomplete } else { Health::Complete }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Ok => write!(out, "ok       {:<18} {}", self.what, self.detail),
            State::Absent { help } => {
                write!(out, "absent   {:<18} {}\n         {:<18} → {help}", self.what, self.detail, "")
            }
            State::Missing { help } => {
                write!(out, "missing  {:<18} {}\n         {:<18} → {help}", self.what, self.detail, "")
            }
        }
    }
}

impl Finding {
    fn ok(what: &str, detail: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Ok, detail: detail.into() }
    }

    fn missing(what: &str, detail: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Missing { help: help.into() }, detail: detail.into() }
    }

    /// `detail` is fine where `enough` holds.
    fn at_least(what: &str, has: u128, needs: u128, detail: String, help: &str) -> Self {
        if has >= needs { Self::ok(what, detail) } else { Self::missing(what, detail, help) }
    }

    /// Something else will do.
    fn is_not_needed(&mut self) {
        if let State::Missing { help } = &mut self.state {
            self.state = State::Absent { help: std::mem::take(help) };
        }
    }

    fn from_error(what: &str, error: &EnvironmentError) -> Self {
        let help = miette::Diagnostic::help(error).map_or_else(String::new, |help| help.to_string());
        Self::missing(what, error.to_string(), help)
    }
}

/// Without an engine there is nothing to say of its images.
async fn engine_and_images() -> Vec<Finding> {
    let facts = match environment::engine().await {
        Ok(facts) => facts,
        Err(error) => return vec![Finding::from_error("container engine", &error)],
    };
    let detail = format!("version {}, interface {}, {}", facts.version, facts.api, facts.platform);
    let mut findings = vec![Finding::ok("container engine", detail)];
    for own in images::all() {
        findings.push(image(own).await);
    }
    findings
}

/// The programs with which each broker, and the proxy, would run as a local process.
async fn local_programs() -> Vec<Finding> {
    let proxy = ("toxiproxy", vec![toxiproxy::recipe(images::toxiproxy(), 0)]);
    let nodes = broker::BROKERS.iter().filter_map(|broker| {
        let recipe = broker.topology(
            &SystemSpec::plain(broker.kind(), broker.options()),
            &Wiring::default(),
            &mut Ports::default(),
        );
        Some((broker.kind(), recipe.ok().flatten()?.nodes))
    });
    let mut findings = Vec::new();
    for (kind, nodes) in nodes.chain([proxy]) {
        findings.push(match environment::check_processes(&nodes).await {
            Ok(()) => Finding::ok("local process", format!("{kind} can run as a local process")),
            Err(error) => Finding::from_error("local process", &error),
        });
    }
    findings
}

async fn image(own: images::OwnImage) -> Finding {
    let what = format!("image {}", own.holds);
    match environment::image(own.reference).await {
        Ok(Some(image)) => {
            let version = image.version.unwrap_or_else(|| "without a version".to_owned());
            let id = image.id.trim_start_matches("sha256:").get(..12).unwrap_or_default().to_owned();
            Finding::ok(&what, format!("{} holds {version} ({id})", own.reference))
        }
        Ok(None) => {
            Finding::missing(&what, format!("{} has not been built", own.reference), images::way_out(own.reference))
        }
        Err(error) => Finding::from_error(&what, &error),
    }
}

/// Only two faults need it.
async fn packets() -> Finding {
    let mut finding = match environment::must_drop_packets().await {
        Ok(()) => Finding::ok("packet filter", "packets can be dropped: for the faults `drop` and `packet-loss`"),
        Err(error) => Finding::from_error("packet filter", &error),
    };
    finding.is_not_needed();
    finding
}

/// Leftovers do not keep a run from starting, which sweeps them; they are shown.
async fn leftovers() -> Finding {
    match environment::leftovers().await {
        Ok(left) if left.is_empty() => Finding::ok("leftovers", "none"),
        Ok(left) => {
            let lines: Vec<String> = left.iter().map(ToString::to_string).collect();
            Finding::ok("leftovers", format!("{}; `harness clean` removes those whose run has ended", lines.join("; ")))
        }
        Err(error) => Finding::from_error("leftovers", &error),
    }
}

fn ports() -> Finding {
    match Ports::default().pick() {
        Ok(port) => {
            let doubt = Ports::default().warning().map_or_else(String::new, |warning| format!("; but {warning}"));
            Finding::ok("ports", format!("127.0.0.1:{port} is free{doubt}"))
        }
        Err(error) => Finding::from_error("ports", &error),
    }
}

fn files() -> Finding {
    match environment::make_room_for_files(WORKERS, WORKERS) {
        Ok(()) => Finding::ok("open files", format!("enough for {WORKERS} workers and partitions")),
        Err(error) => Finding::from_error("open files", &error),
    }
}

fn disk(runs: &Path) -> Finding {
    let folder = nearest_existing(runs);
    let shown = folder.display();
    match rustix::fs::statvfs(&folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let detail = format!("{} free in {shown}", gib(free));
            Finding::at_least(
                "disk space",
                free.into(),
                DISK.into(),
                detail,
                "free 2 GiB, or choose another folder with `--out`",
            )
        }
        Err(error) => Finding::missing(
            "disk space",
            format!("{shown} cannot be examined: {error}"),
            "choose another folder with `--out`",
        ),
    }
}

/// The folder itself may be created only by the first run.
fn nearest_existing(folder: &Path) -> PathBuf {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    folder.ancestors().find(|ancestor| ancestor.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

fn clock() -> Finding {
    let resolution = clock_getres(ClockId::Monotonic);
    let ns = u128::try_from(resolution.tv_sec).unwrap_or(0) * 1_000_000_000
        + u128::try_from(resolution.tv_nsec).unwrap_or(0);
    let detail = format!("CLOCK_MONOTONIC counts in steps of {ns} ns");
    if ns <= CLOCK_NS {
        Finding::ok("clock", detail)
    } else {
        Finding::missing(
            "clock",
            detail,
            "use a kernel with high-resolution timers; latencies below a step cannot be told apart",
        )
    }
}

fn cores() -> Finding {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let detail = format!("{cores}");
    Finding::at_least(
        "cores",
        cores as u128,
        CORES as u128,
        detail,
        "with one core broker and workers wait for each other: use two or more",
    )
}

fn memory() -> Finding {
    use procfs::Current;
    match procfs::Meminfo::current() {
        Ok(memory) => {
            let free = memory.mem_available.unwrap_or(memory.mem_free);
            let detail = format!("{} available of {}", gib(free), gib(memory.mem_total));
            Finding::at_least(
                "memory",
                free.into(),
                MEMORY.into(),
                detail,
                "end other programs until 2 GiB are available",
            )
        }
        Err(error) => Finding::missing("memory", format!("/proc/meminfo cannot be read: {error}"), "mount /proc"),
    }
}

fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / GIB as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_missing_makes_it_incomplete() {
        let mut findings = vec![Finding::ok("cores", "2")];
        assert_eq!(health(&findings), Health::Complete);
        findings.push(Finding::missing("memory", "1.0 GiB", "end other programs"));
        assert_eq!(health(&findings), Health::Incomplete);
    }

    #[test]
    fn what_something_else_stands_in_for_is_not_missed() {
        let mut finding = Finding::missing("container engine", "none answers", "start one");
        finding.is_not_needed();
        assert_eq!(health(std::slice::from_ref(&finding)), Health::Complete);
        let text = finding.to_string();
        assert!(text.starts_with("absent   container engine") && text.contains("→ start one"), "{text}");
    }

    #[test]
    fn what_is_missing_says_what_to_do() {
        let text = Finding::missing("memory", "1.0 GiB available", "end other programs").to_string();
        assert!(text.starts_with("missing  memory"));
        assert!(text.contains("→ end other programs"));
    }

    #[test]
    fn just_enough_is_enough_and_less_is_not() {
        assert_eq!(Finding::at_least("cores", 2, 2, "2".to_owned(), "").state, State::Ok);
        assert_ne!(Finding::at_least("cores", 1, 2, "1".to_owned(), "").state, State::Ok);
    }

    #[test]
    fn an_errors_way_out_is_kept() {
        let finding =
            Finding::from_error("container engine", &EnvironmentError::NoEngine { reason: "refused".to_owned() });
        assert!(finding.to_string().contains("make setup"));
    }

    #[test]
    fn a_runs_folder_that_does_not_exist_yet_is_examined_where_it_will_be() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(nearest_existing(&folder.path().join("runs/today")), folder.path());
    }

    #[tokio::test]
    async fn every_thing_looked_at_gets_a_line() {
        let mut text = Vec::new();
        doctor(Path::new("runs"), &mut text).await.expect("written");
        let text = String::from_utf8(text).expect("text");
        for what in [
            "container engine",
            "local process",
            "packet filter",
            "leftovers",
            "ports",
            "open files",
            "disk space",
            "clock",
            "cores",
            "memory",
        ] {
            assert!(text.contains(what), "{what} is not in\n{text}");
        }
    }
}
