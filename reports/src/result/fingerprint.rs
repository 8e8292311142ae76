//! Fingerprints: by which two runs are told to be of the same scenario, settings and host.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What stands where nothing is known.
pub const UNKNOWN: &str = "unknown";

/// Digests of what must be the same in two runs before their figures are compared. Equal ones say that nothing differs; where
/// they differ, `harness compare` looks at what they were made of and says what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fingerprint {
    /// Of the scenario's load, phases, clients and faults, after profile, variables and `--set`; not of its title, comments,
    /// repeats, expectations and thresholds, which change nothing that is measured. `unknown` for older histories.
    pub scenario: String,
    /// Of the systems: what the scenario says of each, and what each of its wishes became.
    pub settings: String,
    /// Of the machine: CPU model, cores, memory, kernel, and whether brokers ran in containers.
    pub host: String,
}

impl Default for Fingerprint {
    fn default() -> Self {
        let unknown = || UNKNOWN.to_owned();
        Self { scenario: unknown(), settings: unknown(), host: unknown() }
    }
}
