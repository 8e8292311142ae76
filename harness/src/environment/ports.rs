//! Ports on 127.0.0.1 that nobody else gets: neither the system for an outgoing connection, nor another harness.

use super::EnvironmentError;
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Below are the ports of well-known services.
const LOWEST: u16 = 10_000;
/// Linux's own default, for where it cannot be read.
const EPHEMERAL: RangeInclusive<u16> = 32_768..=60_999;

/// Picks ports outside the system's ephemeral range, and holds each until `release`.
///
/// A port is held twice: by a bound listener until `release`, so that no other program takes it, and by a lock file
/// until the last clone is dropped, so that no other harness takes it in the moment before its node listens, or while
/// its node restarts. Clones share what they hold.
#[derive(Clone, Debug)]
pub struct Ports {
    ranges: Arc<[RangeInclusive<u16>]>,
    /// They lie within the ephemeral range, which leaves no others.
    is_within: bool,
    held: Arc<Mutex<BTreeMap<u16, Hold>>>,
}

#[derive(Debug)]
struct Hold {
    _lock: File,
    listener: Option<TcpListener>,
}

impl Default for Ports {
    fn default() -> Self {
        Self::beside(&ephemeral())
    }
}

impl Ports {
    /// Outside the ephemeral range; within it where it leaves none.
    fn beside(ephemeral: &RangeInclusive<u16>) -> Self {
        let outside = outside(ephemeral);
        let is_within = outside.is_empty();
        let ranges = if is_within { vec![LOWEST..=u16::MAX] } else { outside };
        Self { is_within, ..Self::within(ranges) }
    }

    fn within(ranges: Vec<RangeInclusive<u16>>) -> Self {
        Self { ranges: ranges.into(), is_within: false, held: Arc::default() }
    }

    /// What is doubtful about the ports that it picks.
    pub fn warning(&self) -> Option<String> {
        let says = "the system takes ports of outgoing connections from all ports (net.ipv4.ip_local_port_range), so that one \
                    may take a broker's port in the moment in which the broker restarts; \
                    `sysctl net.ipv4.ip_local_port_range='32768 60999'` leaves it some";
        self.is_within.then(|| says.to_owned())
    }

    /// A free port on 127.0.0.1, held from now on.
    ///
    /// # Errors
    /// None is free, or the folder for lock files cannot be written.
    pub fn pick(&self) -> Result<u16, EnvironmentError> {
        let folder = lock_folder()?;
        let mut held = self.held();
        for port in shuffled(&self.ranges) {
            if let Some(hold) = Hold::take(&folder, port) {
                held.insert(port, hold);
                return Ok(port);
            }
        }
        Err(EnvironmentError::step(
            format!("no free port on 127.0.0.1 in {}", words(&self.ranges)),
            "stop what listens there (`ss -ltn` shows it), run `harness clean`, or narrow the system's ephemeral range: \
             `sysctl net.ipv4.ip_local_port_range='32768 60999'`",
        ))
    }

    /// Lets a node listen on a port: frees it for programs, and keeps it from other harnesses. Unknown ports are ignored.
    pub fn release(&self, port: u16) {
        if let Some(hold) = self.held().get_mut(&port) {
            hold.let_go();
        }
    }

    /// Whether a program could listen on the port now.
    pub fn is_free(port: u16) -> bool {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<u16, Hold>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    /// Stops listening before closing: a child that another thread is just forking has a copy of the listener until it
    /// executes its program, and with it the port would stay taken.
    fn let_go(&mut self) {
        if let Some(listener) = self.listener.take() {
            let _ = rustix::net::shutdown(&listener, rustix::net::Shutdown::Both);
        }
    }

    /// Lock first, then bind: whoever has the lock may try the port.
    fn take(folder: &std::path::Path, port: u16) -> Option<Self> {
        let lock = File::create(folder.join(format!("{port}.lock"))).ok()?;
        lock.try_lock().ok()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        Some(Self { _lock: lock, listener: Some(listener) })
    }
}

/// One folder for all harnesses of a user.
fn lock_folder() -> Result<PathBuf, EnvironmentError> {
    let folder = std::env::temp_dir().join(format!("harness-ports-{}", rustix::process::getuid().as_raw()));
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|error| {
        EnvironmentError::step(
            format!("cannot create {}, which keeps harnesses from taking one port twice: {error}", folder.display()),
            "set TMPDIR to a folder that can be written",
        )
    })?;
    Ok(folder)
}

/// The range that the system takes ports of outgoing connections from.
fn ephemeral() -> RangeInclusive<u16> {
    std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|text| parse_range(&text))
        .unwrap_or(EPHEMERAL)
}

fn parse_range(text: &str) -> Option<RangeInclusive<u16>> {
    let mut numbers = text.split_whitespace().map(str::parse::<u16>);
    Some(numbers.next()?.ok()?..=numbers.next()?.ok()?)
}

/// What is left of the ports from `LOWEST` on.
fn outside(ephemeral: &RangeInclusive<u16>) -> Vec<RangeInclusive<u16>> {
    let below = LOWEST..=ephemeral.start().saturating_sub(1);
    let above = ephemeral.end().saturating_add(1).max(LOWEST)..=u16::MAX;
    let above = (*ephemeral.end() < u16::MAX).then_some(above);
    [Some(below), above].into_iter().flatten().filter(|range| !range.is_empty()).collect()
}

/// All ports of the ranges, once each, from a random one on: two harnesses seldom try the same one.
fn shuffled(ranges: &[RangeInclusive<u16>]) -> impl Iterator<Item = u16> + use<> {
    let ports: Vec<u16> = ranges.iter().cloned().flatten().collect();
    let count = ports.len();
    let start = if count == 0 { 0 } else { rand::random_range(0..count) };
    (0..count).map(move |step| ports[(start + step) % count])
}

fn words(ranges: &[RangeInclusive<u16>]) -> String {
    let each: Vec<String> = ranges.iter().map(|range| format!("{}–{}", range.start(), range.end())).collect();
    each.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picked_port_is_held_until_its_release() {
        let ports = Ports::default();
        let port = ports.pick().expect("a port");
        assert!(!Ports::is_free(port));
        ports.release(port);
        assert!(Ports::is_free(port));
    }

    #[test]
    fn a_released_port_is_free_although_a_child_that_is_being_forked_has_a_copy_of_its_listener() {
        let ports = Ports::default();
        let port = ports.pick().expect("a port");
        let copy = ports.held()[&port].listener.as_ref().and_then(|listener| listener.try_clone().ok());
        ports.release(port);
        assert!(copy.is_some() && Ports::is_free(port));
    }

    #[test]
    fn a_port_lies_outside_the_ephemeral_range() {
        let port = Ports::default().pick().expect("a port");
        assert!(port >= LOWEST && !ephemeral().contains(&port));
    }

    #[test]
    fn a_released_port_is_not_picked_by_another_harness() {
        let first = Ports::default();
        let port = first.pick().expect("a port");
        first.release(port);
        let second = Ports::within(vec![port..=port]);
        assert!(second.pick().is_err());
        drop(first);
        assert_eq!(second.pick().expect("free again"), port);
    }

    #[test]
    fn exhaustion_says_where_and_what_to_do() {
        let taken = Ports::default();
        let port = taken.pick().expect("a port");
        let EnvironmentError::Step { what, help } = Ports::within(vec![port..=port]).pick().expect_err("taken") else {
            panic!("another error");
        };
        assert!(what.contains(&port.to_string()));
        assert!(help.contains("ss -ltn") && help.contains("ip_local_port_range"));
    }

    #[test]
    fn an_ephemeral_range_of_everything_is_picked_from_with_a_warning() {
        let ports = Ports::beside(&(1_024..=u16::MAX));
        assert!(ports.pick().expect("a port") >= LOWEST);
        assert!(ports.warning().expect("a warning").contains("ip_local_port_range"));
        assert_eq!(Ports::beside(&EPHEMERAL).warning(), None);
    }

    #[test]
    fn the_ports_below_and_above_the_ephemeral_range_are_candidates() {
        assert_eq!(outside(&EPHEMERAL), vec![10_000..=32_767, 61_000..=u16::MAX]);
        assert_eq!(outside(&(1_024..=4_999)), vec![10_000..=u16::MAX]);
    }

    #[test]
    fn the_range_is_read_as_the_kernel_writes_it() {
        assert_eq!(parse_range("32768\t60999\n"), Some(32_768..=60_999));
        assert_eq!(parse_range("32768"), None);
        assert_eq!(parse_range("many few"), None);
    }
}
