//! What a client library says of itself: whom it speaks to, what each wish becomes in its words, and how it is run.

use crate::broker::contradiction::{Contradiction, ReadBudget};
use crate::broker::refusal::Refusal;
use crate::model::{ClientPolicy, Role, SystemSpec, Workload};
use crate::worker::Clients;
use reports::facts::{Envelope, Setting};
use reports::units::Nanos;
use std::collections::BTreeMap;

/// What the fairness table notes beside a message's attempts, where producers try again.
pub(super) const RETRIED_BY_THE_HARNESS: &str = "by the harness, which sends the same message again; an attempt without an answer may have been stored, too, and then the message is stored twice";

/// What the dry run and the trial need to know of a client library. Cold: never on a message's way.
pub trait ClientKind: Send + Sync {
    /// Its name in scenario files: `rdkafka`.
    fn name(&self) -> &'static str;
    /// The library and its version, for reports: `librdkafka 2.12.1`.
    fn version(&self) -> String;
    /// The kinds of brokers that it speaks to. A broker's default is the first of `CLIENTS` that names it.
    fn brokers(&self) -> &'static [&'static str];
    /// The waits between attempts that it really keeps under this policy and the system's raw settings. By default those of
    /// our own reconnecting, which follows the policy to the letter.
    fn envelope(&self, _system: &SystemSpec, policy: &ClientPolicy, _role: Role) -> Envelope {
        Envelope {
            first: policy.backoff.first.into(),
            factor: policy.backoff.factor,
            max: policy.backoff.max.into(),
            jitter_below: policy.backoff.jitter,
            jitter_above: policy.backoff.jitter,
            // The worker stamps each attempt itself; what remains is the scheduler's delay on a busy machine.
            resolution: Nanos::from_millis(100),
            connect_timeout: policy.connect_timeout.into(),
        }
    }
    /// Its own settings for this role: the words of the library's documentation, and what they are set to.
    fn settings(&self, system: &SystemSpec, policy: &ClientPolicy, role: Role) -> BTreeMap<String, String>;
    /// What each wish became in its hands: policy, acknowledgement, settling. The same values that the workers use. What concerns
    /// consumers alone is left out where there are none.
    fn fairness(
        &self,
        system: &SystemSpec,
        policy: &ClientPolicy,
        workload: &Workload,
        consumed: Consumed,
    ) -> Vec<Setting>;
    /// Why a raw setting of the scenario, other than the broker's own, cannot be passed on; `None` where it can.
    fn refusal(&self, name: &str, value: &str) -> Option<Refusal>;
    /// Settings that cannot work together, or not with this workload; each would show only when clients start, or never.
    fn contradictions(&self, _system: &SystemSpec, _policy: &ClientPolicy, _workload: &Workload) -> Vec<Contradiction> {
        Vec::new()
    }
    /// How long a consumer may work on what it took at once; `None`: for ever.
    fn read_budget(&self, _system: &SystemSpec, _policy: &ClientPolicy, _workload: &Workload) -> Option<ReadBudget> {
        None
    }
    /// How a worker runs it.
    fn run(&self) -> Run;
}

/// Whether anybody ever consumes what is sent to a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// Consumers do, from the start or from later on.
    Yes,
    /// There are producers alone.
    Never,
}

/// How a client is run.
#[derive(Clone, Debug)]
pub enum Run {
    /// By a worker of ours, which is linked with the library.
    Native(Clients),
    /// By a program of its own that speaks the worker protocol: its name or path, and its arguments.
    Program(Vec<String>),
}
