//! Tables of runs, recognised by their labels: rules of a chain that nothing leads to, whose comments say whose the table is.

use super::nft;
use super::read::objects;
use super::rule::PREFIX;
use crate::environment::EnvironmentError;
use crate::environment::labels::RunLabels;
use crate::environment::leftover::Leftover;
use crate::environment::owner::Owner;
use serde_json::Value;
use std::collections::HashMap;

/// What leftovers of this kind are called.
const KIND: &str = "table";
const NODE: &str = "packet filter";
const CHAIN: &str = "labels";
/// Names may have 255 bytes, comments 127.
const LONGEST_NAME: usize = 200;
const LONGEST_PART: usize = 90;

/// The table of a run of a process. Two runs may have one id, but not in one process.
pub(super) fn table(run: &str, process: i32) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || ".-".contains(letter) { letter } else { '_' };
    let run: String = run.chars().take(LONGEST_NAME).map(plain).collect();
    format!("{PREFIX}{run}_{process}")
}

/// Commands that make a table and label it.
pub(super) fn makes(table: &str, labels: &RunLabels) -> String {
    let chain = format!("inet {table} {CHAIN}");
    let mut commands = format!("add table inet {table}; add chain {chain}; flush chain {chain}; ");
    for (key, value) in labels.of_run(NODE) {
        let value = quoted(&value);
        let parts = value.as_bytes().chunks(LONGEST_PART).map(String::from_utf8_lossy);
        for part in parts {
            commands += &format!("add rule {chain} counter comment \"{key}={part}\"; ");
        }
    }
    commands
}

/// Everything of runs in this machine's packet filter. Who may not look at it can have left nothing there.
pub(in crate::environment) async fn leftovers() -> Result<Vec<Leftover>, EnvironmentError> {
    let tables = match nft::program() {
        None => return Ok(Vec::new()),
        Some(_) => match nft::tables().await {
            Ok(tables) => tables,
            Err(error) => {
                tracing::debug!("no tables are looked at: {error}");
                return Ok(Vec::new());
            }
        },
    };
    let me = Owner::current()?;
    let mut all = Vec::new();
    for table in tables {
        let labels = read(&nft::list(&table).await.unwrap_or_default());
        all.extend(Leftover::read(KIND, table, &labels, &me));
    }
    Ok(all)
}

/// Removes a table with everything in it; one that is gone already is fine.
pub(in crate::environment) async fn remove(leftover: &Leftover) -> Result<(), EnvironmentError> {
    match nft::command(&format!("delete table inet {}", leftover.id)).await {
        Err(_) if !nft::tables().await?.contains(&leftover.id) => Ok(()),
        other => other,
    }
}

/// Removes what a process made for a run.
pub(in crate::environment) async fn remove_run(run: &str, process: i32) -> Result<(), EnvironmentError> {
    for leftover in leftovers().await? {
        if leftover.run == run && leftover.process == Some(process) {
            remove(&leftover).await?;
        }
    }
    Ok(())
}

/// The labels of a table.
fn read(listing: &Value) -> HashMap<String, String> {
    let mut labels: HashMap<String, String> = HashMap::new();
    for rule in objects(listing, "rule").filter(|rule| rule["chain"] == CHAIN) {
        if let Some((key, part)) = rule["comment"].as_str().and_then(|comment| comment.split_once('=')) {
            labels.entry(key.to_owned()).or_default().push_str(part);
        }
    }
    labels.values_mut().for_each(|value| *value = unquoted(value));
    labels
}

/// A comment's text must not end it, nor the command that it stands in.
fn quoted(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'-' | b'.' | b'_' | b' ' => char::from(byte).to_string(),
        other => format!("%{other:02x}"),
    };
    value.bytes().map(byte).collect()
}

fn unquoted(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let escaped = (*first == b'%').then(|| others.get(..2)).flatten();
        let escaped = escaped.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &others[2..] } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::owner::OwnerState;
    use serde_json::json;

    #[test]
    fn labels_are_read_back_however_long_and_whatever_letters_they_have() {
        let run = format!("20260101T000000Z-\"a; b\" = 10% {}", "long ".repeat(60));
        let me = Owner::current().expect("readable");
        let commands = makes("harness_x", &RunLabels::new(&run, &me));
        let comments = commands.split("comment \"").skip(1).filter_map(|rest| rest.split('"').next());
        let rules: Vec<Value> =
            comments.map(|comment| json!({ "rule": { "chain": CHAIN, "comment": comment } })).collect();
        assert!(rules.iter().all(|rule| rule["rule"]["comment"].as_str().is_some_and(|text| text.len() < 127)));
        let labels = read(&json!({ "nftables": rules }));
        let leftover = Leftover::read(KIND, "harness_x".to_owned(), &labels, &me).expect("ours");
        assert_eq!((leftover.run.as_str(), leftover.node.as_str()), (run.as_str(), NODE));
        assert_eq!(leftover.owner, OwnerState::Alive);
    }

    #[test]
    fn a_tables_name_is_a_name_whatever_the_run_is_called() {
        assert_eq!(table("20260101T000000Z-a b;c", 7), "harness_20260101T000000Z-a_b_c_7");
        assert!(table(&"x".repeat(500), 1).len() < 255);
    }

    #[test]
    fn a_table_without_labels_is_nobodys_and_stays() {
        let me = Owner::current().expect("readable");
        assert_eq!(Leftover::read(KIND, "harness_mine".to_owned(), &read(&json!({ "nftables": [] })), &me), None);
    }
}
