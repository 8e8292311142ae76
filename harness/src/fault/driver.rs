//! One fault of a trial, from preparing to healing: asks, reads back, and keeps the times and the evidence.

use super::handles::Handles;
use super::kind::{Actuator, Phase};
use super::planned::PlannedFault;
use crate::clock;
use crate::environment::EnvironmentError;
use reports::history::Fault;
use reports::units::Nanos;

/// A call that hung or failed is tried once more; then the fault counts as not confirmed.
const ATTEMPTS: usize = 2;

/// Drives one fault on its target. Every call of its actuator comes to an end, so none here hangs.
///
/// `prepare` before clients connect; `inject`; `heal`, on every way out, as often as one likes; then `row`.
#[derive(Debug)]
pub struct FaultDriver {
    planned: PlannedFault,
    actuator: Box<dyn Actuator>,
    inject: Step,
    heal: Step,
    /// When and by what its condition came true, where it has one.
    triggered: Option<String>,
    /// Why its condition never came true.
    untriggered: Option<String>,
}

/// What is known of injecting or of healing.
#[derive(Clone, Debug, Default)]
struct Step {
    requested: Option<Nanos>,
    confirmed: Option<Nanos>,
    evidence: Vec<String>,
}

impl FaultDriver {
    /// A fault as planned, on a system of which these are the handles.
    pub fn new(planned: &PlannedFault, handles: &Handles) -> Self {
        let mut actuator = planned.fault.actuator(&planned.name, &planned.target, handles);
        actuator.is_to_act_for(planned.lasts);
        Self {
            planned: planned.clone(),
            actuator,
            inject: Step::default(),
            heal: Step::default(),
            triggered: None,
            untriggered: None,
        }
    }

    /// What it drives.
    pub fn planned(&self) -> &PlannedFault {
        &self.planned
    }

    /// Its condition has come true, in words: when, and by what.
    pub fn triggered(&mut self, words: String) {
        self.triggered = Some(words);
    }

    /// It will not be injected any more; where it waited for a condition, why that did not come true.
    pub fn never(&mut self, why: Option<String>) {
        self.untriggered = why;
    }

    /// Why it was not injected, where its condition is the reason.
    pub fn untriggered(&self) -> Option<&str> {
        self.untriggered.as_deref()
    }

    /// Puts in place what must be there before clients connect.
    ///
    /// # Errors
    /// What it is aimed at does not do it.
    pub async fn prepare(&mut self) -> Result<(), EnvironmentError> {
        self.actuator.bring(Phase::Resting).await?;
        let read = self.actuator.read(Phase::Resting).await?;
        if read.shows {
            return Ok(());
        }
        Err(EnvironmentError::step(
            format!("{} could not be prepared; read back: {}", self.planned.name, read.words),
            "a Toxiproxy of another version than 2.12 may not know this fault; or does another program change what it changes?",
        ))
    }

    /// Injects, and confirms by reading back. That it could not be confirmed is in the row, not an error.
    /// Returns when it was confirmed.
    pub async fn inject(&mut self) -> Option<Nanos> {
        // Before the first await: if this future is dropped on the way, healing must know that there may be something.
        self.inject.requested.get_or_insert_with(clock::now);
        let (confirmed, evidence) = self.bring_about(Phase::Acting).await;
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
        let (confirmed, evidence) = self.bring_about(Phase::Resting).await;
        self.heal.confirmed = confirmed;
        self.heal.evidence = evidence;
        confirmed
    }

    /// Whether injection and healing were both confirmed.
    pub fn is_healed(&self) -> bool {
        self.inject.confirmed.is_some() && self.heal.confirmed.is_some()
    }

    /// The history's row. `None`: it was never asked for.
    pub fn row(&self) -> Option<Fault> {
        let confirmed = self.is_healed();
        Some(Fault {
            name: self.planned.name.clone(),
            kind: self.planned.fault.name().to_owned(),
            target: self.planned.target.as_met(self.actuator.node()),
            inject_requested: self.inject.requested?,
            injected: self.inject.confirmed,
            heal_requested: self.heal.requested,
            healed: self.heal.confirmed,
            confirmed,
            evidence: self.evidence(),
            dropped: self.actuator.dropped(),
        })
    }

    fn evidence(&self) -> String {
        let part = |what: &str, step: &Step| match step.requested {
            None => format!("{what}: not asked for"),
            Some(_) if step.evidence.is_empty() => format!("{what}: asked for, but nothing was read back"),
            Some(_) => format!("{what}: {}", step.evidence.join("; ")),
        };
        let triggered = self.triggered.iter().map(|words| format!("triggered: {words} | ")).collect::<String>();
        format!("{triggered}{} | {}", part("injected", &self.inject), part("healed", &self.heal))
    }

    /// A target that was restarted, or healed by somebody else, makes everything since doubtful.
    async fn must_still_be_there(&mut self) {
        match self.actuator.read(Phase::Acting).await {
            Ok(read) if read.shows => {}
            Ok(read) => {
                self.inject.confirmed = None;
                self.inject.evidence.push(format!("no longer there when it was to be healed: {}", read.words));
            }
            Err(error) => self.inject.evidence.push(format!("not read again before healing: {error}")),
        }
    }

    /// Brings a phase about. The answer to a change is not trusted: a call that timed out may have done its work, and one
    /// that succeeded may not. What does not come to rest when asked is replaced.
    async fn bring_about(&mut self, phase: Phase) -> (Option<Nanos>, Vec<String>) {
        let mut trouble = Vec::new();
        for attempt in 1..=ATTEMPTS {
            let asked = match phase {
                Phase::Resting if attempt > 1 => self.actuator.renew().await,
                _ => self.actuator.bring(phase).await,
            };
            if let Err(error) = asked {
                trouble.push(error.to_string());
            }
            match self.actuator.read(phase).await {
                Ok(read) if read.shows => return (Some(clock::now()), told(read.words, &trouble)),
                Ok(read) => trouble.push(format!("read back otherwise: {}", read.words)),
                Err(error) => trouble.push(format!("not read back: {error}")),
            }
        }
        (None, trouble)
    }
}

fn told(read: String, trouble: &[String]) -> Vec<String> {
    vec![if trouble.is_empty() { read } else { format!("{read} (after: {})", trouble.join("; ")) }]
}
