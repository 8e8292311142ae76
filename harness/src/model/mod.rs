//! The ground: plain data about load, clients, links, systems and nodes that every other room speaks in.
//! From here nothing is started, asked or read, and no client library is named; only `reports` and the clock's units are.
//! To add a subject: give it a file of its own, and hand its types on below.

mod condition;
mod cores;
mod curve;
pub mod duration;
mod endpoint;
mod error;
mod keys;
mod link;
mod option;
mod parting;
mod partitioner;
mod phases;
mod policy;
mod rate;
mod recipe;
mod records;
mod role;
mod schedule;
mod segment;
mod selection;
pub mod size;
mod system;
mod topology;
mod wiring;
mod workload;

pub use condition::{Condition, GAUGES, GaugeSpec, NoCondition, PARTITION};
pub use cores::Cores;
pub use curve::Curve;
pub use endpoint::{Endpoint, Endpoints};
pub use error::BrokerError;
pub use keys::{Keys, MOST_KEYS, MessageKey};
pub use link::{Direction, Link};
pub use option::{CORES, CPUS, DISK, MEMORY, OptionKind, OptionSpec, OptionValue, OptionValues};
pub use parting::Parting;
pub use partitioner::{KeyedMessage, Misplaced, Partitioner};
pub use phases::Phases;
pub use policy::{Backoff, ClientPolicy, Heartbeat, ProducerRetry, Recovery};
pub use rate::Rate;
pub(crate) use recipe::{DATA, Places};
pub use recipe::{NodeLimits, NodeRecipe};
pub use records::{KEPT_SCENARIO, MOST_RECORDS, OF_A_RUN, RecordFile, records};
pub use role::Role;
pub use schedule::Schedule;
pub use segment::{Segment, Segments, Spacing};
pub use selection::Selection;
pub use system::{Demands, Durability, External, Listener, SystemSpec};
pub use topology::{PathRecipe, Topology, path_of, reached_by};
pub use wiring::{ClientGroup, Wiring};
pub use workload::{AckMode, HEADER_BYTES, Workload};
