//! Who started a container, so that a later run can tell whether its owner still lives.

use super::EnvironmentError;
use procfs::process::Process;
use std::path::Path;

/// A process that started something: recognised even when its id is given to another process later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pid: i32,
    /// When it started, in clock ticks after the boot.
    started: u64,
    boot: String,
    /// The process id namespace that `pid` counts in.
    namespace: String,
    host: String,
}

/// What can be said about an owner from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerState {
    /// It runs.
    Alive,
    /// It has ended.
    Dead,
    /// It ran on another host or in another container: nothing can be said, so nothing is touched.
    Elsewhere,
}

impl Owner {
    /// This process.
    ///
    /// # Errors
    /// `/proc` cannot be read.
    pub(super) fn current() -> Result<Self, EnvironmentError> {
        Self::of(this_process()).ok_or_else(|| {
            EnvironmentError::step(
                "cannot read this process's identity from /proc",
                "mount /proc: what a run starts is labelled with it, so that leftovers are found again",
            )
        })
    }

    /// A process in this one's namespace. `None`: there is none, or it may not be looked at.
    pub(super) fn of(pid: i32) -> Option<Self> {
        Some(Self {
            pid,
            started: Process::new(pid).ok()?.stat().ok()?.starttime,
            boot: first_line("/proc/sys/kernel/random/boot_id")?,
            namespace: namespace_number()?,
            host: first_line("/proc/sys/kernel/hostname")?,
        })
    }

    /// As a label's value; `parse` reads it back.
    pub(super) fn label(&self) -> String {
        format!("{}/{}/{}/{}/{}", self.pid, self.started, self.boot, self.namespace, self.host)
    }

    /// Reads a label's value. `None` when it is not one of ours.
    pub(super) fn parse(label: &str) -> Option<Self> {
        let mut parts = label.splitn(5, '/');
        Some(Self {
            pid: parts.next()?.parse().ok()?,
            started: parts.next()?.parse().ok()?,
            boot: parts.next()?.to_owned(),
            namespace: parts.next()?.to_owned(),
            host: parts.next()?.to_owned(),
        })
    }

    /// Whether it lives, as far as `observer` (this process) can tell.
    pub(super) fn state(&self, observer: &Self) -> OwnerState {
        let same_boot = self.boot == observer.boot;
        if same_boot && self.namespace == observer.namespace {
            return if self.runs() { OwnerState::Alive } else { OwnerState::Dead };
        }
        if !same_boot && self.host == observer.host {
            return OwnerState::Dead;
        }
        OwnerState::Elsewhere
    }

    /// Its process id, for people.
    pub(super) fn pid(&self) -> i32 {
        self.pid
    }

    /// A process with this id and this start; one that waits to be reaped counts as ended.
    fn runs(&self) -> bool {
        Process::new(self.pid)
            .and_then(|process| process.stat())
            .is_ok_and(|stat| stat.starttime == self.started && !matches!(stat.state, 'Z' | 'X'))
    }
}

/// The id of this process.
pub(super) fn this_process() -> i32 {
    rustix::process::getpid().as_raw_nonzero().get()
}

/// The number within `pid:[4026531836]`.
fn namespace_number() -> Option<String> {
    let link = std::fs::read_link("/proc/self/ns/pid").ok()?;
    Some(link.to_str()?.chars().filter(char::is_ascii_digit).collect())
}

fn first_line(path: impl AsRef<Path>) -> Option<String> {
    Some(std::fs::read_to_string(path).ok()?.lines().next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive() {
        let me = Owner::current().expect("readable");
        assert_eq!(me.state(&me), OwnerState::Alive);
    }

    #[test]
    fn a_label_is_read_back() {
        let me = Owner::current().expect("readable");
        assert_eq!(Owner::parse(&me.label()), Some(me));
        assert_eq!(Owner::parse("somebody"), None);
        assert_eq!(Owner::parse("12/soon/boot/1/host"), None);
    }

    #[test]
    fn a_process_id_given_to_another_process_is_not_the_owner() {
        let me = Owner::current().expect("readable");
        let earlier = Owner { started: me.started.saturating_sub(1), ..me.clone() };
        assert_eq!(earlier.state(&me), OwnerState::Dead);
    }

    #[test]
    fn an_ended_process_is_dead_even_before_it_is_reaped() {
        let me = Owner::current().expect("readable");
        let mut child = std::process::Command::new("true").spawn().expect("spawned");
        let pid = i32::try_from(child.id()).expect("small");
        let started = Process::new(pid).and_then(|process| process.stat()).expect("still there").starttime;
        let owner = Owner { pid, started, ..me.clone() };
        while owner.state(&me) == OwnerState::Alive {
            std::thread::yield_now();
        }
        assert_eq!(owner.state(&me), OwnerState::Dead);
        child.wait().expect("reaped");
        assert_eq!(owner.state(&me), OwnerState::Dead);
    }

    #[test]
    fn after_a_reboot_of_this_host_the_owner_is_dead() {
        let me = Owner::current().expect("readable");
        let before = Owner { boot: "another".to_owned(), ..me.clone() };
        assert_eq!(before.state(&me), OwnerState::Dead);
    }

    #[test]
    fn of_another_host_or_container_nothing_can_be_said() {
        let me = Owner::current().expect("readable");
        let in_container = Owner { namespace: "1".to_owned(), ..me.clone() };
        assert_eq!(in_container.state(&me), OwnerState::Elsewhere);
        let on_host = Owner { boot: "another".to_owned(), host: "another".to_owned(), ..me.clone() };
        assert_eq!(on_host.state(&me), OwnerState::Elsewhere);
    }
}
