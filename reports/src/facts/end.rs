//! How a trial and the files of its history ended.

use super::yardstick::Yardstick;
use crate::units::{Nanos, Partition};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One file of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileFacts {
    /// Its name within `history/`: `sends.producer-0.arrows`.
    pub name: String,
    /// Which table.
    pub table: String,
    /// Who wrote it: `producer-0`, `observer`.
    pub writer: String,
    /// How it ended; absent until the trial's end, and where nobody lived to say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<FileEnd>,
}

/// How a file of the history ended, and what it held then: whatever it holds otherwise later is not what was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileEnd {
    /// How its writer ended. Either way the file is whole: it holds every row that was recorded.
    pub how: WriterEnd,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// CRC-32C of its bytes: `crc32c:` and eight hexadecimal digits.
    pub digest: String,
}

/// How the writer of a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WriterEnd {
    /// It came to its end.
    Finished,
    /// It died, or was killed; what it had recorded by then was kept.
    Killed {
        /// When that was noticed.
        at: Nanos,
    },
}

/// A path through the proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PathFacts {
    /// Its name at the proxy: `client-redis-0`.
    pub name: String,
    /// Bytes that passed it in both directions; absent where the proxy could not be asked.
    pub bytes: Option<u64>,
    /// Of a path of clients: bytes from them to the broker. Absent of other paths, and in older histories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_broker: Option<u64>,
    /// Of a path of clients: bytes from the broker to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_broker: Option<u64>,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndFacts {
    /// When.
    pub at: Nanos,
    /// All sends settled, and all that was acknowledged delivered and settled, before the limit, as far as the workers know.
    pub drained: bool,
    /// All consumers had left for good before the drain ended: nobody was there who could take what the broker still held.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deserted: bool,
    /// A signal cut it short.
    pub interrupted: bool,
    /// What went wrong on the way, in words: a worker that died, a broker that did not answer.
    pub troubles: Vec<String>,
    /// Why the trial is not the one that the scenario describes, in words: its load was stopped early, a worker ended before it
    /// was told to. None in older histories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unplanned: Vec<String>,
    /// Bytes that passed the proxy in both directions, over all paths, where there is one and it could be asked.
    pub proxied_bytes: Option<u64>,
    /// The proxied paths, with the bytes that passed each; none in older histories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<PathFacts>,
    /// How far the broker's log was read then; absent in older histories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogReading>,
    /// How many entries the dead-letter queue held, as it was read from its beginning to its end; absent where there was none to
    /// be read, or it could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letters: Option<u64>,
    /// The faults that were not injected because their condition never came true, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub untriggered: BTreeMap<String, String>,
    /// What the machine's cores did during the load; absent in older histories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<CoresFacts>,
    /// How fast the machine's cores were during the load; absent in older histories, and where the load was short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yardstick: Option<Yardstick>,
}

/// What the machine's cores did over a time, for all processes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoresFacts {
    /// From when.
    pub from: Nanos,
    /// Until when.
    pub to: Nanos,
    /// How many there are.
    pub cores: u16,
    /// CPU time of everything that ran.
    pub busy: Nanos,
    /// Time for which the machine below gave the cores to somebody else, where it says so.
    pub stolen: Nanos,
    /// CPU time of the run's own process.
    pub own: Nanos,
}

/// How far the broker's log was read after the drain, by a client apart from those under test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogReading {
    /// Partitions that were read from their beginning to where they ended when the reading began.
    pub whole: Vec<Partition>,
    /// Why not all were, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}
