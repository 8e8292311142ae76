//! Producers with a pool of connections.

use crate::real::{require_engine, start_redis};
use crate::worker::{Worker, client, command, create_streams, entries, eventually, text};
use reports::history::Outcome;
use reports::units::Nanos;
use serde_json::Value;

const CONNECTIONS: usize = 3;
const WAIT_MS: u64 = 200;
/// Longer than a message waits for a connection, and shorter than the request timeout of a second.
const PAUSE_MS: &str = "700";

fn count(message: &Value, what: &str) -> u64 {
    message[what].as_u64().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_opens_what_it_may_and_whoever_waits_too_long_for_a_connection_fails_and_was_never_sent() {
    let Some(environment) = require_engine("pools").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    let mut worker = Worker::pooled_producer(port, 400.0, CONNECTIONS, WAIT_MS);
    worker.wait_for(|message| count(message, "acknowledged") >= 200);
    eventually("all connections are there", async || {
        text(&mut redis, &["CLIENT", "LIST", "TYPE", "normal"]).await.lines().count() == CONNECTIONS + 1
    })
    .await;
    command(&mut redis, &["CLIENT", "PAUSE", PAUSE_MS, "ALL"]).await;
    worker.wait_for(|message| message["values"]["pool-active"] == CONNECTIONS as f64);
    worker.wait_for(|message| message["values"]["pool-wait-ms"].as_f64().is_some_and(|wait| wait >= WAIT_MS as f64));
    let failed = worker.wait_for(|message| count(message, "failed") > 0);
    worker.wait_for(|message| count(message, "acknowledged") >= count(&failed, "acknowledged") + 200);

    let sends = worker.sends();
    // What still waited for a connection when the worker was told to end is another matter.
    let refused = sends.iter().filter(|send| send.outcome == Outcome::Failed);
    let refused: Vec<_> = refused.filter(|send| send.error.as_deref() != Some("never sent: the trial ended")).collect();
    assert!(!refused.is_empty());
    for send in refused {
        let why = send.error.as_deref().unwrap_or_default();
        assert_eq!(why, "never sent: none of the pool's 3 connections was free within 200 ms");
        assert!(send.settled.since(send.started) >= Nanos::from_millis(WAIT_MS), "{send:?}");
    }
    let entries = entries(&mut redis).await;
    let acknowledged = sends.iter().filter(|send| send.outcome == Outcome::Ok).count() as u64;
    let unknown = sends.iter().filter(|send| send.outcome == Outcome::Indeterminate).count() as u64;
    assert!(
        (acknowledged..=acknowledged + unknown).contains(&entries),
        "{entries} entries, {acknowledged} acknowledged"
    );
}

/// Far more than it can send: each message is late, and nothing is waited for but a place.
#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_is_always_behind_goes_on_and_comes_to_its_end() {
    let Some(environment) = require_engine("pools-behind").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let mut redis = client(port).await;
    create_streams(&mut redis).await;
    let mut worker = Worker::pooled_producer(port, 1_000_000.0, CONNECTIONS, 60_000);
    worker.wait_for(|message| count(message, "acknowledged") >= 30_000);
    let complaints = worker.end();
    assert!(complaints.is_empty(), "{complaints:?}");
    assert!(entries(&mut redis).await >= 30_000);
}
