//! Which cores this machine has, and on which of them a process may run.

use crate::model::Cores;
use procfs::process::Process;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::io;

/// Where the kernel lists the cores that are in use: `0-7`.
const ONLINE: &str = "/sys/devices/system/cpu/online";

/// The cores of this machine, as this process sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachineCores {
    /// All that are in use.
    pub all: Cores,
    /// Those of them on which this process may run.
    pub allowed: Cores,
}

impl MachineCores {
    /// Now. `None`: the kernel does not tell.
    pub fn now() -> Option<Self> {
        let allowed = of_set(&sched_getaffinity(None).ok()?)?;
        let all = std::fs::read_to_string(ONLINE).ok().and_then(|list| Cores::parse(&list));
        Some(Self { all: all.unwrap_or(allowed), allowed })
    }
}

/// The cores on which a process may run, as the kernel tells it (`Cpus_allowed_list`). `None`: it has ended, or may not be looked
/// at.
pub fn cores_of(pid: u32) -> Option<Cores> {
    let status = Process::new(i32::try_from(pid).ok()?).and_then(|process| process.status()).ok()?;
    let spans = status.cpus_allowed_list?;
    Cores::of(spans.into_iter().flat_map(|(first, last)| first..=last).filter_map(|core| u16::try_from(core).ok()))
}

/// Starts something that is to run on these cores only; `None`: wherever this thread may. Processes inherit the cores of the thread
/// that starts them, which is on these meanwhile.
///
/// # Errors
/// This process may not run on them; or what starting says.
pub(crate) fn started_on<T>(cores: Option<Cores>, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let Some(cores) = cores else { return start() };
    let before = sched_getaffinity(None)?;
    sched_setaffinity(None, &set_of(cores))
        .map_err(|error| io::Error::new(error.kind(), format!("the cores {cores} cannot be had: {error}")))?;
    let started = start();
    if let Err(error) = sched_setaffinity(None, &before) {
        tracing::warn!(%error, "a thread of the harness stays on the cores {cores}");
    }
    started
}

fn set_of(cores: Cores) -> CpuSet {
    let mut set = CpuSet::new();
    cores.numbers().map(usize::from).filter(|&core| core < CpuSet::MAX_CPU).for_each(|core| set.set(core));
    set
}

fn of_set(set: &CpuSet) -> Option<Cores> {
    let numbers = (0..Cores::MOST).filter(|&core| usize::from(core) < CpuSet::MAX_CPU);
    Cores::of(numbers.filter(|&core| set.is_set(usize::from(core))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    fn sleeping() -> io::Result<Child> {
        Command::new("sleep").arg("60").spawn()
    }

    #[test]
    fn this_process_may_run_on_cores_that_the_machine_has() {
        let machine = MachineCores::now().expect("told");
        assert!(machine.allowed.numbers().all(|core| machine.all.has(core)), "{machine:?}");
        assert_eq!(cores_of(std::process::id()), Some(machine.allowed));
    }

    #[test]
    fn what_is_started_runs_on_its_cores_and_the_thread_that_started_it_where_it_did() {
        let before = MachineCores::now().expect("told").allowed;
        let last = Cores::of(before.numbers().last()).expect("one");
        let mut child = started_on(Some(last), sleeping).expect("started");
        let (of_child, mine) = (cores_of(child.id()), MachineCores::now().expect("told").allowed);
        let mut free = started_on(None, sleeping).expect("started");
        let of_free = cores_of(free.id());
        for child in [&mut child, &mut free] {
            child.kill().expect("killed");
            child.wait().expect("reaped");
        }
        assert_eq!((of_child, mine, of_free), (Some(last), before, Some(before)));
    }

    #[test]
    fn cores_that_the_machine_has_not_are_named_and_nothing_is_started() {
        let absent = Cores::of([Cores::MOST - 1]).expect("one");
        let error = started_on(Some(absent), || -> io::Result<()> { panic!("started") }).expect_err("refused");
        assert!(error.to_string().contains("the cores 1023 cannot be had"), "{error}");
    }
}
