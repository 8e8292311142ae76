//! The program `nft`, which speaks to the kernel's packet filter.

use super::rule::{self, PREFIX};
use crate::environment::{EnvironmentError, owner};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

const PROGRAM: &str = "nft";
/// Where administration programs lie that are missing from some users' PATH.
const ADMINISTRATION: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/local/sbin"];
/// The kernel answers in milliseconds.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Looks whether packets can be dropped here, by rules that are made and removed at once.
///
/// # Errors
/// They cannot: says why, and what to do.
pub async fn must_drop_packets() -> Result<(), EnvironmentError> {
    let table = format!("inet {PREFIX}trial_{}", owner::this_process());
    let rule = "ip daddr 127.0.0.1 tcp dport 1 counter numgen random mod 1000 < 1 counter drop";
    command(&format!(
        "add table {table}; add chain {table} trial {{ {}; }}; add rule {table} trial {rule}; delete table {table}; ",
        rule::HOOK
    ))
    .await
}

/// Gives commands, which all take effect at once, or none.
pub(super) async fn command(commands: &str) -> Result<(), EnvironmentError> {
    run(&[commands]).await.map(drop)
}

/// A table's chains and rules; an empty listing where there is no such table.
pub(super) async fn list(table: &str) -> Result<Value, EnvironmentError> {
    if !tables().await?.iter().any(|known| known == table) {
        return Ok(Value::Null);
    }
    json(&["--json", "list", "table", "inet", table]).await
}

/// The names of all tables that runs have made.
pub(super) async fn tables() -> Result<Vec<String>, EnvironmentError> {
    let listing = json(&["--json", "list", "tables", "inet"]).await?;
    let names = super::read::objects(&listing, "table").filter_map(|table| table["name"].as_str());
    Ok(names.filter(|name| name.starts_with(PREFIX)).map(str::to_owned).collect())
}

/// Whether the program is here at all.
pub(super) fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(ADMINISTRATION.map(PathBuf::from));
    folders.map(|folder| folder.join(PROGRAM)).find(|file| file.is_file())
}

async fn json(arguments: &[&str]) -> Result<Value, EnvironmentError> {
    let answer = run(arguments).await?;
    serde_json::from_slice(&answer).map_err(|error| refused(&format!("{PROGRAM} answered what is no JSON: {error}")))
}

async fn run(arguments: &[&str]) -> Result<Vec<u8>, EnvironmentError> {
    let Some(program) = program() else { return Err(refused("the program nft is not here")) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let answer = match tokio::time::timeout(ANSWERS_WITHIN, command.output()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(refused(&format!("{PROGRAM} cannot be run: {error}"))),
        Err(_) => return Err(refused(&format!("{PROGRAM} did not answer within {} s", ANSWERS_WITHIN.as_secs()))),
    };
    if answer.status.success() {
        return Ok(answer.stdout);
    }
    let words = String::from_utf8_lossy(&answer.stderr);
    let first = words.lines().find(|line| !line.trim().is_empty()).unwrap_or("no word why");
    Err(refused(&format!("{PROGRAM} refuses: {}", first.trim())))
}

fn refused(why: &str) -> EnvironmentError {
    EnvironmentError::step(
        format!("packets cannot be dropped on this machine: {why}"),
        "the faults `drop` and `packet-loss` need Linux with nftables, the program nft (Debian's package nftables: `make setup` \
         as root installs it) and root or CAP_NET_ADMIN; `timeout` and `latency` need none of these",
    )
}
