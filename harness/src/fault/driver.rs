//! One fault of a trial, from preparing to healing: asks, reads back, and keeps the times and the evidence.

use super::FaultKind;
use super::change::{Change, Phase};
use super::planned::PlannedFault;
use crate::clock;
use crate::environment::EnvironmentError;
use crate::environment::toxiproxy::Toxiproxy;
use crate::model::Link;
use reports::history::Fault;
use reports::units::Nanos;

/// A call that hung or failed is tried once more; then the fault counts as not confirmed.
const ATTEMPTS: usize = 2;

/// Drives one fault on the proxies of its link. Every call to the proxy has a time limit, so none here hangs.
///
/// `prepare` before clients connect; `inject`; `heal`, on every way out, as often as one likes; then `row`.
#[derive(Debug)]
pub struct FaultDriver {
    name: String,
    kind: FaultKind,
    target: String,
    change: Change,
    server: Toxiproxy,
    proxies: Vec<String>,
    inject: Step,
    heal: Step,
}

/// What is known of injecting or of healing.
#[derive(Clone, Debug, Default)]
struct Step {
    requested: Option<Nanos>,
    confirmed: Option<Nanos>,
    evidence: Vec<String>,
}

impl FaultDriver {
    /// A fault as planned, on these proxies (by name) of its link.
    pub fn new(fault: &PlannedFault, server: Toxiproxy, proxies: Vec<String>) -> Self {
        Self {
            name: fault.name.clone(),
            kind: fault.kind.clone(),
            target: target(fault.link),
            change: fault.kind.change(&fault.name, fault.direction),
            server,
            proxies,
            inject: Step::default(),
            heal: Step::default(),
        }
    }

    /// Puts in place what must be there before clients connect.
    ///
    /// # Errors
    /// The proxy does not do it.
    pub async fn prepare(&self) -> Result<(), EnvironmentError> {
        for proxy in &self.proxies {
            self.change.prepare(&self.server, proxy).await?;
            let read = self.server.proxy(proxy).await?;
            if !self.change.shows(Phase::Healed, &read) {
                return Err(EnvironmentError::step(
                    format!("{} could not be prepared; read back: {read}", self.name),
                    "a Toxiproxy of another version than 2.12 may not know this fault",
                ));
            }
        }
        Ok(())
    }

    /// Injects, and confirms by reading back. That it could not be confirmed is in the row, not an error.
    /// Returns when it was confirmed.
    pub async fn inject(&mut self) -> Option<Nanos> {
        // Before the first await: if this future is dropped on the way, healing must know that there may be something.
        self.inject.requested.get_or_insert_with(clock::now);
        let (confirmed, evidence) = self.bring_about(Phase::Injected).await;
        self.inject.confirmed = confirmed;
        self.inject.evidence = evidence;
        confirmed
    }

    /// Heals, and confirms by reading back; does nothing where nothing was injected or all is healed.
    /// Returns when it was confirmed.
    pub async fn heal(&mut self) -> Option<Nanos> {
        if self.inject.requested.is_none() || self.heal.confirmed.is_some() {
            return self.heal.confirmed;
        }
        if self.heal.requested.is_none() {
            self.must_still_be_there().await;
            self.heal.requested = Some(clock::now());
        }
        let (confirmed, evidence) = self.bring_about(Phase::Healed).await;
        self.heal.confirmed = confirmed;
        self.heal.evidence = evidence;
        confirmed
    }

    /// The history's row. `None`: it was never asked for.
    pub fn row(&self) -> Option<Fault> {
        let confirmed = self.inject.confirmed.is_some() && self.heal.confirmed.is_some();
        Some(Fault {
            name: self.name.clone(),
            kind: self.kind.name().to_owned(),
            target: self.target.clone(),
            inject_requested: self.inject.requested?,
            injected: self.inject.confirmed,
            heal_requested: self.heal.requested,
            healed: self.heal.confirmed,
            confirmed,
            evidence: self.evidence(),
        })
    }

    fn evidence(&self) -> String {
        let part = |what: &str, step: &Step| match step.requested {
            None => format!("{what}: not asked for"),
            Some(_) if step.evidence.is_empty() => format!("{what}: asked for, but nothing was read back"),
            Some(_) => format!("{what}: {}", step.evidence.join("; ")),
        };
        format!("{} | {}", part("injected", &self.inject), part("healed", &self.heal))
    }

    /// A proxy that was restarted, or healed by somebody else, makes everything since doubtful.
    async fn must_still_be_there(&mut self) {
        for proxy in &self.proxies {
            match self.server.proxy(proxy).await {
                Ok(read) if self.change.shows(Phase::Injected, &read) => {}
                Ok(read) => {
                    self.inject.confirmed = None;
                    self.inject.evidence.push(format!("no longer there when it was to be healed: {read}"));
                }
                Err(error) => self.inject.evidence.push(format!("not read again before healing: {error}")),
            }
        }
    }

    /// Brings all proxies into a state. The time is that of the last confirmation, where all were confirmed.
    async fn bring_about(&self, phase: Phase) -> (Option<Nanos>, Vec<String>) {
        let each = self.proxies.iter().map(|proxy| self.bring_one_about(phase, proxy));
        let results = futures_util::future::join_all(each).await;
        let confirmed = results.iter().map(|(at, _)| *at).collect::<Option<Vec<_>>>();
        let evidence = results.into_iter().map(|(_, read)| read).collect();
        (confirmed.and_then(|times| times.into_iter().max()), evidence)
    }

    /// The answer to a change is not trusted: a call that timed out may have done its work, and one that succeeded may not.
    async fn bring_one_about(&self, phase: Phase, proxy: &str) -> (Option<Nanos>, String) {
        let mut trouble = Vec::new();
        for _ in 0..ATTEMPTS {
            if let Err(error) = self.change.apply(phase, &self.server, proxy).await {
                trouble.push(error.to_string());
            }
            match self.server.proxy(proxy).await {
                Ok(read) if self.change.shows(phase, &read) => return (Some(clock::now()), told(&read, &trouble)),
                Ok(read) => trouble.push(format!("read back otherwise: {read}")),
                Err(error) => trouble.push(format!("not read back: {error}")),
            }
        }
        (None, trouble.join("; "))
    }
}

fn told(read: &crate::environment::toxiproxy::Proxy, trouble: &[String]) -> String {
    if trouble.is_empty() { read.to_string() } else { format!("{read} (after: {})", trouble.join("; ")) }
}

/// A fault's target, in the words of reports.
pub fn target(link: Link) -> String {
    format!("link {link}")
}
