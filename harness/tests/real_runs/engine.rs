//! The engine as these tests see it: theirs alone for as long as a test lasts, and what a run has on it.

use crate::binary::{Bench, real_is_required, skipped};
use crate::calm::on_a_calm_machine;
use harness::environment::leftovers;
use std::sync::{Mutex, MutexGuard, PoisonError};
use testcontainers::bollard::query_parameters::InspectContainerOptions;
use testcontainers::core::client::docker_client_instance;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs a test that needs an engine, with the machine for it alone.
pub(crate) fn with_engine(test: &str, body: impl Fn()) {
    if let Some(_alone) = require_engine(test) {
        on_a_calm_machine(test, body);
    }
}

/// The machine for one test alone. `None`: no engine answers, which was said aloud; with `HARNESS_REQUIRE_REAL=1` the
/// test fails instead.
pub(crate) fn require_engine(test: &str) -> Option<MutexGuard<'static, ()>> {
    let alone = alone();
    match wait(harness::environment::engine()) {
        Ok(_) => Some(alone),
        Err(error) if real_is_required() => panic!("HARNESS_REQUIRE_REAL=1, but {test} cannot run: {error}"),
        Err(error) => {
            skipped(test, &format!("{error}; set HARNESS_REQUIRE_REAL=1 to fail instead"));
            None
        }
    }
}

/// The machine for one test alone, whatever runs on it.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// The containers of all runs on a bench: node and id.
pub(crate) fn containers(bench: &Bench) -> Vec<(String, String)> {
    let mine = format!("-{}", bench.name());
    let all = wait(leftovers()).expect("listed");
    let mine = all.into_iter().filter(|left| left.run.ends_with(&mine) && left.kind == "container");
    mine.map(|left| (left.node, left.id)).collect()
}

/// What the runs on a bench have as processes of this machine: nodes, once for the process and once for its folder, and
/// workers.
pub(crate) fn local_nodes(bench: &Bench) -> Vec<String> {
    let mine = format!("-{}", bench.name());
    let all = wait(leftovers()).expect("listed").into_iter();
    let local = all.filter(|left| left.run.ends_with(&mine) && ["process", "folder"].contains(&left.kind));
    local.map(|left| format!("{} ({})", left.node, left.kind)).collect()
}

/// The tables that runs on a bench have in the packet filter.
pub(crate) fn tables(bench: &Bench) -> Vec<String> {
    let mine = format!("-{}", bench.name());
    let all = wait(leftovers()).expect("listed").into_iter();
    all.filter(|left| left.run.ends_with(&mine) && left.kind == "table").map(|left| left.id).collect()
}

/// The process of a node that runs as one.
pub(crate) fn local_process(bench: &Bench, node: &str) -> u32 {
    let mine = format!("-{}", bench.name());
    let all = wait(leftovers()).expect("listed").into_iter();
    let mut found = all.filter(|left| left.run.ends_with(&mine) && left.kind == "process" && left.node == node);
    let found = found.next().expect("it runs");
    found.id.split(',').next().and_then(|pid| pid.parse().ok()).expect("a process id")
}

/// The process of a node that runs on a bench.
pub(crate) fn process(bench: &Bench, node: &str) -> u32 {
    let all = containers(bench);
    let (_, id) = all.iter().find(|(name, _)| name == node).unwrap_or_else(|| panic!("no {node} in {all:?}"));
    let inspected = wait(async {
        let engine = docker_client_instance().await.expect("an engine");
        engine.inspect_container(id, None::<InspectContainerOptions>).await.expect("inspected")
    });
    let pid = inspected.state.and_then(|state| state.pid).expect("a process");
    u32::try_from(pid).expect("a process id")
}

/// The CPU time a second, in ns, and the bytes of memory that a container may use; 0 is as much as there is.
pub(crate) fn limits(id: &str) -> (i64, i64) {
    let inspected = wait(async {
        let engine = docker_client_instance().await.expect("an engine");
        engine.inspect_container(id, None::<InspectContainerOptions>).await.expect("inspected")
    });
    let host = inspected.host_config.expect("its configuration");
    (host.nano_cpus.unwrap_or(0), host.memory.unwrap_or(0))
}

/// The id of the container that people call so.
pub(crate) fn id_of(name: &str) -> String {
    let inspected = wait(async {
        let engine = docker_client_instance().await.expect("an engine");
        engine.inspect_container(name, None::<InspectContainerOptions>).await.expect("inspected")
    });
    inspected.id.expect("an id")
}

/// A process that may end, and whose number another may then be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pid: i32,
    started: u64,
}

impl Process {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        u32::try_from(self.pid).expect("a process id")
    }

    /// Whether it still runs. One that has ended and that nobody has asked for its exit code does not.
    pub(crate) fn runs(&self) -> bool {
        let stat = procfs::process::Process::new(self.pid).and_then(|process| process.stat());
        stat.is_ok_and(|stat| stat.starttime == self.started && stat.state != 'Z')
    }
}

/// The workers of a run that goes on: those of its process's children that were started as such.
pub(crate) fn workers(run: u32) -> Vec<Process> {
    let processes = procfs::process::all_processes().expect("listed").filter_map(Result::ok);
    let is_worker = |process: &procfs::process::Process| {
        process.cmdline().is_ok_and(|words| words.iter().any(|word| word == "worker"))
    };
    let stats = processes.filter(is_worker).filter_map(|process| process.stat().ok());
    let children = stats.filter(|stat| u32::try_from(stat.ppid) == Ok(run));
    children.map(|stat| Process { pid: stat.pid, started: stat.starttime }).collect()
}
