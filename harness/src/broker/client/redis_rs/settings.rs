//! The client's own settings: the words that the fairness table shows, and what a worker reads back from them.

use super::primary::SENTINEL_MASTER;
use crate::broker::redis_streams::{options, sentinel};
use crate::model::{BrokerError, ClientPolicy, OptionValue, Role, SystemSpec};
use std::collections::BTreeMap;
use std::time::Duration;

/// The settings of a role.
pub(super) fn client(system: &SystemSpec, policy: &ClientPolicy, role: Role) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    if options::sentinels(system) > 0 {
        settings.insert(SENTINEL_MASTER.to_owned(), sentinel::MASTER.to_owned());
    }
    match role {
        Role::Producer => {
            if let Some(OptionValue::Integer(entries)) = system.options.get("maxlen") {
                settings.insert("maxlen".to_owned(), format!("~{entries}"));
            }
            if let Some(size) = PoolSize::wanted(system) {
                settings.extend(size.into_settings());
            }
            let replicas = options::wait(system);
            if replicas > 0 {
                // An answer that comes when the request has timed out would be none.
                let patience = policy.request_timeout.as_millis() / 2;
                settings.insert("wait".to_owned(), replicas.to_string());
                settings.insert("wait-ms".to_owned(), patience.max(1).to_string());
            }
        }
        Role::Consumer => {
            let dead_after = policy.heartbeat.every * policy.heartbeat.misses;
            let idle = duration(system, "claim-idle").unwrap_or(dead_after);
            let every = duration(system, "claim-every").unwrap_or(Duration::from_secs(1));
            let count = match system.options.get("read-count") {
                Some(OptionValue::Integer(count)) => *count,
                _ => 256,
            };
            settings.insert("count".to_owned(), count.to_string());
            settings.insert("block-ms".to_owned(), "200".to_owned());
            settings.insert("claim-every-ms".to_owned(), every.as_millis().max(1).to_string());
            settings.insert("claim-idle-ms".to_owned(), idle.as_millis().max(1).to_string());
            if let Some(choice) = options::recreated(system) {
                settings.insert(options::LOST_GROUP.to_owned(), choice.to_owned());
            }
        }
    }
    settings
}

fn duration(system: &SystemSpec, option: &str) -> Option<Duration> {
    match system.options.get(option) {
        Some(OptionValue::Duration(duration)) => Some(*duration),
        _ => None,
    }
}

/// How a stream is kept short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MaxLen {
    /// Entries to keep.
    pub(super) entries: u64,
    exact: Trim,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trim {
    Exactly,
    Roughly,
}

impl MaxLen {
    /// From `maxlen`: `~100000`, `=100000`, or absent.
    pub(super) fn from_settings(settings: &BTreeMap<String, String>) -> Result<Option<Self>, BrokerError> {
        let Some(text) = settings.get("maxlen") else { return Ok(None) };
        let (exact, digits) = match text.split_at_checked(1) {
            Some(("~", digits)) => (Trim::Roughly, digits),
            Some(("=", digits)) => (Trim::Exactly, digits),
            _ => (Trim::Roughly, text.as_str()),
        };
        let entries =
            digits.parse().map_err(|_| wrong("maxlen", text, "a number of entries, such as ~100000 or =100000"))?;
        Ok(Some(Self { entries, exact }))
    }

    /// `~` or `=`.
    pub(super) const fn operator(self) -> &'static str {
        match self.exact {
            Trim::Exactly => "=",
            Trim::Roughly => "~",
        }
    }
}

/// How many replicas must have an entry until it counts as acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    /// Replicas, at least one.
    pub(super) replicas: u64,
    /// How long the server waits for them, in milliseconds.
    pub(super) patience_ms: u64,
}

impl Wait {
    /// From `wait` and `wait-ms`; none where nothing is to be waited for.
    pub(super) fn from_settings(settings: &BTreeMap<String, String>) -> Result<Option<Self>, BrokerError> {
        if !settings.contains_key("wait") {
            return Ok(None);
        }
        Ok(Some(Self { replicas: number(settings, "wait")?, patience_ms: number(settings, "wait-ms")? }))
    }
}

/// How many connections a producer has, where it has a pool of them; in the terms of the pools that people use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PoolSize {
    /// Connections at most.
    pub(super) max_total: usize,
    /// Unused connections at most: one that is given back beyond these is closed.
    pub(super) max_idle: usize,
    /// Unused connections at least, as far as `max_total` allows.
    pub(super) min_idle: usize,
    /// How long a message waits for a connection until it fails.
    pub(super) max_wait: Duration,
}

impl PoolSize {
    /// As a scenario has it; none where it wants no pool.
    pub(super) fn wanted(system: &SystemSpec) -> Option<Self> {
        let max_total = options::count(system, options::POOL_MAX_TOTAL)?;
        Some(Self {
            max_total,
            max_idle: options::count(system, options::POOL_MAX_IDLE).unwrap_or(max_total),
            min_idle: options::count(system, options::POOL_MIN_IDLE).unwrap_or(0),
            max_wait: duration(system, options::POOL_MAX_WAIT).unwrap_or(options::POOL_WAITS),
        })
    }

    fn into_settings(self) -> [(String, String); 4] {
        [
            ("pool-max-total", self.max_total.to_string()),
            ("pool-max-idle", self.max_idle.to_string()),
            ("pool-min-idle", self.min_idle.to_string()),
            ("pool-max-wait-ms", self.max_wait.as_millis().max(1).to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }

    /// From `pool-max-total` and the others; none where that is absent.
    pub(super) fn from_settings(settings: &BTreeMap<String, String>) -> Result<Option<Self>, BrokerError> {
        if !settings.contains_key("pool-max-total") {
            return Ok(None);
        }
        Ok(Some(Self {
            max_total: number(settings, "pool-max-total")? as usize,
            max_idle: number_or_none(settings, "pool-max-idle")? as usize,
            min_idle: number_or_none(settings, "pool-min-idle")? as usize,
            max_wait: Duration::from_millis(number(settings, "pool-max-wait-ms")?),
        }))
    }
}

/// A consumer's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConsumerSettings {
    /// Entries in one read at most.
    pub(super) count: usize,
    /// How long a read waits for entries.
    pub(super) block: Duration,
    /// How often to look for entries to take over.
    pub(super) claim_every: Duration,
    /// How long an entry must have been idle to be taken over.
    pub(super) claim_idle: Duration,
    /// Where a group that is gone is created again; nowhere if it is left alone.
    pub(super) recreate_at: Option<&'static str>,
}

impl ConsumerSettings {
    /// From `count`, `block-ms`, `claim-every-ms`, `claim-idle-ms`, and `lost-group` where it is there.
    pub(super) fn from_settings(settings: &BTreeMap<String, String>) -> Result<Self, BrokerError> {
        Ok(Self {
            count: number(settings, "count")? as usize,
            block: Duration::from_millis(number(settings, "block-ms")?),
            claim_every: Duration::from_millis(number(settings, "claim-every-ms")?),
            claim_idle: Duration::from_millis(number(settings, "claim-idle-ms")?),
            recreate_at: recreate_at(settings)?,
        })
    }
}

/// The ID from which a group reads that is created again: `$`, what comes from now on, or `0`, all that is there.
fn recreate_at(settings: &BTreeMap<String, String>) -> Result<Option<&'static str>, BrokerError> {
    match settings.get(options::LOST_GROUP).map(String::as_str) {
        None => Ok(None),
        Some(options::RECREATE_AT_END) => Ok(Some("$")),
        Some(options::RECREATE_AT_START) => Ok(Some("0")),
        Some(other) => {
            let wanted = format!("{} or {}", options::RECREATE_AT_END, options::RECREATE_AT_START);
            Err(wrong(options::LOST_GROUP, other, &wanted))
        }
    }
}

fn number(settings: &BTreeMap<String, String>, name: &str) -> Result<u64, BrokerError> {
    match number_or_none(settings, name)? {
        0 => Err(wrong(name, "0", "a whole number above 0")),
        number => Ok(number),
    }
}

fn number_or_none(settings: &BTreeMap<String, String>, name: &str) -> Result<u64, BrokerError> {
    let text = settings.get(name).ok_or_else(|| BrokerError(format!("the setting {name} is missing")))?;
    text.parse().map_err(|_| wrong(name, text, "a whole number"))
}

fn wrong(name: &str, text: &str, wanted: &str) -> BrokerError {
    BrokerError(format!("the setting {name} = {text:?} is not {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn a_limit_is_rough_unless_it_says_that_it_is_exact() {
        let read =
            |text: &str| MaxLen::from_settings(&settings(&[("maxlen", text)])).map_err(|error| error.to_string());
        for (text, operator) in [("~1000", "~"), ("=1000", "="), ("1000", "~")] {
            let limit = read(text).expect("a limit").expect("given");
            assert_eq!((limit.entries, limit.operator()), (1000, operator), "{text}");
        }
        assert_eq!(MaxLen::from_settings(&settings(&[])).expect("none"), None);
        for text in ["", "~", "many", "-1", "~é"] {
            let error = read(text).expect_err(text);
            assert!(error.contains("maxlen") && error.contains("~100000"), "{error}");
        }
    }

    const WHOLE: [(&str, &str); 4] =
        [("count", "10"), ("block-ms", "20"), ("claim-every-ms", "30"), ("claim-idle-ms", "40")];

    #[test]
    fn a_consumers_settings_are_read_back() {
        let read = ConsumerSettings::from_settings(&settings(&WHOLE)).expect("whole");
        let times = [read.block, read.claim_every, read.claim_idle].map(|time| time.as_millis());
        assert_eq!((read.count, times, read.recreate_at), (10, [20, 30, 40], None));
        for (word, at) in [("recreate-at-end", "$"), ("recreate-at-start", "0")] {
            let mut settings = settings(&WHOLE);
            settings.insert("lost-group".to_owned(), word.to_owned());
            assert_eq!(ConsumerSettings::from_settings(&settings).expect("known").recreate_at, Some(at));
            settings.insert("lost-group".to_owned(), format!("{word}s"));
            let error = ConsumerSettings::from_settings(&settings).expect_err("no such word").to_string();
            assert!(error.contains("lost-group") && error.contains(word), "{error}");
        }
    }

    #[test]
    fn what_is_missing_or_nonsense_is_named() {
        for (name, _) in WHOLE {
            let mut wrong = settings(&WHOLE);
            wrong.remove(name);
            let error = ConsumerSettings::from_settings(&wrong).expect_err("missing").to_string();
            assert!(error.contains(name) && error.contains("missing"), "{error}");
            for nonsense in ["0", "-1", "soon"] {
                wrong.insert(name.to_owned(), nonsense.to_owned());
                let error = ConsumerSettings::from_settings(&wrong).expect_err(nonsense).to_string();
                assert!(error.contains(name) && error.contains(nonsense), "{error}");
            }
        }
    }

    #[test]
    fn replicas_are_waited_for_where_an_acknowledgement_is_to_outlive_a_node() {
        let wait = |table: &str| {
            let scenario = scenario(&format!("redis-streams = {{ {table} }}"));
            let settings = client(&scenario.systems[0].spec, &scenario.client, Role::Producer);
            Wait::from_settings(&settings).expect("read")
        };
        assert_eq!(wait("replicas = 2"), None);
        let one = Some(Wait { replicas: 1, patience_ms: 150 });
        assert_eq!(wait("replicas = 2, durability = \"replicated\""), one, "half of the request timeout");
        assert_eq!(wait("replicas = 2, wait = 2").map(|wait| wait.replicas), Some(2));
    }

    #[test]
    fn a_pool_is_read_back_as_the_scenario_has_it() {
        let pool = |table: &str| {
            let scenario = scenario(&format!("redis-streams = {{ {table} }}"));
            let settings = client(&scenario.systems[0].spec, &scenario.client, Role::Producer);
            PoolSize::from_settings(&settings).expect("read")
        };
        assert_eq!(pool(""), None);
        let size = PoolSize { max_total: 50, max_idle: 50, min_idle: 0, max_wait: Duration::from_secs(2) };
        assert_eq!(pool("pool-max-total = 50"), Some(size));
        let size = PoolSize { max_total: 4, max_idle: 0, min_idle: 0, max_wait: Duration::from_millis(30) };
        assert_eq!(pool("pool-max-total = 4, pool-max-idle = 0, pool-max-wait = \"30ms\""), Some(size));
    }

    /// What is pending counts as left behind when its consumer counts as dead.
    #[test]
    fn entries_are_taken_over_after_the_missed_heartbeats_unless_said_otherwise() {
        let scenario = scenario("redis-streams = {}");
        let settings = client(&scenario.systems[0].spec, &scenario.client, Role::Consumer);
        assert_eq!(settings["claim-idle-ms"], "6000");
        assert!(ConsumerSettings::from_settings(&settings).is_ok());
    }
}
