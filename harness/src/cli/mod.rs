//! The command line: one file for each subcommand, which turns what the rooms below know into text and exit codes.
//! From here everything may be called; nothing may call back into here.
//! To add a subcommand: copy `list.rs`, and add its line here.

pub mod list;
pub mod plan;
mod table;
