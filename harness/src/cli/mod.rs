//! The command line: one file for each subcommand.
//! From here everything of the harness may be called; nothing calls back.
//! To add one: copy `clean.rs`, and add its row to the command.

pub mod clean;
pub mod doctor;
