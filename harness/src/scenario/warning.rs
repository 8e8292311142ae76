//! What a scenario may say but hardly means. Each says what to do.

use super::origin::{Sources, TextPlace};
use crate::model::duration::brief;
use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode};
use reports::facts::ScenarioWarning;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What is doubtful.
#[derive(Clone, Debug, PartialEq)]
pub enum Advice {
    /// No choice of waits brings a client back within the limit.
    ReconnectImpossible {
        /// Whose policy.
        system: String,
        /// After which fault.
        fault: String,
        /// What was expected.
        limit: Duration,
        /// The earliest return that the policy allows.
        earliest: Duration,
        /// The latest.
        latest: Duration,
    },
    /// Some choices of waits bring a client back only after the limit.
    ReconnectUncertain {
        /// Whose policy.
        system: String,
        /// After which fault.
        fault: String,
        /// What was expected.
        limit: Duration,
        /// The earliest return that the policy allows.
        earliest: Duration,
        /// The latest.
        latest: Duration,
    },
    /// A limit on reconnecting, and no fault that cuts connections.
    NothingCut,
    /// A limit on recovery or unavailability, and no fault.
    NothingToRecoverFrom {
        /// Which limit.
        limit: &'static str,
    },
    /// The load ends before a recovery could be seen: steady means held for five seconds.
    NoTimeToRecover {
        /// After which fault.
        fault: String,
        /// What remains of the load.
        remaining: Duration,
    },
    /// A key that shapes the warm-up's schedule, where there is no schedule.
    NoSchedule {
        /// Which one.
        key: &'static str,
    },
    /// A demanded rate above the offered one.
    MoreThanOffered {
        /// Which rate.
        kind: &'static str,
        /// What was demanded, in messages a second.
        limit: f64,
        /// What the schedule offers on average, in messages a second.
        offered: f64,
    },
    /// A load in which so slow a growth cannot be seen.
    TooShortToSoak {
        /// Which limit.
        key: &'static str,
        /// The shortest load in which it can.
        least: Duration,
    },
    /// Consumers without a partition of their own.
    IdleConsumers {
        /// How many consumers.
        consumers: u16,
        /// How many partitions.
        partitions: u16,
    },
    /// Whoever joins leaves again, and nobody else consumes: what is there then nobody takes.
    NobodyToDrain {
        /// Whose consumers.
        system: String,
    },
    /// Never acknowledging leaves everything unrecovered.
    NeverAcknowledged,
    /// Working on what one read may bring takes longer than a consumer may keep it.
    KeptTooLong {
        /// Whose consumers.
        system: String,
        /// What one read may bring.
        messages: u64,
        /// How long the work on that takes.
        work: Duration,
        /// After how long others are given it.
        taken_after: Duration,
        /// The key that bounds `messages`, if one does.
        bounds_messages: Option<&'static str>,
        /// The key that sets `taken_after`.
        sets_time: &'static str,
    },
    /// So many messages fall due while nothing passes that a percentile cannot be as low as its limit.
    LatencyImpossible {
        /// Which limit.
        key: String,
        /// Whose link is cut.
        system: String,
        /// The share of the load's messages that cannot be in time, from 0 to 1.
        late: f64,
        /// What was expected.
        limit: Duration,
    },
    /// A recovery cannot be shown, because the next fault begins before it has been held long enough.
    RecoveryHidden {
        /// After which fault.
        fault: String,
        /// Which comes next.
        next: String,
        /// From the end of the one to the begin of the other; `None`: it begins before.
        gap: Option<Duration>,
    },
}

impl Advice {
    /// The check whose answer it explains.
    fn check(&self) -> Option<&'static str> {
        match self {
            Self::ReconnectImpossible { .. } | Self::ReconnectUncertain { .. } | Self::NothingCut => {
                Some("reconnected")
            }
            Self::NothingToRecoverFrom { limit } => Some(limit),
            Self::NoTimeToRecover { .. } | Self::RecoveryHidden { .. } => Some("recovered"),
            Self::MoreThanOffered { .. } => Some("throughput"),
            Self::TooShortToSoak { .. } => Some("soak"),
            Self::NeverAcknowledged | Self::NobodyToDrain { .. } => Some("unrecovered"),
            Self::KeptTooLong { .. } => Some("stolen"),
            Self::LatencyImpossible { .. } => Some("latency"),
            Self::IdleConsumers { .. } | Self::NoSchedule { .. } => None,
        }
    }

    /// The system that it is about.
    fn system(&self) -> Option<&str> {
        match self {
            Self::ReconnectImpossible { system, .. }
            | Self::ReconnectUncertain { system, .. }
            | Self::KeptTooLong { system, .. }
            | Self::NobodyToDrain { system }
            | Self::LatencyImpossible { system, .. } => Some(system),
            Self::NothingCut
            | Self::NothingToRecoverFrom { .. }
            | Self::NoTimeToRecover { .. }
            | Self::NoSchedule { .. }
            | Self::MoreThanOffered { .. }
            | Self::TooShortToSoak { .. }
            | Self::IdleConsumers { .. }
            | Self::NeverAcknowledged
            | Self::RecoveryHidden { .. } => None,
        }
    }
}

/// An advice and the place that it is about.
#[derive(Clone, Debug)]
pub struct Warning {
    /// What is doubtful.
    pub advice: Advice,
    place: Option<TextPlace>,
    text: NamedSource<Arc<str>>,
}

impl Warning {
    pub(super) fn new(advice: Advice, place: Option<TextPlace>, sources: &Sources) -> Self {
        let source = place.and_then(|place| sources.get(place));
        let text = match source {
            Some(source) => NamedSource::new(source.name.clone(), Arc::clone(&source.text)),
            None => NamedSource::new("", Arc::from("")),
        };
        Self { advice, place, text }
    }

    /// As a run writes it down.
    pub fn fact(&self) -> ScenarioWarning {
        ScenarioWarning {
            check: self.advice.check().map(str::to_owned),
            system: self.advice.system().map(str::to_owned),
            words: format!("{self}: {}", self.remedy()),
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        match &self.advice {
            Advice::ReconnectImpossible { earliest, latest, .. } => format!(
                "with this backoff clients are back between {} and {} after the heal: raise `expect.reconnected` above \
                 {}, or lower `client.backoff.max`",
                brief(*earliest),
                brief(*latest),
                brief(*latest)
            ),
            Advice::ReconnectUncertain { earliest, latest, .. } => format!(
                "with this backoff clients are back between {} and {} after the heal: raise `expect.reconnected` above \
                 {}, or shorten the waits in `client.backoff`",
                brief(*earliest),
                brief(*latest),
                brief(*latest)
            ),
            Advice::NothingCut => "add a fault that does (down, timeout, reset-peer), or remove the limit".to_owned(),
            Advice::NothingToRecoverFrom { .. } => "add a fault, or remove the limit".to_owned(),
            Advice::NoTimeToRecover { .. } => "lengthen `phases.load` or let the fault begin earlier".to_owned(),
            Advice::NoSchedule { .. } => "leave it out, or choose a rate with a schedule".to_owned(),
            Advice::MoreThanOffered { .. } => "lower the limit or raise `workload.rate`".to_owned(),
            Advice::TooShortToSoak { least, .. } => format!("set `phases.load` to {} or more", brief(*least)),
            Advice::IdleConsumers { partitions, .. } => format!(
                "set `workload.partitions` higher, or `workload.consumers` to {partitions}: Kafka gives each partition to \
                 one consumer only"
            ),
            Advice::KeptTooLong { bounds_messages: Some(amount), sets_time, .. } => {
                format!("lower `{amount}` or `workload.processing`, or raise `{sets_time}`")
            }
            Advice::KeptTooLong { bounds_messages: None, sets_time, .. } => {
                format!("lower `workload.processing`, or raise `{sets_time}`")
            }
            Advice::LatencyImpossible { .. } => {
                "raise the limit, choose a lower percentile, shorten the fault, or lengthen `phases.load`".to_owned()
            }
            Advice::RecoveryHidden { next, .. } => {
                format!("begin `{next}` at least 5 s after the expected recovery, or remove the limit")
            }
            Advice::NobodyToDrain { .. } => {
                "let one of them stay: join = { stays = true }; or set `workload.consumers` to 1 or more".to_owned()
            }
            Advice::NeverAcknowledged => {
                "choose ack = \"after-processing\", or set `expect.unrecovered` to what you expect".to_owned()
            }
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.advice {
            Advice::ReconnectImpossible { system, fault, limit, .. } => {
                write!(
                    out,
                    "clients of `{system}` cannot be back within {} after `{fault}`: the declared backoff waits longer",
                    brief(*limit)
                )
            }
            Advice::ReconnectUncertain { system, fault, limit, .. } => {
                write!(
                    out,
                    "clients of `{system}` that keep the declared backoff may be back later than {} after `{fault}`",
                    brief(*limit)
                )
            }
            Advice::NothingCut => write!(out, "`expect.reconnected` is given, but no fault cuts connections"),
            Advice::NothingToRecoverFrom { limit } => write!(out, "`expect.{limit}` is given, but there is no fault"),
            Advice::NoTimeToRecover { fault, remaining } => write!(
                out,
                "only {} of load remain after `{fault}`, and a recovery is shown by 5 s of full speed",
                brief(*remaining)
            ),
            Advice::NoSchedule { key } => {
                write!(
                    out,
                    "`{key}` is without effect: an `unlimited` rate has no schedule, so nothing falls behind it"
                )
            }
            Advice::MoreThanOffered { kind, limit, offered } => {
                write!(out, "`expect.throughput.{kind}` demands {limit}/s, but only {offered:.0}/s are offered")
            }
            Advice::TooShortToSoak { key, .. } => write!(
                out,
                "`expect.soak.{key}` allows less in the whole load than a process takes at once (1 MiB): it will be unknown"
            ),
            Advice::IdleConsumers { consumers, partitions } => {
                write!(out, "{consumers} consumers share {partitions} partitions: some consumers may get no messages")
            }
            Advice::KeptTooLong { system, messages, work, taken_after, .. } => write!(
                out,
                "a consumer of `{system}` may receive {messages} messages in one read and work on them for {}, but other \
                 consumers are given them after {}",
                brief(*work),
                brief(*taken_after)
            ),
            Advice::LatencyImpossible { key, system, late, limit } => write!(
                out,
                "`expect.latency.{key}` cannot hold for `{system}`: {:.1} % of its messages are due while a fault lets \
                 nothing pass, and take longer than {}",
                late * 100.0,
                brief(*limit)
            ),
            Advice::RecoveryHidden { fault, next, gap: Some(gap) } => write!(
                out,
                "the recovery after `{fault}` cannot be shown: full speed must hold for 5 s, and `{next}` begins after {}",
                brief(*gap)
            ),
            Advice::RecoveryHidden { fault, next, gap: None } => {
                write!(
                    out,
                    "the recovery after `{fault}` cannot be shown: `{next}` is in force when `{fault}` is healed"
                )
            }
            Advice::NobodyToDrain { system } => write!(
                out,
                "all consumers of `{system}` join and leave again: what is there when the drain begins, nobody takes"
            ),
            Advice::NeverAcknowledged => {
                write!(out, "with ack = \"never\" everything stays unrecovered, and the check `unrecovered` will fail")
            }
        }
    }
}

impl std::error::Error for Warning {}

impl Diagnostic for Warning {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Warning)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.remedy()))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.map(|_| &self.text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place?;
        let span = LabeledSpan::at(place.start..place.end, "this");
        Some(Box::new(std::iter::once(span)))
    }
}
