//! The system under test: what it is, what it promises, what each wish became.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The system under test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SystemFacts {
    /// Its name in the scenario.
    pub name: String,
    /// The broker's kind: `redis-streams`, `kafka`, `memory`.
    pub broker: String,
    /// The client library and its version.
    pub client: String,
    /// Whether clients reach it through the proxy.
    pub path: Path,
    /// What it promises about order.
    pub ordering: Ordering,
    /// How a consumer settles what it received.
    pub settling: Settling,
    /// What kind of log the broker keeps.
    #[serde(default)]
    pub log: LogFacts,
    /// What each of the scenario's wishes became, in this broker's words.
    pub fairness: Vec<Setting>,
    /// Versions of broker, image and proxy, as they say themselves.
    pub versions: BTreeMap<String, String>,
    /// Why a broker of this kind is slow when it has just been started; absent where it is not, and in older histories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_at_first: Option<String>,
}

/// How clients reach the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Path {
    /// Straight.
    Direct,
    /// Through Toxiproxy.
    Proxied,
}

/// Within what first deliveries come in the order of their sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ordering {
    /// One producer's messages to a partition, over all consumers (Kafka).
    Partition,
    /// One producer's messages to a partition, as far as one consumer gets them (a Redis group shares a stream out).
    Consumer,
    /// Nothing is promised.
    None,
}

/// What a consumer's settlement covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Settling {
    /// Each message by itself (`ack`).
    Message,
    /// All before a position (`commit`).
    Position,
}

/// What kind of log a broker keeps: what its own account of the end can say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogFacts {
    /// How a message is found again.
    pub positions: Positions,
    /// Whether messages that were settled stay, so that the log's length can be compared with what was sent.
    pub retention: Retention,
}

/// How a broker tells its messages apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Positions {
    /// Each has a place in its partition's log, which it keeps: an offset, an entry ID.
    #[default]
    Log,
    /// It has none: a work queue. `position` in the tables is 0 and means nothing.
    None,
}

/// What a broker does with messages that were settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Retention {
    /// It keeps them.
    #[default]
    Retains,
    /// It forgets them.
    Forgets,
}

/// One line of the fairness table: what a wish of the scenario became for one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// The wish: `durability`, `backoff`, `request-timeout`.
    pub topic: String,
    /// The broker's or client's own setting: `acks`.
    pub setting: String,
    /// Its value: `all`.
    pub value: String,
    /// What a reader must know about it, where it is not exactly the wish.
    pub note: Option<String>,
    /// The started system itself said so, when it was asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_back: bool,
}

impl Setting {
    /// A line of the table.
    pub fn new(topic: &str, setting: &str, value: String, note: Option<&str>) -> Self {
        let note = note.map(str::to_owned);
        Self { topic: topic.to_owned(), setting: setting.to_owned(), value, note, read_back: false }
    }

    /// The rows that say on which of the machine's cores a system's nodes run, and on which its clients; none of those for which
    /// nothing is said.
    pub fn of_cores(nodes: Option<String>, clients: Option<String>) -> Vec<Self> {
        let each = [("nodes", nodes), ("clients", clients)].into_iter();
        each.filter_map(|(whose, cores)| Some(Self::new("cores", whose, cores?, None))).collect()
    }

    /// What was asked for, with what the started system says is in force: that stands, where they differ, and what nobody had asked
    /// for stands at the end.
    pub fn read_back(asked: Vec<Self>, in_force: Vec<Self>) -> Vec<Self> {
        let mut rows = asked;
        for told in in_force {
            let bare = |row: &Self| row.setting.strip_prefix("server.").unwrap_or(&row.setting) == told.setting;
            match rows.iter_mut().find(|row| bare(row)) {
                None => rows.push(Self { read_back: true, ..told }),
                Some(row) => {
                    if row.value != told.value {
                        let asked = format!("{} was asked for", row.value);
                        row.note = Some(row.note.take().map_or(asked.clone(), |note| format!("{asked}; {note}")));
                    }
                    (row.value, row.read_back) = (told.value, true);
                }
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_stands_and_a_difference_is_named() {
        let row = |setting: &str, value: &str, note| Setting::new("durability", setting, value.to_owned(), note);
        let asked = vec![row("acks", "all", None), row("flush", "1", Some("each")), row("appendonly", "yes", None)];
        let in_force = vec![row("flush", "not set", None), row("appendonly", "yes", None), row("save", "none", None)];
        let rows = Setting::read_back(asked, in_force);
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.setting.as_str(), row.value.as_str(), row.note.as_deref(), row.read_back))
            .collect();
        assert_eq!(
            told,
            [
                ("acks", "all", None, false),
                ("flush", "not set", Some("1 was asked for; each"), true),
                ("appendonly", "yes", None, true),
                ("save", "none", None, true)
            ]
        );
    }
}
