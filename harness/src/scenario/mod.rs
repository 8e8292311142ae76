//! Scenarios: from a TOML file to a validated scenario, or to all of the file's errors at once.
//! From here files, variables and the brokers' declared options may be read; nothing is started.
//! To add a key: read it in the section's file, and add it to `model.rs`.

pub mod model;
